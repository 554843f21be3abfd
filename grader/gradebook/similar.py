"""Keep which submissions are nearly identical, as the class page has them: for staff, and never scored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from grader.analysis.results import FILE, from_json
from grader.gradebook.tables import SimilarPair, Submission


class Alike(NamedTuple):
    """Another submission, and the share (0 to 1) of the shorter one's code that both have."""

    submission: Submission
    share: float


def take_in_pairs(session: Session, folder: Path, submissions: Mapping[str, Submission]) -> None:
    """Bring the pairs of these submissions up to date with ``analysis.json`` in ``folder``; keep them if it is gone."""
    try:
        found = from_json((folder / FILE).read_bytes()).near_identical
    except (OSError, msgspec.MsgspecError):
        return
    ids = {name: one.id for name, one in submissions.items()}
    wanted = {
        (ids[pair.first], ids[pair.second]): pair.share for pair in found if pair.first in ids and pair.second in ids
    }
    kept = session.scalars(select(SimilarPair).where(SimilarPair.first_id.in_(ids.values())))
    known = {(one.first_id, one.second_id): one for one in kept}
    for key, one in known.items():
        if key not in wanted:
            session.delete(one)
    for key, share in wanted.items():
        if key not in known:
            session.add(SimilarPair(first_id=key[0], second_id=key[1], similarity=share))
        else:
            known[key].similarity = share
    session.flush()


def alike(session: Session, submission: Submission) -> list[Alike]:
    """Return the submissions that are nearly identical to one, the most similar first."""
    either = or_(SimilarPair.first_id == submission.id, SimilarPair.second_id == submission.id)
    found = list[Alike]()
    for pair in session.scalars(select(SimilarPair).where(either).order_by(SimilarPair.similarity.desc())):
        other = session.get_one(Submission, pair.second_id if pair.first_id == submission.id else pair.first_id)
        found.append(Alike(other, pair.similarity))
    return found
