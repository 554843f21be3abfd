"""What an export needs to know of a person, and how it finds them in a file of an LMS."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The final score of one person, in points; ``ids`` are all that an LMS may call them by.

    ``score`` is None if they have none: nothing was handed in, it was refused, or a person must still decide something.
    """

    name: str
    score: float | None
    max_score: float
    ids: tuple[str, ...] = ()
    email: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled file: its content, how many grades are in it, and sentences for the instructor."""

    content: bytes
    grades: int
    remarks: tuple[str, ...] = ()


class Directory:
    """Finds a person's grade by an id, else by their address, else by their name: never by what two people share."""

    def __init__(self, grades: Sequence[Grade]) -> None:
        self._by_id = _unshared((one_id, grade) for grade in grades for one_id in grade.ids)
        self._by_email = _unshared((grade.email, grade) for grade in grades)
        self._by_name = _unshared((way, grade) for grade in grades for way in _ways(grade.name))

    def find(self, ids: Iterable[str], email: str = "", name: str = "") -> Grade | None:
        """Return the grade of whoever has one of these ids, this address or this name."""
        known = (self._by_id.get(_plain(one)) for one in ids if one.strip())
        by_name = next((self._by_name[way] for way in _ways(name) if way in self._by_name), None)
        return next(filter(None, known), None) or self._by_email.get(_plain(email)) or by_name


def points(score: float) -> str:
    """Return points as every LMS reads them: a decimal point, at most two places, no zeros at the end."""
    return f"{score:.2f}".rstrip("0").rstrip(".")


def _ways(name: str) -> set[str]:
    """Return how a name may be written: as it is, or the family name first, with a comma."""
    words = re.sub(r"[^\w\s]", " ", name).split()
    return {_plain(" ".join(order)) for order in (words, words[1:] + words[:1], words[-1:] + words[:-1])} - {""}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _unshared(pairs: Iterable[tuple[str, Grade]]) -> Mapping[str, Grade]:
    found: dict[str, list[Grade]] = {}
    for key, grade in pairs:
        owners = found.setdefault(_plain(key), [])
        if grade not in owners:
            owners.append(grade)
    return {key: owners[0] for key, owners in found.items() if key and len(owners) == 1}
