"""The kinds of evidence in a record, which a report draws beside a check or for a whole part.

To add a kind of exhibit, add a class here and to `ExhibitEvidence`, a row in `grader.reports.evidence_kinds.KINDS`, and
a template that draws it.
"""

from __future__ import annotations

import msgspec


class Evidence(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of every kind of evidence; the ``tag`` of a kind is its name in the record."""

    name: str


class MatrixEvidence(Evidence, frozen=True, kw_only=True, tag="matrix"):
    """A small matrix as the report draws it: expected | yours | difference.

    Cells are numbers, or the strings ``"nan"``, ``"inf"`` and ``"-inf"``, since JSON has no such numbers. ``differs``
    marks the cells outside the tolerance. A vector is a matrix with one row.
    """

    expected: tuple[tuple[float | str, ...], ...]
    actual: tuple[tuple[float | str, ...], ...]
    differs: tuple[tuple[bool, ...], ...]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a plot: ``values`` are evenly spaced over ``steps`` steps (0, 1, ...), with the first and the last.

    Values are numbers, or the strings ``"nan"``, ``"inf"`` and ``"-inf"``, since JSON has no such numbers.
    """

    name: str
    steps: int
    values: tuple[float | str, ...]


class CurvesEvidence(Evidence, frozen=True, kw_only=True, tag="curves"):
    """A plot of values over steps, such as losses; with ``log`` the y axis is logarithmic."""

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
    """``count`` small images side by side in one JPEG file, stored in the record: a report needs no other file.

    ``captions`` says a word about each of them; it may be empty.
    """

    label: str
    count: int
    width: int  # of the whole strip, in pixels
    height: int
    jpeg: bytes = b""  # empty if count is 0
    captions: tuple[str, ...] = ()


class ImageRow(msgspec.Struct, frozen=True, kw_only=True):
    """The strips of one class, such as the images classified right and those classified wrong."""

    label: str
    strips: tuple[ImageStrip, ...]


class ImagesEvidence(Evidence, frozen=True, kw_only=True, tag="images"):
    """Examples of images, one row for each class."""

    rows: tuple[ImageRow, ...]


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """Two lists, the best first, of what was ranked for ``label``."""

    label: str
    expected: tuple[str, ...]
    actual: tuple[str, ...]


class RankingsEvidence(Evidence, frozen=True, kw_only=True, tag="rankings"):
    """Lists of names, each beside the expected one."""

    rankings: tuple[Ranking, ...]


class PictureEvidence(Evidence, frozen=True, kw_only=True, tag="picture"):
    """A picture that the student's code drew, as a PNG file of pixels alone."""

    width: int  # in pixels
    height: int
    png: bytes


class WordsEvidence(Evidence, frozen=True, kw_only=True, tag="words"):
    """Sentences that say what figures mean. A check writes them, not the student's code."""

    sentences: tuple[str, ...]


# Shown with every verdict.
ExhibitEvidence = (
    CurvesEvidence | ConfusionEvidence | ImagesEvidence | RankingsEvidence | PictureEvidence | WordsEvidence
)
