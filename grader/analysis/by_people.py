"""What people did on the marking desk that the pages of a class show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from grader.analysis.results import MarkerItem


class Looked(NamedTuple):
    """Who has looked at an attempt that needs a look, when, and what they found."""

    by: str
    at: datetime
    found: str


@dataclass(frozen=True, slots=True)
class ByPeople:
    """How each person marked each written question, and who looked at which attempt of which submission."""

    markers: tuple[MarkerItem, ...] = ()
    looked: Mapping[tuple[str, int], Looked] = field(default_factory=dict)
