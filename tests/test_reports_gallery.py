"""`grader.reports.gallery`: pictures become part of the page, and only pictures do."""

from __future__ import annotations

from base64 import b64decode

from exhibit_examples import CLASSES, pictures
from markupsafe import Markup

from grader.records.record import ImageRow, ImagesEvidence, ImageStrip
from grader.reports.gallery import beside_each_other, describe_images, draw_images
from grader.vocabulary import evidence

SOME = evidence.images("surest", pictures(1, wrong=2))


def test_every_strip_is_a_picture_in_the_page():
    gallery = draw_images(SOME)
    assert [row.label for row in gallery.rows] == list(CLASSES)
    assert gallery.columns == ()
    for row, drawn in zip(SOME.rows, gallery.rows, strict=True):
        ((right, wrong),) = drawn.groups
        assert (right.images, wrong.images, right.width, right.height) == (5, 2, 160, 32)
        kind, _, data = right.source.partition(",")
        assert kind == "data:image/jpeg;base64"
        assert b64decode(data) == row.strips[0].jpeg


def test_no_picture_no_source():
    strips = tuple(
        ImageStrip(label="x", count=1, width=2, height=2, jpeg=jpeg) for jpeg in (b"", b"<svg onload=alert(1)>")
    )
    gallery = draw_images(ImagesEvidence(name="i", rows=(ImageRow(label="a", strips=strips),)))
    assert [strip.source for strip in gallery.rows[0].groups[0]] == ["", ""]


def test_a_source_is_neither_cleaned_nor_cut_on_its_way_out():
    assert isinstance(draw_images(SOME).rows[0].groups[0][0].source, Markup)


def test_several_parts_are_shown_class_by_class():
    other = ImagesEvidence(name="surest", rows=(*SOME.rows[2:4], ImageRow(label="cow", strips=())))
    gallery = beside_each_other("surest", ["Frozen", "Tuned"], [SOME, other])
    assert gallery.columns == ("Frozen", "Tuned")
    assert [row.label for row in gallery.rows] == [*CLASSES, "cow"]
    assert [len(group) for group in gallery.rows[2].groups] == [2, 2]
    assert [len(group) for group in gallery.rows[0].groups] == [2, 0]
    assert [len(group) for group in gallery.rows[-1].groups] == [0, 0]


def test_the_summary_counts_the_images():
    assert describe_images(SOME) == "10 classes, 50 right, 20 wrong"


def test_captions_are_drawn_below_their_images():
    words = {name: {"right": [f"{name} {number} <" for number in range(5)]} for name in CLASSES}
    drawn = draw_images(evidence.images("surest", pictures(1), words))
    right, wrong = drawn.rows[0].groups[0]
    assert right.captions == tuple(f"{CLASSES[0]} {number} <" for number in range(5))
    assert wrong.captions == ()
