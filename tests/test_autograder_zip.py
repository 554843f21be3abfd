"""Gradescope's autograder.zip: what is in it, and what it makes of submissions in a folder like Gradescope's container.

`run_autograder` really runs, as root, without namespaces and with Docker's few capabilities (tools/like_docker.py).
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from grader.autograder import metadata as gradescope_metadata
from grader.autograder.contents import EXECUTABLE, contents
from grader.autograder.settings import Settings
from grader.course.version import checks_version
from grader.files.zipped import zip_of
from grader.sandbox import levels

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
from gradescope_tree import Tree, can_limit  # noqa: E402 -- a tool, not a package

CLASS = ROOT / "tests" / "submissions" / "activity1"
RIGHT = (ROOT / "reference" / "activity1" / "score_matrix.py").read_text()
SNOOP = """
import os
import pathlib

root = {root!r}
def tried(what, act):
    try:
        print("DONE", what, act())
    except OSError as error:
        print("denied", what, error.errno)

def score_matrix(Q, K):
    tried("course", lambda: os.listdir(root + "/source"))
    tried("check", lambda: open(root + "/source/course/grader/checks/activity1/check_score_matrix.py").read())
    tried("settings", lambda: open(root + "/source/autograder.json").read())
    tried("result", lambda: open(root + "/results/results.json", "w").write('{{"score": 100}}'))
    tried("replace", lambda: os.rename(root + "/results/results.json", root + "/results/old.json"))
    tried("beside", lambda: pathlib.Path(root, "results", "x").write_text("x"))
    tried("program", lambda: open(root + "/run_autograder", "a").write("exit"))
    print("user", os.geteuid() != 0, "environment", sorted(os.environ))
    return Q @ K.T
"""
TORCH_INDEX = "https://torch.example"
TRIED = ["course", "check", "settings", "result", "replace", "beside", "program"]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="Gradescope runs autograders as root")


@pytest.fixture(scope="module")
def files(course):
    return contents(course, Settings(assignment="activity1", torch_index=TORCH_INDEX))


@pytest.fixture(scope="module")
def tree(files):
    """The zip of activity1, unpacked and set up where other users can enter, as they can enter /."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "autograder.zip").write_bytes(zip_of(files.items(), EXECUTABLE))
        yield Tree(folder / "autograder.zip", folder)


@pytest.fixture
def handed_in(tmp_path):
    def submission(code):
        (tmp_path / "score_matrix.py").write_text(code)
        return tmp_path

    return submission


def has_no_score(results):
    return "score" not in results and not any("score" in test for test in results["tests"])


def test_the_zip_holds_the_grader_and_of_the_course_what_grading_reads(course, files):
    assert {name.partition("/")[0] for name in files} == {
        *("setup.sh", "run_autograder", "not_graded.json", "autograder.json", "requirements.txt", "torch.txt"),
        *("harness", "course"),
    }
    of_course = {name.removeprefix("course/") for name in files if name.startswith("course/")}
    kinds = r"""course\.toml | reference/activity1/\w+\.py | student_template/activity1/score_matrix\.(py)
        | student_template/activity1/activity1\.ipynb | grader/checks/activity1/\w+\.py | fixtures/datasets/\w+\.py
        | fixtures/activity1/(questions\.toml|score_matrix/(part\.toml|expected\.json|mistakes/\w+\.py))"""
    assert [name for name in of_course if not re.fullmatch(kinds, name, re.VERBOSE)] == []
    assert len([name for name in of_course if "/mistakes/" in name]) == len(course.parts("activity1")[0].mistakes)
    ours = {name.removeprefix("harness/") for name in files if name.startswith("harness/")}
    assert {"grader/worker/zygote.py", "grader/grading/pytest-grading.ini", "grader/autograder/__main__.py"} <= ours
    assert not [name for name in ours if name.startswith("grader/checks/") or "__pycache__" in name]
    assert json.loads(files["autograder.json"])["checks_version"] == checks_version(course.parts("activity1"))


def test_both_scripts_can_be_run_and_are_valid(files, tmp_path):
    (tmp_path / "a.zip").write_bytes(zip_of(files.items(), EXECUTABLE))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        for name in EXECUTABLE:
            assert modes[name] == 0o755
            subprocess.run(["sh", "-n", archive.extract(name, tmp_path)], check=True)
    assert b"@" not in files["setup.sh"]
    assert f"python{sys.version_info[0]}.{sys.version_info[1]}".encode() in files["setup.sh"]


def test_every_package_is_pinned_and_none_is_missing(files):
    lines = (files["torch.txt"] + files["requirements.txt"]).decode().splitlines()
    pinned = dict(line.split("==") for line in lines)
    assert pinned["torch"].endswith("+cpu")
    assert f"--no-deps --index-url {TORCH_INDEX} -r".encode() in files["setup.sh"]
    assert {"pytest", "safetensors", "pandas", "scikit-learn"} <= pinned.keys()
    assert "starlette" not in pinned, "the marking desk is not needed there"
    for name in pinned:
        for line in map(Requirement, metadata.requires(name) or ()):
            if line.marker is None or line.marker.evaluate({"extra": ""}):
                needed = line.name.lower().replace("_", "-").replace(".", "-")
                assert needed in pinned or needed.startswith(("nvidia-", "cuda-", "triton"))


def test_without_an_index_of_its_own_pytorch_is_that_of_pip_with_all_it_needs(course):
    files = contents(course, Settings(assignment="activity1"))
    assert b"--index-url" not in files["setup.sh"]
    assert b"+cpu" not in files["torch.txt"]
    (line,) = [line for line in files["setup.sh"].decode().splitlines() if "torch.txt" in line]
    assert "--no-deps" not in line, "CUDA's packages may be missing on the machine that made the zip"
    assert '--constraint "$source/requirements.txt"' in line


@as_root
def test_a_right_submission_gets_its_points_and_instructors_read_where_it_was_graded(tree):
    ran = tree.run(CLASS / "amara_okafor")
    assert ran.results["score"] == sum(test["score"] for test in ran.results["tests"]) == 90
    assert ran.results["stdout_visibility"] == "hidden"
    assert "leaderboard" not in ran.results
    assert "10 points of written answers" in ran.results["output"]
    where = ran.results["extra_data"]
    assert (where["sandbox"], where["standing"]) == ("uid", "final")
    assert any("seccomp" in words for words in where["protections"])
    assert "sandbox level: uid" in ran.stdout
    (seed,) = re.findall(r"--seed (\d+)", ran.stdout)
    assert seed not in json.dumps(ran.results), "students read the results"


@as_root
def test_a_wrong_submission_reads_what_is_wrong_and_nothing_from_inside_hidden_checks(tree):
    ran = tree.run(CLASS / "chiara_russo")
    failed = {test["number"]: test for test in ran.results["tests"] if test["status"] == "failed"}
    assert 0 < ran.results["score"] == 90 - sum(test["max_score"] - test["score"] for test in failed.values())
    assert "<pre>" in failed["1.3"]["output"]
    assert "known mistake" in failed["1.3"]["output"]
    assert "<pre>" not in failed["1.4"]["output"], "its values are hidden"


@as_root
def test_the_level_with_namespaces_gives_the_same_score(tree):
    if reason := levels.LEVELS["bubblewrap"].obstacle():
        pytest.skip(reason)
    ran = tree.run(CLASS / "chiara_russo", "--namespaces")
    assert (ran.results["score"], ran.results["extra_data"]["sandbox"]) == (45, "bubblewrap")


@as_root
def test_even_without_landlock_students_code_reaches_neither_the_course_nor_its_result(tree, handed_in):
    ran = tree.run(handed_in(RIGHT + SNOOP.format(root=str(tree.root))), "--no-landlock")
    printed = ran.results["output"]
    assert ran.results["score"] == 90
    assert "DONE" not in printed
    assert all(f"denied {what}" in printed for what in TRIED)
    assert "user True" in printed
    assert not re.search("MLGRADER|AUTOGRADER|PYTHONPATH", printed)
    assert not list((tree.root / "results").glob("x"))
    assert any("no Landlock" in words for words in ran.results["extra_data"]["missing_protections"])


@as_root
def test_who_hands_in_nothing_gets_no_zero_but_words(tree, tmp_path):
    ran = tree.run(tmp_path)
    assert has_no_score(ran.results)
    assert "holds no files" in ran.results["output"]
    assert ran.results["extra_data"]["standing"] == "refused"


@as_root
@pytest.mark.parametrize("minutes", [pytest.param(0.05, marks=pytest.mark.slow), 0.01])
def test_a_deadline_ends_everything_and_leaves_no_zero(tree, handed_in, minutes):
    """The shorter one strikes before the first check begins, the longer one mostly in the middle of it."""
    tree.choose(minutes=minutes)
    try:
        ran = tree.run(handed_in(RIGHT + "\ndef stack_rows(vectors):\n    while True:\n        pass\n"))
    finally:
        tree.choose(minutes=10)
    assert has_no_score(ran.results)
    assert "not your fault" in ran.results["output"]
    assert minutes == 0.05 or "NOT GRADED: grading took more than 1 seconds" in ran.stdout
    deadline = time.monotonic() + 30.0
    while still := [pid for pid in Path("/proc").iterdir() if str(tree.root.parent) in command_of(pid)]:
        assert time.monotonic() < deadline, still
        time.sleep(0.05)  # one that had only begun to start ends when it finds nobody at the other end


def command_of(process):
    try:
        return (process / "cmdline").read_text()
    except OSError:
        return ""


@as_root
def test_once_no_more_checks_may_begin_what_was_judged_is_told_without_a_score(tree):
    """As after 7 of Gradescope's 10 minutes, when 6 have been used up before the first check."""
    for name in ("submission", "results"):
        shutil.rmtree(tree.root / name, ignore_errors=True)
    shutil.copytree(CLASS / "amara_okafor", tree.root / "submission")
    (tree.root / "results").mkdir()
    command = [sys.executable, "-P", "-m", "grader.autograder.grading", tree.root, str(time.monotonic() - 7 * 60)]
    own = os.environ | {"PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, env=own, capture_output=True, text=True, check=True)
    results = json.loads((tree.root / "results/results.json").read_bytes())
    assert has_no_score(results)
    assert "not your fault" in results["output"]
    assert "NOT GRADED: checks were left after 360 seconds. Give the assignment more time" in said.stdout


@as_root
def test_whatever_fails_of_ours_there_is_a_result_without_a_score(tree):
    check = next((tree.source / "course/grader/checks").rglob("check_*.py"))
    python = tree.root.parent / "mlgrader/bin/python"
    for path in (check, python):
        shutil.move(path, path.with_suffix(".away"))
        try:
            ran = tree.run(CLASS / "amara_okafor")
        finally:
            shutil.move(path.with_suffix(".away"), path)
        assert has_no_score(ran.results)
        assert "We are looking at your submission" in ran.results["output"]


@as_root
@pytest.mark.slow
def test_with_too_little_memory_the_result_says_so_and_who_runs_out_of_it_loses_nothing(tree, handed_in):
    needed = ["--memory", "768"]
    if not can_limit(*needed):
        pytest.skip("nobody may limit memory by a cgroup here")
    enough = tree.run(CLASS / "amara_okafor", "--memory", "2048")
    assert (enough.results["score"], enough.results["extra_data"]["memory_mb"]) == (90, 2048)
    assert "This container has" not in enough.results["output"], "2 GB are enough, as docs/gradescope.md says"
    told = tree.run(CLASS / "amara_okafor", *needed)
    assert (told.results["score"], told.results["extra_data"]["memory_mb"]) == (90, 768)
    assert "This container has 768 MB of memory" in told.results["output"]
    hungry = "\ndef score_matrix(Q, K):\n    return (torch.ones(100_000_000) * 2)[0] * Q @ K.T\n"
    ran = tree.run(handed_in(RIGHT + hungry), *needed)
    assert has_no_score(ran.results)
    assert ran.results["extra_data"]["standing"] == "needs_attention"
    assert "NOT GRADED: see below" in ran.stdout
    assert {test["status"] for test in ran.results["tests"]} == {"passed", "failed"}, "what was judged is told"


def test_what_gradescope_says_of_a_submission_may_have_any_form(tmp_path):
    path = tmp_path / "submission_metadata.json"
    assert gradescope_metadata.read(path).name == "submission"
    path.write_text('{"id": 7, "users": [{"name": "Ada"}, {"name": "Bo"}], "assignment": {"total_points": "20.0"}}')
    assert (gradescope_metadata.read(path).name, gradescope_metadata.read(path).points) == ("Ada and Bo", 20)
    path.write_text('{"id": 7, "assignment": {"total_points": "many"}}')
    assert (gradescope_metadata.read(path).name, gradescope_metadata.read(path).points) == ("submission 7", None)
    path.write_text('{"id": []}')
    assert gradescope_metadata.read(path).points is None


def test_the_command_writes_the_zip_and_says_what_to_choose(ended, tmp_path):
    code, out, _ = ended("export", "gradescope-autograder", "activity1", "--out", tmp_path / "a.zip", "--minutes", 20)
    assert code == 0
    assert "20 minutes" in out
    assert "1.7 GB" in out
    assert "--torch-index" in out
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert json.loads(archive.read("autograder.json"))["minutes"] == 20


@as_root
@pytest.mark.slow
def test_the_tool_compares_both_ways_with_grader_grade(files, tmp_path):
    (tmp_path / "a.zip").write_bytes(zip_of(files.items(), EXECUTABLE))

    def tried(*options):
        command = [ROOT / "tools" / "try-gradescope.sh", *options, tmp_path / "a.zip", CLASS / "chiara_russo"]
        own = os.environ | {"PYTHON": sys.executable}
        ended = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout

    code, said = tried()
    assert (code, said.startswith("ok   chiara_russo: 45.0 by grader grade;")) == (0, True)
    assert "without: 45.0 (uid" in said
    code, said = tried("--minutes", "0.01")
    assert (code, said[:4]) == (1, "DIFF"), "its deadline struck"
