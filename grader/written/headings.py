"""Find the headings in a student's text, and which question a heading names.

Headings may be spelled in many ways: any level and case, the question's id or its title, "1." or "Q1", a line in bold.
Markdown is parsed only to find where blocks begin and end, and never rendered.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt

from grader.written.questions import Question

NEVER_ENDS = 7  # the level of a heading that counts only if it names a question

_LONGEST_HEADING = 200
_MOST_HEADINGS = 500  # in one file or cell
_ALIKE = 0.8  # difflib's ratio: "svd_vs_gradiant" is alike, another word is not

_NUMBERED = re.compile(
    r"(?P<word>(?:question|answer)\s*|[qa])?(?P<number>\d{1,2})\b\s*(?P<mark>[.:)\u2013\u2014-]+|$)?\s*", re.IGNORECASE
)
_POINTS = re.compile(r"\(\s*[\d.]+\s*(points?|pts?\.?|p\.?)\s*\)\s*$", re.IGNORECASE)
# A line in bold, or `#` without the space that Markdown requires: people use both as headings.
_MEANT = re.compile(r"(?P<bold>\*\*|__)[^*\n]+(?P=bold)\s*:?|#{1,6}[^#\s].*")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading on the lines [begin, end) of a text; ``level`` is Markdown's 1 to 6, or `NEVER_ENDS`."""

    begin: int
    end: int
    level: int
    text: str


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])  # no inline parsing: only where blocks begin and end is needed
    return parser


def headings(text: str) -> Iterator[Heading]:
    """Yield the headings at the top level of a text, not those in a code block (Python comments), quote or list."""
    return itertools.islice(_all_headings(text), _MOST_HEADINGS)


def _all_headings(text: str) -> Iterator[Heading]:
    for opening, inside in itertools.pairwise(_parser().parse(text)):
        if opening.level or opening.map is None:
            continue
        begin, end = opening.map
        if opening.type == "heading_open":
            # A line above `---` is a heading for Markdown, but for students it is mostly the end of an answer.
            level = int(opening.tag[1]) if opening.markup.startswith("#") else NEVER_ENDS
            yield Heading(begin, end, level, inside.content)
        elif opening.type == "paragraph_open" and _MEANT.fullmatch(first := inside.content.partition("\n")[0].strip()):
            yield Heading(begin, begin + 1, NEVER_ENDS, first)


@cache
def _spellings(questions: tuple[Question, ...]) -> dict[str, Question]:
    return {
        plain(spelling): question
        for question in questions
        for spelling in (question.name, question.title, f"{question.name} {question.title}")
    }


def question_of(heading: str, questions: tuple[Question, ...]) -> Question | None:
    """Return the question that a heading names by its id, its title, both, or its number; None if it names none."""
    if len(heading) > _LONGEST_HEADING:
        return None
    number, rest = _split(heading)
    spellings = _spellings(questions)
    if named_first := spellings.get(plain(rest.partition(":")[0])):
        return named_first
    if near := difflib.get_close_matches(plain(rest), spellings, n=1, cutoff=_ALIKE):
        return spellings[near[0]]
    return _numbered(number, rest, questions)


def question_in_comment(comment: str, questions: tuple[Question, ...]) -> Question | None:
    """Return the question that a comment begins with, by its exact id or by its number with a word ("Q1: ...")."""
    number, rest = _split(comment)
    named = question_by_id(rest, questions)
    return named or (_numbered(number, rest, questions) if number and number["word"] else None)


def question_by_id(heading: str, questions: tuple[Question, ...]) -> Question | None:
    """Return the question whose id a heading begins with."""
    words = plain(heading.partition(":")[0])
    return next((question for question in questions if plain(question.name) == words), None)


def words_after(heading: str, question: Question) -> str:
    """Return what a heading says besides the question's name, title and points, as typed; the answer may be there."""
    _, rest = _split(heading)
    first, colon, others = rest.partition(":")
    words = others.strip() if colon and plain(first) in _spellings((question,)) else rest.strip()
    known = {plain(question.title), *_spellings((question,))}
    return "" if plain(words) in known or difflib.get_close_matches(plain(words), known, n=1, cutoff=_ALIKE) else words


def _split(heading: str) -> tuple[re.Match[str] | None, str]:
    """Return the number that a heading begins with, and the words after it, without marks and points."""
    text = _POINTS.sub("", heading.strip(" #*_`:"))
    number = _NUMBERED.match(text)
    return number, text[number.end() :] if number else text


def _numbered(number: re.Match[str] | None, rest: str, questions: tuple[Question, ...]) -> Question | None:
    # "1. Loading the data" is some section of a notebook; "Q1: ..." and a bare "1." are not.
    if number and number["mark"] is not None and (number["word"] or not rest):
        position = int(number["number"]) - 1
        return questions[position] if 0 <= position < len(questions) else None
    return None


def plain(text: str) -> str:
    """Return the words of a text in lower case with one space between them."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
