"""`grader init` makes an empty course that holds, and `grader new` works in it at once."""

import pytest

from grader.course.catalog import Course


@pytest.fixture
def ended(ended, tmp_path, monkeypatch):
    """`grader ARGUMENTS` in an empty folder: exit code, stdout, stderr."""
    monkeypatch.delenv("GRADER_COURSE", raising=False)
    monkeypatch.chdir(tmp_path)
    return ended


def test_an_empty_course_passes_verify_and_says_that_it_is_empty(ended, tmp_path, monkeypatch):
    code, out, err = ended("init", "mycourse")
    assert (code, err) == (0, "")
    assert "next: cd mycourse" in out
    made = {path.name for path in (tmp_path / "mycourse").iterdir()}
    assert made == {"course.toml", "README.md", ".gitignore", "reference", "student_template", "fixtures", "checks"}
    monkeypatch.chdir("mycourse")
    assert Course(tmp_path / "mycourse").config.title == "mycourse"
    code, out, _ = ended("verify")
    assert code == 0
    assert "this course has no parts yet: make one with `grader new hw1/warm_up`" in out
    for command in ("stubs", "fixtures", "calibrate"):
        assert ended(command)[0] == 0, command
    assert "no assignment 'hw1'; there are: none" in ended("grade", "hw1", ".")[2]


def test_a_new_part_lies_where_the_course_says(ended, tmp_path, monkeypatch):
    ended("init", "mycourse")
    monkeypatch.chdir("mycourse")
    assert ended("new", "hw1/warm_up")[0] == 0
    (part,) = Course(tmp_path / "mycourse").parts("hw1")
    assert part.check_file == tmp_path / "mycourse/checks/hw1/check_warm_up.py"
    assert "hw1/warm_up" in part.check_file.read_text()
    assert part.check_file.is_file()
    assert ended("stubs", "--check")[0] == 0
    code, _, err = ended("new", "datasets/thing")
    assert (code, err.count("\n")) == (2, 1)
    assert "fixtures/datasets holds the data sets" in err


def test_files_that_are_there_stay_and_a_course_is_not_made_twice(ended, tmp_path):
    (tmp_path / "README.md").write_text("mine")
    assert "kept     README.md" in ended("init", ".")[1]
    assert (tmp_path / "README.md").read_text() == "mine"
    code, _, err = ended("init", ".")
    assert (code, err) == (2, "grader: . is already a course: it has a course.toml\n")


def test_a_folder_of_any_name_gives_a_course_that_can_be_read(ended, tmp_path):
    ended("init", 'a "b" \\ \n c')
    assert Course(tmp_path / 'a "b" \\ \n c').config.name == 'a "b" \\  c'
