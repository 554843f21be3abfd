"""Grade one submission and keep what it answered, or judge again what an earlier grading kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from grader.course.catalog import Part
from grader.errors import SandboxError
from grader.intake.submission import Submission
from grader.records.record import ResultRecord
from grader.records.rescored import with_parts
from grader.running.jobs import Job, JobOutcome
from grader.sandbox.slot import Slot

Run = Callable[[Submission, Sequence[Part], Mapping[str, Slot]], ResultRecord]


def graded_anew(job: Job, submission: Submission, parts: Sequence[Part], slot: Slot, run: Run) -> JobOutcome:
    """Run a submission; the outcome has its answers if the job is to keep them."""
    from grader.grading.answering import KeepingSlot
    from grader.grading.stored_answers import PartAnswers, to_bytes

    answers = {part.name: PartAnswers() for part in parts} if job.keep else {}
    slots = {part.name: KeepingSlot(slot, part.identity, answers[part.name]) for part in parts if job.keep}
    record = run(submission, parts, slots)
    kept = to_bytes(submission, answers) if job.keep else b""
    return JobOutcome(name=job.name, record=record, answers=kept, ran=tuple(part.name for part in parts))


def judged_again(job: Job, parts: Sequence[Part], slot: Slot, run: Run) -> JobOutcome:
    """Judge kept answers; run the parts of which not all are kept, or all parts if the job says so.

    The outcome has answers, old and new, if something was run.

    Raises:
        SandboxError: what was kept cannot be read.
    """
    from grader.grading.answering import KeepingSlot, StoredSlot
    from grader.grading.stored_answers import PartAnswers, from_bytes, to_bytes

    try:
        stored = from_bytes(job.kept)
    except msgspec.MsgspecError as error:
        raise SandboxError(f"the kept answers of {job.name} cannot be read ({error}): run `grader grade`") from None
    submission = stored.submission()
    answers = {name: PartAnswers(replies) for name, replies in stored.parts.items()}
    known = [part for part in parts if part.name in answers and not job.run_again]
    slots = {part.name: StoredSlot(slot, part.identity, answers[part.name]) for part in known}
    record = run(submission, known, slots) if known else None
    missed = [part for part in parts if part.name not in slots or slots[part.name].missed]
    if not missed:
        return JobOutcome(name=job.name, record=record)
    answers |= {part.name: PartAnswers() for part in missed}
    again = run(
        submission, missed, {part.name: KeepingSlot(slot, part.identity, answers[part.name]) for part in missed}
    )
    return JobOutcome(
        name=job.name,
        record=with_parts(record, again, [part.name for part in parts]) if record else again,
        answers=to_bytes(submission, answers),
        ran=tuple(part.name for part in missed),
    )
