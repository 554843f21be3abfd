"""The starter repository of a GitHub classroom: its workflow runs the visible checks and appends a summary."""

import shlex

import pytest
import yaml
from record_examples import SCORES, check

from grader.handout.starter import WORKFLOW
from grader.practice.home import Home
from grader.practice.summary import summary
from grader.records.record import EnvironmentRecord, PartRecord, ResultRecord, SubmissionRecord

TORCH_INDEX = "https://torch.example"


@pytest.fixture
def repository(ended, tmp_path, monkeypatch):
    code, _, err = ended("export", "github-classroom", "activity1", "--to", tmp_path / "starter")
    assert code == 0, err
    monkeypatch.chdir(tmp_path / "starter")
    return tmp_path / "starter"


def steps(repository):
    flow = yaml.safe_load((repository / WORKFLOW).read_text())
    assert flow["permissions"] == {"contents": "read"}
    (job,) = flow["jobs"].values()
    return job["steps"]


def test_the_last_step_runs_the_visible_checks_and_appends_what_came_of_them(repository, course, ended, tmp_path):
    program, *words = shlex.split(
        steps(repository)[-1]["run"].replace("$GITHUB_STEP_SUMMARY", f"{tmp_path}/summary.md")
    )
    assert program == "grader"
    code, out, _ = ended(*words)
    assert (code, "0 of 3 visible checks pass" in out) == (1, True), "the run is red until all pass"
    (repository / "score_matrix.py").write_bytes((course.root / "reference/activity1/score_matrix.py").read_bytes())
    assert ended(*words)[0] == 0
    told = (tmp_path / "summary.md").read_text()
    assert told.index("**0 of 3 visible checks pass.**") < told.index("**3 of 3 visible checks pass.**")


def test_it_installs_what_students_may_import(repository):
    assert steps(repository)[-2]["run"] == "pip install -r requirements.txt"
    assert "torch" in (repository / "requirements.txt").read_text()


def test_pytorch_can_come_from_the_index_that_has_it_without_cuda(ended, tmp_path):
    code, _, err = ended(
        *("export", "github-classroom", "activity1", "--to", tmp_path / "starter"),
        *("--torch-index", TORCH_INDEX),
    )
    assert code == 0, err
    wanted = f"pip install --extra-index-url {TORCH_INDEX} -r requirements.txt"
    assert steps(tmp_path / "starter")[-2]["run"] == wanted


def test_the_workflow_is_no_work_of_a_student(repository):
    assert [path.name for path in Home(repository).work()] == ["activity1.ipynb", "score_matrix.py"]


def test_a_summary_shows_what_a_student_printed_as_it_is():
    fence = "```\n</details><h1>100 %</h1>\n```"
    failed = check("scores", 5, "failed", message="Not equal.", detail=fence, evidence=(SCORES,))
    part = PartRecord(name="p", title="Scores", checks=(check("rows", 5), failed), output=fence)
    where = EnvironmentRecord(sandbox="direct")
    submission = SubmissionRecord(name="x", sha256="")
    text = summary(ResultRecord(assignment="a", submission=submission, parts=(part,), environment=where))
    assert text.startswith("## a\n\n**1 of 2 visible checks pass.**")
    assert "- ✅ Check rows." in text
    assert text.count("````text") == 2, "a fence longer than theirs is around it"
    assert "<h1>" not in "".join(text.split("````")[::2]), "nothing of theirs is outside a fence"
    assert "expected" in text
    assert "difference" in text
