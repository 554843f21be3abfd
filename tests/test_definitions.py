"""`grader.worker.definitions`: what the functions need is run, the rest of a script or notebook is not."""

import time
from contextlib import suppress
from types import ModuleType

import pytest

from grader.worker.definitions import MAIN, NOT_NEEDED, run_definitions, run_whole
from grader.worker.source_text import Source


def load(text, *names):
    module = ModuleType("theirs")
    left = run_definitions(Source("theirs.py", text), module, names or ["f"])
    return module, left


def lines_of(left):
    return [line for one in left for line in range(one.first, one.last + 1)]


SHOW = """
import math
def f(x):
    return math.sqrt(x) + offset()
def offset():
    return START
START = 1
ran = []
ran.append("show")
raise SystemExit("the show")
"""


def test_what_a_function_needs_is_run_and_the_show_is_not():
    module, left = load(SHOW)
    assert module.f(4) == 3
    assert not hasattr(module, "ran")
    assert [(one.first, one.last, one.why) for one in left] == [(8, 10, NOT_NEEDED)]


NEEDED = {
    "a constant": "K = 3\ndef f(): return K",
    "a constant through another": "A = 1\nB = A + 2\ndef f(): return B",
    "a helper below": "def f(): return g()\ndef g(): return 3",
    "a helper of a helper": "def f(): return g()\ndef g(): return h()\ndef h(): return K\nK = 3",
    "a tuple's target": "a, (b, *c) = 1, (2, 3)\ndef f(): return c[0]",
    "an augmented assignment": "x = 0\nx += 1\nx += 2\ndef f(): return x",
    "a loop's result": "t = 0\nfor i in range(3): t += i\ndef f(): return t",
    "a loop's target": "for i in range(4): pass\ndef f(): return i",
    "a while loop": "n = 0\nwhile n < 3:\n    n += 1\ndef f(): return n",
    "with": "import contextlib\nwith contextlib.nullcontext(3) as c:\n    d = c\ndef f(): return d",
    "try": "try:\n    import nowhere_at_all as n\n    K = 1\nexcept ImportError:\n    K = 3\ndef f(): return K",
    "if and else": "A = 0\nif A:\n    K = 1\nelse:\n    K = 3\ndef f(): return K",
    "a walrus": "(K := 3)\ndef f(): return K",
    "a walrus in a comprehension": "[K := i for i in range(4)]\ndef f(): return K",
    "match": "match (1, 3):\n    case (_, K):\n        pass\ndef f(): return K",
    "a default": "K = 3\ndef f(x=K): return x",
    "a keyword default": "K = 3\ndef f(*, x=K): return x",
    "a decorator": "def twice(g): return lambda: 3\n@twice\ndef f(): pass",
    "a decorator's constant": "K = 3\ndef always(v): return lambda g: lambda: v\n@always(K)\ndef f(): pass",
    "an annotation": "Number = int\ndef f(x: Number = 3) -> Number: return x",
    "a base class": "class A:\n    def g(self): return 3\nclass B(A): pass\ndef f(): return B().g()",
    "a class body": "K = 3\nclass C:\n    k = K\n    def g(self): return self.k\ndef f(): return C().g()",
    "a class body that repeats a name": "k = 3\nclass C:\n    k = k\ndef f(): return C.k",
    "a method's global": "K = 3\nclass C:\n    K = 1\n    def g(self): return K\ndef f(): return C().g()",
    "a closure": "K = 3\ndef f():\n    def g(): return K\n    return g()",
    "a lambda": "K = 3\nf = lambda: K",
    "a comprehension in a function": "K = [3]\ndef f(): return [k for k in K][0]",
    "appended": "x = []\nx.append(3)\ndef f(): return x[0]",
    "set by index": "x = {}\nx['a'] = 3\ndef f(): return x['a']",
    "filled in a loop": "x = [0, 0]\nfor i in range(2):\n    x[i] += 3\ndef f(): return x[1]",
    "set by attribute": "class C: pass\nc = C()\nc.k = 3\ndef f(): return c.k",
    "in place, torch": "import torch\nx = torch.zeros(1)\nx.add_(3)\ndef f(): return x.item()",
    "moved": "class C:\n    k = 1\n    def to(self, k): self.k = k\nc = C()\nc.to(3)\ndef f(): return c.k",
    "given to an in-place function": "import torch\nx = torch.zeros(1)\ntorch.nn.init.constant_(x, 3.)\n"
    "def f(): return x.item()",
    "a seed": "import random\nrandom.seed(0)\nx = random.random()\nrandom.seed(0)\n"
    "def f(): return 3 * (random.random() == x)",
    "an own seed function": "import random\n"
    "def set_seed(s): random.seed(s)\nset_seed(0)\nx = random.random()\nset_seed(0)\n"
    "def f(): return 3 * (x == random.random())",
    "set by a function": "def init():\n    global K\n    K = 3\ninit()\ndef f(): return K",
    "the last of two": "def f(): return 1\ndef f(): return 3",
    "the first, for what was made between": "def g(): return 3\nK = g()\ndef g(): return 5\ndef f(): return K",
    "overwritten by its result": "def g(): return 3\ng = g()\ndef f(): return g()",
    "itself overwritten by its result": "def f(): return 3\nf = f()",
    "wrapped": "import functools\ndef f(): return 1\nf = functools.partial(lambda g: g() + 2, f)",
    "a star import": "from math import *\ndef f(): return floor(3.5)",
    "a namedtuple": "from collections import namedtuple\nP = namedtuple('P', 'x')\ndef f(): return P(3).x",
    "a dataclass": "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    x: int = field(default=3)\n"
    "def f(): return C().x",
    "an enum": "import enum\nclass E(enum.Enum):\n    A = 3\ndef f(): return E.A.value",
    "from a cell that stands below": "K = g()\ndef f(): return K\ndef g(): return 3",
    "a value from a cell that stands below": "K = A\ndef f(): return K\nA = 3",
    "overwritten by its result, and both used": "def g(): return 3\ng = g()\nK = g\ndef f(): return g() + K - 3",
    "a future import": "from __future__ import annotations\ndef f(x: Nowhere = 3): return x",
    "a recursion": "def f(n=3): return n if n < 4 else f(n - 1)",
}


@pytest.mark.parametrize("text", NEEDED.values(), ids=NEEDED)
def test_whatever_a_function_uses_is_there(text):
    module, _ = load(text + "\n\nraise SystemExit('the show')")
    assert module.f() == 3


NOT_RUN = {
    "a training": "model = print('show')",
    "a call": "print('show')",
    "a download": "import os\nos.system('echo show')",
    "a loop": "for epoch in range(3): print('show')",
    "what main does": "if __name__ == '__main__':\n    print('show')",
    "what main defines": "if __name__ == '__main__':\n    K = print('show')",
    "main, the other way round": "if '__main__' == __name__: print('show')",
    "an older value": "K = print('show')\nK = 3",
    "another's default": "def show(x=print('show')): return x",
    "another's decorator": "@print('show')\ndef g(): pass",
    "another's class body": "class G:\n    x = print('show')",
    "another's global": "data = print('show')\ndef g(): return data",
    "a local of the same name": "x = print('show')",
    "a result under the function's name": "f = f(print('show'))",
    "a plot of what is needed": "import sys\nsys.stdout.write('show')",
    "an assertion": "assert print('show')",
    "a removal": "import os\nos.remove('show')",
}


@pytest.mark.parametrize("text", NOT_RUN.values(), ids=NOT_RUN)
def test_the_show_is_not_run(text, capsys):
    module, left = load(f"def f(x=1):\n    x = 2\n    return K + x - 2\nK = 3\n{text}")
    assert module.f() == 3
    assert "show" not in capsys.readouterr().out
    assert left


def test_names_are_those_of_the_function_and_no_others():
    module, _ = load("a = b = c = print\nb = 1 / 0\ndef f(b):\n    c = [a for a in b]\n    return c")
    assert module.f([3]) == [3]
    assert not hasattr(module, "a")


def test_a_needed_statement_that_fails_takes_nothing_else_down():
    text = "import torch\nA = torch.load('ratings.pt')\ndef g(): return A\ndef f(): return 3"
    module, left = load(text, "f", "g")
    assert module.f() == 3
    (one,) = left
    assert (one.first, one.last) == (2, 2)
    assert one.why.startswith("it raised FileNotFoundError: ")


def test_a_function_whose_definition_fails_raises_the_same_when_it_is_called():
    module, left = load("def f(x=1 / 0): return x\ndef g(): return 3", "f", "g")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            module.f(1)
    assert module.g() == 3
    assert left[0].why == "it raised ZeroDivisionError: division by zero"


def test_an_import_that_fails_takes_nothing_else_down():
    module, left = load("import nowhere_at_all\nfrom torch import no_such_name\ndef f(): return 3")
    assert module.f() == 3
    assert [one.first for one in left] == [1, 2]


def test_the_report_says_why():
    _, left = load("def f(): return 1\nprint(1)\n\n# a remark\nprint(2)\nif __name__ == '__main__':\n    f()\n    f()")
    assert [(one.first, one.last, one.why) for one in left] == [(2, 5, NOT_NEEDED), (6, 8, MAIN)]


def test_lines_not_run_are_those_of_the_cell():
    places = ((1, 1), (3, 1), (3, 2), (4, 1))
    source = Source("n.ipynb", "def f(): return 1\nprint(1)\nprint(2)\nprint(3)", places)
    left = run_definitions(source, ModuleType("n"), ["f"])
    assert [(one.cell, one.first, one.last) for one in left] == [(3, 1, 2), (4, 1, 1)]


def test_a_statement_that_cannot_be_compiled_is_left_out():
    module, left = load("def f(): return 3\nK = await f()\ndef g(): return K\nreturn 5", "f", "g")
    assert module.f() == 3
    assert [(one.first, one.why[:23]) for one in left] == [(2, "it raised SyntaxError: "), (4, NOT_NEEDED[:23])]


def test_run_whole_runs_everything():
    module = ModuleType("theirs")
    run_whole(Source("theirs.py", "K = 3\nK = K + 1"), module)
    assert module.K == 4


def test_a_file_gets_no_future_import_of_ours():
    module = ModuleType("theirs")
    with pytest.raises(NameError):
        run_whole(Source("theirs.py", "def f(x: Nowhere): return x"), module)


HOSTILE = {
    "deep brackets": "[" * 10**6,
    "deep signs": "-" * 10**5 + "1",
    "a long sum": "+".join("1" * 50_000),
    "a long chain": "x" + ".y" * 50_000,
    "deep calls": "f(" * 90 + ")" * 90,
    "deep blocks": "\n".join(" " * i + "if 1:" for i in range(99)),
    "many names": ";".join(f"a{i}=b{i}" for i in range(10_000)),
    "many of one name": "a=1\n" * 10_000,
    "each needs the one before": "\n".join(f"a{i + 1} = a{i} + 1" for i in range(5_000)),
    "too many statements": "1\n" * 30_000,
    "a long elif": "if x: pass\n" + "elif x: pass\n" * 3_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_is_meant_to_break_the_reader_ends_in_a_sentence_or_a_function(text):
    started = time.process_time()
    with suppress(SyntaxError):
        module, _ = load(f"def f(): return 3\n{text}", "f", "a", "a5000")
        assert module.f() == 3
    assert time.process_time() - started < 10
