"""Find what may answer a question but is below no question's heading, so that a person sees it and nothing is lost."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.intake.archive import shown
from grader.written.answer_files import decoded, documents, is_named_as_answers, is_text
from grader.written.headings import question_in_comment
from grader.written.notebook_cells import UnreadableNotebook, is_notebook, read_cells
from grader.written.questions import Question

_LONGEST_CODE = 200_000  # characters of one file that are searched for comments
_MOST_COMMENTS = 2_000  # lines looked at in one submission, more or less
_LONGEST_COMMENT = 200  # lines
_LONGEST_LINE = 500  # characters
_MOST_FILES = 50
_MOST = 8  # strays of one submission


@dataclass(frozen=True, slots=True)
class Stray:
    """A file that may hold an answer: its text (empty if it cannot be read), and a sentence for the student.

    ``reason`` asks the person who marks to open the file; it is empty if the report shows all there is to see, or if
    nothing says that the file holds answers.
    """

    path: str
    text: str
    notice: str = ""
    reason: str = ""


def strays(
    files: Mapping[str, bytes],
    missing: tuple[Question, ...],
    questions: tuple[Question, ...],
    loose: Mapping[str, str],
    unreadable: Sequence[str],
) -> list[Stray]:
    """Return what may be the answers to ``missing``: loose text by path, comments, and files that cannot be read.

    ``unreadable`` are notebooks that the student was already told about. If no answer is missing, only documents that
    are named as answers are returned.
    """
    found = [_document(path, missing) for path in documents(files, all_answered=not missing)]
    if missing:
        commented = _comments(files, missing, questions)
        found = [
            *(_loose(path, text, missing) for path, text in loose.items()),
            *(_comment(path, text, missing) for path, text in commented.items()),
            *found,
            *(
                Stray(path, "", "", f"Written answers: open {shown(path)}, which is no readable notebook.")
                for path in unreadable
            ),
        ]
    return found[:_MOST]


def _loose(path: str, text: str, missing: Iterable[Question]) -> Stray:
    where = f"The person who marks sees it. Put each answer below its own: {_wanted(missing)}."
    notice = f"{shown(path)} has text, but below no question's heading. {where}"
    return Stray(path, text, notice)


def _comment(path: str, text: str, missing: Iterable[Question]) -> Stray:
    where = f"The person who marks sees it. Put answers into answers.md, each below its own: {_wanted(missing)}."
    notice = f"{shown(path)} has a comment that may be an answer. {where}"
    return Stray(path, text, notice)


def _document(path: str, missing: tuple[Question, ...]) -> Stray:
    if path.casefold().endswith((".md", ".txt")):
        notice = f"{shown(path)} is not plain text: save it as plain text, and not as a Word, RTF or PDF file."
    else:
        notice = f"{shown(path)} cannot be read here. Hand in your answers as plain text, in answers.md."
    notice += " No answer was found there, but the person who marks is told to open the file."
    reason = f"Written answers: open {shown(path)}, which the grader cannot read."
    return Stray(path, "", notice, reason if missing and is_named_as_answers(path) else "")


def _wanted(missing: Iterable[Question]) -> str:
    return ", ".join(f"“## {question.name}”" for question in missing)


def _comments(
    files: Mapping[str, bytes], missing: tuple[Question, ...], questions: tuple[Question, ...]
) -> dict[str, str]:
    """Return by path the comments that begin with the id or the number of a missing answer's question."""
    found: dict[str, str] = {}
    left = _MOST_COMMENTS
    for path, code in itertools.islice(_code(files), _MOST_FILES):
        texts = []
        for block in itertools.islice(_blocks(code[:_LONGEST_CODE]), left):
            left -= len(block)
            named = (place for place, line in enumerate(block) if _names(line, questions) in missing)
            if (place := next(named, None)) is not None:
                texts.append("\n".join(block[place:]))
        if texts:
            found[path] = "\n\n".join(texts)
        if left <= 0:
            break
    return found


def _blocks(code: str) -> Iterator[list[str]]:
    """Yield the comments of a text of code, each as its lines."""
    for is_comment, lines in itertools.groupby(code.split("\n"), lambda line: line.lstrip().startswith("#")):
        if is_comment:
            yield list(lines)[:_LONGEST_COMMENT]


def _names(line: str, questions: tuple[Question, ...]) -> Question | None:
    return question_in_comment(line.strip("# \t\r")[:_LONGEST_LINE], questions)


def _code(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file of code; of notebooks, the code cells."""
    for path in sorted(files):
        if is_notebook(path, files[path]):
            try:
                cells = read_cells(files[path])
            except UnreadableNotebook:
                continue
            yield path, "\n\n".join(cell.text for cell in cells if cell.cell_type == "code")
        elif path.casefold().endswith(".py") and is_text(files[path]):
            yield path, decoded(files[path])
