"""`grader.reports.rankings` and `pictures`: lists beside the expected ones, and what a student's code drew."""

from __future__ import annotations

from base64 import b64decode

import pytest
from exhibit_examples import TEN, plot_file, recommend_part, shown
from markupsafe import Markup
from page_reader import Page
from record_examples import check, record

from grader.records.record import PartRecord, PictureEvidence, Visibility, from_json, to_json
from grader.reports.html import render_report
from grader.reports.pictures import draw_picture
from grader.reports.rankings import describe_rankings, draw_rankings
from grader.reports.text import render_text
from grader.vocabulary import evidence

LISTS = {"q": (("a", "b", "c", "d"), ("a", "c", "x"))}
HOSTILE = "<script>alert(1)</script>\x1b[31m\u202eevil"


def one_part(exhibit, visibility=Visibility.visible):
    part = PartRecord(name="p", title="P", checks=(check("c", 1),), exhibits=(shown(exhibit, visibility=visibility),))
    return record(parts=(part,), notices=())


def test_every_name_says_where_it_was_expected():
    (drawn,) = draw_rankings(evidence.rankings("r", LISTS)).lists
    assert [(row.place, row.expected, row.actual, row.mark, row.words) for row in drawn.rows] == [
        (1, "a", "a", "✓", "same place"),
        (2, "b", "c", "↕", "expected at 3"),
        (3, "c", "x", "✗", "not expected"),
        (4, "d", "", "", ""),
    ]
    assert drawn.summary == "2 of 4 expected, 1 in their place"


def test_a_list_may_be_longer_than_the_expected_one():
    (drawn,) = draw_rankings(evidence.rankings("r", {"q": (("a",), ("a", "b"))})).lists
    assert [(row.expected, row.actual, row.words) for row in drawn.rows] == [
        ("a", "a", "same place"),
        ("", "b", "not expected"),
    ]


def test_the_sentence_is_about_a_few_lists():
    told = describe_rankings(evidence.rankings("r", {str(n): (("a",), ("a",)) for n in range(6)}))
    assert told.startswith("0: 1 of 1 expected, 1 in their place; 1: ")
    assert told.endswith("; 2 more lists")
    assert describe_rankings(evidence.rankings("r", {})) == "no lists"


def test_long_and_odd_lists_are_cut_and_can_be_stored():
    lists = {str(n): (["\ud800" * 400] * 50, ["b"] * 50) for n in range(40)}
    drawn = evidence.rankings("r", lists)
    assert len(drawn.rankings) == evidence.MOST_LISTS
    assert {len(one.expected) for one in drawn.rankings} == {evidence.MOST_RANKED}
    assert len(to_json(one_part(drawn))) < 60_000
    assert from_json(to_json(one_part(drawn))) == one_part(drawn)


def test_a_page_shows_both_lists_with_signs_and_words_for_every_name():
    page = Page(render_report(record(parts=(recommend_part(),), notices=())))
    first, second = page.all("table", "ranking")
    captions = [e.text for e in page.all("caption") if first in e.ancestors or second in e.ancestors]
    assert captions[0] == "Apollo 13 (1995) 10 of 10 expected, 10 in their place"
    assert captions[1] == "Home Alone (1990) 8 of 10 expected, 6 in their place"
    cells = [e.text for e in page.all("td", "same") if first in e.ancestors]
    assert cells == [f"✓ {title} same place" for title in TEN]
    assert [e.text for e in page.all("td", "other") if second in e.ancestors] == ["✗ Toy Story (1995) not expected"]
    elsewhere = [e.text for e in page.all("td", "elsewhere") if second in e.ancestors]
    assert elsewhere[0] == f"↕ {TEN[1]} expected at 2"


def test_the_text_counts_the_hits():
    told = " ".join(render_text(record(parts=(recommend_part(),), notices=())).split())
    assert "Home Alone (1990): 8 of 10 expected, 6 in their place" in told


def test_a_hostile_title_is_only_text():
    lists = {HOSTILE: ((HOSTILE, "b"), (HOSTILE, HOSTILE))}
    one = one_part(evidence.rankings(HOSTILE, lists))
    for rendered in (render_report(one), render_text(one)):
        assert "\x1b" not in rendered
        assert "\u202e" not in rendered
    page = Page(render_report(one))
    assert not [e for e in page.all("script") if "alert" in e.text]
    assert any("<script>alert(1)</script>evil" in e.text for e in page.all("td"))


@pytest.mark.parametrize("visibility", [v for v in Visibility if v is not Visibility.visible])
def test_students_see_neither_lists_nor_pictures_of_other_checks(visibility):
    drawn = evidence.picture("SECRET", plot_file())
    for one in (one_part(evidence.rankings("r", LISTS), visibility), one_part(drawn, visibility)):
        page = Page(render_report(one))
        assert not page.all("table", "ranking")
        assert not page.all("img", "picture")
        seen = Page(render_report(one, audience="instructor"))
        assert len(seen.all("table", "ranking") + seen.all("img", "picture")) == 1


def test_a_picture_is_part_of_the_page():
    drawn = evidence.picture("Your plot", plot_file())
    (image,) = Page(render_report(one_part(drawn))).all("img")
    kind, _, data = (image.attributes["src"] or "").partition(",")
    assert kind == "data:image/png;base64"
    assert b64decode(data) == drawn.png
    assert (image.attributes["width"], image.attributes["height"]) == ("640", "400")
    assert image.attributes["alt"] == "as your code drew it, 640 by 400 pixels"
    assert isinstance(draw_picture(drawn).source, Markup)


def test_what_is_no_picture_has_no_source():
    drawn = draw_picture(PictureEvidence(name="p", width=1, height=1, png=b"<svg onload=alert(1)>"))
    assert drawn.source == ""
