"""A stand-in for ResNet-18's ImageNet weights, made from a seed in a second: features that are of some use, untrained.

Random weights would mostly see colours. These look for edges first, as trained ones do, and what follows is random:

  1. The first layer holds edge detectors of eight directions for three colour contrasts, each with its negative.
  2. The first block adds up what belongs to one direction: an edge counts, whatever its colours are.
  3. All later blocks are random, their new part weighted below what they pass on, so that less is lost on the way.
  4. Batch normalisation gets the statistics of drawn images, as training would have left them there.

The weights of the last two stages are small: batch normalisation makes up for that in what they compute, but a step of
training changes them by more, so that fine-tuning shows within few steps.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models import ResNet, resnet18
from torchvision.models.resnet import BasicBlock

from grader.datasets import drawn
from grader.datasets.published import WEIGHTS_FILE

VERSION = "1"  # part of the name it is kept under: another one for every change of what stand_in() gives

_DIRECTIONS = 8
_CONTRASTS = ((1.0, 1.0, 1.0), (1.0, -1.0, 0.0), (1.0, 1.0, -2.0), (1.0, 1.0, 1.0))  # of red, green and blue
_WAVELENGTHS = (5.0, 5.0, 5.0, 8.0)  # in pixels, one for each contrast
_ENERGY = 3.0  # weight of the added-up edges beside the single ones
_BRANCH = 0.5  # weight of what a random block adds
_SMALL = 0.5  # size of the last stages' weights, where 1 is what torchvision starts with


def stand_in() -> dict[str, Tensor]:
    """A state_dict that torchvision's ResNet-18 loads, the same at every call; within rounding on every machine."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = resnet18()
    with torch.no_grad():
        model.conv1.weight.copy_(_edge_detectors())
        _add_up_directions(model)
        _weaken_random_blocks(model)
        _take_statistics(model, _prepared(drawn.draw(per_class=30, seed=2).images))
    return dict(model.state_dict())


def load(home: Path) -> nn.Module:
    """The pretrained network of a folder that serves as TORCH_HOME, in eval mode: images to features (N, 512)."""
    model: nn.Module = resnet18()
    model.load_state_dict(torch.load(home / "hub" / "checkpoints" / WEIGHTS_FILE, weights_only=True))
    model.fc = nn.Identity()
    model.requires_grad_(requires_grad=False)
    model.eval()
    return model


def _edge_detectors() -> Tensor:
    """Filters (64, 3, 7, 7): contrast by contrast, of each first the eight directions, then their negatives."""
    line = torch.arange(7.0) - 3
    y, x = torch.meshgrid(line, line, indexing="ij")
    window = (-(x.square() + y.square()) / 8).exp()
    filters = []
    for colours, wavelength in zip(_CONTRASTS, _WAVELENGTHS, strict=True):
        for sign in (1, -1):
            for direction in range(_DIRECTIONS):
                angle = math.pi * direction / _DIRECTIONS
                wave = (2 * math.pi / wavelength * (x * math.cos(angle) + y * math.sin(angle))).sin()
                edge = sign * window * wave * torch.tensor(colours).view(3, 1, 1)
                filters.append(edge / edge.norm())
    return torch.stack(filters)


def _add_up_directions(model: ResNet) -> None:
    """Make the first block add to every channel the mean of all channels of its direction."""
    direction = torch.arange(64) % _DIRECTIONS
    same = (direction[:, None] == direction).float()
    block = model.layer1[0]
    for convolution in (block.conv1, block.conv2):
        convolution.weight.zero_()
        convolution.weight[:, :, 1, 1] = same / same.sum(dim=1)
    block.bn1.bias.fill_(1.0)  # above 0 for most: the ReLU between the two is to keep weak edges too
    block.bn2.weight.fill_(_ENERGY)


def _weaken_random_blocks(model: ResNet) -> None:
    for block in model.modules():
        if isinstance(block, BasicBlock) and block is not model.layer1[0]:
            block.bn2.weight.fill_(_BRANCH)
    for stage in (model.layer3, model.layer4):
        for module in stage.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.mul_(_SMALL)


def _take_statistics(model: ResNet, images: Tensor) -> None:
    """Set the running mean and variance of every batch normalisation to those of ``images``."""
    normalisations = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for module in normalisations:
        module.momentum = None  # the plain mean over all batches
    model.train()
    for first in range(0, len(images), 100):
        model(images[first : first + 100])


def _prepared(images: Tensor) -> Tensor:
    """Images as the pretrained network gets them: scaled to [0, 1], less ImageNet's mean, divided by its spread."""
    mean, spread = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return (images.float() / 255 - mean.view(3, 1, 1)) / spread.view(3, 1, 1)
