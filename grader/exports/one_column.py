"""Fill in one column of a gradebook that an LMS exported: which column, for whom, out of how many points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.errors import UsageError
from grader.exports.grades import Directory, Grade, points


def chosen_column(titles: Mapping[int, tuple[str, str, str]], wanted: str, name: str) -> int:
    """Return the place of the one column that is meant; ``titles`` has, by place, its header, its title and its id.

    ``name`` is that of the file.

    Raises:
        UsageError: no column or several are meant.
    """
    exact = [at for at, called in titles.items() if wanted in called]
    alike = exact or [at for at, called in titles.items() if wanted.casefold() in called[1].casefold()]
    if len(alike) == 1:
        return alike[0]
    known = "; ".join(titles[at][0] for at in alike or titles) or "none"
    found = f"{len(alike)} columns of {name} are called {wanted!r}" if alike else f"no column of {name} is {wanted!r}"
    raise UsageError(f"{found}: choose with --column one of: {known}")


def factor_of(grades: Sequence[Grade], worth: float | None, title: str, *, scale: bool) -> float:
    """Return what a score is multiplied by, where the LMS says that ``title`` is ``worth`` so many points.

    Raises:
        UsageError: the scores are out of another maximum, and ``scale`` is not given.
    """
    most = max((grade.max_score for grade in grades if grade.score is not None), default=0.0)
    if worth is None or not most or worth == most:
        return 1.0
    if not scale:
        raise UsageError(f"{title} is worth {points(worth)} points there, and {points(most)} here: give --scale")
    return worth / most


def with_grade(
    people: Sequence[list[str]],
    ids: Sequence[int],
    name_of: Callable[[list[str]], str],
    chosen: int,
    directory: Directory,
    factor: float,
) -> tuple[list[list[str]], list[str]]:
    """Return the rows of people who have a grade, filled in at ``chosen``, and a sentence on who of the file has none.

    ``ids`` are the places of columns that say who somebody is.
    """
    kept, without = [], []
    for row in people:
        found = directory.find((row[at] for at in ids if at < len(row)), name=name_of(row))
        if found is None or found.score is None:
            without.append(name_of(row))
            continue
        filled = row + [""] * (chosen + 1 - len(row))
        filled[chosen] = points(found.score * factor)
        kept.append(filled)
    remark = f"not in the file, because they have no final score: {'; '.join(without)}"
    return kept, [remark] if without else []
