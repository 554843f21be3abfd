"""Find out which stored records changed checks make out of date, and what has to be judged again for each.

A part is judged again if anything that it is judged by has changed: its checks, or what they compare with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from grader.course.version import PartVersion
from grader.records.record import PartRecord, ResultRecord
from grader.records.store import Store
from grader.running.jobs import Job

OTHER_GRADER, OTHER_DATA = "the grader itself has changed", "the data have changed"


class ToJudge(NamedTuple):
    """A record that is out of date, the job that judges it again, and why all of it must be run; empty if not."""

    base: ResultRecord
    job: Job
    run_because: str


class Plan(NamedTuple):
    """What is to do for a class: records to judge again, records that are up to date, and those without answers."""

    to_judge: tuple[ToJudge, ...]
    current: tuple[ResultRecord, ...]
    not_kept: tuple[ResultRecord, ...]


def graded_records(store: Store) -> list[ResultRecord]:
    """Return the last attempt of each submission that was graded and is no practice, as it is stored."""
    found = ([one for one in store.attempts(record.submission.name) if _is_grade(one)] for record in store.latest())
    return [attempts[-1] for attempts in found if attempts]


def plan(store: Store, records: Sequence[ResultRecord], asked: Job, data: Mapping[str, str]) -> Plan:
    """Return what is to do; ``asked`` is a job with all that is the same for the class, ``data`` its data sets."""
    to_judge, current, not_kept = [], [], []
    for record in records:
        kept = b"" if record.checks_version == asked.checks_version else store.answers(record)
        if record.checks_version == asked.checks_version:
            current.append(record)
        elif not kept:
            not_kept.append(record)
        else:
            to_judge.append(_to_judge(record, asked, data, kept))
    return Plan(tuple(to_judge), tuple(current), tuple(not_kept))


def changes(records: Sequence[ResultRecord], versions: Mapping[str, PartVersion]) -> Iterator[tuple[str, list[str]]]:
    """Yield each part that is judged by something else than in some record, with its checks whose code has changed."""
    for name, version in versions.items():
        before = [part for record in records for part in record.parts if part.name == name]
        if any(part.version != version.sha256 for part in before):
            changed = {check for part in before for check in _changed_checks(part, version)}
            yield name, [check for check in version.checks if check in changed]


def _to_judge(record: ResultRecord, asked: Job, data: Mapping[str, str], kept: bytes) -> ToJudge:
    run_because = ""
    if record.grader_version != asked.grader_version:
        run_because = OTHER_GRADER
    elif record.datasets != data:
        run_because = OTHER_DATA
    before = {part.name: part.version for part in record.parts}
    changed = tuple(name for name, version in asked.versions.items() if before.get(name) != version.sha256)
    job = Job(
        **{field: getattr(asked, field) for field in Job.__struct_fields__}
        | {
            "name": record.submission.name,
            "seed": record.seed,
            # Where no part has changed, the questions or the titles have: they are not of any part.
            "parts": asked.parts if run_because or not changed else changed,
            "kept": kept,
            "run_again": bool(run_because),
        }
    )
    return ToJudge(record, job, run_because)


def _changed_checks(part: PartRecord, version: PartVersion) -> set[str]:
    before = {check.name: check.sha256 for check in part.checks}
    return {name for name, sha256 in version.checks.items() if before.get(name) != sha256}


def _is_grade(record: ResultRecord) -> bool:
    return not (record.is_practice or record.refused)
