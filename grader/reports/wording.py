"""The words and numbers of a report, written for a student: one sentence for every verdict and standing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

from grader.records.record import ResultRecord, Standing, Verdict, WrittenRecord

STANDINGS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.final: "Final",
        Standing.needs_attention: "Needs attention",
        Standing.needs_a_look: "Needs a look",
        Standing.refused: "Not graded",
        Standing.not_a_grade: "Not a grade",
    }
)


def standing_label(record: ResultRecord) -> str:
    """Say in a few words whether the score counts: `Final` only if nothing is left to mark."""
    if record.standing is Standing.final and record.awaiting:
        scored = f"{points(record.score)} / {points(record.max_score)}"
        return f"Automatic part complete: {scored}; {points(record.awaiting)} points of written answers to be marked"
    return STANDINGS[record.standing]


def standing_sentence(record: ResultRecord) -> str:
    """Say whether the score counts, and if not, why."""
    if record.standing is Standing.final:
        what = "this part of your score counts." if record.awaiting else "this score counts."
        verdicts = {check.verdict for part in record.parts for check in part.checks}
        ran = verdicts <= {Verdict.passed, Verdict.failed}
        return f"Every check ran to the end, and {what}" if ran else what.capitalize()
    if record.standing is Standing.needs_attention:
        return (
            "Something went wrong on our side while grading. That is our fault, not yours. Your score becomes "
            "final after a person has looked at it. You do not need to do anything."
        )
    if record.standing is Standing.refused:
        return f"{record.refused} Nothing has been graded yet. A person looks at what you handed in."
    if record.standing is Standing.needs_a_look:
        return (
            "The grader did not find, or could not read, everything it expected in your files. A person looks at what "
            "you handed in before this score counts."
        )
    reasons = []
    if record.partial:
        reasons.append("only some of the checks were run")
    if record.environment.sandbox == "direct":
        reasons.append("it was run without the sandbox")
    return f"This run is for practice and does not count, because {' and '.join(reasons)}."


def awaiting(record: ResultRecord) -> str:
    """Say how many points the written answers are worth; empty if there are none."""
    return f"{points(record.awaiting)} points of written answers awaiting marking" if record.written else ""


def settings(record: ResultRecord) -> str:
    """Name the device and profile of the run, and the parts that were graded with others."""
    asked, others = (record.device, record.profile), dict[tuple[str, str], list[str]]()
    for part in record.parts:
        if (part.device, part.profile) != asked:
            others.setdefault((part.device, part.profile), []).append(part.name)
    words = [f"{', '.join(names)}: {', '.join(own)}" for own, names in others.items()]
    return ", ".join(asked) + (f" ({'; '.join(words)})" if words else "")


def data_used(record: ResultRecord) -> str:
    """Name the data sets that were used, each with its version; empty if there were none."""
    return ", ".join(f"{name} ({origin})" for name, origin in record.datasets.items())


NO_ANSWER = "No answer found in your files."
NOT_READ = "The grader cannot read this file. The person who marks opens it."


def how_to_answer(written: WrittenRecord) -> str:
    """Tell a student how to hand in an answer that was not found."""
    return f"Hand in `answers.md`, with your answer below `## {written.name}`."


def points(value: float) -> str:
    """Write points without trailing zeros: ``3``, ``2.5``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def number(value: float | str) -> str:
    """Write a value with at most six significant digits; return text, such as ``"nan"``, unchanged."""
    return value if isinstance(value, str) else f"{value + 0.0:.6g}"  # + 0.0 turns -0.0 into 0


def in_words(name: str) -> str:
    """Write the name of a figure in words: ``frozen_accuracy`` is ``frozen accuracy``."""
    return name.replace("_", " ")


def duration(seconds: float) -> str:
    """Write a duration, given in seconds: ``0.4 s``, ``38 s``, ``2 min 5 s``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(stamp: str) -> str:
    """Write an ISO 8601 date and time as ``2 May 2026, 10:20 UTC``; return anything else unchanged."""
    try:
        when = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    when = when.astimezone(UTC) if when.tzinfo else when
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}, {when:%H:%M} UTC"


class Span(NamedTuple):
    """A stretch of prose, or of code where the author wrote backticks."""

    text: str
    is_code: bool


def paragraphs(text: str) -> tuple[tuple[Span, ...], ...]:
    """Split prose at blank lines, and each paragraph into words and ``code``."""
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", text.strip()))
    return tuple(_spans(block) for block in blocks if block)


def _spans(block: str) -> tuple[Span, ...]:
    pieces = re.split(r"(``[^`]+``|`[^`]+`)", block)
    return tuple(Span(piece.strip("`") if at % 2 else piece, bool(at % 2)) for at, piece in enumerate(pieces) if piece)


# strftime's %B depends on the locale of the machine; a report must not.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def judged_again(record: ResultRecord) -> str:
    """Tell that the checks have changed since the code ran, and whose points count; empty if they have not."""
    if record.kept_from:
        fewer = f"The changed ones give fewer points, so you keep those of attempt {record.kept_from}."
        return f"Checks have changed since your work was graded. {fewer}"
    if record.rescored_from:
        return f"Checks have changed since attempt {record.rescored_from}, so this work was judged again."
    return ""
