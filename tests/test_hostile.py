"""Every hostile submission, graded at every sandbox level that this machine gives."""

import pytest

from grader.attack.rounds import fight
from grader.attack.suite import attacks
from grader.course.catalog import find_course
from grader.sandbox import levels

SUITE = attacks(find_course())
LEVELS = [name for name, module in levels.LEVELS.items() if name != "direct"]


@pytest.fixture(scope="module", params=LEVELS)
def outcomes(request):
    """What came of those attacks that this session selects, by name: all of them graded at once, on every core."""
    level = request.param
    if reason := levels.LEVELS[level].obstacle():
        pytest.skip(reason)
    chosen = [item.callspec.params for item in request.session.items if item.originalname == "test_hostile"]
    suite = [given["attack"] for given in chosen if given["outcomes"] == level]
    return level, {outcome.attack.name: outcome for outcome in fight(find_course(), level, suite)}


@pytest.mark.timeout(1200)  # the first one waits for all
@pytest.mark.parametrize("attack", SUITE, ids=lambda attack: attack.name)
def test_hostile(outcomes, attack):
    level, found = outcomes
    outcome = found[attack.name]
    assert outcome.is_expected(level), (outcome.harm, outcome.surprises)


def test_hostile_rows_are_complete():
    """Every row of the threat table has a submission, but D34 (a broken reference); and there are enough of our own."""
    rows = {attack.row for attack in SUITE}
    assert {f"D{number}" for number in range(1, 38)} - rows == {"D34"}
    assert len([attack for attack in SUITE if attack.row.startswith("X")]) >= 15


@pytest.mark.parametrize("attack", SUITE, ids=lambda attack: attack.name)
def test_hostile_at_bubblewrap_nothing_is_let_through(attack):
    assert "bubblewrap" not in attack.expectation.allowed
