"""Arrange the exhibits of a record under their parts; show those of the same name and kind side by side."""

from __future__ import annotations

from typing import NamedTuple

from grader.records.record import ConfusionEvidence, CurvesEvidence, Exhibit, ImagesEvidence, ResultRecord
from grader.reports.confusion import accuracies, describe_confusion
from grader.reports.curves import describe_curves
from grader.reports.gallery import Gallery, beside_each_other, describe_images

Key = tuple[str, str]  # kind and name


class Place(NamedTuple):
    """One part in a comparison, where it is on the page, and its exhibit."""

    title: str
    anchor: str
    exhibit: Exhibit


class ClassRow(NamedTuple):
    """The accuracy of one class in each part, and the second part's accuracy minus the first's."""

    label: str
    accuracies: tuple[float | None, ...]
    gain: float | None


class Comparison(NamedTuple):
    """Exhibits of one name and kind in several parts; ``classes`` for confusion matrices, ``gallery`` for images."""

    anchor: str
    name: str
    kind: str
    places: tuple[Place, ...]
    classes: tuple[ClassRow, ...]
    gallery: Gallery | None


def kind_of(exhibit: Exhibit) -> str:
    """Return the kind of an exhibit's evidence, as in the record: ``curves``, ``confusion`` or ``images``."""
    return str(exhibit.evidence.__struct_config__.tag)


def describe(exhibit: Exhibit) -> str:
    """Say in a sentence what an exhibit shows."""
    evidence = exhibit.evidence
    if isinstance(evidence, CurvesEvidence):
        return describe_curves(evidence)
    if isinstance(evidence, ConfusionEvidence):
        return describe_confusion(evidence)
    return describe_images(evidence)


def compare(record: ResultRecord) -> dict[Key, Comparison]:
    """Return the comparisons of a record by kind and name: one for each name that two or more parts use."""
    found: dict[Key, list[Place]] = {}
    for number, part in enumerate(record.parts, 1):
        for exhibit in part.exhibits:
            key = kind_of(exhibit), exhibit.evidence.name
            found.setdefault(key, []).append(Place(part.title, f"part-{number}", exhibit))
    shared = {key: places for key, places in found.items() if len(places) > 1}
    return {key: _comparison(number, key, tuple(places)) for number, (key, places) in enumerate(shared.items(), 1)}


def _comparison(number: int, key: Key, places: tuple[Place, ...]) -> Comparison:
    kind, name = key
    matrices = [p.exhibit.evidence for p in places if isinstance(p.exhibit.evidence, ConfusionEvidence)]
    pictures = [p.exhibit.evidence for p in places if isinstance(p.exhibit.evidence, ImagesEvidence)]
    titles = [place.title for place in places]
    return Comparison(
        anchor=f"compare-{number}",
        name=name,
        kind=kind,
        places=places,
        classes=_classes(matrices) if matrices else (),
        gallery=beside_each_other(name, titles, pictures) if pictures else None,
    )


def _classes(matrices: list[ConfusionEvidence]) -> tuple[ClassRow, ...]:
    known = [accuracies(matrix) for matrix in matrices]
    labels = dict.fromkeys(label for matrix in matrices for label in matrix.classes)
    rows = ((label, tuple(table.get(label) for table in known)) for label in (*labels, ""))
    return tuple(ClassRow(label, shares, _gain(shares)) for label, shares in rows)


def _gain(shares: tuple[float | None, ...]) -> float | None:
    """Return the second of two accuracies minus the first."""
    if len(shares) != 2:
        return None
    before, after = shares
    return None if before is None or after is None else after - before
