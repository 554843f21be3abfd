"""What every source of a class offers, and what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from grader.intake.bulk import Piece
from grader.intake.sources.tree import Node


class Wanted(NamedTuple):
    """The assignment that is graded, and the names that its files may have: those of its parts."""

    assignment: str = ""
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the class: the key that the source has for them (an id, a login), the name to show, an address."""

    key: str
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSubmission:
    """One submission of a class.

    ``path`` is the folder, zip or file to read. If other people's work lies in it, too, ``pieces`` says what of it
    belongs to this submission. ``earlier`` counts the attempts before this one, which are not graded; ``when`` is the
    time it was handed in, as the source gives it; ``uploaded`` is what it put before the name of one of the files.
    """

    name: str
    path: Path
    pieces: tuple[Piece, ...] = ()
    people: tuple[Person, ...] = ()
    late: bool = False
    earlier: int = 0
    when: str = ""
    uploaded: str = ""


@dataclass(slots=True, kw_only=True)
class Found:
    """What a source found: submissions, people who are known to have handed in nothing, and sentences about it."""

    submissions: list[FoundSubmission]
    absent: list[Person] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)  # names of files that are nobody's work
    remarks: list[str] = field(default_factory=list)


class ClassSource(Protocol):
    """One layout in which the submissions of a class arrive."""

    @property
    def layout(self) -> str:
        """The name that ``--layout`` has for it."""
        ...

    @property
    def title(self) -> str:
        """What an announcement calls it."""
        ...

    @property
    def example(self) -> str:
        """A name, or a path, as this layout writes it."""
        ...

    def find(self, top: Node, wanted: Wanted) -> Found | None:
        """Return every submission below ``top``, or None if it is not in this layout.

        Nobody's work is dropped: an entry that does not fit the layout is a submission, too, unless it is litter.

        Raises:
            UsageError: it can be read in two ways; says how to give it instead.
        """
        ...


def submission_of(
    people: Sequence[Person],
    parts: Iterable[tuple[Node, str]],
    *,
    late: bool = False,
    earlier: int = 0,
    when: str = "",
) -> FoundSubmission:
    """Return the submission that consists of these nodes, each with its path in the submission.

    The nodes lie in one folder or zip. A path of "" puts what a folder holds at the top.
    """
    name, nodes = " & ".join(person.name for person in people), list(parts)
    node, to = nodes[0]
    if len(nodes) == 1 and not node.inside and (node.is_folder or node.is_zip or to == node.name):
        path, pieces = node.path, []
    elif node.inside:
        path, pieces = node.path, [Piece(one.inside, at) for one, at in nodes]
    else:
        path, pieces = node.path.parent, [Piece(one.path.name, at) for one, at in nodes]
    return FoundSubmission(
        name=name, path=path, pieces=tuple(pieces), people=tuple(people), late=late, earlier=earlier, when=when
    )
