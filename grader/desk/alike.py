"""Group answers that are nearly identical, so that they can be marked together."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from rapidfuzz import fuzz, process

K = TypeVar("K", bound=Hashable)

LEAST = 92.0  # per cent of the letters that two answers of one group share, at least
_SHORT = 40  # letters; below, one other letter may be the whole difference: only equal answers are grouped
_COMPARED = 3_000  # letters at the beginning; comparing whole answers of 20,000 letters would take minutes


def groups(texts: Mapping[K, str]) -> list[tuple[K, ...]]:
    """Return the keys of ``texts`` in groups of nearly identical ones, in the order in which they are given.

    Case, spaces and line breaks do not count; answers that are empty are one group. Each answer is compared with the
    first one of each group, so no chain of small steps joins what differs.
    """
    found = dict[K, list[K]]()  # by the first of the group
    same = dict[str, K]()  # by the whole text
    firsts = dict[K, str]()  # to compare with
    for key, text in texts.items():
        whole = " ".join(text.casefold().split())
        first = same.get(whole)
        if first is None:
            first = _nearest(whole, firsts) or key
            same[whole] = first
        found.setdefault(first, []).append(key)
        if first == key and len(whole) >= _SHORT:
            firsts[key] = _beginning(whole)
    return [tuple(keys) for keys in found.values()]


def _nearest(whole: str, firsts: Mapping[K, str]) -> K | None:
    if len(whole) < _SHORT:
        return None
    best = process.extractOne(_beginning(whole), firsts, scorer=fuzz.ratio, score_cutoff=LEAST)
    return None if best is None else best[2]


def _beginning(whole: str) -> str:
    """Return what is compared: the beginning, and how long the rest is, so that a long rest makes a difference."""
    return whole[:_COMPARED] + "…" * min((len(whole) - _COMPARED) // 10, _COMPARED) if len(whole) > _COMPARED else whole
