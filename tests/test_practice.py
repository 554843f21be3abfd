"""`grader check` and `practice.check`: what they print, what they return, and that they agree with grading."""

import contextlib
import signal
import subprocess
import sys
import threading
import types
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader import practice
from grader.cli import cli, main
from grader.errors import UsageError
from grader.grading.grade import GradeOptions, grade
from grader.handout.contents import handout
from grader.handout.folder import write
from grader.handout.part_at_home import PartAtHome
from grader.practice.home import Home, find_home, submission_of
from grader.practice.run import SEED, open_slot, practise, torch_home
from grader.practice.watch import wait_for_change
from grader.records.record import MatrixEvidence, Verdict
from grader.reports.matrix_text import matrix_lines
from grader.sandbox import levels
from grader.sandbox.slot import SlotSettings

QUICK = [("activity1", "score_matrix")]
SLOW = [
    *(("lab1", name) for name in ("truncated_svd", "factorise", "complete", "rate")),
    ("lab2", "biased_mf"),
    *(("assignment2", name) for name in ("cooccurrence", "embedding", "recommend", "cnn_features", "cnn_finetune")),
]


@pytest.fixture(scope="module")
def homes(course, tmp_path_factory):
    """The handouts of this course by assignment, each made when it is first asked for."""
    made = {}

    def home(assignment):
        if assignment not in made:
            folder = tmp_path_factory.mktemp("home") / assignment
            write(handout(course, assignment).files, folder)
            made[assignment] = Home(folder)
        return made[assignment]

    return home


@pytest.fixture
def lab1(homes, course, tmp_path, monkeypatch):
    """A student's folder of lab1, who works in it."""
    write({p.relative_to(homes("lab1").folder).as_posix(): p.read_bytes()
           for p in homes("lab1").folder.rglob("*") if p.is_file()}, tmp_path / "lab1")  # fmt: skip
    monkeypatch.chdir(tmp_path / "lab1")
    return tmp_path / "lab1"


def solved(course, part):
    return (course.root / "reference" / "lab1" / f"{part}.py").read_bytes()


def run(*words):
    result = CliRunner().invoke(cli, ["check", *words], standalone_mode=False)
    assert result.exception is None, result.exception
    return result.return_value, result.output


# Practice and grading agree.


def agree(course, homes, slot, assignment, name, every=1):
    """Run known solutions at home and in the sandbox with one seed; whatever runs at home comes to the same."""
    home = homes(assignment)
    (at_home,), (part,) = home.parts([name]), course.parts(assignment, [name])
    direct, checks = open_slot([at_home]), PartAtHome(part).checks
    options = GradeOptions(seed=SEED, visible_only=True, whole=False, recognise=False, only=checks)
    differ, compared = [], 0
    for path in (part.reference, *part.mistakes[::every], *part.variants[::every]):
        files = submission_of({f"{name}.py": path.read_bytes()}, home.folder)
        (here,), (graded,) = practise(files, [at_home], direct).parts, grade(files, [part], slot, options).parts
        in_sandbox = {check.name: check for check in graded.checks}
        assert [check.name for check in here.checks] == list(in_sandbox)
        for check in here.checks:
            other, compared = in_sandbox[check.name], compared + 1
            if (check.verdict, check.score, check.message) != (other.verdict, other.score, other.message):
                differ.append((path.stem, check.name, check.verdict, check.message, other.verdict, other.message))
    assert compared
    assert not differ


@pytest.mark.parametrize(("assignment", "name"), QUICK)
def test_practice_and_grading_agree_on_known_solutions(course, homes, slot, assignment, name):
    agree(course, homes, slot, assignment, name, every=3)


@pytest.mark.slow
@pytest.mark.parametrize(("assignment", "name"), QUICK + SLOW)
def test_practice_and_grading_agree_on_every_known_solution(course, homes, slot, assignment, name):
    (part,) = course.parts(assignment, [name])
    weights = torch_home([part])
    if weights is None:
        agree(course, homes, slot, assignment, name)
        return
    preload = ("torch", "torchvision")
    with contextlib.closing(levels.open_slot(slot.level, SlotSettings(preload=preload, torch_home=weights))) as own:
        agree(course, homes, own, assignment, name)


# The command.


def test_it_prints_a_line_for_each_check_and_succeeds_once_all_pass(lab1, course):
    code, said = run("factorise", "truncated_svd")
    assert code == 1
    assert said.count("✗ Not written yet: ") + said.count("✗ Not implemented") == 6, said
    assert "0 of 6 visible checks pass" in said
    assert "practice" in said
    for part in ("factorise", "truncated_svd"):
        (lab1 / f"{part}.py").write_bytes(solved(course, part))
    code, said = run("factorise", "truncated_svd")
    assert code == 0
    assert [line for line in said.splitlines() if line.startswith("  ✗")] == []
    assert "6 of 6 visible checks pass" in said


def test_a_wrong_matrix_is_shown_beside_the_expected_one_with_the_first_difference(lab1, course):
    source = solved(course, "truncated_svd").decode()
    wrong = source + "\n\ndef svd_reconstruct(A, rank):\n    print('words of mine')\n    return A\n"
    (lab1 / "truncated_svd.py").write_text(wrong)
    code, said = run("truncated_svd")
    assert code == 1
    assert "2 of 3 visible checks pass" in said
    (table,) = [line for line in said.splitlines() if "expected" in line and "yours" in line and "difference" in line]
    assert table.count("|") == 2
    assert "cells differ" in said
    assert "words of mine" in said
    (lab1 / "truncated_svd.py").write_text(source + "\n\ndef svd_reconstruct(A, rank):\n    return A.nonsense\n")
    said = run("truncated_svd")[1]
    assert 'File "truncated_svd.py"' in said
    assert "return A.nonsense" in said
    assert "AttributeError" in said


def test_the_notebook_of_the_handout_is_checked_as_well(lab1, course):
    import json

    notebook = json.loads((lab1 / "lab1.ipynb").read_text())
    code = solved(course, "truncated_svd").decode()
    notebook["cells"].append({"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [],
                              "execution_count": None, "source": code})  # fmt: skip
    (lab1 / "lab1.ipynb").write_text(json.dumps(notebook))
    assert run("truncated_svd")[0] == 0, "the untouched truncated_svd.py beside it does not count"


def test_a_check_that_breaks_on_an_answer_fails_as_in_grading_though_no_reference_is_here(demo, slot, tmp_path):
    (part,) = demo.parts("demo")
    part.check_file.write_text(
        "from grader import check\n\n\n@check(points=2)\ndef check_noted(submission, figures):\n"
        '    """It is noted."""\n    figures["twice"] = submission.double(3)\n'
    )
    write(handout(demo, "demo").files, tmp_path / "home")
    home = Home(tmp_path / "home")
    (home.folder / "warm_up.py").write_text("def double(x): return 10**400\n")
    options = GradeOptions(seed=SEED, visible_only=True, whole=False, recognise=False)
    at_home = practise(home.submission(), home.parts([]), open_slot(home.parts([])))
    graded = grade(home.submission(), [part], slot, options)
    (first,), (second,) = at_home.parts[0].checks, graded.parts[0].checks
    assert (first.verdict, first.message) == (second.verdict, second.message)
    assert first.verdict is Verdict.failed
    assert "cannot work with what `double` returned" in first.message


def test_what_the_grader_notices_about_the_files_is_told(lab1, course):
    (lab1 / "truncated_svd.py").write_bytes(solved(course, "truncated_svd") + b"\nimport no_such_package\n")
    code, said = run("truncated_svd")
    assert "no_such_package" in said
    assert "not installed on this computer" in " ".join(said.split())
    assert "graded. You lose no points" not in " ".join(said.split())
    (lab1 / "truncated_svd.py").unlink()
    (lab1 / "truncated_svd (1).py").write_bytes(solved(course, "truncated_svd"))
    code, said = run("truncated_svd")
    assert code == 0
    assert "Note: truncated_svd (1).py was taken for truncated_svd.py." in said


def test_wrong_usage_is_a_sentence_and_exit_code_2(lab1, tmp_path, monkeypatch, capsys):
    def ended(*words):
        with pytest.raises(SystemExit) as end:
            main(["check", *words])
        return end.value.code, capsys.readouterr().err

    code, said = ended("nothing")
    assert code == 2
    assert "factorise" in said
    monkeypatch.chdir(tmp_path)
    assert find_home(tmp_path).folder == lab1, "the only handout in a folder is found from outside"
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    code, said = ended()
    assert code == 2
    assert "not in a handout" in said


def test_a_course_is_no_handout(course, monkeypatch):
    monkeypatch.chdir(course.root)
    with pytest.raises(UsageError, match="not in a handout"):
        find_home(course.root / "grader" / "checks" / "lab1")


def test_virtual_environments_data_and_the_checks_are_no_work(lab1):
    for path in (".venv/lib/x.py", "env/x.py", "data/x.py", "helpers/mine.py", "__pycache__/y.py"):
        (lab1 / path).parent.mkdir(parents=True, exist_ok=True)
        (lab1 / path).write_text("")
    (lab1 / "env" / "pyvenv.cfg").write_text("")
    work = {path.relative_to(lab1).as_posix() for path in Home(lab1).work()}
    assert work == {"factorise.py", "truncated_svd.py", "complete.py", "rate.py", "lab1.ipynb", "helpers/mine.py"}


def test_watching_waits_until_the_files_rest():
    looks = iter([{"a": (1, 1)}, {"a": (2, 5)}, {"a": (3, 9)}, {"a": (3, 9)}, {"a": (3, 9)}])
    assert wait_for_change(lambda: next(looks), {"a": (1, 1)}, every=0) == {"a": (3, 9)}
    assert len(list(looks)) == 1


def test_watch_runs_again_when_a_file_is_saved(lab1, course):
    command = [sys.executable, "-m", "grader", "check", "truncated_svd", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=lab1) as watching:
        stuck, saved, passed = threading.Timer(120, watching.kill), 0, False
        stuck.start()
        for line in watching.stdout:
            if "Waiting until you save" in line:
                (lab1 / "truncated_svd.py").write_bytes(solved(course, "truncated_svd"))
                saved += 1
                if saved > 1:
                    watching.send_signal(signal.SIGINT)
            passed = passed or "3 of 3 visible checks pass" in line
        stuck.cancel()
    assert passed, "it did not run again"
    assert watching.returncode == 0, "Ctrl-C ends it as the last run ended"


# In a notebook.


def in_a_cell(namespace, code):
    exec(compile(code, "cell", "exec"), namespace)  # as a notebook does


def test_a_notebook_checks_the_functions_that_its_cells_have_defined(lab1, course, capsys):
    cells = {"__name__": "__main__"}
    in_a_cell(cells, "from grader import practice\nright = practice.check('truncated_svd')")
    assert cells["right"] is False
    assert "0 of 3 visible checks pass" in capsys.readouterr().out
    in_a_cell(cells, solved(course, "truncated_svd").decode())
    in_a_cell(cells, "right = practice.check('truncated_svd')")
    assert cells["right"] is True
    assert "3 of 3 visible checks pass" in capsys.readouterr().out
    in_a_cell(cells, "svd_reconstruct = lambda A, rank: A\nright = practice.check('truncated_svd')")
    assert cells["right"] is False
    assert "2 of 3 visible checks pass" in capsys.readouterr().out


@pytest.mark.slow  # starts a kernel of Jupyter, which loads torch
def test_jupyter_runs_the_notebook_of_the_handout_and_checks_what_its_cells_have_defined(lab1, course):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    notebook = nbformat.read(lab1 / "lab1.ipynb", as_version=4)
    check = "from grader import practice\nprint(practice.check('truncated_svd'))"
    written = solved(course, "truncated_svd").decode()
    notebook.cells += map(nbformat.v4.new_code_cell, [check, written, check])
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(lab1)}}).execute()
    before, after = ("".join(one.text for one in cell.outputs) for cell in notebook.cells[-3::2])
    assert "0 of 3 visible checks pass" in before
    assert "3 of 3 visible checks pass" in after
    assert (before.split()[-1], after.split()[-1]) == ("False", "True")


def test_a_notebook_keeps_its_own_state(lab1, course):
    import builtins
    import os

    import torch

    cells = {"__name__": "__main__"}
    torch.manual_seed(5)
    drawn = torch.rand(3)
    torch.manual_seed(5)
    before = (builtins.input, dict(os.environ), Path.cwd(), torch.empty, list(sys.path))
    in_a_cell(cells, solved(course, "truncated_svd").decode())
    in_a_cell(cells, "from grader import practice\npractice.check('truncated_svd')")
    assert before == (builtins.input, dict(os.environ), Path.cwd(), torch.empty, list(sys.path))
    assert torch.equal(torch.rand(3), drawn)


def test_practice_is_a_module_of_one_function():
    assert isinstance(practice, types.ModuleType)
    assert practice.__all__ == ["check"]


# A matrix as text.


def test_a_matrix_too_wide_to_stand_beside_is_written_below():
    row = tuple(float(1000 + number) for number in range(12))
    wide = MatrixEvidence(name="S", expected=(row,), actual=((*row[:-1], 0.0),), differs=((False,) * 11 + (True,),))
    lines = list(matrix_lines(wide, 80))
    assert [line for line in lines if line in ("expected", "yours", "difference")] == [
        "expected",
        "yours",
        "difference",
    ]
    assert sum("*" in line for line in lines) == 2, "what differs is marked in yours and in the difference"


# Other machines.

WITHOUT_UNIX = """
import os, signal, socket, sys
for name in ("fcntl", "resource", "pwd", "grp", "termios", "pyseccomp", "seccomp", "syslog"):
    sys.modules[name] = None
for holder, names in {
    os: "O_NOFOLLOW O_NONBLOCK O_DIRECTORY sched_getaffinity fork setsid getuid geteuid getgid killpg sysconf",
    signal: "SIGALRM SIGKILL SIGPIPE SIGHUP SIGCHLD setitimer",
    socket: "AF_UNIX socketpair",
}.items():
    for name in names.split():
        delattr(holder, name)
from grader.cli import main
main(["check", "truncated_svd"])
"""


def test_practice_needs_nothing_that_only_unix_has(lab1, course):
    """As far as a Linux machine can show it: whatever Windows lacks is taken away."""
    (lab1 / "truncated_svd.py").write_bytes(solved(course, "truncated_svd"))
    command = [sys.executable, "-c", WITHOUT_UNIX]
    ended = subprocess.run(command, cwd=lab1, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "3 of 3 visible checks pass" in ended.stdout


def test_a_terminal_without_the_symbols_gets_words(lab1):
    import os

    command = [sys.executable, "-m", "grader", "check", "truncated_svd"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    said = subprocess.run(command, cwd=lab1, capture_output=True, check=False, env=environment).stdout
    assert b"FAIL" in said
    assert b"\\u2717" not in said
