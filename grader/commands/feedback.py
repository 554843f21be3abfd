"""``grader feedback``: make the folder of pages that students may have, and nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec

from grader.commands import printing
from grader.commands.gradebook_book import DB, FOLDER, Book, opened
from grader.commands.gradebook_output import as_csv
from grader.commands.options import collected
from grader.commands.page_templates import use_course_templates
from grader.errors import UsageError
from grader.exports import canvas, moodle
from grader.files import whole_file
from grader.files.zipped import zip_of
from grader.records.class_file import read_class_file
from grader.records.record import ResultRecord, from_json
from grader.records.store import Store
from grader.reports.audience import SHOWN_AT, Moment, released
from grader.reports.marking import Marking

if TYPE_CHECKING:
    from grader.gradebook.scores import Scored

_PAGE = "feedback"
_CODE_LETTERS = 10


class _Page(NamedTuple):
    """The page of one person: who they are, what its file is called, and the page itself."""

    name: str
    key: str
    file: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """Whose pages are made, what they show, and what their files are called."""

    visibility: Moment = "before-due"
    unfinished: bool = False
    pdf: bool = False
    anonymous: Path | None = None


@click.command("feedback")
@FOLDER
@click.option("--to", type=click.Path(path_type=Path), required=True, help="Make the pages here, in a new folder.")
@click.option(
    "--zip", "archive", type=click.Choice(["folders", "moodle", "canvas"]), help="Make a .zip of them instead."
)
@click.option(
    "--visibility",
    type=click.Choice(list(SHOWN_AT)),
    default="before-due",
    show_default=True,
    help="Show all of the checks that are visible after_due_date, or also after_published. Hidden ones stay hidden.",
)
@click.option("--unfinished", is_flag=True, help="Also for those of whom something is still to be decided or marked.")
@click.option("--pdf", is_flag=True, help="Make PDF files instead of web pages.")
@click.option(
    "--anonymous",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Name pages and files by codes instead of people, and write who has which code into this CSV.",
)
@DB
@collected(PageOptions, "pages")
def command(folder: Path, to: Path, archive: str | None, db: str | None, pages: PageOptions) -> int:
    """Make a page for every student of FOLDER, which `grader grade --out` wrote: their checks, marks and comments.

    Nothing else is in the new folder: no record, no seed, no hidden value, no page of the class. A zip for Canvas or
    Moodle is what these take in as feedback files, if the class was graded from their download.

    \b
    Examples:
      grader feedback build/lab1 --to build/lab1-feedback
      grader feedback build/lab1 --to lab1-feedback.zip --zip moodle --pdf
      grader feedback build/lab1 --to build/lab1-solved --visibility after-due

    \b
    Exit codes: 0 a page for everybody · 1 some are left out, they are named · 2 wrong usage
    """  # noqa: D301
    to = to if archive is None or to.suffix.lower() == ".zip" else to.with_name(f"{to.name}.zip")
    _refuse(to, archive, pages)
    use_course_templates()
    with opened(folder, db) as book:
        made, left_out = list[_Page](), list[str]()
        for one in _scored(book):
            if one.final.open and not pages.unfinished:
                left_out.append(f"{one.submission.name}: {one.final.open}")
            else:
                made += _pages(book, folder, one, pages)
    named, unknown = _named(made, _naming(archive, folder, ".pdf" if pages.pdf else ".html"))
    left_out += unknown
    for line in left_out:
        click.echo(f"left out: {line}", err=True)
    if not made:
        raise UsageError("there is nobody to make a page for; give --unfinished to include those above")
    if not named:
        raise UsageError(f"{archive} would know nobody's page: grade its own download, or give --zip folders")
    _write(dict(_printed(named) if pages.pdf else _as_they_are(named)), to, archive)
    if pages.anonymous is not None:
        rows = [{"code": page.file, "name": page.name, "id": page.key} for _, page in named]
        whole_file.write(pages.anonymous, as_csv(rows).encode("utf-8-sig", errors="replace"))
    click.echo(f"{len(named)} page{'s' if len(named) != 1 else ''} in {to}")
    return int(bool(left_out))


def _refuse(to: Path, archive: str | None, pages: PageOptions) -> None:
    """Raise UsageError if an old page, or the names behind the codes, would be among the new pages."""
    if to.exists() and (archive is not None or any(to.iterdir())):
        raise UsageError(f"{to} exists already: choose a new one, so that no old page stays in it")
    if pages.anonymous is None:
        return
    if archive in ("moodle", "canvas"):
        raise UsageError(f"--zip {archive} needs the names of people: leave out --anonymous")
    if pages.anonymous.resolve().is_relative_to(to.resolve()):
        raise UsageError(f"--anonymous {pages.anonymous} lies in {to}, which students get: give another place")


def _scored(book: Book) -> Iterator[Scored]:
    from grader.gradebook.scores import scores

    yield from scores(book.session, book.assignment)


def _pages(book: Book, folder: Path, one: Scored, pages: PageOptions) -> Iterator[_Page]:
    from grader.reports.html import render_report

    record, marking = released(pages.visibility, _record(folder, one)), _marking(book, one)
    for member in one.submission.members:
        name, key = member.person.name, member.person.key
        if pages.anonymous is None:
            file, shown = name if key == name else f"{name} {key}", record
        else:
            file = _code(record.seed, key)
            shown = msgspec.structs.replace(record, submission=msgspec.structs.replace(record.submission, name=file))
        content = render_report(shown, marking=marking).encode(errors="replace")
        yield _Page(name, key, file, content)


def _code(seed: int, key: str) -> str:
    """Return a code for a person: the same each time, and nobody can compute it without the secret seed."""
    digest = hashlib.sha256(f"{seed}/{key}".encode(errors="surrogatepass")).digest()
    return base64.b32encode(digest).decode()[:_CODE_LETTERS].lower()


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


def _named(made: list[_Page], name_of: Callable[[_Page], str]) -> tuple[list[tuple[str, _Page]], list[str]]:
    """Return the pages with the names of their files, and why some have none, a sentence each."""
    named, unknown = list[tuple[str, _Page]](), list[str]()
    for page in made:
        try:
            named.append((name_of(page), page))
        except UsageError as error:
            unknown.append(str(error))
    return named, unknown


def _naming(archive: str | None, folder: Path, suffix: str) -> Callable[[_Page], str]:
    """Return what names the file of a page: a path for a person's folder, or what Canvas or Moodle knows them by.

    It raises UsageError for a page that Canvas or Moodle would not know.
    """
    if archive == "moodle":
        return lambda page: moodle.feedback_name(page.name, page.key, suffix)
    if archive == "canvas":
        of_class = read_class_file(folder)
        uploaded = {one.id: one.uploaded for one in of_class.people} if of_class else {}
        return lambda page: canvas.feedback_name(page.name, uploaded.get(page.key, ""), suffix)
    # Two people of one name have different ids, so each has a folder.
    return lambda page: f"{Store(folder).home(page.file).name}/{_PAGE}{suffix}"


def _as_they_are(named: list[tuple[str, _Page]]) -> Iterator[tuple[str, bytes]]:
    yield from ((name, page.content) for name, page in named)


def _printed(named: list[tuple[str, _Page]]) -> Iterator[tuple[str, bytes]]:
    printed = printing.pdfs(page.content.decode() for _, page in named)
    yield from ((name, content) for (name, _), content in zip(named, printed, strict=True))


def _write(files: dict[str, bytes], to: Path, archive: str | None) -> None:
    if archive is not None:
        whole_file.write(to, zip_of(files.items()))
        return
    for name, content in files.items():
        path = to / name
        path.parent.mkdir(parents=True)
        whole_file.write(path, content)
