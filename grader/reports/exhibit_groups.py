"""Arrange the exhibits of a record under their parts; show those of the same name and kind side by side."""

from __future__ import annotations

from typing import Any, NamedTuple

from grader.records.record import Exhibit, ResultRecord
from grader.reports.evidence_kinds import KINDS, kind_of

Key = tuple[str, str]  # kind and name


class Place(NamedTuple):
    """One part in a comparison, where it is on the page, and its exhibit."""

    title: str
    anchor: str
    exhibit: Exhibit


class Comparison(NamedTuple):
    """Exhibits of one name and kind in several parts.

    ``together`` is the drawing of all of them as one, None where their kind has none; ``shows_each`` asks for the
    drawing of each as well.
    """

    anchor: str
    name: str
    kind: str
    places: tuple[Place, ...]
    together: Any
    shows_each: bool


def compare(record: ResultRecord) -> dict[Key, Comparison]:
    """Return the comparisons of a record by kind and name: one for each name that two or more parts use."""
    found: dict[Key, list[Place]] = {}
    for number, part in enumerate(record.parts, 1):
        for exhibit in part.exhibits:
            key = kind_of(exhibit), exhibit.evidence.name
            found.setdefault(key, []).append(Place(part.title, f"part-{number}", exhibit))
    shared = {key: places for key, places in found.items() if len(places) > 1}
    return {key: _comparison(number, key, tuple(places)) for number, (key, places) in enumerate(shared.items(), 1)}


def _comparison(number: int, key: Key, places: tuple[Place, ...]) -> Comparison:
    tag, name = key
    kind = KINDS[tag]
    titles, evidence = [place.title for place in places], [place.exhibit.evidence for place in places]
    return Comparison(
        anchor=f"compare-{number}",
        name=name,
        kind=tag,
        places=places,
        together=kind.together(name, titles, evidence) if kind.together else None,
        shows_each=not kind.replaces,
    )
