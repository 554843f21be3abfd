"""The wheel: what is in it, and that a course made by it in an empty folder goes all the way from `new` to `report`."""

import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.handout.contents import handout
from grader.handout.folder import write

ROOT = Path(__file__).resolve().parents[1]
ROAD = [  # the commands of a new course, and how each ends
    ("grader verify", 0),
    ("grader new hw1/warm_up", 0),
    ("grader stubs", 0),
    ("grader fixtures", 0),
    ("grader verify", 0),
    ("grader calibrate hw1/warm_up", 0),
    ("grader audit hw1/warm_up --gradings 5", 0),
    ("grader reference hw1", 0),
    ("grader grade hw1 student_template/hw1", 0),
    ("grader handout hw1", 0),
    ("grader report build/hw1", 0),
]

pytestmark = pytest.mark.slow


def test_the_wheel_holds_the_grader_and_nothing_of_this_course(wheel):
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        (metadata,) = (opened.read(name).decode() for name in names if name.endswith("METADATA"))
    ours = {name for name in names if ".dist-info/" not in name}
    assert all(name.startswith("grader/") for name in ours)
    assert not [name for name in ours if name.startswith("grader/checks")]
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "grader").rglob("*") if path.is_file()}
    left_out = {name for name in shipped if name.startswith("grader/checks") or "__pycache__" in name}
    assert ours == shipped - left_out, "templates, style sheets and the pytest configuration are in it too"
    needed = {line.partition(": ")[2] for line in metadata.splitlines() if line.startswith("Requires-Dist")}
    always = {words.partition(">")[0] for words in needed if "extra ==" not in words}
    assert "torch" in always
    assert not always & {"torchvision", "pandas", "scipy", "matplotlib", "pooch", "requests"}


def test_a_course_made_from_nothing_goes_all_the_way(installed, tmp_path):
    def run(words, folder):
        ended = subprocess.run(
            shlex.split(words), cwd=folder, env=installed, capture_output=True, text=True, check=False, timeout=300
        )
        return ended.returncode, f"{words}\n{ended.stdout}{ended.stderr}"

    where = run(f"{sys.executable} -c 'import grader; print(grader.__file__)'", tmp_path)[1]
    assert f"{installed['PYTHONPATH']}/grader/__init__.py" in where
    assert run("grader init mycourse", tmp_path)[0] == 0
    course = tmp_path / "mycourse"
    for words, code in ROAD:
        found, said = run(words, course)
        assert found == code, said
    assert (course / "build/hw1/index.html").is_file()
    home = course / "build/handout/hw1"
    assert run("grader check", home)[0] == 1, "nothing is written yet"
    (home / "warm_up.py").write_bytes((course / "reference/hw1/warm_up.py").read_bytes())
    assert run("grader check", home)[0] == 0
    assert "all invariants hold" in run("grader verify hw1/warm_up", course)[1]


def test_a_student_with_the_wheel_alone_runs_the_checks_of_a_handout(installed, course, tmp_path):
    home = tmp_path / "lab1"
    write(handout(course, "lab1").files, home)

    def checked():
        command = [sys.executable, "-m", "grader", "check", "truncated_svd"]
        ended = subprocess.run(command, cwd=home, env=installed, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout + ended.stderr

    code, said = checked()
    assert code == 1, said
    assert "0 of 3 visible checks pass" in said
    (home / "truncated_svd.py").write_bytes((ROOT / "reference/lab1/truncated_svd.py").read_bytes())
    code, said = checked()
    assert code == 0, said
    assert "3 of 3 visible checks pass" in said
