"""The class page knows which submissions that need a look a person has looked at."""

import re

import pytest
from gradebook_examples import graded, make_class

from grader.gradebook import decisions
from grader.gradebook.database import Database
from grader.gradebook.decisions import Decision
from grader.gradebook.looks import looked_at
from grader.gradebook.place import FILE
from grader.gradebook.scores import scores
from grader.gradebook.take_in import take_in

ODD = {"reasons": ("The file score_matrix.py is there twice.",)}


@pytest.fixture
def folder(tmp_path):
    return make_class(tmp_path / "out", graded("ann", 10, **ODD), graded("ben", 10, **ODD), graded("cid", 10))


def look(folder, name, looked, words):
    """Write down that tess looked at a submission; return what is known of the class."""
    database = Database(f"sqlite:///{folder / FILE}")
    with database.session() as session:
        assignment = take_in(session, folder).assignment
        attempts = {one.submission.name: one.attempt for one in scores(session, assignment)}
        decisions.look(session, attempts[name], looked, Decision(by="tess", why=words))
        session.flush()
        found = looked_at(session, assignment)
    database.close()
    return found


def page_of(ended, folder):
    assert ended("report", folder)[0] == 0
    return (folder / "index.html").read_text(encoding="utf-8")


def order_of(page, section):
    text = page[page.index(section) :]
    return list(dict.fromkeys(re.findall(r"\b(ann|ben|cid)\b", text[: text.index("</section>")])))


def test_the_class_page_says_who_looked_and_puts_what_is_settled_last(ended, folder):
    assert order_of(page_of(ended, folder), 'class="look"') == ["ann", "ben"]
    look(folder, "ann", looked=True, words="the older <b>file</b> is a draft")
    page = page_of(ended, folder)
    words = "the older &lt;b&gt;file&lt;/b&gt; is a draft"
    assert re.search(rf"tess looked at it on \d+ \w+ 20\d\d, [\d:]+ UTC: {words}", page)
    assert order_of(page, 'class="look"') == ["ben", "ann"]
    assert "2 need a look</strong> · 1 looked at" in page
    assert order_of(page, 'id="submissions"') == ["ben", "ann", "cid"]


def test_a_look_can_be_taken_back_and_a_later_attempt_needs_a_new_one(ended, folder):
    assert [*look(folder, "ann", looked=True, words="fine")] == [("ann", 1)]
    assert look(folder, "ann", looked=False, words="") == {}
    assert "looked at it" not in page_of(ended, folder)
    look(folder, "ann", looked=True, words="fine")
    make_class(folder, graded("ann", 0, **ODD))
    page = page_of(ended, folder)
    assert "looked at it" not in page
    assert order_of(page, 'class="look"') == ["ann", "ben"]
