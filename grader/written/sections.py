"""Divide a file into the sections of its questions, and take the student's own words out of them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from grader.written.answer_files import Source
from grader.written.headings import headings, plain, question_by_id, question_of, words_after
from grader.written.notebook_cells import UnreadableNotebook, read_cells
from grader.written.questions import Question, QuestionSheet

_SENTENCE = 4  # words that make a heading an answer, if there is nothing below it
_MOST_PICTURES = 10


@dataclass(frozen=True, slots=True)
class Found:
    """An answer as typed, and its file; ``pictures`` are the names of those that are kept in the file only."""

    text: str = ""
    source: str = ""
    pictures: tuple[str, ...] = ()
    from_code: bool = False


@dataclass(slots=True)
class _Section:
    """What is below one heading; ``question`` is None if that names none."""

    question: Question | None = None
    on_heading: str = ""
    lines: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Given:
    """What students were given: the questions, and every line of the templates in plain words."""

    questions: tuple[Question, ...]
    lines: frozenset[str]

    @classmethod
    def of(cls, sheet: QuestionSheet) -> Self:
        """Return what the students of an assignment were given, in answers.md and in its notebook."""
        texts = [sheet.template_text()]
        if sheet.notebook.is_file():
            with contextlib.suppress(UnreadableNotebook):  # `grader verify` reports it
                texts += [cell.text for cell in read_cells(sheet.notebook.read_bytes()) if cell.cell_type == "markdown"]
        return cls(sheet.questions, frozenset(plain(line) for text in texts for line in text.splitlines()) - {""})

    def own_words(self, lines: Sequence[str], asked: str) -> str:
        """Return the student's own text, without what the template says, even if that was re-wrapped or marked up."""
        asked = plain(asked)
        kept = [line.rstrip() for line in lines if plain(line) not in self.lines and not _quotes(line, asked)]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")
        return text if plain(text) not in ("", asked) else ""


def _quotes(line: str, asked: str) -> bool:
    """Return whether a line quotes the question."""
    return line.lstrip().startswith(">") and f" {plain(line)} " in f"  {asked} "


def read(source: Source, given: Given) -> tuple[dict[str, Found], str]:
    """Return the answers in one file by the question's name, without empty ones, and its text below no heading."""
    sections: dict[str, list[_Section]] = {}
    loose: list[str] = []
    for section in _sections(source, given.questions):
        if section.question is None:
            loose += section.lines
        else:
            sections.setdefault(section.question.name, []).append(section)
    named = {question.name: question for question in given.questions}
    found = {name: _answer(own, named[name], source.path, given) for name, own in sections.items()}
    answers = {name: answer for name, answer in found.items() if answer.text}
    if source.by_id_only:
        return answers, ""
    others = given.own_words(loose, " ".join(question.text for question in given.questions))
    if others and len(named) == 1 and not (sections or source.is_notebook):
        return {given.questions[0].name: Found(others, source.path)}, ""
    return answers, others


def _answer(sections: Sequence[_Section], question: Question, path: str, given: Given) -> Found:
    """Return the answer in the sections of one question: their text, else the heading's own words, else their code."""
    pictures = tuple(dict.fromkeys(name for section in sections for name in section.pictures))[:_MOST_PICTURES]
    if text := given.own_words([line for section in sections for line in section.lines], question.text):
        return Found(text, path, pictures)
    for section in sections:
        if len(plain(section.on_heading).split()) >= _SENTENCE:
            return Found(section.on_heading, path, pictures)
    code = "\n\n".join(cell for section in sections for cell in section.code).strip("\n")
    return Found(code, path, pictures, from_code=True) if plain(code) else Found()


def _sections(source: Source, questions: tuple[Question, ...]) -> Iterator[_Section]:
    """Yield the sections of a file. A heading that only ends an answer is the first line of the next section.

    In answers.md everything down to the next question's heading belongs to an answer, even other headings. A notebook
    continues with other things, so there the next heading of the same level ends the answer.
    """
    section, level = _Section(), 0
    name_of = question_by_id if source.by_id_only else question_of
    for cell in source.cells:
        text = cell.text.replace("\r\n", "\n").replace("\r", "\n")
        if cell.cell_type == "code":
            _add_code(section, text)
            continue
        lines, begin = text.split("\n"), 0
        for heading in headings(text):
            named = name_of(heading.text, questions)
            ends = (source.is_notebook or source.by_id_only) and heading.level <= min(level, 6)
            if named is None and not ends:
                continue
            section.lines += [*lines[begin : heading.begin], ""]
            yield section
            section = _Section(named, words_after(heading.text, named) if named else "")
            level, begin = heading.level, heading.end if named else heading.begin
        section.lines += [*lines[begin:], ""]
        section.pictures += cell.attachments
    yield section


def _add_code(section: _Section, text: str) -> None:
    """Add a code cell to a question's section: as text if it is but a comment or a string, which people answer in."""
    if section.question is None:
        return
    if _is_text(text):
        section.lines += [*text.split("\n"), ""]
    else:
        section.code.append(text)


def _is_text(code: str) -> bool:
    """Return whether a code cell holds only comments, or only one string in triple quotes."""
    bare = code.strip()
    quotes = bare[:3]
    if quotes in {'"""', "'''"}:
        return len(bare) >= 2 * len(quotes) and bare.endswith(quotes) and bare.count(quotes) == 2
    return all(line.lstrip().startswith("#") for line in bare.split("\n") if line.strip())
