"""The download of all submissions of a Moodle assignment: folders ``Name_123_assignsubmission_file_``, or flat.

The number is Moodle's id of the participant. Typed answers are in ``…_assignsubmission_onlinetext_``.
"""

from __future__ import annotations

import re

from grader.intake.sources.attempts import Handed, latest
from grader.intake.sources.people import leftovers
from grader.intake.sources.source import Found, Person, Wanted
from grader.intake.sources.tree import Node

_PLUGIN = r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<plugin>file|onlinetext)"
_FOLDER = re.compile(rf"{_PLUGIN}_?", re.DOTALL)
_FILE = re.compile(rf"{_PLUGIN}_(?P<file>.+)", re.DOTALL)


class Moodle:
    """Moodle's “Download all submissions”, in folders or not, as a zip or unpacked."""

    layout = "moodle"
    title = "Moodle download"
    example = "Jane Doe_123456_assignsubmission_file_/work.py"

    def find(self, top: Node, wanted: Wanted) -> Found | None:
        """Return the submissions, if an entry has a name of Moodle's."""
        handed = {node.name: one for node in top.children if (one := _handed(node))}
        if not handed:
            return None
        return leftovers(latest(handed.values()), [node for node in top.children if node.name not in handed], wanted)


def _handed(node: Node) -> Handed | None:
    match = (_FOLDER if node.is_folder else _FILE).fullmatch(node.name)
    if not match:
        return None
    typed = match["plugin"] == "onlinetext"
    to = ("onlinetext" if typed else "") if node.is_folder else match["file"]
    name = f"{match['name']} {match['id']}" if match["name"] == "Participant" else match["name"]  # blind marking
    return Handed(person=Person(match["id"], name), node=node, to=to)
