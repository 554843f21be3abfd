"""The tables of the gradebook, for SQLite and PostgreSQL.

Attempts, and what a person decides (marks, comments, overrides, extensions, policies), are only ever added: the latest
row counts, and the rows before it are the history. Times are in UTC.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from grader.gradebook.utc_time import UtcTime


class Table(DeclarativeBase):
    """The base of all tables."""

    # Constraints get names, so that a migration can change them on any database.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime}  # noqa: RUF012 -- SQLAlchemy's own way to say it


class Decided(Table):
    """What a person decided: ``by`` whom, when (``at``) and ``why``."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    why: Mapped[str] = mapped_column(default="")


class Person(Table):
    """One person of the course; ``key`` is the LMS's id for them, or their name where there is none."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    section: Mapped[str] = mapped_column(default="")
    identities: Mapped[list[Identity]] = relationship(back_populates="person", cascade="all, delete-orphan")


class Identity(Table):
    """One more id of a person: a column of a roster, such as ``SIS Login ID``, and its value."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("system", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    system: Mapped[str]
    value: Mapped[str]
    person: Mapped[Person] = relationship(back_populates="identities")


class Assignment(Table):
    """One assignment; ``weight`` is its share of the course's total, relative to the other assignments."""

    __tablename__ = "assignment"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(default="")
    due: Mapped[datetime | None]
    weight: Mapped[float] = mapped_column(default=1.0)
    best_counts: Mapped[bool] = mapped_column(default=False)  # the best attempt of a submission, not the latest


class Submission(Table):
    """What one person or group handed in for an assignment; ``name`` is that of its records.

    ``handed_in`` is None if the LMS did not say when; ``late`` is what the LMS said.
    """

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("assignment_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    name: Mapped[str]
    handed_in: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)
    assignment: Mapped[Assignment] = relationship()
    members: Mapped[list[Member]] = relationship(back_populates="submission")
    attempts: Mapped[list[Attempt]] = relationship(back_populates="submission", order_by="Attempt.number")


class Member(Table):
    """One person of a submission; a group has several."""

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("submission_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    submission: Mapped[Submission] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()


class Attempt(Table):
    """One grading of a submission. Its record, the file ``place`` below the folder of records, is the truth.

    ``checks`` has part, check, score and points of each check, ``questions`` the points of each written question.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        Index("ix_attempt_submission_id_counts", "submission_id", "counts", "number", "score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    number: Mapped[int]
    place: Mapped[str]
    record_sha256: Mapped[str]
    started: Mapped[str]
    standing: Mapped[str]
    counts: Mapped[bool]  # whether it can be a grade: no practice, and not refused
    score: Mapped[float]
    max_score: Mapped[float]
    checks: Mapped[list[tuple[str, str, float, float]]] = mapped_column(JSON)
    questions: Mapped[dict[str, float]] = mapped_column(JSON)
    submission: Mapped[Submission] = relationship(back_populates="attempts")


class Mark(Decided):
    """A person's points for a written answer; None takes the mark back.

    If ``items`` has ids of rubric items, the mark is what these are worth now; ``points`` is what they were worth when
    the mark was given.
    """

    __tablename__ = "mark"
    __table_args__ = (Index("ix_mark_submission_id_question", "submission_id", "question"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    question: Mapped[str]
    points: Mapped[float | None]
    items: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))


class RubricItem(Table):
    """One item of a question's rubric; what it says and gives is in its latest `Pricing`."""

    __tablename__ = "rubric_item"
    __table_args__ = (Index("ix_rubric_item_assignment_id_question", "assignment_id", "question"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    question: Mapped[str]
    position: Mapped[int]  # the number key that applies it, from 1


class Pricing(Decided):
    """What a rubric item says and how many points it gives, from now on and to everybody who has it.

    A ``retired`` item gives nothing to anybody.
    """

    __tablename__ = "pricing"

    item_id: Mapped[int] = mapped_column(ForeignKey("rubric_item.id"), index=True)
    words: Mapped[str]
    points: Mapped[float]
    retired: Mapped[bool] = mapped_column(default=False)


class Flag(Decided):
    """Whether a colleague should look at an answer; ``why`` says what for."""

    __tablename__ = "flag"
    __table_args__ = (Index("ix_flag_submission_id_question", "submission_id", "question"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    question: Mapped[str]
    raised: Mapped[bool]


class Look(Decided):
    """Whether a person has looked at an attempt that needs a look; ``why`` says what they found."""

    __tablename__ = "look"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    looked: Mapped[bool]


class Apart(Decided):
    """Whether an answer is marked by itself, although others are nearly identical."""

    __tablename__ = "apart"
    __table_args__ = (Index("ix_apart_submission_id_question", "submission_id", "question"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    question: Mapped[str]
    apart: Mapped[bool]


class Override(Decided):
    """A person's points in place of the grader's: for a check of a part, or for all checks; None takes it back.

    ``part`` and ``check`` are empty for all checks together.
    """

    __tablename__ = "override"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    part: Mapped[str] = mapped_column(default="")
    check: Mapped[str] = mapped_column("check_name", default="")
    points: Mapped[float | None]


class Comment(Decided):
    """A person's words for the student, on a submission or on one ``question`` of it; ``why`` holds the words.

    A comment that ``withdraws`` another one, by its id, has no words: the student reads neither.
    """

    __tablename__ = "comment"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    question: Mapped[str] = mapped_column(default="")
    withdraws: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))


class Extension(Decided):
    """More time for one person and assignment: ``minutes`` after the time when it is due."""

    __tablename__ = "extension"
    __table_args__ = (Index("ix_extension_person_id_assignment_id", "person_id", "assignment_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    minutes: Mapped[int]


class Lateness(Decided):
    """How late a submission was, as a person decided it: in place of what the times say."""

    __tablename__ = "lateness"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    days: Mapped[int | None]


class Policy(Decided):
    """The late policy of an assignment, or of the whole course where ``assignment_id`` is None (see LatePolicy)."""

    __tablename__ = "policy"

    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"), index=True)
    percent_a_day: Mapped[float]
    most_percent: Mapped[float]
    grace_minutes: Mapped[int]
    days_accepted: Mapped[int | None]
    dropped: Mapped[int]  # how many of a person's worst assignments the course's total leaves out


class SimilarPair(Table):
    """Two submissions of an assignment that are equal or nearly so; shown to staff only, and never scored."""

    __tablename__ = "similar_pair"
    __table_args__ = (UniqueConstraint("first_id", "second_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    similarity: Mapped[float]  # 1.0: equal files
