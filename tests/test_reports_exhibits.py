"""Exhibits on the page and in the text: drawn, arranged, compared, and hidden from whom they are hidden."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
import torch
from exhibit_examples import CLASSES, embedding_part, exhibit_record, image_part, pictures, predictions, shown
from page_reader import Page
from PIL import Image
from record_examples import HIDDEN_SECRET, check, record

import grader.reports.html
from grader.records.record import PartRecord, Visibility
from grader.reports.audience import as_seen_by
from grader.reports.curves import DASHES, TONES
from grader.reports.evidence_kinds import kind_of
from grader.reports.exhibit_groups import compare
from grader.reports.html import render_report
from grader.reports.text import render_text
from grader.vocabulary import evidence

CSS = Path(grader.reports.html.__file__).parent / "templates" / "exhibits.css"


def part(name, *exhibits):
    return PartRecord(name=name, title=name.title(), checks=(check("c", 1),), exhibits=exhibits)


def small(name="confusion", seed=1):
    labels, said = predictions(0.6, seed, size=20)
    return shown(evidence.confusion(name, labels, said, CLASSES))


def test_a_plot_has_axes_lines_and_a_key():
    page = Page(render_report(record(parts=(embedding_part(),))))
    (plot,) = page.all("div", "plot")
    inside = [e for e in page.elements if plot in e.ancestors]
    words = [e.text for e in inside if e.tag == "p"]
    assert words == ["cost (logarithmic scale)", "step"]
    assert plot.attributes["role"] == "img"
    assert "at the end" in (plot.attributes["aria-label"] or "")
    lines = [e for e in inside if e.tag == "path" and "line" in e.classes]
    assert [max(line.classes) for line in lines] == [f"tone{n}" for n in range(6)]
    key = [e.text for e in page.all("li") if "key" in {c for a in e.ancestors for c in a.classes}]
    assert key[0] == "adam lr 1 9.645·10⁹ to 1.075·10⁶"
    assert key[-1] == "sgd lr 1 9.6·10⁹, off the plot from step 3 on"
    names = next(e for e in inside if "names" in e.classes)
    assert "rmsprop lr 0.1" in names.text


def test_a_confusion_matrix_is_a_table_with_the_accuracy_of_each_class():
    page = Page(render_report(record(parts=(part("one", small()),))))
    heads = [th.text for th in page.all("th") if th.attributes.get("scope") == "col"]
    assert heads[-11:] == [*CLASSES, "right"]
    labels, said = predictions(0.6, 1, size=20)
    right = [int((said[labels == n] == n).sum()) for n in range(10)]
    assert [int(cell.text) for cell in page.all("td", "hit")] == right
    assert [cell.text for cell in page.all("td", "rate")] == [f"{5 * count} %" for count in right]
    assert len(page.all("td", "miss")) == 90
    assert not page.all("section", "compare")


def test_pictures_say_what_they_show():
    page = Page(render_report(record(parts=(part("one", shown(evidence.images("surest", pictures(1, wrong=0)))),))))
    images = page.all("img")
    assert [image.attributes["alt"] for image in images] == [f"{name}, right: 5 images" for name in CLASSES]
    assert all((image.attributes["src"] or "").startswith("data:image/jpeg;base64,") for image in images)
    assert [e.text for e in page.all("span", "none")] == ["none"] * 10


def test_captions_stand_below_the_pictures():
    words = {name: {"right": [f"<b>{number} %" for number in range(5)]} for name in CLASSES}
    exhibit = evidence.images("surest", pictures(1, wrong=0), words)
    page = Page(render_report(record(parts=(part("one", shown(exhibit)),))))
    captions = [item.text for item in page.all("li") if item.text.endswith(" %")]
    assert captions == [f"<b>{number} %" for number in range(5)] * 10


def test_a_large_picture_is_not_cut_in_half():
    noise = torch.randint(256, (5, 3, 64, 64), dtype=torch.uint8)
    exhibit = evidence.images("noise", {"ant": {"right": noise}})
    (image,) = Page(render_report(record(parts=(part("one", shown(exhibit)),)))).all("img")
    data = base64.b64decode((image.attributes["src"] or "").partition(",")[2])
    assert len(data) > 20_000
    assert Image.open(io.BytesIO(data)).convert("RGB").size == (320, 64)


class TestComparison:
    def test_what_two_parts_show_under_one_name_stands_side_by_side(self):
        page = Page(render_report(exhibit_record()))
        sections = page.all("section", "compare")
        assert [next(e.text for e in page.all("h2") if section in e.ancestors) for section in sections] == [
            "Side by side: confusion matrix",
            "Side by side: surest predictions",
        ]
        assert len(page.all("table", "confusion")) == 2
        images = [e for e in page.all("img") if "picture" not in e.classes]
        placed = [*images, *page.all("table", "confusion")]
        assert len(images) == 40
        assert all(any(section in e.ancestors for section in sections) for e in placed)

    def test_each_part_refers_to_it(self):
        page = Page(render_report(exhibit_record()))
        links = [a.attributes["href"] for a in page.all("a") if "compared" in a.ancestors[-1].classes]
        assert links == ["#compare-1", "#compare-2"] * 2

    def test_the_accuracy_of_each_class_is_compared(self):
        page = Page(render_report(exhibit_record()))
        table = page.one("table", "by-class")
        rows = [e.text for e in page.all("tr") if table in e.ancestors]
        assert rows[0].startswith("class")
        assert rows[0].endswith("difference")
        assert rows[4] == "cat 58.5 % 72.5 %+14.0"
        assert rows[-1] == "all 66.8 % 82.5 %+15.7"

    def test_other_names_and_other_kinds_are_not_compared(self):
        curves = shown(evidence.curves("confusion", {"a": [1.0]}, x_label="x", y_label="y"))
        same = record(parts=(part("one", small()), part("two", curves), part("three", small("other"))))
        assert compare(same) == {}
        twice = record(parts=(part("one", small()), part("two", small(seed=2)), part("three", small(seed=3))))
        (comparison,) = compare(twice).values()
        assert [place.title for place in comparison.places] == ["One", "Two", "Three"]
        assert [row.gain for row in comparison.together] == [None] * 11
        assert "difference" not in Page(render_report(twice)).one("table", "by-class").text

    def test_curves_of_one_name_stand_beside_each_other(self):
        curves = shown(evidence.curves("loss", {"a": [2.0, 1.0]}, x_label="x", y_label="y"))
        page = Page(render_report(record(parts=(part("one", curves), part("two", curves)))))
        (beside,) = page.all("div", "beside")
        assert len([e for e in page.all("div", "plot") if beside in e.ancestors]) == 2

    def test_a_hidden_side_is_no_side_for_students(self):
        concealed = shown(small(seed=2).evidence, visibility=Visibility.hidden)
        both = record(parts=(part("one", small()), part("two", concealed)))
        assert len(Page(render_report(both)).all("table", "confusion")) == 1
        assert not Page(render_report(both)).all("section", "compare")
        seen = Page(render_report(both, audience="instructor"))
        assert len(seen.all("section", "compare")) == 1
        assert "hidden" in seen.one("section", "compare").text


class TestVisibility:
    def test_students_see_exhibits_and_figures_of_visible_checks_only(self):
        for rendered in (render_report(exhibit_record()), render_text(exhibit_record())):
            assert HIDDEN_SECRET not in rendered
            assert "secret accuracy" not in rendered
            assert "0.7431" not in rendered

    def test_instructors_see_all(self):
        page = render_report(exhibit_record(), audience="instructor")
        assert HIDDEN_SECRET in page
        assert page.count("secret accuracy") == 2
        assert HIDDEN_SECRET in render_text(exhibit_record(), audience="instructor")

    @pytest.mark.parametrize("visibility", [v for v in Visibility if v is not Visibility.visible])
    def test_what_is_shown_later_is_hidden_until_then(self, visibility):
        one = record(parts=(part("one", shown(small().evidence, visibility=visibility)),))
        assert as_seen_by("student", one).parts[0].exhibits == ()
        assert as_seen_by("instructor", one) == one

    def test_a_student_is_not_even_told_the_names_of_hidden_figures(self):
        seen = as_seen_by("student", exhibit_record()).parts[2]
        assert seen.figures == {"accuracy": 0.72}
        assert seen.hidden_figures == ()


def test_the_text_has_one_line_for_each_exhibit():
    told = render_text(record(parts=(image_part("cnn", "CNN", 0.72, 1, pictures(1)),), notices=()))
    assert "  training of cnn: mean loss over epoch, 0.5133 at the end\n" in told
    assert "  confusion matrix: 66.8 % right (1336 of 2000); deer most often taken for horse, 50 times\n" in told
    assert "  surest predictions: 10 classes, 50 right, 50 wrong\n" in told


def test_every_kind_has_its_name_in_the_record():
    kinds = {kind_of(exhibit) for one in exhibit_record().parts for exhibit in one.exhibits}
    assert kinds == {"curves", "confusion", "images", "rankings", "picture", "words"}


def test_the_style_sheet_has_every_tone_and_dash():
    css = CSS.read_text(encoding="utf-8")
    assert {f".tone{n} {{" for n in range(TONES)} <= set(re.findall(r"\.tone\d \{", css))
    assert {f".dash{n} {{" for n in range(1, DASHES)} == set(re.findall(r"^\.dash\d \{", css, re.MULTILINE))


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("scheme", "paper"), [(0, "#ffffff"), (1, "#15181c"), (2, "#ffffff")])
def test_lines_can_be_seen_on_the_page(scheme, paper):
    tones = re.findall(r"--tone\d: (#[0-9a-f]{6});", CSS.read_text(encoding="utf-8"))
    assert len(tones) == 3 * TONES
    for tone in tones[scheme * TONES : (scheme + 1) * TONES]:
        bright, dim = sorted((_luminance(tone), _luminance(paper)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 3, tone  # WCAG AA for graphics
