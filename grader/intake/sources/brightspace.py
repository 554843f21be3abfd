"""The download of a Brightspace (D2L) assignment: folders ``123-456 - First Last - Nov 27, 2026 1159 PM``."""

from __future__ import annotations

import re
from datetime import datetime

from grader.intake.sources.attempts import Handed, latest
from grader.intake.sources.people import leftovers
from grader.intake.sources.source import Found, Person, Wanted
from grader.intake.sources.tree import Node

_FOLDER = re.compile(r"(?P<id>\d+)-\d+ ?- ?(?P<name>.+) ?- ?(?P<when>[^-]*\d[^-]*)", re.DOTALL)
_TIMES = ("%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p", "%d %B, %Y %H%M", "%d %b, %Y %H%M", "%d %B, %Y %I%M %p")


class Brightspace:
    """Brightspace's download of a folder of submissions, as a zip or unpacked."""

    layout = "brightspace"
    title = "Brightspace download"
    example = "12345-67890 - Jane Doe - Nov 27, 2026 1159 PM/work.py"

    def find(self, top: Node, wanted: Wanted) -> Found | None:
        """Return each person's latest attempt, if a folder has a name of Brightspace's."""
        matches = {
            node.name: (node, match)
            for node in top.children
            if node.is_folder and (match := _FOLDER.fullmatch(node.name))
        }
        if not matches:
            return None
        handed = [
            Handed(
                person=Person(match["id"], match["name"].strip()),
                node=node,
                attempt=_order(match["when"].strip()),
                when=match["when"].strip(),
            )
            for node, match in matches.values()
        ]
        return leftovers(latest(handed), [node for node in top.children if node.name not in matches], wanted)


def _order(when: str) -> tuple[int | str, ...]:
    """Return what sorts attempts by time; a time in another language sorts before those that can be read."""
    for form in _TIMES:
        try:
            return (1, datetime.strptime(when, form).isoformat())  # noqa: DTZ007 -- only compared with its like
        except ValueError:
            continue
    return (0, when)
