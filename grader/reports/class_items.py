"""The item analysis as the class page shows it: what to look at comes first, and everybody named is linked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grader.analysis.results import CheckItem, ClassAnalysis, Flag, MistakeItem, SimilarPair
from grader.records.record import ResultRecord
from grader.reports.class_rows import anchor_of, href

_DOUBTFUL = (Flag.negative_discrimination, Flag.nobody_passes)  # a check that all pass does no harm


class CheckLine(NamedTuple):
    """One check, and its place in the analysis, by which the page filters."""

    at: int
    item: CheckItem

    @property
    def is_doubtful(self) -> bool:
        """Return whether something is likely wrong with the check itself."""
        return any(flag in self.item.flags for flag in _DOUBTFUL)


class Person(NamedTuple):
    """A submission that is named on the page; ``link`` leads to its page, empty if it has none."""

    name: str
    link: str


class MistakeLine(NamedTuple):
    """One known mistake, its place in the analysis, and who made it, linked to the check that they failed."""

    at: int
    item: MistakeItem
    made_by: tuple[Person, ...]


class SimilarLine(NamedTuple):
    """Two submissions that are nearly identical."""

    pair: SimilarPair
    first: Person
    second: Person


def check_lines(analysis: ClassAnalysis) -> tuple[CheckLine, ...]:
    """Return the checks: first those that are likely wrong, then the hardest."""
    lines = [CheckLine(at, item) for at, item in enumerate(analysis.checks)]
    return tuple(sorted(lines, key=lambda line: (not line.is_doubtful, _rate(line.item), line.at)))


def mistake_lines(
    records: Sequence[ResultRecord], links: Mapping[str, str], analysis: ClassAnalysis
) -> tuple[MistakeLine, ...]:
    """Return the mistakes, the most frequent first, each with its students; ``links`` as in `class_page`."""
    anchors = {
        (record.submission.name, part.name, check.name): anchor_of(p, c)
        for record in records
        for p, part in enumerate(record.parts, 1)
        for c, check in enumerate(part.checks, 1)
        if check.mistake
    }
    return tuple(
        MistakeLine(
            at,
            item,
            tuple(
                _person(one.submission, links, anchors[one.submission, item.part, one.check]) for one in item.made_by
            ),
        )
        for at, item in enumerate(analysis.mistakes)
    )


def similar_lines(links: Mapping[str, str], analysis: ClassAnalysis) -> tuple[SimilarLine, ...]:
    """Return the pairs of submissions that are nearly identical, the most similar first."""
    return tuple(
        SimilarLine(pair, _person(pair.first, links), _person(pair.second, links)) for pair in analysis.near_identical
    )


def _person(name: str, links: Mapping[str, str], anchor: str = "") -> Person:
    link = href(links.get(name, ""))
    return Person(name, f"{link}#{anchor}" if link and anchor else link)


def _rate(item: CheckItem) -> float:
    return 2.0 if item.pass_rate is None else item.pass_rate
