"""The words and numbers of a report, written for a student: one sentence for every verdict and standing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

from grader.records.record import ResultRecord, Standing, Verdict, WrittenRecord


class Wording(NamedTuple):
    """How a verdict is told: a short label, a sentence of explanation, and the tone of its colour."""

    label: str
    sentence: str
    tone: str  # good · work · quiet · ours


VERDICTS: Mapping[Verdict, Wording] = MappingProxyType(
    {
        Verdict.passed: Wording("Passed", "Your code does what this check asks.", "good"),
        Verdict.failed: Wording(
            "Not right yet", "Your code ran and gave an answer, but not the one this check expects.", "work"
        ),
        Verdict.crashed: Wording("Crashed", "Your code stopped with an error before it gave a usable answer.", "work"),
        Verdict.timed_out: Wording(
            "Out of time",
            "Your code was still running when its time was up. Look for a loop that never ends, or for many "
            "small steps where one matrix operation would do.",
            "work",
        ),
        Verdict.out_of_memory: Wording(
            "Out of memory",
            "Your code asked for more memory than this check allows. Look for something that grows with "
            "every step, or a table far larger than its answer.",
            "work",
        ),
        Verdict.not_implemented: Wording(
            "Not written yet", "The body of this function is still the one you were given.", "quiet"
        ),
        Verdict.skipped: Wording("Skipped", "This check was not run this time.", "quiet"),
        Verdict.grader_error: Wording(
            "Our error",
            "This is our fault, not yours: your score will not be final until someone has looked.",
            "ours",
        ),
    }
)

STANDINGS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.final: "Final",
        Standing.needs_attention: "Needs attention",
        Standing.not_a_grade: "Not a grade",
    }
)


def standing_sentence(record: ResultRecord) -> str:
    """Say whether the score counts, and if not, why."""
    if record.standing is Standing.final:
        return "Every check ran to the end, and this score counts."
    if record.standing is Standing.needs_attention:
        return (
            "Something went wrong on our side while grading. That is our fault, not yours: your score will "
            "not be final until someone has looked. There is nothing you need to do."
        )
    reasons = []
    if record.partial:
        reasons.append("only some of the checks were run")
    if record.environment.sandbox == "direct":
        reasons.append("it was run without the sandbox")
    return f"This run is for practice and does not count, because {' and '.join(reasons)}."


def awaiting(record: ResultRecord) -> str:
    """Say what the written answers are worth while nobody has marked them; empty where there are none."""
    return f"{points(record.awaiting)} points of written answers awaiting marking" if record.written else ""


def settings(record: ResultRecord) -> str:
    """Name the device and profile that were asked for, and the parts that were graded in others."""
    asked, others = (record.device, record.profile), dict[tuple[str, str], list[str]]()
    for part in record.parts:
        if (part.device, part.profile) != asked:
            others.setdefault((part.device, part.profile), []).append(part.name)
    words = [f"{', '.join(names)}: {', '.join(own)}" for own, names in others.items()]
    return ", ".join(asked) + (f" ({'; '.join(words)})" if words else "")


def data_used(record: ResultRecord) -> str:
    """Name the data sets that were used, each with its version; empty where there were none."""
    return ", ".join(f"{name} ({origin})" for name, origin in record.datasets.items())


NO_ANSWER = "No answer found in your files."


def how_to_answer(written: WrittenRecord) -> str:
    """Tell a student how to hand in an answer that was not found."""
    return f"Hand in `answers.md`, with your answer below `## {written.name}`."


def points(value: float) -> str:
    """Write points without trailing zeros: ``3``, ``2.5``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def number(value: float | str) -> str:
    """Write a value with at most six significant digits; ``"nan"`` and ``"inf"`` arrive as text."""
    return value if isinstance(value, str) else f"{value + 0.0:.6g}"  # + 0.0 turns -0.0 into 0


def duration(seconds: float) -> str:
    """Write a duration as people say it: ``0.4 s``, ``38 s``, ``2 min 5 s``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(stamp: str) -> str:
    """Write an ISO 8601 moment as ``2 May 2026, 10:20 UTC``; anything else comes back as it is."""
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


# strftime's %B follows the locale of whoever runs the grader; a report must not.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
