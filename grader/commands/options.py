"""Options that several commands share; a command gets them as one frozen object."""

from __future__ import annotations

import dataclasses
import functools
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from grader.intake.discover import LAYOUTS
from grader.sandbox.levels import NAMES

F = TypeVar("F", bound=Callable[..., Any])
_SEED_BITS = 63  # of a drawn seed: every recorded seed can be given to --seed

_PART = click.option("--part", multiple=True, metavar="NAME", help="Use only this part (may be repeated).")
_JOBS = click.option(
    "--jobs", "-j", type=click.IntRange(min=1), help="Run this many processes (default: one for each core)."
)
_SANDBOX = click.option(
    "--sandbox",
    type=click.Choice(NAMES),
    default="auto",
    show_default=True,
    help="Use this sandbox level; auto takes the strongest of this machine.",
)
_SEED = click.option(
    "--seed",
    type=click.IntRange(0, 2**_SEED_BITS - 1),
    help="Use this seed (default: a random one, stored in the record). Give a recorded seed to grade as before. Never "
    "choose an easy one: whoever guesses the seed can compute the inputs of hidden checks.",
)
_PROFILE = click.option(
    "--profile",
    type=click.Choice(["mini", "full"]),
    default="mini",
    show_default=True,
    help="Use our own small data, or the real data sets (`grader data list`).",
)
_PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
_LAYOUT = click.option(
    "--layout",
    type=click.Choice(LAYOUTS),
    default="auto",
    show_default=True,
    help="Read the submissions as a download of this LMS. people: each entry is one person's; person: all is one's.",
)
_ROSTER = click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="Take names from this CSV (a gradebook of Canvas, a worksheet of Moodle, or id,name,email), and list who "
    "handed in nothing.",
)
_DEVICE = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Compute on this device.",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of a run; None where the grader chooses."""

    part: tuple[str, ...] = ()
    jobs: int | None = None
    sandbox: str = "auto"
    seed: int | None = None
    profile: str = "mini"
    device: str = "auto"

    def on(self, selector: str) -> tuple[str, RunOptions]:
        """Return the assignment and the options of ``ASSIGNMENT`` or ``ASSIGNMENT/PART``, which is ``--part PART``."""
        assignment, _, part = selector.strip("/").partition("/")
        return assignment, dataclasses.replace(self, part=(part, *self.part)) if part else self

    @property
    def seed_or_drawn(self) -> int:
        """Return the given seed, or else a random one, another one at each call."""
        return drawn_seed() if self.seed is None else self.seed


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """How many processes grade, and in which sandbox."""

    jobs: int | None = None
    sandbox: str = "auto"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClassOptions:
    """Where the submissions of a class are, how they are found there, and who is in the class."""

    paths: tuple[Path, ...] = ()
    layout: str = "auto"
    roster: Path | None = None


def class_options(function: F) -> F:
    """Give a command PATHS..., ``--layout`` and ``--roster``, as ``given``."""
    return _PATHS(_LAYOUT(_ROSTER(collected(ClassOptions, "given")(function))))


def run_options(function: F) -> F:
    """Give a command the options of a run, as ``run``: part, jobs, sandbox, seed, profile, device."""
    return _PART(sandbox_options(_SEED(setting_options(collected(RunOptions, "run")(function)))))


def collected(options: type[Any], name: str) -> Callable[[F], F]:
    """Return a decorator that passes click's parameters for the fields of ``options`` as one object called ``name``."""
    fields = [field.name for field in dataclasses.fields(options)]

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def command(*arguments: Any, **parameters: Any) -> Any:
            chosen = {field: parameters.pop(field) for field in fields if field in parameters}
            return function(*arguments, **parameters, **{name: options(**chosen)})

        return command  # type: ignore[return-value]

    return decorate


def drawn_seed() -> int:
    """Return a random seed."""
    return secrets.randbits(_SEED_BITS)


def setting_options(function: F) -> F:
    """Give a command ``--profile`` and ``--device``."""
    return _PROFILE(_DEVICE(function))


def sandbox_options(function: F) -> F:
    """Give a command ``--jobs`` and ``--sandbox``."""
    return _JOBS(_SANDBOX(function))
