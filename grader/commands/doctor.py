"""``grader doctor``: print which protections, packages and devices this machine has."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path

import click

from grader.commands.progress import tracked
from grader.course import packages
from grader.course.catalog import find_course
from grader.errors import UsageError
from grader.running import devices
from grader.sandbox import left_behind, levels

_GRADING = ("torch", "numpy", "pytest", "pytest-timeout", "jinja2", "safetensors", "pillow")
_AUTHOR = ("scipy", "matplotlib", "pooch", "requests")
_PACKAGES = {name: f"pip install {name}" for name in _GRADING} | dict.fromkeys(
    _AUTHOR, "needed for calibration and fetching data: pip install 'mlgrader[author]'"
)


@click.command("doctor")
@click.option("--start", is_flag=True, help="Also start the sandbox and run a function in it.")
@click.option("--clean", is_flag=True, help="Remove what is left here of workers whose grader and sandbox were killed.")
@click.option("--attack", is_flag=True, help="Grade the hostile submissions here and print whether each was stopped.")
@click.option(
    "--table",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Write what each level stops into this file.",
)
@click.option("--cluster", metavar="ADDRESS", help="Print what each worker of this Dask cluster gives instead.")
@click.option("--sandbox", type=click.Choice(levels.NAMES), default="auto", show_default=True, help="Sandbox level.")
def command(start: bool, clean: bool, attack: bool, table: Path | None, cluster: str | None, sandbox: str) -> int:
    """Print which protections and devices this machine has, and what to install for more.

    \b
    Examples:
      grader doctor
      grader doctor --start
      grader doctor --clean                        after `kill -9`: end and remove what students left
      grader doctor --attack
      grader doctor --attack --sandbox process     test the level of a machine without bubblewrap
      grader doctor --table docs/attacks.md        update the table after changing an attack
      grader doctor --cluster tcp://scheduler:8786

    \b
    Exit codes: 0 as expected · 1 an attack was not stopped, or ended in another way than expected; or a worker of the
                cluster cannot grade
    """  # noqa: D301
    if table:
        return _write_table(table)
    if cluster:
        return _cluster(cluster)
    level = levels.choose(sandbox)
    if attack:
        if level == "direct":
            raise UsageError("attacks would succeed without a sandbox: choose another --sandbox")
        return _attack(level)
    _line(True, "python", f"{platform.python_version()} on {platform.system()} {platform.release()}")
    _packages(_importable())
    _sandbox(level)
    _left_behind(clean)
    _line(True, "cores", f"{len(os.sched_getaffinity(0))}, memory {_memory_gib():.0f} GiB")
    reason = devices.obstacle() if devices.gpus() else ""
    _line(not reason, "device", reason or ("cuda and cpu" if devices.gpus() else "cpu (no NVIDIA GPU here)"))
    if start:
        _line(*_trial(level))
    return 0


def _sandbox(level: str) -> None:
    """Print which levels can be used here, and what ``level`` protects from."""
    for name, module in levels.LEVELS.items():
        if name == "direct":
            continue
        obstacle = module.obstacle()
        _line(not obstacle, f"sandbox {name}", obstacle or ("used by default" if name == level else "can be used"))
    present, absent = levels.LEVELS[level].protections()
    for words in present:
        _line(True, "protection", words)
    for words in absent:
        _line(False, "protection", words)


def _left_behind(clean: bool) -> None:
    if clean:
        left_behind.clean()
    found = list(left_behind.told())
    for words in found:
        _line(False, "left behind", f"{words}: `grader doctor --clean` removes it")
    if not found:
        _line(True, "left behind", "nothing of a worker whose grader was killed")


def _write_table(path: Path) -> int:
    from grader.attack import table
    from grader.attack.suite import attacks
    from grader.files import between_marks

    between_marks.write(path, table.markdown(attacks(find_course())))
    return 0


def _cluster(address: str) -> int:
    """Print a line for each worker of a cluster; return 1 if one cannot grade, or none is there."""
    from grader.cluster.capabilities import capabilities
    from grader.cluster.connection import connected

    with connected(address) as client:
        found = capabilities(client)
    for one in found:
        _line(not one.obstacle, "worker", f"{one.address}: {one.words}")
        if one.obstacle:
            click.echo(f"     {'':<20} left out: {one.obstacle}")
    if not found:
        _line(False, "workers", f"none: start one with `dask worker {address} --nthreads 1`")
    return int(not found or any(one.obstacle for one in found))


def _attack(level: str) -> int:
    """Run the hostile submissions; return 1 if one was not stopped that should be, else 0."""
    from grader.attack.rounds import fight
    from grader.attack.suite import attacks
    from grader.commands.attack_table import show_attacks

    course = find_course()
    suite = attacks(course)
    outcomes = {}
    with tracked("attacks", len(suite)) as step:
        for outcome in fight(course, level, suite):
            outcomes[outcome.attack.name] = outcome
            step(outcome.attack.name)
    in_order = [outcomes[attack.name] for attack in suite]
    show_attacks(in_order, level)
    return int(any(not outcome.is_expected(level) for outcome in in_order))


def _line(good: bool, what: str, words: str) -> None:
    click.echo(f"{'ok   ' if good else 'MISS '}{what:<20} {words}")


def _importable() -> Mapping[str, str]:
    try:
        return find_course().config.packages
    except UsageError:  # outside a course
        return {}


def _packages(importable: Mapping[str, str]) -> None:
    """Print the version of each package that the grader needs, and of each that students of this course may import."""
    for package, found in packages.versions({name: name for name in _PACKAGES}).items():
        _line(bool(found), package, found or f"not installed: {_PACKAGES[package]}")
    for package, found in packages.versions(importable).items():
        modules = ", ".join(module for module, name in importable.items() if name == package)
        words = f"{found}: students may import {modules}" if found else f"not installed: pip install {package}"
        _line(bool(found), f"course {package}", words)


def _memory_gib() -> float:
    for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) / 2**20
    return 0.0


def _trial(level: str) -> tuple[bool, str, str]:
    """Start a slot and call a function in it; return whether it worked, as the arguments of `_line`."""
    from grader.sandbox.calls import Calls
    from grader.sandbox.slot import SlotSettings
    from grader.worker.limits import WorkerLimits

    slot = levels.open_slot(level, SlotSettings(preload=("torch",)))
    try:
        calls = Calls(slot, WorkerLimits())
        calls.load({"trial.py": b"def add(a, b): return a + b\n"}, "trial.py", {"add": []}, seed=0, seconds=20)
        answer = calls.call("add", [1, 2], {}, seed=0, seconds=5)
    finally:
        slot.close()
    return answer.value == 3, "trial", f"1 + 2 = {answer.value} inside the {level} sandbox"
