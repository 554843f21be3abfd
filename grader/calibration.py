"""How often a gate fails a correct solution, and passes a wrong one: measured, with confidence bounds.

A gate takes the best of k runs. If one run of a correct solution misses the threshold with probability p, all k do
with p^k; p is bounded above by Clopper and Pearson's exact interval (Biometrika 26, 1934). The runs of the reference,
the variants and the mistakes go through the sandbox like a student's.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from grader import atomic, fingerprint
from grader.catalog import Part
from grader.errors import CourseError
from grader.facts import MINI_CPU, Gate, Setting

FALSE_FAIL_TARGET = 1e-4
CONFIDENCE = 0.95
CAUGHT = 0.5  # a gate that passes a mistake less often than this is said to catch it
RUNS_OF_CORRECT = 1000
RUNS_OF_MISTAKE = 100
FILES = {
    "mini-cpu": "calibration.json",
    "mini-cuda": "calibration-mini-cuda.json",
    "full-cpu": "calibration-full-cpu.json",
    "full-cuda": "calibration-full-cuda.json",
}


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """The single runs of one solution at one gate; quantiles of the finite values, nan counted as a miss."""

    runs: int
    misses: int  # runs that do not reach the threshold, or go beyond the floor
    minimum: float | None
    median: float | None
    q95: float | None
    maximum: float | None
    miss_upper: float  # upper confidence bound of P(one run misses)
    pass_upper: float  # upper confidence bound of P(one run reaches the threshold)


class GateCalibration(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured for one gate. ``false_fail`` bounds P(a correct solution fails), over the worst of them."""

    threshold: float
    k: int
    floor: float | None
    false_fail: float
    worst_correct: str
    correct: dict[str, Distribution]
    mistakes: dict[str, Distribution]
    mistake_passes: dict[str, float]  # bound of P(best of k reaches the threshold); 1.0: this gate does not catch it
    better: str = "lower"


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of ``calibration.json``; hashes and sizes tell when it is out of date."""

    solutions_sha256: dict[str, str]  # of the right solutions that were run, by name
    checks_sha256: str
    sizes: dict[str, float]  # of the problem
    datasets: dict[str, str]  # which version of each was used
    confidence: float
    environment: str
    gates: dict[str, GateCalibration]


class Problem(NamedTuple):
    """What is wrong with a calibration, and the command that makes it anew."""

    words: str
    repair: str


def right_solutions(part: Part) -> dict[str, Path]:
    """The reference and the variants, by the names that a calibration has for them."""
    return {"reference": part.reference} | {path.stem: path for path in part.variants}


def solutions_sha256(part: Part, names: Collection[str]) -> dict[str, str]:
    """Hashes of the code of the right solutions with these names; without those that are gone."""
    paths = right_solutions(part)
    return {name: fingerprint.of_code(paths[name].read_text()) for name in names if name in paths}


def summarise(gate: Gate, values: Mapping[Path, Sequence[float]], part: Part) -> GateCalibration:
    """One gate's calibration from the single runs of every solution."""
    right = {name: path for name, path in right_solutions(part).items() if path in values}
    correct = {name: distribution(gate, values[path]) for name, path in right.items()}
    mistakes = {path.stem: distribution(gate, values[path]) for path in part.mistakes if path in values}
    worst = max(correct, key=lambda name: correct[name].miss_upper)
    return GateCalibration(
        threshold=gate.threshold,
        k=gate.k,
        floor=gate.floor,
        false_fail=correct[worst].miss_upper ** gate.k,
        worst_correct=worst,
        correct=correct,
        mistakes=mistakes,
        mistake_passes=_passes(mistakes, gate.k),
        better=gate.better,
    )


def with_mistakes(measured: GateCalibration, gate: Gate, values: Mapping[Path, Sequence[float]]) -> GateCalibration:
    """One gate's calibration, and with it the single runs of mistakes that came later."""
    later = {path.stem: distribution(gate, runs) for path, runs in values.items()}
    return msgspec.structs.replace(
        measured,
        mistakes=measured.mistakes | later,
        mistake_passes=measured.mistake_passes | _passes(later, gate.k),
    )


def distribution(gate: Gate, runs: Sequence[float]) -> Distribution:
    """Quantiles and bounds of single runs."""
    finite = sorted(value for value in runs if math.isfinite(value))
    misses = sum(map(gate.missed, runs))
    return Distribution(
        runs=len(runs),
        misses=misses,
        minimum=_quantile(finite, 0.0),
        median=_quantile(finite, 0.5),
        q95=_quantile(finite, 0.95),
        maximum=_quantile(finite, 1.0),
        miss_upper=upper_bound(misses, len(runs)),
        pass_upper=upper_bound(len(runs) - misses, len(runs)),
    )


def _passes(mistakes: Mapping[str, Distribution], k: int) -> dict[str, float]:
    return {name: 1 - (1 - runs.pass_upper) ** k for name, runs in mistakes.items()}


def upper_bound(successes: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """One-sided Clopper-Pearson upper bound of a probability, from ``successes`` in ``trials``."""
    from scipy.stats import beta  # noqa: PLC0415 -- a second to import, and only calibration needs it

    if successes >= trials:
        return 1.0
    return float(beta.ppf(confidence, successes + 1, trials - successes))


def suggest_k(miss_upper: float, target: float = FALSE_FAIL_TARGET) -> int | None:
    """The smallest k with miss_upper^k ≤ target; None when no k helps."""
    if miss_upper >= 1.0:
        return None
    return max(1, math.ceil(math.log(target) / math.log(max(miss_upper, 1e-300))))


def path_of(part: Part, setting: Setting) -> Path:
    """Where a part's calibration for a setting is kept."""
    return part.fixture_folder / FILES[setting.key]


def read(part: Part, setting: Setting = MINI_CPU) -> Calibration | None:
    """The stored calibration; None when there is none, CourseError when it is not one."""
    path = path_of(part, setting)
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Calibration)
    except msgspec.MsgspecError as error:
        raise CourseError(f"{path}: {error}; `{command(part, setting)}` makes it anew") from None


def write(part: Part, calibration: Calibration, setting: Setting = MINI_CPU) -> Path:
    """Store a calibration beside the part's fixture data."""
    path = path_of(part, setting)
    atomic.replace(path, msgspec.json.format(msgspec.json.encode(calibration), indent=1) + b"\n")
    return path


def command(part: Part, setting: Setting) -> str:
    """What calibrates a part for a setting, on whatever machine."""
    profile = " --profile full" if setting.profile == "full" else ""
    device = f" --device {setting.device}" if "cuda" in part.facts.devices else ""
    return f"grader calibrate {part.identity}{profile}{device}"


def problems(part: Part) -> list[Problem]:
    """What is wrong with a part's calibrations: missing, out of date, other gates, or too many false fails.

    On mini data and a CPU every gate is calibrated on every right solution, and every mistake is tried; for other
    settings a calibration may be missing, or be of some solutions, but not be wrong.
    """
    if not part.facts.gates:
        return []
    found = [
        Problem(words, command(part, setting)) for setting in settings(part) for words in problems_of(part, setting)
    ]
    stored = read(part)
    if not found and stored and (later := later_mistakes(part, stored)):
        words = f"mistakes that no gate was tried on: {', '.join(path.stem for path in later)}"
        found.append(Problem(words, f"{command(part, MINI_CPU)} --later"))
    return found


def later_mistakes(part: Part, stored: Calibration) -> tuple[Path, ...]:
    """The mistakes that no gate of a calibration was tried on: they came after it."""
    tried = {name for gate in stored.gates.values() for name in gate.mistakes}
    return tuple(path for path in part.mistakes if path.stem not in tried)


def settings(part: Part) -> list[Setting]:
    """The settings a part can be graded in."""
    profiles = ("mini", "full") if part.facts.datasets else ("mini",)
    return [Setting(profile, device) for profile in profiles for device in part.facts.devices]


def uncalibrated(part: Part) -> list[Setting]:
    """The settings in which a part's gates have never been measured."""
    return [setting for setting in settings(part) if part.facts.gates and not path_of(part, setting).is_file()]


def extent(part: Part, setting: Setting) -> str:
    """On how many known solutions a part's gates were measured, where it was not all; empty where it was."""
    measured = read(part, setting)
    if measured is None or not part.facts.gates:
        return ""
    right, wrong = len(right_solutions(part)), len(part.mistakes)
    later = len(later_mistakes(part, measured))
    if len(measured.solutions_sha256) == right and not later:
        return ""
    return f"{len(measured.solutions_sha256)} of {right} right solutions and {wrong - later} of {wrong} mistakes"


def problems_of(part: Part, setting: Setting) -> list[str]:
    """What is wrong with a part's calibration for one setting."""
    stored = read(part, setting)
    if stored is None:
        return [f"there is no {FILES[setting.key]}"] if setting == MINI_CPU else []
    now = solutions_sha256(part, stored.solutions_sha256)
    changed = [name for name, sha256 in stored.solutions_sha256.items() if now.get(name) != sha256]
    found = [f"{', '.join(changed)} changed since it was calibrated"] if changed else []
    if stored.checks_sha256 != fingerprint.of_metrics(part.check_file, part.facts.gates):
        found.append("the gates' metrics have changed since they were calibrated")
    if stored.sizes != part.facts.sizes_on(setting):
        found.append("the sizes in part.toml are not those that were calibrated")
    needed = right_solutions(part) if setting == MINI_CPU else {}
    for name, gate in part.facts.gates_on(setting).items():
        found += _gate_problems(name, gate, stored.gates.get(name), needed)
    return [f"{setting.key}: {problem}" if setting != MINI_CPU else problem for problem in found]


def _gate_problems(name: str, gate: Gate, measured: GateCalibration | None, needed: Iterable[str]) -> list[str]:
    if measured is None or _terms(measured) != _terms(gate):
        return [f"gate {name} in part.toml is not the one that was calibrated"]
    if left_out := [solution for solution in needed if solution not in measured.correct]:
        return [f"gate {name} was never measured on {', '.join(left_out)}"]
    if not measured.false_fail <= FALSE_FAIL_TARGET:
        return [f"gate {name} fails a correct solution ({measured.worst_correct}) with up to {measured.false_fail:.1e}"]
    if measured.mistakes and not caught(measured):
        return [f"gate {name} was not shown to catch any mistake: it needs more runs of them, or another threshold"]
    return []


def caught(measured: GateCalibration) -> list[str]:
    """The mistakes that a gate is said to catch."""
    return [mistake for mistake, passes in measured.mistake_passes.items() if passes < CAUGHT]


def _terms(gate: Gate | GateCalibration) -> tuple[float, int, float | None, str]:
    return gate.threshold, gate.k, gate.floor, gate.better


def _quantile(values: Sequence[float], q: float) -> float | None:
    if not values:
        return None
    return values[min(len(values) - 1, int(q * len(values)))]
