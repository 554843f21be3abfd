"""A submission of several files in a real worker: its functions are found, and its files import each other."""

import re

import pytest

from grader.errors import Crashed, NotInstalled
from grader.sandbox.calls import Calls
from grader.sandbox.loading import Search
from grader.worker.limits import WorkerLimits

FACTORISE = b"""
import torch
RATE = 0.01
class Net(torch.nn.Module):
    pass
def sgd_factorise(A, rank, epochs=1000, learning_rate=0.01):
    return [A, rank, epochs, learning_rate]
def net():
    return Net
"""
STUB = b"def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):\n    raise NotImplementedError\n"
SHOW = b"\nprint('training')\nraise RuntimeError('the show')\n"
ENTRY_POINTS = {"sgd_factorise": ["factor"], "complete": []}
SEARCH = Search(
    parameters={"sgd_factorise": ("A", "rank", "num_epochs", "lr"), "complete": ("A",)},
    required={"sgd_factorise": 2, "complete": 1},
    patterns={"complete": ["*_mask*"]},
)


def using(line, rest=""):
    """A complete.py that imports its other file with ``line``."""
    return f"{line}\ndef complete(A):\n    return sgd_factorise(A, 2)\n{rest}".encode()


@pytest.fixture
def loaded(slot):
    """Loads files, and returns the calls and what was found."""
    opened = []

    def load(files, module="complete.py", *, whole=True, search=SEARCH):
        for calls in opened:
            calls.close()
        calls = Calls(slot, WorkerLimits())
        opened.append(calls)
        found = calls.load(
            files,
            module,
            ENTRY_POINTS,
            seed=0,
            seconds=30,
            search=Search(
                parameters=search.parameters,
                required=search.required,
                patterns=search.patterns,
                whole=whole and bool(module),
            ),
        )
        return calls, found

    yield load
    for calls in opened:
        calls.close()


def call(calls, name, *args, **kwargs):
    return calls.call(name, args, kwargs, seed=0, seconds=10).value


PLAIN = "from factorise import sgd_factorise"
LAYOUTS = {
    "plain": ("complete.py", "factorise.py", PLAIN),
    "relative": ("complete.py", "factorise.py", "from .factorise import sgd_factorise"),
    "relative, the module": ("complete.py", "factorise.py", "from . import factorise\nfrom .factorise import *"),
    "in a folder": ("src/complete.py", "src/factorise.py", PLAIN),
    "the folder was left behind": ("complete.py", "factorise.py", "from lab1.factorise import sgd_factorise"),
    "the folder, as a name": (
        "complete.py",
        "factorise.py",
        "from lab1 import factorise\nsgd_factorise = factorise.sgd_factorise",
    ),
    "two folders were left behind": ("complete.py", "factorise.py", "from student_template.lab1.factorise import *"),
    "one of two folders": ("lab1/complete.py", "lab1/factorise.py", "from student_template.lab1.factorise import *"),
    "import as": ("complete.py", "factorise.py", "import lab1.factorise as f\nsgd_factorise = f.sgd_factorise"),
    "a real package": ("lab1/complete.py", "lab1/factorise.py", "from lab1.factorise import sgd_factorise"),
    "from above": ("complete.py", "utils/factorise.py", "from utils.factorise import sgd_factorise"),
    "relative, from below": ("a/complete.py", "factorise.py", "from ..factorise import sgd_factorise"),
    "renamed by Canvas": ("complete-1.py", "factorise-1.py", PLAIN),
    "renamed by a browser": ("complete (1).py", "factorise (2).py", PLAIN),
    "a copy": ("complete - Copy.py", "Copy/factorise copy.py", PLAIN),
    "in capitals": ("COMPLETE.PY", "FACTORISE.PY", PLAIN),
    "mixed case": ("Complete.Py", "Factorise.py", PLAIN),
}


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_own_files_import_each_other_as_they_did_at_home(loaded, layout, whole):
    module, other, line = LAYOUTS[layout]
    calls, found = loaded({module: using(line), other: FACTORISE}, module, whole=whole)
    assert found.found["complete"].file == module
    assert call(calls, "complete", 1) == [1, 2, 1000, 0.01]


def test_one_file_is_one_module_however_it_is_imported(loaded):
    line = "import factorise, lab1.factorise\nfrom .factorise import sgd_factorise\nfrom factorise import Net"
    same = "    return [factorise is lab1.factorise, sgd_factorise.__globals__ is vars(factorise)]\n"
    calls, _ = loaded({"complete.py": f"{line}\ndef complete(A):\n{same}".encode(), "factorise.py": FACTORISE})
    assert call(calls, "complete", 1) == [True, True]


def test_a_package_has_its_init_file_and_its_neighbours(loaded):
    files = {
        "complete.py": using("from mf import sgd_factorise, RATE"),
        "mf/__init__.py": b"from .factorise import *\nfrom .rates import RATE",
        "mf/factorise.py": FACTORISE,
        "mf/rates.py": b"RATE = 0.5\n",
    }
    for whole in (True, False):
        calls, _ = loaded(files, whole=whole)
        assert call(calls, "complete", 1) == [1, 2, 1000, 0.01]


def test_the_files_that_circle_see_each_other(loaded):
    files = {
        "complete.py": using("import factorise\nfrom factorise import sgd_factorise"),
        "factorise.py": b"import complete\n" + FACTORISE,
    }
    calls, _ = loaded(files)
    assert call(calls, "complete", 1) == [1, 2, 1000, 0.01]


@pytest.mark.parametrize("name", ["random", "torch", "json", "utils.json"])
def test_a_stray_file_never_replaces_a_real_module(loaded, name):
    path = name.replace(".", "/") + ".py"
    source = b"import json, random, torch\ndef complete(A):\n    return [m.__name__ for m in (json, random, torch)]\n"
    calls, _ = loaded({"complete.py": source, path: b"raise SystemError\n"})
    assert call(calls, "complete", 1) == ["json", "random", "torch"]


def test_a_name_that_is_nowhere_stays_an_import_error(loaded):
    source = (
        b"try:\n    import seaborne\nexcept ImportError:\n    seaborne = None\ndef complete(A):\n    return seaborne\n"
    )
    calls, _ = loaded({"complete.py": source, "factorise.py": FACTORISE})
    assert call(calls, "complete", 1) is None
    with pytest.raises(NotInstalled, match="`lab1`, which is not installed"):
        loaded({"complete.py": using("from lab1.nothing import sgd_factorise"), "factorise.py": FACTORISE})


def test_two_entry_points_may_be_in_two_files_under_other_names(loaded):
    files = {
        "a.py": FACTORISE.replace(b"sgd_factorise", b"sgdFactorize"),
        "b.py": b"def fill_mask(A):\n    return 'b'\n",
    }
    calls, found = loaded(files, "")
    assert found.names == {"sgd_factorise": "sgdFactorize", "complete": "fill_mask"}
    assert {name: (one.file, one.line) for name, one in found.found.items()} == {
        "sgd_factorise": ("a.py", 6),
        "complete": ("b.py", 1),
    }
    assert call(calls, "sgd_factorise", 1, 2, num_epochs=3, lr=0.5) == [1, 2, 3, 0.5]
    assert call(calls, "complete", 1) == "b"


def test_what_somebody_wrote_counts_beside_the_template(loaded):
    calls, found = loaded({"factorise.py": STUB, "my work.py": FACTORISE + SHOW}, "factorise.py")
    assert found.found["sgd_factorise"].file == "my work.py"
    assert call(calls, "sgd_factorise", 1, 2)[0] == 1
    assert "complete" not in found.found


def test_only_what_the_functions_need_is_run_of_files_that_are_not_the_parts_own(loaded):
    calls, found = loaded({"lab.py": FACTORISE + SHOW}, "")
    assert call(calls, "sgd_factorise", 1, 2)[0] == 1
    assert {one.file for one in found.not_run} == {"lab.py"}
    assert calls.take_output() == ("", False)


def test_a_value_is_no_function_and_takes_none_away(loaded):
    overwritten = FACTORISE + b"sgd_factorise = sgd_factorise(1, 2)\n"
    for whole in (True, False):
        calls, found = loaded(
            {"complete.py": b"complete = 3\n", "b.py": b"def fill_mask(A):\n    return 7\n"}, whole=whole
        )
        assert found.names == {"complete": "fill_mask"}
        assert call(calls, "complete", 1) == 7
    _, found = loaded({"factorise.py": b"complete = 3\n" + overwritten}, "factorise.py")
    assert "complete" not in found.found


def test_a_constant_is_found_wherever_it_is(loaded):
    for files, module in (
        ({"complete.py": using(PLAIN), "factorise.py": FACTORISE}, "complete.py"),
        ({"lab.py": b"RATE = 0.01\ndef complete(A): return 1\nraise RuntimeError\n"}, ""),
        ({"lab.py": b"def complete(A): return 1\n", "settings.py": b"RATE = 0.01\n"}, "lab.py"),
    ):
        calls, _ = loaded(files, module)
        assert calls.constant("RATE", seconds=5) == 0.01
        assert calls.constant("NONE", seconds=5) is None


def test_a_file_that_fails_costs_only_the_functions_in_it(loaded):
    files = {"a.py": b"import nonesuch\ndef complete(A): return nonesuch.f(A)\n", "b.py": FACTORISE, "c.py": b"def :\n"}
    calls, found = loaded(files, "")
    assert call(calls, "sgd_factorise", 1, 2)[0] == 1
    with pytest.raises(NotInstalled, match="imports `nonesuch`, which is not installed"):
        call(calls, "complete", 1)
    assert any("c.py" in notice and "line 1" in notice for notice in found.notices), "all functions were found"
    _, found = loaded({"b.py": FACTORISE, "c.py": b"def :\n"}, "")
    assert [(one.file, one.first) for one in found.not_run] == [("b.py", 3), ("c.py", 0)]


def test_training_that_only_the_show_needs_is_not_run_and_what_a_function_needs_is(loaded):
    source = (
        FACTORISE
        + b"""
SCALE = 2 * RATE
losses = sum(1 for _ in iter(int, 1))  # never ends
def plot():
    return losses
def fill_mask(A):
    return SCALE
"""
    )
    calls, found = loaded({"lab 1.py": source, "b.py": b"import torch\n"}, "")
    assert call(calls, "complete", 1) == 0.02
    assert [(one.first, one.last) for one in found.not_run] == [(12, 12)]


@pytest.mark.parametrize(
    ("parameters", "words", "detail"),
    [
        (
            "A, rank",
            "does not take all arguments of the assignment",
            r"no parameter for num_epochs; .* \(A, rank\)",
        ),
        ("A, rank, num_epochs, K", "needs an argument that the assignment does not give", r"Nothing is given for K;"),
    ],
)
def test_a_function_that_cannot_be_called_says_what_to_change(loaded, parameters, words, detail):
    calls, _ = loaded({"factorise.py": f"def sgd_factorise({parameters}):\n    return 1\n".encode()}, "factorise.py")
    with pytest.raises(Crashed, match=f"`sgd_factorise` {words}.*A, rank, num_epochs, lr") as caught:
        call(calls, "sgd_factorise", 1, 2, num_epochs=3)
    assert re.search(detail, caught.value.detail), caught.value.detail
