"""The written questions of an assignment, and their text in ``answers.md`` and in the notebook that students fill in.

The questions are in ``fixtures/<assignment>/questions.toml``, one ``[[question]]`` each. People mark the answers: no
check reads them, and they do not count for the automatic score.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from grader.errors import CourseError

PLACEHOLDER = "*Your answer here.*"
_PREAMBLE = """\
# {assignment}: written answers

Write each answer below its question, in place of the line "Your answer here.", and hand this file in with your code.
Leave the headings as they are: they say which question an answer belongs to. A person reads and marks your answers.
"""


class RubricLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rubric item to begin with: what it is for, and how many points it gives, or takes if they are negative."""

    words: Annotated[str, Meta(pattern=r"^\S[^\n]*$")]
    points: Annotated[float, Meta(ge=-1000, le=1000)]


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One written question: ``name`` is its permanent id, ``text`` the question, ``part`` the part it is about.

    ``model_answer`` and ``rubric`` are for the people who mark. No file that students get may have them.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Annotated[str, Meta(pattern=r"^\S[^\n]*$")]
    text: Annotated[str, Meta(pattern=r"\S")]
    points: Annotated[float, Meta(gt=0)]
    part: str = ""
    model_answer: str = ""
    rubric: tuple[RubricLine, ...] = ()


class _Questions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of ``questions.toml``; an unknown key is an error."""

    question: tuple[Question, ...]


@dataclass(frozen=True)
class QuestionSheet:
    """The written questions of the assignment ``assignment`` in the course at ``course``; there may be none."""

    course: Path
    assignment: str

    @property
    def source(self) -> Path:
        """The file in which an instructor writes the questions."""
        return self.course / "fixtures" / self.assignment / "questions.toml"

    @property
    def template(self) -> Path:
        """The generated file that students fill in."""
        return self.course / "student_template" / self.assignment / "answers.md"

    @property
    def notebook(self) -> Path:
        """The generated notebook of the assignment, which holds the questions too."""
        return self.template.with_name(f"{self.assignment}.ipynb")

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions in order; raises CourseError that names the wrong key."""
        if not self.source.is_file():
            return ()
        try:
            questions = msgspec.convert(tomllib.loads(self.source.read_text(encoding="utf-8")), _Questions).question
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise CourseError(f"{self.source}: {error}") from None
        counts = Counter(question.name for question in questions)
        if twice := [name for name, count in counts.items() if count > 1]:
            raise CourseError(f"{self.source}: two questions are called {twice[0]!r}")
        return questions

    def template_text(self) -> str:
        """Return the empty ``answers.md``: for each question a heading, the question and a placeholder."""
        pieces = [_PREAMBLE.format(assignment=self.assignment)]
        pieces += (_asked(question) for question in self.questions)
        return "\n".join(pieces)

    def asked(self) -> tuple[tuple[str, str, str], ...]:
        """Return the id of each question, the part it is about (or ""), and its section of ``answers.md``."""
        return tuple((question.name, question.part, _asked(question)) for question in self.questions)

    def is_current(self) -> bool:
        """Return whether the template on disk is the one that the questions give."""
        return self.template.is_file() and self.template.read_text(encoding="utf-8") == self.template_text()


def _asked(question: Question) -> str:
    return f"{_heading(question)}\n\n{_quoted(question.text)}\n\n{PLACEHOLDER}\n"


def _heading(question: Question) -> str:
    return f"## {question.name}: {question.title} ({question.points:g} points)"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())
