"""A notebook in a worker: what its functions need is run, and its show is not."""

import contextlib
import json

import pytest

from grader.errors import CheckFailure, NotInstalled
from grader.sandbox.calls import Calls
from sandbox.students import LIMITS

CELLS = (
    "!pip install torch\nimport torch\nimport no_such_module_at_all\nfrom google.colab import drive",
    "drive.mount('/content/drive')\nratings = torch.load('/content/drive/MyDrive/ratings.pt')",
    "SCALE = torch.full((1,), 3.0)\nSCALE += 1",
    (
        "%%time\ndef scaled(x):\n    import matplotlib.pyplot as plt\n    plt.switch_backend('TkAgg')\n"
        "    plt.plot([1, 2]); plt.show(); display(x)\n    return SCALE * x"
    ),
    "def broken():\n    y = 1\n    return y / 0",
    "def asks():\n    return input('Which user? ')",
    "def unfinished():\n    return no_such_module_at_all.fit(1)",
    "def misses():\n    return ratings",
    "while True:\n    scaled(3)",
)


def notebook(*cells):
    made = [{"cell_type": "code", "source": cell, "outputs": []} for cell in cells]
    return json.dumps({"cells": made, "nbformat": 4, "metadata": {}}).encode()


@pytest.fixture(scope="module")
def loaded(slots):
    calls = Calls(slots("process"), LIMITS)
    with contextlib.closing(calls):
        names = ("scaled", "broken", "asks", "unfinished", "misses")
        yield calls, calls.load({"lab.ipynb": notebook(*CELLS)}, "", dict.fromkeys(names, ()), seed=0, seconds=20)


def failure(loaded, name, kind=CheckFailure):
    with pytest.raises(kind) as caught:
        loaded[0].call(name, (), {}, seed=0, seconds=10)
    return caught.value


def test_a_function_of_a_notebook_is_called_with_what_it_uses_and_without_a_screen(loaded):
    assert loaded[0].call("scaled", (2,), {}, seed=0, seconds=20).value.tolist() == [8.0]


def test_each_function_is_found_in_its_cell(loaded):
    assert {name: (one.file, one.cell, one.line) for name, one in loaded[1].found.items()} == {
        "scaled": ("lab.ipynb", 4, 2),
        "broken": ("lab.ipynb", 5, 1),
        "asks": ("lab.ipynb", 6, 1),
        "unfinished": ("lab.ipynb", 7, 1),
        "misses": ("lab.ipynb", 8, 1),
    }


def test_the_lines_that_were_not_run_are_told_with_the_reason(loaded):
    told = {(one.cell, one.first, one.last): one.why for one in loaded[1].not_run}
    assert told.keys() == {(1, 3, 3), (2, 1, 1), (2, 2, 2), (9, 1, 2)}
    assert told[2, 2, 2].startswith("it raised FileNotFoundError")


def test_a_traceback_names_the_cell(loaded):
    assert 'File "lab.ipynb, cell 5", line 3, in broken\n    return y / 0' in failure(loaded, "broken").traceback


def test_nobody_is_there_to_type(loaded):
    assert "nobody is there" in failure(loaded, "asks").detail


def test_a_module_that_is_not_installed_is_named(loaded):
    assert failure(loaded, "unfinished", NotInstalled).module == "no_such_module_at_all"


def test_a_name_that_is_missing_says_why(loaded):
    assert "line 2 of cell 2 of lab.ipynb" in failure(loaded, "misses").detail
