"""Folders that serve as TORCH_HOME: pretrained ResNet-18 weights under the name that torchvision looks for.

Each is made once, in the user's cache, and holds nothing else: a sandbox mounts it whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load
from torch import Tensor

from grader.datasets import backbone
from grader.datasets.keeping import keep
from grader.datasets.published import PINS, WEIGHTS_FILE
from grader.datasets.sources import Source, user_cache
from grader.errors import DatasetError

_FEATURES, _CLASSES = 512, 1000  # of a ResNet-18 and of ImageNet


def stand_in_home() -> Path:
    """The ``mini`` folder: a seeded stand-in backbone."""
    return _home(f"stand-in-{backbone.VERSION}", lambda file: torch.save(backbone.stand_in(), file))


def real_home(source: Source) -> Path:
    """The ``full`` folder: the ImageNet weights, or the trunk trained on Tiny ImageNet; never an unknown file."""
    write = {"imagenet": _copy, "tinyimagenet64": _convert}[source.kind]
    return _home(f"{source.kind}-{PINS[source.path.name][:8]}", lambda file: write(_pinned_bytes(source.path), file))


def _home(version: str, write: Callable[[Path], None]) -> Path:
    home = user_cache() / "torch" / version

    def make(file: Path) -> None:
        write(file)
        file.chmod(0o644)
        for folder in (file.parent, file.parent.parent, home):
            folder.chmod(0o755)  # a sandboxed worker is another user, whatever the umask of this one

    keep(home / "hub" / "checkpoints" / WEIGHTS_FILE, make)
    return home


def _pinned_bytes(path: Path) -> bytes:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != PINS[path.name]:
        raise DatasetError(
            f"{path} is not the file it should be: delete it, then `grader data fetch resnet18` gets the real one"
        )
    return content


def _copy(content: bytes, file: Path) -> None:
    file.write_bytes(content)


def _convert(content: bytes, file: Path) -> None:
    """A trunk in half precision, given in single precision with the head that torchvision's strict loading asks for."""
    state: dict[str, Tensor] = {
        name: value.float() if value.is_floating_point() else value for name, value in load(content).items()
    }
    # Nobody trained this head: it starts as nn.Linear would, and whoever takes its outputs for features sees that.
    rng, bound = torch.Generator().manual_seed(0), _FEATURES**-0.5
    state["fc.weight"] = bound * (2 * torch.rand(_CLASSES, _FEATURES, generator=rng) - 1)
    state["fc.bias"] = bound * (2 * torch.rand(_CLASSES, generator=rng) - 1)
    torch.save(state, file)
