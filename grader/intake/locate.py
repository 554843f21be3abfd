"""Find the file of a submission that holds a part: by its name, by an alias, or by either as browsers rename it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from grader.intake.archive import shown

# "-1", " (2)", " copy", " - Copy (3)": what browsers, LMSs and file managers add to a second copy's name.
_COPY_MARK = re.compile(r"([ -]+copy|[ _]*\(\d+\)|[ -]\d+)$")


@dataclass(frozen=True, kw_only=True)
class Location:
    """Where a part's module is: ``path``, or None if it is missing or if several ``rivals`` could equally be it.

    ``notice`` tells the student why this file was taken, which files compete, or which have a ``similar`` name; it is
    empty if the file has the right name.
    """

    path: str | None = None
    rivals: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()
    notice: str = ""


def locate(
    files: Collection[str], part: str, file_aliases: Sequence[str] = (), untouched: Collection[str] = ()
) -> Location:
    """Find the file of ``part`` among ``files``.

    The right name anywhere comes before an alias, an alias before a renamed file; then the shallowest wins. A file that
    is the ``untouched`` template comes after all that somebody wrote.
    """
    wanted = f"{part}.py"
    aliases = {f"{alias.removesuffix('.py')}.py" for alias in file_aliases}
    stems = {_stems(name)[0] for name in {wanted, *aliases}}
    modules = sorted(path for path in files if path.casefold().endswith(".py"))
    written = [path for path in modules if path not in untouched]
    for claims in (
        [path for path in written if _base(path) == wanted],
        [path for path in written if _base(path) in aliases],
        [path for path in written if not stems.isdisjoint(_stems(path))],
        [path for path in modules if _base(path) == wanted],
        [path for path in modules if not stems.isdisjoint(_stems(path))],
    ):
        highest = min((path.count("/") for path in claims), default=0)
        best = tuple(path for path in claims if path.count("/") == highest)
        if len(best) > 1:
            notice = f"Each of {enumerated(best)} could be {wanted}. Keep one, and name it {wanted}."
            return Location(rivals=best, notice=notice)
        if best:
            notice = "" if _base(best[0]) == wanted else f"{shown(best[0])} was taken for {wanted}."
            return Location(path=best[0], notice=notice)
    return _missing(files, wanted)


def _missing(files: Collection[str], wanted: str) -> Location:
    code = (path for path in sorted(files, reverse=True) if path.casefold().endswith((".py", ".py.txt")))
    by_name = {_base(path).casefold(): path for path in code}
    similar = tuple(by_name[name] for name in difflib.get_close_matches(wanted, by_name, cutoff=0.75))
    guess = f" Is it {enumerated(similar)}? Then rename that." if similar else ""
    notice = f"There is no {wanted} in the submission.{guess}"
    return Location(similar=similar, notice=notice)


def _stems(path: str) -> list[str]:
    """Return the names a file may stand for: its own, then without one copy mark after another."""
    stems = [_base(path).casefold().removesuffix(".py")]
    while mark := _COPY_MARK.search(stems[-1]):
        stems.append(stems[-1][: mark.start()])
    return [re.sub(r"[\s-]+", "_", stem) for stem in stems]


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def enumerated(paths: Sequence[str]) -> str:
    """Return the first three paths, and how many more there are, as words."""
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(map(shown, paths[:3])) + more
