"""Name the pairs of submissions that are nearly identical."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from grader.analysis.results import SimilarPair
from grader.similarity.kept import ClassPrints, prints_of

LEAST_SHARE = 0.8
FEWEST = 40  # fingerprints: right solutions that are shorter are alike without copying
_DIGITS = 3  # of a share


def near_identical(prints: ClassPrints, names: Collection[str]) -> tuple[SimilarPair, ...]:
    """Return the pairs among the submissions of these ``names`` that share most of the shorter one's own code.

    Own code is what the template does not have. The most similar pair comes first. Who has little code of their own
    (fewer than `FEWEST` fingerprints, about 100 tokens) is not compared.
    """
    known = ((name, prints.submissions[name].prints) for name in sorted(names) if name in prints.submissions)
    own = {name: prints_of(one for one in found if one not in prints.given) for name, found in known}
    own = {name: found for name, found in own.items() if len(found) >= FEWEST}
    pairs = (
        SimilarPair(first=one, second=other, share=round(_shared(own[one], own[other]) / len(own[shorter]), _DIGITS))
        for one, other, shorter in _candidates(own)
    )
    return tuple(
        sorted((pair for pair in pairs if pair.share >= LEAST_SHARE), key=lambda p: (-p.share, p.first, p.second))
    )


def _shared(one: Collection[int], other: Collection[int]) -> int:
    return len(set(one).intersection(other))


def _candidates(own: Mapping[str, Collection[int]]) -> Iterator[tuple[str, str, str]]:
    """Yield every pair that may be near enough, its names in order, and which of them is the shorter.

    To compare all pairs of ten thousand would take hours. Whoever shares 80 of somebody's 100 fingerprints has one of
    the 21 that the fewest have, whichever are missing. (This is prefix filtering: S. Chaudhuri, V. Ganti, R. Kaushik,
    *A Primitive Operator for Similarity Joins in Data Cleaning*, ICDE 2006.)
    """
    frequency = Counter(chain.from_iterable(own.values()))
    having: dict[int, list[str]] = {one: [] for one, count in frequency.items() if count > 1}
    for name, found in own.items():
        for one in having.keys() & set(found):
            having[one].append(name)
    for name, found in own.items():
        may_miss = math.floor((1 - LEAST_SHARE + 10**-_DIGITS) * len(found))
        rarest = sorted(found, key=frequency.__getitem__)[: may_miss + 1]
        for other in set(chain.from_iterable(having.get(one, ()) for one in rarest)):
            if (len(found), name) < (len(own[other]), other):
                yield min(name, other), max(name, other), name
