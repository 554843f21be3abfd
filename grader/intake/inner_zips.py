"""Open the zips inside a submission, one level: what a student packed twice, or a bulk download wrapped again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from grader.errors import IntakeRefused
from grader.intake.archive import DEFAULT_LIMITS, Gathering, IntakeLimits, names, shown, unzip

_MOST = 8  # a submission of a thousand small zips must not cost a thousand readings of all its files


class Opened(NamedTuple):
    """The files of a submission after the zips in it were opened, and sentences about it for the student."""

    files: dict[str, bytes]
    notices: list[str]


def open_inner_zips(
    files: Mapping[str, bytes], is_work: Callable[[str], bool], limits: IntakeLimits = DEFAULT_LIMITS
) -> Opened:
    """Open every zip among ``files`` that holds work, once: ``x.zip`` becomes the folder ``x``.

    ``is_work`` says of a path whether it can be work. All files together keep to the limits. A zip that is damaged or
    too large stays closed, with a notice that says why; zips inside the opened ones stay closed, too.
    """
    opened = Opened(dict(files), [])
    zips = [path for path in files if path.casefold().endswith(".zip")]
    for path in zips[:_MOST]:
        try:
            if not any(map(is_work, names(files[path], limits))):
                continue
            rest = {other: content for other, content in opened.files.items() if other != path}
            together = _with_inner(rest, path, unzip(files[path], limits), limits)
        except IntakeRefused as refusal:
            opened.notices.append(f"{shown(path)} is an archive inside your submission and was not opened. {refusal}")
        else:
            opened = Opened(together.files, [*opened.notices, *together.left_out])
    return opened


def _with_inner(rest: Mapping[str, bytes], path: str, inner: Gathering, limits: IntakeLimits) -> Gathering:
    together = Gathering(limits)
    folder = path[: -len(".zip")]
    together.left_out += [f"In {shown(path)}: {sentence}" for sentence in inner.left_out]
    for other, content in {**rest, **{f"{folder}/{name}": content for name, content in inner.files.items()}}.items():
        if placed := together.place(other):
            together.add(placed, [content])
    return together
