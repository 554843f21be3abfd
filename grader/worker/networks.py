"""Build the small networks that checks hand to a student's functions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

# What the trusted side calls them on the wire: `grader.vocabulary.network.Network`, a namedtuple.
NAME, FIELDS = "Network", ("layers", "weights")


def built(layers: Mapping[str, Sequence[Any]], weights: Mapping[str, Tensor]) -> nn.Sequential:
    """Return the network whose layers, by name, are classes of torch.nn and their arguments."""
    network = nn.Sequential(OrderedDict((name, getattr(nn, kind)(*args)) for name, (kind, *args) in layers.items()))
    network.load_state_dict(weights)
    return network
