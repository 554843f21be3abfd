"""Hostile submissions graded by the real arena, for the two files that hold what must come of them."""

import pytest
from class_runs import processes
from own_level import WALLED, own_level

from grader.attack.rounds import fight
from grader.attack.suite import attacks
from grader.course.catalog import find_course
from grader.sandbox import levels

SUITE = attacks(find_course())
# Each waits for a deadline as another attack does, or takes longer than a dozen others together.
SLOW = {
    "D22-endless-loop",
    "D22-fork-bomb",
    "D22-fork-tree",
    "D22-swallows-exceptions",
    "D30-hostile-repr",
    "X1-drips",
    "X1-half-frame-then-silence",
    "X54-stops-itself",
    "X56-crashes-the-interpreter",
    "X61-flood-from-children",
    "X65-swarm-of-spinners",
    "X66-bytes-in-sockets",
    "X67-notebook-chain-of-definitions",
    "X67-notebook-regex-bombs",
    "X7-colliding-keys",
}


def _levels():
    """Every level but `direct`; all but the strongest that this machine gives are slow."""
    return [pytest.param(name, marks=() if name == own_level() else pytest.mark.slow) for name in WALLED]


@pytest.fixture(scope="module", params=_levels())
def outcomes(request):
    """The level, and by name what came of the attacks that were selected in this file: all are graded at once."""
    level = request.param
    if reason := levels.LEVELS[level].obstacle():
        pytest.skip(reason)
    given = [item.callspec.params for item in request.session.items if item.path == request.path and has_attack(item)]
    suite = [params["attack"] for params in given if params["outcomes"] == level]
    return level, {outcome.attack.name: outcome for outcome in fight(find_course(), level, suite, processes())}


def has_attack(item):
    return "attack" in getattr(item, "fixturenames", ())


def each_attack(kind):
    """Run a test for each attack whose row begins with this letter."""
    suite = [
        pytest.param(attack, id=attack.name, marks=pytest.mark.slow if attack.name in SLOW else ())
        for attack in SUITE
        if attack.row.startswith(kind)
    ]
    return pytest.mark.parametrize("attack", suite)


def assert_as_expected(outcomes, attack):
    level, found = outcomes
    outcome = found[attack.name]
    assert outcome.is_expected(level), (outcome.harm, outcome.surprises)
