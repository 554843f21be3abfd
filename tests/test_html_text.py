"""`written.html_text`: the text of a page as its reader sees it, with headings that Markdown knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.written.html_text import text_of


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("", ""),
        ("a  b\n c", "a b c"),
        ("<h2>Why</h2><p>One.</p><p>Two &lt;3 &amp; <b>more</b></p>", "## Why\n\nOne.\n\nTwo <3 & more"),
        ("one<br/>two<BR>three", "one\ntwo\nthree"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n\n- two"),
        ("<style>p {a: <b>}</style>x<script>if (a < b) '</p>'</script>y<!-- no --><!DOCTYPE html>z", "xyz"),
        ("<head><title>no</title></head>yes", "yes"),
        ("a < b and c > d <", "a < b and c > d <"),
        ("<script>never closed", ""),
        ("<div class='x' title=\"y\">in</div>out", "in\nout"),
    ],
)
def test_tags_become_lines_and_headings(page, text):
    assert text_of(page) == text


@given(st.text(alphabet=st.sampled_from("<>/!?hp1scritle&;#x- \n"), max_size=200))
def test_no_page_is_an_error(page):
    text_of(page)
