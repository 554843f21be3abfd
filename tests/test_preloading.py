"""`worker.preloading`: what a process imports before it forks is left out of garbage collections."""

import gc
import subprocess
import sys

import pytest

from grader.worker.preloading import importing


@pytest.fixture(autouse=True)
def thawed():
    yield
    gc.enable()
    gc.unfreeze()


def test_what_is_made_while_importing_is_never_collected_and_the_collector_runs_again():
    before = gc.get_freeze_count()
    with importing():
        assert not gc.isenabled()
        made = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(made)


def test_an_import_that_fails_leaves_the_collector_running():
    with pytest.raises(ImportError), importing():
        raise ImportError
    assert gc.isenabled()


FIRST_THINGS_OF_A_WORKER = """
import sys
from grader.worker import child, zygote
zygote._settle_libraries()
before = set(sys.modules)
child._seed(1)
print(sorted(set(sys.modules) - before))
"""


def test_a_worker_need_not_import_what_it_begins_with():
    made = subprocess.run([sys.executable, "-c", FIRST_THINGS_OF_A_WORKER], capture_output=True, text=True, check=True)
    assert made.stdout == "[]\n"
