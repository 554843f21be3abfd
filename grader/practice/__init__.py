"""Run the visible checks of a handout at home: ``grader check`` in a terminal, ``practice.check`` in a notebook."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["check"]


def check(*parts: str, folder: str | Path = ".") -> bool:
    """Run the visible checks on the functions of the running notebook, print what came of them; return if all pass.

    ``parts`` are names such as ``"factorise"``; without any, every part of the handout is checked. ``folder`` is the
    handout, a folder in it, or the folder that it was unpacked in.

    Raises:
        UsageError: there is no handout, or it has no such part.
    """
    from grader.practice.live import check_namespace

    return check_namespace(sys._getframe(1).f_globals, parts, Path(folder))  # noqa: SLF001 -- Python's own name
