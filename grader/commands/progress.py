"""Show one progress bar for long work: on stderr, with elapsed and remaining time, and only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def tracked(what: str, total: int, *, quiet: bool = False) -> Iterator[Callable[..., None]]:
    """Show a bar over ``total`` steps; call the yielded function after each step, with a word on it."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("eta"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[last]}", markup=True),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet or not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=total, last="")

        def step(word: str, advance: int = 1) -> None:
            # The word may be a student's file name: never read it as markup.
            progress.update(task, advance=advance, last=word[:40].replace("[", "("))

        yield step
