"""Write a record as Gradescope's ``results.json``: what students see of a test follows from the check's visibility."""

from __future__ import annotations

import json
from typing import Any

from grader.records.record import CheckRecord, PartRecord, ResultRecord, Standing, Verdict, Visibility
from grader.reports.audience import as_seen_by

# Gradescope never shows a hidden test. Ours hide only their inputs and values, and these are left out before.
_SHOWN = {Visibility.hidden: Visibility.visible}
_NOT_FINAL = "We are looking at your submission. This is not your fault, and it costs you no points."


def results(record: ResultRecord) -> bytes:
    """Return ``results.json``: a test for each check, the sum as score; written questions are left to their rubric.

    It holds what the student may see. If the grader failed, there is a message and no score: our failure must not
    become a zero.
    """
    record = as_seen_by("student", record)
    content: dict[str, Any] = {"output_format": "text", "test_output_format": "text", "test_name_format": "text"}
    content |= {"visibility": "visible", "stdout_visibility": "hidden"}
    if record.refused:
        content |= {"output": record.refused, "tests": []}
    elif record.standing is Standing.needs_attention:
        content |= {"output": _NOT_FINAL, "tests": []}
    else:
        content |= {"score": record.score, "output": "\n".join(record.notices)}
        content["tests"] = [test for place, part in enumerate(record.parts, 1) for test in _tests(place, part)]
    return json.dumps(content, ensure_ascii=False, indent=1).encode(errors="replace") + b"\n"


def _tests(place: int, part: PartRecord) -> list[dict[str, Any]]:
    return [_test(f"{place}.{number}", part, check) for number, check in enumerate(part.checks, 1)]


def _test(number: str, part: PartRecord, check: CheckRecord) -> dict[str, Any]:
    return {
        "number": number,
        "name": f"{part.title}: {check.title}",
        "score": check.score,
        "max_score": check.points,
        "status": "passed" if check.verdict is Verdict.passed else "failed",
        "output": _words(check),
        "visibility": _SHOWN.get(check.visibility, check.visibility).value,
    }


def _words(check: CheckRecord) -> str:
    told = (check.message, check.detail, check.hint, check.traceback)
    return "\n\n".join(words.strip() for words in told if words.strip())
