"""The marking desk's pure parts: codes, answers that are alike, the line in which they are marked."""

import pytest

from grader.desk.alike import groups
from grader.desk.answer_page import pieces
from grader.desk.line import Entry, entries, next_where, place_of
from grader.desk.work import codes_of

LONG = "Gradient descent ends near the smallest loss that a matrix of rank two can have, and never below it."
LINE = [Entry(("a",)), Entry(("b", "c")), Entry(("d",)), Entry(("e",))]


def test_answers_that_differ_in_a_word_case_or_spaces_are_one_group():
    texts = {1: LONG, 2: "something else entirely " * 3, 3: LONG.upper(), 4: LONG.replace("smallest", "lowest")}
    assert groups(texts) == [(1, 3, 4), (2,)]


def test_empty_answers_are_one_group_and_short_ones_only_if_they_are_equal():
    assert groups({1: "", 2: "4.1", 3: " \n", 4: "4.2", 5: "4.1 "}) == [(1, 3), (2, 5), (4,)]


def test_an_answer_that_goes_on_for_long_is_not_like_its_beginning():
    assert groups({1: LONG * 100, 2: LONG * 200, 3: LONG * 100}) == [(1, 3), (2,)]


def test_no_chain_of_small_steps_joins_what_differs():
    words = [f"word{number:02d}" for number in range(40)]
    steps = {
        step: " ".join([f"other{number:02d}" for number in range(step)] + words[step:]) for step in range(0, 40, 2)
    }
    found = groups(steps)
    assert 1 < len(found) < len(steps)
    assert not any(0 in group and 38 in group for group in found)


def test_the_line_keeps_groups_together_but_for_what_is_set_apart():
    assert entries([("a",), ("b", "c", "d")], apart={"c", "a"}) == [Entry(("a",)), Entry(("b", "d")), Entry(("c",))]
    assert entries([("b", "c")], apart={"b", "c"}) == [Entry(("b",)), Entry(("c",))]


def test_the_place_of_any_answer_of_a_group_is_that_of_the_group():
    assert [place_of(LINE, code) for code in "abcde"] == [0, 1, 1, 2, 3]
    assert place_of(LINE, "z") is None


@pytest.mark.parametrize(("place", "wanted", "found"), [(0, "ade", "d"), (3, "ae", "a"), (1, "b", "b"), (2, "", None)])
def test_the_search_for_the_next_goes_on_from_the_beginning(place, wanted, found):
    entry = next_where(LINE, place, lambda one: one.first in wanted)
    assert (entry.first if entry else None) == found


def test_codes_say_nothing_about_names_and_are_as_long_as_they_must_be():
    names = [f"student {number}" for number in range(3000)]
    codes = codes_of(names)
    assert len(set(codes.values())) == 3000
    assert len({len(code) for code in codes.values()}) == 1
    assert sorted(codes.values()) != [codes[name] for name in names]
    assert codes_of(["Ada"])["Ada"] == codes_of(["Ada", "Bo"])["Ada"]
    assert len(codes_of(["\udce9"])["\udce9"]) == 4


def test_the_words_in_which_two_answers_differ_are_marked():
    assert [(one.words, one.own) for one in pieces("it is the smallest loss", "it is a loss")] == [
        ("it is", False),
        ("a", True),
        ("loss", False),
    ]
    assert pieces("a b", "a")[-1] == ("(without: b)", True)
    assert pieces("a " * 3000, "b " * 3000) == [("b " * 3000, False)]
