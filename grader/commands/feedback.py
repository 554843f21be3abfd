"""``grader feedback``: make the folder of pages that students may have, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from grader.commands import printing
from grader.commands.gradebook_book import DB, FOLDER, Book, opened
from grader.commands.page_templates import use_course_templates
from grader.errors import UsageError
from grader.exports import moodle
from grader.exports.zipped import zip_of
from grader.files import whole_file
from grader.records.record import ResultRecord, from_json
from grader.records.store import Store
from grader.reports.marking import Marking

if TYPE_CHECKING:
    from grader.gradebook.scores import Scored

_PAGE = "feedback"


class _Page(NamedTuple):
    """The page of one person: who they are, their submission, and the page itself."""

    name: str
    key: str
    submission: str
    content: bytes


@click.command("feedback")
@FOLDER
@click.option("--to", type=click.Path(path_type=Path), required=True, help="Make the pages here, in a new folder.")
@click.option("--zip", "archive", type=click.Choice(["folders", "moodle"]), help="Make a zip of them instead.")
@click.option("--unfinished", is_flag=True, help="Also for those of whom something is still to be decided or marked.")
@click.option("--pdf", is_flag=True, help="Make PDF files instead of web pages.")
@DB
def command(folder: Path, to: Path, archive: str | None, unfinished: bool, pdf: bool, db: str | None) -> int:
    """Make a page for every student of FOLDER, which `grader grade --out` wrote: their checks, marks and comments.

    Nothing else is in the new folder: no record, no seed, no hidden value, no page of the class.

    \b
    Examples:
      grader feedback build/lab1 --to build/lab1-feedback
      grader feedback build/lab1 --to lab1-feedback.zip --zip moodle --pdf

    \b
    Exit codes: 0 a page for everybody · 1 some are left out, they are named · 2 wrong usage
    """  # noqa: D301
    if to.exists() and (archive is not None or any(to.iterdir())):
        raise UsageError(f"{to} exists already: choose a new one, so that no old page stays in it")
    use_course_templates()
    with opened(folder, db) as book:
        pages, left_out = list[_Page](), list[str]()
        for one in _scored(book):
            if one.final.open and not unfinished:
                left_out.append(f"{one.submission.name}: {one.final.open}")
            else:
                pages += _pages(book, folder, one)
        for line in left_out:
            click.echo(f"left out: {line}", err=True)
    if not pages:
        raise UsageError("there is nobody to make a page for; give --unfinished to include those above")
    _write(_printed(pages) if pdf else pages, to, archive, ".pdf" if pdf else ".html")
    click.echo(f"{len(pages)} pages in {to}")
    return int(bool(left_out))


def _scored(book: Book) -> Iterator[Scored]:
    from grader.gradebook.scores import scores

    yield from scores(book.session, book.assignment)


def _pages(book: Book, folder: Path, one: Scored) -> Iterator[_Page]:
    from grader.reports.html import render_report

    record = _record(folder, one)
    content = render_report(record, marking=_marking(book, one)).encode(errors="replace")
    for member in one.submission.members:
        yield _Page(member.person.name, member.person.key, one.submission.name, content)


def _record(folder: Path, one: Scored) -> ResultRecord:
    """Return the record of the attempt that counts; the latest one where none does."""
    if one.attempt is None:
        raise UsageError(f"there is no attempt of {one.submission.name}")
    return from_json((folder / one.attempt.place).read_bytes())


def _marking(book: Book, one: Scored) -> Marking:
    """Return what people decided and said."""
    from grader.gradebook.said import said_of

    said = said_of(book.session, one.submission, one.attempt.questions if one.attempt else {})
    counts = one.attempt is not None and one.attempt.counts
    return Marking(
        score=one.final.score if counts else None,
        max_score=one.final.max_score,
        derivation=one.final.derivation,
        open=one.final.open,
        marks=said.marks,
        comments=said.comments,
        overridden=said.overridden,
    )


def _printed(pages: list[_Page]) -> list[_Page]:
    printed = printing.pdfs(page.content.decode() for page in pages)
    return [page._replace(content=content) for page, content in zip(pages, printed, strict=True)]


def _write(pages: list[_Page], to: Path, archive: str | None, suffix: str) -> None:
    """Write a folder for each person, with their page in it; or a zip of these; or what Moodle takes in."""
    if archive == "moodle":
        found = ((page.name, page.key, page.content) for page in pages)
        whole_file.write(to, moodle.feedback_zip(found, suffix=suffix))
        return
    files = {_home(to, page) / f"{_PAGE}{suffix}": page.content for page in pages}
    if archive == "folders":
        whole_file.write(to, zip_of((str(path.relative_to(to)), content) for path, content in files.items()))
        return
    for path, content in files.items():
        path.parent.mkdir(parents=True)
        whole_file.write(path, content)


def _home(to: Path, page: _Page) -> Path:
    """Return the folder of a person below ``to``; two people of one name have different ids."""
    return Store(to).home(page.name if page.key == page.name else f"{page.name} {page.key}")
