"""An answer counts only for the request that it names: forged frames that are whole and right but for their id."""

import json
import struct

import pytest

from grader.errors import Crashed
from grader.sandbox.calls import Calls
from grader.worker.limits import WorkerLimits

RIGHT = 2  # the files are request 0, loading is 1, the first call 2


def whole_answer(header):
    text = json.dumps(header | {"ok": {"value": 42}}).encode()
    return struct.pack(">4sIQ", b"mlg1", len(text), 0) + text


def forged(slot, header):
    """What a call comes to when the student's code writes an answer itself, and then never returns."""
    source = f"import os, time\ndef f():\n os.write(3, {whole_answer(header)!r})\n time.sleep(600)"
    calls = Calls(slot, WorkerLimits())
    try:
        calls.load({"f.py": source.encode()}, "f.py", {"f": ()}, seed=0, seconds=60)
        return calls.call("f", (), {}, seed=0, seconds=60).value
    finally:
        calls.close()


def test_an_answer_with_the_right_id_would_be_taken(slot):
    assert forged(slot, {"id": RIGHT}) == 42


@pytest.mark.parametrize(
    "header", [{"id": RIGHT + 1}, {"id": RIGHT - 1}, {"id": str(RIGHT)}, {"id": None}, {}], ids=str
)
def test_an_answer_to_another_request_is_a_crash(slot, header):
    with pytest.raises(Crashed, match="your code") as caught:
        forged(slot, header)
    assert "another question" in caught.value.detail
