"""An export of Gradescope's submissions: folders ``submission_777``, and ``submission_metadata.yml`` that says whose.

The metadata is a YAML file with Ruby's symbols as keys, so that every key begins with a colon.
"""

from __future__ import annotations

import re
from typing import Any

from grader.errors import UsageError
from grader.intake.bulk import head
from grader.intake.sources.people import leftovers
from grader.intake.sources.source import Found, FoundSubmission, Person, Wanted, submission_of
from grader.intake.sources.tree import Node

_METADATA = "submission_metadata.yml"
_FOLDER = re.compile(r"submission_\d+")
_LARGEST = 64 * 1024 * 1024  # it holds the results of every test, too


class Gradescope:
    """Gradescope's “Export submissions”: ``assignment_555_export``, as a zip or unpacked."""

    layout = "gradescope"
    title = "Gradescope export"
    example = "assignment_555_export/submission_777/work.py beside submission_metadata.yml"

    def find(self, top: Node, wanted: Wanted) -> Found | None:
        """Return each group's latest submission, if the metadata or only folders of Gradescope's are there."""
        folders = {node.name: node for node in top.children if node.is_folder and _FOLDER.fullmatch(node.name)}
        metadata = top.child(_METADATA)
        if not folders or not (metadata or len(folders) == sum(node.is_folder for node in top.children)):
            return None
        known = _read(metadata) if metadata else {}
        rest = [node for node in top.children if node.name not in folders and node is not metadata]
        found = leftovers(_latest(folders, known), rest, wanted)
        if lost := sorted(known.keys() - folders.keys()):
            found.remarks.append(f"{len(lost)} of its metadata have no folder: {', '.join(lost[:3])}")
        if not metadata:
            found.remarks.append(f"there is no {_METADATA}, so nobody's name is known")
        return found


def _latest(folders: dict[str, Node], known: dict[str, tuple[tuple[Person, ...], str]]) -> list[FoundSubmission]:
    by_people: dict[frozenset[str], list[tuple[str, str]]] = {}
    for name in folders:
        people, when = known.get(name, ((), ""))
        by_people.setdefault(frozenset(person.key for person in people) or frozenset({name}), []).append((when, name))
    found = []
    for attempts in by_people.values():
        when, name = max(attempts)
        people = known.get(name, ((), ""))[0] or (Person(name, name),)
        found.append(submission_of(people, [(folders[name], "")], earlier=len(attempts) - 1, when=when))
    return found


def _read(metadata: Node) -> dict[str, tuple[tuple[Person, ...], str]]:
    """Return who handed in each folder, and when."""
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every value stays a string
    try:
        content = yaml.load(head(metadata.path, metadata.inside, _LARGEST), Loader=loader)  # noqa: S506 -- makes only strings
        return {name: (_people(one), str(one.get(":created_at", ""))) for name, one in content.items()}
    except (yaml.YAMLError, AttributeError, TypeError, RecursionError) as error:
        raise UsageError(
            f"{_METADATA} of the Gradescope export cannot be read ({str(error).splitlines()[0]}): export it again, or "
            "take it out to grade the folders without names"
        ) from None


def _people(one: dict[str, Any]) -> tuple[Person, ...]:
    submitters = [{key: str(value) for key, value in who.items()} for who in one.get(":submitters", [])]
    return tuple(
        Person(
            who.get(":sid") or who.get(":email") or who.get(":name", ""),
            who.get(":name") or who.get(":email") or who.get(":sid", ""),
            who.get(":email", ""),
        )
        for who in submitters
        if any(who.values())
    )
