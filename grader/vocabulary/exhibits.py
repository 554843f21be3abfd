"""The pytest fixture ``exhibits``: evidence that a check shows in the report whatever comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from grader.records.record import ConfusionEvidence, CurvesEvidence, Exhibit, ImagesEvidence, Visibility
from grader.vocabulary import evidence


class Exhibits:
    """Notes the exhibits of one check among those of its part, by name.

    A name that is used again replaces what was there, so a check may note each of its tries. Two parts of an
    assignment that use one name for the same kind are shown beside each other.
    """

    def __init__(self, noted: dict[str, Exhibit], check: str, visibility: Visibility) -> None:
        self._noted = noted
        self._check = check
        self._visibility = visibility

    def curves(
        self, name: str, values: Mapping[str, Sequence[Any]], *, x_label: str, y_label: str, log: bool = False
    ) -> None:
        """Lines over steps 0, 1, ..., by their names; what is no finite number leaves a gap."""
        self._note(evidence.curves(name, values, x_label=x_label, y_label=y_label, log=log))

    def confusion(self, name: str, labels: torch.Tensor, predictions: torch.Tensor, classes: Sequence[str]) -> None:
        """A confusion matrix of integer ``labels`` (n,) and ``predictions`` (n,), both numbers of ``classes``."""
        self._note(evidence.confusion(name, labels, predictions, classes))

    def images(self, name: str, rows: Mapping[str, Mapping[str, torch.Tensor]]) -> None:
        """Images, uint8 (n, 3, height, width), by class and then by label, such as "right" and "wrong"."""
        self._note(evidence.images(name, rows))

    def classification(
        self, images: torch.Tensor, labels: torch.Tensor, logits: torch.Tensor, classes: Sequence[str]
    ) -> None:
        """What ``logits``, floating (n, classes), take the images for, and which they are most confident of.

        Always by the same names: parts of an assignment that classify the same images are shown beside each other.
        """
        self.confusion("Predictions of the test images", labels, logits.argmax(dim=1), classes)
        self.images("Most confident predictions", evidence.most_confident(images, labels, logits, classes))

    def _note(self, shown: CurvesEvidence | ConfusionEvidence | ImagesEvidence) -> None:
        self._noted[shown.name] = Exhibit(check=self._check, visibility=self._visibility, evidence=shown)
