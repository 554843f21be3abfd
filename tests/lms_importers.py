"""Importers, written after the LMSs' own source or, where that is not open, after their documentation."""

import base64
import csv
import io
import json
import re
import zipfile
from xml.etree import ElementTree as ET

STUDENT_IDS = ("ID", "SIS User ID", "SIS Login ID")


def canvas_import(content, course):
    """Return {student id: score} that Canvas would change; ``course`` has ``assignments`` and ``students``.

    Raises ValueError where Canvas refuses the file or would make a new assignment.
    """
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    place = next((at for at, row in enumerate(rows) if len(row) > 3 and "Student" in row[0] and "ID" in row[1]), None)
    if place is None:
        raise ValueError("Invalid header row")
    header = rows[place]
    first = next((at for at, cell in enumerate(header) if re.fullmatch(r".* \(\d+\)", cell)), len(header))
    if "Section" not in header[first - 1]:
        raise ValueError("Invalid header row")
    for cell in header[first:]:
        if cell not in course["assignments"]:
            raise ValueError(f"creates a new assignment {cell!r}")
    changes = {}
    for row in rows[place + 1 :]:
        if "Points Possible" in row[0] or {cell.strip() for cell in row} <= {"", "Muted", "Manual Posting"}:
            continue
        student = next((course["students"][row[at]] for at in range(1, first) if row[at] in course["students"]), None)
        if student is None:
            raise ValueError(f"offers {row[0]!r} as a new student")
        for cell in row[first:]:
            changes[student] = None if cell in ("", "-") else round(float(cell.replace(",", ".")), 2)
    return changes


def moodle_import(content, grades):
    """Return {participant: grade} that Moodle would change; ``grades`` has its times of the last change."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if not {"Identifier", "Grade", "Last modified (grade)"} <= rows[0].keys():
        raise ValueError("Missing required column")
    changes = {}
    for row in rows:
        if row["Last modified (grade)"] != grades[row["Identifier"]]:
            continue  # it was changed on the site since
        if row["Grade"]:
            changes[row["Identifier"]] = float(row["Grade"])
    return changes


def canvas_feedback_import(content, attachments):
    """Return {user: file} of a zip for Canvas's “Upload submissions”, and the names that it ignores.

    ``attachments`` has, by user, the ids of what they handed in. After `infer_comment_context_from_filename`.
    """
    taken, ignored = {}, []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for path in archive.namelist():
            name = path.rpartition("/")[2]
            words = name.split("_")
            user, attachment = [*[word for word in words if re.fullmatch(r"\d+", word)][:2], None, None][:2]
            if words[-1].startswith("link") or name.startswith("._") or attachment not in attachments.get(user, ()):
                ignored.append(path)
            else:
                taken[user] = archive.read(path)
    return taken, ignored


def blackboard_import(content, course):
    """Return {column id: {user name: score}} that Blackboard's Grade Center would change, after its documentation.

    ``course`` has the user names of each column. Raises ValueError where Blackboard refuses a row, or would make a new
    column, which it does of every header without the id of a known one.
    """
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = rows[0]
    user = header.index("Username")
    changes = {}
    for at, title in enumerate(header):
        if title in ("Last Name", "First Name", "Username", "Student ID"):
            continue
        column = title.rpartition("|")[2]
        if column not in course:
            raise ValueError(f"makes a new column {title!r}")
        for row in rows[1:]:
            if row[user] not in course[column]:
                raise ValueError(f"nobody is called {row[user]!r}")
            changes.setdefault(column, {})[row[user]] = float(row[at])
    return changes


def gradescope_import(content):
    """Return the total of a results.json, and name and output of each test that a student sees, as its format says."""
    found = json.loads(content)
    visibilities = {"hidden", "after_due_date", "after_published", "visible"}
    formats = {"text", "html", "simple_format", "md", "ansi"}
    assert {found[key] for key in found if key.endswith("_format")} <= formats
    for test in found["tests"]:
        assert ("score" in test) == ("max_score" in test)
        assert test.get("status", "passed") in ("passed", "failed")
        assert test.get("visibility", "visible") in visibilities
    total = found.get("score", sum(test.get("score", 0) for test in found["tests"]))
    default = found.get("visibility", "visible")
    shown = [test for test in found["tests"] if test.get("visibility", default) == "visible"]
    return total, [(test["name"], test["output"]) for test in shown]


def classroom_report(environment):
    """Return what autograding-grading-reporter makes of ``<RUNNER>_RESULTS``: passed tests count, not their scores."""
    total = most = 0
    for name, value in environment.items():
        assert name.endswith("_RESULTS")
        result = json.loads(base64.b64decode(value))
        passed = sum(test["status"] == "pass" for test in result["tests"])
        total += passed / len(result["tests"]) * result["max_score"]
        most += result["max_score"]
    return {"totalPoints": total, "maxPoints": most}


def junit_cases(content):
    """Return how many cases each suite has, as CI servers read JUnit XML; its counts must be those of its cases."""
    found = {}
    for suite in ET.fromstring(content).findall("testsuite"):
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        for count, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(count)) == len(suite.findall(f"testcase/{kind}"))
        assert all(float(case.get("time")) >= 0 and case.get("classname") and case.get("name") for case in cases)
        found[suite.get("name")] = len(cases)
    return found
