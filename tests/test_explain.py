"""`sandbox.explain`: what a student reads when a call goes wrong."""

from grader.errors import Crashed, OutOfMemory
from grader.sandbox.explain import error_in_call, out_of_time
from grader.worker.limits import WorkerLimits


def test_the_message_on_memory_names_the_limit_and_nothing_the_student_chose():
    error = {"kind": "memory", "type": "RuntimeError", "message": "tried to allocate 400000000000 bytes"}
    failure = error_in_call(error, "score_matrix", WorkerLimits(memory_bytes=512 << 20))
    assert isinstance(failure, OutOfMemory)
    assert failure.message == "`score_matrix` used more than the 512 MB of memory allowed."
    assert "400000000000" in failure.detail


def test_a_file_that_does_not_end_is_told_what_to_move():
    assert '`if __name__ == "__main__":`' in out_of_time("loading lab1.py", 20).message
    assert out_of_time("loss", 2).message == "`loss` did not finish within 2 seconds and was stopped."


def test_a_crash_knows_the_class_of_an_exception_only_if_it_is_a_known_one():
    raised = [{"kind": "raised", "type": name, "message": "m"} for name in ("ValueError", "Leak7431")]
    assert [error_in_call(error, "f", WorkerLimits()).exception for error in raised] == ["ValueError", ""]
    assert Crashed("It was killed.").exception is None
