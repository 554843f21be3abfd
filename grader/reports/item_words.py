"""The words and numbers of an item analysis, for a page and a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from grader.analysis.results import AgreeingPair, ClassAnalysis, Flag


class FlagWords(NamedTuple):
    """A flag in two words, and what it says about the check."""

    label: str
    sentence: str


FLAGS: Mapping[Flag, FlagWords] = MappingProxyType(
    {
        Flag.everybody_passes: FlagWords(
            "all pass", "Everybody passes it, so it tells nobody apart. That is fine for a first step."
        ),
        Flag.nobody_passes: FlagWords(
            "none pass", "Nobody passes it. Is the task clear, and is the check right? Run `grader reference`."
        ),
        Flag.negative_discrimination: FlagWords(
            "negative", "Who passes it does worse elsewhere. Something is likely wrong with this check."
        ),
    }
)
FIFTHS = tuple(f"{20 * at}-{20 * (at + 1)}%" for at in range(5))  # of the points that a question gives
DASH = "\N{EN DASH}"  # for a figure that is undefined
_LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {"practice": "practice", "refused": "refused", "starved": "to be graded again"}
)


def counts(analysis: ClassAnalysis) -> str:
    """Say how many submissions the figures are about, and how many are left out."""
    said = [f"{analysis.submissions} submission{'' if analysis.submissions == 1 else 's'}"]
    said += [f"{analysis.blank} of them with no code of their own"] if analysis.blank else []
    said += [f"{count} {_LEFT_OUT[why]} (left out)" for why, count in analysis.left_out.items()]
    return ", ".join(said)


def percentage(value: float | None) -> str:
    """Write a share as a whole percentage; a dash where it is undefined. Only all is ``100%``, and only none ``0%``."""
    if value is None:
        return DASH
    return f"{min(max(round(100 * value), 1), 99)}%" if 0 < value < 1 else f"{value:.0%}"


def megabytes(value: float) -> str:
    """Write an amount of memory, given in MB: ``0.4 MB``, ``312 MB``; a dash for 0, which was not measured."""
    return f"{value:.{0 if value >= 10 else 1}f} MB" if value else DASH


def signed(value: float | None) -> str:
    """Write a correlation with two digits and a real minus sign; a dash where it is undefined."""
    return DASH if value is None else f"{value:.2f}".replace("-", "−")


def agreeing_groups(pairs: Sequence[AgreeingPair]) -> list[tuple[str, ...]]:
    """Join the pairs of checks that always agree: each group begins with a check, and names all that agree with it."""
    partners: dict[str, list[str]] = {}
    for pair in pairs:
        partners.setdefault(pair.first, []).append(pair.second)
    told = set[frozenset[str]]()
    groups = []
    for first, others in partners.items():
        if any(frozenset((first, other)) not in told for other in others):
            groups.append((first, *others))
            told |= {frozenset((one, other)) for one in groups[-1] for other in groups[-1]}
    return groups
