"""``grader stubs``: generate the student templates from the references."""

from __future__ import annotations

import click

from grader.catalog import find_course
from grader.stubs import stub_of


@click.command("stubs")
@click.argument("selectors", nargs=-1, metavar="[ASSIGNMENT[/PART]]...")
@click.option("--check", is_flag=True, help="Write nothing; fail when a template is out of date.")
def command(selectors: tuple[str, ...], check: bool) -> int:
    """Generate student_template/ from reference/: the regions between BEGIN and END SOLUTION are taken out.

    \b
    Examples:
      grader stubs
      grader stubs lab1/factorise
      grader stubs --check
    """  # noqa: D301
    stale = 0
    for part in find_course().select(selectors):
        stub = stub_of(part.reference.read_text())
        if part.template.is_file() and part.template.read_text() == stub:
            continue
        stale += 1
        if not check:
            part.template.parent.mkdir(parents=True, exist_ok=True)
            part.template.write_text(stub)
        click.echo(f"{'out of date: ' if check else ''}{part.template.relative_to(part.course)}")
    return int(check and stale > 0)
