"""Frames between the trusted side and a worker: a JSON header and one blob, never pickle.

::

    4 bytes   magic  b"mlg1"
    4 bytes   length of the header, big endian
    8 bytes   length of the blob, big endian
    header    JSON object, UTF-8
    blob      safetensors (may be empty)

The reader trusts nothing: it checks the lengths before it reads any of the body, one deadline covers the whole frame,
and the header must be a JSON object without NaN or Infinity.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

Buffer = bytes | memoryview
Deadline = float | Callable[[], float] | None  # a moment of time.monotonic(), or what tells one that may move

MAGIC = b"mlg1"
_PREFIX = struct.Struct(">4sIQ")
_CHUNK = 1 << 20
_PIECES_AT_ONCE = 500  # Linux takes 1,024 (IOV_MAX)
# Numbers: to join flags of Python's takes as long as to send with them. Windows has none, and runs only practice.
_NO_SIGNAL = int(getattr(socket, "MSG_NOSIGNAL", 0))
_NO_WAIT = int(getattr(socket, "MSG_DONTWAIT", 0))
_PEEK = int(socket.MSG_PEEK)
_LOOK_SECONDS = 0.25  # a deadline that may move is asked for this often

MAX_HEADER_BYTES = 8 << 20
MAX_BLOB_BYTES = 1 << 30
MAX_BRACKETS = 600_000  # two characters, an empty list, take fifty bytes of memory


class WireError(Exception):
    """What was received is not a frame: wrong magic, too large, cut short, or not JSON."""


class WireClosed(WireError):
    """The other end is closed."""


class WireTimeout(WireError):
    """The deadline passed before the whole frame was read."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: the decoded header and the raw blob."""

    header: dict[str, Any]
    blob: bytes | bytearray = b""


@dataclass(frozen=True, slots=True)
class Caps:
    """The most bytes a frame may have."""

    header: int = MAX_HEADER_BYTES
    blob: int = MAX_BLOB_BYTES


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_WRITER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_READER = json.JSONDecoder(parse_constant=_refuse_constant)


def pack(header: dict[str, Any], blob: Sequence[Buffer] = (), caps: Caps = Caps()) -> list[Buffer]:
    """Return the pieces of one frame in order; raises WireError if it is larger than the caps."""
    text = _WRITER.encode(header).encode()
    size = sum(len(piece) for piece in blob)
    if len(text) > caps.header or size > caps.blob:
        raise WireError(f"frame too large: header {len(text)} bytes, blob {size} bytes")
    return [_PREFIX.pack(MAGIC, len(text), size), text, *blob]


def send(
    channel: socket.socket, header: dict[str, Any], blob: Sequence[Buffer] = (), *, deadline: Deadline = None
) -> None:
    """Write one frame before ``deadline``; None waits for ever (as workers do).

    Raises:
        WireError: the frame is too large, or the other end sent bytes out of band.
        WireClosed: the other end is closed.
        WireTimeout: the deadline passed.
    """
    # Never a blocking send: with a reader that has stopped it would wait past any deadline.
    flags = _NO_SIGNAL | (0 if deadline is None else _NO_WAIT)
    left = deque(pack(header, blob))
    while left:
        sent = _sent(channel, list(islice(left, _PIECES_AT_ONCE)), flags)
        while left and sent >= len(left[0]):
            sent -= len(left.popleft())
        if left:
            left[0] = memoryview(left[0])[sent:]
            _wait(channel, select.POLLOUT, deadline)


def _sent(channel: socket.socket, pieces: Sequence[Buffer], flags: int) -> int:
    """Send what the other end has room for, all at once: so a small frame wakes it only once; return how much that was.

    Raises WireClosed.
    """
    try:
        return channel.sendmsg(pieces, (), flags)
    except BlockingIOError:
        return 0
    except (BrokenPipeError, ConnectionResetError) as error:
        raise WireClosed("the other end is closed") from error


def receive(channel: socket.socket, *, deadline: Deadline = None, caps: Caps = Caps()) -> Frame:
    """Read one whole frame before ``deadline``; raises WireError, WireClosed or WireTimeout."""
    _wait(channel, select.POLLIN, deadline)
    magic, header_length, blob_length = _PREFIX.unpack(_exactly(channel, _PREFIX.size, deadline))
    if magic != MAGIC:
        raise WireError("not a frame: wrong magic")
    if header_length > caps.header or blob_length > caps.blob:
        raise WireError(f"frame too large: header {header_length} bytes, blob {blob_length} bytes")
    header = parse_header(_exactly(channel, header_length, deadline))
    return Frame(header, _exactly(channel, blob_length, deadline))


def parse_header(text: bytes | bytearray) -> dict[str, Any]:
    """Decode a header strictly (UTF-8, a JSON object, no NaN or Infinity, not nested too deep); raises WireError."""
    if text.count(b"[") + text.count(b"{") > MAX_BRACKETS:
        raise WireError("header has too many parts")
    try:
        # decoded here, because json would also accept UTF-16 and lone surrogates in bytes
        header = _READER.decode(text.decode())
    except (ValueError, RecursionError) as error:
        raise WireError(f"header is not JSON: {type(error).__name__}") from error
    if not isinstance(header, dict):
        raise WireError("header is not a JSON object")
    return header


def has_unread(channel: socket.socket) -> bool:
    """Return whether bytes wait to be read; raises WireClosed at the end of the stream."""
    try:
        waiting = channel.recv(1, _PEEK | _NO_WAIT)
    except BlockingIOError:
        return False
    except ConnectionResetError as error:
        raise WireClosed("the other end is closed") from error
    if not waiting:
        raise WireClosed("the other end is closed")
    return True


def _exactly(channel: socket.socket, size: int, deadline: Deadline) -> bytearray:
    # The buffer grows with what arrives, not with what the prefix announces, so that a lie costs nothing.
    received = bytearray()
    flags = 0 if deadline is None else _NO_WAIT
    while (missing := size - len(received)) > 0:
        try:
            chunk = channel.recv(min(missing, _CHUNK), flags)
        except BlockingIOError:
            pass  # nothing is there yet
        except ConnectionResetError as error:
            raise WireClosed("the other end is closed") from error
        else:
            if not chunk:
                raise WireClosed("the other end is closed")
            received += chunk
        if len(received) < size:  # however fast the pieces come, the deadline counts
            _wait(channel, select.POLLIN, deadline)
    return received


def _wait(channel: socket.socket, event: int, deadline: Deadline) -> None:
    if deadline is None:
        return
    poll = select.poll()
    poll.register(channel, event | select.POLLPRI)
    ready: list[tuple[int, int]] = []
    while not ready:
        remaining = (deadline() if callable(deadline) else deadline) - time.monotonic()
        if remaining <= 0:  # whatever there is to read by now
            raise WireTimeout("the deadline passed")
        ready = poll.poll(1000 * min(remaining, _LOOK_SECONDS))
    if ready[0][1] & select.POLLPRI:  # it would make the channel readable for ever, with nothing to read
        raise WireError("bytes out of band, which no worker sends")


def send_with_descriptors(channel: socket.socket, header: dict[str, Any], descriptors: list[int]) -> None:
    """Write a small frame together with open file descriptors (SCM_RIGHTS); raises OSError."""
    prefix, text = pack(header)
    socket.send_fds(channel, [prefix, text], descriptors)


def receive_with_descriptors(channel: socket.socket, most: int = 4) -> tuple[dict[str, Any], list[int]]:
    """Read a small frame and the descriptors that came with it; raises WireError or WireClosed."""
    try:
        prefix, descriptors, flags, _ = socket.recv_fds(channel, _PREFIX.size, most)
    except ConnectionResetError as error:  # it left something unread
        raise WireClosed("the other end is closed") from error
    if not prefix:
        raise WireClosed("the other end is closed")
    if flags & socket.MSG_CTRUNC:
        for descriptor in descriptors:
            os.close(descriptor)
        raise WireError("too many descriptors")
    prefix += bytes(_exactly(channel, _PREFIX.size - len(prefix), None))
    _, header_length, _ = _PREFIX.unpack(prefix)
    return parse_header(_exactly(channel, header_length, None)), descriptors
