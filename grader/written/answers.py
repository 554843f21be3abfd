"""Find a student's written answers in ``answers.md`` or in the Markdown cells of a notebook.

An answer is the text below the heading of its question. Headings may be spelled in many ways (any level and case, the
id or the title, "1." or "Q1"). The template's own text (the question, the placeholder) is not part of an answer.
Markdown is parsed only to find blocks and never rendered, so an answer is exactly what the student typed. No submission
makes this module raise an exception.
"""

from __future__ import annotations

import codecs
import difflib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath

from markdown_it import MarkdownIt

from grader.intake.archive import shown
from grader.records.record import WrittenRecord
from grader.written.notebook_cells import UnreadableNotebook, read_cells
from grader.written.questions import Question, QuestionSheet

LONGEST_ANSWER = 20_000  # characters; ten times a long answer, and what a report shows of one field
LONGEST_TEXT = 100_000  # characters read in all; they take a second or two, even if made to be slow
_PER_CELL = 50  # starting the parser costs as much time as so many characters
_LONGEST_HEADING = 200
_MOST_HEADINGS = 500  # in one file or cell
_MOST_FILES = 20
_ALIKE = 0.8  # difflib's ratio: "svd_vs_gradiant" is alike, another word is not

_NUMBERED = re.compile(
    r"(?P<word>(?:question|answer)\s*|[qa])?(?P<number>\d{1,2})\b\s*(?P<mark>[.:)\u2013\u2014-]+|$)?\s*", re.IGNORECASE
)
_POINTS = re.compile(r"\(\s*[\d.]+\s*(points?|pts?\.?|p\.?)\s*\)\s*$", re.IGNORECASE)
# A line in bold, or `#` without the space that Markdown requires: people use both as headings.
_MEANT = re.compile(r"(?P<bold>\*\*|__)[^*\n]+(?P=bold)\s*:?|#{1,6}[^#\s].*")
_NEVER_ENDS = 7  # the level of a heading that counts only if it names a question


@dataclass(frozen=True, slots=True)
class Collected:
    """Every question with the answer found (empty if none); ``notices`` are sentences for the student."""

    written: tuple[WrittenRecord, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """One file that may hold answers; each of its ``pieces`` (the whole file, or one cell) is parsed by itself."""

    path: str
    pieces: tuple[str, ...]
    is_notebook: bool = False


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading on the lines [begin, end) of a piece; ``level`` is Markdown's 1 to 6, or `_NEVER_ENDS`."""

    begin: int
    end: int
    level: int
    text: str


@dataclass(slots=True)
class _Reading:
    """State of reading: sentences for the student, and how many characters may still be read (-1: some were cut)."""

    notices: list[str] = field(default_factory=list)
    room: int = LONGEST_TEXT


def collect(files: Mapping[str, bytes], sheet: QuestionSheet) -> Collected:
    """Find the answer to every question in a submission's files (content by path); the first one found wins."""
    if not sheet.questions:
        return Collected()
    reading = _Reading()
    answers: dict[str, tuple[str, str]] = {}  # the question's name → the answer and its file
    for source in _sources(files, reading):
        for name, text in _read(source, sheet, reading).items():
            answers.setdefault(name, (text, source.path))
        if len(answers) == len(sheet.questions):
            break
    written = tuple(_record(question, *answers.get(question.name, ("", ""))) for question in sheet.questions)
    reading.notices += (
        f"Your answer to “{w.title}” has more than {LONGEST_ANSWER:,} characters. Only the first ones are kept."
        for w in written
        if w.truncated
    )
    return Collected(written, tuple(reading.notices))


def _record(question: Question, answer: str, source: str) -> WrittenRecord:
    return WrittenRecord(
        name=question.name,
        title=question.title,
        question=question.text.strip(),
        points=question.points,
        answer=answer[:LONGEST_ANSWER],
        truncated=len(answer) > LONGEST_ANSWER,
        source=source,
    )


def _sources(files: Mapping[str, bytes], reading: _Reading) -> Iterator[_Source]:
    """Yield the files that may hold answers: answers.md, similar names, then notebooks; the least nested first."""
    ranked = sorted((rank, path.count("/"), path) for path in files if (rank := _rank(path)) is not None)
    for _, _, path in ranked[:_MOST_FILES]:
        if not path.casefold().endswith(".ipynb"):
            yield _Source(path, _within(reading, path, [_decoded(files[path])]))
            continue
        try:
            cells = [cell.text for cell in read_cells(files[path]) if cell.cell_type == "markdown"]
        except UnreadableNotebook:
            again = "Save it again in Jupyter, or hand in answers.md."
            reading.notices.append(f"{shown(path)} cannot be read as a notebook, so no answer was found there. {again}")
            continue
        yield _Source(path, _within(reading, path, cells), is_notebook=True)


def _rank(path: str) -> int | None:
    name = PurePosixPath(path.casefold())
    if name.name == "answers.md":
        return 0
    if name.suffix in {".md", ".markdown", ".txt"} and "answer" in name.stem:
        return 1
    return 2 if name.suffix == ".ipynb" else None


def _within(reading: _Reading, path: str, pieces: Sequence[str]) -> tuple[str, ...]:
    """Return as many of the pieces as may still be read; add one notice when some are cut."""
    kept = []
    for piece in pieces:
        if len(piece) > reading.room >= 0:
            reading.notices.append(f"{shown(path)} is too long: not all of it was read for answers. Keep them short.")
            kept.append(piece[: reading.room])
            reading.room = -1
        if reading.room < 0:
            break
        kept.append(piece)
        reading.room = max(0, reading.room - len(piece) - _PER_CELL)
    return tuple(kept)


def _decoded(content: bytes) -> str:
    """Decode text as editors save it: UTF-8, UTF-16 with its mark (Windows' "Unicode"), or else Windows' Latin."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _read(source: _Source, sheet: QuestionSheet, reading: _Reading) -> dict[str, str]:
    """Return the answers in one file by the question's name, without empty ones."""
    found: dict[str, list[str]] = {}
    loose: list[str] = []  # below no question's heading
    for question, lines in _sections(source, sheet.questions):
        (loose if question is None else found.setdefault(question.name, [])).extend([*lines, ""])
    answers = {q.name: _own_words(found[q.name], q.text, sheet) for q in sheet.questions if q.name in found}
    answers = {name: text for name, text in answers.items() if text}
    if not (found or source.is_notebook) and (words := _own_words(loose, sheet.questions[0].text, sheet)):
        if len(sheet.questions) == 1:
            return {sheet.questions[0].name: words}
        names = ", ".join(f"“## {question.name}”" for question in sheet.questions)
        where = f"Put each answer below its own: {names}."
        reading.notices.append(f"{shown(source.path)} has text, but below no question's heading. {where}")
    return answers


def _sections(source: _Source, questions: tuple[Question, ...]) -> Iterator[tuple[Question | None, list[str]]]:
    """Yield the lines of a file in sections, each with the question it answers, or None.

    In answers.md everything down to the next question's heading belongs to an answer, even other headings. A notebook
    continues with other things, so there the next heading of the same level ends the answer.
    """
    question, level = None, 0
    for piece in source.pieces:
        text = piece.replace("\r\n", "\n").replace("\r", "\n")
        lines, begin = text.split("\n"), 0
        for heading in itertools.islice(_headings(text), _MOST_HEADINGS):
            named = _question_of(heading.text, questions)
            ends = source.is_notebook and heading.level <= min(level, 6)
            if named is None and not ends:
                continue
            yield question, lines[begin : heading.begin]
            question, level, begin = named, heading.level, heading.end
        yield question, lines[begin:]


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])  # no inline parsing: only where blocks begin and end is needed
    return parser


def _headings(text: str) -> Iterator[_Heading]:
    """Yield the headings at the top level of a text, not those in a code block (Python comments), quote or list."""
    for opening, inside in itertools.pairwise(_parser().parse(text)):
        if opening.level or opening.map is None:
            continue
        begin, end = opening.map
        if opening.type == "heading_open":
            # A line above `---` is a heading for Markdown, but for students it is mostly the end of an answer.
            level = int(opening.tag[1]) if opening.markup.startswith("#") else _NEVER_ENDS
            yield _Heading(begin, end, level, inside.content)
        elif opening.type == "paragraph_open" and _MEANT.fullmatch(first := inside.content.partition("\n")[0].strip()):
            yield _Heading(begin, begin + 1, _NEVER_ENDS, first)


@cache
def _spellings(questions: tuple[Question, ...]) -> dict[str, Question]:
    return {
        _plain(spelling): question
        for question in questions
        for spelling in (question.name, question.title, f"{question.name} {question.title}")
    }


def _question_of(heading: str, questions: tuple[Question, ...]) -> Question | None:
    """Return the question that a heading names by its id, its title, both, or its number; None if it names none."""
    if len(heading) > _LONGEST_HEADING:
        return None
    text = _POINTS.sub("", heading.strip(" #*_`:"))
    number = _NUMBERED.match(text)
    rest = text[number.end() :] if number else text
    spellings = _spellings(questions)
    if named_first := spellings.get(_plain(rest.partition(":")[0])):
        return named_first
    if near := difflib.get_close_matches(_plain(rest), spellings, n=1, cutoff=_ALIKE):
        return spellings[near[0]]
    # "1. Loading the data" is some section of a notebook; "Q1: ..." and a bare "1." are not.
    if number and number["mark"] is not None and (number["word"] or not rest):
        position = int(number["number"]) - 1
        return questions[position] if 0 <= position < len(questions) else None
    return None


def _plain(text: str) -> str:
    """Return the words of a text in lower case with one space between them."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _own_words(lines: Sequence[str], question: str, sheet: QuestionSheet) -> str:
    """Return the student's own text, without what the template says, even if that was re-wrapped or marked up."""
    given = {_plain(line) for line in sheet.template_text().splitlines()} - {""}
    asked = _plain(question)
    kept = [line.rstrip() for line in lines if _plain(line) not in given and not _quotes(line, asked)]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")
    return text if _plain(text) not in ("", asked) else ""


def _quotes(line: str, asked: str) -> bool:
    """Return whether a line quotes the question."""
    return line.lstrip().startswith(">") and f" {_plain(line)} " in f"  {asked} "
