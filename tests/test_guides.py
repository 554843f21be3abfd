"""The pages of docs/ for instructors, assistants and students: their commands do what they say, in an empty folder."""

import csv
import re
import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT
from guide import DOCS, Reader, steps

from grader.handout.contents import handout
from grader.handout.folder import write

PAGES = ("instructors.md", "teaching_assistants.md", "students.md")
CLASS = {"Amara Okafor": 71, "Chiara Russo": 72, "Kavya Nair": 73, "Nils Berg": 74, "Olga Petrova": 75}


@pytest.fixture
def reader(installed, tmp_path):
    return Reader(tmp_path, installed)


@pytest.mark.slow  # nearly every one of its commands loads torch
def test_an_instructor_comes_from_nothing_to_graded_students(reader):
    reader.follow("instructors.md")
    assert len([text for path, text in steps("instructors.md") if not path]) <= 12, "commands"
    assert "all invariants hold" in reader.said["grader verify"]
    table = reader.said["grader grade hw1 submissions"]
    assert [row.split()[:3] for row in table.splitlines() if row.startswith(("ann", "bo"))] == [
        ["ann", "10", "10"],
        ["bo", "5", "10"],
    ]
    page = (reader.folder / "build/hw1-feedback/bo/feedback.html").read_text()
    assert "Your result grows with the weights." in page
    assert (reader.folder / "build/handout/hw1.zip").is_file()


def canvas(folder):
    """What Canvas gives for five people of the sample class: one is late, one handed in a Word file."""
    rows = ["Student,ID,SIS User ID,SIS Login ID,Section,Activity 1 (12345)", "    Points Possible,,,,,100"]
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for name, number in CLASS.items():
            first, last = name.split()
            rows.append(f'"{last}, {first}",{number},,{first.lower()},A,')
            start = f"{last}{first}_{'LATE_' * (number == 73)}{number}_99{number}_".lower().replace("late", "LATE")
            for path in sorted((ROOT / "tests/submissions/activity1" / f"{first}_{last}".lower()).glob("*.*")):
                if number != 75:
                    archive.write(path, start + path.name)
        archive.writestr("petrovaolga_75_9975_work.docx", "words")
    (folder / "Grades.csv").write_text("\n".join(rows) + "\n")


@pytest.mark.slow  # nearly every one of its commands loads pandas or torch
def test_an_assistant_comes_from_the_zip_of_the_lms_to_its_grades(reader, tmp_path):
    canvas(tmp_path)
    reader.environment = reader.environment | {"GRADER_COURSE": str(ROOT)}
    grade, desk = "grader grade activity1 submissions.zip --roster Grades.csv", "grader mark activity1"

    def mark_the_others():
        for name in ("Chiara Russo", "Kavya Nair", "Nils Berg"):
            words = ["gradebook", "mark", "build/activity1", name, "score_meaning", "--points", "5"]
            done = subprocess.run(
                ["grader", *words], cwd=tmp_path, env=reader.environment, capture_output=True, check=False
            )
            assert done.returncode == 0, done.stderr

    reader.follow("teaching_assistants.md", {grade: 3}, {desk: mark_the_others})
    assert "Canvas bulk download: 5 students, 1 late" in reader.said[grade]
    assert "1 of 5 needs a look: Olga Petrova" in reader.said[grade]
    shown = reader.said["grader gradebook show build/activity1"]
    assert re.search(r"Kavya Nair +56 +90 +56 = 65 automatic − 9 late", shown), shown
    assert "closed; all marks are in" in reader.said[desk]
    rows = csv.reader((tmp_path / "activity1-canvas.csv").read_text().splitlines())
    scores = {row[1]: row[-1] for row in rows if row[1].isdigit()}
    assert scores == {"71": "99", "72": "50", "73": "60", "74": "50"}, (
        "45, 65 − 10 late and 45 overridden, and 5 written"
    )
    pages = tmp_path.glob("activity1-feedback/*/feedback.html")
    assert sorted(path.parent.name for path in pages) == [f"{name} {number}" for name, number in CLASS.items()]


@pytest.mark.slow
def test_a_student_checks_at_home_in_a_terminal_and_in_a_notebook(reader, course, tmp_path):
    write(handout(course, "activity1").files, tmp_path / "activity1")
    theirs = (ROOT / "tests/submissions/activity1/nils_berg/score_matrix.py").read_text()
    (tmp_path / "activity1/score_matrix.py").write_text(theirs)
    reader.follow("students.md", {"grader check": 1})
    page = (DOCS / "students.md").read_text()
    (shown,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    assert {line for line in shown.splitlines() if line} <= set(reader.said["grader check"].splitlines())
    assert "Waiting until you save a file" in reader.said["grader check score_matrix --watch"]
    (cell,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", f"{theirs}\n{cell}"],
        cwd=reader.folder,
        env=reader.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 of 3 visible checks pass." in done.stdout, done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_linked_and_its_links_and_pictures_are_there(page):
    assert f"(docs/{page})" in (ROOT / "README.md").read_text()
    for path in re.findall(r"\]\(([^)#:]+)\)", (DOCS / page).read_text()):
        assert (DOCS / path).is_file(), path


def test_pictures_are_small():
    pictures = list((DOCS / "pictures").glob("*.png"))
    assert {path.stem for path in pictures} == {"student", "class", "desk"}
    assert all(path.stat().st_size <= 150_000 for path in pictures), "make them again with tools/screenshots.py"
