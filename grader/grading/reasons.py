"""Say why a person must look at a submission, whatever its score: one rule for each reason.

A score of 0 is right for an untouched template. It says nothing if the grader did not find or read the work.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from grader.intake.archive import shown
from grader.intake.locate import enumerated
from grader.records.record import PartRecord, Verdict

_ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"}
_LONGEST = 300  # characters of a sentence that quotes what a student's process said


@dataclass(frozen=True, slots=True)
class Graded:
    """A submission after its checks have run: its parts and the paths of its files.

    By part: ``not_installed`` has the modules it misses, ``unreadable`` why its file cannot be read, ``rivals`` the
    files that could equally be its own and differ.
    """

    parts: Sequence[PartRecord]
    files: Collection[str]
    not_installed: Mapping[str, Collection[str]]
    unreadable: Mapping[str, str]
    rivals: Mapping[str, Collection[str]]

    @property
    def missed(self) -> list[PartRecord]:
        """Return the parts of which nothing was found."""
        return [part for part in self.parts if part.missing and not part.found]


def reasons_to_look(graded: Graded) -> tuple[str, ...]:
    """Return a sentence for the instructor for each reason why a person must look; none if the score can be trusted."""
    return tuple(dict.fromkeys(reason for rule in RULES for reason in rule(graded)))


def _nothing_found(graded: Graded) -> Iterator[str]:
    if missed := graded.missed:
        there = enumerated(sorted(graded.files))
        parts = "any part" if len(missed) == len(graded.parts) else ", ".join(part.name for part in missed)
        yield f"No function of {parts} was found in what was handed in: {there}."


def _unreadable(graded: Graded) -> Iterator[str]:
    for name, why in graded.unreadable.items():
        yield f"{name} could not be read. {shown(why, longest=_LONGEST)}"
    for part in graded.parts:
        for lines in part.not_run:
            if not lines.first:
                yield f"{shown(lines.file)} could not be read. {lines.why[:_LONGEST]}".rstrip()


def _unopened_archives(graded: Graded) -> Iterator[str]:
    archives = sorted(path for path in graded.files if PurePath(path).suffix.casefold() in _ARCHIVES)
    if archives and any(part.missing for part in graded.parts):
        yield f"Functions are missing, and there are archives that were not opened: {enumerated(archives)}."


def _only_templates(graded: Graded) -> Iterator[str]:
    verdicts = {check.verdict for part in graded.parts for check in part.checks}
    ours = {part.file for part in graded.parts} | {one.file for part in graded.parts for one in part.found}
    others = sorted(path for path in graded.files if path not in ours and not _comes_with_it(path))
    if verdicts == {Verdict.not_implemented} and others:
        yield f"Every part is the untouched template, and there are other files: {enumerated(others)}."


def _comes_with_it(path: str) -> bool:
    """Return whether students get a file of this name with the templates: the answer sheet, a utility."""
    name = PurePath(path).name
    return name == "answers.md" or name.startswith("_")


def _rivals(graded: Graded) -> Iterator[str]:
    for part in graded.parts:
        if rivals := graded.rivals.get(part.name):
            ours = sorted({one.file for one in part.found})
            taken = f"graded: {enumerated(ours)}" if ours else "none of them was graded"
            yield f"Several files could be {part.name}, and they differ: {enumerated(sorted(rivals))} ({taken})."


def _not_installed(graded: Graded) -> Iterator[str]:
    for part, modules in graded.not_installed.items():
        for module in sorted(modules):
            yield f"{part} imports {shown(module)}, which is not installed here: install it, then run the same command."


RULES: tuple[Callable[[Graded], Iterator[str]], ...] = (
    *(_nothing_found, _unreadable, _unopened_archives, _only_templates, _rivals, _not_installed),
)
