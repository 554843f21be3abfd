"""What a student's Markdown becomes on the desk: formulas and tables, and nothing that can do anything."""

import re

import pytest

from grader.desk.safe_html import LONGEST, render, spans

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](https://evil.example/?q=<b>)",
    "![x](https://evil.example/pixel.png)",
    "![x][y]\n\n[y]: https://evil.example/pixel.png",
    "<https://evil.example>",
    "<svg/onload=alert(1)>",
    '<iframe src="https://evil.example"></iframe>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<a href="javascript:alert(1)" onclick="alert(1)">x</a>',
    '<style>@import "https://evil.example/x.css"</style>',
    '<form action="https://evil.example"><button>x</button></form>',
    "<base href=https://evil.example>",
    '```" onmouseover="alert(1)\nx\n```',
    "$\\href{javascript:alert(1)}{x}$",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$</math><script>alert(1)</script>$",
    "$$\\begin{matrix}<script>alert(1)</script>\\end{matrix}$$",
    '$\\class{" onclick="alert(1)}{x} \\style{background:url(https://evil.example)}{y}$',
]
TAG = re.compile(r"<[^>]*>")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_answer_becomes_words(text):
    tags = TAG.findall(render(text))
    assert not [
        tag for tag in tags if re.match(r"</?(a|img|script|style|iframe|svg|form|button|base|input|link)\b", tag)
    ]
    assert not [tag for tag in tags if re.search(r"\b(on\w+|href|src|style|action|xlink:href)\s*=", tag)], tags


def test_what_a_student_wrote_is_never_dropped():
    shown = render("if a <b and $\\text{x <i y}$ <i>hm</i> [here](https://a.example/z) ![plot](p.png)")
    for words in ("&lt;b and", "&lt;i&gt;hm", "here", "https://a.example/z", "plot", "x &lt;i y"):
        assert words in shown


def test_markdown_and_formulas_are_drawn():
    shown = render("# Top\n\n**bold** and $\\sigma_3^2$\n\n$$\\frac{a}{b}$$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert "<h3>Top</h3>" in shown
    assert "<strong>bold</strong>" in shown
    assert '<math display="inline">' in shown
    assert '<math display="block"><mrow><mfrac>' in shown
    assert "<td>2</td>" in shown
    assert "<mo>&lt;</mo>" in render("$a<b$")


@pytest.mark.parametrize("text", ["it costs $5 and $6", "$\\frac{$", "$" + "{" * 900 + "$"])
def test_what_is_no_formula_is_shown_as_typed(text):
    assert "<math" not in render(text)
    assert text.strip("$").strip() in render(text).replace("</code>", "")


@pytest.mark.parametrize(
    "piece", ["[", "*a ", "a**b", "$x^{y}$ ", "[a](b", ">", "- ", "`a", "\\left(", "{", "|", "\x00"]
)
def test_a_huge_answer_is_shown(piece):
    assert render(piece * (LONGEST // len(piece)))
    assert render(piece * LONGEST).startswith("<pre>") or len(piece) == 1


def test_one_line_of_text_has_code_and_no_html():
    assert spans("`a<b` <i>") == "<code>a&lt;b</code> &lt;i&gt;"
