"""Every hostile submission, graded at every sandbox level that this machine gives."""

import pytest

from grader.attack.arena import arena
from grader.attack.suite import attacks
from grader.catalog import find_course
from grader.sandbox import levels

SUITE = attacks(find_course())
LEVELS = [name for name, module in levels.LEVELS.items() if name != "direct"]


@pytest.fixture(scope="module", params=LEVELS)
def ring(request):
    if reason := levels.LEVELS[request.param].obstacle():
        pytest.skip(reason)
    with arena(find_course(), request.param) as ring:
        yield ring


@pytest.mark.parametrize("attack", SUITE, ids=lambda attack: attack.name)
def test_hostile(ring, attack):
    outcome = ring.run(attack)
    assert outcome.is_expected(ring.level), (outcome.harm, outcome.surprises)


def test_hostile_rows_are_complete():
    """Every row of the threat table has a submission, but D34 (a broken reference); and there are enough of our own."""
    rows = {attack.row for attack in SUITE}
    assert {f"D{number}" for number in range(1, 38)} - rows == {"D34"}
    assert len([attack for attack in SUITE if attack.row.startswith("X")]) >= 15


@pytest.mark.parametrize("attack", SUITE, ids=lambda attack: attack.name)
def test_hostile_at_bubblewrap_nothing_is_let_through(attack):
    assert "bubblewrap" not in attack.expectation.allowed
