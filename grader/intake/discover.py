"""Find the submissions in what an instructor was given: who handed in which file or folder.

A :class:`~grader.intake.sources.source.ClassSource` knows one layout in which a class arrives. A new one is a new
class in a file of its own, and one more entry in `SOURCES`.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import IntakeRefused, UsageError
from grader.intake.archive import shown
from grader.intake.locate import enumerated
from grader.intake.names import distinct, name_of, shown_name
from grader.intake.readers import kind_is_read
from grader.intake.sources.autolab import Autolab
from grader.intake.sources.blackboard import Blackboard
from grader.intake.sources.brightspace import Brightspace
from grader.intake.sources.canvas import Canvas
from grader.intake.sources.classroom import Classroom
from grader.intake.sources.gradescope import Gradescope
from grader.intake.sources.litter import is_aside
from grader.intake.sources.moodle import Moodle
from grader.intake.sources.nbgrader import Nbgrader
from grader.intake.sources.people import People, submissions_of
from grader.intake.sources.plain import is_class, nobodys_work
from grader.intake.sources.source import ClassSource, Found, FoundSubmission, Person, Wanted, submission_of
from grader.intake.sources.tree import Node, node_at, opened_zip

# The first that recognises what was given is used; the stricter patterns come first.
SOURCES: tuple[ClassSource, ...] = (
    *(Gradescope(), Moodle(), Blackboard(), Brightspace(), Autolab(), Canvas(), Nbgrader(), Classroom()),
)
PEOPLE = People()
ANYTHING = Wanted()
PERSON = "person"  # the layout of what is one person's work, whatever it looks like
LAYOUTS = ("auto", PERSON, PEOPLE.layout, *sorted(source.layout for source in SOURCES))


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundClass:
    """The submissions that were found, each under a name that no other has, and what an instructor is told."""

    layout: str
    submissions: tuple[FoundSubmission, ...]
    absent: tuple[Person, ...] = ()
    said: tuple[str, ...] = ()


def find_class(paths: Sequence[Path], wanted: Wanted = ANYTHING, layout: str = "auto") -> FoundClass:
    """Return the submissions at ``paths``, sorted by name, read as ``layout`` says.

    Raises:
        UsageError: one of them is not there or is nobody's work, or what was given can be read in two ways.
    """
    nodes = list({path: _given(path, alone=len(paths) == 1) for path in paths}.values())
    if layout == "auto":
        recognised = _recognised(nodes, wanted, SOURCES) or _plain(nodes, wanted)
    elif layout == PERSON:
        recognised = PERSON, Found(submissions=[_alone(node) for node in nodes])
    else:
        recognised = _as(layout, nodes, wanted)
    name, found = recognised
    return FoundClass(
        layout=name,
        submissions=named(found.submissions),
        absent=tuple(found.absent),
        said=() if name == PERSON else (announcement(name, found), *map(str.capitalize, found.remarks)),
    )


def named(submissions: Sequence[FoundSubmission]) -> tuple[FoundSubmission, ...]:
    """Return the submissions sorted by name; people of one name are told apart by their keys, or else by numbers."""
    ordered = sorted(dict.fromkeys(submissions), key=lambda one: (one.name, one.path, one.pieces))
    names = [shown_name(one.name) for one in ordered]
    keys = ["+".join(person.key for person in one.people) for one in ordered]
    names = [
        f"{name} ({shown(key)})" if names.count(name) > 1 and key not in ("", name) else name
        for name, key in zip(names, keys, strict=True)
    ]
    return tuple(dataclasses.replace(one, name=name) for one, name in zip(ordered, distinct(names), strict=True))


def announcement(layout: str, found: Found) -> str:
    """Return what was recognised, in one line with counts."""
    title = next((source.title for source in SOURCES if source.layout == layout), PEOPLE.title)
    late = sum(one.late for one in found.submissions)
    again = sum(one.earlier > 0 for one in found.submissions)
    people = {person.key for one in found.submissions for person in one.people}
    counts = [_counted(max(len(people), len(found.submissions)), "student")]
    if len(people) > len(found.submissions):  # groups
        counts = [f"{_counted(len(found.submissions), 'submission')} of {counts[0]}"]
    counts += [f"{late} late"] if late else []
    counts += [f"{again} resubmitted: the latest counts"] if again else []
    aside = f"; left aside: {enumerated(found.aside)}" if found.aside else ""
    return f"{title}: {', '.join(counts)}{aside}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _given(path: Path, *, alone: bool) -> Node:
    """Return what lies at a path that the instructor gave.

    Raises:
        UsageError: it is not there; or it is all that was given, and can be nobody's submissions.
    """
    try:
        node = node_at(path)
        if node.is_folder:
            node.listed()
    except OSError as error:
        what = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise UsageError(f"{path} {what}: check the path") from None
    if alone and not node.is_folder and not node.is_file:
        raise UsageError(f"{path} is a link or a device: give the folder or file itself")
    if alone and node.is_file and not kind_is_read(path):
        raise UsageError(f"{path} is no folder, .zip, .py or .ipynb: give a submission, or the folder that holds them")
    return node


def _recognised(nodes: Sequence[Node], wanted: Wanted, sources: Sequence[ClassSource]) -> tuple[str, Found] | None:
    """Return what the first source recognises in the given paths, in what they hold, or in the one folder in that."""
    together = _together(nodes)
    candidates = [*([together] if together else []), *(_inside(nodes[0]) if len(nodes) == 1 else [])]
    for candidate in candidates:
        for source in sources:
            if found := _found(source, candidate, wanted):
                return source.layout, found
    if len(nodes) > 1:  # downloads of several sections
        attempts = (_recognised([node], wanted, sources) for node in nodes)
        each = [one for one in itertools.takewhile(bool, attempts) if one]
        return _joined(each) if len(each) == len(nodes) else None
    return None


def _found(source: ClassSource, top: Node, wanted: Wanted) -> Found | None:
    if found := source.find(top, wanted):
        found.aside += [node.name for node in top.special]
    return found


def _joined(each: Sequence[tuple[str, Found]]) -> tuple[str, Found]:
    joined = Found(submissions=[])
    for _, found in each:
        joined.submissions += found.submissions
        joined.absent += found.absent
        joined.aside += found.aside
        joined.remarks += found.remarks
    layouts = {layout for layout, _ in each}
    return (layouts.pop() if len(layouts) == 1 else PEOPLE.layout), joined


def _together(nodes: Sequence[Node]) -> Node | None:
    """Return paths of one folder as if they were all that it holds: a shell made them of ``class/*``."""
    folders = {node.path.absolute().parent for node in nodes}
    if len(folders) != 1:
        return None
    folder = folders.pop()
    return Node(folder.name, folder, is_folder=True, listed=lambda: list(nodes))


def _inside(node: Node) -> Iterator[Node]:
    """Yield a folder or an opened zip, and then the only one that it holds, as long as there is only one."""
    for _ in range(4):
        if node.is_zip and not node.inside:
            try:
                node = opened_zip(node)
            except (OSError, IntakeRefused):
                return
        if not node.is_folder:
            return
        yield node
        below = [one for one in node.children if not is_aside(one)]
        if len(below) != 1:
            return
        node = below[0]


def _as(layout: str, nodes: Sequence[Node], wanted: Wanted) -> tuple[str, Found]:
    """Return what the source of this layout finds; raises UsageError if that is nothing."""
    if layout == PEOPLE.layout:
        return layout, _people(nodes, wanted)
    source = next(source for source in SOURCES if source.layout == layout)
    if recognised := _recognised(nodes, wanted, [source]):
        return recognised
    raise UsageError(
        f"nothing in {', '.join(str(node.path) for node in nodes[:3])} has a name of this layout, as in "
        f"{source.example}: choose another --layout ({', '.join(LAYOUTS)})"
    )


def _people(nodes: Sequence[Node], wanted: Wanted) -> Found:
    found = Found(submissions=[])
    for node in nodes:
        tops = list(_inside(node))
        top = tops[1] if node.is_zip and len(tops) > 1 and tops[1].is_folder else tops[0] if tops else None
        theirs = _found(PEOPLE, top, wanted) if top else Found(submissions=submissions_of([node], wanted))
        if theirs is None:
            raise nobodys_work(node)
        found.submissions += theirs.submissions
        found.aside += theirs.aside
    return found


def _plain(nodes: Sequence[Node], wanted: Wanted) -> tuple[str, Found]:
    """Return the submissions of paths in no LMS's layout."""
    if len(nodes) == 1:
        return _one_path(nodes[0], wanted)
    found, loose = Found(submissions=[]), []
    for node in nodes:
        if is_aside(node):
            found.aside.append(node.name)
        elif node.is_folder and _is_class_among_several(node, wanted):
            found.submissions += _people([node], wanted).submissions
        else:
            loose.append(node)
    for folder in dict.fromkeys(node.path.parent for node in loose):
        found.submissions += submissions_of([node for node in loose if node.path.parent == folder], wanted)
    return PEOPLE.layout, found


def _is_class_among_several(node: Node, wanted: Wanted) -> bool:
    try:
        return is_class(node, wanted, by_default=False)
    except UsageError:  # where paths are given one by one, each is one person's unless it is surely a class
        return False


def _one_path(node: Node, wanted: Wanted) -> tuple[str, Found]:
    person = PERSON, Found(submissions=[_alone(node)])
    tops = list(_inside(node))
    if not tops:  # a file, or a zip that is damaged: `take_in` says so
        return person
    if node.is_zip:
        return _as_people(tops[-1], wanted) if is_class(tops[-1], wanted, by_default=False) else person
    if not is_class(node, wanted, by_default=True):
        return person
    if len(tops) > 1 and is_class(tops[-1], wanted, by_default=False):
        return _as_people(tops[-1], wanted)
    return _as_people(node, wanted)


def _as_people(top: Node, wanted: Wanted) -> tuple[str, Found]:
    return PEOPLE.layout, _found(PEOPLE, top, wanted) or Found(submissions=[])


def _alone(node: Node) -> FoundSubmission:
    name = name_of(node.path)
    return submission_of([Person(name, name)], [(node, "" if node.is_folder else node.name)])
