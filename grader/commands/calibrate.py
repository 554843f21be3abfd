"""``grader calibrate``: measure how often each gate fails a right solution and passes a wrong one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from grader.calibration import distributions, sampling, stored
from grader.calibration.plan import CalibrationPlan, Extent
from grader.commands.options import RunOptions, collected, sandbox_options, setting_options
from grader.commands.progress import tracked
from grader.commands.run_setting import chosen_device
from grader.course.catalog import Part, find_course
from grader.errors import UsageError
from grader.running.jobs import Engine
from grader.sandbox import levels
from grader.verification.authoring import refuse_broken


@click.command("calibrate")
@click.argument("selectors", nargs=-1, metavar="[ASSIGNMENT[/PART]]...")
@click.option(
    "--runs", default=distributions.RUNS_OF_CORRECT, show_default=True, help="Run each right solution this often."
)
@click.option(
    "--mistake-runs",
    default=distributions.RUNS_OF_MISTAKE,
    show_default=True,
    help="Run each mistake this often, if its first three runs all miss the gate.",
)
@click.option(
    "--solution",
    "solutions",
    multiple=True,
    help="Run only this right solution: `reference`, or a variant's name (may be repeated).",
)
@click.option(
    "--gate",
    "gates",
    multiple=True,
    help="Measure only this gate (may be repeated); the stored calibration keeps the others.",
)
@click.option(
    "--later",
    is_flag=True,
    help="Run only mistakes added after the stored calibration, and add them to it.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    default=Path("build/calibration"),
    show_default=True,
    help="Store runs here; an interrupted calibration resumes from them.",
)
@click.option(
    "--table",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Write what is known of every gate into this Markdown file, and run nothing.",
)
@setting_options
@sandbox_options
@collected(RunOptions, "run")
@collected(Extent, "extent")
def command(selectors: Sequence[str], extent: Extent, keep: Path, table: Path | None, run: RunOptions) -> int:
    """Run the reference, variants and mistakes many times at every gate; write calibration.json.

    Measures how often each gate fails a right solution and passes a wrong one. Run the same command to resume after an
    interruption.

    \b
    Examples:
      grader calibrate lab1/factorise
      grader calibrate lab1/factorise --later      after you added a mistake
      grader calibrate lab1/factorise --gate rank2_loss
      grader calibrate --runs 5000 --jobs 8
      grader calibrate lab2/embedding --profile full --runs 30 --mistake-runs 0 --solution reference
      grader calibrate --table docs/gates.md       update the table after a calibration
    """  # noqa: D301
    if extent.later and (extent.solutions or extent.gates):
        raise UsageError("--later runs only mistakes, at all gates: leave out --solution and --gate")
    if table:
        return _write_table(table)
    selected = find_course().select(selectors)
    refuse_broken(selected)
    parts = [part for part in selected if part.config.gates]
    if not parts:
        click.echo(f"no gates to calibrate: {', '.join(part.identity for part in selected) or 'there are no parts'}")
    plans = _plans(parts, extent, keep, run)
    level = levels.choose(run.sandbox)
    return max((_calibrate(plan, extent, run, level) for plan in plans), default=0)


def _write_table(path: Path) -> int:
    from grader.calibration import gate_table
    from grader.files import between_marks

    between_marks.write(path, gate_table.markdown(find_course().select(())))
    return 0


def _plans(parts: Sequence[Part], extent: Extent, keep: Path, run: RunOptions) -> list[CalibrationPlan]:
    """Return the plan of each part, before anything runs."""
    if run.profile == "full":  # never measure mini data instead and overwrite the calibration
        for part in parts:
            for name in part.config.datasets:
                part.datasets.require(name)
    device = chosen_device(run.device, parts)
    return [CalibrationPlan(part, part.setting(run.profile, device), extent, keep) for part in parts]


def _calibrate(plan: CalibrationPlan, extent: Extent, run: RunOptions, level: str) -> int:
    """Run one part, store and show the results; return 1 if a gate is not good enough, else 0."""
    engine = Engine.for_machine(run.jobs, 1_000, plan.setting.device)
    wanted: list[sampling.Wanted] = []
    with sampling.Sampler(plan.keep, engine, level) as sampler:
        for gates in plan.rounds():
            first = plan.first_runs(gates)
            _sample(first, plan, sampler)
            more = plan.more_runs(first)
            _sample(more, plan, sampler)
            wanted += more
    samples = plan.samples(wanted)
    path = plan.store(samples)
    _show(plan, path, samples, added=extent.later)
    return int(bool(stored.problems_of(plan.part, plan.setting)))


def _sample(wanted: Sequence[sampling.Wanted], plan: CalibrationPlan, sampler: sampling.Sampler) -> None:
    missing = sum(sampling.missing_runs(want, plan.keep) for want in wanted)
    with tracked(f"calibrating {plan.part.identity}", missing) as step:
        for want, size in sampler.sample(wanted):
            step(f"{want.gate} {want.solution.stem}", size)


def _show(plan: CalibrationPlan, path: Path, samples: dict[str, dict[Path, list[float]]], *, added: bool) -> None:
    """Print what was stored. Draw a plot only where all runs were made."""
    words = ""
    if added:
        words = f": {', '.join(sorted({path.stem for runs in samples.values() for path in runs})) or 'nothing'} added"
    click.echo(f"{path.relative_to(plan.part.course)}{words}")
    measured = stored.read(plan.part, plan.setting)
    for name, gate in (measured.gates if measured else {}).items():
        if name in samples:
            _show_gate(name, gate)
        if name in samples and not added:
            click.echo(f"    {_plot(plan, name, gate, samples[name])}")


def _show_gate(name: str, gate: distributions.GateCalibration) -> None:
    click.echo(f"  {name}: threshold {gate.threshold:g}, best of {gate.k}")
    for solution, runs in gate.correct.items():
        span = f"{_number(runs.minimum)} to {_number(runs.maximum)}"
        figures = f"median {_number(runs.median)}, 95 % {_number(runs.q95)}, {span}"
        click.echo(
            f"    {solution:<24} {runs.runs:5d} runs, {figures}, misses {runs.misses}, "
            f"P(false fail) ≤ {runs.miss_upper**gate.k:.1e}"
        )
    caught = distributions.caught(gate)
    click.echo(f"    catches {len(caught)} of {len(gate.mistakes)} mistakes: {', '.join(caught)}")
    if gate.false_fail > distributions.FALSE_FAIL_TARGET:
        k = distributions.suggest_k(gate.correct[gate.worst_correct].miss_upper)
        click.echo(f"    NOT GOOD: {gate.worst_correct} fails with up to {gate.false_fail:.1e}; use k = {k}")
    if gate.mistakes and not caught:
        click.echo("    NOT GOOD: it is not shown to catch a mistake: use more --mistake-runs, or change the threshold")


def _plot(
    plan: CalibrationPlan, gate: str, measured: distributions.GateCalibration, runs: dict[Path, list[float]]
) -> Path:
    """Draw the runs of a gate into a picture beside them, and return its path."""
    from grader.calibration.gate_plot import save_plot

    part = plan.part
    right = {name: runs[path] for name, path in part.right_solutions.items() if path in runs}
    wrong = {path.stem: values for path, values in runs.items() if path in part.mistakes}
    path = plan.keep / part.assignment / part.name / plan.setting.key / f"{gate}.png"
    save_plot(plan.gates[gate], measured, right, wrong, path)
    return path


def _number(value: float | None) -> str:
    return "nan" if value is None else f"{value:.4g}"
