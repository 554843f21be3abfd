"""Describe a mistake of an author in one sentence, with file and line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One mistake of an author.

    If ``stops`` is True, students would be graded wrongly, so the part is not graded. ``unreadable`` means that Python
    cannot parse the file.
    """

    path: Path
    line: int  # counted from 1
    sentence: str
    stops: bool = True
    unreadable: bool = False

    def told(self, root: Path) -> str:
        """Return the mistake as one line, with the path relative to the course's root."""
        path = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        return f"{path}:{self.line}: {self.sentence}"
