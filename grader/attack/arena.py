"""Grade hostile submissions one after another in one slot, an honest student after each, and look for harm."""

from __future__ import annotations

import dataclasses
import os
import re
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from grader.attack.neighbour import small_part
from grader.attack.showing import harm_shown
from grader.attack.suite import Attack, config_of
from grader.course.catalog import Course, Part
from grader.errors import IntakeRefused
from grader.grading.grade import GradeOptions, grade
from grader.intake.submission import Submission, take_in
from grader.records.record import ResultRecord, Verdict
from grader.reports import text
from grader.sandbox import levels
from grader.sandbox.slot import Slot, SlotSettings, Worker
from grader.worker.limits import WorkerLimits
from grader.worker.process_table import descendants

_TOKEN = "COURSE_TOKEN"  # noqa: S105 -- the name of an environment variable
_BREACH = re.compile(r"^BREACH.*$", re.MULTILINE)
_MOST_SECONDS = 90.0  # every function may run into its deadline
_MOST_BYTES = 1088 << 20  # 320 MB of remembered answers, two of the largest in a check, and one that is refused
_MOMENT = 5.0  # seconds, on a busy machine
_OWN_LIMITS = WorkerLimits(reply_bytes=1)  # of a worker that is asked nothing
_TOUCHED = "mlgrader-breach-*"


@dataclass(frozen=True, slots=True)
class AttackOutcome:
    """The outcome of one attack: the ``harm`` it did, and ``surprises``, verdicts or words that were not expected."""

    attack: Attack
    harm: tuple[str, ...] = ()
    surprises: tuple[str, ...] = ()

    @property
    def result(self) -> str:
        """Stopped, detected, not measured, or not stopped."""
        return "not stopped" if self.harm else self.attack.expectation.how

    def is_expected(self, level: str) -> bool:
        """Return whether it did no harm except what ``level`` is known to let through, and had the right words."""
        if not self.harm:
            return not self.surprises
        known = self.attack.expectation.allowed.get(level)
        return known is not None and all(re.search(known.harm, harm) for harm in self.harm)


class Arena:
    """One slot at one level, with secrets planted around it and an honest student whose score must not change.

    The honest student hands in several parts: those that are attacked, and a small one.
    """

    def __init__(self, course: Course, level: str, scratch: Path) -> None:
        self.level = level
        config = config_of(course)
        self._parts = course.parts(config.assignment)
        self._honest_parts = [*self._parts, small_part(scratch / "course")]
        self._honest = _references_as_submission(self._honest_parts)
        self._scratch = scratch
        self._secret = f"SENTINEL-{secrets.token_hex(16)}"
        trees = ("reference", "fixtures", Path(course.config.checks).parts[0], Path(config.folder).parts[0])
        settings = SlotSettings(preload=("torch",), hidden=(*(course.root / tree for tree in trees), scratch))
        self._slot = _ListeningSlot(levels.open_slot(level, settings))
        self._plant()
        self._honest_score = self._grade_honest().score
        self._processes = min(
            self._processes_for(seconds=1.0)
        )  # the smallest count, because the last worker takes a moment to end

    def close(self) -> None:
        """End the slot and remove the secrets."""
        os.environ.pop(_TOKEN, None)
        self._slot.close()

    def _plant(self) -> None:
        """Put a secret where fixture data, another student's work and a token would be."""
        for place in ("fixtures/expected.json", f"submissions/neighbour/{self._parts[0].name}.py"):
            (self._scratch / place).parent.mkdir(parents=True)
            (self._scratch / place).write_text(f"# {self._secret}\n", encoding="utf-8")
        os.environ[_TOKEN] = self._secret

    def run(self, attack: Attack) -> AttackOutcome:
        """Grade one attack, then the honest student, and return what came of the attack."""
        expectation = attack.expectation
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            try:
                submission = take_in(attack.submission(Path(folder)))
            except IntakeRefused as refusal:
                unexpected = () if expectation.refused else ("it is refused",)
                return AttackOutcome(
                    attack, surprises=unexpected or _unlike(expectation.refused, str(refusal), "refused")
                )
            if expectation.refused:
                return AttackOutcome(attack, harm=("it is not refused",))
            if expectation.name:
                submission = dataclasses.replace(submission, name=expectation.name)
        self._slot.forget()
        with _Costs() as costs:
            record = self._grade(submission, self._parts)
        harm = (*self._harm(attack, record), *costs.harm())
        return AttackOutcome(attack, harm, tuple(_surprises(attack, record)))

    def _grade(self, submission: Submission, parts: Sequence[Part]) -> ResultRecord:
        options = GradeOptions(seed=secrets.randbits(31), whole=False, recognise=False)
        return grade(submission, parts, self._slot, options)

    def _grade_honest(self) -> ResultRecord:
        return self._grade(self._honest, self._honest_parts)

    def _harm(self, attack: Attack, record: ResultRecord) -> Iterator[str]:
        """Yield every harm that the attack did."""
        if record.score > attack.expectation.score:
            yield f"it earned {record.score:g} points"
        if any(check.verdict is Verdict.grader_error for part in record.parts for check in part.checks):
            yield "a check failed itself: it would be our fault"
        said = self._slot.heard()
        yield from sorted(set(_BREACH.findall(said)))
        yield from harm_shown(record, said, secret=self._secret, unseen=attack.expectation.unseen)
        yield from self._traces()

    def _traces(self) -> Iterator[str]:
        """Yield every trace that is left for the next student."""
        if self._grade_honest().score != self._honest_score:
            yield "the next student gets another score"
        touched = list(Path("/tmp").glob(_TOUCHED))  # noqa: S108 -- where the attacks try to write
        for path in touched:
            yield f"it wrote {path}"
            path.unlink()
        if all(count > self._processes for count in self._processes_for(_MOMENT)):
            yield "it left a process behind"

    def _processes_for(self, seconds: float) -> Iterator[int]:
        """Yield the number of processes of the slot, counted again and again for ``seconds``.

        After a worker whose limits nobody else has: so none waits that was forked ahead.
        """
        self._slot.worker(_OWN_LIMITS).close()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            yield len(descendants(self._slot.pid or os.getpid()))
            time.sleep(0.05)


@contextmanager
def arena(course: Course, level: str) -> Iterator[Arena]:
    """Open an arena, and close it at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="mlgrader-attack-") as scratch:
        made = Arena(course, level, Path(scratch))
        try:
            yield made
        finally:
            made.close()


class _Costs:
    """Measures what a grading costs the grader itself: seconds, and the peak of its memory in bytes."""

    def __enter__(self) -> Self:
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # resets the peak (proc(5))
        self._before = _memory("VmRSS")
        self._begun = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._begun
        self.bytes = _memory("VmHWM") - self._before

    def harm(self) -> Iterator[str]:
        """Yield costs so high that the rest of a class could not be graded."""
        if self.seconds > _MOST_SECONDS:
            yield f"it took {self.seconds:.0f} s"
        if self.bytes > _MOST_BYTES:
            yield f"the grader needed {self.bytes / 2**20:.0f} MB more"


def _memory(name: str) -> int:
    """Return a field of /proc/self/status in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{name}:"))


class _ListeningSlot:
    """A slot that remembers all output of its workers; a record keeps only the output of visible checks."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._workers: list[Worker] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._slot, name)

    def worker(self, limits: WorkerLimits) -> Worker:
        """Start a fresh worker and remember it."""
        made = self._slot.worker(limits)
        self._workers.append(made)
        return made

    def heard(self) -> str:
        """Return what was printed since :meth:`forget`."""
        return "\n".join(worker.output.text for worker in self._workers)

    def forget(self) -> None:
        """Forget all output so far."""
        self._workers.clear()


def _references_as_submission(parts: Sequence[Part]) -> Submission:
    files = {f"{part.name}.py": part.reference.read_bytes() for part in parts}
    return Submission(name="honest", files=files, sha256="", source=parts[0].reference)


def _surprises(attack: Attack, record: ResultRecord) -> Iterator[str]:
    """Yield every verdict and word that is not what the attack's author should read."""
    expectation = attack.expectation
    found = {check.verdict.value for part in record.parts for check in part.checks}
    if expectation.verdicts and not found <= set(expectation.verdicts):
        yield f"verdicts are {', '.join(sorted(found))}, not {', '.join(expectation.verdicts)}"
    yield from _unlike(expectation.message, text.render_text(record), "the report says something else")


def _unlike(wanted: str, words: str, problem: str) -> tuple[str, ...]:
    return () if re.search(wanted, words) else (f"{problem}: {words[:300]}",)
