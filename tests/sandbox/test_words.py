"""What students read of what their code printed, raised or returned too much of, at every level."""

import textwrap

import pytest
import torch

from grader.errors import CheckFailure, Crashed, NotImplementedYet, NotInstalled
from sandbox.students import fails, student


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
        text, truncated = s.calls.take_output()
        assert text.startswith("loading\none ü\ntwo\nthree")
        assert text.count("two") == 2
        assert not truncated


def test_what_is_printed_before_an_exception_is_kept(slot):
    with student(slot, "def f():\n print('before')\n raise ValueError('x')") as s:
        with pytest.raises(Crashed):
            s("f")
        assert s.calls.take_output()[0] == "before\n"


def test_of_too_much_output_the_beginning_and_the_end_are_kept(slot):
    source = "def f():\n print('start')\n print('x' * 1000000)\n print('end')\n return 5\ndef g(): print('more')"
    with student(slot, source) as s:
        assert s("f") == 5
        text, truncated = s.calls.take_output()
        assert text.startswith("start\nxxx")
        assert text.endswith("xxx\nend\n")
        assert len(text) <= 64 << 10
        assert truncated
        s("g")
        assert s.calls.take_output()[0] == "more\n"


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


def test_a_file_that_cannot_be_read_is_a_crash_with_a_sentence(slot):
    failure = fails(slot, b"def f(): return 1\nx = 1\0\n")
    assert isinstance(failure, Crashed)
    assert failure.message == "Your file cannot be read, so nothing in it could run."
    assert "part.py" in failure.detail


@pytest.mark.parametrize("source", [b"def f(): return 'caf\xe9'\n", "def f(): return 'caf\xe9'".encode("utf-16")])
def test_a_file_of_another_windows_is_read(slot, source):
    with student(slot, source, aliases={"f": []}) as s:
        assert s("f") == "café"


def test_a_declared_encoding_and_a_byte_order_mark_are_fine(slot):
    for source in (
        "# -*- coding: latin-1 -*-\ndef f(): return 'é'\n".encode("latin-1"),
        b"\xef\xbb\xbfdef f(): return '\xc3\xa9'",
    ):
        with student(slot, source, aliases={"f": []}) as s:
            assert s("f") == "é"


def test_a_module_that_is_not_there_is_named(slot):
    failure = fails(slot, "import torch\nimport seaborn_of_mine\ndef f(): pass")
    assert isinstance(failure, NotInstalled)
    assert failure.module == "seaborn_of_mine"
    assert "`seaborn_of_mine`, which is not installed" in failure.message


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
