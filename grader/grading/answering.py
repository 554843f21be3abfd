"""Slots for one part of a submission: one keeps what its workers answer, the other answers from what was kept."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from grader.grading.stored_answers import NotKept, PartAnswers, Questions
from grader.sandbox.output import Output
from grader.sandbox.slot import Slot, Worker
from grader.worker.limits import WorkerLimits
from grader.worker.wire import Buffer, Frame, WireError

_NO_QUESTION = ("write", "forget")  # to write the files and to drop values: the answer is always the same


class _PartSlot:
    """A slot that is told which check asks; in all else it is the slot of the machine."""

    def __init__(self, slot: Slot, part: str, answers: PartAnswers) -> None:
        self.level = slot.level
        self.protections, self.missing_protections = slot.protections, slot.missing_protections
        self.versions = slot.versions
        self.answers = answers
        self._slot = slot
        self._questions = Questions(part)

    def begin(self, check: str) -> None:
        """Start a check."""
        self._questions.begin(check)

    @property
    def pid(self) -> int | None:
        """The process that all processes of the slot descend from."""
        return self._slot.pid

    def start(self) -> None:
        """Begin to start the slot."""
        self._slot.start()

    def wait_ready(self) -> None:
        """Wait until the slot can start a worker."""
        self._slot.wait_ready()

    def close(self) -> None:
        """Leave the slot to whoever opened it."""


class KeepingSlot(_PartSlot):
    """Runs a part in a slot, and keeps what it answers."""

    def worker(self, limits: WorkerLimits) -> Worker:
        """Start a worker whose answers are kept; raises SandboxError."""
        return _KeepingWorker(self._slot.worker(limits), self._questions, self.answers)


class _KeepingWorker:
    """A worker whose answers are kept."""

    def __init__(self, worker: Worker, questions: Questions, answers: PartAnswers) -> None:
        self.output = worker.output
        self._worker = worker
        self._questions = questions
        self._answers = answers

    @property
    def denied(self) -> float:
        """For how many seconds others kept it from running."""
        return self._worker.denied

    def peak_bytes(self) -> int:
        """Return the most memory its process has had at once, beside the libraries."""
        return self._worker.peak_bytes()

    def request(self, header: dict[str, Any], blob: Sequence[Buffer], *, seconds: float) -> Frame:
        """Ask the worker, and keep its reply; raises WorkerGone and WorkerSilent."""
        if header["do"] in _NO_QUESTION:
            return self._worker.request(header, blob, seconds=seconds)
        question, printed = self._questions.name(header, blob), self.output.count
        reply = self._worker.request(header, blob, seconds=seconds)
        self._answers.add(question, reply, self.output.since(printed))
        return reply

    def close(self) -> None:
        """End the worker."""
        self._worker.close()


class StoredSlot(_PartSlot):
    """Answers the questions of a part from what was kept; ``missed`` tells whether one of them has no answer."""

    def __init__(self, slot: Slot, part: str, answers: PartAnswers) -> None:
        super().__init__(slot, part, answers)
        self.missed = False

    def worker(self, limits: WorkerLimits) -> Worker:  # noqa: ARG002
        """Return what answers like a worker; nothing is started."""
        return _StoredWorker(self, self._questions)


class _StoredWorker:
    """Answers from what was kept: no code of a student runs."""

    denied = 0.0

    def __init__(self, slot: StoredSlot, questions: Questions) -> None:
        self.output = Output()
        self._slot = slot
        self._questions = questions

    def peak_bytes(self) -> int:
        """Return 0: nothing runs."""
        return 0

    def request(self, header: dict[str, Any], blob: Sequence[Buffer], *, seconds: float) -> Frame:  # noqa: ARG002
        """Return the kept reply; raises NotKept where there is none."""
        if header["do"] in _NO_QUESTION:
            return Frame({"ok": {}})
        reply = self._slot.answers.replies.get(self._questions.name(header, blob))
        frame = None
        if reply is not None:
            with contextlib.suppress(WireError):  # what is damaged counts as not kept, and is no fault of the student's
                frame = reply.frame()
        if reply is None or frame is None:
            self._slot.missed = True
            raise NotKept("a check asks what was not asked before")
        self.output.add(reply.printed.encode(errors="replace"))
        return frame

    def close(self) -> None:
        """Do nothing: there is nothing to end."""
