"""Templates of a course: they take the place of ours, in a sandbox, and their mistakes have a file and a line."""

import pytest
from course_examples import make_course
from jinja2.exceptions import SecurityError
from page_reader import Page, render_index
from record_examples import HIDDEN_SECRET, class_records, record

from grader.errors import CourseError
from grader.records.store import Store
from grader.reports.html import check_templates, render_report
from grader.reports.jinja import course_templates, make_environment

EXTENDS = '{% extends "grader/report.html.j2" %}'
FOOTER = EXTENDS + "{% block footer %}<footer>Ask {{ record.course_title }}</footer>{% endblock %}"
REPORT = "report.html.j2"


@pytest.fixture
def rendered(tmp_path):
    """The student's page with these templates, by name; the folder is also that of the check before."""

    def rendered(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_text(text, encoding="utf-8")
        check_templates(tmp_path)
        with course_templates(tmp_path):
            return render_report(record(course_title="<us>"))

    return rendered


def test_one_block_of_a_page_is_another_and_the_rest_is_ours(rendered):
    ours = Page(render_report(record()))
    page = Page(rendered(report__html__j2=FOOTER))
    assert page.one("footer").text == "Ask <us>"
    assert page.one("section", "start").text == ours.one("section", "start").text
    assert "Ask" not in render_report(record()), "only within"


def test_a_style_is_replaced_for_all_pages(tmp_path):
    (tmp_path / "exhibits.css").write_text(".mine { color: red }", encoding="utf-8")
    with course_templates(tmp_path):
        pages = [render_report(record()), render_index(class_records(2), {})]
    assert all(".mine" in page and ".confusion" not in page for page in pages)


def test_a_students_page_has_nothing_hidden_for_a_template_to_show(rendered):
    page = rendered(report__html__j2=f"{{{{ record }}}} {'x' * 10}")
    assert "xxxxxxxxxx" in page
    assert HIDDEN_SECRET not in page


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        ("\n{% if %}", 2, "Expected an expression"),
        ("\n\n{{ recrod }}", 3, "'recrod' is undefined"),
        ("{{ record.scroe }}", 1, "has no attribute 'scroe'"),
        ("{{ record.submission.name | safe }}", 1, "No filter named 'safe'"),
        ("\n{% autoescape false %}{{ 1 }}{% endautoescape %}", 2, "escaping cannot be switched off"),
        ("{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("{{ [1].index(1) }}\n{{ [1].append(2) }}", 2, "'append' of 'list' object is unsafe"),
        ("{{ 1 / 0 }}", 1, "division by zero"),
        ("\n{% include 'nowhere.html' %}", 2, "nowhere.html"),
    ],
)
def test_a_mistake_in_a_template_is_told_with_its_place_and_no_page_is_made(rendered, tmp_path, wrong, line, words):
    with pytest.raises(CourseError) as caught:
        rendered(report__html__j2=wrong)
    assert str(caught.value).startswith(f"{tmp_path / REPORT}, line {line}: ")
    assert words in str(caught.value)


def test_what_is_unsafe_stays_unsafe():
    """It is asked once for each type."""
    environment = make_environment(names={})
    for _ in range(2):
        with pytest.raises(SecurityError, match="mro"):
            environment.from_string("{{ one.mro() }}").render(one=int)
        assert environment.from_string("{{ one.real }}").render(one=1) == "1"


def test_what_a_template_shows_of_a_student_is_escaped(rendered):
    assert rendered(report__html__j2="{% set x %}<b>{% endset %}{{ x }}{{ record.course_title }}") == "<b>&lt;us&gt;"


def test_commands_use_the_templates_of_the_course_around(ended, tmp_path, monkeypatch):
    course = make_course(tmp_path / "course")
    store = Store(tmp_path / "out")
    store.append(record())
    folder = course.root / "templates"
    folder.mkdir()
    (folder / REPORT).write_text(FOOTER, encoding="utf-8")
    monkeypatch.chdir(course.root)
    assert ended("report", store.folder)[0] == 0
    (page,) = store.folder.rglob("report.html")
    assert "<footer>Ask" in page.read_text()
    (folder / REPORT).write_text("{% if %}", encoding="utf-8")
    code, _, err = ended("report", store.folder)
    assert code == 1
    assert f"{folder / REPORT}, line 1" in err
    monkeypatch.chdir(tmp_path)
    assert ended("report", store.folder)[0] == 0
    assert "<footer>Ask" not in page.read_text(), "outside a course"
