"""Bytes that a student's code writes to the channel itself are never an answer."""

import struct
import time

import pytest

from grader.errors import Crashed, TimedOut
from sandbox.students import SHORT, fails, frame, student

FORGERIES = {
    "garbage": b"print('hello')\n" * 4,
    "half a frame": frame({"id": 2, "ok": {"value": 1}})[:-4],
    "half a blob": frame({"id": 2, "ok": {"value": 1}}, b"x" * 100)[:-4],
    "another id": frame({"id": 3, "ok": {"value": 42}}),
    "no id": frame({"ok": {"value": 42}}),
    "huge": struct.pack(">4sIQ", b"mlg1", 2, 2**40) + b"{}",
    "not json": struct.pack(">4sIQ", b"mlg1", 4, 0) + b"{{{{",
    "nothing": frame({"id": 2}),
    "ok is none": frame({"id": 2, "ok": None}),
    "ok is a list": frame({"id": 2, "ok": []}),
    "ok is empty": frame({"id": 2, "ok": {}}),
    "a number for arguments": frame({"id": 2, "ok": {"value": 42, "arguments": 3}}),
    "too few arguments": frame({"id": 2, "ok": {"value": 42, "arguments": []}}),
    "unknown kind": frame({"id": 2, "ok": {"value": {"$": "pickle", "v": "x"}, "arguments": [1]}}),
    "overflow": frame({"id": 2, "ok": {"value": {"$": "float", "v": 10**400}, "arguments": [1]}}),
    "a handle of nothing": frame({"id": 2, "ok": {"value": {"$": "handle", "id": 10**400}, "arguments": [1]}}),
    "no blob": frame({"id": 2, "ok": {"value": {"$": "tensor", "k": "t0"}, "arguments": [1]}}),
    "a blob of nonsense": frame({"id": 2, "ok": {"value": 42, "arguments": [1]}}, b"nonsense"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_answer_is_a_crash_and_never_an_answer(walled, forgery):
    source = f"""
        import os
        def f(x):
            os.write(3, {FORGERIES[forgery]!r})
            os._exit(0) if {forgery.startswith("half")} else None
            return 1
    """
    with student(walled, source) as s, pytest.raises(Crashed) as caught:
        s.answer("f", 1, seconds=3, echo=True)
    message = caught.value.message
    assert message.startswith(("`f`: your code", "Your code's process sent"))
    assert message.endswith(".")


@pytest.mark.parametrize("number", [None, 1, 3, "2", [2], True, 2**70])
def test_an_answer_with_the_id_of_another_question_is_no_answer(walled, number):
    """In all else the answer is as it should be: only its id can be what it is refused for."""
    answer = frame({"id": number, "ok": {"value": 42, "arguments": [1]}})
    source = f"import os\ndef f(x):\n os.write(3, {answer!r})\n return 1"
    with student(walled, source) as s, pytest.raises(Crashed) as caught:
        s.answer("f", 1, seconds=3, echo=True)
    assert caught.value.detail == "The connection: it answered another question than the one asked."


def test_a_forged_answer_with_the_right_id_is_what_the_function_gave(walled):
    answer = frame({"id": 2, "ok": {"value": 42, "arguments": [1]}})
    with student(walled, f"import os\ndef f(x):\n os.write(3, {answer!r})\n return 1") as s:
        assert s.answer("f", 1, seconds=3, echo=True).value == 42  # it is their function that answered, either way


SAID_ON_THE_WIRE = {
    kind: {"id": 2, "error": {"kind": kind, "type": "LEAK", "message": "LEAK", "traceback": "LEAK"}}
    for kind in ("unsendable", "signature", "syntax", "not_implemented", "gpu_memory", "no_gpu", "exit", "LEAK")
}


@pytest.mark.parametrize("kind", SAID_ON_THE_WIRE)
def test_what_a_forged_error_says_is_never_in_the_message(walled, kind):
    source = f"import os\ndef f():\n os.write(3, {frame(SAID_ON_THE_WIRE[kind])!r})\n os._exit(0)"
    assert "LEAK" not in fails(walled, source, seconds=5).message


def test_numbers_of_a_forged_frame_and_an_exit_are_never_in_the_message(walled):
    large = struct.pack(">4sIQ", b"mlg1", 4242424242, 4242424242)
    for source in (f"import os\ndef f(): os.write(3, {large!r})", "import os\ndef f(): os._exit(42)"):
        failure = fails(walled, source, seconds=5)
        assert "42" not in failure.message
        assert "42" in failure.detail


@pytest.mark.waits
def test_half_a_frame_and_then_silence_is_stopped_at_the_deadline(walled):
    source = f"import os, time\ndef f():\n os.write(3, {FORGERIES['half a blob']!r})\n time.sleep(60)"
    assert isinstance(fails(walled, source, seconds=SHORT), TimedOut)


@pytest.mark.parametrize(
    "ok",
    [
        [],
        3,
        {},
        "x",
        {"$": "dict", "v": [["f", 3]]},
        {"$": "tuple", "v": []},
        {"$": "dict", "v": [["f", {"$": "dict", "v": []}]]},
    ],
)
def test_a_forged_answer_to_loading_is_a_crash(walled, ok):
    source = f"import os, time\nos.write(3, {frame({'id': 1, 'ok': ok})!r})\ntime.sleep(60)\ndef f(): pass"
    failure = fails(walled, source, seconds=3)
    assert isinstance(failure, Crashed)
    assert "cannot be read" in failure.message


@pytest.mark.parametrize(
    "error", [None, 3, [], {}, {"kind": ["x"], "message": {}, "traceback": 5}, {"kind": "grader_error"}]
)
def test_a_forged_error_is_a_crash(walled, error):
    source = f"import os\ndef f():\n os.write(3, {frame({'id': 2, 'error': error})!r})\n os._exit(0)"
    failure = fails(walled, source, seconds=5)
    assert isinstance(failure, Crashed)
    assert failure.message == "`f` raised an exception."


def test_an_answer_sent_ahead_is_not_taken_for_the_next_one(walled):
    extra = frame({"id": 3, "ok": {"value": 42}})
    source = f"""
        import os, threading, time
        def f():
            threading.Thread(target=lambda: (time.sleep(0.1), os.write(3, {extra!r}))).start()
            return 1
        def g(): return 2
    """
    with student(walled, source) as s:
        assert s("f") == 1
        time.sleep(0.4)
        with pytest.raises(Crashed) as failure:
            s("g")
        assert "sent an answer before it was asked" in failure.value.detail


def test_an_extra_answer_is_never_the_answer_to_the_next_question(walled):
    first, second = frame({"id": 2, "ok": {"value": 41}}), frame({"id": 3, "ok": {"value": 42}})
    source = f"import os\ndef f():\n os.write(3, {first + second!r})\n return 1\ndef g(): return 2"
    with student(walled, source) as s:
        assert s("f") == 41  # what one's own process says is one's answer, once
        with pytest.raises(Crashed, match="connection to the grader"):
            s("g")
