"""`sandbox.explain`: what a student reads when a call goes wrong."""

from grader.errors import OutOfMemory
from grader.sandbox.explain import error_in_call
from grader.worker.limits import WorkerLimits


def test_the_message_on_memory_names_the_limit_and_nothing_the_student_chose():
    error = {"kind": "memory", "type": "RuntimeError", "message": "tried to allocate 400000000000 bytes"}
    failure = error_in_call(error, "score_matrix", WorkerLimits(memory_bytes=512 << 20))
    assert isinstance(failure, OutOfMemory)
    assert failure.message == "`score_matrix` used more than the 512 MB of memory allowed."
    assert "400000000000" in failure.detail
