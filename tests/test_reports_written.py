"""Written answers in the reports: shown with their points as awaiting marking, counted in no score, never as markup."""

import pytest
from page_reader import Page, render_index
from record_examples import full_part, named, record

from grader.records.record import UnplacedRecord, WrittenRecord, from_json, to_json
from grader.reports.html import render_report
from grader.reports.text import render_text

ANSWERED = WrittenRecord(
    name="svd_vs_gradient",
    title="Gradient descent and the SVD",
    question="How do the losses\ncompare? See `svd`.",
    points=8,
    answer="The SVD wins.\n\n| a | b |",
    source="work/answers.md",
)
MISSING = WrittenRecord(name="completed_matrix", title="The completed matrix", question="What of it?", points=6.5)


def written(*questions, **fields):
    return record(written=questions, parts=(full_part(),), notices=(), **fields)


def page(*questions, **fields):
    return Page(render_report(written(*questions, **fields)))


def inside(element, page, tag="", cls=""):
    return [found for found in page.all(tag, cls) if element in found.ancestors]


def test_points_of_written_answers_are_in_neither_number_of_the_score():
    marked = written(ANSWERED, MISSING)
    assert (marked.score, marked.max_score, marked.awaiting) == (15, 15, 14.5)
    assert record().awaiting == 0
    assert from_json(to_json(marked)) == marked


def test_the_score_and_what_awaits_marking_stand_side_by_side():
    top = page(ANSWERED, MISSING).one("header", "hero")
    assert "15 of 15 points and 14.5 points of written answers awaiting marking" in top.text


def test_an_answer_stands_below_its_question_with_points_and_file():
    shown = page(ANSWERED)
    (row,) = shown.all("li", "written")
    assert row.text.startswith("Gradient descent and the SVD awaiting marking How do the losses compare? See svd.")
    assert row.text.endswith("from work/answers.md \N{EN DASH} / 8")
    assert [e.text for e in inside(shown.one("div", "answer"), shown)] == ["The SVD wins.", "| a | b |"]
    assert [e.tag for e in inside(shown.one("div", "answer"), shown)] == ["p", "pre"]
    assert "Nothing left to fix" in shown.one("main").text


def test_a_missing_answer_says_what_to_do_and_is_linked_at_the_top():
    shown = page(ANSWERED, MISSING)
    row = shown.all("li", "written")[1]
    assert "No answer found in your files. Hand in answers.md, with your answer below ## completed_matrix." in row.text
    assert "awaiting marking" in row.text
    assert row.text.endswith("\N{EN DASH} / 6.5")
    top = shown.one("section", "overview").text
    assert "No answer yet to 1 of 2 written questions." in top
    assert "Nothing left to fix" not in top
    assert "No answer yet to 1 of 2 written questions." in [
        a.text for a in shown.all("a") if a.attributes["href"] == "#written"
    ]
    assert [e.tag for e in shown.elements if e.attributes.get("id") == "written"] == ["section"]


def test_nothing_of_an_answer_becomes_markup():
    hostile = (
        "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n```\n</pre></div><b>\n```\n\x1b[31mred\u202e"
    )
    shown = page(
        WrittenRecord(name="q", title="<i>t</i>", question="<b>q</b>", points=1, answer=hostile, source="<a>.md")
    )
    answer = shown.one("div", "answer")
    assert "<script>alert(1)</script>" in answer.text
    assert "</pre></div><b>" in answer.text
    assert answer.text.endswith("red")
    assert {e.tag for e in inside(answer, shown)} == {"p", "pre"}
    assert not shown.all("script") + shown.all("img") + shown.all("i") + shown.all("b", "q")


def test_a_cut_answer_says_so():
    cut = WrittenRecord(name="q", title="Q", question="?", points=1, answer="x", source="a.md", truncated=True)
    assert "only the first part was kept" in page(cut).one("li", "written").text
    assert "only the first part was kept" not in page(ANSWERED).one("li", "written").text


def test_what_may_be_an_answer_is_shown_below_the_questions_as_typed():
    unplaced = (
        UnplacedRecord(source="<i>.ipynb", text="<b>It is the SVD.</b>\n\n| a | b |", truncated=True),
        UnplacedRecord(source="answers.docx"),
    )
    shown = page(MISSING, unplaced=unplaced)
    first, second = shown.all("div", "unplaced")
    assert first.text.startswith(
        "May be an answer: <i>.ipynb Below no question's heading; only the first part is shown"
    )
    assert first.text.endswith("<b>It is the SVD.</b> | a | b |")
    assert second.text.startswith("May be an answer: answers.docx The grader cannot read this file.")
    told = " ".join(render_text(written(MISSING, unplaced=unplaced)).split())
    assert "May be an answer: <i>.ipynb 9 words below no question's heading" in told
    assert "May be an answer: answers.docx The grader cannot read this file." in told
    assert not page(MISSING).all("div", "unplaced")


def test_without_written_questions_nothing_speaks_of_them():
    for text in (render_report(record()), render_text(record()), render_index([record()], {})):
        assert "awaiting" not in text.partition("</style>")[2] if "</style>" in text else "awaiting" not in text
        assert "Written answers" not in text


def test_the_text_names_points_words_and_what_is_missing():
    lines = render_text(written(ANSWERED, MISSING)).splitlines()
    assert lines[1] == "and 14.5 points of written answers awaiting marking"
    table = lines[lines.index(next(line for line in lines if line.startswith("Written answers, awaiting marking"))) :]
    assert [line.split()[-3:] for line in table if " / " in line] == [["-", "/", n] for n in ("14.5", "8", "6.5")]
    told = " ".join(" ".join(table).split())
    assert "8 words in work/answers.md" in told
    assert "No answer found in your files. Hand in `answers.md`" in told


@pytest.mark.parametrize("count", [1, 2])
def test_the_class_page_counts_the_answers_of_each(count):
    records = [named("ada", (full_part(),), written=(*[ANSWERED] * count, MISSING))]
    records += [named("bob", (full_part(),), written=(MISSING,)), named("old", (full_part(),))]
    shown = Page(render_index(records, {}))
    points = f"{8 * count + 6.5:g}"
    assert f"3 graded · written answers ({points} points each) awaiting marking" in shown.one("header", "hero").text
    at = [e.text for e in shown.all("th") if e.attributes.get("scope") == "col"].index(
        f"Written answers, {points} points awaiting marking"
    )
    table = shown.one("table", "class")
    rows = [[e.text for e in inside(row, shown) if e.tag in ("td", "th")] for row in inside(table, shown, "tr")[1:]]
    assert [row[at] for row in rows] == [f"{count} of {count + 1}", "0 of 1", "\N{EN DASH}"]
