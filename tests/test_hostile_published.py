"""Hostile submissions for each row of the published threat table: at this machine's own level, all levels when slow."""

import pytest
from hostile_runs import SUITE, assert_as_expected, each_attack, outcomes

__all__ = ["outcomes"]


@pytest.mark.timeout(1200)  # the first one waits for all
@each_attack("D")
def test_hostile(outcomes, attack):
    assert_as_expected(outcomes, attack)


def test_hostile_rows_are_complete():
    """Every row of the threat table has a submission, but D34 (a broken reference); and there are enough of our own."""
    rows = {attack.row for attack in SUITE}
    assert {f"D{number}" for number in range(1, 38)} - rows == {"D34"}
    assert len([attack for attack in SUITE if attack.row.startswith("X")]) >= 15
    assert {row[0] for row in rows} == {"D", "X"}, "both files together run every attack"


def test_hostile_at_bubblewrap_nothing_is_let_through():
    assert [attack.name for attack in SUITE if "bubblewrap" in attack.expectation.allowed] == []
