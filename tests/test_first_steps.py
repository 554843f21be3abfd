"""`grading.first_steps`: a mistake in a training is recognised by its first steps, wherever the student begins."""

import re

import pytest

from grader.course import first_steps
from grader.course.catalog import Part
from grader.errors import CourseError
from grader.grading.grade import part_run
from grader.grading.known_mistakes import Recogniser
from grader.grading.part_loader import Code
from grader.grading.pytest_run import run_checks

# Fit W to the columns of x by gradient steps; `step` and `start` are what differs.
SOURCE = """import numpy as np
import torch


def fit(x: torch.Tensor, num_steps: int = 50, lr: float = 0.1) -> torch.Tensor:
    W = {start}
    for _ in range({steps}):
        {step}
    return {result}
"""
RIGHT, START, STEPS = "W = W - lr * (W - x.mean(1))", "0.5 * torch.rand(len(x))", "num_steps"
MISTAKES = {
    "wrong_sign": "W = W + lr * (W - x.mean(1))",
    "doubled": "W = W - 2 * lr * (W - x.mean(1))",
    "no_step": "W + lr * (W - x.mean(1))",
    "sums": "W = W - lr * (W - x.sum(1))",
    "stops": "W = W - lr * (W - x.mean(1)) if num_steps < 9 else W",  # its first steps are right
    "scaled": "W = W - lr * (W - x.mean(1))",
    "noisy": "W = W - lr * (W - x.mean(1)) * torch.rand(())",
}
SCALED, OF_THE_DATA = (
    "W / W.norm()",
    "x[0, 0] * torch.rand(len(x))",
)  # this says too little of W to start another training where it is
FIRST_STEPS = """import torch

FUNCTION = "fit"
CHECKS = ("fit", "steps")
LR = 0.2


def state(submission, steps, lr):
    return [submission.fit(torch.tensor([[1.0, 4.0], [2.0, 6.0], [-3.0, 5.0]]), num_steps=steps, lr=lr)]


def start_for_other_data(submission):
    return [submission.fit(torch.tensor([[7.0, 4.0], [2.0, 6.0], [-3.0, 5.0]]), num_steps=1, lr=0.0)]


MORE = (start_for_other_data,)
"""
CHECKS = """import torch

from grader import check, expect


@check(points=1)
def check_shape(submission):
    \"\"\"The result is as long as a column.\"\"\"
    expect.tensor(submission.fit(torch.ones(4, 3)), "W", shape=(4,))


@check(points=1, depends_on=["shape"])
def check_fit(submission, rng):
    \"\"\"The result is the mean of the columns.\"\"\"
    x = torch.randn(4, 3, generator=rng)
    expect.close(submission.fit(x, num_steps=200), x.mean(1), name="fit(x)", atol=1e-3)


@check(points=1, visibility="hidden", depends_on=["shape"])
def check_steps(submission):
    \"\"\"Without a step the start is returned.\"\"\"
    W = submission.fit(torch.full((2, 2), 1e6), num_steps=0)
    expect.that(float(W.abs().max()) < 100, "Without a step W is not near its start.")
"""
RETURNS = f"{RIGHT}\n        return W"  # in the loop
OWN_STARTS = {
    "another seed": "torch.rand(7)[: len(x)] + 0.1",
    "normal": "torch.randn(len(x))",
    "fixed": "torch.rand(len(x), generator=torch.Generator().manual_seed(4))",
    "numpy": "torch.tensor(np.random.rand(len(x)), dtype=torch.float32)",
    "a constant": "torch.full((len(x),), 0.3)",
}


def source(step=RIGHT, start=START, steps=STEPS, result="W"):
    return SOURCE.format(step=step, start=start, steps=steps, result=result).encode()


@pytest.fixture(scope="module")
def part(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    part = Part(root, "a", "descent")
    files = {part.reference: source(), part.check_file: CHECKS.encode()}
    folder = part.fixture_folder
    files |= {folder / "part.toml": b'title = "T"\n', folder / "expected.json": b"{}"}
    files |= {folder / "first_steps.py": FIRST_STEPS.encode()}
    for name, step in MISTAKES.items():
        result = SCALED if name == "scaled" else "W"
        files[folder / "mistakes" / f"{name}.py"] = f'"""You {name}."""\n'.encode() + source(step, result=result)
    files[folder / "mistakes" / "early.py"] = b'"""You return early."""\n' + source(RETURNS, result="None")
    files[folder / "mistakes" / "of_the_data.py"] = b'"""You start at x."""\n' + source(start=OF_THE_DATA)
    files[folder / "mistakes" / "twice.py"] = b'"""You return it twice."""\n' + source(result="torch.cat([W, W])")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return Part(root, "a", "descent")


@pytest.fixture(scope="module")
def recogniser(slot):
    return Recogniser(slot)


def named(part, slot, recogniser, code):
    """Return what each failed check of a student's code is recognised as."""
    run = part_run(part, Code({"descent.py": code}, "descent.py"), slot, seed=5)
    outcome = run_checks({part.check_file: run})[part.check_file]
    run.submission.close()
    hints = recogniser.hints(part, run, outcome)
    assert not run.submission._calls, "the student's worker has ended"
    failed = [name for name, record in outcome.records.items() if record.verdict.is_for_the_student]
    assert failed, "it must fail something"
    return {name: hints[name].mistake if name in hints else "" for name in failed}


@pytest.mark.parametrize("start", OWN_STARTS)
@pytest.mark.parametrize("mistake", ["wrong_sign", "doubled", "no_step", "sums"])
def test_a_mistake_is_named_wherever_the_training_begins(part, slot, recogniser, mistake, start):
    if mistake == "doubled":  # it learns all the same: only where a step is too long it fails
        code = source(MISTAKES[mistake] + " if num_steps < 99 else 9 * W", OWN_STARTS[start])
    else:
        code = source(MISTAKES[mistake], OWN_STARTS[start])
    assert set(named(part, slot, recogniser, code).values()) == {mistake}


def test_what_draws_while_it_learns_is_compared_with_the_same_draws(part, slot, recogniser):
    assert named(part, slot, recogniser, source(MISTAKES["noisy"], steps="min(num_steps, 5)")) == {"fit": "noisy"}


def test_what_returns_too_little_to_start_there_is_recognised_by_the_same_draws(part, slot, recogniser):
    assert named(part, slot, recogniser, source(result=SCALED))["fit"] == "scaled"


def test_a_training_without_a_start_to_return_is_watched_one_step_later(part, slot, recogniser):
    code = source(MISTAKES["wrong_sign"], OWN_STARTS["normal"]).replace(b"    W =", b"    1 / num_steps\n    W =", 1)
    assert named(part, slot, recogniser, code)["fit"] == "wrong_sign"


def test_one_that_returns_in_its_loop_is_started_by_steps_of_no_length(part, slot, recogniser):
    assert named(part, slot, recogniser, source(RETURNS, OWN_STARTS["normal"], result="None"))["fit"] == "early"


def test_a_start_that_depends_on_the_data_is_seen_where_the_part_looks_for_it(part, slot, recogniser):
    code = source(start=OF_THE_DATA.replace("torch.rand(", "torch.randn("))
    assert named(part, slot, recogniser, code) == {"steps": "of_the_data"}


def test_one_that_ignores_the_number_of_steps_is_not_taken_for_one_that_makes_none(part, slot, recogniser):
    found = named(part, slot, recogniser, source(MISTAKES["sums"], OWN_STARTS["normal"], steps="40"))
    assert set(found.values()) == {""}


def test_right_steps_are_not_blamed(part, slot, recogniser):
    assert named(part, slot, recogniser, source(steps="num_steps if num_steps < 9 else 3")) == {"fit": ""}


def test_of_random_numbers_in_a_wrong_form_only_the_form_is_compared(part, slot, recogniser):
    start = OWN_STARTS["normal"]
    assert named(part, slot, recogniser, source(start=start, result="torch.cat([W, W])")) == {"shape": "twice"}
    assert named(part, slot, recogniser, source(start=start, result="torch.cat([W, W, W])")) == {"shape": ""}


@pytest.mark.parametrize(
    "code",
    [
        *(b"return 3", b"return None", b"return [1, 2]", b"return W.tolist()", b"raise 1"),
        *(b"return W.to_sparse()", b"return W.to(torch.complex64)", b"return W.long()", b"return W.to('meta')"),
        *(b"return W.repeat(10**6)", b"return W[: num_steps]", b"return W * float('nan')"),
    ],
)
def test_an_answer_of_another_kind_does_no_harm(part, slot, recogniser, code):
    named(part, slot, recogniser, source(MISTAKES["sums"]).replace(b"return W", code))


def test_a_file_that_lacks_a_name_is_an_error_of_the_course(part, tmp_path):
    path = part.fixture_folder / "first_steps.py"
    text = path.read_text()
    path.write_text(text.replace("LR = 0.2", ""))
    try:
        with pytest.raises(CourseError, match=r"first_steps.py.*LR"):
            first_steps.read(part)
    finally:
        path.write_text(text)
    assert first_steps.read(Part(tmp_path, "a", "none")) is None


# In this course: a mistake of each training, from a start of its own, by the check that is quickest to show it.
IN_THE_COURSE = [
    ("lab1/factorise", "wrong_sign", ["shapes", "rank1"]),
    ("lab1/complete", "unmasked_fit", ["shapes", "prediction"]),
    ("lab2/biased_mf", "best_is_an_alias", ["fields", "best_kept"]),
]
MORE_IN_THE_COURSE = [
    ("lab1/complete", "returns_after_one_epoch", ["shapes", "prediction"]),
    ("lab1/complete", "started_at_the_mean_of_all_cells", ["shapes", "observed", "hidden_values_ignored"]),
    ("lab1/rate", "wrong_sign", ["shapes", "observed_zero"]),
    ("lab2/biased_mf", "best_copied_after_the_step", ["fields", "best_kept"]),
]


@pytest.mark.parametrize(
    ("identity", "mistake", "only"),
    [*IN_THE_COURSE, *(pytest.param(*one, marks=pytest.mark.slow) for one in MORE_IN_THE_COURSE)],
    ids=[f"{identity}-{mistake}" for identity, mistake, _ in IN_THE_COURSE + MORE_IN_THE_COURSE],
)
def test_the_courses_trainings_are_watched(course, slot, identity, mistake, only):
    assignment, name = identity.split("/")
    (part,) = course.parts(assignment, [name])
    code = (part.fixture_folder / "mistakes" / f"{mistake}.py").read_text()
    own = "import torch\n\n\ndef own_draw(*size, **options):\n    return 0.9 * torch.randn(*size, **options).abs()\n"
    code = re.sub(r"torch\.randn?\(", "own_draw(", code) + "\n\n" + own
    run = part_run(part, Code({f"{name}.py": code.encode()}, f"{name}.py"), slot, seed=5)
    outcome = run_checks({part.check_file: run}, only=only)[part.check_file]
    run.submission.close()
    found = Recogniser(slot).hints(part, run, outcome)
    assert {mistake in known.mistake.split(" or ") for known in found.values()} == {True}
