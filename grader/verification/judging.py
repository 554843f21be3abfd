"""Judge the gradings of a part's known solutions (invariants 4, 5 and 6), with one finding for each cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from grader.audit.kept import CheckResult
from grader.course import check_file
from grader.course.catalog import Part
from grader.records.record import Verdict
from grader.verification.gradings import GradedSolution, Solution
from grader.verification.layout import Finding

_INVARIANT = {"reference": 4, "variant": 4, "template": 5, "mistake": 6}
_RIGHT = ("reference", "variant")


def judge(part: Part, graded: Sequence[GradedSolution]) -> Iterator[Finding]:
    """Yield what the gradings of one part show to be wrong; a check with an error of its own is reported once."""
    done = [result for result in graded if not result.fault]
    yield from _faults(part, graded)
    broken = _broken_checks(done)
    for (name, said), failed in broken.items():
        problem = f"check {name} has an error of its own on {_listed(failed)}: {said}"
        yield Finding(_invariant(failed), part.identity, problem, f"fix {_relative(part)}")
    excused = _depending_on(part, {name for name, _ in broken})
    yield from _full_marks(part, done, excused)
    earned = _earned(done, excused)
    for verdict, names in earned.items():
        problem = f"the template's verdict for {', '.join(names)} is {verdict}"
        yield Finding(5, part.identity, problem, f"grader stubs {part.identity}")
    # No mistake can fail a check that the template passes; that is reported already.
    excused |= frozenset(earned.get(Verdict.passed, ()))
    yield from _caught(part, [result for result in done if result.solution.kind == "mistake"], excused)


def _faults(part: Part, graded: Sequence[GradedSolution]) -> Iterator[Finding]:
    """Yield one finding for all solutions that could not be graded for the same reason."""
    reasons: defaultdict[str, list[Solution]] = defaultdict(list)
    for result in graded:
        if result.fault:
            reasons[result.fault].append(result.solution)
    for reason, failed in reasons.items():
        problem = f"{_listed(failed)} could not be graded: {reason}"
        yield Finding(_invariant(failed), part.identity, problem, _once_more(failed[0]))


def _broken_checks(graded: Sequence[GradedSolution]) -> dict[tuple[str, str], list[Solution]]:
    """Return the checks with an error of their own, each with its message and the solutions where it occurred.

    If there are right solutions among these, only they are listed: the others have the same cause.
    """
    found: defaultdict[tuple[str, str], list[Solution]] = defaultdict(list)
    for kinds in (_RIGHT, ("template", "mistake")):
        known = {name for name, _ in found}
        for result in graded:
            for check in result.checks if result.solution.kind in kinds else ():
                if check.verdict is Verdict.grader_error and check.name not in known:
                    found[check.name, check.said].append(result.solution)
    return dict(found)


def _depending_on(part: Part, names: set[str]) -> frozenset[str]:
    """Return these checks and all checks that depend on them."""
    if not names:
        return frozenset()
    file = check_file.read(part.check_file)
    return frozenset(check.name for check in file.checks if names & {*file.with_prerequisites([check.name])})


def _full_marks(part: Part, graded: Sequence[GradedSolution], excused: frozenset[str]) -> Iterator[Finding]:
    """Find right solutions that lost marks; a check that the reference loses is not reported for variants again."""
    right = sorted(
        (one for one in graded if one.solution.kind in _RIGHT), key=lambda one: one.solution.kind != "reference"
    )
    told = set[str]()
    for result in right:
        lost = _causes([check for check in result.checks if check.lost and check.name not in excused])
        if not lost or {check.name for check in lost} <= told:
            continue
        solution, first = result.solution, lost[0]
        problem = (
            f"{solution.kind} {solution.path.stem}: {first.name} is {first.verdict}: {first.said}{_and_others(lost)}"
        )
        yield Finding(4, part.identity, problem, _once_more(solution))
        if solution.kind == "reference":
            told |= {check.name for check in lost}


def _causes(lost: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the lost checks without those skipped because another one failed."""
    return [check for check in lost if check.verdict is not Verdict.skipped] or list(lost)


def _and_others(lost: Sequence[CheckResult]) -> str:
    return f" (and {len(lost) - 1} more: {', '.join(check.name for check in lost[1:])})" if len(lost) > 1 else ""


def _earned(graded: Sequence[GradedSolution], excused: frozenset[str]) -> dict[Verdict, list[str]]:
    """Return the checks whose verdict for the template is not `not_implemented`, by verdict."""
    verdicts: defaultdict[Verdict, list[str]] = defaultdict(list)
    for result in graded:
        for check in result.checks if result.solution.kind == "template" else ():
            if check.verdict is not Verdict.not_implemented and check.name not in excused:
                verdicts[check.verdict].append(check.name)
    return dict(verdicts)


def _caught(part: Part, mistakes: Sequence[GradedSolution], excused: frozenset[str]) -> Iterator[Finding]:
    """Find mistakes that lose no marks, and checks that no mistake fails."""
    failed = frozenset[str]().union(*(result.caught_by for result in mistakes))
    for result in mistakes:
        ours = {check.name for check in result.checks if check.verdict is Verdict.grader_error}
        if not result.caught_by and not ours & excused:
            problem = f"no check catches mistake {result.solution.path.stem}"
            yield Finding(6, part.identity, problem, f"sharpen {_relative(part)}")
    if len(mistakes) < len(part.mistakes):
        return  # a mistake that could not be graded may fail them
    names = [check.name for check in check_file.read(part.check_file).checks]
    unproven = [name for name in names if name not in failed | excused]
    where = f"add one below fixtures/{part.identity}/mistakes"
    if unproven and not part.mistakes:
        yield Finding(6, part.identity, f"there are no mistakes yet: no mistake fails {', '.join(unproven)}", where)
        return
    for name in unproven:
        yield Finding(6, part.identity, f"no mistake fails {name}", where)


def _invariant(failed: Sequence[Solution]) -> int:
    """Return the first invariant that is about solutions of these kinds."""
    return min(_INVARIANT[solution.kind] for solution in failed)


def _listed(failed: Sequence[Solution]) -> str:
    """Return solutions in words: ``the reference, 12 variants and 1 mistake``."""
    counts: defaultdict[str, int] = defaultdict(int)
    for solution in failed:
        counts[solution.kind] += 1
    words = [
        f"the {kind}" if kind in ("reference", "template") else f"{count} {kind}{'s' if count > 1 else ''}"
        for kind, count in counts.items()
    ]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _once_more(solution: Solution) -> str:
    """Return the command that grades a known solution again, to see what is wrong."""
    part = solution.part
    return f"grader grade {part.assignment} {solution.path.relative_to(part.course)} --part {part.name}"


def _relative(part: Part) -> str:
    return str(part.check_file.relative_to(part.course))
