"""Compute the fingerprints of a submission's code: numbers that two submissions share where their code is the same."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from grader.similarity.tokens import tokens
from grader.worker.decoding import Unreadable, decoded
from grader.worker.notebooks import code_cells, looks_like_notebook

# Measured on the three larger sample classes: with these, the most similar pair of people who worked alone shares 0.59,
# and a copy with all names changed, written anew by another formatter, 0.98 or more (docs/analysis.md).
TOGETHER = 16  # tokens in one fingerprint: about two lines
WINDOW = 4  # whatever TOGETHER + WINDOW - 1 tokens two submissions share, they share one of the fingerprints
_BYTES = 6  # of a fingerprint: JSON numbers are exact up to 53 bits
_MOST = 1 << 18  # characters of code that are looked at: a class reads what its students wrote, not a data set
_SCRIPT = re.compile(r"\.pyw?(\.txt)?$", re.IGNORECASE)


def fingerprints(files: Mapping[str, bytes]) -> frozenset[int]:
    """Return the fingerprints of all code in ``files`` (by path): scripts, and the code cells of notebooks.

    What cannot be read has none.
    """
    room, found = _MOST, set[int]()
    for path in sorted(files):
        code = _code(path, files[path])[:room]
        room -= len(code)
        found |= winnowed(tokens(code))
    return frozenset(found)


def winnowed(given: Iterable[str]) -> set[int]:
    """Return the smallest hash of every `WINDOW` neighbours among those of all runs of `TOGETHER` tokens.

    This is winnowing (S. Schleimer, D. S. Wilkerson, A. Aiken, *Winnowing: Local Algorithms for Document
    Fingerprinting*, SIGMOD 2003).
    """
    hashes = _hashes(list(given))
    return {min(hashes[at : at + WINDOW]) for at in range(max(1, len(hashes) - WINDOW + 1))} if hashes else set()


def every_fingerprint(files: Iterable[tuple[str, bytes]]) -> frozenset[int]:
    """Return all hashes of code that everybody was given: none of it counts as shared, whatever is around it."""
    return frozenset(value for path, content in files for value in _hashes(list(tokens(_code(path, content)))))


def _hashes(given: list[str]) -> list[int]:
    runs = ("\0".join(given[at : at + TOGETHER]) for at in range(len(given) - TOGETHER + 1))
    return [int.from_bytes(hashlib.blake2b(run.encode(), digest_size=_BYTES).digest(), "big") for run in runs]


def _code(path: str, content: bytes) -> str:
    try:
        if looks_like_notebook(path, content):
            return "\n".join(cell.text for cell in code_cells(path, content)[0])
        return decoded(path, content)[0] if _SCRIPT.search(path) else ""
    except Unreadable:
        return ""
