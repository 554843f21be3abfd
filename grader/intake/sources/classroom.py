"""Clones of GitHub Classroom: ``lab1-submissions/lab1-jdoe``, made by ``gh classroom clone student-repos``."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from grader.intake.bulk import head
from grader.intake.sources.people import leftovers
from grader.intake.sources.source import Found, Person, Wanted, submission_of
from grader.intake.sources.tree import Node

_ENDING = "-submissions"


class Classroom:
    """A folder of clones whose names begin with the assignment's, as a folder, a zip, or unpacked."""

    layout = "classroom"
    title = "GitHub Classroom"
    example = "lab1-submissions/lab1-jdoe/work.py"

    def find(self, top: Node, wanted: Wanted) -> Found | None:
        """Return a submission for each clone, if the folder's name or the clones themselves say what they are."""
        folders = [node for node in top.children if node.is_folder]
        prefix = _prefix(top, folders)
        clones = [node for node in folders if prefix and node.name.startswith(prefix) and node.name != prefix]
        grades = top.child("grades.csv")
        named = top.name.endswith(_ENDING) or (grades and b"github_username" in head(grades.path, grades.inside, 4000))
        if not clones or not (named or all(node.has_hidden(".git") for node in clones)):
            return None
        found = []
        for node in clones:
            user = node.name.removeprefix(prefix)
            found.append(submission_of([Person(user, user)], [(node, "")]))
        return leftovers(found, [node for node in top.children if node not in clones], wanted)


def _prefix(top: Node, folders: Sequence[Node]) -> str:
    """Return what the clones' names begin with: the assignment and a hyphen; empty if there is nothing like it."""
    names = [node.name for node in folders]
    said = f"{top.name.removesuffix(_ENDING)}-"
    if top.name.endswith(_ENDING) and 2 * sum(name.startswith(said) for name in names) > len(names):
        return said
    if len(names) < 2:
        return ""
    # What the first and the last by name begin with, all of them do.
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(min(names), max(names), strict=False))
    prefix, hyphen, _ = "".join(char for char, _ in same).rpartition("-")
    return prefix + hyphen
