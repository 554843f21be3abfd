"""What a submission is called in a class: a name that hides nothing, and that no other submission has."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from grader.intake.archive import shown

_LONGEST = 255


def name_of(path: Path) -> str:
    """Return the name of the submission at ``path``, with invisible characters escaped."""
    return shown(path.resolve().name if path.is_dir() else path.stem, longest=_LONGEST)


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
    """Return what a name looks like: joiners alone are invisible, and letters can be composed in more than one way."""
    return unicodedata.normalize("NFC", name.replace("\u200c", "").replace("\u200d", ""))
