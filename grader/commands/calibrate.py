"""``grader calibrate``: measure how often each gate fails a right solution and passes a wrong one."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from grader.calibration import distributions, sampling, stored
from grader.commands.options import sandbox_options, setting_options
from grader.commands.progress import tracked
from grader.commands.run_setting import chosen_device
from grader.course import fingerprint
from grader.course.catalog import Part, data_use, find_course
from grader.course.part_toml import Setting
from grader.errors import UsageError
from grader.running.jobs import Engine
from grader.sandbox import levels

_FIRST_RUNS = 3  # of a mistake: one that passes in any of them is not caught here


@click.command("calibrate")
@click.argument("selectors", nargs=-1, metavar="[ASSIGNMENT[/PART]]...")
@click.option(
    "--runs", default=distributions.RUNS_OF_CORRECT, show_default=True, help="Single runs of each right solution."
)
@click.option(
    "--mistake-runs",
    default=distributions.RUNS_OF_MISTAKE,
    show_default=True,
    help="Single runs of each mistake that misses in the first three.",
)
@click.option(
    "--solution",
    "only",
    multiple=True,
    help="Only these right solutions: `reference`, or a variant's name. For settings in which others take hours.",
)
@click.option(
    "--later",
    is_flag=True,
    help="Only mistakes that came after the stored calibration; what it says of the others stays.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    default=Path("build/calibration"),
    show_default=True,
    help="Where runs are kept, to go on after an interruption.",
)
@setting_options
@sandbox_options
def command(
    selectors: Sequence[str],
    runs: int,
    mistake_runs: int,
    only: Sequence[str],
    later: bool,
    keep: Path,
    profile: str,
    device: str,
    jobs: int | None,
    sandbox: str,
) -> int:
    """Run reference, variants and mistakes many times at every gate; write calibration.json.

    Interrupt it when you like: what was run is kept and not run again.

    \b
    Examples:
      grader calibrate lab1/factorise
      grader calibrate lab1/factorise --later      after a mistake was added
      grader calibrate --runs 5000 --jobs 8
      grader calibrate lab2/embedding --profile full --runs 30 --mistake-runs 0 --solution reference
    """  # noqa: D301
    if later and only:
        raise UsageError("--later runs mistakes alone: leave --solution out")
    selected = find_course().select(selectors)
    parts = [part for part in selected if part.config.gates]
    if not parts:
        click.echo(f"no gates to calibrate: {', '.join(part.identity for part in selected) or 'there are no parts'}")
    if profile == "full":  # and not mini in its place, over the calibration that is there
        for part in parts:
            for name in part.config.datasets:
                part.datasets.require(name)
    chosen = chosen_device(device, parts)
    settings = {part: part.setting(profile, chosen) for part in parts}
    level = levels.choose(sandbox)
    tried = {part: _tried(part, setting, only, later) for part, setting in settings.items()}
    wanted: list[sampling.Wanted] = []
    # Gates that come after another are sampled once it is known which mistakes get that far.
    for second in (False, True):
        for part, setting in settings.items():
            own = [
                w
                for name, gate in part.config.gates.items()
                if bool(gate.after) == second
                for w in _wanted(part, setting, name, tried[part], runs, mistake_runs, keep)
            ]
            engine = Engine.for_machine(jobs, 1_000, setting.device)
            _sample(own, part, keep, engine, level)
            own = [_more_of_what_misses(want, mistake_runs, keep) for want in own]
            _sample(own, part, keep, engine, level)
            wanted += own
    conclude = _add if later else _conclude
    return max((conclude(part, setting, wanted, keep) for part, setting in settings.items()), default=0)


class _Tried(NamedTuple):
    """The known solutions of a part that the gates are tried on."""

    right: Sequence[Path]
    mistakes: Sequence[Path]


def _tried(part: Part, setting: Setting, only: Sequence[str], later: bool) -> _Tried:
    if later:
        return _Tried((), stored.later_mistakes(part, _stored(part, setting)))
    return _Tried(_right_solutions(part, only), part.mistakes)


def _stored(part: Part, setting: Setting) -> stored.Calibration:
    """The calibration that mistakes are added to; it must be of what would be run now."""
    measured = stored.read(part, setting)
    wrong = ["there is no calibration"] if measured is None else stored.problems_of(part, setting)
    if measured and measured.datasets != data_use([part], setting.profile).origins():
        wrong.append("it was calibrated on other data")
    if wrong or measured is None:
        raise UsageError(f"{part.identity}: {wrong[0]}; calibrate it without --later")
    return measured


def _sample(wanted: Sequence[sampling.Wanted], part: Part, keep: Path, engine: Engine, level: str) -> None:
    missing = sum(sampling.missing_runs(want, keep) for want in wanted)
    with tracked(f"calibrating {part.identity}", missing) as step:
        for want, size in sampling.sample(wanted, keep, engine, level):
            step(f"{want.gate} {want.solution.stem}", size)


def _wanted(
    part: Part, setting: Setting, name: str, tried: _Tried, runs: int, mistake_runs: int, keep: Path
) -> list[sampling.Wanted]:
    """The runs that one gate needs. Mistakes that never reach the gate it comes after are left out."""
    gate = part.config.gates[name].on(setting)
    mistakes = tried.mistakes if mistake_runs else ()
    if gate.after:
        before = part.config.gates[gate.after].on(setting)
        first = {path: sampling.Wanted(part, gate.after, path, mistake_runs, setting) for path in mistakes}
        mistakes = tuple(p for p in mistakes if any(before.reached(v) for v in sampling.values_of(first[p], keep)))
    right = [sampling.Wanted(part, name, path, runs, setting) for path in tried.right]
    few = min(_FIRST_RUNS, mistake_runs)
    return [*right, *(sampling.Wanted(part, name, path, few, setting) for path in mistakes)]


def _more_of_what_misses(want: sampling.Wanted, mistake_runs: int, keep: Path) -> sampling.Wanted:
    """All runs of a mistake whose first ones all miss; for one that passes, more would only say how often.

    To stop early leaves the bound of the others what it is: it counts all their runs, and can only be too large.
    """
    gate = want.part.config.gates[want.gate].on(want.setting)
    if want.solution in want.part.mistakes and all(map(gate.missed, sampling.values_of(want, keep))):
        return dataclasses.replace(want, runs=mistake_runs)
    return want


def _right_solutions(part: Part, only: Sequence[str]) -> list[Path]:
    """Reference and variants, or those that are named."""
    named = part.right_solutions
    if unknown := [name for name in only if name not in named]:
        raise UsageError(f"{part.identity} has no right solution {unknown[0]!r}; there are: {', '.join(named)}")
    return [path for name, path in named.items() if not only or name in only]


def _conclude(part: Part, setting: Setting, wanted: Sequence[sampling.Wanted], keep: Path) -> int:
    """Write the part's calibration and show it; 1 when a gate is not good enough."""
    samples = _samples(part, wanted, keep)
    gates = {
        name: distributions.summarise(gate, samples[name], part) for name, gate in part.config.gates_on(setting).items()
    }
    path = stored.write(
        part,
        stored.Calibration(
            solutions_sha256=stored.solutions_sha256(part, next(iter(gates.values())).correct),
            checks_sha256=fingerprint.of_metrics(part.check_file, part.config.gates),
            sizes=part.config.sizes_on(setting),
            datasets=data_use([part], setting.profile).origins(),
            confidence=distributions.CONFIDENCE,
            environment=f"{platform.system()} {platform.machine()}, {setting.device}",
            gates=gates,
        ),
        setting,
    )
    click.echo(f"{path.relative_to(part.course)}")
    for name, gate in gates.items():
        _show(name, gate)
        click.echo(f"    {_plot(part, setting, name, gate, samples[name], keep)}")
    return int(bool(stored.problems_of(part, setting)))


def _add(part: Part, setting: Setting, wanted: Sequence[sampling.Wanted], keep: Path) -> int:
    """Add the mistakes that were run to the stored calibration, and show it; a plot would need all its runs."""
    measured = _stored(part, setting)
    samples = _samples(part, wanted, keep)
    gates = {
        name: distributions.with_mistakes(measured.gates[name], gate, samples[name])
        for name, gate in part.config.gates_on(setting).items()
    }
    path = stored.write(part, msgspec.structs.replace(measured, gates=gates), setting)
    added = sorted({path.stem for runs in samples.values() for path in runs})
    click.echo(f"{path.relative_to(part.course)}: {', '.join(added) or 'nothing'} added")
    for name, gate in gates.items():
        _show(name, gate)
    return int(bool(stored.problems_of(part, setting)))


def _samples(part: Part, wanted: Sequence[sampling.Wanted], keep: Path) -> dict[str, dict[Path, list[float]]]:
    """A part's single runs by gate and solution."""
    return {
        name: {w.solution: sampling.values_of(w, keep) for w in wanted if w.part == part and w.gate == name}
        for name in part.config.gates
    }


def _show(name: str, gate: distributions.GateCalibration) -> None:
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
        click.echo(f"    NOT GOOD: {gate.worst_correct} fails with up to {gate.false_fail:.1e}; k = {k} would do")
    if gate.mistakes and not caught:
        click.echo("    NOT GOOD: it was not shown to catch a mistake: more --mistake-runs, or another threshold")


def _plot(
    part: Part,
    setting: Setting,
    name: str,
    measured: distributions.GateCalibration,
    samples: dict[Path, list[float]],
    keep: Path,
) -> Path:
    """Draw a gate's runs, beside where they are kept."""
    from grader.calibration.gate_plot import save_plot

    right = {name: samples[path] for name, path in part.right_solutions.items() if path in samples}
    wrong = {path.stem: runs for path, runs in samples.items() if path in part.mistakes}
    path = keep / part.assignment / part.name / setting.key / f"{name}.png"
    save_plot(part.config.gates_on(setting)[name], measured, right, wrong, path)
    return path


def _number(value: float | None) -> str:
    return "nan" if value is None else f"{value:.4g}"
