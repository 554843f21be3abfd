"""Write the item analysis of a class as a CSV table: one line for each check."""

from __future__ import annotations

import csv
import io

from grader.analysis.results import CheckItem, ClassAnalysis
from grader.reports.spreadsheet import guarded

HEADER = (
    *("part", "check", "title", "points", "judged", "passed", "skipped", "grader_errors"),
    *("pass_rate", "mean", "discrimination", "flags"),
)


def render_items_csv(analysis: ClassAnalysis) -> str:
    """Return the table, with nothing that a spreadsheet would run; a figure that is undefined is empty."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(map(_line, analysis.checks))
    return text.getvalue()


def _line(item: CheckItem) -> list[str | float]:
    figures = (item.pass_rate, item.mean, item.discrimination)
    return [
        *map(guarded, (item.part, item.name, item.title)),
        *(item.points, item.judged, item.passed, item.skipped, item.ours),
        *("" if figure is None else round(figure, 4) for figure in figures),
        " ".join(item.flags),
    ]
