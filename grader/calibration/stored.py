"""Store the calibration of a part in ``calibration.json``; find what is wrong or out of date in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from grader.calibration.distributions import FALSE_FAIL_TARGET, GateCalibration, caught
from grader.course import executed_code, fingerprint
from grader.course.catalog import Part
from grader.course.part_toml import MINI_CPU, Gate, Setting
from grader.errors import CourseError
from grader.files import whole_file

FILES = {
    "mini-cpu": "calibration.json",
    "mini-cuda": "calibration-mini-cuda.json",
    "full-cpu": "calibration-full-cpu.json",
    "full-cuda": "calibration-full-cuda.json",
}


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of ``calibration.json``; hashes and sizes tell when it is out of date.

    ``solutions_sha256`` hashes the right solutions that were run, by name; ``metrics_sha256`` hashes all that each
    gate's metric runs; ``sizes`` are the problem sizes; ``datasets`` says which version of each data set was used.
    """

    solutions_sha256: dict[str, str]
    metrics_sha256: dict[str, str]
    sizes: dict[str, int | float]
    datasets: dict[str, str]
    confidence: float
    environment: str
    gates: dict[str, GateCalibration]


class CalibrationProblem(NamedTuple):
    """What is wrong with a calibration, and the command that repairs it."""

    words: str
    repair: str


def solutions_sha256(part: Part, names: Collection[str]) -> dict[str, str]:
    """Return the hashes of the right solutions with these names; leaves out solutions that no longer exist."""
    paths = part.right_solutions
    return {name: fingerprint.of_code(paths[name].read_text(encoding="utf-8")) for name in names if name in paths}


def metrics_sha256(part: Part) -> dict[str, str]:
    """Return the hashes of all that each gate's metric runs."""
    return {gate: executed_code.metric_sha256(part, gate) for gate in part.config.gates}


def path_of(part: Part, setting: Setting) -> Path:
    """Return the file of a part's calibration for a setting."""
    return part.fixture_folder / FILES[setting.key]


def read(part: Part, setting: Setting = MINI_CPU) -> Calibration | None:
    """Return the stored calibration; None if there is none. Raises CourseError if it is damaged."""
    path = path_of(part, setting)
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Calibration)
    except msgspec.MsgspecError as error:
        raise CourseError(f"{path}: {error}; calibrate again with `{command(part, setting)}`") from None


def write(part: Part, calibration: Calibration, setting: Setting = MINI_CPU) -> Path:
    """Store a calibration beside the part's fixture data and return its path."""
    path = path_of(part, setting)
    whole_file.write(path, msgspec.json.format(msgspec.json.encode(calibration), indent=1) + b"\n")
    return path


def command(part: Part, setting: Setting) -> str:
    """Return the command that calibrates a part for a setting, on any machine."""
    profile = " --profile full" if setting.profile == "full" else ""
    device = f" --device {setting.device}" if "cuda" in part.config.devices else ""
    return f"grader calibrate {part.identity}{profile}{device}"


def problems(part: Part) -> list[CalibrationProblem]:
    """Return what is wrong with a part's calibrations: missing, out of date, other gates, or too many false fails.

    On mini data and a CPU, every gate must be measured on every right solution, and every mistake must be run. For
    other settings, a calibration may be missing or leave out solutions, but must not be wrong.

    Raises:
        CourseError: A gate has no metric, or a metric has no gate; with file and line.
    """
    executed_code.declared(part)
    if not part.config.gates:
        return []
    found = [
        CalibrationProblem(words, command(part, setting))
        for setting in settings(part)
        for words in problems_of(part, setting)
    ]
    stored = read(part)
    if not found and stored and (later := later_mistakes(part, stored)):
        words = f"no gate was measured on these mistakes: {', '.join(path.stem for path in later)}"
        found.append(CalibrationProblem(words, f"{command(part, MINI_CPU)} --later"))
    return found


def later_mistakes(part: Part, stored: Calibration) -> tuple[Path, ...]:
    """Return the mistakes that no gate of a calibration was measured on: they were added after it."""
    tried = {name for gate in stored.gates.values() for name in gate.mistakes}
    return tuple(path for path in part.mistakes if path.stem not in tried)


def settings(part: Part) -> list[Setting]:
    """Return the settings a part can be graded in."""
    profiles = ("mini", "full") if part.config.datasets else ("mini",)
    return [Setting(profile, device) for profile in profiles for device in part.config.devices]


def uncalibrated(part: Part) -> list[Setting]:
    """Return the settings in which a part's gates were never measured."""
    return [setting for setting in settings(part) if part.config.gates and not path_of(part, setting).is_file()]


def extent(part: Part, setting: Setting) -> str:
    """Return on how many known solutions a part's gates were measured, in words; empty if on all."""
    measured = read(part, setting)
    if measured is None or not part.config.gates:
        return ""
    right, wrong = len(part.right_solutions), len(part.mistakes)
    later = len(later_mistakes(part, measured))
    if len(measured.solutions_sha256) == right and not later:
        return ""
    return f"{len(measured.solutions_sha256)} of {right} right solutions and {wrong - later} of {wrong} mistakes"


def problems_of(part: Part, setting: Setting, *, without: Collection[str] = ()) -> list[str]:
    """Return what is wrong with a part's calibration for one setting, leaving out some gates."""
    stored = read(part, setting)
    if stored is None:
        return [f"there is no {FILES[setting.key]}"] if setting == MINI_CPU else []
    now = solutions_sha256(part, stored.solutions_sha256)
    changed = [name for name, sha256 in stored.solutions_sha256.items() if now.get(name) != sha256]
    found = [f"{', '.join(changed)} changed since it was calibrated"] if changed else []
    metrics = metrics_sha256(part)
    if other := [
        gate
        for gate, sha256 in metrics.items()
        if gate not in without and sha256 != stored.metrics_sha256.get(gate, sha256)
    ]:
        found.append(f"the code behind metric {', '.join(other)} has changed since the calibration")
    if stored.sizes != part.config.sizes_on(setting):
        found.append("the sizes in part.toml have changed since the calibration")
    needed = part.right_solutions if setting == MINI_CPU else {}
    for name, gate in part.config.gates_on(setting).items():
        if name in without:
            continue
        found += _gate_problems(name, gate, stored.gates.get(name), needed)
    return [f"{setting.key}: {problem}" if setting != MINI_CPU else problem for problem in found]


def _gate_problems(name: str, gate: Gate, measured: GateCalibration | None, needed: Iterable[str]) -> list[str]:
    if measured is None or _terms(measured) != _terms(gate):
        return [f"gate {name} in part.toml is new or has changed since the calibration"]
    if left_out := [solution for solution in needed if solution not in measured.correct]:
        return [f"gate {name} was never measured on {', '.join(left_out)}"]
    if not measured.false_fail <= FALSE_FAIL_TARGET:
        return [f"gate {name} fails a correct solution ({measured.worst_correct}) with up to {measured.false_fail:.1e}"]
    if measured.mistakes and not caught(measured):
        return [f"gate {name} is not shown to catch any mistake: run mistakes more often, or change the threshold"]
    return []


def _terms(gate: Gate | GateCalibration) -> tuple[float, int, float | None, str]:
    return gate.threshold, gate.k, gate.floor, gate.better
