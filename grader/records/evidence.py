"""The kinds of evidence that a record holds: what a report draws beside a check or for a whole part.

A new kind of exhibit is a class here and a member of `ExhibitEvidence`; how it is drawn is a row of
`grader.reports.evidence_kinds.KINDS` and a template.
"""

from __future__ import annotations

import msgspec


class Evidence(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of every kind of evidence; the ``tag`` of a kind is its name in the record."""

    name: str


class MatrixEvidence(Evidence, frozen=True, kw_only=True, tag="matrix"):
    """A small matrix as the report draws it: expected | yours | difference.

    Cells are numbers; what JSON cannot hold is the string ``"nan"``, ``"inf"`` or ``"-inf"``. ``differs`` marks the
    cells outside the tolerance. A vector is a matrix of one row.
    """

    expected: tuple[tuple[float | str, ...], ...]
    actual: tuple[tuple[float | str, ...], ...]
    differs: tuple[tuple[bool, ...], ...]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a plot: ``values`` lie evenly spaced over ``steps`` steps (0, 1, ...), the first and last included.

    What JSON cannot hold is the string ``"nan"``, ``"inf"`` or ``"-inf"``.
    """

    name: str
    steps: int
    values: tuple[float | str, ...]


class CurvesEvidence(Evidence, frozen=True, kw_only=True, tag="curves"):
    """A plot of values over steps, such as losses; ``log`` asks for a logarithmic y axis."""

    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    log: bool = False


class ConfusionEvidence(Evidence, frozen=True, kw_only=True, tag="confusion"):
    """How often each true class (row) was predicted as each class (column).

    ``outside`` counts, for each true class, the predictions that name none of the classes.
    """

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    outside: tuple[int, ...]


class ImageStrip(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` small images beside each other in one JPEG file, so that a report needs no file but the record."""

    label: str
    count: int
    width: int  # of all of them together, in pixels
    height: int
    jpeg: bytes = b""  # empty where count is 0


class ImageRow(msgspec.Struct, frozen=True, kw_only=True):
    """The strips of one class, such as what was recognised right and what wrong."""

    label: str
    strips: tuple[ImageStrip, ...]


class ImagesEvidence(Evidence, frozen=True, kw_only=True, tag="images"):
    """Examples of images, one row for each class."""

    rows: tuple[ImageRow, ...]


ExhibitEvidence = CurvesEvidence | ConfusionEvidence | ImagesEvidence  # shown whatever came of a check
