"""What is asked of a worker that loads a student's part, and what it says it found.

What it says is untrusted: the student's code may have written it. It is checked field by field, and every path must be
one of the submission's own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from msgspec import Meta

_Line = Annotated[int, Meta(ge=0, le=10_000_000)]
_Words = Annotated[str, Meta(max_length=500)]
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How functions are looked for beside their names and aliases, each table by entry point.

    ``parameters`` are the names that the reference has, in order, and ``required`` how many of them have no default;
    ``patterns`` are names with ``*`` that a student's function may have; ``reserved`` are names that belong to other
    parts. ``whole`` has the part's own file run from top to bottom; else only what its functions need is run.
    """

    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    required: Mapping[str, int] = field(default_factory=dict)
    patterns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reserved: Collection[str] = ()
    whole: bool = True

    def message(self) -> dict[str, Any]:
        """Return it as it travels to the worker."""
        return {
            "parameters": {name: list(names) for name, names in self.parameters.items()},
            "required": dict(self.required),
            "patterns": {name: list(patterns) for name, patterns in self.patterns.items()},
            "reserved": sorted(self.reserved),
            "whole": self.whole,
        }


class Found(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an entry point is: its own name, file, line (0: not known), and the cell of a notebook (0: no notebook)."""

    name: _Words
    file: str
    cell: _Line = 0
    line: _Line = 0


class Passage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines of a file that were not run, and why."""

    file: str
    first: _Line
    last: _Line
    cell: _Line = 0
    why: _Words = ""


class Loaded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a worker loaded: the entry points it found, by name; the lines it did not run; sentences for the student."""

    found: dict[str, Found] = {}
    not_run: Annotated[tuple[Passage, ...], Meta(max_length=_MOST)] = ()
    notices: Annotated[tuple[_Words, ...], Meta(max_length=_MOST)] = ()

    @property
    def names(self) -> dict[str, str]:
        """Return the entry points found, each with the name it has in the student's file."""
        return {entry_point: found.name for entry_point, found in self.found.items()}


def loaded_from(said: object, entry_points: Collection[str], files: Collection[str]) -> Loaded:
    """Return what a worker said it loaded; raises msgspec.ValidationError for anything that it cannot have loaded."""
    loaded = msgspec.convert(said, Loaded)
    if not (loaded.found.keys() <= set(entry_points)):
        raise msgspec.ValidationError("an entry point that nobody asked for")
    named = {one.file for one in loaded.found.values()} | {one.file for one in loaded.not_run}
    if not named <= set(files):
        raise msgspec.ValidationError("a file that was not handed in")
    return loaded
