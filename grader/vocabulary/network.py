"""A small network that a check hands to a student's function, which gets it as an nn.Sequential."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class Network(NamedTuple):
    """Layers of torch.nn, one after the other, and their weights.

    ``layers`` maps the name of each to its class in torch.nn and the arguments of that; ``weights`` is a state_dict.
    """

    layers: dict[str, tuple[Any, ...]]
    weights: dict[str, Tensor]

    @classmethod
    def drawn(cls, seed: int, **layers: tuple[Any, ...]) -> Network:
        """Return a network with torch's own random weights: ``Network.drawn(0, relu=("ReLU",), fc=("Linear", 4, 2))``.

        The same seed gives the same weights; the random numbers of others stay what they are.
        """
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            return cls(layers, dict(_sequence(layers).state_dict()))

    def module(self) -> nn.Sequential:
        """Return a network of our own with these layers and weights."""
        network = _sequence(self.layers)
        network.load_state_dict(self.weights)
        return network


def _sequence(layers: dict[str, tuple[Any, ...]]) -> nn.Sequential:
    return nn.Sequential(OrderedDict((name, getattr(nn, kind)(*args)) for name, (kind, *args) in layers.items()))
