"""Make the record of a submission that was judged again by changed checks, from the one before and what is new."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from grader.records.record import PartRecord, ResultRecord


def with_parts(record: ResultRecord, later: ResultRecord, order: Sequence[str]) -> ResultRecord:
    """Return ``later`` with all parts named in ``order``: its own, else those of ``record``."""
    parts = {part.name: part for part in (*record.parts, *later.parts)}
    whole = later.parts and {part.name for part in later.parts} >= set(order)
    return msgspec.structs.replace(
        later,
        parts=tuple(parts[name] for name in order if name in parts),
        datasets=record.datasets | later.datasets,
        # What is said of the submission as a whole can only be right where all of it was looked at.
        notices=later.notices if whole else record.notices,
        reasons=later.reasons if whole else record.reasons,
    )


def rescored(base: ResultRecord, judged: ResultRecord, ran: Collection[str], order: Sequence[str]) -> ResultRecord:
    """Return the record of judging again what ``base`` is about.

    ``judged`` has the parts whose checks changed; of the parts among ``ran`` the student's code was run, of the others
    the kept answers were judged. All other parts stay as they are. ``order`` has the parts of the assignment.
    """
    before = {part.name: part for part in base.parts}
    judged_parts = tuple(
        part if part.name in ran else _judged_part(part, before.get(part.name), base) for part in judged.parts
    )
    kept = {name: _run_before(part, base) for name, part in before.items()}
    record = with_parts(
        msgspec.structs.replace(base, parts=tuple(kept.values())),
        msgspec.structs.replace(judged, parts=judged_parts),
        order,
    )
    return msgspec.structs.replace(
        record,
        rescored_from=base.attempt,
        seconds=judged.seconds if ran else base.seconds,
        environment=judged.environment if ran else base.environment,
    )


def with_earlier_points(rescored: ResultRecord, best: ResultRecord) -> ResultRecord:
    """Return the record of who keeps the points of ``best``, because the changed checks of ``rescored`` gave fewer."""
    return msgspec.structs.replace(
        best,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        parts=tuple(_run_before(part, best) for part in best.parts),
        written=rescored.written,
        unplaced=rescored.unplaced,
        checks_version=rescored.checks_version,
        grader_version=rescored.grader_version,
        rescored_from=rescored.attempt,
        kept_from=best.kept_from or best.attempt,
        points_by=best.points_by or best.checks_version,
    )


def best_of_rescored(attempts: Iterable[ResultRecord], latest: ResultRecord) -> ResultRecord:
    """Return the best of an attempt and of those that it was rescored from; those with another maximum do not count."""
    by_number = {one.attempt: one for one in attempts}
    best = one = latest
    while (before := by_number.get(one.rescored_from)) and before.attempt < one.attempt:
        one = before
        if one.max_score == latest.max_score and one.score > best.score:
            best = one
    return best


def _run_before(part: PartRecord, record: ResultRecord) -> PartRecord:
    return msgspec.structs.replace(part, run_in=part.run_in or record.attempt)


def _judged_part(part: PartRecord, before: PartRecord | None, base: ResultRecord) -> PartRecord:
    """Return a part with the time and memory that the student's code took when it ran."""
    seconds = {check.name: check.seconds for check in before.checks} if before else {}
    checks = tuple(
        msgspec.structs.replace(check, seconds=seconds.get(check.name, check.seconds)) for check in part.checks
    )
    total = round(sum(check.seconds for check in checks), 3)
    run_in = (before.run_in if before else 0) or base.attempt
    memory = before.memory_mb if before else part.memory_mb
    return msgspec.structs.replace(part, checks=checks, seconds=total, memory_mb=memory, run_in=run_in)
