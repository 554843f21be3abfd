"""``grader audit``: how sharp the checks are, and how fair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from grader.audit import findings, summary
from grader.audit.runs import Results, Where, run
from grader.audit.tasks import Plan
from grader.commands.audit_table import show_findings
from grader.commands.options import SandboxOptions, collected, sandbox_options
from grader.commands.progress import tracked
from grader.course.catalog import find_course
from grader.errors import UsageError
from grader.files import whole_file
from grader.running.jobs import Engine
from grader.sandbox import levels
from grader.verification.authoring import refuse_broken


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOptions:
    """What an audit is to grade, and where its results go."""

    mutants: bool = True
    gradings: int = summary.GRADINGS
    again: bool = False
    keep: Path = Path("build/audit")
    html: Path | None = None


@click.command("audit")
@click.argument("selectors", nargs=-1, metavar="[ASSIGNMENT[/PART]]...")
@click.option("--all", "everything", is_flag=True, help="Every part of the course.")
@click.option("--mutants/--no-mutants", default=True, show_default=True, help="Grade mutants of the reference, too.")
@click.option(
    "--gradings",
    type=click.IntRange(min=0),
    default=summary.GRADINGS,
    show_default=True,
    help="Gradings of each right solution, each with another seed.",
)
@click.option("--again", is_flag=True, help="Grade anew what was graded before.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    default=Path("build/audit"),
    show_default=True,
    help="Where gradings are kept, to go on after an interruption.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Where the page goes (default: index.html in --keep).")
@sandbox_options
@collected(SandboxOptions, "where")
@collected(AuditOptions, "audit")
def command(selectors: Sequence[str], everything: bool, audit: AuditOptions, where: SandboxOptions) -> int:
    """Prove that the checks catch what is wrong, and never fail what is right.

    Every known mistake is graded, systematic mutants of the reference, and every right solution many times. Mutants
    that are right all the same are listed in part.toml under [equivalent], with the reason. Interrupt it when you like:
    what was graded is kept. What it found is stored as audit.json, and gradings of right solutions are not repeated
    while nothing that they depend on has changed.

    \b
    Examples:
      grader audit lab1/factorise
      grader audit --all --jobs 8
      grader audit lab1 --gradings 0            mistakes and mutants alone

    \b
    Exit codes: 0 every mistake and 95 % of the mutants are caught, every right solution has full marks · 1 not so
    """  # noqa: D301
    if bool(selectors) == everything:
        raise UsageError("name the parts to audit, or say --all")
    parts = find_course().select(selectors)
    refuse_broken(parts)
    plans = [Plan(part, audit.gradings, audit.mutants, audit.again) for part in parts]
    results = Results(plans, audit.keep, again=audit.again)
    _grade(plans, results, where)
    found = [findings.findings_of(plan, results) for plan in plans]
    for plan, one in zip(plans, found, strict=True):
        if not one.faults:
            summary.write(plan.part, findings.summary_of(plan, one))
    show_findings(found)
    click.echo(f"page: {_write_page(found, audit.html or audit.keep / 'index.html')}")
    return int(not all(one.good for one in found))


def _grade(plans: Sequence[Plan], results: Results, where: SandboxOptions) -> None:
    """Grade what is missing, one assignment after the other: each has a pool of its own."""
    total, level = len(results.missing(task for plan in plans for task in plan.tasks)), levels.choose(where.sandbox)
    with tracked("auditing", total) as step:
        for assignment in dict.fromkeys(plan.part.assignment for plan in plans):
            own = [plan for plan in plans if plan.part.assignment == assignment]
            run(own, results, Where(Engine.for_machine(where.jobs, total), level), step)


def _write_page(found: Sequence[findings.PartFindings], path: Path) -> Path:
    from grader.audit.page import render_audit

    path.parent.mkdir(parents=True, exist_ok=True)
    whole_file.write(path, render_audit(found).encode())
    return path
