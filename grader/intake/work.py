"""Tell whether a submission holds anything that can be graded, by the names of its files and their first bytes."""

from __future__ import annotations

from pathlib import PurePath

from grader.errors import IntakeRefused
from grader.intake.locate import enumerated
from grader.intake.submission import Submission

_CODE = (".py", ".pyw", ".ipynb", ".py.txt", ".ipynb.txt", ".ipynb.json")


def is_code(path: str, content: bytes = b"") -> bool:
    """Return whether a file can hold code: Python or a notebook, also as a browser may rename them.

    A notebook is known by its ``content``, too, if that is given.
    """
    return path.casefold().endswith(_CODE) or (content[:200].lstrip()[:1] == b"{" and b'"cells"' in content)


def is_answer_sheet(path: str) -> bool:
    """Return whether a file is named like the answers to written questions, in whatever format."""
    return PurePath(path).stem.casefold() == "answers"


def refuse_without_work(submission: Submission) -> None:
    """Raise IntakeRefused if a submission holds neither code nor answers: its score would be a silent 0."""
    files = submission.files
    if not any(is_code(path, content) or is_answer_sheet(path) for path, content in files.items()):
        raise IntakeRefused(
            f"“{submission.name}” holds no code that can be graded: no .py file and no notebook (.ipynb), only "
            f"{enumerated(list(files))}. Hand in the files in which you wrote your code."
        )
