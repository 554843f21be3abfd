"""Read the forms of the desk's pages, and write down what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from sqlalchemy.orm import Session
from starlette.requests import Request

from grader.desk import saving
from grader.desk.desk import Desk
from grader.desk.line import Entry
from grader.desk.saving import Given
from grader.errors import UsageError
from grader.gradebook import decisions, rubric
from grader.gradebook.said import comments_of, decided
from grader.gradebook.tables import Comment, Flag

_LONGEST = 100_000  # bytes of a form
_LONGEST_WORDS = 5_000  # characters of a field


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form."""

    fields: Mapping[str, str]

    def words(self, name: str) -> str:
        """Return a field as words, without spaces around them; empty if there is none."""
        words = self.fields.get(name, "").replace("\r\n", "\n").strip()
        if len(words) > _LONGEST_WORDS:
            raise UsageError(f"use at most {_LONGEST_WORDS:,} characters")
        return words

    def number(self, name: str) -> float | None:
        """Return a field as a number; None if it is empty."""
        text = self.fields.get(name, "").strip().replace(",", ".").replace("−", "-")
        try:
            return float(text) if text else None
        except ValueError:
            raise UsageError(f"{text!r} is not a number") from None

    def whole(self, name: str) -> int:
        """Return a field as a whole number; 0 if it is empty."""
        return self.whole_numbers(name)[0] if self.fields.get(name) else 0

    def whole_numbers(self, name: str) -> tuple[int, ...]:
        """Return a field such as ``3,8`` as whole numbers."""
        try:
            return tuple(int(one) for one in self.fields.get(name, "").split(",") if one)
        except ValueError:
            raise UsageError(f"{name} is not made of whole numbers") from None


async def read_form(request: Request) -> Form:
    """Read the form that a request sends; raises UsageError if it is too long."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > _LONGEST:
            raise UsageError("this is too long")
    return Form(dict(parse_qsl(content.decode("utf-8", errors="replace"), keep_blank_values=True)))


def mark(session: Session, desk: Desk, path: Mapping[str, str], form: Form) -> None:
    """Give the answers on a page rubric items (one of them pressed: ``toggle``), or points."""
    items, points = form.whole_numbers("items"), form.number("points")
    if pressed := form.whole("toggle"):
        items = tuple(sorted({*items} ^ {pressed}))
    given = Given(seen=form.whole("seen"), items=items, points=points, why=form.words("why"))
    saving.save_mark(session, desk, path["question"], _entry(form), given)


def say(session: Session, desk: Desk, path: Mapping[str, str], form: Form) -> None:
    """Add a comment to all answers on a page."""
    for student in desk.students(_entry(form)):
        submission = desk.attempt(session, student).submission
        there = {one.why for one in comments_of(session, submission) if one.question == path["question"]}
        if form.words("words") not in there:
            decisions.comment(session, submission, path["question"], desk.decision(form.words("words")))


def unsay(session: Session, desk: Desk, path: Mapping[str, str], form: Form) -> None:
    """Take a comment back, from all answers on a page that have it."""
    for student in desk.students(_entry(form)):
        for one in comments_of(session, desk.attempt(session, student).submission):
            if (one.question, one.why) == (path["question"], form.words("words")):
                decisions.withdraw(session, one.id, desk.decision())


def flag(session: Session, desk: Desk, path: Mapping[str, str], form: Form) -> None:
    """Flag the answers on a page for a colleague, or no longer."""
    saving.lock(session, desk.assignment_id)
    submissions = [desk.attempt(session, one).submission for one in desk.students(_entry(form))]
    flags = [one for each in submissions for one in decided(session, Flag, each) if one.question == path["question"]]
    newest = max(flags, key=lambda one: one.id, default=None)
    if newest and newest.id != form.whole("flag_seen"):
        theirs = f"{newest.by} {'flagged it' if newest.raised else 'removed the flag'}. {newest.why}"
        again = {"raised": form.fields.get("raised", ""), "words": form.words("words")}
        mine = f"flag it. {form.words('words')}" if again["raised"] else "remove the flag"
        raise saving.Newer(theirs, mine, newest.id, again)
    for one in submissions:
        raised = form.fields.get("raised") == "1"
        decisions.flag(session, one, path["question"], raised, desk.decision(form.words("words")))


def set_apart(session: Session, desk: Desk, path: Mapping[str, str], form: Form) -> None:
    """Mark an answer (``which``) by itself, or together with those that are nearly identical."""
    for code in form.fields.get("which", "").split(","):
        submission = desk.attempt(session, desk.student(code)).submission
        decisions.set_apart(session, submission, path["question"], form.fields.get("apart") == "1", desk.decision())


def item(session: Session, desk: Desk, path: Mapping[str, str], form: Form) -> None:
    """Add a rubric item, or change one for everybody who has it."""
    if path["question"] not in desk.work.questions:
        raise UsageError(f"there is no written question {path['question']!r}")
    words, points = form.words("words"), form.number("points")
    if points is None:
        raise UsageError("say how many points the rubric item gives; 0 is a number, too")
    if found := form.whole("item"):
        retired = form.fields.get("retired") == "1"
        saving.save_item(session, desk, found, form.whole("seen"), words, points, retired)
    else:
        saving.lock(session, desk.assignment_id)
        rubric.add_item(session, desk.assignment(session), path["question"], words, points, desk.decision())


def override(session: Session, desk: Desk, path: Mapping[str, str], form: Form) -> None:
    """Give a student other points for a check than the grader did, or take them back."""
    check = (form.fields.get("part", ""), form.fields.get("check", ""))
    points, seen = form.number("points"), form.whole("seen")
    if points is None and not form.fields.get("take_back"):
        raise UsageError("say how many points the check gives")
    points = None if form.fields.get("take_back") else points
    saving.save_override(session, desk, path["code"], check, points, form.words("why"), seen)


def say_to_student(session: Session, desk: Desk, path: Mapping[str, str], form: Form) -> None:
    """Add a comment on a whole submission."""
    submission = desk.attempt(session, desk.student(path["code"])).submission
    decisions.comment(session, submission, "", desk.decision(form.words("words")))


def unsay_to_student(session: Session, desk: Desk, path: Mapping[str, str], form: Form) -> None:
    """Take a comment on a whole submission back."""
    found = session.get(Comment, form.whole("comment"))
    if found is None or found.submission_id != desk.student(path["code"]).id:
        raise UsageError("there is no such comment")
    decisions.withdraw(session, found.id, desk.decision())


def look(session: Session, desk: Desk, path: Mapping[str, str], form: Form) -> None:
    """Say that a submission that needs a look was looked at, or still must be."""
    attempt = desk.attempt(session, desk.student(path["code"]))
    decisions.look(session, attempt, form.fields.get("looked") == "1", desk.decision(form.words("words")))


Action = Callable[[Session, Desk, Mapping[str, str], Form], None]
OF_AN_ANSWER: Mapping[str, Action] = {
    "mark": mark,
    "say": say,
    "unsay": unsay,
    "flag": flag,
    "apart": set_apart,
    "item": item,
}
OF_A_STUDENT: Mapping[str, Action] = {
    "override": override,
    "say": say_to_student,
    "unsay": unsay_to_student,
    "look": look,
}


def _entry(form: Form) -> Entry:
    """Return the answers that were on the page."""
    return Entry(tuple(filter(None, form.fields.get("members", "").split(","))) or ("",))
