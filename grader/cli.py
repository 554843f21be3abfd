"""``grader``: the command line. Each command lives in ``grader/commands`` and is imported when it is needed."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from grader import __version__
from grader.commands import terminal
from grader.errors import HarnessError, IntakeRefused, UsageError, did_you_mean

COMMANDS = (
    *("grade", "rescore", "report", "item-analysis", "mark", "gradebook", "feedback", "export"),
    *("reference", "verify", "audit", "calibrate", "init", "new", "import", "stubs", "fixtures"),
    *("handout", "check", "data", "doctor"),
)
# Which extra of pyproject.toml installs a package that grading itself does not need.
_EXTRAS = {
    **dict.fromkeys(("scipy", "matplotlib", "pooch", "requests"), "author"),
    **dict.fromkeys(("sqlalchemy", "alembic"), "gradebook"),
    **dict.fromkeys(("starlette", "uvicorn", "nh3", "latex2mathml", "mdit_py_plugins", "rapidfuzz"), "desk"),
    "playwright": "pdf",
    "pyarrow": "parquet",
    **dict.fromkeys(("dask", "distributed"), "cluster"),
}
# Every other command's module is named as the command.
_MODULES = {"data": "datasets", "item-analysis": "item_analysis", "import": "imports"}


class LazyGroup(click.Group):
    """A group that imports a command's module only to run it or to print its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order in which an instructor needs them."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that ``args`` begin with; an unknown one is a usage error with a similar name."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command {args[0]!r}{did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command; None if there is none of this name."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"grader.commands.{_MODULES.get(name, name)}")
        command: click.Command = module.command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader")
@click.option(
    "--course",
    type=click.Path(path_type=Path),
    help="The course's folder (default: the one around the working folder).",
)
@click.option("--debug", is_flag=True, help="Show the traceback when the grader itself fails.")
def cli(course: Path | None, debug: bool) -> None:
    """Grade PyTorch coursework: fair, sharp and safe.

    \b
    Examples:
      grader grade lab1 submissions/            grade a class, write reports to build/lab1
      grader grade lab1 my_folder --part factorise
      grader reference lab1                     grade the reference in the same sandbox
      grader doctor                             show which protections this machine has
    """  # noqa: D301 -- \b is click's
    if course is not None:
        os.environ["GRADER_COURSE"] = str(course)
    if debug:
        os.environ["GRADER_DEBUG"] = "1"


class _Ended(BaseException):
    """Raised at SIGTERM, so that it ends the processes of a pool in order, as Ctrl-C does."""


def _end(*_: object) -> None:
    raise _Ended


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with one of the README's codes; restore the caller's SIGTERM handler."""
    if arguments is None:
        terminal.use_utf8()
    terminal.escape_what_cannot_be_shown()
    before = signal.signal(signal.SIGTERM, _end)
    try:
        sys.exit(_run(arguments))
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(arguments: list[str] | None) -> int:
    try:
        code = cli.main(arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "")
        if extra is None:
            raise
        needed = f"this needs {error.name}, which is not installed: pip install 'mlgrader[{extra}]'"
        return _fail(HarnessError(needed))
    except (HarnessError, IntakeRefused, OSError) as error:  # OSError: a folder without write permission, a full disk
        return _fail(error)
    except BaseException as error:
        word, ended = _how_it_was_ended(error)
        if not ended:
            raise
        click.echo(f"{word}; what was finished is kept: run the same command to resume", err=True)
        return ended
    return _as_exit_code(code)


def _how_it_was_ended(error: BaseException | None) -> tuple[str, int]:
    """Return what a signal did and the exit code for it; 0 if the error has nothing to do with a signal.

    A signal can interrupt code that holds a lock, whose own error then hides it: look at what came before, too.
    """
    while error is not None:
        if isinstance(error, _Ended):
            return "ended", 128 + signal.SIGTERM
        if isinstance(error, click.Abort | KeyboardInterrupt):
            return "interrupted", 128 + signal.SIGINT
        error = error.__cause__ or error.__context__
    return "", 0


def _fail(error: Exception) -> int:
    if os.environ.get("GRADER_DEBUG"):
        traceback.print_exception(error)
    click.echo(f"grader: {error}", err=True)
    if isinstance(error, UsageError):
        return 2
    return 3 if isinstance(error, IntakeRefused) else 1


def _as_exit_code(value: Any) -> int:
    return value if isinstance(value, int) else 0
