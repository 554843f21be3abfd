"""How far one step of a factorisation leads, seen on a matrix with one large cell: lab1/factorise and lab1/complete.

With lr = 1, one step on the cell 10000 leads far away and a second one out of all bounds; with no step the factors stay
at their random start. With lr = 1e-9 a step moves neither U nor V, however large the error.
"""

import math
from collections.abc import Callable
from typing import Any

import torch

from grader import expect

CELL = torch.tensor([[1e4]])
RANK = 4
FAR, TOO_FAR = 100, 1e10  # the start is nearer than FAR, one step leads farther, and two beyond TOO_FAR


def farthest(returned: Any) -> float:
    """Return the largest number in the factors that a student returned for CELL; infinity where one is inf or nan."""
    largest = 0.0
    for name, factor in zip("UV", expect.tuple_of(returned, "U", "V"), strict=True):
        expect.dtype(factor, "floating", name=name)
        expect.that(factor.numel() > 0, f"`{name}` is empty.")
        largest = max(largest, float(factor.double().abs().nan_to_num(nan=math.inf, posinf=math.inf).max()))
    return largest


def expect_one_step(train: Callable[[int, float], Any], observed: str) -> None:
    """Require that ``train(num_epochs, lr)`` takes one step if it is asked for one epoch on CELL.

    ``observed`` says in words that it is to learn from the cell.
    """
    once = farthest(train(1, 1.0))
    if once >= TOO_FAR:
        expect.fail(
            "With `num_epochs=1` and `lr=1`, on a matrix of one cell, U or V is farther away than one step leads.",
            detail=f"The largest number in U and V is {once:.3g}; one step leads to 1e+08 at most.",
        )
    if once <= FAR:
        moves = farthest(train(2, 1.0)) > FAR
        expect.fail(
            "With `num_epochs=1` U and V stay near their start; with `num_epochs=2` they move."
            if moves
            else f"On a matrix of one large cell{observed} U and V move less than one step leads, even in two epochs.",
            detail=f"The cell is 10000, and the largest number in U and V after one epoch with lr = 1 is {once:.3g}.",
        )


def expect_short_step(train: Callable[[int, float], Any]) -> None:
    """Require that ``train(num_epochs, lr)`` stays near its start in one epoch with a tiny lr on CELL."""
    if farthest(train(1, 1e-9)) < FAR:
        return
    expect.that(
        farthest(train(1, 0.0)) >= FAR,
        "With `lr=1e-9` one step leads far away, with `lr=0` it does not. "
        "Every step, of U and of V, must be proportional to `lr`.",
    )
    expect.fail(
        "Even with `lr=0` U or V holds numbers beyond 100: they start too far away, or a step does not depend on `lr`."
    )
