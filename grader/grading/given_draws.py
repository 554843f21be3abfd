"""Call a function whose random start is given.

The text of this file is added to a known solution's before a worker loads it, so the function below finds the
solution's own functions by name. For the same reason it must not import from ``__future__``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch


def called_with_draws(draws: list[Any], name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call the function ``name``; its first `torch.rand` or `torch.randn` of each shape gives that of ``draws``."""
    given = {tuple(draw.shape): draw for draw in draws}

    def giving(original: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        def draw(*size: Any, requires_grad: bool = False, **options: Any) -> torch.Tensor:
            drawn = original(*size, **options)
            wanted = given.pop(tuple(drawn.shape), None)  # later draws are no start
            return (drawn if wanted is None else wanted.to(drawn, copy=True)).requires_grad_(requires_grad)

        return draw

    originals = torch.rand, torch.randn
    torch.rand, torch.randn = map(giving, originals)
    try:
        return globals()[name](*args, **kwargs)
    finally:
        torch.rand, torch.randn = originals
