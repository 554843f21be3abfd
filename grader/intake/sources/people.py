"""A folder or zip in which every entry at the top is one person's work: a folder, a zip, or loose files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from grader.errors import IntakeRefused, UsageError
from grader.intake.archive import shown
from grader.intake.sources.litter import is_aside
from grader.intake.sources.source import Found, FoundSubmission, Person, Wanted, submission_of
from grader.intake.sources.tree import Node, opened_zip

_BETWEEN = r"[ _.\-]+"


class People:
    """What stands in one place, each entry somebody's; loose files of one person are known by their common name."""

    layout = "people"
    title = "Folder of submissions"
    example = "doejane/, doejane.zip or doejane_work.py"

    def find(self, top: Node, wanted: Wanted) -> Found | None:
        """Return one submission for each person; None if nothing there is anybody's."""
        aside = [node for node in top.children if is_aside(node)]
        found = submissions_of((node for node in top.children if node not in aside), wanted)
        return Found(submissions=found, aside=[node.name for node in aside]) if found else None


def submissions_of(nodes: Iterable[Node], wanted: Wanted) -> list[FoundSubmission]:
    """Return the submissions that these entries are.

    Raises:
        UsageError: a folder and a zip or a file have one person's name, and are not the same.
    """
    theirs: dict[str, list[tuple[Node, str]]] = {}
    for node in nodes:
        name, to = (node.name, "") if node.is_folder else owner(node, wanted)
        theirs.setdefault(name, []).append((node, to))
    works = {name: _one_work(parts) for name, parts in theirs.items()}
    _refuse_twins([parts for name, parts in theirs.items() if not works[name]])
    return [submission_of([Person(name, name)], parts) for name, parts in works.items()]


def leftovers(found: list[FoundSubmission], others: Iterable[Node], wanted: Wanted) -> Found:
    """Return what a source found, and as submissions, too, the other entries of its folder, unless they are litter."""
    nodes = list(others)
    aside = [node.name for node in nodes if is_aside(node)]
    strangers = submissions_of([node for node in nodes if node.name not in aside], wanted)
    remarks = []
    if strangers:
        names = ", ".join(shown(one.name) for one in strangers[:3]) + ("" if len(strangers) <= 3 else ", …")
        remarks.append(f"{len(strangers)} named otherwise, each taken as one person's work: {names}")
    return Found(submissions=[*found, *strangers], aside=aside, remarks=remarks)


def owner(node: Node, wanted: Wanted) -> tuple[str, str]:
    """Return whose a loose file is, and its name in their submission: ``ann_rate.py`` is Ann's ``rate.py``."""
    path = PurePath(node.name)
    if node.is_work:
        own = "|".join(map(re.escape, sorted({*wanted.parts, "answers"}, key=len, reverse=True)))
        if match := re.fullmatch(
            rf"(?P<who>.+?){_BETWEEN}(?P<own>{own})(?P<again>[ -]*\(?\d*\)?)", path.stem, re.IGNORECASE
        ):
            return match["who"], f"{match['own']}{match['again']}{path.suffix}"
    return path.stem, node.name


def _one_work(parts: list[tuple[Node, str]]) -> list[tuple[Node, str]]:
    """Return one person's entries; of a folder and a zip with the same files, the folder; empty if they differ."""
    containers = [node for node, _ in parts if node.is_folder or node.is_zip]
    if not containers or len(parts) == 1:
        return parts
    if len(parts) == len(containers) == 2 and _same_files(containers):
        return [(node, to) for node, to in parts if node.is_folder]
    return []


def _refuse_twins(twins: list[list[tuple[Node, str]]]) -> None:
    if twins:
        there = [" and ".join(f"{shown(n.name)}{'/' if n.is_folder else ''}" for n, _ in parts) for parts in twins[:5]]
        raise UsageError(
            f"one name for several submissions: {'; '.join(there)}{'' if len(twins) <= 5 else '; …'}. If they are one "
            "person's, keep the one that counts; if they are two people's, rename one"
        )


def _same_files(nodes: list[Node]) -> bool:
    try:
        first, second = ({*_files(opened_zip(node) if node.is_zip else node, node.stem)} for node in nodes)
    except (OSError, IntakeRefused):
        return False
    return first == second


def _files(top: Node, name: str, prefix: str = "") -> Iterable[tuple[str, int]]:
    """Return the paths and sizes of all files, without a folder around them that has the person's name."""
    for node in top.children:
        if node.is_folder:
            yield from _files(node, name, "" if not prefix and node.name == name else f"{prefix}{node.name}/")
        elif node.is_file:
            yield prefix + node.name, node.size
