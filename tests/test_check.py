"""`@check`: what an author declares is kept on the function, and what makes no sense is refused at once."""

import pytest

import grader
from grader.records.record import Visibility
from grader.vocabulary.check import MARK, CheckSpec, check


def spec_of(function):
    (mark,) = [mark for mark in function.pytestmark if mark.name == MARK]
    return mark.args[0]


def test_what_is_declared_is_kept():
    @check(points=3, visibility="hidden", depends_on=["check_shapes", "values"], timeout=2.5, partial=True)
    def check_it():
        """A title."""

    assert spec_of(check_it) == CheckSpec(
        points=3.0, visibility=Visibility.hidden, depends_on=("shapes", "values"), timeout=2.5, partial=True
    )
    assert check_it.__doc__ == "A title."


def test_a_check_is_visible_alone_and_whole_unless_it_says_otherwise():
    @check(points=1)
    def check_it():
        """A title."""

    assert spec_of(check_it) == CheckSpec(
        points=1.0, visibility=Visibility.visible, depends_on=(), timeout=None, partial=False
    )


@pytest.mark.parametrize("points", [0, -1, 0.0])
def test_a_check_that_is_worth_nothing_is_refused(points):
    with pytest.raises(ValueError, match="more than 0 points"):
        check(points=points)


def test_an_unknown_visibility_is_refused():
    with pytest.raises(ValueError, match="secret"):
        check(points=1, visibility="secret")


def test_points_must_be_said_and_every_option_is_named():
    with pytest.raises(TypeError):
        check()
    with pytest.raises(TypeError):
        check(3)


def test_check_and_expect_are_public_and_nothing_else_is_made_up():
    assert grader.check is check
    names = {"Measured", "Network", "check", "evidence", "expect", "imagenet", "metric"}
    assert set(grader.__all__) == {*names, "__version__"}
    assert all(getattr(grader, name) for name in grader.__all__)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = grader.nothing_like_it
