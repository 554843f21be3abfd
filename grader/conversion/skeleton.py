"""The files of an assignment that was taken over: for each notebook a part, and the written questions of all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.conversion.check_code import CheckFile, check_file
from grader.conversion.definitions import definitions
from grader.conversion.reference import reference
from grader.conversion.worksheet import Told, Worksheet, Written, pointed, titled
from grader.course.catalog import Part
from grader.course.stubs import stub_of

_MAKE = '''"""Make the fixture data of {identity}; so far the checks themselves hold the values they compare with."""


def make(reference):
    return {{}}
'''


@dataclass
class Skeleton:
    """The new files by path, the parts among them, and a line for everything that a notebook held."""

    origin: str
    files: dict[Path, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    checks: dict[Part, CheckFile] = field(default_factory=dict)
    told: list[tuple[str, Told]] = field(default_factory=list)  # with the notebook's name

    def drop(self, part: Part, checks: Mapping[str, str]) -> None:
        """Take checks out of a part's check file again; ``checks`` has the reason for each, by name."""
        self.checks[part].drop(checks)
        self.files[part.check_file] = self.checks[part].text(part.identity, self.origin)
        lost = {f"test {name}": reason for name, reason in checks.items()}
        self.told = [
            (name, Told(row.what, note=lost[row.what]) if name == part.name and row.what in lost else row)
            for name, row in self.told
        ]


def skeleton(course: Path, assignment: str, sheets: Sequence[Worksheet], origin: str) -> Skeleton:
    """Return what an assignment's notebooks become, each a part; ``origin`` is what they were written for."""
    made = Skeleton(origin)
    asked: list[tuple[Written, str]] = []
    for order, sheet in enumerate(sheets, start=1):
        found = definitions(sheet.code)
        code = reference(sheet, found)
        checks = check_file(sheet, found, code)
        rows = [*code.told, *checks.told, *map(_written_row, sheet.written), *sheet.told]
        part = ""
        if code.functions | code.classes:
            part = sheet.name
            _add_part(made, Part(course, assignment, part), sheet, order, code.text, code.given)
            made.checks[made.parts[-1]] = checks
            made.files[made.parts[-1].check_file] = checks.text(f"{assignment}/{part}", origin)
            if not checks.checks:
                rows.append(Told("checks", note="none could be made of the tests: write them, see docs/authoring.md"))
        asked += [(question, part) for question in sheet.written]
        made.told += [(sheet.name, row) for row in rows]
    if asked and made.parts:
        path = course / "fixtures" / assignment / "questions.toml"
        made.files[path] = "\n".join(_questions(asked))
    return made


def _add_part(made: Skeleton, part: Part, sheet: Worksheet, order: int, text: str, given: str) -> None:
    made.parts.append(part)
    made.files[part.reference] = text
    made.files[part.template] = stub_of(text)
    if given:
        made.files[part.reference.with_name(f"_{part.name}.py")] = given
    made.files[part.fixture_folder / "part.toml"] = f"title = {_text(sheet.title)}\norder = {order}\n"
    made.files[part.fixture_folder / "make.py"] = _MAKE.format(identity=part.identity)


def _written_row(question: Written) -> Told:
    return Told(f"question {question.name}", f"a written question, {pointed(question.points or 1)}", question.note)


def _questions(asked: Sequence[tuple[Written, str]]) -> Iterator[str]:
    """Yield the entries of questions.toml; an id that two notebooks use gets the part's name before it."""
    names = [question.name for question, _ in asked]
    for question, part in asked:
        name = f"{part}_{question.name}" if names.count(question.name) > 1 and part else question.name
        title, text = titled(question.text, question.name.replace("_", " ").capitalize())
        yield "[[question]]"
        yield f"name = {_text(name)}"
        yield f"title = {_text(' '.join(title.split()))}"
        yield f"points = {question.points or 1.0!r}"
        if part:
            yield f"part = {_text(part)}"
        yield f"text = {_text(text or title)}"
        if question.model_answer:
            yield f"model_answer = {_text(question.model_answer)}"
        yield ""


def _text(words: str) -> str:
    """Return a text as TOML: long ones on lines of their own, with formulas as they are."""
    if "\n" in words and "'''" not in words:
        return f"'''\n{words}\n'''"
    return json.dumps(words, ensure_ascii=False)
