"""cnn_finetune's checks on a small network: one slip costs the check that is about it, and first steps name it."""

import pytest
import torch
from torch import nn

from grader.course import first_steps
from grader.course.catalog import find_course
from grader.course.fixture_data import load_module
from grader.errors import CheckFailure, Crashed
from grader.worker import networks

(PART,) = find_course().select(["assignment2/cnn_finetune"])
CHECKS = ("learning_rate_falls", "batches", "one_image_left", "losses", "order", "ready_to_use")
# The checks that a mistake in the training fails, beside `steps`.
FAILED = {
    "adam": set(),
    "momentum_forgotten": set(),
    "weights_decay": set(),
    "zero_grad_forgotten": set(),
    "only_the_head_trains": set(),
    "batches_of_eight": {"batches"},
    "one_batch_for_all": {"batches", "order"},
    "last_batch_dropped": {"batches"},
    "one_image_left_alone": {"one_image_left"},
    "one_step_in_an_epoch": {"batches"},
    "scheduler_stepped_per_batch": {"batches"},
    "no_scheduler": {"learning_rate_falls"},
    "halved_not_a_tenth": {"learning_rate_falls"},
    "falls_every_epoch": {"learning_rate_falls", "batches"},
    "losses_summed": {"losses"},
    "losses_divided_twice": {"losses"},
    "losses_of_batches": {"losses"},
    "losses_of_the_last_batch": {"losses"},
    "not_shuffled": {"order"},
    "shuffled_once": {"order"},
    "eval_mode_never_set": {"ready_to_use"},
}


class Submission:
    """A known solution without a sandbox, asked as a check asks a student's."""

    def __init__(self, path):
        self.code = load_module(path, f"known_{path.stem}")
        self.seed = 0

    def finetune(self, network, *arguments):
        self.seed += 1
        torch.manual_seed(self.seed)
        try:
            return self.code.finetune(networks.built(*network), *arguments)
        except ValueError as error:
            raise Crashed(str(error)) from error

    def apply(self, remote, *arguments):
        answer = remote(*arguments)
        return answer.detach() if isinstance(answer, torch.Tensor) else answer

    def read(self, remote, name):
        if not hasattr(remote, name):
            raise Crashed(f"no attribute {name}")
        return getattr(remote, name)


@pytest.fixture(scope="module")
def checks():
    return load_module(PART.check_file, "checks_of_cnn_finetune")


@pytest.fixture(scope="module")
def small():
    return load_module(PART.check_file.with_name("_small_network.py"), "small_network")


def failed(checks, path, seed=3):
    """Return the names of the checks that a known solution fails."""
    found = set()
    for name in CHECKS:
        rng = torch.Generator().manual_seed(seed)
        try:
            getattr(checks, f"check_{name}")(Submission(path), "cpu", rng)
        except CheckFailure:
            found.add(name)
    return found


@pytest.mark.parametrize(
    ("better", "worse", "meaning"),
    [(60, 20, "is better here"), (20, 60, "is worse here"), (22, 20, "do not tell which")],
)
def test_two_classifiers_are_compared_image_by_image(checks, better, worse, meaning):
    """Of 400 images 200 are right for both; the interval is that of the mean of -1, 0 and 1."""
    right, frozen = torch.zeros(400).double(), torch.zeros(400).double()
    right[: 200 + better], frozen[:200] = 1, 1
    frozen[300 : 300 + worse] = 1
    told = checks.in_words(right, frozen).sentences
    gain = (better - worse) / 400
    error = ((better + worse) / 400 - gain**2) ** 0.5 / 20
    assert f"{50 + better / 4:.1f}% right" in told[0]
    assert f"{50 + worse / 4:.1f}%." in told[0]
    assert f"{100 * gain:+.1f} points" in told[1]
    assert f"from {100 * (gain - 1.96 * error):+.1f} to {100 * (gain + 1.96 * error):+.1f}" in told[1]
    assert meaning in told[2]


@pytest.mark.parametrize("path", PART.right_solutions.values(), ids=PART.right_solutions.keys())
def test_right_solutions_pass_whatever_the_images_are(checks, path):
    assert not set().union(*(failed(checks, path, seed) for seed in range(2)))


@pytest.mark.parametrize("name", FAILED)
def test_one_slip_costs_the_check_that_is_about_it(checks, name):
    assert failed(checks, PART.fixture_folder / "mistakes" / f"{name}.py") == FAILED[name]


@pytest.mark.parametrize("name", ["adam", "momentum_forgotten", "weights_decay", "zero_grad_forgotten", "lr_ignored"])
def test_wrong_steps_are_told_from_right_ones(small, name):
    images, labels = small.some_images(torch.Generator().manual_seed(1), 6)
    small.expect_steps(small.logits_after(Submission(PART.reference), "cpu", images, labels, 3), images, labels, 3)
    wrong = small.logits_after(Submission(PART.fixture_folder / "mistakes" / f"{name}.py"), "cpu", images, labels, 3)
    with pytest.raises(CheckFailure, match="after the steps"):
        small.expect_steps(wrong, images, labels, 3)


def test_a_tenth_more_of_the_learning_rate_is_noticed(small):
    images, labels = small.some_images(torch.Generator().manual_seed(1), 6)
    trained = Submission(PART.reference).finetune(small.NETWORK, images, labels, 3, 1.1 * small.LR, "cpu").train()
    with pytest.raises(CheckFailure):
        small.expect_steps(trained(images).detach(), images, labels, 3)


def state_of(watched, path):
    """Return a known solution's first steps in one row."""
    return torch.cat([watched.state(Submission(path), steps, watched.lr)[0] for steps in (1, 2)])


def test_first_steps_are_far_apart_beside_how_much_right_solutions_differ():
    watched = first_steps.read(PART)
    right = state_of(watched, PART.reference)
    scale = float(right.abs().max())
    for path in PART.right_solutions.values():
        assert float((state_of(watched, path) - right).abs().max()) < 1e-5 * scale, path.stem
    mistakes = FAILED.keys() - {"one_image_left_alone"}  # whose steps are right, until a batch has a single image
    folder = PART.fixture_folder / "mistakes"
    known = {name: state_of(watched, folder / f"{name}.py") for name in mistakes} | {"": right}
    for name, state in known.items():
        nearest = min(float((state - other).abs().max()) for at, other in known.items() if at != name)
        assert nearest > 5e-3 * scale, f"{name} is hard to tell from another"


def test_no_size_leaves_a_last_batch_of_one_image():
    """Batch normalisation cannot normalise a single value, and the last layers of small images have a single place."""
    for size in PART.config.sizes.values():
        assert size["train_per_class"] * 10 % 16 != 1


def test_the_network_has_the_last_layer_that_students_name(small):
    assert isinstance(small.NETWORK.module().fc, nn.Linear)
