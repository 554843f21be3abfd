"""Find the class that ``grader grade`` was given: ``--layout``, ``--roster``, and what the instructor is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from grader.commands.options import ClassOptions
from grader.course.catalog import Part
from grader.errors import UsageError
from grader.intake.discover import PERSON, FoundClass, find_class, named
from grader.intake.locate import enumerated
from grader.intake.names import shown_name
from grader.intake.roster import read_roster
from grader.intake.sources.source import FoundSubmission, Person, Wanted
from grader.records.class_file import ClassFile, ClassPerson, read_class_file, write_class_file


def class_at(given: ClassOptions, parts: Sequence[Part], out: Path) -> FoundClass:
    """Return the submissions that were given for an assignment, named as the roster says.

    Raises:
        UsageError: there are none, they can be read in two ways, or ``out`` lies among them.
    """
    refuse_out_among(given.paths, out)
    found = find_class(given.paths, wanted_of(parts), given.layout)
    if not found.submissions:
        raise UsageError(f"there are no submissions in {', '.join(map(str, given.paths))}")
    if given.roster:
        matched = read_roster(given.roster).match(found.submissions)
        said = (*found.said, *matched.remarks)
        found = dataclasses.replace(found, submissions=named(matched.submissions), absent=matched.absent, said=said)
    return found


def wanted_of(parts: Sequence[Part]) -> Wanted:
    """Return the names that files of an assignment may have."""
    names = (name.removesuffix(".py") for part in parts for name in (part.name, *part.config.files))
    return Wanted(parts[0].assignment, frozenset(names))


def refuse_out_among(paths: Sequence[Path], out: Path) -> None:
    """Raise UsageError if reports would be written among the submissions, and be graded with them the next time."""
    for path in paths:
        if path.is_dir() and out.resolve().is_relative_to(path.resolve()):
            raise UsageError(f"--out {out} lies inside the submissions ({path}): give another folder with --out")


def say_who_is_absent(out: Path) -> None:
    """Print on stderr who of the class in ``out`` handed in nothing; nothing if nobody is known to be missing."""
    of_class = read_class_file(out)
    if of_class and of_class.absent:
        names = enumerated([person.name for person in of_class.absent])
        click.echo(f"handed in nothing: {len(of_class.absent)} ({names})", err=True)


def keep_class(found: FoundClass, assignment: str, given: ClassOptions, out: Path, *, quiet: bool) -> None:
    """Print what was recognised, and write ``class.json`` for the class page, unless one person alone is graded."""
    for line in () if quiet else found.said:
        click.echo(line, err=True)
    if found.layout == PERSON and not given.roster:
        return
    people = [_person(person, one) for one in found.submissions for person in one.people]
    roster = given.roster.name if given.roster else ""
    content = ClassFile(
        assignment=assignment,
        layout=found.layout,
        said=found.said,
        roster=roster,
        people=(*people, *map(_person, found.absent)),
    )
    write_class_file(out, content)


def _person(person: Person, one: FoundSubmission | None = None) -> ClassPerson:
    who = ClassPerson(name=shown_name(person.name), id=shown_name(person.key), email=shown_name(person.email))
    if one is None:
        return who
    return msgspec.structs.replace(
        who, submission=one.name, late=one.late, earlier=one.earlier, when=one.when, uploaded=one.uploaded
    )
