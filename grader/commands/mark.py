"""``grader mark``: open the marking desk, a local page on which people mark written answers."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.commands.gradebook_book import BY, DB, decision_of, opened
from grader.commands.options import collected
from grader.commands.progress import tracked
from grader.course.catalog import find_course
from grader.errors import UsageError
from grader.written.questions import QuestionSheet

if TYPE_CHECKING:
    from grader.desk.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the desk is: its port, and whether a browser is opened there."""

    port: int = 0
    no_browser: bool = False


@click.command("mark")
@click.argument("assignment")
@click.option(
    "--out", type=click.Path(path_type=Path), help="What `grader grade --out` wrote (default: build/ASSIGNMENT)."
)
@click.option("--names", is_flag=True, help="Show who wrote what (default: a code for each student).")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Use this port (default: any that is free).")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@DB
@BY
@collected(Place, "place")
def command(assignment: str, out: Path | None, names: bool, db: str | None, by: str | None, place: Place) -> None:
    """Open the marking desk for the written answers to ASSIGNMENT: a page on this machine, for nobody else.

    Every mark is in the gradebook at once. Several people may mark at the same time, each with a desk of their own and
    --db: nothing is overwritten unseen. Ctrl-C closes the desk.

    \b
    Examples:
      grader mark lab1
      grader mark lab1 --out build/demo/lab1 --no-browser

    \b
    Exit codes: 0 closed · 1 the grader failed · 2 wrong usage, or there is nothing to mark
    """  # noqa: D301
    from grader.desk.serve import serve

    folder = out or Path("build") / assignment
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}: run `grader grade {assignment} PATH --out {folder}` first")
    with _desk(assignment, folder, db, by, names=names) as desk:

        def tell(address: str) -> None:
            click.echo(f"The desk is open at {address}\nOnly this machine can open it. Ctrl-C closes it.")
            if not place.no_browser:
                webbrowser.open_new_tab(address)

        serve(desk, place.port, tell)
        url = desk.database.engine.url.render_as_string(hide_password=True)
    click.echo(f"closed; all marks are in {url}")


@contextmanager
def _desk(assignment: str, folder: Path, db: str | None, by: str | None, *, names: bool) -> Iterator[Desk]:
    """Take in the records that are new, read all answers, and yield the open desk."""
    from grader.desk.desk import Desk
    from grader.desk.saving import begin_rubrics
    from grader.desk.work import read_work
    from grader.gradebook.database import Database
    from grader.gradebook.place import url_of
    from grader.gradebook.scores import scores

    click.echo(f"reading the records and answers below {folder} ...", err=True)
    with opened(folder, db) as book:
        if book.assignment.name != assignment:
            raise UsageError(
                f"{folder} holds records of {book.assignment.name}, and not of {assignment}: give another --out"
            )
        sheet = QuestionSheet(find_course().root, assignment)
        work = read_work(folder, book.assignment.title, scores(book.session, book.assignment), sheet.questions)
        assignment_id = book.assignment.id
    for line in work.unreadable:
        click.echo(f"cannot be read, a person must look: {line}", err=True)
    if not work.students:
        raise UsageError(f"there is nothing to mark below {folder}")
    database = Database(url_of(folder, db))
    try:
        with tracked("grouping answers that are alike", len(work.questions)) as step:
            desk = Desk.opened(work, database, assignment_id, by=decision_of(by, "").by, names=names, step=step)
        with database.session() as session:
            begin_rubrics(session, desk)
        yield desk
    finally:
        database.close()
