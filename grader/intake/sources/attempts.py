"""From what a person handed in, one attempt after another, to the submission that counts: the latest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.intake.sources.source import FoundSubmission, Person, submission_of
from grader.intake.sources.tree import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A file or folder that somebody handed in, with its path in the submission.

    Of two with the same person, the one of the larger ``attempt`` is later; those with equal ones belong together.
    """

    person: Person
    node: Node
    to: str = ""
    attempt: tuple[int | str, ...] = ()
    late: bool = False
    when: str = ""


def latest(handed: Iterable[Handed]) -> list[FoundSubmission]:
    """Return each person's latest attempt as one submission; people are told apart by their keys."""
    by_person: dict[str, list[Handed]] = {}
    for one in handed:
        by_person.setdefault(one.person.key, []).append(one)
    found = []
    for everything in by_person.values():
        attempts = sorted({one.attempt for one in everything})
        last = [one for one in everything if one.attempt == attempts[-1]]
        people = [next((one.person for one in last if one.person.name != one.person.key), last[0].person)]
        parts = [(one.node, one.to) for one in last]
        found.append(
            submission_of(
                people,
                parts,
                late=any(one.late for one in last),
                earlier=len(attempts) - 1,
                when=max(one.when for one in last),
            )
        )
    return found
