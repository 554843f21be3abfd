"""Lay out ranked lists beside the expected ones, with a word at each name for where it was expected."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from grader.records.record import Ranking, RankingsEvidence

_MOST_TOLD = 4  # lists of which the sentence says how many names are right


class RankedRow(NamedTuple):
    """One place: the expected name and the student's; ``tone`` is "same", "elsewhere", "other" or, if none, ""."""

    place: int
    expected: str
    actual: str
    tone: str
    mark: str  # a sign, so that nobody needs the colour
    words: str


class RankedList(NamedTuple):
    """The rows of one pair of lists, and how many names of it are right."""

    label: str
    summary: str
    rows: tuple[RankedRow, ...]


class Rankings(NamedTuple):
    """Lists ready to draw."""

    name: str
    lists: tuple[RankedList, ...]


def draw_rankings(evidence: RankingsEvidence) -> Rankings:
    """Lay out all pairs of lists."""
    return Rankings(evidence.name, tuple(_list(ranking) for ranking in evidence.rankings))


def describe_rankings(evidence: RankingsEvidence) -> str:
    """Say in a sentence how many names of each list are expected ones."""
    told = [f"{ranking.label}: {_summary(ranking)}" for ranking in evidence.rankings[:_MOST_TOLD]]
    more = len(evidence.rankings) - len(told)
    return "; ".join([*told, f"{more} more lists"] if more else told) or "no lists"


def _list(ranking: Ranking) -> RankedList:
    pairs = enumerate(zip_longest(ranking.expected, ranking.actual, fillvalue=""), 1)
    rows = tuple(_row(place, wanted, name, ranking.expected) for place, (wanted, name) in pairs)
    return RankedList(ranking.label, _summary(ranking), rows)


def _row(place: int, wanted: str, name: str, expected: Sequence[str]) -> RankedRow:
    if not name:
        return RankedRow(place, wanted, name, "", "", "")
    if name == wanted:
        return RankedRow(place, wanted, name, "same", "✓", "same place")
    if name in expected:
        return RankedRow(place, wanted, name, "elsewhere", "↕", f"expected at {expected.index(name) + 1}")
    return RankedRow(place, wanted, name, "other", "✗", "not expected")


def _summary(ranking: Ranking) -> str:
    known = len(set(ranking.actual) & set(ranking.expected))
    in_place = sum(a == e for a, e in zip(ranking.actual, ranking.expected, strict=False))
    return f"{known} of {len(ranking.expected)} expected, {in_place} in their place"
