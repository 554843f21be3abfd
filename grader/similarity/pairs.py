"""Name the pairs of submissions that are nearly identical."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

from grader.analysis.results import SimilarPair
from grader.similarity.kept import ClassPrints

LEAST_SHARE = 0.8
FEWEST = 40  # fingerprints: right solutions that are shorter are alike without copying


def near_identical(prints: ClassPrints, names: Collection[str]) -> tuple[SimilarPair, ...]:
    """Return the pairs among the submissions of these ``names`` that share most of the shorter one's own code.

    Own code is what the template does not have. The most similar pair comes first. Who has little code of their own
    (fewer than `FEWEST` fingerprints, about 100 tokens) is not compared.
    """
    own = {name: prints.submissions[name].prints - prints.given for name in sorted(names) if name in prints.submissions}
    own = {name: found for name, found in own.items() if len(found) >= FEWEST}
    pairs = (
        SimilarPair(
            first=one, second=other, share=round(len(own[one] & own[other]) / _shorter(own[one], own[other]), 3)
        )
        for one, other in combinations(own, 2)
    )
    return tuple(
        sorted((pair for pair in pairs if pair.share >= LEAST_SHARE), key=lambda p: (-p.share, p.first, p.second))
    )


def _shorter(one: Collection[int], other: Collection[int]) -> int:
    return min(len(one), len(other))
