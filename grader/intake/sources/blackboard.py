"""The download of a Blackboard assignment: flat, ``Assignment_user_attempt_2026-11-27-23-59-10_file.py``.

Beside the files of each attempt lies a text of the same name without a file: who, when, and what was typed.
"""

from __future__ import annotations

import re

from grader.intake.bulk import head
from grader.intake.sources.attempts import Handed, latest
from grader.intake.sources.people import leftovers
from grader.intake.sources.source import Found, Person, Wanted
from grader.intake.sources.tree import Node

_NAME = re.compile(
    r".+_(?P<user>[^_]+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:(?P<text>\.txt)|_(?P<file>.+))", re.DOTALL
)
_WHO = re.compile(r"Name:[ \t]*(?P<name>[^\r\n]+?)[ \t]*\((?P<user>[^()\r\n]+)\)")


class Blackboard:
    """Blackboard's “Assignment file download”, as a zip or unpacked."""

    layout = "blackboard"
    title = "Blackboard download"
    example = "Lab 1_jdoe_attempt_2026-11-27-23-59-10_work.py"

    def find(self, top: Node, wanted: Wanted) -> Found | None:
        """Return each person's latest attempt, if an entry has a name of Blackboard's."""
        matches = {node.name: (node, match) for node in top.children if (match := _NAME.fullmatch(node.name))}
        if not matches:
            return None
        names = dict(filter(None, (_who(node) for node, match in matches.values() if match["text"])))
        handed = [
            Handed(
                person=Person(match["user"], names.get(match["user"], match["user"])),
                node=node,
                to=match["file"] or "attempt.txt",  # what was typed is in it
                attempt=(match["when"],),
                when=match["when"],
            )
            for node, match in matches.values()
        ]
        return leftovers(latest(handed), [node for node in top.children if node.name not in matches], wanted)


def _who(node: Node) -> tuple[str, str] | None:
    """Return the login and the name that Blackboard's text begins with."""
    match = _WHO.match(head(node.path, node.inside, 1000).decode("utf-8-sig", "replace"))
    return (match["user"], match["name"]) if match else None
