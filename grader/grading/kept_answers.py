"""Keep answers of known solutions for a whole class, within a bound of memory: the oldest go first."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

from grader.grading.call_log import size_of

Key = tuple[Path, str]  # a solution, and the digest of what it was asked

_MOST_BYTES = 128 << 20
_ENTRY = 500  # bytes of a key


class KeptAnswers(MutableMapping[Key, Any]):
    """A dict of answers that takes no more than a bound of memory. What was dropped is asked again."""

    def __init__(self) -> None:
        self._answers: dict[Key, Any] = {}
        self._bytes = 0

    def __getitem__(self, key: Key) -> Any:
        return self._answers[key]

    def __setitem__(self, key: Key, answer: Any) -> None:
        self.pop(key, None)
        self._answers[key] = answer
        self._bytes += _ENTRY + size_of(answer)
        while self._bytes > _MOST_BYTES:
            del self[next(iter(self._answers))]

    def __delitem__(self, key: Key) -> None:
        self._bytes -= _ENTRY + size_of(self._answers.pop(key))

    def __iter__(self) -> Iterator[Key]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)
