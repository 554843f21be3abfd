"""`grader.worker.wire`: frames arrive whole, in time and within their caps, or not at all."""

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.worker import wire
from grader.worker.wire import Caps, Frame, WireClosed, WireError, WireTimeout

PREFIX = struct.Struct(">4sIQ")
SHORT = 0.3  # seconds: a deadline that passes during a test


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    left, right = socket.socketpair()
    with left, right:
        yield left, right


def raw_frame(header: bytes, blob: bytes = b"", *, magic: bytes = wire.MAGIC) -> bytes:
    return PREFIX.pack(magic, len(header), len(blob)) + header + blob


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def in_the_background(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), json_values, max_size=5), st.binary(max_size=300))
@settings(database=None, deadline=None)
def test_a_frame_arrives_as_it_was_sent(header, blob):
    left, right = socket.socketpair()
    with left, right:
        wire.send(left, header, [blob])
        assert wire.receive(right, deadline=soon()) == Frame(header, blob)
        assert not wire.has_unread(right)


def test_frames_arrive_one_after_the_other_each_with_its_own_blob(ends):
    left, right = ends
    for number in range(3):
        wire.send(left, {"id": number}, [bytes([number]) * number])
    frames = [wire.receive(right, deadline=soon()) for _ in range(3)]
    assert frames == [Frame({"id": n}, bytes([n]) * n) for n in range(3)]


def test_a_blob_larger_than_any_buffer_arrives_whole(ends):
    left, right = ends
    blob = os.urandom(5 << 20)
    sender = in_the_background(lambda: wire.send(left, {"id": 1}, [blob], deadline=soon(20)))
    frame = wire.receive(right, deadline=soon(20))
    sender.join()
    assert frame.blob == blob


@pytest.mark.timeout(60)  # where the deadline did not hold, it would wait for ever
@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"ml",
        raw_frame(b'{"id":1}')[:10],
        raw_frame(b'{"id":1}')[:20],
        raw_frame(b'{"id":1}', b"x" * 100)[:-1],
    ],
    ids=["nothing", "part of the magic", "part of the lengths", "part of the header", "all but one byte"],
)
def test_the_deadline_holds_for_a_sender_that_stops_half_way(ends, beginning):
    left, right = ends
    left.sendall(beginning)
    with pytest.raises(WireTimeout):
        wire.receive(right, deadline=soon(SHORT))


def test_the_deadline_covers_the_whole_frame_of_a_sender_that_dribbles(ends):
    left, right = ends
    frame = raw_frame(b'{"id":1}', b"x" * 200)
    stop = threading.Event()

    def dribble() -> None:
        for byte in frame:  # twenty bytes a second: each one arrives well before the deadline, all of them do not
            if stop.wait(0.05):
                return
            left.send(bytes([byte]))

    sender = in_the_background(dribble)
    with pytest.raises(WireTimeout):
        wire.receive(right, deadline=soon(SHORT))
    stop.set()
    sender.join()


def test_a_byte_out_of_band_is_refused_at_once(ends):
    """It makes the channel readable for ever, with nothing to read."""
    ours, theirs = ends
    theirs.send(b"!", socket.MSG_OOB)
    with pytest.raises(WireError, match="out of band") as refused:
        wire.receive(ours, deadline=soon(60))
    assert not isinstance(refused.value, WireTimeout)


def test_a_deadline_that_has_passed_is_not_stretched_by_bytes_that_wait(ends):
    left, right = ends
    wire.send(left, {"id": 1})
    with pytest.raises(WireTimeout):
        wire.receive(right, deadline=time.monotonic() - 1)


@pytest.mark.timeout(60)
def test_the_deadline_holds_for_a_receiver_that_never_reads(ends):
    left, _ = ends
    with pytest.raises(WireTimeout):
        wire.send(left, {"id": 1}, [bytes(32 << 20)], deadline=soon(SHORT))


@pytest.mark.parametrize(("header", "blob"), [(101, 0), (0, 101), (2**32 - 1, 2**64 - 1)])
def test_a_length_over_the_cap_is_refused_before_any_of_the_body_is_read(ends, header, blob):
    left, right = ends
    left.sendall(PREFIX.pack(wire.MAGIC, header, blob) + b"body")
    with pytest.raises(WireError, match="too large") as refused:
        wire.receive(right, deadline=soon(), caps=Caps(header=100, blob=100))
    assert not isinstance(refused.value, (WireClosed, WireTimeout))
    assert right.recv(10) == b"body"


def test_a_header_of_very_many_parts_is_refused_before_they_are_made():
    """An empty list takes two bytes of a header, and fifty of memory."""
    fits, too_many = (b'{"a":[%s[]]}' % (b"[]," * count) for count in (wire.MAX_BRACKETS - 3, wire.MAX_BRACKETS - 2))
    assert len(wire.parse_header(fits)["a"]) == wire.MAX_BRACKETS - 2
    with pytest.raises(WireError, match="too many parts"):
        wire.parse_header(too_many)


def test_a_frame_of_exactly_the_caps_passes(ends):
    left, right = ends
    left.sendall(raw_frame(b'{"id":1}', b"x" * 10))
    assert wire.receive(right, deadline=soon(), caps=Caps(header=8, blob=10)) == Frame({"id": 1}, b"x" * 10)


def test_a_promised_gigabyte_takes_no_memory_before_it_comes(ends):
    left, right = ends
    left.sendall(PREFIX.pack(wire.MAGIC, 2, wire.MAX_BLOB_BYTES) + b"{}")
    before = peak_kilobytes()
    with pytest.raises(WireTimeout):
        wire.receive(right, deadline=time.monotonic() + 0.1)
    assert peak_kilobytes() - before < 100_000


def peak_kilobytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmPeak:"))


def test_a_frame_over_the_caps_is_never_sent(ends):
    left, right = ends
    for header, blob in (({"a": "x" * 100}, b""), ({}, b"x" * 101)):
        with pytest.raises(WireError, match="too large"):
            wire.pack(header, [blob], Caps(header=100, blob=100))
    with pytest.raises(WireError, match="too large"):
        wire.send(left, {"a": "x" * wire.MAX_HEADER_BYTES})
    assert not wire.has_unread(right)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_nan_and_infinity_are_never_sent(value):
    with pytest.raises(ValueError, match="JSON"):
        wire.pack({"value": value})


def test_another_protocol_is_no_frame(ends):
    left, right = ends
    left.sendall(raw_frame(b"{}", magic=b"HTTP"))
    with pytest.raises(WireError, match="magic"):
        wire.receive(right, deadline=soon())


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b'"text"',
        b"1",
        b"null",
        b"{",
        b'{"a":1}}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":[-Infinity]}',
        b"\xff\xfe",
        b'{"a":"\xe9"}',
        b'{"a":"\xed\xa0\x80"}',  # half a surrogate pair: no UTF-8
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32-le"),
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":' + b"9" * 10_000 + b"}",
        b"__import__('os')",
    ],
    ids=lambda header: repr(header[:16]),
)
def test_a_header_that_is_no_plain_json_object_is_refused(ends, header):
    left, right = ends
    sender = in_the_background(lambda: left.sendall(raw_frame(header)))
    with pytest.raises(WireError, match="header is not"):
        wire.receive(right, deadline=soon())
    sender.join()


@pytest.mark.parametrize("beginning", [b"", b"mlg1", raw_frame(b"{}", b"blob")[:-1]])
def test_an_end_that_closes_is_noticed_and_not_waited_for(ends, beginning):
    left, right = ends
    left.sendall(beginning)
    left.close()
    with pytest.raises(WireClosed):
        wire.receive(right, deadline=soon(60))


def test_sending_to_a_closed_end_says_so_and_raises_no_signal(ends):
    left, right = ends
    right.close()
    with pytest.raises(WireClosed):
        wire.send(left, {"id": 1}, [b"x" * 1000], deadline=soon())


def test_an_end_closed_with_our_bytes_unread_is_closed_for_reading_too(ends):
    left, right = ends
    wire.send(right, {"id": 1})
    left.close()  # the kernel answers the next read with a reset
    with pytest.raises(WireClosed):
        wire.receive(right, deadline=soon())


def test_bytes_that_wait_are_seen_without_reading_them(ends):
    left, right = ends
    assert not wire.has_unread(right)
    wire.send(left, {"id": 1})
    assert wire.has_unread(right)
    assert wire.has_unread(right)
    assert wire.receive(right, deadline=soon()).header == {"id": 1}
    assert not wire.has_unread(right)


def test_descriptors_travel_with_a_frame(ends):
    left, right = ends
    reader, writer = os.pipe()
    wire.send_with_descriptors(left, {"do": "spawn"}, [writer, reader])
    os.close(writer)
    os.close(reader)
    header, (writer, reader) = wire.receive_with_descriptors(right)
    os.write(writer, b"through the copy")
    os.close(writer)
    assert header == {"do": "spawn"}
    assert os.read(reader, 100) == b"through the copy"
    os.close(reader)


def test_a_frame_may_come_without_descriptors(ends):
    left, right = ends
    wire.send(left, {"do": "end"})
    assert wire.receive_with_descriptors(right) == ({"do": "end"}, [])
    left.close()
    with pytest.raises(WireClosed):
        wire.receive_with_descriptors(right)


def test_an_end_that_closed_before_it_had_read_everything_is_closed(ends):
    left, right = ends
    wire.send(right, {"event": "ended"})
    left.close()
    with pytest.raises(WireClosed):
        wire.receive_with_descriptors(right)


def test_too_many_descriptors_are_refused_and_none_stays_open(ends):
    left, right = ends
    reader, writer = os.pipe()
    wire.send_with_descriptors(left, {"do": "spawn"}, [writer] * 4)
    before = open_descriptors()
    with pytest.raises(WireError, match="descriptors"):
        wire.receive_with_descriptors(right, most=2)
    assert open_descriptors() == before
    os.close(reader)
    os.close(writer)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def answered(sent: bytes) -> Frame | type[WireError]:
    """What a reader makes of ``sent`` and then the end; only a WireError may come out of it."""
    left, right = socket.socketpair()
    with left, right:
        left.sendall(sent)
        left.shutdown(socket.SHUT_WR)
        try:
            return wire.receive(right, deadline=soon(), caps=Caps(header=1000, blob=1000))
        except WireError as error:
            return type(error)


@given(st.binary(max_size=200))
@settings(database=None, deadline=None)
def test_arbitrary_bytes_are_never_a_frame(sent):
    assert answered(sent) in (WireError, WireClosed)


@given(st.binary(max_size=60), st.binary(max_size=20))
@settings(database=None, deadline=None)
def test_an_arbitrary_header_is_refused_or_a_json_object(header, blob):
    answer = answered(raw_frame(header, blob))
    assert answer is WireError or answer == Frame(json.loads(header.decode()), blob)


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=3), st.binary(max_size=20), st.data())
@settings(database=None, deadline=None)
def test_a_frame_cut_anywhere_is_never_taken_for_whole(header, blob, data):
    whole = b"".join(wire.pack(header, [blob]))
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert answered(whole[:cut]) in (WireError, WireClosed)
