"""Read ``first_steps.py`` of a part: how to watch its training function take its first steps.

It names the ``FUNCTION``, the ``CHECKS`` that its wrong steps make fail and a learning rate ``LR``, and defines
``state(submission, steps, lr)``, which trains for so many steps and returns the tensors that learn, each of another
shape. ``LR`` is None for a function that takes none. ``BEFORE`` (0 unless given) is the number of steps that returns
the start. ``MORE`` are functions of ``submission`` that return these tensors after another call, where mistakes differ
whose first steps are right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.course.catalog import Part
from grader.errors import CourseError

if TYPE_CHECKING:
    from torch import Tensor

NAME = "first_steps.py"


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """A training function, the checks that its wrong steps make fail, and how to watch it."""

    function: str
    checks: tuple[str, ...]
    state: Callable[[Any, int, float | None], Sequence[Tensor]]
    lr: float | None
    before: int
    more: tuple[Callable[[Any], Sequence[Tensor]], ...] = ()


def read(part: Part) -> FirstSteps | None:
    """Return the first steps of a part, None if it has no such file.

    Raises:
        CourseError: the file cannot be loaded, or lacks one of these names.
    """
    from grader.course.fixture_data import load_module

    path = part.fixture_folder / NAME
    if not path.is_file():
        return None
    module = load_module(path, f"first_steps_{part.assignment}_{part.name}")
    before, more = getattr(module, "BEFORE", 0), tuple(getattr(module, "MORE", ()))
    try:
        return FirstSteps(module.FUNCTION, tuple(module.CHECKS), module.state, module.LR, before, more)
    except AttributeError as error:
        raise CourseError(f"{path}: {error}; it needs FUNCTION, CHECKS, LR and state(submission, steps, lr)") from None
