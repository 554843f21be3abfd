"""The pytest fixture ``exhibits``: evidence that a check shows in the report, also when it passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import torch

from grader.records.record import CurvesEvidence, Exhibit, ExhibitEvidence, Visibility
from grader.vocabulary import evidence


class Exhibits:
    """Notes the exhibits of one check among those of its part, by name.

    The same name again replaces what was there. Where two parts of an assignment use one name for exhibits of one kind,
    the report shows them side by side.
    """

    def __init__(self, noted: dict[str, Exhibit], check: str, visibility: Visibility) -> None:
        self._noted = noted
        self._check = check
        self._visibility = visibility

    def curves(
        self, name: str, values: Mapping[str, Sequence[Any]], *, x_label: str, y_label: str, log: bool = False
    ) -> None:
        """Show lines over steps 0, 1, ..., by their names; a value that is no finite number leaves a gap."""
        self.note(evidence.curves(name, values, x_label=x_label, y_label=y_label, log=log))

    def confusion(self, name: str, labels: torch.Tensor, predictions: torch.Tensor, classes: Sequence[str]) -> None:
        """Show the confusion matrix of integer ``labels`` and ``predictions``, both (n,) and numbers of ``classes``."""
        self.note(evidence.confusion(name, labels, predictions, classes))

    def images(self, name: str, rows: Mapping[str, Mapping[str, torch.Tensor]]) -> None:
        """Show images, uint8 (n, 3, height, width), by class and then by label, such as "right" and "wrong"."""
        self.note(evidence.images(name, rows))

    def classification(
        self, images: torch.Tensor, labels: torch.Tensor, logits: torch.Tensor, classes: Sequence[str]
    ) -> None:
        """Show what ``logits``, floating (n, classes), take the images for, and the most confident predictions."""
        for shown in evidence.classification(images, labels, logits, classes):
            self.note(shown)

    def rankings(self, name: str, lists: Mapping[str, tuple[Sequence[str], Sequence[str]]]) -> None:
        """Show (expected, actual) lists of names, the best first, side by side, by what they were ranked for."""
        self.note(evidence.rankings(name, lists))

    def words(self, name: str, *sentences: str) -> None:
        """Say in sentences what figures mean."""
        self.note(evidence.words(name, *sentences))

    def picture(self, name: str, content: bytes | None) -> None:
        """Show a PNG file that the student's code wrote, if it is one and not too large for a page."""
        if drawn := evidence.picture(name, content):
            self.note(drawn)

    def note(self, shown: ExhibitEvidence, *, number: int = 1) -> None:
        """Show a piece of ``evidence``; the curves of a later try, by its ``number``, join those of the first."""
        before = self._noted.get(shown.name)
        if number > 1 and before and isinstance(shown, CurvesEvidence) and isinstance(before.evidence, CurvesEvidence):
            own = [msgspec.structs.replace(curve, name=f"{curve.name}, try {number}") for curve in shown.curves]
            shown = msgspec.structs.replace(shown, curves=(*before.evidence.curves, *own))
        self._noted[shown.name] = Exhibit(check=self._check, visibility=self._visibility, evidence=shown)
