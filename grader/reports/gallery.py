"""Lay out images by class, in strips side by side; the page holds the pictures themselves."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from grader.records.record import ImageRow, ImagesEvidence, ImageStrip

_JPEG_START = b"\xff\xd8\xff"


class Strip(NamedTuple):
    """One strip; ``source`` is a data URI, empty if there is no image."""

    label: str
    images: int
    width: int
    height: int
    source: str
    captions: tuple[str, ...]  # one for each image, or none


class GalleryRow(NamedTuple):
    """One class: a group of strips for each column of the gallery."""

    label: str
    groups: tuple[tuple[Strip, ...], ...]


class Gallery(NamedTuple):
    """Images ready to draw; ``columns`` has one title for each group of a row, or none for a single group."""

    name: str
    summary: str
    columns: tuple[str, ...]
    rows: tuple[GalleryRow, ...]


def draw_images(evidence: ImagesEvidence) -> Gallery:
    """Lay out the images of one part."""
    rows = tuple(GalleryRow(row.label, (_strips(row),)) for row in evidence.rows)
    return Gallery(evidence.name, describe_images(evidence), (), rows)


def beside_each_other(name: str, titles: Sequence[str], items: Sequence[ImagesEvidence]) -> Gallery:
    """Lay out the images of several parts, class by class, in the order in which the parts list the classes."""
    by_class = [{row.label: row for row in item.rows} for item in items]
    labels = list(dict.fromkeys(row.label for item in items for row in item.rows))
    rows = (
        GalleryRow(label, tuple(_strips(known[label]) if label in known else () for known in by_class))
        for label in labels
    )
    return Gallery(name, "", tuple(titles), tuple(rows))


def describe_images(evidence: ImagesEvidence) -> str:
    """Say in a sentence how many classes there are and how many images of each kind."""
    counts: dict[str, int] = {}
    for row in evidence.rows:
        for strip in row.strips:
            counts[strip.label] = counts.get(strip.label, 0) + strip.count
    return ", ".join([f"{len(evidence.rows)} classes", *(f"{count} {label}" for label, count in counts.items())])


def _strips(row: ImageRow) -> tuple[Strip, ...]:
    return tuple(Strip(s.label, s.count, s.width, s.height, _source(s), s.captions) for s in row.strips)


def _source(strip: ImageStrip) -> str:
    """Return a picture as a data URI marked as safe: base64 has no special characters, and cleaning would ruin it."""
    if not strip.jpeg.startswith(_JPEG_START):
        return ""
    return Markup("data:image/jpeg;base64," + b64encode(strip.jpeg).decode())  # noqa: S704 -- base64 only
