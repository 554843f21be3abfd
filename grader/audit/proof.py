"""Choose the checks that prove that each known mistake is caught: cheap ones that together cover all checks."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from grader.audit.kept import Graded
from grader.course import check_file
from grader.course.catalog import Part


def proof_of(
    part: Part, graded: Mapping[str, Graded], known: Mapping[str, Collection[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the checks that are to prove each mistake wrong, by the mistake's name.

    ``graded`` holds the whole grading of each mistake. What ``known`` says of an earlier audit stays where it holds.
    A mistake that no check catches is left out.
    """
    file = check_file.read(part.check_file)
    costs = {name: _costs(file, one) for name, one in graded.items()}
    order = {check.name: place for place, check in enumerate(file.checks)}
    chosen = choose({name: cost for name, cost in costs.items() if cost}, known)
    return {name: tuple(sorted(checks, key=order.__getitem__)) for name, checks in sorted(chosen.items())}


def choose(
    costs: Mapping[str, Mapping[str, float]], known: Mapping[str, Collection[str]] | None = None
) -> dict[str, set[str]]:
    """Return a few checks for each mistake, so that every check that catches any mistake is there once at least.

    ``costs`` says, by mistake, which checks catch it and how many seconds each takes.
    """
    chosen = {}
    for mistake, checks in costs.items():
        still = set((known or {}).get(mistake, ())) & checks.keys()
        chosen[mistake] = still or {min(checks, key=lambda check: (checks[check], check))}
    proven = set().union(*chosen.values())
    every = dict.fromkeys(check for checks in costs.values() for check in checks)
    for check in every:
        if check not in proven:
            catching = [mistake for mistake, checks in costs.items() if check in checks]
            chosen[min(catching, key=lambda mistake: (costs[mistake][check], mistake))].add(check)
    return chosen


def _costs(file: check_file.CheckFile, graded: Graded) -> dict[str, float]:
    """Return the seconds of each check that took marks from a mistake, with those of its prerequisites."""
    seconds = {check.name: check.seconds for check in graded.checks}
    names = [check.name for check in graded.checks if check.took_marks]
    return {name: sum(seconds.get(one, 0.0) for one in file.with_prerequisites([name])) for name in names}
