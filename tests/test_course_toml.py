"""`course.toml` marks a course's root; what is wrong in it is an error that names the file and the key."""

import os
import re
import tomllib

import pytest
from course_examples import ROOT, make_course

from grader.attack.suite import attacks
from grader.course import packages
from grader.course.catalog import Course, Part, find_course
from grader.errors import CourseError, UsageError

SMALL = 'name = "c"\ntitle = "C"\n'


@pytest.fixture
def told(tmp_path):
    """The course of a folder whose course.toml holds these words."""

    def tell(words):
        (tmp_path / "course.toml").write_text(words)
        return Course(tmp_path)

    return tell


def test_what_a_course_says_of_itself_is_read(told):
    course = told(f'{SMALL}checks = "my/checks"\n[assignments.hw1]\ntitle = "Homework 1"\n')
    assert (course.config.name, course.config.title) == ("c", "C")
    assert (course.title_of("hw1"), course.title_of("hw2")) == ("Homework 1", "hw2")
    assert course.checks == course.root / "my/checks"
    assert Part(course.root, "hw1", "a").check_file == course.root / "my/checks/hw1/check_a.py"


def test_checks_lie_in_checks_where_nothing_else_is_said(told, tmp_path):
    assert Part(tmp_path, "hw1", "a").check_file == tmp_path / "checks/hw1/check_a.py"
    assert told(SMALL).checks == tmp_path / "checks"


def test_what_students_may_import_is_told_in_a_sentence(told):
    listed = told(f'{SMALL}[packages]\ntorch = "torch"\nsklearn = "scikit-learn"\n').config.packages
    assert packages.told(listed) == "Besides Python's own library you may import: sklearn (scikit-learn), torch."
    assert packages.told(told(SMALL).config.packages) == ""


def test_a_package_that_is_not_installed_has_no_version():
    found = packages.versions({"torch": "torch", "nothing": "no-such-package-of-anyone"})
    assert found.pop("no-such-package-of-anyone") == ""
    assert list(found) == ["torch"]
    assert found["torch"][0].isdigit()


def test_the_course_lists_what_its_extra_installs():
    """Whoever installs the extra [course] has all that students are told they may import."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installed = [*project["dependencies"], *project["optional-dependencies"]["course"]]
    names = {re.split(r"[<>=]", requirement)[0] for requirement in installed}
    assert set(Course(ROOT).config.packages.values()) <= names


def test_a_change_of_the_file_is_seen_at_once(told):
    course = told(SMALL)
    assert course.config.title == "C"
    told(SMALL.replace('"C"', '"Another title"'))
    assert course.config.title == "Another title"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ('title = "C"', "name"),
        (SMALL + "titel = 1", "titel"),
        (SMALL.replace('"C"', "3"), "Expected `str`, got `int` - at `title`"),
        (SMALL.replace('"C"', r'"two\nlines"'), "title"),
        (SMALL + '[assignments.hw1]\nname = "x"', r"assignments\[...\]"),
        (SMALL + '[attacks]\nfolder = "x"', "attacks.*|assignment"),
        (SMALL + '[packages]\n"scikit-learn" = "scikit-learn"', "packages"),
        (SMALL + '[packages]\nsklearn = "scikit-learn>=1"', "packages"),
        (SMALL + 'checks = "/etc"', "checks is '/etc': name a folder inside the course"),
        (SMALL + 'checks = "../checks"', "checks is '../checks'"),
        (SMALL + 'checks = ""', "checks is ''"),
        (SMALL + '[datasets.small.jpg]\nplaces = ["x"]\nsha256 = { x = "12" }', "sha256"),
        (SMALL + "[datasets.small.jpg]\nplaces = []\nsha256 = {}", "places"),
        ("name = [", "Invalid|line 1"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_key(told, words, named):
    with pytest.raises(CourseError, match=rf"course\.toml: .*({named})"):
        _ = told(words).config


def test_a_version_of_no_data_set_is_named_with_those_there_are(told):
    course = told(SMALL + '[datasets.small.jpg]\nplaces = ["x"]\nsha256 = {}')
    with pytest.raises(CourseError, match=r"course\.toml: datasets\.small is no data set; there are: none"):
        _ = course.datasets


def test_a_declared_version_is_found_and_its_repair_names_the_one_that_can_be_fetched(tmp_path, monkeypatch):
    course = make_course(tmp_path / "c", datasets=True)
    assert list(course.datasets.versions("cifar10")) == ["cifar-10-binary", "cifar10-jpg"]
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    (tmp_path / "cifar10-jpg.tar.gz").touch()
    found = course.datasets.find("cifar10")
    assert found.version == "cifar10-jpg"
    assert found.repair == "copy it again, or `grader data fetch cifar10` gets cifar-10-binary.tar.gz"
    toml = course.root / "course.toml"
    toml.write_text(toml.read_text().partition("[datasets")[0])
    assert course.datasets.find("cifar10") is None


def test_a_course_without_hostile_submissions_says_how_to_name_them(told):
    with pytest.raises(CourseError, match=r"no hostile submissions: .*course\.toml has no \[attacks\]"):
        attacks(told(SMALL))
    with pytest.raises(CourseError, match=r"none of its folders has an attack\.toml"):
        attacks(told(SMALL + '[attacks]\nfolder = "hostile"\nassignment = "hw1"'))


def test_outside_a_course_the_error_says_what_to_do(tmp_path):
    with pytest.raises(UsageError, match=r"no course\.toml in it or above it.*--course or GRADER_COURSE.*grader init"):
        find_course(tmp_path)


def test_the_assignments_of_this_course_have_titles():
    course = Course(ROOT)
    assert set(course.config.assignments) == set(course.assignments)


def test_nothing_of_the_grader_knows_this_course():
    course = Course(ROOT)
    words = {*course.assignments, *course.datasets.names, "cifar", "grouplens", "f37072fd"} - {"lab1", "lab2"}
    own = (path for path in (ROOT / "grader").rglob("*") if path.is_file() and path.suffix not in {".pyc", ".mo"})
    for path in own:
        if path.is_relative_to(course.checks):
            continue
        text = path.read_text().casefold()
        assert not [word for word in words if word in text], os.path.relpath(path, ROOT)
