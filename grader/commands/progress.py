"""One progress bar for long work: on stderr, with elapsed time and time to go, silent where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def tracked(what: str, total: int, *, quiet: bool = False) -> Iterator[Callable[..., None]]:
    """A bar over ``total`` steps; call the yielded function with a word on each step that is done."""
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
            # Words may be a student's file name: never read as markup.
            progress.update(task, advance=advance, last=word[:40].replace("[", "("))

        yield step
