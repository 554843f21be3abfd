"""Hostile submissions that we thought of ourselves: at this machine's own level, all levels when slow."""

import pytest
from hostile_runs import assert_as_expected, each_attack, outcomes

__all__ = ["outcomes"]


@pytest.mark.timeout(1200)  # the first one waits for all
@each_attack("X")
def test_hostile(outcomes, attack):
    assert_as_expected(outcomes, attack)
