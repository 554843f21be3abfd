"""`grader.sandbox`: one contract for every level, and what the levels with a process stop.

Each test here is a student's file, good or hostile. After every hostile one the same slot must serve the next student,
who sees nothing of it.
"""

import ast
import collections
import contextlib
import itertools
import json
import os
import re
import signal
import struct
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.datasets.weights import stand_in_home
from grader.errors import CheckFailure, Crashed, NotImplementedYet, OutOfMemory, SandboxError, TimedOut
from grader.running.devices import nvidia_devices
from grader.sandbox import bubblewrap as bubblewrap_level
from grader.sandbox import forked_worker, process, system_calls, walls
from grader.sandbox.calls import Answer, Calls, Remote
from grader.sandbox.environment import folders_without_python
from grader.sandbox.levels import LEVELS, choose, open_slot
from grader.sandbox.slot import Slot, SlotSettings
from grader.worker import wire
from grader.worker.limits import WorkerLimits
from grader.worker.process_table import descendants

COURSE = Path(__file__).resolve().parents[1]
WALLED = ("bubblewrap", "process")
LIMITS = WorkerLimits(cpu_seconds=20, memory_bytes=300 << 20, processes=12, file_bytes=4 << 20, reply_bytes=4 << 20)
SHORT = 0.4  # seconds: a deadline that is meant to pass
PATIENCE = 3.0  # seconds: nothing may take that much longer than its deadline, on a busy machine

Slots = Callable[[str], Slot]


@pytest.fixture(scope="module")
def slots() -> Iterator[Slots]:
    """One warm slot of each level for the whole file."""
    opened: dict[str, Slot] = {}

    def slot(level: str) -> Slot:
        if reason := LEVELS[level].obstacle():
            pytest.skip(reason)
        if level not in opened:
            settings = SlotSettings(preload=("torch",), hidden=folders_without_python(COURSE))
            opened[level] = open_slot(level, settings)
        return opened[level]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_SECRET", "of the instructor")
        yield slot
        for one in opened.values():
            one.close()


@pytest.fixture(params=list(LEVELS))
def slot(request: pytest.FixtureRequest, slots: Slots) -> Slot:
    return slots(request.param)


@pytest.fixture(params=WALLED)
def walled(request: pytest.FixtureRequest, slots: Slots) -> Iterator[Slot]:
    """A slot whose workers are processes; whatever the test did in it, the next student is served and sees nothing."""
    one = slots(request.param)
    yield one
    assert_serves_the_next(one)


@pytest.fixture(params=WALLED)
def walled_to_the_end(request: pytest.FixtureRequest, slots: Slots) -> Slot:
    return slots(request.param)


@pytest.fixture
def bubblewrap(slots: Slots) -> Slot:
    return slots("bubblewrap")


@dataclass
class Student:
    """A student's file, loaded."""

    calls: Calls
    found: dict[str, str]

    def answer(
        self, name: str | Remote, *args: Any, seconds: float = 10.0, seed: int = 0, echo: bool = False
    ) -> Answer:
        return self.calls.call(name, args, {}, seed=seed, seconds=seconds, echo=echo)

    def __call__(self, name: str | Remote, *args: Any, seconds: float = 10.0, seed: int = 0) -> Any:
        return self.answer(name, *args, seconds=seconds, seed=seed).value


@contextlib.contextmanager
def student(
    slot: Slot,
    source: str | bytes,
    files: Mapping[str, bytes] | None = None,
    *,
    module: str = "part.py",
    aliases: Mapping[str, list[str]] | None = None,
    limits: WorkerLimits = LIMITS,
    seconds: float = 10.0,
) -> Iterator[Student]:
    text = source if isinstance(source, bytes) else textwrap.dedent(source).encode()
    calls = Calls(slot, limits)
    try:
        names = aliases or dict.fromkeys(functions_in(text), ())
        found = calls.load({module: text} | dict(files or {}), module, names, seed=0, seconds=seconds)
        yield Student(calls, found)
    finally:
        calls.close()


def functions_in(text: bytes) -> list[str]:
    try:
        return [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    except (SyntaxError, ValueError):  # ValueError: NUL bytes, before Python 3.11.4
        return []


def fails(
    slot: Slot, source: str | bytes, *args: Any, limits: WorkerLimits = LIMITS, seconds: float = 10.0
) -> CheckFailure:
    """The failure that loading ``source`` and calling its ``f`` ends in."""
    with pytest.raises(CheckFailure) as caught, student(slot, source, limits=limits, seconds=seconds) as s:
        s("f", *args, seconds=seconds)
    return caught.value


ZYGOTES = {"bubblewrap": 2, "process": 1}  # processes of a slot without a worker: bwrap itself, the zygote

LOOK_AROUND = """
    import os

    def around():
        home = os.environ["HOME"]
        here = sorted(os.listdir(home))
        shared = os.listdir("/dev/shm") if home == "/scratch" else []
        alive = sorted(int(name) for name in os.listdir("/proc") if name.isdecimal()) if home == "/scratch" else []
        return here, shared, alive, os.getpid(), sorted(os.listdir())
"""


def assert_serves_the_next(slot: Slot) -> None:
    with student(slot, LOOK_AROUND) as s:
        here, shared, alive, me, beside = s("around")
        assert beside == ["part.py"]
        assert here == ["submission"]
        assert shared == []
        assert alive in ([], [1, me])
        assert len(processes_of(slot)) == ZYGOTES[slot.level] + 1


def processes_of(slot: Any) -> list[int]:
    """What lives in a slot, seen from outside: the first process, and all below it that are no zombies."""
    top = slot._zygote._process.pid
    return [pid for pid in (top, *descendants(top)) if state(pid) not in ("Z", "")]


def wait_until_gone(pids: list[int]) -> None:
    """The kernel ends a namespace a moment after its first process."""
    deadline = time.monotonic() + 10
    while alive := [pid for pid in pids if state(pid) not in ("Z", "")]:
        assert time.monotonic() < deadline, f"still alive: {alive}"
        time.sleep(0.01)


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


# -- every level -----------------------------------------------------------------------------------------------------


def test_a_function_is_called_with_values_and_gives_values(slot):
    with student(slot, "def f(x, n): return x * n, {'n': n}") as s:
        product, named = s("f", torch.arange(3.0), 2)
        assert torch.equal(product, torch.tensor([0.0, 2.0, 4.0]))
        assert named == {"n": 2}


def test_entry_points_bind_by_name_or_alias(slot):
    source = """
        def scores(Q, K=None): return "alias"
        def best(S, user): return "name"
        def favourite(S): return "never: the name itself is there"
        limit = 3
    """
    wanted = {"score_matrix": ["nobody", "scores"], "best": ["favourite"], "absent": ["neither"], "limit": []}
    with student(slot, source, aliases=wanted) as s:
        assert s.found == {"score_matrix": "scores", "best": "best", "limit": "limit"}
        assert s("score_matrix", 1) == "alias"
        assert s("best", 1, 2) == "name"
        with pytest.raises(Crashed, match="`limit` could not be called"):
            s("limit")


def test_a_module_stays_behind_and_can_be_called_read_and_passed_back(slot):
    source = """
        import torch
        def make(): return torch.nn.Linear(2, 3)
        def count(model): return sum(p.numel() for p in model.parameters()), type(model).__name__
        def same(pair): return pair[0] is pair[1]["model"]
    """
    with student(slot, source) as s:
        model = s("make")
        assert isinstance(model, Remote)
        assert model.type_name == "torch.nn.modules.linear.Linear"
        weight, bias = (s.calls.read(model, name, seconds=5) for name in ("weight", "bias"))
        assert (weight.shape, s.calls.read(model, "in_features", seconds=5)) == ((3, 2), 2)
        x = torch.tensor([[1.0, -2.0]])
        assert torch.allclose(s(model, x), x @ weight.T + bias)
        assert s("count", model) == (9, "Linear")
        assert s("same", [model, {"model": model}]) is True
        with pytest.raises(Crashed, match="AttributeError"):
            s.calls.read(model, "no_such_thing", seconds=5)
        with pytest.raises(Crashed, match=r"Linear"):
            s(model, "text")
        assert s("count", model) == (9, "Linear")


def test_a_namedtuple_of_the_students_own_is_theirs_again_when_it_comes_back(slot):
    code = """
        from typing import NamedTuple
        class Model(NamedTuple):
            mu: float
            losses: list
        def fit(): return Model(2.5, [3.0, 1.0])
        def best(model): return isinstance(model, Model), model._replace(mu=0.0).losses.index(1.0), model.mu
        def other(point): return point.x + point._asdict()["y"]
    """
    with student(slot, code) as s:
        model = s("fit")
        assert (model.mu, model.losses) == (2.5, [3.0, 1.0])
        assert s("best", model) == (True, 1, 2.5)
        assert s("other", collections.namedtuple("Point", "x y")(1, 2)) == 3  # noqa: PYI024


def test_a_constant_of_the_module_can_be_read(slot):
    with student(slot, 'STRATEGY = "cosine"\ndef f(): pass\n') as s:
        assert s.calls.constant("STRATEGY", seconds=10) == "cosine"
        assert s.calls.constant("STRATEGIES", seconds=10) is None


def test_a_file_that_the_code_wrote_can_be_read(slot):
    code = """
        from pathlib import Path
        def plot(path): Path(path).write_bytes(b"PNG" * 3)
    """
    with student(slot, code) as s:
        assert s.calls.file("loss.png", seconds=10) is None
        s("plot", "loss.png")
        assert s.calls.file("loss.png", seconds=10) == b"PNG" * 3
        assert s.calls.file(".", seconds=10) is None


def test_cuda_is_left_for_the_student_to_start(walled):
    """A CUDA context does not survive a fork: a worker whose zygote had one could use no GPU at all."""
    with student(walled, "import torch\ndef f(): return torch.cuda.is_initialized()\n") as s:
        assert s("f") is False


@pytest.mark.skipif(bool(nvidia_devices()), reason="there is a GPU here")
@pytest.mark.parametrize(
    "code", ["torch.ones(2).cuda()", "torch.ones(2, device='cuda')", "torch.nn.Linear(2, 2).cuda()"]
)
def test_code_that_insists_on_a_gpu_is_told_to_use_the_device_it_is_given(slot, code):
    failure = fails(slot, f"import torch\ndef f(): return {code}\n")
    assert type(failure) is Crashed
    assert "asked for a GPU" in failure.message
    assert "the device you are given" in failure.message


def test_gpu_memory_that_is_not_there_is_said_in_other_words_than_memory(slot):
    code = "import torch\ndef f(): raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 TiB.')\n"
    failure = fails(slot, code)
    assert type(failure) is OutOfMemory
    assert "more GPU memory" in failure.message
    assert "smaller batches" in failure.message
    assert "2.00 TiB" in failure.detail


def test_a_value_that_stayed_in_an_ended_worker_cannot_be_passed_to_the_next(slot):
    with student(slot, "def f(x=None): return object()") as s:
        left = s("f")
    with student(slot, "def f(x=None): return object()") as s:
        s("f")
        with pytest.raises(Crashed, match="has ended"):
            s("f", [left])
        with pytest.raises(Crashed, match="has ended"):
            s(left)
        with pytest.raises(Crashed, match="has ended"):
            s.calls.read(left, "__doc__", seconds=5)


def test_what_a_student_made_to_look_equal_to_everything_is_only_a_name_here(slot):
    source = """
        import torch
        class Any:
            def __eq__(self, other): return True
            def __bool__(self): return True
        class Tensor(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None): return True
        def any(): return Any()
        def tensor(): return torch.ones(2).as_subclass(Tensor)
        def listed(): return [1, Any()]
    """
    with student(slot, source) as s:
        for name in ("any", "tensor"):
            value = s(name)
            assert type(value) is Remote
            assert value not in (1, "x", None)
        assert s("listed") != [1, 2]


def test_arguments_come_back_as_the_call_left_them_when_asked_for(slot):
    with student(slot, "def f(x, items): x += 1; items.append(3); return 0") as s:
        x = torch.zeros(2)
        answer = s.answer("f", x, [1], echo=True)
        assert answer.arguments is not None
        assert torch.equal(answer.arguments[0], torch.ones(2))
        assert answer.arguments[1] == [1, 3]
        assert torch.equal(x, torch.zeros(2))
        assert s.answer("f", x, [1]).arguments is None


def test_a_seed_makes_a_call_repeatable_and_another_seed_another_call(slot):
    source = """
        import random, numpy, torch
        def draw(): return [torch.rand(3).tolist(), numpy.random.rand(3).tolist(), random.random()]
    """
    draws = []
    for _ in range(2):
        with student(slot, source) as s:
            draws += [s("draw", seed=7), s("draw", seed=2**32 - 1), s("draw", seed=7)]
    first, other = draws[:2]
    assert draws == [first, other, first] * 2
    assert all(one != two for one, two in zip(first, other, strict=True))


def test_code_that_draws_while_it_is_loaded_draws_the_same_each_time(slot):
    drawn = []
    for _ in range(2):
        with student(slot, "import torch\nstart = torch.rand(3)\ndef f(): return start") as s:
            drawn.append(s("f", seed=5).tolist())
    assert drawn[0] == drawn[1]


def test_sibling_modules_and_files_are_found_and_never_the_previous_students(slot):
    source = """
        import pathlib
        import package.deep
        from sibling import word
        def f(): return word, package.deep.n, pathlib.Path("a.txt").read_text()
    """
    for word in ("first", "second"):
        files = {
            "work/sibling.py": f"word = {word!r}".encode(),
            "work/package/__init__.py": b"",
            "work/package/deep.py": f"n = {len(word)}".encode(),
            "work/a.txt": word.encode(),
        }
        with student(slot, source, files, module="work/part.py") as s:
            assert s("f") == (word, len(word), word)


def test_modules_above_a_folder_are_found_too(slot):
    with student(slot, "import above\ndef f(): return above.n", {"above.py": b"n = 4"}, module="sub/part.py") as s:
        assert s("f") == 4


def test_a_stray_file_never_stands_in_for_the_real_module(slot):
    source = """
        import colorsys, random, sqlite3, torch
        def f(): return [hasattr(m, "fake") for m in (colorsys, random, sqlite3, torch)], float(torch.ones(1))
    """
    stray = {f"{name}.py": b"fake = 1" for name in ("colorsys", "random", "sqlite3", "torch", "numpy", "wire", "child")}
    with student(slot, source, stray) as s:
        assert s("f") == ([False] * 4, 1.0)


def test_the_file_of_a_part_may_have_any_name(slot):
    for module in ("my part (1).py", "part.copy.py", "1.py", "ünï.py", "class.py", "torch.py"):
        with student(slot, "import torch\ndef f(): return torch.ones(1).item()", module=module) as s:
            assert s("f") == 1.0


def test_data_classes_pickling_and_main_guards_work_in_a_students_file(slot):
    source = """
        import copy, dataclasses, pickle
        @dataclasses.dataclass
        class Point:
            x: int
        def f(): return pickle.loads(pickle.dumps(Point(3))).x, copy.deepcopy(Point(4)).x
        if __name__ == "__main__":
            raise SystemExit("not when graded")
    """
    with student(slot, source) as s:
        assert s("f") == (3, 4)


def test_what_is_printed_is_kept_in_the_order_it_came(slot):
    source = """
        import sys
        print("loading")
        def f():
            print("one ü")
            print("two", file=sys.stderr)
            print("three \\ud800", end="")
            return 1
    """
    with student(slot, source) as s:
        s("f")
        s("f")
        text, truncated = s.calls.output
        assert text.startswith("loading\none ü\ntwo\nthree")
        assert text.count("two") == 2
        assert not truncated


def test_what_is_printed_before_an_exception_is_kept(slot):
    with student(slot, "def f():\n print('before')\n raise ValueError('x')") as s:
        with pytest.raises(Crashed):
            s("f")
        assert s.calls.output[0] == "before\n"


def test_output_is_capped_from_its_beginning(slot):
    with student(slot, "def f():\n print('start')\n print('x' * 1000000)\n return 5") as s:
        assert s("f") == 5
        text, truncated = s.calls.output
        assert text.startswith("start\nxxx")
        assert len(text) == 64 << 10
        assert truncated


def test_an_exception_shows_the_students_own_lines_and_only_theirs(slot):
    source = textwrap.dedent("""\
        import torch
        from helper import multiply

        def f(x):
            y = x + 1
            return multiply(y)
    """)
    helper = b"def multiply(y):\n    # a comment\n    return y @ y\n"
    with student(slot, source, {"helper.py": helper}) as s:
        with pytest.raises(Crashed, match=r"^`f` raised RuntimeError\.$") as caught:
            s("f", torch.ones(2, 3))
        assert "cannot be multiplied" in caught.value.detail
        assert s("f", torch.ones(2, 2)).sum() == 32
    lines = [line.strip() for line in caught.value.traceback.splitlines()]
    assert lines[0] == "Traceback (most recent call last):"
    assert [line for line in lines if line.startswith("File")] == [
        'File "part.py", line 6, in f',
        'File "helper.py", line 3, in multiply',
    ]
    assert "return multiply(y)" in lines
    assert lines[-1].startswith("RuntimeError: ")


def test_the_text_of_an_exception_is_no_message_for_it_may_hold_hidden_inputs(slot):
    failure = fails(slot, "def f(x): raise ValueError(f'I was given {x}')", 4242)
    assert failure.message == "`f` raised ValueError."
    assert "4242" in failure.detail


SAYINGS = {
    "text of an exception": "def f(): raise ValueError('LEAK')",
    "name of an exception": "def f(): raise type('LEAK', (Exception,), {})",
    "name of a builtin's child": "def f(): raise type('LEAK', (NotImplementedError,), {})('x')",
    "exit": "import sys\ndef f(): sys.exit('LEAK')",
    "syntax": "def f(): exec('LEAK is no Python')",
    "signature": "import functools\nf = functools.partial(lambda: 0, LEAK=1)\ndef g(): pass",
    "memory": "def f(): raise MemoryError('LEAK')",
    "a module that is missing": "def f(): import LEAK",
}


@pytest.mark.parametrize("saying", SAYINGS)
def test_what_a_student_says_is_never_in_the_message_for_it_may_hold_hidden_inputs(slot, saying):
    with pytest.raises(CheckFailure) as caught, student(slot, SAYINGS[saying], aliases={"f": []}) as s:
        s("f")
    assert "LEAK" not in caught.value.message
    assert "LEAK" in caught.value.detail + caught.value.traceback or saying == "exit"


def test_what_a_student_calls_a_type_is_never_in_the_message(slot):
    source = """
        import torch
        class Net(torch.nn.Module):
            def forward(self, x): raise ValueError
        Net.__module__, Net.__qualname__ = "torch.nn", "LEAK"
        def f(): return Net()
    """
    with student(slot, source) as s:
        net = s("f")
        assert (net.type_name, net.words) == ("torch.nn.LEAK", "an object of another class")
        with pytest.raises(Crashed, match="An object of another class raised ValueError"):
            s(net, 1)


def test_a_chained_or_endless_or_strange_exception_is_still_a_short_sentence(slot):
    endless = fails(slot, "def f(): return f()")
    assert endless.message == "`f` raised RecursionError."
    assert endless.traceback.count("File") <= 12
    chained = fails(slot, "def f():\n try: 1/0\n except ZeroDivisionError as e: raise KeyError('k') from e")
    assert chained.message == "`f` raised KeyError."
    unprintable = "class E(Exception):\n def __str__(self): raise RuntimeError\ndef f(): raise E()"
    assert fails(slot, unprintable).message == "`f` raised an exception."
    long = fails(slot, "def f(): raise ValueError('x' * 10**6)")
    assert len(long.detail) <= 2000
    assert len(long.traceback) <= 8000
    group = fails(slot, "def f(): raise ExceptionGroup('several', [ValueError(1)])")
    assert group.message == "`f` raised ExceptionGroup."


def test_a_stub_is_not_implemented_and_the_next_function_still_runs(slot):
    with student(slot, "def f(x): raise NotImplementedError\ndef g(x): return x") as s:
        with pytest.raises(NotImplementedYet, match="`f` is not written yet"):
            s("f", 1)
        assert s("g", 2) == 2


def test_what_torch_has_not_implemented_is_the_students_crash(slot):
    failure = fails(slot, "import torch\ndef f(): return torch.rand(2, dtype=torch.int64)")
    assert type(failure) is Crashed
    assert failure.message == "`f` raised NotImplementedError."


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def f(x):\n    return x +\n", "line 2"),
        ("def f(x):\nreturn x\n", "line 2"),
        ("def f(x):\n    return (x\n", "line 2"),
        ("x = '\n", "line 1"),
    ],
)
def test_a_file_that_is_not_python_says_which_line(slot, source, line):
    failure = fails(slot, source)
    assert failure.message == "Your file is not valid Python, so nothing in it could run."
    assert failure.detail
    assert line in failure.traceback
    assert 'File "part.py"' in failure.traceback


@pytest.mark.parametrize("source", [b"def f(): return 'caf\xe9'\n", "def f(): return 1".encode("utf-16"), b"x = 1\0\n"])
def test_a_file_in_a_wrong_encoding_is_a_crash_with_a_sentence(slot, source):
    failure = fails(slot, source)
    assert isinstance(failure, Crashed)
    assert failure.message.startswith("Your file is not valid Python")


def test_a_declared_encoding_and_a_byte_order_mark_are_fine(slot):
    for source in (
        "# -*- coding: latin-1 -*-\ndef f(): return 'é'\n".encode("latin-1"),
        b"\xef\xbb\xbfdef f(): return '\xc3\xa9'",
    ):
        with student(slot, source, aliases={"f": []}) as s:
            assert s("f") == "é"


def test_a_module_that_is_not_there_is_named(slot):
    failure = fails(slot, "import torch\nimport seaborn_of_mine\ndef f(): pass")
    assert failure.message == "Loading part.py raised ModuleNotFoundError."
    assert "seaborn_of_mine" in failure.detail
    assert 'File "part.py", line 2' in failure.traceback


def test_an_exception_while_loading_names_the_file_as_the_student_wrote_it(slot):
    with pytest.raises(Crashed, match=r"^Loading My_File\.py raised ZeroDivisionError\.$"):  # noqa: SIM117
        with student(slot, "1 / 0", module="My_File.py"):
            pass


def test_a_wrong_number_of_parameters_is_said_in_pythons_words(slot):
    failure = fails(slot, "def f(a): return a", 1, 2)
    assert isinstance(failure, Crashed)
    assert failure.message == "`f` could not be called with the assignment's arguments."
    assert "takes 1 positional argument but 2 were given" in failure.detail
    # the student's own mistaken call is their exception
    assert fails(slot, "def g(): pass\ndef f(a): return g(a)", 1).message == "`f` raised TypeError."


@pytest.mark.parametrize(
    "value",
    ["torch.zeros(2_000_000)", "b'x' * 5_000_000", "'x' * 9_000_000", "list(range(1_000_000))", "10 ** 5000"],
)
def test_an_answer_that_is_too_large_is_a_crash_and_the_worker_lives(slot, value):
    with student(slot, f"import torch\ndef f(): return {value}\ndef g(): return 1") as s:
        with pytest.raises(Crashed, match="`f`: the value is too large to hand back"):
            s("f")
        assert s("g") == 1


def test_what_is_too_large_to_be_handed_back_is_a_crash_and_no_fault_of_ours(slot):
    source = """
        def make(n): return [0] * n
        def nest(n):
            value = []
            for _ in range(n): value = [value]
            return value
        def take(value): return len(value)
    """
    with student(slot, source) as s:
        assert s("take", s("make", 1000)) == 1000
        for name, size in (("make", 200_001), ("make", 199_999), ("nest", 32)):
            value = s(name, size)
            with pytest.raises(Crashed, match="too large, or too deeply nested, to be handed to it again"):
                s("take", value)
        assert s("take", [1, 2]) == 2


def test_leaving_the_program_is_a_crash_that_says_what_to_do_instead(slot):
    with student(
        slot, "import sys\ndef f(how): how = sys.exit(how)\ndef g(): return 1\ndef k(): raise KeyboardInterrupt"
    ) as s:
        for status in (0, 1, None, "bye"):
            with pytest.raises(Crashed, match=r"`f` called exit\(\)\. Return a value instead"):
                s("f", status)
        with pytest.raises(Crashed, match=r"`k` raised KeyboardInterrupt\."):
            s("k")
        assert s("g") == 1
    assert "called exit()" in fails(slot, "exit()").message


# -- levels with a process -------------------------------------------------------------------------------------------

LOOPS = {
    "sleep": "import time\ndef f(): time.sleep(1000)",
    "busy": "def f():\n while True: pass",
    "swallows": """
        def f():
            while True:
                try:
                    while True: pass
                except BaseException: pass
    """,
    "ignores signals": """
        import signal
        def f():
            for number in range(1, 65):
                try: signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError): pass
            while True: pass
    """,
    "stops itself": "import os, signal\ndef f(): os.kill(os.getpid(), signal.SIGSTOP)",
    "while it loads": "while True: pass",
    "inside C": "import torch\ndef f():\n x = torch.rand(1500, 1500)\n while True: x = x @ x",
    "prints": "def f():\n while True: print('x' * 1000)",
    "prints from processes": """
        import os
        def f():
            for _ in range(3): os.fork()
            while True: os.write(1, b"x" * 65536)
    """,
    "in a finaliser": """
        class Stay:
            def __eq__(self, other): return True
            def __reduce__(self): raise ValueError
        class Meta(type):
            @property
            def __module__(cls):
                while True: pass
        class Slow(metaclass=Meta): pass
        def f(): return Slow()
    """,
}


@pytest.mark.parametrize("loop", LOOPS)
def test_what_never_ends_is_stopped_at_the_deadline(walled, loop):
    started = time.monotonic()
    failure = fails(walled, LOOPS[loop], seconds=SHORT)
    assert isinstance(failure, TimedOut), failure.message
    assert f"did not finish within {SHORT} seconds and was stopped" in failure.message
    assert time.monotonic() - started < SHORT + PATIENCE


@pytest.mark.timeout(60)
def test_a_process_that_reads_no_more_cannot_hold_up_a_large_argument(walled):
    source = """
        import os, signal, threading, time
        def f(x):
            threading.Thread(target=lambda: (time.sleep(0.2), os.kill(os.getpid(), signal.SIGSTOP))).start()
    """
    with student(walled, source) as s:
        s("f", 1)
        time.sleep(0.4)
        with pytest.raises(TimedOut):
            s("f", torch.zeros(4 << 20), seconds=SHORT)


def test_cpu_time_is_limited_apart_from_the_deadline(walled):
    limits = WorkerLimits(cpu_seconds=0.1)
    failure = fails(walled, "def f():\n while True: pass", limits=limits, seconds=30)
    assert isinstance(failure, TimedOut)
    assert failure.message == "`f` used more than 0.1 seconds of CPU time and was stopped."


def test_each_call_has_its_own_cpu_time(walled):
    source = "import time\ndef f():\n end = time.process_time() + 0.5\n while time.process_time() < end: pass"
    with student(walled, source, limits=WorkerLimits(cpu_seconds=0.6)) as s:
        for _ in range(4):
            s("f")


HOGS = {
    "tensor": "import torch\ndef f(): return torch.ones(1 << 40).sum()",
    "tensors": "import torch\nkept = []\ndef f():\n while True: kept.append(torch.ones(1 << 22))",
    "bytes": "def f(): return len(bytearray(1 << 40))",
    "bytearrays": "kept = []\ndef f():\n while True: kept.append(bytearray(b'x') * (1 << 20))",
    "processes": """
        import os, time
        def f():
            for _ in range(4):
                if os.fork() == 0:
                    kept = bytearray(b"x") * (100 << 20)
                    time.sleep(60)
            time.sleep(60)
    """,
    "answer": "import torch\ndef f(): return torch.zeros(1).expand(1 << 40)",
}


@pytest.mark.parametrize("hog", HOGS)
def test_memory_is_limited(walled, hog):
    failure = fails(walled, HOGS[hog], seconds=20)
    assert isinstance(failure, OutOfMemory), failure.message
    assert failure.message.startswith("`f` ")
    assert "memory" in failure.message


def test_memory_that_belongs_to_no_process_is_denied(walled):
    """Once let go of, its pages are in nobody's count."""
    source = """
        import mmap, os
        def anonymous(): mmap.mmap(-1, 1 << 20)
        def nameless(): os.memfd_create("x")
        def private(): return len(mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    """
    with student(walled, source) as s:
        for question in ("anonymous", "nameless"):
            with pytest.raises(Crashed, match="PermissionError"):
                s(question)
        assert s("private") == 1 << 20


def test_a_fork_bomb_is_stopped_and_nothing_of_it_is_left(walled):
    source = """
        import os, time
        def f():
            made = 0
            try:
                while made < 400:
                    if os.fork() == 0: time.sleep(600)
                    made += 1
            except OSError: pass
            time.sleep(600)
    """
    failure = fails(walled, source, seconds=15)
    assert isinstance(failure, Crashed)
    assert "processes" in failure.message


def test_a_bomb_of_every_child_forking_is_stopped(walled):
    source = """
        import os, time
        def f():
            for _ in range(7):
                try: os.fork()
                except OSError: pass
            time.sleep(600)
    """
    assert "processes" in fails(walled, source, seconds=15).message


def test_a_fork_that_comes_back_out_of_the_call_does_not_answer_too(walled):
    with student(walled, "import os\ndef f():\n os.fork()\n return 7\ndef g(): return 8") as s:
        assert s("f") == 7
        time.sleep(0.2)
        assert s("g") == 8
        assert s("f") == 7


ENDINGS = {
    "os._exit(0)": (
        "import os\ndef f(): os._exit(0)",
        r"`f`: your code ended the whole Python process\..* exit status was 0",
    ),
    "os._exit(3)": ("import os\ndef f(): os._exit(3)", r"exit status was 3"),
    "while it loads": ("import os\nos._exit(0)", r"Loading part\.py: your code ended the whole Python process"),
    "kill": ("import os\ndef f(): os.kill(os.getpid(), 9)", r"`f`: .* ended by signal SIGKILL"),
    "segfault": ("import ctypes\ndef f(): ctypes.string_at(0)", r"ended by signal SIGSEGV"),
    "abort": ("import os\ndef f(): os.abort()", r"ended by signal SIGABRT"),
    "a signal without a name": ("import os\ndef f(): os.kill(os.getpid(), 40)", r"ended by signal 40"),
    "exec": ("import os\ndef f(): os.execv('/bin/true', ['true'])", r"exit status was 0"),
    "stack": ("import ctypes\ndef f(): ctypes.CDLL(None).raise_(0)", r"raised AttributeError"),
    "all below": ("import os, signal\ndef f(): os.killpg(0, signal.SIGKILL)", r"ended by signal SIGKILL"),
    "parent": ("import os, time\ndef f():\n os.close(3)\n time.sleep(60)", r"closed its connection"),
    "closes all": ("import os\ndef f(): os.closerange(0, 4096)", r"`f`: your code"),
    "closes all and stays": (
        "import os, time\ndef f():\n os.closerange(0, 4096)\n time.sleep(60)",
        r"closed its connection",
    ),
    "closes its end of writing": (
        "import socket\ndef f(): socket.socket(fileno=3).shutdown(socket.SHUT_WR)",
        r"`f`: your code",
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_process_that_ends_itself_is_a_crash_in_words(walled, ending):
    source, words = ENDINGS[ending]
    started = time.monotonic()
    failure = fails(walled, source, seconds=20)
    assert time.monotonic() - started < 5, "an end is noticed at once, not at the deadline"
    assert isinstance(failure, Crashed)
    assert re.search(words, f"{failure.message} {failure.detail}")


def test_a_process_that_the_kernel_killed_for_want_of_memory_is_no_students_crash(walled, monkeypatch):
    source = "import os, signal\ndef f(number): os.kill(os.getpid(), number)"
    kills = itertools.count()
    monkeypatch.setattr(forked_worker, "oom_kills", lambda: next(kills))
    with pytest.raises(SandboxError, match="the machine ran out of memory"):
        fails(walled, source, int(signal.SIGKILL))
    assert "ended by signal SIGTERM" in fails(walled, source, int(signal.SIGTERM)).message
    monkeypatch.setattr(forked_worker, "oom_kills", lambda: 7)
    assert "ended by signal SIGKILL" in fails(walled, source, int(signal.SIGKILL)).message


def test_what_the_kernel_tells_of_its_kills_is_read():
    told = dict(line.split() for line in Path("/proc/vmstat").read_text().splitlines())
    assert forked_worker.oom_kills() == int(told.get("oom_kill", 0))


def test_a_process_that_ends_between_two_calls_did_not_answer_before_it_was_asked(walled):
    source = """
        import os, threading, time
        def f(): threading.Thread(target=lambda: (time.sleep(0.1), os._exit(4)), daemon=True).start()
    """
    with student(walled, source) as s:
        s("f")
        time.sleep(0.4)
        with pytest.raises(Crashed, match="ended the whole Python process"):
            s("f")


def test_closing_only_its_output_harms_nobody(walled):
    with student(
        walled, "import os\ndef f():\n print('x')\n os.close(1)\n os.close(2)\n return 3\ndef g(): return 4"
    ) as s:
        assert s("f") == 3
        assert s("g") == 4
        assert s.calls.output == ("x\n", False)


def frame(header: Any, blob: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack(">4sIQ", b"mlg1", len(text), len(blob)) + text + blob


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


def test_a_hundred_megabytes_of_output_are_read_and_dropped(walled):
    with student(walled, "import sys\ndef f():\n for _ in range(100): print('x' * (1 << 20))\n return 9") as s:
        assert s("f", seconds=30) == 9
        text, truncated = s.calls.output
        assert (len(text), truncated) == (64 << 10, True)


def test_a_huge_file_is_refused_to_the_student_who_writes_it(walled):
    failure = fails(walled, "def f():\n with open('big', 'wb') as file: file.write(b'x' * (5 << 20))")
    assert failure.message == "`f` raised OSError."
    assert "File too large" in failure.detail


LEFTOVERS = {
    "files": "open('a', 'w').write('x'); open(home + '/b', 'w').write('x'); os.mkfifo(home + '/pipe')",
    "links": "os.symlink('/etc', home + '/etc'); os.symlink(home, home + '/loop'); os.symlink('nowhere', 'dangling')",
    "no permissions": "os.makedirs(home + '/no/way/in'); open(home + '/no/way/x', 'w'); "
    "os.chmod(home + '/no/way', 0); os.chmod(home + '/no', 0)",
    "odd names": "open(os.fsencode(home) + b'/\\xff\\n', 'w'); os.mkdir(home + '/-rf'); open('a' * 255, 'w')",
    "deep": "deep(250)",
    "many": "[open(f'{home}/{n}', 'w').close() for n in range(500)]",
    "own folder closed": "os.chmod(home, 0)",
    "shared memory": "shared('/dev/shm/left')",
    "sibling removed": "os.unlink('part.py')",
}


@pytest.mark.parametrize(("left", "ending"), [*((left, "return 1") for left in LEFTOVERS), ("files", "os._exit(0)")])
def test_the_next_student_finds_nothing_on_the_file_system(walled, left, ending):
    source = f"""
        import os
        home = os.environ["HOME"]
        def deep(levels):
            os.chdir(home)
            for _ in range(levels):
                os.mkdir("d" * 20)
                os.chdir("d" * 20)
        def shared(path):
            if home == "/scratch": open(path, "w").write("x")
        def f():
            {LEFTOVERS[left]}
            {ending}
    """
    with contextlib.suppress(Crashed), student(walled, source) as s:
        assert s("f") == 1
    assert_serves_the_next(walled)


@pytest.mark.parametrize("ending", ["return", "os._exit(0)"])
def test_a_daemon_does_not_outlive_its_student(walled, ending):
    source = f"""
        import os, signal, time
        def f():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    for number in range(1, 32):
                        try: signal.signal(number, signal.SIG_IGN)
                        except OSError: pass
                    os.closerange(0, 4096)
                    while True: time.sleep(1)
                os._exit(0)
            time.sleep(0.2)
            {ending}
    """
    with contextlib.suppress(Crashed), student(walled, source) as s:
        s("f")
        assert len(processes_of(walled)) == ZYGOTES[walled.level] + 2
    assert_serves_the_next(walled)


def test_a_process_that_forks_and_ends_for_ever_is_caught(walled):
    source = """
        import os
        def f():
            if os.fork() == 0:
                while True:
                    if os.fork(): os._exit(0)
            os._exit(0)
    """
    assert isinstance(fails(walled, source), Crashed)


def test_a_data_loader_with_workers_works(walled):
    source = """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        def f(x):
            batches = [b for (b,) in DataLoader(TensorDataset(x), batch_size=4, num_workers=2)]
            return torch.cat(batches)
    """
    with student(walled, source, limits=WorkerLimits()) as s:
        assert torch.equal(s("f", torch.arange(20.0), seconds=30), torch.arange(20.0))


def test_threads_and_subprocesses_work(walled):
    source = """
        import subprocess, sys
        from concurrent.futures import ThreadPoolExecutor
        def f():
            with ThreadPoolExecutor(4) as pool:
                return list(pool.map(lambda n: n * n, range(8)))
        def g():
            return subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout
    """
    with student(walled, source) as s:
        assert s("f") == [n * n for n in range(8)]
        assert s("g") == "42\n"


def test_each_student_has_a_process_of_their_own(walled):
    source = "import torch\ntorch.left = getattr(torch, 'left', 0) + 1\ndef f(): return torch.left"
    for _ in range(2):
        with student(walled, source) as s:
            assert s("f") == 1


def test_no_environment_variable_of_the_instructor_goes_through(walled):
    with student(walled, "import os\ndef f(): return dict(os.environ)") as s:
        environment = s("f")
    assert "GRADER_SECRET" not in environment
    assert not [name for name in environment if name.startswith(("PYTEST", "VIRTUAL_ENV", "GRADER", "HYPOTHESIS"))]
    assert environment["OMP_NUM_THREADS"] == "1"
    assert environment["NVIDIA_TF32_OVERRIDE"] == "0"


def test_only_four_descriptors_are_open_in_a_worker(walled):
    source = """
        import os
        def f():
            found = []
            for number in range(1100):
                try: os.fstat(number)
                except OSError: continue
                found.append(number)
            return found
    """
    with student(walled, source) as s:
        assert s("f") == [0, 1, 2, 3]


def test_a_slot_holds_one_worker_at_a_time(walled):
    with student(walled, "def f(): return 1") as s:
        with pytest.raises(SandboxError, match="one worker at a time"):
            walled.worker(LIMITS)
        assert s("f") == 1


def zygote_of(slot: Any) -> int:
    top: int = slot._zygote._process.pid
    return next(iter(descendants(top))) if slot.level == "bubblewrap" else top


def test_a_slot_whose_zygote_was_killed_starts_again_by_itself(walled):
    with student(walled, "def f(): return 1") as s:
        s("f")
        before = processes_of(walled)
        os.kill(zygote_of(walled), signal.SIGKILL)
        wait_until_gone(before)
        with pytest.raises(SandboxError, match="lost during a call"):  # our fault, and no verdict on the student
            s("f")
    assert_serves_the_next(walled)
    assert not set(before) & set(processes_of(walled))


def test_a_zygote_killed_between_two_students_is_not_noticed_by_the_next(walled):
    with student(walled, "def f(): return 1") as s:
        s("f")
    os.kill(zygote_of(walled), signal.SIGKILL)
    with student(walled, "def f(): return 2") as s:
        assert s("f") == 2


def test_a_sandbox_that_cannot_start_says_why():
    slot = open_slot("process", SlotSettings(preload=("no_such_module_of_ours",)))
    with pytest.raises(SandboxError, match="no_such_module_of_ours"):
        slot.worker(LIMITS)
    slot.close()


@pytest.mark.parametrize("level", WALLED)
def test_a_wall_that_cannot_be_put_up_is_our_fault_in_the_workers_words(level, monkeypatch):
    monkeypatch.setattr(system_calls, "program", lambda **_: b"no program")
    slot = open_slot(level, SlotSettings(preload=("torch",)))
    try:
        with pytest.raises(SandboxError, match=r"could not be set up: OSError.* a wall cannot be put up.*grade again"):
            fails(slot, "def f(): pass")
    finally:
        slot.close()


@pytest.mark.parametrize("level", WALLED)
def test_a_disk_that_is_full_before_the_students_code_begins_is_our_fault(slots, level):
    slot = slots(level)
    with pytest.raises(SandboxError, match=r"the submission's files cannot be written: .*File too large"):
        fails(slot, "def f(): pass\n" + "#" * 5000, limits=replace(LIMITS, file_bytes=4096))
    assert_serves_the_next(slot)


def test_a_worker_that_ends_before_it_has_a_students_file_is_our_fault(walled):
    calls = Calls(walled, LIMITS)
    wire.send(walled._zygote.control, {"do": "end"})
    with pytest.raises(SandboxError, match="could not be set up"):
        calls.load({"part.py": b""}, "part.py", {}, seed=0, seconds=5)
    assert not calls.alive


def test_walls_that_the_kernel_refuses_are_found_before_anyone_is_graded(monkeypatch):
    monkeypatch.setattr(system_calls, "program", lambda **_: b"no program")
    walls.obstacle.cache_clear()
    bubblewrap_level.obstacle.cache_clear()
    try:
        for module in (process, bubblewrap_level):
            assert "a wall cannot be put up" in module.obstacle() or "not installed" in module.obstacle()
        with pytest.raises(SandboxError, match=r"no sandbox can be had here: .*a wall cannot be put up"):
            choose("auto")
        with pytest.raises(SandboxError, match=r"a wall cannot be put up: Invalid argument\.$"):
            choose("process")
    finally:
        walls.obstacle.cache_clear()
        bubblewrap_level.obstacle.cache_clear()


@pytest.mark.parametrize("level", LEVELS)
def test_pretrained_weights_load_without_a_network_whoever_may_read_the_instructors_cache(level, empty_cache):
    if reason := LEVELS[level].obstacle():
        pytest.skip(reason)
    home = stand_in_home()
    source = """
        import os, pathlib, torchvision
        def f():
            model = torchvision.models.resnet18(weights="IMAGENET1K_V1")
            return model.conv1.weight[0]
        def where(): return os.environ["TORCH_HOME"]
        def spoil():
            for path in pathlib.Path(os.environ["TORCH_HOME"]).rglob("*.pth"): path.write_bytes(b"")
    """
    slot = open_slot(level, SlotSettings(preload=("torch", "torchvision"), torch_home=home))
    before = os.environ.get("TORCH_HOME")
    try:
        limits = replace(LIMITS, memory_bytes=1 << 30)
        with student(slot, source, limits=limits, seconds=60) as s:
            weight, found = s("f", seconds=60), s("where")
            if level != "direct":
                with pytest.raises(Crashed, match=r"PermissionError|OSError"):
                    s("spoil")
        expected = torch.load(home / "hub" / "checkpoints" / "resnet18-f37072fd.pth", weights_only=True)
        assert torch.equal(weight, expected["conv1.weight"][0])
    finally:
        slot.close()
    assert os.environ.get("TORCH_HOME") == before
    assert level != "uid" or not Path(found).exists()


# -- bubblewrap ------------------------------------------------------------------------------------------------------


def test_nothing_of_ours_can_be_imported_or_seen(bubblewrap):
    source = """
        import importlib.util, os, sys
        def f(paths): return importlib.util.find_spec("grader"), [p for p in paths if os.path.exists(p)]
        def g(): import grader
        def loaded(): return [m for m in sys.modules if m.split(".")[0] in ("grader", "pytest", "_pytest")]
    """
    names = (
        "reference",
        "fixtures",
        "tests",
        "grader/checks",
        "grader/plugin.py",
        "pyproject.toml",
        "student_template",
    )
    hidden = [str(COURSE / name) for name in names] + [
        str(Path.home() / ".bashrc"),
        "/etc/passwd",
        "/etc/shadow",
    ]
    with student(bubblewrap, source) as s:
        assert s("f", hidden) == (None, [])
        assert s("loaded") == []
        with pytest.raises(Crashed) as caught:
            s("g")
        assert caught.value.detail == "No module named 'grader'"


def test_there_is_no_network(walled):
    source = """
        import os, socket
        def interfaces(): return os.listdir("/sys/class/net")
        def connect(host, port): socket.create_connection((host, port), timeout=2)
        def packet(): socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        def pair(): return [end.family.name for end in socket.socketpair()]
    """
    with student(walled, source) as s:
        for host, port in (("1.1.1.1", 53), ("127.0.0.1", 22), ("::1", 80)):
            with pytest.raises(Crashed, match="PermissionError"):
                s("connect", host, port)
        for question in ("interfaces", "packet"):
            with pytest.raises(Crashed):
                s(question)
        assert s("pair") == ["AF_UNIX", "AF_UNIX"]


def test_a_server_of_the_instructor_cannot_be_reached(bubblewrap):
    import socket

    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        student(
            bubblewrap, "import socket\ndef f(port): socket.create_connection(('127.0.0.1', port), timeout=2)"
        ) as s,
        pytest.raises(Crashed, match="PermissionError"),
    ):
        s("f", server.getsockname()[1])


def test_a_worker_is_nobody_and_can_do_nothing_as_root(bubblewrap):
    source = """
        import os
        def f():
            status = open("/proc/self/status").read().splitlines()
            fields = dict(line.split(":\\t", 1) for line in status if ":\\t" in line)
            return os.getresuid(), os.getresgid(), os.getgroups(), {k: fields[k] for k in KEYS}
        KEYS = ("CapPrm", "CapEff", "CapAmb", "NoNewPrivs")
        def become(): os.setuid(0)
    """
    with student(bubblewrap, source) as s:
        users, groups, others, fields = s("f")
        assert all(61184 <= number < 65536 for number in (*users, *groups, *others))
        assert fields.pop("NoNewPrivs") == "1"
        assert {int(value, 16) for value in fields.values()} == {0}
        with pytest.raises(Crashed, match="PermissionError"):
            s("become")


def test_the_zygote_can_be_neither_read_nor_killed(bubblewrap):
    source = """
        import os, signal
        def read(name): return open(f"/proc/1/{name}", "rb").read(1)
        def link(name): return os.listdir(f"/proc/1/{name}")
        def kill():
            for number in range(1, 65):
                try: os.kill(1, number)
                except OSError: pass
            return os.getppid()
    """
    with student(bubblewrap, source) as s:
        before = processes_of(bubblewrap)[:2]
        for name in ("mem", "environ", "maps"):
            with pytest.raises(Crashed, match="PermissionError"):
                s("read", name)
        for name in ("fd", "root", "cwd"):
            with pytest.raises(Crashed, match="PermissionError"):
                s("link", name)
        assert s("kill") == 1
    assert_serves_the_next(bubblewrap)
    assert processes_of(bubblewrap)[:2] == before


def test_only_the_scratch_folders_can_be_written(bubblewrap):
    source = """
        import os, sys
        def writable():
            found = []
            for top, folders, _ in os.walk("/"):
                folders[:] = [f for f in folders if os.path.join(top, f) not in ("/proc", "/dev/pts")]
                found += [top] if os.access(top, os.W_OK) else []
                if len(os.path.normpath(top).split("/")) > 5: folders.clear()
            return found
        def write(path): open(path, "a")
        def replace(): os.rename(sys.executable, sys.executable + "2")
    """
    with student(bubblewrap, source) as s:
        assert set(s("writable", seconds=30)) <= {"/scratch", "/scratch/submission", "/dev/shm"}
        for path in ("/usr/x", "/x", "/opt/x", "/opt/mlgrader/worker/child.py", "/etc/x", torch.__file__):
            with pytest.raises(Crashed, match=r"OSError|PermissionError"):
                s("write", path)
        with pytest.raises(Crashed, match=r"OSError|PermissionError"):
            s("replace")


def test_the_scratch_space_is_limited(bubblewrap):
    source = """
        def f():
            for number in range(200):
                with open(f"/scratch/{number}", "wb") as file: file.write(b"x" * (3 << 20))
    """
    failure = fails(bubblewrap, source, seconds=30)
    assert "No space left" in failure.detail
    assert_serves_the_next(bubblewrap)


# -- the end: these close the slots that all tests above shared --------------------------------------------------------


def test_nothing_remains_of_a_slot_that_is_closed(walled_to_the_end):
    slot = walled_to_the_end
    source = "import os, time\ndef f():\n os.fork() or os.setsid() or time.sleep(600)\n return os.environ['HOME']"
    with student(slot, source) as s:
        home = s("f")
        alive = processes_of(slot)
        assert len(alive) == ZYGOTES[slot.level] + 2
    before = open_descriptors()
    slot.close()
    wait_until_gone(alive)
    claimed = slot.level == "bubblewrap" and os.geteuid() == 0  # a user of its own
    # Its control channel, and the file its errors went to.
    assert open_descriptors() == before - 2 - claimed
    assert not Path(home).exists()


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_all_folders_of_a_course_are_hidden_but_the_one_python_runs_from(tmp_path, monkeypatch):
    for name in ("reference", "build/lab1/ann", ".venv/lib"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "README.md").touch()
    assert folders_without_python(tmp_path) == tuple(tmp_path / name for name in (".venv", "build", "reference"))
    monkeypatch.setattr("sys.prefix", str(tmp_path / ".venv"))
    assert folders_without_python(tmp_path) == (tmp_path / "build", tmp_path / "reference")
