"""`calibration.sampling`: an interrupted calibration resumes, and never mixes runs of different contents."""

import dataclasses
import json
import math

import pytest

from grader.calibration.sampling import SampleFile, Sampler, Wanted, missing_runs, values_of
from grader.calibration.single_runs import GateRuns
from grader.course.catalog import Course, Part
from grader.course.part_toml import Setting
from grader.errors import HarnessError, SandboxError, Starved
from grader.grading.student_part import StudentPart
from grader.running.jobs import Engine

REFERENCE = "import torch\n\n\ndef draw():\n    # BEGIN SOLUTION\n    return torch.rand(())\n    # END SOLUTION\n"
CHECKS = """
from grader import metric


@metric
def loss(submission, expected, rng):
    return float(submission.draw())
"""


@pytest.fixture
def part(tmp_path):
    part = Part(tmp_path, "lab1", "thing")
    facts = part.fixture_folder / "part.toml"
    texts = {
        part.reference: REFERENCE,
        part.check_file: CHECKS,
        facts: 'title = "T"\n[gates.loss]\ntitle = "t"\nthreshold = 0.5\nk = 2\n',
        facts.with_name("expected.json"): "{}",
        part.fixture_folder / "mistakes" / "draws.py": '"""Hint."""\n' + REFERENCE,
        part.fixture_folder / "mistakes" / "raises.py": '"""Hint."""\n\n\ndef draw():\n    return 1 / 0\n',
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Course(tmp_path).parts("lab1")[0]


def sample(wanted, keep, engine, sandbox):
    with Sampler(keep, engine, sandbox) as sampler:
        yield from sampler.sample(wanted)


def test_runs_are_kept_and_never_run_again(part, tmp_path):
    keep = tmp_path / "keep"
    right, wrong = (Wanted(part, "loss", path, runs) for path, runs in zip(part.mistakes, (60, 3), strict=True))
    reference = Wanted(part, "loss", part.reference, 5)
    assert [missing_runs(want, keep) for want in (right, wrong, reference)] == [60, 3, 5]
    done = list(sample([right, wrong, reference], keep, Engine(1, 1), "process"))
    runs = sorted((want.solution.stem, runs) for want, runs in done)
    assert runs == [("draws", 10), ("draws", 50), ("raises", 3), ("thing", 5)]
    assert values_of(reference, keep) == values_of(right, keep)[:5], "the same code and the same seeds"
    values = values_of(right, keep)
    assert len(values) == len(set(values)) == 60, "every run has a seed of its own"
    assert all(0 <= value < 1 for value in values)
    assert all(math.isnan(value) for value in values_of(wrong, keep))
    assert missing_runs(right, keep) == missing_runs(wrong, keep) == 0
    assert list(sample([right, wrong], keep, Engine(1, 1), "no such level")) == []  # nothing starts at all

    # Cut short in the middle of a line, as by an interruption: only that chunk is run again, to the same values.
    path = SampleFile(keep, right).path
    text = path.read_text()
    path.write_text(text[: text.rindex("[") + 30])
    assert missing_runs(right, keep) in (10, 50)
    list(sample([right], keep, Engine(1, 1), "process"))
    assert missing_runs(right, keep) == 0
    assert values_of(right, keep) == values


@pytest.mark.slow
def test_a_process_that_ends_is_a_fault_of_ours_and_what_was_run_is_kept(part, tmp_path):
    facts = part.fixture_folder / "part.toml"
    facts.write_text(facts.read_text() + '[gates.boom]\ntitle = "t"\nthreshold = 0.5\nk = 2\n')
    part = Course(part.course).parts("lab1")[0]
    first, second = (Wanted(part, "loss", path, 5) for path in (part.reference, part.mistakes[0]))
    dies = f"{CHECKS}\n\n@metric\ndef boom(submission, expected, rng):\n    import os\n\n    os.kill(os.getpid(), 9)\n"
    part.check_file.write_text(dies)
    assert list(sample([first], tmp_path, Engine(1, 1), "process"))
    with pytest.raises(HarnessError, match="finished runs are kept: run the same command"):
        list(sample([second, dataclasses.replace(first, gate="boom")], tmp_path, Engine(1, 1), "process"))
    assert missing_runs(first, tmp_path) == 0


def test_what_keeps_a_process_from_sampling_is_said(part, tmp_path):
    with pytest.raises(HarnessError, match="no such level"):
        list(sample([Wanted(part, "loss", part.reference, 5)], tmp_path, Engine(1, 1), "no such level"))


def test_a_chunk_added_after_a_cut_line_is_not_lost(part, tmp_path):
    file = SampleFile(tmp_path, Wanted(part, "loss", part.reference, 100))
    file.append(0, [0.25] * 50)
    with file.path.open("a") as stream:
        stream.write("\n[1, [0.5, 0.")
    file.append(1, [0.75, math.nan, math.inf])
    file.append(2, [1.0])
    chunks = file.read()
    assert set(chunks) == {0, 1, 2}
    assert chunks[1][0] == 0.75
    assert all(math.isnan(value) for value in chunks[1][1:])


def test_every_run_on_real_data_is_kept_by_itself(part, tmp_path):
    want = Wanted(part, "loss", part.reference, 3, Setting("full", "cpu"))
    done = [runs for _, runs in sample([want], tmp_path / "keep", Engine(1, 1), "process")]
    assert done == [1, 1, 1]
    assert len(set(values_of(want, tmp_path / "keep"))) == 3, "every run has a seed of its own"


class Clocked(StudentPart):
    """A submission that only notes how long a call may take."""

    def __init__(self):
        self.given = []

    def begin(self, name, call_seconds):  # noqa: ARG002
        self.given.append(call_seconds)

    def draw(self):
        return 0.5


def test_a_run_has_the_time_that_a_call_has_in_its_setting(part):
    facts = part.fixture_folder / "part.toml"
    facts.write_text(facts.read_text() + "[limits.full]\ncall_seconds = 900\n")
    subject = Clocked()
    for setting in (Setting("mini", "cpu"), Setting("full", "cpu")):
        fresh = Course(part.course).parts("lab1")[0]
        assert GateRuns(fresh, "loss", setting).run(subject, 0, 0) == 0.5
    assert subject.given == [120.0, 900]


class TooBusy(Clocked):
    def draw(self):
        raise Starved("`draw` was stopped.")


def test_a_run_that_the_machine_was_too_busy_for_does_not_count_as_failed(part):
    with pytest.raises(SandboxError, match=r"a run could not be made: `draw` was stopped\."):
        GateRuns(part, "loss").run(TooBusy(), 0, 0)


def test_a_chunk_that_became_larger_is_run_again_whole(part, tmp_path):
    short = Wanted(part, "loss", part.reference, 20)
    SampleFile(tmp_path, short).append(0, [0.5] * 20)
    assert missing_runs(short, tmp_path) == 0
    assert missing_runs(Wanted(part, "loss", part.reference, 70), tmp_path) == 70
    assert len(values_of(Wanted(part, "loss", part.reference, 10), tmp_path)) == 10


@pytest.mark.parametrize("changed", ["reference", "check_file"])
def test_a_changed_solution_or_check_starts_anew(part, tmp_path, changed):
    want = Wanted(part, "loss", part.reference, 50)
    SampleFile(tmp_path, want).append(0, [0.5] * 50)
    assert missing_runs(want, tmp_path) == 0
    path = getattr(part, changed)
    path.write_text(path.read_text().replace("return", "return 0 *"))
    assert missing_runs(want, tmp_path) == 50
    assert values_of(want, tmp_path) == []


def test_a_line_is_json_with_null_for_what_is_no_number(part, tmp_path):
    file = SampleFile(tmp_path, Wanted(part, "loss", part.reference, 2))
    file.append(4, [math.nan, 0.5])
    assert json.loads(file.path.read_text()) == [4, [None, 0.5]]
