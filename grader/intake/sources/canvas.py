"""The bulk download of Canvas: flat, ``namefirst_LATE_123_456_file.py``, with Canvas's ids of person and attachment.

A file that a student hands in again has ``-1``, ``-2`` before its extension. A typed answer is ``…_123_text.html``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath

from grader.intake.sources.people import leftovers
from grader.intake.sources.source import Found, FoundSubmission, Person, Wanted, submission_of
from grader.intake.sources.tree import Node

_NAME_AND_LATE = r"(?P<name>.+?)(?P<late>_LATE)?"
_PATTERNS = (
    re.compile(r"(?P<name>anon)_(?P<id>[A-Za-z0-9]+)(?P<late>_LATE)?_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL),
    re.compile(rf"{_NAME_AND_LATE}_(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL),
    re.compile(rf"{_NAME_AND_LATE}_(?P<id>\d+)_(?P<attachment>)(?P<file>(?:text|link)\.html?)"),
)
_AGAIN = re.compile(r"(?P<stem>.+)-(?P<number>\d+)")


class Canvas:
    """Canvas's “Download submissions”, as a zip or unpacked."""

    layout = "canvas"
    title = "Canvas bulk download"
    example = "doejane_LATE_123_4567_work.py"

    def find(self, top: Node, wanted: Wanted) -> Found | None:
        """Return the submissions, if at least half of the entries have names of Canvas."""
        matches = [(node, match) for node in top.children if (match := _match(node.name))]
        fitting = {node.name for node, _ in matches}
        if not matches or 2 * len(matches) < sum(
            node.is_folder or node.is_work or node.is_zip for node in top.children
        ):
            return None
        files: dict[str, list[_File]] = {}
        for node, match in matches:
            files.setdefault(match["id"], []).append(_File(node, match))
        found = [_submission(theirs, wanted) for theirs in files.values()]
        return leftovers(found, [node for node in top.children if node.name not in fitting], wanted)


class _File:
    """One file of a person, and which of several with this name it is."""

    def __init__(self, node: Node, match: re.Match[str]) -> None:
        self.node, self.match, self.name = node, match, match["file"]
        path = PurePath(self.name)
        again = _AGAIN.fullmatch(path.stem)
        self.first_name = f"{again['stem']}{path.suffix}" if again else self.name
        self.number = int(again["number"][:9]) if again else 0
        self.order = (self.number, int(match["attachment"][:18] or 0))

    def repeats(self, wanted: Wanted) -> bool:
        """Return whether the number in the name is Canvas's mark of another attempt, and not the student's own."""
        return self.number > 0 and PurePath(self.first_name).stem.casefold() in {*wanted.parts, wanted.assignment}


def _match(name: str) -> re.Match[str] | None:
    return next((match for pattern in _PATTERNS if (match := pattern.fullmatch(name))), None)


def _submission(files: list[_File], wanted: Wanted) -> FoundSubmission:
    """Return a person's files without those that they handed in again: no ``a.py`` if ``a-1.py`` is there."""
    names = {file.name for file in files}
    same: dict[str, list[_File]] = {}
    for file in files:
        # `part-1.py` and `part-2.py` are two files of the student's, unless `part.py` is there, too.
        again = file.first_name in names or file.repeats(wanted)
        same.setdefault(file.first_name if again else file.name, []).append(file)
    last = [max(theirs, key=lambda file: file.order) for theirs in same.values()]
    repeated = any(len(theirs) > 1 for theirs in same.values()) or any(file.repeats(wanted) for file in last)
    key, name = files[0].match["id"], files[0].match["name"]
    found = submission_of(
        [Person(key, f"anon {key}" if name == "anon" else name)],
        [(file.node, file.name) for file in last],
        late=any(file.match["late"] for file in files),
        earlier=int(repeated),
    )
    attached = next((file for file in last if file.match["attachment"]), last[0])
    return replace(found, uploaded=attached.node.name.removesuffix(attached.name))
