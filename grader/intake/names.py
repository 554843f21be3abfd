"""What a submission is called in a class: a name that hides nothing, and that no other submission has."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from grader.intake.archive import shown

_LONGEST = 255
_MOST_MARKS = 4
_UNSEEN = set("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u3164\uffa0")  # fillers and selectors
_TWINS = str.maketrans(
    "аеіјорсухѕԁһԛԝАВЕІЈКМНОРСТУХЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧοı",  # noqa: RUF001 -- the twins of the letters below
    "aeijopcyxsdhqwABEIJKMHOPCTYXSABEZHIKMNOPTYXoi",
)


def name_of(path: Path) -> str:
    """Return the name of the submission at ``path``, with invisible characters escaped."""
    return shown_name(path.resolve().name if path.is_dir() else path.stem)


def shown_name(name: str) -> str:
    """Return a person's name that is safe to print and stays in its row."""
    return shown(_cut_marks(name), longest=_LONGEST)


def distinct(names: Sequence[str]) -> list[str]:
    """Number names that look alike (``lab1``, ``lab1 (2)``), so that none takes the record or the row of another."""
    result: list[str] = []
    taken, looks = set(names), set()
    for name in names:
        numbered = (f"{name} ({number})" for number in itertools.count(2))
        result.append(next(n for n in numbered if n not in taken) if _look(name) in looks else name)
        taken.add(result[-1])
        looks.add(_look(result[-1]))
    return result


def _look(name: str) -> str:
    """Return what a name looks like.

    Letters can be composed in more than one way, some characters are not seen at all, and some letters of Greek and
    Cyrillic look like Latin ones.
    """
    seen = "".join(char for char in unicodedata.normalize("NFKD", name) if not _is_unseen(char))
    return unicodedata.normalize("NFKC", " ".join(seen.translate(_TWINS).split()))


def _is_unseen(char: str) -> bool:
    return char in _UNSEEN or unicodedata.category(char) == "Cf" or 0xFE00 <= ord(char) <= 0xFE0F


def _cut_marks(name: str) -> str:
    """Leave at most four marks on a letter: no language has more, and a pile of them is painted over other rows."""
    marks, kept = 0, []
    for char in name:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)
