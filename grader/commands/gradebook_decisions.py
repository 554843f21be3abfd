"""The commands of ``grader gradebook`` that write down what a person decides: mark, comment, override, extend, late."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.commands.gradebook_book import BY, DB, FOLDER, WHY, Book, decision_of, opened
from grader.commands.options import collected
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.gradebook.tables import Assignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Where a decision is kept, and who makes it, and why."""

    db: str | None = None
    by: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateOptions:
    """What `grader gradebook late` may change; None leaves it as it is."""

    due: str | None = None
    percent: float | None = None
    most: float | None = None
    grace: int | None = None
    days: int | None = None
    course: bool = False


@click.command("mark")
@FOLDER
@click.argument("person")
@click.argument("question")
@click.option("--points", type=float, help="Points for the answer.")
@click.option("--take-back", is_flag=True, help="Count the answer as not marked again.")
@DB
@BY
@WHY
@collected(Basis, "basis")
def mark(folder: Path, person: str, question: str, points: float | None, take_back: bool, basis: Basis) -> None:
    """Give PERSON points for their answer to a written QUESTION; the student reads the words of --why.

    \b
    Examples:
      grader gradebook mark build/lab1 "Ada Lovelace" svd_vs_gradient --points 7 --why "Say why the error is smallest."
    """  # noqa: D301
    from grader.gradebook import decisions
    from grader.gradebook.people import submission_of
    from grader.gradebook.scores import scored

    if (points is None) != take_back:
        raise UsageError("give either --points or --take-back")
    with opened(folder, basis.db) as book:
        submission = submission_of(book.session, book.assignment.id, person)
        attempt = scored(book.session, submission).attempt
        if attempt is None or not attempt.counts:
            raise UsageError(f"{submission.name} has no attempt that could be a grade")
        decisions.mark(book.session, attempt, question, points, decision_of(basis.by, basis.why))
        book.session.flush()
        final = scored(book.session, submission).final
        click.echo(" ".join(filter(None, (f"{submission.name}: {final.derivation}.", final.open))))


@click.command("comment")
@FOLDER
@click.argument("person")
@click.argument("words")
@click.option("--question", default="", help="The written question it is about (default: the whole submission).")
@DB
@BY
def comment(folder: Path, person: str, words: str, question: str, db: str | None, by: str | None) -> None:
    """Say something to PERSON; it is on their page of `grader feedback`.

    \b
    Examples:
      grader gradebook comment build/lab1 "Ada Lovelace" "Come and see me."
      grader gradebook comment build/lab1 "Ada Lovelace" "Name the theorem." --question svd_vs_gradient
    """  # noqa: D301
    from grader.gradebook import decisions
    from grader.gradebook.people import submission_of

    with opened(folder, db) as book:
        submission = submission_of(book.session, book.assignment.id, person)
        decisions.comment(book.session, submission, question, decision_of(by, words))
        click.echo(f"{submission.name}: comment kept")


@click.command("override")
@FOLDER
@click.argument("person")
@click.option("--check", metavar="PART/CHECK", help="Override this check (default: all checks together).")
@click.option("--points", type=float, help="Points in place of the grader's.")
@click.option("--take-back", is_flag=True, help="Let the grader's points count again.")
@DB
@BY
@WHY
@collected(Basis, "basis")
def override(folder: Path, person: str, check: str | None, points: float | None, take_back: bool, basis: Basis) -> None:
    """Give PERSON other points than the grader did, for one check or for all, and say why.

    \b
    Examples:
      grader gradebook override build/lab1 "Ada Lovelace" --check factorise/rank2 --points 3 --why "our check was wrong"
      grader gradebook override build/lab1 "Ada Lovelace" --take-back --why "regraded"
    """  # noqa: D301
    from grader.gradebook import decisions
    from grader.gradebook.people import submission_of
    from grader.gradebook.scores import scored

    if (points is None) != take_back:
        raise UsageError("give either --points or --take-back")
    part, slash, name = (check or "/").partition("/")
    if not slash:
        raise UsageError(f"--check names a part and a check of it: PART/CHECK, and not {check!r}")
    with opened(folder, basis.db) as book:
        submission = submission_of(book.session, book.assignment.id, person)
        before = scored(book.session, submission)
        if before.attempt is None or not before.attempt.counts:
            raise UsageError(f"{submission.name} has no attempt that could be a grade")
        decisions.override(book.session, before.attempt, (part, name), points, decision_of(basis.by, basis.why))
        book.session.flush()
        after = scored(book.session, submission)
        click.echo(f"{submission.name}: {after.final.derivation} (before: {before.final.score:g})")


@click.command("extend")
@FOLDER
@click.argument("person")
@click.option("--days", type=float, help="How many days more.")
@click.option("--hours", type=float, help="How many hours more, beside the days.")
@DB
@BY
@WHY
@collected(Basis, "basis")
def extend(folder: Path, person: str, days: float | None, hours: float | None, basis: Basis) -> None:
    """Give PERSON more time for the assignment; --days 0 takes it back.

    \b
    Examples:
      grader gradebook extend build/lab1 "Ada Lovelace" --days 2 --why "was ill"
      grader gradebook extend build/lab1 "Ada Lovelace" --hours 6
    """  # noqa: D301
    from grader.gradebook import decisions
    from grader.gradebook.people import named_person

    if days is None and hours is None:
        raise UsageError("say how much more time: --days or --hours; --days 0 takes it back")
    minutes = round(60 * (24 * (days or 0) + (hours or 0)))
    with opened(folder, basis.db) as book:
        who = named_person(book.session, person)
        decisions.extend(book.session, who, book.assignment, minutes, decision_of(basis.by, basis.why))
        click.echo(f"{who.name}: {minutes / 60:g} hours more for {book.assignment.name}")


@click.command("late")
@FOLDER
@click.option("--due", metavar="TIME", help="When it is due, with the zone: 2026-11-27T23:59+01:00.")
@click.option("--percent", type=float, help="What a started day costs, in per cent of the maximum score.")
@click.option("--most", type=float, help="The most it can cost, in per cent (default: 100).")
@click.option("--grace", type=int, metavar="MINUTES", help="How many minutes cost nothing.")
@click.option("--days", type=int, help="After how many days work earns nothing (default: never).")
@click.option("--course", is_flag=True, help="Set it for every assignment that has no late policy of its own.")
@click.option(
    "--person", nargs=2, metavar="NAME DAYS", help="Say how many days late one person was: a number, or `times`."
)
@DB
@BY
@WHY
@collected(LateOptions, "change")
@collected(Basis, "basis")
def late(folder: Path, change: LateOptions, person: tuple[str, str] | None, basis: Basis) -> None:
    """Set what it costs to hand in late, and show it. What is not given stays as it is.

    \b
    Examples:
      grader gradebook late build/lab1 --due 2026-11-27T23:59+01:00 --percent 10 --most 50 --grace 15
      grader gradebook late build/lab1 --course --percent 10 --days 5
      grader gradebook late build/lab1 --person "Ada Lovelace" 1 --why "the LMS did not say"
    """  # noqa: D301
    if change.course and (change.due is not None or person is not None):
        raise UsageError("--due and --person are about one assignment: leave out --course")
    with opened(folder, basis.db) as book:
        if change.due is not None:
            book.assignment.due = _time(change.due)
        if replace(change, course=False, due=None) != LateOptions():
            _change_policy(book, change, basis)
        book.session.flush()
        if person is not None:
            _say_how_late(book, *person, basis)
        click.echo(_policy_in_words(book, None if change.course else book.assignment))


def _say_how_late(book: Book, who: str, days: str, basis: Basis) -> None:
    """Write down how late one person was, and show what their score comes to."""
    from grader.gradebook import decisions
    from grader.gradebook.people import submission_of
    from grader.gradebook.scores import scored

    submission = submission_of(book.session, book.assignment.id, who)
    number = None if days == "times" else _whole(days)
    decisions.set_days_late(book.session, submission, number, decision_of(basis.by, basis.why))
    book.session.flush()
    click.echo(f"{submission.name}: {scored(book.session, submission).final.derivation}")


def _change_policy(book: Book, change: LateOptions, basis: Basis) -> None:
    from grader.gradebook import decisions
    from grader.gradebook.final_score import LatePolicy
    from grader.gradebook.policies import policy_of

    of = None if change.course else book.assignment
    now, dropped = policy_of(book.session, of)
    policy = LatePolicy(
        percent_a_day=now.percent_a_day if change.percent is None else change.percent,
        most_percent=now.most_percent if change.most is None else change.most,
        grace_minutes=now.grace_minutes if change.grace is None else change.grace,
        days_accepted=now.days_accepted if change.days is None else change.days,
    )
    decisions.set_policy(book.session, of, policy, dropped, decision_of(basis.by, basis.why))


def _policy_in_words(book: Book, of: Assignment | None) -> str:
    """Say what the late policy of an assignment is; None means the course's."""
    from grader.gradebook.policies import policy_of

    policy, _ = policy_of(book.session, of)
    due = f"{of.due:%Y-%m-%d %H:%M} UTC" if of and of.due else "at no known time"
    words = [f"due {due}"] if of else []
    words += [f"a late day costs {policy.percent_a_day:g} % of the maximum score"]
    words += [f"at most {policy.most_percent:g} %"] if policy.most_percent < 100 else []
    words += [f"{policy.grace_minutes} minutes cost nothing"] if policy.grace_minutes else []
    words += [] if policy.days_accepted is None else [f"after {policy.days_accepted} days work earns nothing"]
    return f"{of.name if of else 'every assignment without a late policy of its own'}: {'; '.join(words)}"


def _time(written: str) -> datetime:
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        raise UsageError(f"{written!r} is no time: write it like 2026-11-27T23:59+01:00") from None
    if time.tzinfo is None:
        raise UsageError(f"say the zone of {written}: {written}+01:00, or {written}Z for UTC")
    return time.astimezone(UTC)


def _whole(written: str) -> int:
    try:
        return int(written)
    except ValueError:
        raise UsageError(f"{written!r} is no number of days") from None
