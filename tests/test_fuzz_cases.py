"""What fuzzing found once stays mended (``make fuzz`` looks for more)."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "fuzz"
sys.path.insert(0, str(HERE))

from targets import TARGETS, seeds  # noqa: E402

CASES = sorted((HERE / "cases").glob("*/*"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}: {case.name}")
def test_what_was_found_harms_no_more(case):
    TARGETS[case.parent.name](case.read_bytes())


def test_there_is_a_case_for_every_target():
    assert {case.parent.name for case in CASES} == set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_a_sound_input_is_understood_and_any_cut_of_it_does_no_harm(name):
    for seed in seeds(name):
        for length in range(0, len(seed), 7):
            TARGETS[name](seed[:length])
        TARGETS[name](seed)
