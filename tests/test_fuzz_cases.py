"""What fuzzing found once stays mended (``make fuzz`` looks for more)."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "fuzz"
sys.path.insert(0, str(HERE))

from targets import TARGETS, seeds  # noqa: E402


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_found_harms_no_more(name):
    for case in sorted((HERE / "cases" / name).glob("*")):
        TARGETS[name](case.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_a_sound_input_is_understood_and_any_cut_of_it_does_no_harm(name):
    for seed in seeds(name):
        for length in range(0, len(seed), 7):
            TARGETS[name](seed[:length])
        TARGETS[name](seed)
