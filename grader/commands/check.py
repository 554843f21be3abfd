"""``grader check``: run the visible checks of a handout at home."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from grader.course.catalog import Part
from grader.practice.home import Home, find_home
from grader.practice.watch import State, wait_for_change


@click.command("check")
@click.argument("names", nargs=-1, metavar="[PART]...")
@click.option("--watch", is_flag=True, help="Run again each time you save a file; Ctrl-C ends it.")
@click.option(
    "--summary",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also append the report to this file as Markdown: on GitHub, to $GITHUB_STEP_SUMMARY.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Draw other random numbers than those of every practice.")
def command(names: tuple[str, ...], watch: bool, summary: Path | None, seed: int | None) -> int:
    """Run the visible checks in the folder that your instructor gave you, on the files that you work in.

    This is practice: your code runs without a sandbox and without limits, and there is no grade. Ctrl-C ends an endless
    loop. In a notebook: `from grader import practice; practice.check("PART")`.

    \b
    Examples:
      grader check                  run the visible checks of every part
      grader check factorise        of one part
      grader check --watch

    \b
    Exit codes: 0 all visible checks pass · 1 some do not · 2 wrong usage, or no handout here
    """  # noqa: D301
    home = find_home(Path.cwd())
    parts = home.parts(names)
    state = _state(home)
    code = _run(home, parts, seed, summary)
    while watch:
        click.echo("\nWaiting until you save a file. Ctrl-C ends this.")
        try:
            state = wait_for_change(lambda: _state(home), state)
        except KeyboardInterrupt:
            return code
        code = _run(home, parts, seed, summary)
    return code


def _run(home: Home, parts: Sequence[Part], seed: int | None, summary: Path | None) -> int:
    """Run the checks, tell what came of them, and return the exit code."""
    from grader.practice import summary as in_markdown
    from grader.practice.run import SEED, open_slot, practise
    from grader.practice.told import told

    record = practise(home.submission(), parts, open_slot(parts), SEED if seed is None else seed)
    click.echo(told(record, symbols=_has_symbols()), nl=False)
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(in_markdown.summary(record))
    return int(any(check.score < check.points for part in record.parts for check in part.checks))


def _has_symbols() -> bool:
    try:
        "✓✗".encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _state(home: Home) -> State:
    """Return when each file of the student was changed, and its size."""
    found = {}
    for path in home.work():
        try:
            status = path.stat()
        except FileNotFoundError:  # an editor replaces a file when it saves
            continue
        found[str(path)] = (status.st_mtime_ns, status.st_size)
    return found
