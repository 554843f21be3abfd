"""Write records as JUnit XML (pytest's xunit2 format): a suite for each submission, a case for each check."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from grader.records.record import CheckRecord, PartRecord, ResultRecord
from grader.records.verdicts import VERDICTS
from grader.reports.cleaning import one_line, printable


def render_junit(records: Iterable[ResultRecord]) -> str:
    """Return the document, with students' text cleaned: XML 1.0 allows no control characters."""
    root = ET.Element("testsuites")
    for record in records:
        _suite(root, record)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, record: ResultRecord) -> None:
    kinds = [VERDICTS[check.verdict].junit for part in record.parts for check in part.checks]
    kinds += ["error"] if record.refused else []
    counts = {"tests": len(kinds), "failures": kinds.count("failure"), "errors": kinds.count("error")}
    attributes = {name: str(count) for name, count in counts.items()} | {
        "name": one_line(record.submission.name),
        "skipped": str(kinds.count("skipped")),
        "time": f"{record.seconds:.3f}",
        "timestamp": record.started,
    }
    suite = ET.SubElement(root, "testsuite", attributes)
    if record.refused:
        case = ET.SubElement(suite, "testcase", classname=record.assignment, name="handed_in", time="0.000")
        ET.SubElement(case, "error", message=one_line(record.refused, 1000))
    for part in record.parts:
        for check in part.checks:
            _case(suite, record, part, check)


def _case(suite: ET.Element, record: ResultRecord, part: PartRecord, check: CheckRecord) -> None:
    classname = f"{record.assignment}.{part.name}"
    case = ET.SubElement(suite, "testcase", classname=classname, name=check.name, time=f"{check.seconds:.3f}")
    properties = ET.SubElement(case, "properties")
    for name, value in (("points", check.points), ("score", check.score)):
        ET.SubElement(properties, "property", name=name, value=f"{value:g}")
    if element := VERDICTS[check.verdict].junit:
        happened = ET.SubElement(case, element, message=one_line(check.message))
        happened.text = printable("\n".join(filter(None, (check.detail, check.hint, check.traceback))))
