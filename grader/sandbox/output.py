"""What a worker printed: its beginning and its end, because the last line is often the one that explains."""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD, TAIL = 47 << 10, 16 << 10  # bytes of the beginning and of the end that are kept: 64 KiB with the line between


@dataclass(slots=True)
class Output:
    """The first ``head`` and the last ``tail`` bytes that a worker printed; stdout and stderr in order of arrival."""

    head: int = HEAD
    tail: int = TAIL
    _first: bytearray = field(default_factory=bytearray)
    _last: bytearray = field(default_factory=bytearray)
    _count: int = 0  # bytes that were printed in all
    _taken: int = 0

    def add(self, chunk: bytes) -> None:
        """Keep what belongs to the beginning or, until more comes, to the end."""
        room = self.head - len(self._first)
        self._first += chunk[:room]
        self._last = (self._last + chunk[room:])[-self.tail :]
        self._count += len(chunk)

    @property
    def truncated(self) -> bool:
        """Whether more was printed than is kept."""
        return self._count > len(self._first) + len(self._last)

    @property
    def count(self) -> int:
        """How many bytes were printed in all."""
        return self._count

    @property
    def text(self) -> str:
        """All that is kept, decoded as UTF-8; bytes that are not UTF-8 become replacement characters."""
        return self.since(0)

    def take(self) -> str:
        """Return what is kept of the output since the last call of this, as `text` does."""
        since, self._taken = self._taken, self._count
        return self.since(since)

    def since(self, position: int) -> str:
        """Return what is kept of the output after its first ``position`` bytes, as `text` does."""
        last_begins = self._count - len(self._last)
        first, last = self._first[position:], self._last[max(0, position - last_begins) :]
        left_out = last_begins - max(position, len(self._first))
        pieces = (piece.decode("utf-8", errors="replace") for piece in (first, last))
        return (f"\n… {left_out:,} bytes left out …\n" if left_out > 0 else "").join(pieces)


def head_and_tail(text: str, head: int = HEAD, tail: int = TAIL) -> str:
    """Return a text that is at most ``head`` + ``tail`` characters long, but for a line that says what was left out."""
    left_out = len(text) - head - tail
    if left_out <= 0:
        return text
    return f"{text[:head]}\n… {left_out:,} characters left out …\n{text[-tail:]}"
