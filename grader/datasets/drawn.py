"""Ten classes of small drawn images, made from a seed: the stand-in for CIFAR-10 where nothing can be downloaded.

A class is a shape: a field over the plane, small inside the shape. An image colours its pixels with the smallest values
of that field, and how many it colours is drawn independently of the class, like the two colours, the place, the size
and the tilt. So colours alone, or how often each occurs, say nothing about the class, while a convolutional network can
tell the classes apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

SIDE = 32
NOISE = 0.06  # standard deviation of a pixel's noise, where 1 is the brightest value
CONTRAST = 0.35  # how far apart the two colours of an image are at least, averaged over the three channels

Field = Callable[[Tensor, Tensor], Tensor]

# u to the right and v down, measured from the shape's own centre: the shape lies roughly within -1 … 1.
_FIELDS: dict[str, Field] = {
    "disc": lambda u, v: u.hypot(v),
    "ring": lambda u, v: (u.hypot(v) - 0.9).abs(),
    "square": lambda u, v: torch.maximum(u.abs(), v.abs()),
    "frame": lambda u, v: (torch.maximum(u.abs(), v.abs()) - 0.9).abs(),
    "triangle": lambda u, v: torch.maximum(v, 0.87 * u.abs() - 0.5 * v),
    "plus": lambda u, v: torch.minimum(u.abs() + 0.2 * v.abs(), v.abs() + 0.2 * u.abs()),
    "bars": lambda _, v: (4.5 * v).cos(),
    "poles": lambda u, _: (4.5 * u).cos(),
    "checks": lambda u, v: (4 * u).cos() * (4 * v).cos(),
    "spokes": lambda u, v: (5 * torch.atan2(v, u)).cos(),
}
CLASSES = tuple(_FIELDS)


class Drawn(NamedTuple):
    """Images uint8 (N, 3, 32, 32) and their labels int64 (N,), in random order."""

    images: Tensor
    labels: Tensor


def draw(per_class: int, seed: int) -> Drawn:
    """``per_class`` images of every class, the same for the same seed."""
    rng = torch.Generator().manual_seed(seed)
    labels = torch.arange(len(CLASSES)).repeat(per_class)[torch.randperm(per_class * len(CLASSES), generator=rng)]
    u, v = _coordinates(len(labels), rng)
    field = torch.empty_like(u)
    for label, shape in enumerate(_FIELDS.values()):
        chosen = labels == label
        field[chosen] = shape(u[chosen], v[chosen])
    return Drawn(_coloured(_inside(field, rng), rng), labels)


def _coordinates(count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """The coordinates u and v of every pixel in its shape's own frame, each (count, 32, 32)."""
    line = torch.linspace(-1.0, 1.0, SIDE)
    y, x = torch.meshgrid(line, line, indexing="ij")
    across, down, size, tilt = torch.rand(4, count, 1, 1, generator=rng).unbind()
    x, y = x - 0.7 * (across - 0.5), y - 0.7 * (down - 0.5)
    size, tilt = 0.55 + 0.35 * size, 0.6 * (tilt - 0.5)
    return (x * tilt.cos() + y * tilt.sin()) / size, (y * tilt.cos() - x * tilt.sin()) / size


def _inside(field: Tensor, rng: torch.Generator) -> Tensor:
    """Which pixels are coloured: those with the smallest values, as many as a share that is drawn for every image."""
    flat = field.flatten(1)
    share = 0.25 + 0.25 * torch.rand(len(flat), 1, generator=rng)
    last = flat.sort(dim=1).values.gather(1, (share * flat.shape[1]).long())
    return (flat < last).view_as(field)


def _coloured(inside: Tensor, rng: torch.Generator) -> Tensor:
    """Images of two random colours with some noise, as bytes."""
    count = len(inside)
    shade, background = torch.rand(2, count, 3, 1, 1, generator=rng).unbind()
    # Colours that are too much alike are pulled apart: the shade moves half the range away.
    near = (shade - background).abs().mean(dim=1, keepdim=True) < CONTRAST
    shade = torch.where(near, (background + 0.5).remainder(1.0), shade)
    picture = torch.where(inside[:, None], shade, background)
    picture = picture + NOISE * torch.randn(count, 3, SIDE, SIDE, generator=rng)
    return picture.clamp(0, 1).mul(255).round().to(torch.uint8)
