"""The memory of the trusted process is bounded, whatever a submission returns, in however many parts."""

import ctypes
import gc
from pathlib import Path

import pytest
import torch
from course_examples import make_course

from grader.grading import grade as grading
from grader.grading.call_log import Forgotten, Memory
from grader.grading.grade import GradeOptions
from grader.grading.known_mistakes import Recogniser
from grader.intake.submission import Submission

MB = 1 << 20
KEPT, ANSWER = 100 * MB, 60 * MB  # for these tests: what is remembered, and one answer
ANSWERS = 21  # what the three parts of STUDENT return together
PARTS = ("one", "two", "three")
CHECKS = """
from grader import check, expect


@check(points=1)
def check_wrong(submission):
    \"\"\"It gives one number.\"\"\"
    answer = submission.answer(1)
    expect.tensor(answer, "the answer", shape=(1,))


@check(points=1)
def check_wrong_again(submission):
    \"\"\"It gives two numbers.\"\"\"
    expect.tensor(submission.answer(2), "the answer", shape=(2,))


@check(points=1)
def check_fails_twice(submission):
    \"\"\"It fails with words.\"\"\"
    held = submission.answer(3)
    expect.unless_crashed(lambda: submission.fails(held))


@check(points=1, partial=True)
def check_cases(submission, credit):
    \"\"\"It gives numbers in several cases.\"\"\"
    for case in ("a", "b"):
        with credit.case(case):
            expect.tensor(submission.answer(4), "the answer", shape=(1,))


@check(points=1)
def check_holds_all(submission):
    \"\"\"It gives a number six times.\"\"\"
    held = [submission.answer(5) for _ in range(6)]
    expect.tensor(held[0], "the answer", shape=(1,))
"""
STUDENT = f"""
import torch

number = [0]


def answer(x):
    number[0] += 1
    return torch.full(({ANSWER // 4},), float(number[0]))


def fails(x):
    raise ValueError("never")
"""
REFERENCE = (
    'import torch\n\n\ndef answer(x):\n    return torch.ones(x)\n\n\ndef fails(x):\n    raise ValueError("no")\n'
)


@pytest.fixture
def course(tmp_path):
    made = make_course(tmp_path)
    for part in PARTS:
        files = {
            f"reference/hw/{part}.py": REFERENCE,
            f"checks/hw/check_{part}.py": CHECKS,
            f"fixtures/hw/{part}/part.toml": 'title = "T"\n[limits]\nreply_mb = 64\n',
            f"fixtures/hw/{part}/expected.json": "{}",
            f"fixtures/hw/{part}/mistakes/zeros.py": '"""Zeros."""\n' + REFERENCE.replace("ones", "zeros"),
        }
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
    return made


def resident(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{field}:"))


class Mallinfo(ctypes.Structure):
    """`struct mallinfo2` of glibc (mallinfo(3))."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def allocated():
    """The bytes this process has allocated and not freed. What it has resident grows by itself (huge pages)."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = Mallinfo
    found = mallinfo2()
    return found.hblkhd + found.uordblks


def test_answers_that_are_not_kept_are_gone_after_their_check(course, slot, monkeypatch):
    """Three parts return 21 answers of 60 MB: far more than what is kept, and the three that a check may hold.

    The peak was 425 MB; huge pages add to it on some machines, so half of all the answers is the limit.
    """
    monkeypatch.setattr("grader.grading.call_log._MOST_BYTES", KEPT)
    files = {f"{part}.py": STUDENT.encode() for part in PARTS}
    submission = Submission(name="large", files=files, sha256="", source=course.root)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = resident("VmRSS")
    record = grading.grade(submission, course.parts("hw"), slot, GradeOptions(seed=3), Recogniser(slot))
    assert [check.verdict.value for check in record.parts[0].checks] == [
        "failed",
        "failed",
        "passed",
        "failed",
        "out_of_memory",
    ]
    taken = resident("VmHWM") - before
    assert taken < ANSWERS * ANSWER // 2, f"{taken >> 20} MB"


def test_a_small_part_of_a_large_answer_does_not_keep_the_answer(slot):
    from grader.sandbox.calls import Calls
    from grader.worker.limits import WorkerLimits

    calls = Calls(slot, WorkerLimits())
    code = f"import torch\ndef f(): return torch.ones(2), torch.ones({ANSWER // 4}), torch.ones(3)\n"
    try:
        calls.load({"f.py": code.encode()}, "f.py", {"f": ()}, seed=0, seconds=20)
        before = allocated()
        first, _, last = calls.call("f", (), {}, seed=0, seconds=20).value
    finally:
        calls.close()
    assert (first.tolist(), last.tolist()) == ([1.0] * 2, [1.0] * 3)
    del _
    assert allocated() - before < 20 * MB


def test_what_a_value_takes_is_counted_whole(monkeypatch):
    monkeypatch.setattr("grader.grading.call_log._MOST_BYTES", 10_000)
    for value in ([torch.ones(0) for _ in range(100)], "a" * 3000 + "\N{GRINNING FACE}"):
        assert isinstance(Memory().kept(value), Forgotten)
    assert Memory().kept("a" * 3000) == "a" * 3000
