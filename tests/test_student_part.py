"""`grading.student_part`: one part of one submission in a real sandbox, with its seeds, its budget and its ends."""

import hashlib
import time

import numpy as np
import pandas as pd
import pytest
import torch

from grader.course.part_toml import Cap, Limits
from grader.errors import (
    CheckFailure,
    Crashed,
    Mismatch,
    MissingFunction,
    NotImplementedYet,
    Starved,
    TimedOut,
)
from grader.grading.call_log import Forgotten, size_of
from grader.grading.part_loader import Code
from grader.grading.student_part import StudentPart, derived_seed, worker_limits
from grader.records.record import Verdict
from grader.sandbox.calls import Calls, Remote
from grader.sandbox.forked_worker import MOST_PATIENCE

SOURCE = b"""
import os, random, time
import numpy as np
import torch

print("loaded")
COUNT = [0]

def double(x):
    return 2 * x

def count():
    COUNT[0] += 1
    return COUNT[0]

def draw():
    return random.random(), float(np.random.rand()), float(torch.rand(()))

def add_one_(x):
    print("adding")
    x += 1

def sleep(seconds):
    time.sleep(seconds)
    return seconds

def leave():
    print("goodbye")
    os._exit(3)

def fail(x):
    raise ValueError("no")

def stub():
    raise NotImplementedError

def layer():
    return torch.nn.Linear(3, 2)

def shape_of(module):
    return list(module.weight.shape)
"""
NAMES = ("double", "count", "draw", "add_one_", "sleep", "leave", "fail", "stub", "layer", "shape_of", "absent")


class CountingSlot:
    """A slot that counts the workers it makes."""

    def __init__(self, slot):
        self.slot, self.made, self.slow = slot, 0, 0.0

    def worker(self, limits):
        self.made += 1
        time.sleep(self.slow)
        return self.slot.worker(limits)


@pytest.fixture
def made(slot):
    """Makes subjects; the slot holds one worker at a time, so they are closed at the end."""
    subjects = []

    def make(
        source=SOURCE,
        seed=1,
        identity="lab1/thing",
        names=NAMES,
        module="thing.py",
        missing="",
        cap=None,
        files=None,
        **limits,
    ):
        for subject in subjects:
            subject.close()
        counting = CountingSlot(slot)
        code = Code({"thing.py": source} if files is None else files, module, missing)
        chosen = Limits(**({"call_seconds": 5.0} | limits))
        entry_points = {name: [] for name in names}
        subject = StudentPart(code, entry_points, slot=counting, limits=chosen, seed=seed, identity=identity, cap=cap)
        subject.workers = lambda: counting.made
        subject.begin("check", None)
        subjects.append(subject)
        return subject

    yield make
    for subject in subjects:
        subject.close()


def test_entry_points_are_attributes_and_nothing_else_is(made):
    subject = made()
    assert torch.equal(subject.double(torch.tensor([1.5])), torch.tensor([3.0]))
    with pytest.raises(AttributeError, match="lab1/thing has no entry point 'treble'"):
        _ = subject.treble
    assert subject.code.file == "thing.py"


def test_no_worker_starts_before_it_is_needed_and_one_serves_all_calls(made):
    subject = made()
    assert subject.workers() == 0
    assert [subject.count(), subject.count(), subject.count()] == [1, 2, 3]
    assert subject.workers() == 1


def test_an_entry_point_that_is_in_no_file_is_missing(made):
    subject = made()
    with pytest.raises(
        MissingFunction, match=r"Your file thing\.py has no function `absent`; keep the template's names"
    ):
        subject.absent()
    assert subject.code.missing == ("absent",)
    two = made(files={"thing.py": SOURCE, "more.py": b""})
    with pytest.raises(MissingFunction, match="has no function `absent` and no other file of yours has one;"):
        two.absent()


def test_a_submission_without_code_says_so_and_starts_nothing(made):
    subject = made(files={"notes.txt": b"def double"}, module=None, missing="There is no thing.py in the submission.")
    for _ in range(2):
        with pytest.raises(MissingFunction, match=r"There is no thing\.py"):
            subject.double(1)
    assert subject.workers() == 0
    assert subject.code.file == ""
    assert subject.code.missing == NAMES


def test_a_part_without_a_file_of_its_own_is_found_in_any_file(made):
    subject = made(files={"all of it.py": SOURCE}, module=None, missing="There is no thing.py in the submission.")
    assert subject.double(2) == 4
    assert subject.code.file == "all of it.py"
    assert (subject.code.found.found["double"].file, subject.code.found.found["double"].line) == ("all of it.py", 9)
    with pytest.raises(MissingFunction, match=r"no thing\.py in .*\. No other file has a function `absent`"):
        subject.absent()


def test_a_file_that_cannot_be_read_says_why(made):
    subject = made(b"def double(x):\n    return 2 * x\n\0", names=("double",))
    with pytest.raises(Crashed, match="cannot be read"):
        subject.double(2)
    assert "null bytes" in subject.code.unreadable
    subject.close()


def test_a_file_that_cannot_run_whole_still_gives_its_functions(made):
    subject = made(b"def double(x):\n    return 2 * x\nprint('training')\nraise RuntimeError\n", names=("double",))
    assert subject.double(2) == 4
    assert subject.code.notices == ("Loading thing.py raised RuntimeError. So only what the functions need was run.",)
    assert subject.take_output() == "training\n"
    assert [(one.file, one.first) for one in subject.code.found.not_run] == [("thing.py", 3)]
    assert subject.workers() == 2
    subject.close()
    assert subject.double(3) == 6, "a fresh worker does not try the whole file again"
    assert subject.workers() == 3


def test_a_crash_ends_the_worker_and_the_next_call_gets_a_fresh_one(made):
    subject = made()
    assert [subject.count(), subject.count()] == [1, 2]
    with pytest.raises(Crashed, match="ended the whole Python process"):
        subject.leave()
    assert subject.count() == 1
    assert subject.workers() == 2
    assert subject.take_output() == "loaded\ngoodbye\nloaded\n"


def test_an_exception_does_not_end_the_worker(made):
    subject = made()
    subject.count()
    for error, call in ((Crashed, lambda: subject.fail(1)), (NotImplementedYet, subject.stub)):
        with pytest.raises(error):
            call()
    assert subject.count() == 2
    assert subject.workers() == 1


@pytest.mark.parametrize(
    ("source", "verdict", "words"),
    [
        (b"print('loading')\nimport no_such_thing\n", Verdict.grader_error, "`no_such_thing`, which is not installed"),
        (b"print('loading')\nraise NotImplementedError\n", Verdict.crashed, "NotImplementedError while it is loaded"),
        (b"print('loading')\nimport os\nos._exit(0)\n", Verdict.crashed, "ended the whole Python process"),
        (b"def double(x:\n", Verdict.crashed, "not valid Python"),
        (b"print('loading')\nwhile True:\n    pass\n", Verdict.timed_out, "did not finish within"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_tried_whole_then_by_its_functions_and_no_more(made, source, verdict, words):
    subject = made(source, load_seconds=1.0)
    messages = set()
    for _ in range(3):
        with pytest.raises(CheckFailure, match=words) as caught:
            subject.double(1)
        assert caught.value.verdict == verdict
        messages.add(caught.value.message)
    assert len(messages) == 1
    assert subject.workers() == 2
    assert subject.take_output().count("loading") == source.count(b"'loading'")


def test_two_timeouts_are_proof_of_an_endless_loop_in_that_function_alone(made):
    subject = made(call_seconds=0.3)
    for _ in range(2):
        with pytest.raises(TimedOut, match=r"`sleep` did not finish within 0\.3 seconds"):
            subject.sleep(30)
    assert subject.workers() == 2
    with pytest.raises(TimedOut, match="`sleep` did not finish in time twice"):
        subject.sleep(30)
    assert subject.workers() == 2
    assert subject.double(4) == 8


def test_one_timeout_does_not(made):
    subject = made(call_seconds=0.3)
    with pytest.raises(TimedOut):
        subject.sleep(30)
    assert subject.double(4) == 8


def test_a_check_may_give_its_calls_more_time(made):
    subject = made(call_seconds=0.2)
    subject.begin("patient", 5.0)
    assert subject.sleep(0.4) == 0.4
    subject.begin("hasty", None)
    with pytest.raises(TimedOut, match=r"within 0\.2 seconds"):
        subject.sleep(0.4)


def test_the_budget_of_the_part_ends_it(made):
    subject = made(part_seconds=0.5)
    subject.sleep(0.6)  # a call that is running is not cut short
    with pytest.raises(TimedOut, match=r"this part's 0\.5 seconds are used up"):
        subject.double(1)


def test_the_time_that_a_sandbox_takes_to_start_is_not_the_students(made):
    subject = made(part_seconds=0.5)
    subject._slot.slow = 0.7
    assert subject.double(1) == 2
    assert subject.double(2) == 4


def test_a_cap_holds_whatever_the_part_and_its_checks_allow(made):
    subject = made(cap=Cap(call_seconds=0.3, part_seconds=90.0), part_seconds=900.0)
    subject.begin("patient", 60.0)
    with pytest.raises(TimedOut, match=r"within 0\.3 seconds"):
        subject.sleep(30)
    subject.double(1)
    subject._spent = 90.1
    with pytest.raises(TimedOut, match=r"this part's 90 seconds are used up"):
        subject.double(1)
    assert made(call_seconds=0.4, cap=Cap(call_seconds=9.0, part_seconds=90.0)).turn.call_seconds == 0.4
    assert made(call_seconds=0.4, cap=Cap(memory_mb=64)).turn.call_seconds == 0.4, "what a cap leaves out stays"
    assert Cap(memory_mb=64).on(Limits()) == Limits(memory_mb=64)
    assert Cap(memory_mb=9999).on(Limits()) == Limits()


def test_every_call_is_seeded_from_run_part_check_and_place(made):
    def draws(check="check", **fields):
        subject = made(**fields)
        subject.begin(check, None)
        values = [subject.draw() for _ in range(2)]
        return values, [call.seed for call in subject.turn.calls]

    values, seeds = draws()
    assert seeds == [derived_seed(1, "lab1/thing", "check", place) for place in (1, 2)]
    assert values[0] != values[1]
    assert all(len(set(value)) == 3 for value in values)
    assert draws() == (values, seeds)
    others = [draws(seed=2), draws(identity="lab1/other"), draws(check="another")]
    firsts = [values[0], *(other[0][0] for other in others)]
    for generator in range(3):  # random, numpy and torch alike
        assert len({first[generator] for first in firsts}) == 4


def test_once_the_machine_was_too_busy_nothing_more_is_asked_of_it(made, monkeypatch):
    subject = made()

    def too_busy(*_, **__):
        raise Starved("The machine was too busy.")

    with monkeypatch.context() as busy:
        busy.setattr(Calls, "call", too_busy)
        with pytest.raises(Starved):
            subject.double(1)
    for ask in (subject.count, lambda: subject.constant("COUNT")):
        with pytest.raises(Starved, match="too busy"):
            ask()


def test_a_part_that_could_not_be_loaded_on_a_busy_machine_is_not_loaded_in_part(made, monkeypatch):
    subject = made()

    def too_busy(*_, **__):
        raise Starved("The machine was too busy.")

    monkeypatch.setattr(Calls, "load", too_busy)
    with pytest.raises(Starved):
        subject.double(1)
    assert subject.workers() == 1
    assert subject.code.notices == ()


def test_a_derived_seed_is_the_same_on_every_machine():
    digest = hashlib.sha256(b"1/lab1/thing/check/2").digest()
    assert derived_seed(1, "lab1/thing", "check", 2) == int.from_bytes(digest[:4], "big") == 639354206
    assert derived_seed(1, 23) != derived_seed(12, 3)
    assert derived_seed(1, bits=63) == int.from_bytes(hashlib.sha256(b"1").digest()[:8], "big") >> 1


def test_observe_shows_the_arguments_as_the_call_left_them(made):
    subject = made()
    x = torch.zeros(2)
    answer = subject.observe("add_one_", x, echo=True)
    assert answer.value is None
    assert torch.equal(answer.arguments[0], torch.ones(2))
    assert torch.equal(x, torch.zeros(2)), "ours is not theirs"
    assert subject.observe("double", x).arguments is None


def test_calls_are_remembered_with_how_they_ended(made):
    subject = made()
    subject.double(3)
    with pytest.raises(Crashed):
        subject.fail(x=1)
    first, second = subject.turn.calls
    assert (first.entry_point, first.args, first.kwargs, first.outcome) == ("double", (3,), {}, 6)
    assert (second.entry_point, second.kwargs) == ("fail", {"x": 1})
    assert isinstance(second.outcome, Crashed)
    assert first.seconds > 0
    subject.begin("next", None)
    assert subject.turn.calls == []


def test_answers_are_remembered_while_they_fit(made, monkeypatch):
    monkeypatch.setattr("grader.grading.call_log._MOST_BYTES", 5000)
    subject = made()
    for size in (300, 300, 10):  # of four bytes each, and 600 for the tensor itself
        assert subject.double(torch.ones(size)).shape == (size,), "the check gets its answer all the same"
    first, second, third = (call.outcome for call in subject.turn.calls)
    assert first.shape == (300,)
    assert isinstance(second, Forgotten)
    assert third.shape == (10,)


def test_arguments_are_remembered_while_they_fit_and_what_is_asked_again_takes_no_more_room(made, monkeypatch):
    monkeypatch.setattr("grader.grading.call_log._MOST_BYTES", 5000)
    subject = made()
    x, y = torch.ones(200), torch.ones(600)  # of four bytes each
    for argument in (x, x, y, x[:50], x):
        subject.double(argument)
    with pytest.raises(Crashed):
        subject.fail(y)
    kept = [call.args[0] for call in subject.turn.calls]
    assert [value is x for value in kept] == [True, True, False, False, True, False]
    assert [type(value) for value in kept] == [*[torch.Tensor] * 2, Forgotten, *[torch.Tensor] * 2, Forgotten]


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (torch.ones(10), 640),
        (torch.ones(10)[:1].expand(7), 640),
        (torch.ones(0), 600),
        (np.ones(3), 24),
        (b"12345", 5),
        ("12345", 54),
        (7, 0),
        ([1, 2, 3], 96),
        ([torch.ones(10)] * 2, 704),
        ({"a": (torch.ones(10),)}, 64 + 50 + 32 + 640),
    ],
)
def test_the_size_of_a_value_is_that_of_all_it_holds(value, size):
    assert size_of(value) == size


def test_the_size_of_a_table_is_that_of_its_columns():
    assert size_of(pd.DataFrame({"a": np.zeros(1000)})) >= 8000


def test_a_module_stays_in_the_worker_and_can_be_called_read_and_passed_back(made):
    subject = made()
    layer = subject.layer()
    assert isinstance(layer, Remote)
    assert subject.apply(layer, torch.ones(5, 3)).shape == (5, 2)
    assert subject.read(layer, "in_features") == 3
    assert subject.shape_of(layer) == [2, 3]
    with pytest.raises(Crashed):
        subject.leave()
    other = subject.layer()  # has the same number in the fresh worker
    for stale in (
        lambda: subject.apply(layer, torch.ones(5, 3)),
        lambda: subject.read(layer, "in_features"),
        lambda: subject.shape_of(layer),
        lambda: subject.double([layer]),
    ):
        with pytest.raises(Crashed, match="process that held this value has ended"):
            stale()
    assert subject.shape_of(other) == [2, 3]


def test_what_one_check_left_in_the_worker_is_let_go_when_the_next_begins(made):
    source = b"""
import torch, weakref
LIVING = weakref.WeakSet()
def layer():
    LIVING.add(made := torch.nn.Linear(3, 2))
    return made
def living():
    return len(LIVING)
"""
    subject = made(source=source, names=("layer", "living"))
    old = [subject.layer(), subject.layer()]
    assert subject.living() == 2
    subject.begin("another", None)
    assert subject.living() == 0
    new = subject.layer()  # has the number that an old one had
    with pytest.raises(Crashed, match="or has dropped it"):
        subject.read(old[0], "in_features")
    assert subject.read(new, "in_features") == 3
    assert subject.workers() == 1


@pytest.mark.timeout(120)
def test_an_end_that_takes_its_time_is_cut_short_and_counted(made, monkeypatch):
    monkeypatch.setattr("grader.grading.student_part._FORGET_SECONDS", 0.3)
    source = b"""
import time
class Slow:
    def __del__(self): time.sleep(600)
def layer():
    return Slow()
def double(x):
    return 2 * x
"""
    subject = made(source, names=("layer", "double"))
    for place, check in enumerate(("one", "two", "three"), start=1):
        subject.layer()
        spent = subject._spent
        subject.begin(check, 60.0)
        assert subject._spent - spent >= 0.3
        assert subject.workers() == place
    assert subject.double(1) == 2
    assert subject.workers() == 4


def test_a_check_takes_no_longer_than_its_part_and_one_more_call(made):
    subject = made(part_seconds=7.0, call_seconds=2.0, load_seconds=1.0)
    capped = made(part_seconds=7.0, cap=Cap(call_seconds=1.0, part_seconds=3.0))
    longest = [subject.longest(None), subject.longest(30.0), capped.longest(30.0)]
    assert longest == [MOST_PATIENCE * s for s in (7 + 5 + 2 * 1 + 2, 7 + 5 + 2 * 1 + 30, 3 + 5 + 2 * 20 + 1)]


@pytest.mark.parametrize(
    ("value", "words"), [(None, "returns None, exp"), ([0.5], "returns a list, expected a module")]
)
def test_what_is_no_module_is_the_students_mistake(made, value, words):
    subject = made()
    for use in (lambda: subject.apply(value, torch.ones(5, 3)), lambda: subject.read(value, "losses")):
        with pytest.raises(Mismatch, match=words):
            use()


def test_output_is_taken_once_and_outlives_the_worker(made):
    subject = made()
    subject.double(1)
    assert subject.take_output() == "loaded\n"
    assert subject.take_output() == ""
    subject.observe("add_one_", torch.zeros(1))
    subject.close()
    assert subject.take_output() == "adding\n"
    assert not subject.truncated


def test_too_much_output_is_cut_and_said(made):
    subject = made(b"def double(x):\n    print('x' * 200_000, 'end')\n    return x\n", names=("double",))
    assert subject.double(1) == 1
    printed = subject.take_output()
    assert printed.startswith("xxx")
    assert printed.endswith("xxx end\n")
    assert "bytes left out" in printed
    assert len(printed) <= 64 << 10
    assert subject.truncated


def test_limits_of_the_part_are_the_workers_own():
    limits = worker_limits(Limits(cpu_seconds=3, memory_mb=5, processes=7, file_mb=11, reply_mb=13))
    assert (limits.cpu_seconds, limits.processes) == (3, 7)
    assert (limits.memory_bytes, limits.file_bytes, limits.reply_bytes) == (5 << 20, 11 << 20, 13 << 20)


def test_a_call_that_fails_is_not_charged_with_loading_the_file(made):
    """Or the first failure of a slow file would count as too slow to be compared with known mistakes."""
    subject = made(b"import time\n\ntime.sleep(3)\n" + SOURCE)
    with pytest.raises(Crashed):
        subject.fail(1)
    (call,) = subject.turn.calls
    assert call.seconds < 3
