"""An author's mistake in one sentence, with file and line, and the list of all that a part has.

Everything here reads files as text: nothing of the course is run, and nothing heavy is imported.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake of an author.

    Unless ``stops`` is False, students would be graded wrongly: the part is not graded. ``unreadable``: Python cannot
    parse the file.
    """

    path: Path
    line: int  # counted from 1
    sentence: str
    stops: bool = True
    unreadable: bool = False

    def told(self, root: Path) -> str:
        """Return it as one line, with the path as seen from the course's root."""
        path = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        return f"{path}:{self.line}: {self.sentence}"


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return ``; did you mean 'x'?`` where a known name is close, else the list of what there is."""
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are: {', '.join(known)}" if known else ""
