"""Write a record for GitHub Classroom's autograding reporter: base64 of a JSON result."""

from __future__ import annotations

import base64
import json

from grader.records.record import CheckRecord, ResultRecord, Standing, Verdict
from grader.reports.audience import as_seen_by


def result(record: ResultRecord) -> bytes:
    """Return what a runner of GitHub Classroom puts out: a test for each check, as the student may see it.

    The reporter computes a runner's score as passed tests / all tests * max_score, so a test's ``score`` is only shown.
    """
    seen = as_seen_by("student", record)
    checks = [check for part in seen.parts for check in part.checks]
    failed = seen.refused or seen.standing is Standing.needs_attention
    passed = checks and all(check.verdict is Verdict.passed for check in checks)
    content = {
        "version": 1,
        "status": "error" if failed else "pass" if passed else "fail",
        "max_score": seen.max_score,
        "tests": [_test(check) for check in checks],
    }
    return base64.b64encode(json.dumps(content).encode()) + b"\n"


def _test(check: CheckRecord) -> dict[str, object]:
    return {
        "name": check.title,
        "status": "pass" if check.verdict is Verdict.passed else "fail",
        "score": check.score,
        "message": "\n".join(filter(None, (check.message, check.detail, check.hint))),
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "execution_time": "",
    }
