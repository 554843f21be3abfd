"""Prepare images for networks that were trained on ImageNet."""

from __future__ import annotations

import torch

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def normalised(images: torch.Tensor) -> torch.Tensor:
    """Subtract the mean of ImageNet and divide by its standard deviation: (..., 3, height, width), from 0 to 1."""
    return (images - MEAN) / STD
