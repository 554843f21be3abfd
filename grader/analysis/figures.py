"""The statistics of an item analysis, on plain numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

FEWEST = 10  # submissions: of fewer, a correlation is mostly chance (its standard error is above 1/3)
_GOOD = 0.3  # the discrimination of a reasonably good item (Ebel & Frisbie)
_ONE_SIDED = 1.645  # the normal distribution exceeds it 1 time in 20


def discrimination(shares: Sequence[float], rest: Sequence[float]) -> float | None:
    """Return how well a check tells good work from bad: the corrected item-total correlation.

    This is Pearson's correlation between the share of the check's points (``shares``) and the points of all *other*
    checks (``rest``), a value for each submission. For a check without partial credit it is the point-biserial
    correlation. "Corrected" means that the total leaves the check out: otherwise it would correlate with itself
    (L. Crocker & J. Algina, *Introduction to Classical and Modern Test Theory*, 1986, on item analysis).

    Returns:
        A number between -1 and 1; None for fewer than `FEWEST` submissions, or where one of the two never varies.
    """
    if len(shares) < FEWEST or len(set(shares)) < 2 or len(set(rest)) < 2:
        return None
    return round(statistics.correlation(shares, rest), 6)


def is_too_low(value: float, submissions: int) -> bool:
    """Return whether a discrimination is negative, and so low that it is hardly chance.

    A reasonably good check has 0.3 (R. L. Ebel & D. A. Frisbie, *Essentials of Educational Measurement*, 1991).
    ``value`` is too low if such a check would come out lower in fewer than 1 of 20 classes of this size, by Fisher's
    z-transformation: atanh(r) is normal around atanh(0.3) with standard error 1/sqrt(n - 3). The bound is -0.30 for 10
    submissions and -0.09 for 20; from 32 submissions on, every negative value is too low.
    """
    bound = math.atanh(_GOOD) - _ONE_SIDED / math.sqrt(submissions - 3)
    return value < min(0.0, math.tanh(bound))


def is_no_chance(judged: int, failed: int) -> bool:
    """Return whether two checks that fail on the same ``failed`` of ``judged`` submissions are hardly unrelated.

    Two unrelated checks that each fail ``failed`` submissions fail the same ones with probability
    1 / C(judged, failed); it must be below 1 in 1000.
    """
    return math.comb(judged, failed) > 1000
