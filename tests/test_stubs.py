"""`grader.course.stubs`: a stub keeps what students need and nothing of the solution."""

import ast
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.stubs import EntryPoint, entry_points, leaks, stub_of
from grader.errors import CourseError

REFERENCE = '''\
"""Score movies. The solution stands between `# BEGIN SOLUTION` and `# END SOLUTION`."""

import torch
from torch import Tensor, nn  # only the solution uses these


def score_matrix(Q: Tensor, K: Tensor) -> Tensor:
    """Return S.

    # BEGIN SOLUTION
    is shown here as an example, and is no marker.
    """
    # BEGIN SOLUTION
    # Sum over the columns of both.
    return Q @ K.T  # (n, m)
    # END SOLUTION


class Net(nn.Module):
    """A network."""

    def __init__(self, width: int = 3):
        """Make the layers."""
        super().__init__()
        ### BEGIN SOLUTION
        self.layer = nn.Linear(width, 1)
        ### END SOLUTION

    @torch.no_grad()
    async def forward(self, x):
        if x is None:
            # BEGIN SOLUTION
            def deep(y):
                return y

            return deep(0)
            # END SOLUTION
        return x


def _given(x):
    return x
'''

STUB = '''\
"""Score movies. The solution stands between `# BEGIN SOLUTION` and `# END SOLUTION`."""

import torch
from torch import Tensor, nn  # only the solution uses these


def score_matrix(Q: Tensor, K: Tensor) -> Tensor:
    """Return S.

    # BEGIN SOLUTION
    is shown here as an example, and is no marker.
    """
    raise NotImplementedError("score_matrix is not written yet")


class Net(nn.Module):
    """A network."""

    def __init__(self, width: int = 3):
        """Make the layers."""
        super().__init__()
        raise NotImplementedError("__init__ is not written yet")

    @torch.no_grad()
    async def forward(self, x):
        if x is None:
            raise NotImplementedError("forward is not written yet")
        return x


def _given(x):
    return x
'''


def test_a_stub_keeps_everything_but_the_solution():
    assert stub_of(REFERENCE) == STUB


def test_windows_newlines_give_the_same_stub():
    assert stub_of(REFERENCE.replace("\n", "\r\n")) == STUB


def test_tabs_and_form_feeds_do_not_shift_lines():
    source = "\f\ndef f():\n\t# BEGIN SOLUTION\n\treturn '\u2028'\n\t# END SOLUTION\n"
    assert stub_of(source) == '\f\ndef f():\n\traise NotImplementedError("f is not written yet")\n'


def test_a_nested_function_gives_its_own_name():
    source = """\
    def outer():
        def inner():
            # BEGIN SOLUTION
            return 1
            # END SOLUTION
        return inner
    """
    assert '"inner is not written yet"' in stub_of(dedent(source))


HELPERS = "# BEGIN SOLUTION\ndef _a():\n    return 1\n\n\ndef _b(x): return x\n# END SOLUTION\n"
PUBLIC = "def {}():\n    # BEGIN SOLUTION\n    return _a()\n    # END SOLUTION\n"
PUBLIC_STUB = 'def {0}():\n    raise NotImplementedError("{0} is not written yet")\n'


@pytest.mark.parametrize(
    ("parts", "stubs"),
    [
        ([PUBLIC.format("f"), HELPERS, PUBLIC.format("g")], [PUBLIC_STUB.format("f"), PUBLIC_STUB.format("g")]),
        ([HELPERS, PUBLIC.format("f")], [PUBLIC_STUB.format("f")]),
        ([PUBLIC.format("f"), HELPERS], [PUBLIC_STUB.format("f")]),
        ([HELPERS], []),
    ],
)
def test_a_region_around_private_functions_is_left_out_whole(parts, stubs):
    assert stub_of("\n\n".join(parts)) == "\n\n".join(stubs)


def test_source_without_public_functions_is_its_own_stub():
    source = "import torch\n\nLIMIT = 3\n\n\ndef _given():\n    return 1\n\n\nclass Split:\n    a: int\n"
    assert stub_of(source) == source


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def f(:\n", "line 1"),
        ("x = '\0'\n", "does not parse"),
        ("x = '\ud800'\n", "does not parse"),
        ("def f():\n    return 1\n", "Line 1: f is public"),
        ("class C:\n    def m(self):\n        return 1\n", "Line 1: C is public"),
        (STUB, "score_matrix is public"),
        ("def f():\n    # BEGIN SOLUTION\n    return 1\n", "Line 2: .* has no `# END SOLUTION`"),
        ("def f():\n    return 1\n    # END SOLUTION\n", "Line 3: .* without having begun"),
        (
            "def f():\n    # BEGIN SOLUTION\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n",
            "Line 3: .* inside another",
        ),
        ("def f():\n    # BEGIN SOLUTION\n    # END SOLUTION\n    return 1\n", "Line 2: .* is empty"),
        ("# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n", "Line 1: .* not inside one function"),
        ("class C:\n    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION\n", "not inside one function"),
        ("# BEGIN SOLUTION\ndef _f():\n    return 1\nx = 1\n# END SOLUTION\n", "not inside one function"),
        ("# BEGIN SOLUTION\ndef _f():\n    return 1\n# END SOLUTION\n    return 2\n", "not inside one function"),
        ("# BEGIN SOLUTION\ndef f():\n    return 1\n# END SOLUTION\n", "f is public"),
        (
            "def f():\n    # BEGIN SOLUTION\n    return 1\ndef g():\n    return 2\n    # END SOLUTION\n",
            "g is public",
        ),
        (
            "def f():\n    # BEGIN SOLUTION\n    return 1\ndef _g():\n    return 2\n    # END SOLUTION\n",
            "not inside one function",
        ),
        ("def f():\n# BEGIN SOLUTION\n    return 1\n# END SOLUTION\n", "Line 2: indent the marker"),
        (
            "def f():\n        # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n",
            "Line 2: indent the marker",
        ),
        ("def f():\n    x = 1  # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n", "Line 2: a marker is"),
        ("def f():\n    # Begin solution\n    return 1\n    # END SOLUTION\n", "Line 2: a marker is"),
        ("def f():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTIONS\n", "Line 4: a marker is"),
        ("def f():\n    #BEGIN SOLUTION\n    return 1\n    #END SOLUTION\n", "Line 2: a marker is"),
        (
            "def f(x):\n    # BEGIN SOLUTION\n    if x:\n    # END SOLUTION\n        return 1\n",
            "The stub .* line 3",
        ),
    ],
)
def test_a_reference_that_could_leak_or_break_is_refused(source, says):
    with pytest.raises(CourseError, match=says):
        stub_of(source)


body = st.lists(st.sampled_from(["x = 1", "for i in range(3):\n    x = i", "", "# why", "return 'é'"]), max_size=5)


@given(st.lists(body, min_size=1, max_size=4))
@settings(database=None, deadline=None)
def test_every_function_raises_its_own_name_and_no_solution_line_survives(bodies):
    functions = []
    for number, lines in enumerate(bodies):
        solution = "\n".join([*lines, f"return 'the secret of function number {number}'"])
        block = "".join(f"    {line}".rstrip() + "\n" for line in solution.split("\n"))
        signature = f"def f{number}(a, b=2):\n    '''Doc {number}.'''\n"
        functions.append(f"{signature}    # BEGIN SOLUTION\n{block}    # END SOLUTION\n")
    source = "\n\n".join(functions)
    stub = stub_of(source)
    assert "secret" not in stub
    assert leaks(source, stub) == []
    assert entry_points(stub) == entry_points(source)
    scope = {}
    exec(compile(stub, "stub", "exec"), scope)
    for number in range(len(bodies)):
        assert scope[f"f{number}"].__doc__ == f"Doc {number}."
        with pytest.raises(NotImplementedError, match=f"^f{number} is not written yet$"):
            scope[f"f{number}"](1)


def test_entry_points_are_the_public_functions_and_classes():
    source = """\
    raise SystemExit("a reference must not run because someone reads its signatures")

    def plain(A, rank, num_epochs=1000, lr=0.01): ...
    def exotic(a, /, b, *rest, c, d=1, **more): ...
    async def later(): ...
    def _private(x): ...
    class Net(Base):
        def __init__(self, width, depth=2, *, bias): ...
        def forward(self, x): ...
    class Plain:
        pass
    if True:
        def hidden(): ...
    """
    assert entry_points(dedent(source)) == (
        EntryPoint(name="plain", kind="function", parameters=("A", "rank", "num_epochs", "lr"), required=2),
        EntryPoint(name="exotic", kind="function", parameters=("a", "b", "*rest", "c", "d", "**more"), required=2),
        EntryPoint(name="later", kind="function"),
        EntryPoint(name="Net", kind="class", parameters=("width", "depth", "bias"), required=1),
        EntryPoint(name="Plain", kind="class"),
    )


SECRET = """\
def f(A, U, V):
    # BEGIN SOLUTION
    # a comment in the solution, long enough to be noticed
    difference = A  -  U @ V.T  # (m, n)
    total = 0
    return (difference ** 2).sum().item()
    # END SOLUTION
"""


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("difference = A - U @ V.T", []),  # 24 characters: too short to say
        ("return (difference ** 2).sum().item()", ["return (difference ** 2).sum().item()"]),
        ("  # try: return  (difference ** 2).sum().item()!", ["return (difference ** 2).sum().item()"]),
        ("# a comment in the solution, long enough to be noticed", []),
        ("total = 0", []),
        ("return (difference ** 3).sum().item()", []),
    ],
)
def test_lines_of_the_solution_that_the_stub_shows_are_found(shown, expected):
    assert leaks(SECRET, f"{stub_of(SECRET)}\n{shown}\n") == expected


def test_a_leak_is_reported_once_and_without_its_comment():
    source = SECRET.replace("difference = A  -  U", "the_difference = A  -  U")
    source = source.replace("total = 0", "the_difference = A - U @ V.T")
    stub = "the_difference = A - U @ V.T\n" * 2
    assert leaks(source, stub) == ["the_difference = A - U @ V.T"]


def test_every_stub_parses_to_the_same_signatures():
    def signatures(source):
        nodes = ast.walk(ast.parse(source))
        return [ast.dump(node.args) for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    assert signatures(STUB) == [args for args in signatures(REFERENCE) if "'y'" not in args]
