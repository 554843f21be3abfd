"""Options that several commands share, declared once; a command gets them as one frozen object."""

from __future__ import annotations

import dataclasses
import functools
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import click

from grader.sandbox.levels import NAMES

F = TypeVar("F", bound=Callable[..., Any])
_SEED_BITS = 63  # of a seed that is drawn; what is drawn and recorded can be given back

_PART = click.option("--part", multiple=True, metavar="NAME", help="Only this part (may be repeated).")
_JOBS = click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes (default: one for each core).")
_SANDBOX = click.option(
    "--sandbox",
    type=click.Choice(NAMES),
    default="auto",
    show_default=True,
    help="Sandbox level; auto takes the strongest this machine gives.",
)
_SEED = click.option(
    "--seed",
    type=click.IntRange(0, 2**_SEED_BITS - 1),
    help="Seed of the run (default: drawn, and recorded). Give a recorded one back to grade as before: "
    "from a seed that can be guessed, inputs of hidden checks can be computed.",
)
_PROFILE = click.option(
    "--profile",
    type=click.Choice(["mini", "full"]),
    default="mini",
    show_default=True,
    help="Our own small data, or the real data sets (`grader data list`).",
)
_DEVICE = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True, help="Where to compute."
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the person at the keyboard chose for a run; None where the run chooses."""

    part: tuple[str, ...] = ()
    jobs: int | None = None
    sandbox: str = "auto"
    seed: int | None = None
    profile: str = "mini"
    device: str = "auto"

    @property
    def seed_or_drawn(self) -> int:
        """The seed that was given, else a drawn one: another each time."""
        return drawn_seed() if self.seed is None else self.seed


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """On how many processes something is graded, and in which sandbox."""

    jobs: int | None = None
    sandbox: str = "auto"


def run_options(function: F) -> F:
    """Give a command everything about one run, as ``run``: part, jobs, sandbox, seed, profile, device."""
    return _PART(sandbox_options(_SEED(setting_options(collected(RunOptions, "run")(function)))))


def collected(options: type[Any], name: str) -> Callable[[F], F]:
    """Make a decorator: click's parameters that are fields of ``options`` arrive as one object called ``name``."""
    fields = [field.name for field in dataclasses.fields(options)]

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def command(*arguments: Any, **parameters: Any) -> Any:
            chosen = {field: parameters.pop(field) for field in fields if field in parameters}
            return function(*arguments, **parameters, **{name: options(**chosen)})

        return command  # type: ignore[return-value]

    return decorate


def drawn_seed() -> int:
    """Draw the seed of a run that was given none."""
    return secrets.randbits(_SEED_BITS)


def setting_options(function: F) -> F:
    """Give a command ``--profile`` and ``--device``."""
    return _PROFILE(_DEVICE(function))


def sandbox_options(function: F) -> F:
    """Give a command ``--jobs`` and ``--sandbox``."""
    return _JOBS(_SANDBOX(function))
