"""``grader data``: list, fetch and check the real data sets."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.course.catalog import find_course
from grader.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from grader.datasets.download import Step

_COLUMN = 12


@click.group("data")
def command() -> None:
    """List, fetch and check the real data sets of the course; without them, grading uses small stand-ins (`mini`).

    \b
    Examples:
      grader data list
      grader data fetch ratings
      grader data check

    The grader looks for them in GRADER_DATA, then in your cache. Only `fetch` downloads anything.
    """  # noqa: D301


@command.command("list")
def list_() -> None:
    """List each data set: what it is, where it is or how to get it, and its terms of use.

    \b
    Example:
      grader data list
    """  # noqa: D301
    catalog = find_course().datasets
    if not catalog.names:
        click.echo(f"this course has no data sets: {catalog.folder} holds none")
    for name in catalog.names:
        about, found = catalog[name].about, catalog.find(name)
        where = f"{found.version} in {found.origin}: {found.path}" if found else f"not here: grader data fetch {name}"
        _show(name, f"{about.title} ({about.download.megabytes} MB)", where, about.terms)


def _show(name: str, *lines: str) -> None:
    """Print a paragraph with the name in a column of its own; never wrap a line, so that a path can be copied."""
    for column, line in zip([name, *[""] * len(lines)], lines, strict=False):
        click.echo(f"{column:<{_COLUMN}}{line}")


@command.command("fetch")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--mirror", metavar="URL", help="Fetch from this server instead of the publishers; the file names are the same."
)
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Write into this folder, to use it as GRADER_DATA."
)
def fetch(names: Sequence[str], mirror: str | None, folder: Path | None) -> int:
    """Fetch the data sets named, or all that are missing. Run the same command to resume after an interruption.

    \b
    Examples:
      grader data fetch
      grader data fetch images --mirror https://data.example.org/course
      grader data fetch ratings --to data
    """  # noqa: D301
    from grader.datasets import download

    catalog = find_course().datasets
    if unknown := [name for name in names if name not in catalog.names]:
        raise UsageError(f"no data set {unknown[0]!r}{did_you_mean(unknown[0], catalog.names)}")
    wanted = names or catalog.missing(catalog.names)
    if not wanted:
        click.echo("nothing to fetch: all data sets are here (see `grader data list`)")
    for name in wanted:
        about = catalog[name].about
        _show(name, f"{about.title} ({about.download.megabytes} MB)", about.terms)
        try:
            with _transferred(about.download.file) as step:
                path = download.fetch(catalog, name, folder=folder, mirror=mirror, step=step)
        except KeyboardInterrupt:
            click.echo("interrupted; the part already downloaded is kept: run the same command to resume", err=True)
            return 130
        _show("", f"stored in {path}")
    return 0


@contextmanager
def _transferred(what: str) -> Iterator[Step]:
    """Show a progress bar over the bytes of one file on stderr, if that is a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("eta"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(" " * _COLUMN + what, total=None)
        yield lambda here, total: progress.update(task, completed=here, total=total or None)


@command.command("check")
def check() -> int:
    """Compare the SHA-256 of every file here with that of the published one; exit with 1 if one differs.

    \b
    Example:
      grader data check
    """  # noqa: D301
    from grader.datasets.integrity import check_all

    wrong = seen = 0
    for checked in check_all(find_course().datasets):
        seen += 1
        wrong += bool(checked.problem)
        verdict = "WRONG" if checked.problem else "ok"
        click.echo(f"{verdict:<6}{checked.name:<{_COLUMN}}{checked.path} {checked.problem}".rstrip())
    if not seen:
        click.echo("there are no real data sets here: get them with `grader data fetch`")
    return 1 if wrong else 0
