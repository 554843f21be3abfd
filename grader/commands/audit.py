"""``grader audit``: measure which wrong solutions the checks catch, and whether right ones keep full marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from grader.audit import findings, summary
from grader.audit.runs import Results, Where, run
from grader.audit.tasks import AuditPlan
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
    """Options of an audit: what to grade, and where to write the results."""

    mutants: bool = True
    gradings: int = summary.GRADINGS
    again: bool = False
    keep: Path = Path("build/audit")
    html: Path | None = None


@click.command("audit")
@click.argument("selectors", nargs=-1, metavar="[ASSIGNMENT[/PART]]...")
@click.option("--all", "everything", is_flag=True, help="Audit every part of the course.")
@click.option("--mutants/--no-mutants", default=True, show_default=True, help="Also grade mutants of the reference.")
@click.option(
    "--gradings",
    type=click.IntRange(min=0),
    default=summary.GRADINGS,
    show_default=True,
    help="Grade each right solution this often, each time with another seed.",
)
@click.option("--again", is_flag=True, help="Grade everything again, also what was graded before.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    default=Path("build/audit"),
    show_default=True,
    help="Store gradings here; an interrupted audit resumes from them.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Write the page here (default: index.html in --keep).")
@sandbox_options
@collected(SandboxOptions, "where")
@collected(AuditOptions, "audit")
def command(selectors: Sequence[str], everything: bool, audit: AuditOptions, where: SandboxOptions) -> int:
    """Test the checks: they must catch wrong solutions and give right ones full marks.

    Grades every known mistake, small changes of the reference (mutants), and every right solution many times. If a
    mutant is still a right solution, list it in part.toml under [equivalent] with the reason. Run the same command to
    resume after an interruption. The results are stored in audit.json; right solutions are graded again only after
    something that they depend on has changed, and a larger --gradings adds those that are missing.

    \b
    Examples:
      grader audit lab1/factorise
      grader audit --all --jobs 8
      grader audit lab1 --gradings 0            grade only mistakes and mutants

    \b
    Exit codes: 0 every mistake and 95 % of the mutants are caught, every right solution has full marks · 1 otherwise
    """  # noqa: D301
    if bool(selectors) == everything:
        raise UsageError("name the parts to audit, or use --all")
    parts = find_course().select(selectors)
    refuse_broken(parts)
    plans = [AuditPlan(part, audit.gradings, audit.mutants, audit.again) for part in parts]
    results = Results(plans, audit.keep, again=audit.again)
    _grade(plans, results, where)
    found = [findings.findings_of(plan, results) for plan in plans]
    for plan, one in zip(plans, found, strict=True):
        if not one.faults:
            summary.write(plan.part, findings.summary_of(plan, one))
    show_findings(found)
    click.echo(f"page: {_write_page(found, audit.html or audit.keep / 'index.html')}")
    return int(not all(one.good for one in found))


def _grade(plans: Sequence[AuditPlan], results: Results, where: SandboxOptions) -> None:
    """Grade what is missing, one assignment after the other, each with a pool of its own."""
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
