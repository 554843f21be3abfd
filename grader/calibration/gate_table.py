"""Write the table of docs/gates.md: what is known of every gate in every setting, from the stored calibrations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_UP, Context

from grader.calibration import stored
from grader.calibration.distributions import FALSE_FAIL_TARGET, GateCalibration, caught
from grader.course.catalog import Part
from grader.course.part_toml import Gate, Setting
from grader.files.between_marks import escaped

_HEADINGS = (
    "gate",
    "setting",
    "passes if",
    "the reference",
    "right solutions measured",
    "P(a right solution fails) is at most",
    "mistakes caught",
)


def markdown(parts: Sequence[Part]) -> str:
    """Return the table: one line per gate and setting, a heading for each part."""
    sections = [_section(part) for part in parts if part.config.gates]
    return "\n".join(sections)


def _section(part: Part) -> str:
    head = [f"### {part.identity}", "", f"| {' | '.join(_HEADINGS)} |", f"|{'---|' * len(_HEADINGS)}"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in _rows(part))]) + "\n"


def _rows(part: Part) -> Iterator[tuple[str, ...]]:
    for name in part.config.gates:
        for setting in stored.settings(part):
            calibration = stored.read(part, setting)
            gate = part.config.gates_on(setting)[name]
            measured = calibration.gates.get(name) if calibration else None
            yield escaped(gate.title), setting.key, _terms(gate), *_known(part, setting, measured)


def _terms(gate: Gate) -> str:
    """Return what a solution must reach, in words."""
    sign = "≤" if gate.better == "lower" else "≥"
    runs = "one run" if gate.k == 1 else f"the best of {gate.k} runs"
    floor = "" if gate.floor is None else f", never beyond {gate.floor:g}"
    return f"{runs} {sign} {gate.threshold:g}{floor}"


def _known(part: Part, setting: Setting, measured: GateCalibration | None) -> tuple[str, ...]:
    """Return what was measured of a gate, or that nothing was."""
    if measured is None:
        return (f"**never measured**: `{stored.command(part, setting)}`", "none", "unknown", "unknown")
    return (
        _reference(measured),
        _share(measured.correct, part.right_solutions),
        _bound(measured),
        _caught(part, measured),
    )


def _reference(measured: GateCalibration) -> str:
    runs = measured.correct.get("reference")
    if runs is None or runs.median is None:
        return "not measured"
    return f"{runs.median:.4g} ({runs.minimum:.4g} to {runs.maximum:.4g} in {runs.runs} runs)"


def _share(measured: Iterable[str], known: Iterable[str]) -> str:
    names = set(known)
    return f"{len(names.intersection(measured))} of {len(names)}"


def _bound(measured: GateCalibration) -> str:
    good = "" if measured.false_fail <= FALSE_FAIL_TARGET else " (**too often**)"
    rounded = Context(prec=1, rounding=ROUND_UP).create_decimal(measured.false_fail)
    return f"{float(rounded):.0e}{good}"


def _caught(part: Part, measured: GateCalibration) -> str:
    """Return how many mistakes a gate catches; most mistakes are for other checks to catch."""
    tried = {path.stem for path in part.mistakes} & measured.mistakes.keys()
    if not tried:
        return "none was measured"
    return f"{len(tried.intersection(caught(measured)))} of {len(tried)}"
