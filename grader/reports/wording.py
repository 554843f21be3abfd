"""The words and numbers of a report, written for a student: one sentence for every verdict and standing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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


Say = Callable[[str], str]  # returns a sentence in the language of the page


def english(text: str) -> str:
    """Return a sentence as it is."""
    return text


def standing_label(record: ResultRecord, say: Say = english) -> str:
    """Say in a few words whether the score counts: `Final` only if nothing is left to mark."""
    if record.standing is Standing.final and record.awaiting:
        words = say("Automatic part complete: %(score)s / %(max)s; %(awaiting)s points of written answers to be marked")
        counted = {"score": record.score, "max": record.max_score, "awaiting": record.awaiting}
        return words % {name: points(value) for name, value in counted.items()}
    return say(STANDINGS[record.standing])


def standing_sentence(record: ResultRecord, say: Say = english) -> str:
    """Say whether the score counts, and if not, why."""
    if record.standing is Standing.final:
        verdicts = {check.verdict for part in record.parts for check in part.checks}
        ran = verdicts <= {Verdict.passed, Verdict.failed}
        if record.awaiting:
            ended = say("Every check ran to the end, and this part of your score counts.")
            return ended if ran else say("This part of your score counts.")
        return say("Every check ran to the end, and this score counts.") if ran else say("This score counts.")
    if record.standing is Standing.needs_attention:
        return say(
            "Something went wrong on our side while grading. That is our fault, not yours. Your score becomes "
            "final after a person has looked at it. You do not need to do anything."
        )
    if record.standing is Standing.refused:
        return f"{record.refused} {say('Nothing has been graded yet. A person looks at what you handed in.')}"
    if record.standing is Standing.needs_a_look:
        return say(
            "The grader did not find, or could not read, everything it expected in your files. A person looks at what "
            "you handed in before this score counts."
        )
    reasons = []
    if record.partial:
        reasons.append(say("only some of the checks were run"))
    if record.environment.sandbox == "direct":
        reasons.append(say("it was run without the sandbox"))
    why = f" {say('and')} ".join(reasons)
    return say("This run is for practice and does not count, because %(why)s.") % {"why": why}


def awaiting(record: ResultRecord, say: Say = english) -> str:
    """Say how many points the written answers are worth; empty if there are none."""
    words = say("%(points)s points of written answers awaiting marking")
    return words % {"points": points(record.awaiting)} if record.written else ""


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


def how_to_answer(written: WrittenRecord, say: Say = english) -> str:
    """Tell a student how to hand in an answer that was not found."""
    return say("Hand in `answers.md`, with your answer below `## %(question)s`.") % {"question": written.name}


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


def moment(stamp: str, say: Say = english) -> str:
    """Write an ISO 8601 date and time as ``2 May 2026, 10:20 UTC``; return anything else unchanged."""
    try:
        when = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    when = when.astimezone(UTC) if when.tzinfo else when
    named = {"day": when.day, "month": say(MONTHS[when.month - 1]), "year": when.year, "time": f"{when:%H:%M}"}
    return say("%(day)s %(month)s %(year)s, %(time)s UTC") % named


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
MONTHS = (
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
