"""Checks of recommend, embedding and cooccurrence: a slip costs what it is worth, pages show what students made."""

from __future__ import annotations

import pytest

from grader.grading.grade import GradeOptions, grade
from grader.intake.submission import take_in
from grader.records.record import Verdict
from grader.sandbox import levels
from grader.sandbox.slot import SlotSettings

NOT_FOUND = 'raise ValueError(f"no movie has the title {title!r}")'
OWN_ERROR = f"""class NoSuchMovie(ValueError):
        pass

    raise NoSuchMovie(title)  # instead of {NOT_FOUND}"""


@pytest.fixture(scope="module")
def slot():
    settings = SlotSettings(preload=("torch", "torch._dynamo", "pandas", "matplotlib.pyplot"))
    slot = levels.open_slot(levels.choose("auto"), settings)
    yield slot
    slot.close()


@pytest.fixture(scope="module")
def graded(course, slot, tmp_path_factory):
    """Grade a mistake, or the reference with one piece of its code replaced; return the record of the part."""

    def grade_it(name, *, mistake="", old="", new="", checks=()):
        (part,) = course.parts("assignment2", [name])
        source = part.fixture_folder / "mistakes" / f"{mistake}.py" if mistake else part.reference
        text = source.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path_factory.mktemp("one") / f"{name}.py"
        path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        (record,) = grade(take_in(path), [part], slot, GradeOptions(only=checks, recognise=False)).parts
        return record

    return grade_it


def lost(record):
    """The checks that did not pass, by name, with their verdicts."""
    return {check.name: check.verdict for check in record.checks if check.verdict is not Verdict.passed}


@pytest.mark.parametrize(
    ("mistake", "checks"),
    [
        ("year_required", {"title_without_year", "titles_alike"}),
        ("year_not_allowed", {"title_with_year", "titles_alike"}),
        ("year_required_in_a_table", {"title_without_year", "titles_alike", "unknown_title"}),
        ("year_always_added", {"title_with_year", "titles_alike", "unknown_title"}),
        ("searched_as_a_pattern", {"title_with_year", "titles_alike"}),
        ("title_contained", {"titles_alike", "unknown_title"}),
    ],
)
def test_how_titles_are_found_costs_only_the_checks_of_titles(graded, mistake, checks):
    assert lost(graded("recommend", mistake=mistake)).keys() == checks


@pytest.mark.parametrize("mistake", ["ascending_order", "cosine_not_declared", "nearest_one_last"])
def test_a_wrong_ranking_costs_no_check_of_titles(graded, mistake):
    assert lost(graded("recommend", mistake=mistake)).keys() == {"nearest", "other_vectors", "k", "fitted"}


def test_a_wrong_kind_of_answer_is_told_once_for_the_table_of_the_first_check(graded):
    verdicts = lost(graded("recommend", mistake="indices_instead_of_names"))
    skipped = {name for name, verdict in verdicts.items() if verdict is Verdict.skipped}
    own_table = {"movie_itself", "nearest", "title_with_year", "title_without_year", "unknown_title"}
    assert skipped == {*own_table, "arguments_unchanged"}


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (OWN_ERROR, ""),
        ("return 0", "`recommend(V, titles, title)` raises nothing, expected ValueError."),
        ("raise KeyError(title)", "`recommend(V, titles, title)` raises KeyError, expected ValueError."),
        ("__import__('os')._exit(3)", "`recommend`: your code ended the whole Python process."),
    ],
)
def test_a_title_that_no_movie_has_raises_a_value_error(graded, new, message):
    record = graded("recommend", old=NOT_FOUND, new=new, checks=("names", "unknown_title"))
    (check,) = (check for check in record.checks if check.name == "unknown_title")
    assert check.message.startswith(message)
    assert (check.verdict is Verdict.passed) == (not message)


@pytest.mark.parametrize(("mistake", "hits"), [("", 10), ("ascending_order", 0)])
def test_recommendations_stand_beside_the_expected_ones_whatever_comes_of_the_check(graded, mistake, hits):
    record = graded("recommend", mistake=mistake, checks=("fitted",))
    (shown,) = record.exhibits
    assert shown.evidence.name == "Recommendations, the nearest by dot"
    for ranking in shown.evidence.rankings:
        assert len(ranking.expected) == 10
        assert len({*ranking.expected} & {*ranking.actual}) == hits
        assert ranking.label not in ranking.expected


def test_losses_are_judged_without_a_seed(graded):
    record = graded("embedding", mistake="ignores_seed", checks=("shapes", "seed", "losses"))
    assert lost(record).keys() == {"seed"}
    record = graded("embedding", mistake="losses_before_each_step", checks=("shapes", "losses"))
    assert lost(record).keys() == {"losses"}


def test_costs_of_all_settings_are_shown_and_the_students_own_plot(graded):
    record = graded("embedding", checks=("compare", "plot"))
    assert not lost(record)
    shown = {exhibit.evidence.name: exhibit.evidence for exhibit in record.exhibits}
    for optimizer in ("adam", "rmsprop", "sgd"):
        curves = shown.pop(f"cost with {optimizer}, for 60 movies").curves
        assert [curve.steps for curve in curves] == [151] * 5
    (name, picture) = shown.popitem()
    assert (name, picture.png[:4]) == ("Your plot of the right costs", b"\x89PNG")
    assert picture.width > 600


def test_a_wrong_table_of_likes_does_not_cost_right_counts(graded):
    record = graded("cooccurrence", mistake="only_the_liked_rows", checks=("liked", "pairs", "data_set"))
    assert lost(record).keys() == {"liked"}
