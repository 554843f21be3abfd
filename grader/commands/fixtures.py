"""``grader fixtures``: make the fixture data of parts with their ``make.py``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from grader.course.catalog import find_course
from grader.verification.authoring import refuse_broken_makers


@click.command("fixtures")
@click.argument("selectors", nargs=-1, metavar="[ASSIGNMENT[/PART]]...")
def command(selectors: Sequence[str]) -> None:
    """Make the fixture data of every part, or of those named, again from their references.

    \b
    Examples:
      grader fixtures
      grader fixtures lab1/factorise
    """  # noqa: D301
    from grader.course import fixture_data

    parts = find_course().select(selectors)
    refuse_broken_makers(parts)
    for part in parts:
        for path in fixture_data.write(part, fixture_data.make(part)):
            click.echo(path.relative_to(part.course))
