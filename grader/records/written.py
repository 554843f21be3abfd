"""Written questions, the answers that were found, and what else may be one."""

from __future__ import annotations

import msgspec


class WrittenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One written question and the student's answer; a person marks it, so it has points but no score.

    ``answer`` is the text as typed, cut if ``truncated``; ``source`` is its file. Both are empty if there is no answer.
    """

    name: str
    title: str
    question: str
    points: float
    answer: str = ""
    source: str = ""
    truncated: bool = False


class UnplacedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What may answer a written question but is below no question's heading: a person looks at it.

    ``text`` is as typed, cut if ``truncated``; it is empty if the grader cannot read the file ``source``.
    """

    source: str
    text: str = ""
    truncated: bool = False
