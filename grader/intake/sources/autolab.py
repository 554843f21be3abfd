"""The download of an Autolab assessment: flat, ``jdoe@example.edu_2_handin.py`` with the version of the attempt."""

from __future__ import annotations

import re

from grader.intake.sources.attempts import Handed, latest
from grader.intake.sources.people import leftovers
from grader.intake.sources.source import Found, Person, Wanted
from grader.intake.sources.tree import Node

_FILE = re.compile(r"(?P<email>[^@/\s]+@[^@_/\s]+\.[^@_/\s]+)_(?P<version>\d+)_(?P<file>.+)", re.DOTALL)


class Autolab:
    """Autolab's download of all submissions, as a zip or unpacked."""

    layout = "autolab"
    title = "Autolab download"
    example = "jdoe@example.edu_2_work.py"

    def find(self, top: Node, wanted: Wanted) -> Found | None:
        """Return each person's latest version, if an entry has a name of Autolab's."""
        matches = {node.name: (node, match) for node in top.children if (match := _FILE.fullmatch(node.name))}
        if not matches:
            return None
        handed = [
            Handed(
                person=Person(match["email"], match["email"].partition("@")[0], match["email"]),
                node=node,
                to="" if node.is_folder else match["file"],
                attempt=(int(match["version"][:18]),),
            )
            for node, match in matches.values()
        ]
        return leftovers(latest(handed), [node for node in top.children if node.name not in matches], wanted)
