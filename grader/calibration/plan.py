"""Plan a calibration: which solutions run at which gates and how often, and what is stored of the runs.

Right solutions get all their runs. A mistake gets three at first, and more only if it misses in all three: if it
passes, the gate does not catch it, however often it runs. The bound of a mistake counts all its runs, so it stays
valid: at worst it is too large.
"""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from grader.calibration import distributions, sampling, stored
from grader.calibration.sampling import Wanted
from grader.course.catalog import Part, data_use
from grader.course.part_toml import Setting
from grader.errors import UsageError, did_you_mean

V = TypeVar("V")
FIRST_RUNS = 3  # of a mistake; if it passes in any of them, this gate does not catch it


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How many single runs to make, of which solutions, at which gates; all of them if none are named.

    ``later`` means only mistakes that were added after the stored calibration.
    """

    runs: int
    mistake_runs: int
    solutions: Sequence[str] = ()
    gates: Sequence[str] = ()
    later: bool = False


class CalibrationPlan:
    """The calibration of one part in one setting; ``keep`` is the folder of finished runs."""

    def __init__(self, part: Part, setting: Setting, extent: Extent, keep: Path) -> None:
        """Choose solutions and gates; raises UsageError for an unknown name, or if no calibration can be added to."""
        self.part = part
        self.setting = setting
        self.keep = keep
        self._extent = extent
        self.gates = _named(part.config.gates_on(setting), extent.gates, f"{part.identity} has no gate")
        right = _named(part.right_solutions, extent.solutions, f"{part.identity} has no right solution")
        self._before = self._stored() if extent.later or extent.gates else None
        self._right = [] if extent.later else list(right.values())
        self._mistakes = part.mistakes
        if extent.later and self._before:
            self._mistakes = stored.later_mistakes(part, self._before)
        if not extent.mistake_runs:
            self._mistakes = ()

    def rounds(self) -> list[list[str]]:
        """Return the gates in the order of sampling: first those that come after no other gate, then the rest."""
        first = [name for name, gate in self.gates.items() if not gate.after]
        return [first, [name for name in self.gates if name not in first]]

    def first_runs(self, gates: Sequence[str]) -> list[Wanted]:
        """Return the runs that these gates need at first."""
        few = min(FIRST_RUNS, self._extent.mistake_runs)
        right = [self._wanted(gate, path, self._extent.runs) for gate in gates for path in self._right]
        return right + [self._wanted(gate, path, few) for gate in gates for path in self._mistakes_at(gate)]

    def more_runs(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        """Return the same runs, but all runs for each mistake whose first runs all missed."""
        return [self._all_runs(want) if self._missed(want) else want for want in wanted]

    def samples(self, wanted: Sequence[Wanted]) -> dict[str, dict[Path, list[float]]]:
        """Return the values of the single runs, by gate and solution."""
        return {
            name: {want.solution: sampling.values_of(want, self.keep) for want in wanted if want.gate == name}
            for name in self.gates
        }

    def store(self, samples: dict[str, dict[Path, list[float]]]) -> Path:
        """Write the part's calibration and return its path; keeps stored results of gates that were not run."""
        measured = {name: self._measured(name, runs) for name, runs in samples.items()}
        part, before = self.part, self._before
        if before:
            metrics = before.metrics_sha256 | {name: self._metrics[name] for name in measured}
            together = msgspec.structs.replace(before, gates=before.gates | measured, metrics_sha256=metrics)
            return stored.write(part, together, self.setting)
        fresh = stored.Calibration(
            solutions_sha256=stored.solutions_sha256(part, next(iter(measured.values())).correct),
            metrics_sha256=self._metrics,
            sizes=part.config.sizes_on(self.setting),
            datasets=data_use([part], self.setting.profile).origins(),
            confidence=distributions.CONFIDENCE,
            environment=f"{platform.system()} {platform.machine()}, {self.setting.device}",
            gates=measured,
        )
        return stored.write(part, fresh, self.setting)

    @property
    def _metrics(self) -> dict[str, str]:
        return stored.metrics_sha256(self.part)

    def _measured(self, gate: str, runs: dict[Path, list[float]]) -> distributions.GateCalibration:
        if self._extent.later and self._before:
            return distributions.with_mistakes(self._before.gates[gate], self.gates[gate], runs)
        return distributions.summarise(self.gates[gate], runs, self.part)

    def _stored(self) -> stored.Calibration:
        """Return the stored calibration to add to; raises UsageError if more than the named gates is out of date."""
        part, setting, gates = self.part, self.setting, self._extent.gates
        measured = stored.read(part, setting)
        if measured is None:
            raise UsageError(f"{part.identity}: there is no calibration yet; calibrate the whole part first")
        wrong = stored.problems_of(part, setting, without=gates)
        if measured.datasets != data_use([part], setting.profile).origins():
            wrong.append("it was calibrated on other data")
        if wrong:
            raise UsageError(f"{part.identity}: {wrong[0]}; calibrate the whole part first")
        return measured

    def _wanted(self, gate: str, path: Path, runs: int) -> Wanted:
        return Wanted(self.part, gate, path, runs, self.setting)

    def _mistakes_at(self, gate: str) -> Sequence[Path]:
        """Return the mistakes to run at a gate; leaves out those that never reach the gate before it."""
        first = self.gates[gate].after
        return [path for path in self._mistakes if not first or self._reaches(first, path)]

    def _reaches(self, gate: str, mistake: Path) -> bool:
        """Return whether a mistake ever reached a gate: in the runs made now, or in the stored calibration."""
        if gate not in self.gates:
            known = self._before.gates[gate].mistakes.get(mistake.stem) if self._before else None
            return known is not None and known.misses < known.runs
        runs = sampling.values_of(self._wanted(gate, mistake, self._extent.mistake_runs), self.keep)
        return any(map(self.gates[gate].reached, runs))

    def _missed(self, want: Wanted) -> bool:
        runs = sampling.values_of(want, self.keep)
        return want.solution in self._mistakes and all(map(self.gates[want.gate].missed, runs))

    def _all_runs(self, want: Wanted) -> Wanted:
        return dataclasses.replace(want, runs=self._extent.mistake_runs)


def _named(known: dict[str, V], names: Sequence[str], lack: str) -> dict[str, V]:
    """Return the entries with these names, or all if no names are given."""
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"{lack} {unknown[0]!r}{did_you_mean(unknown[0], known)}")
    return {name: value for name, value in known.items() if not names or name in names}
