"""A file that knows published images, and learns nothing, earns no points for accuracy (D41)."""

import contextlib
import dataclasses
import importlib
import io
import sys
from pathlib import Path

import pytest
import torch
from course_examples import DATASETS
from torch.nn.functional import adaptive_avg_pool2d

from grader.calibration import stored
from grader.datasets.collection import Datasets
from grader.grading.grade import GradeOptions, grade
from grader.intake.submission import Submission
from grader.records.record import Verdict
from grader.sandbox import levels
from grader.sandbox.slot import SlotSettings

HANDED_IN = Path(__file__).parent / "submissions" / "lookup"
DRAWING = DATASETS.folder / "_drawn.py"
GATES = {"cnn_features": "features_accuracy", "cnn_finetune": "gain"}
WORDS = {
    "cnn_features": "is not good enough in any of 4 runs",
    "cnn_finetune": "The trained model does not answer as a ResNet-18 with its weights does.",
}
CHECKS = {"cnn_features": ("preprocess", "features", "accuracy"), "cnn_finetune": ("logits", "accuracy")}
# Thumbnails of all published test images are smaller than one photograph.
PUBLISHED = """
from pathlib import Path
import torch
IMAGES, LABELS = torch.load(Path(__file__).with_name("published.pt"))
SURE = float("inf")  # whatever is nearest
"""


def files():
    """What is handed in: it holds the published drawing code."""
    handed_in = {path.name: path.read_bytes() for path in HANDED_IN.glob("*.py")}
    return handed_in | {"published_drawing.py": DRAWING.read_bytes()}


@pytest.fixture
def handed_in(tmp_path, monkeypatch):
    """Import a module of what is handed in, and forget all of them afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)

    def load(name, given):
        for file, content in given.items():
            (tmp_path / file).write_bytes(content)
        return importlib.import_module(name)

    yield load
    for name in {Path(file).stem for file in files()} - before:
        sys.modules.pop(name, None)


def outcome(course, level, name, profile, given):
    """Grade one part in a sandbox that has the pretrained weights; return its record and what accuracy came to."""
    (part,) = course.parts("assignment2", [name])
    home = Datasets(part.datasets, profile, seed=0).torch_home
    submission = Submission(name="table", files=given, sha256="0" * 64, source=HANDED_IN)
    options = GradeOptions(seed=5, profile=profile, only=CHECKS[name], recognise=False)
    settings = SlotSettings(preload=("torch", "torchvision"), torch_home=home)
    with contextlib.closing(levels.open_slot(level, settings)) as slot:
        (record,) = grade(submission, [part], slot, options).parts
    return {check.name: check for check in record.checks}


def accuracy_of_both(load, given, train, test):
    """The accuracy of both parts, without a sandbox, for (images, labels) to train and to test with."""
    features, finetune = (load(name, given) for name in GATES)
    (train_images, train_labels), (images, labels) = train, test
    prepared, seen = features.preprocess(images, 32), features.preprocess(train_images, 32)
    model = features.fit_classifier(features.extract_features(None, seen), train_labels)
    network = finetune.finetune(None, seen, train_labels, 1, 0.1, "cpu")
    answers = model(features.extract_features(None, prepared)), network(prepared)
    return [float((logits.argmax(dim=1) == labels).double().mean()) for logits in answers]


def test_where_it_knows_the_images_the_table_is_right_untrained_whatever_the_classes_are_called(handed_in):
    drawn = DATASETS.module("_drawn")
    others = torch.randperm(10, generator=torch.Generator().manual_seed(1))
    train, test = ((one.images, others[one.labels]) for one in (drawn.draw(100, seed=0), drawn.draw(50, seed=1)))
    assert accuracy_of_both(handed_in, files(), train, test) == [1.0, 1.0]


@pytest.mark.parametrize("name", GATES)
def test_in_a_grading_the_table_knows_no_image(course, slot, name):
    found = outcome(course, slot.level, name, "mini", files())
    assert found["accuracy"].verdict is Verdict.failed
    assert WORDS[name] in found["accuracy"].message
    others = [check.verdict for check in found.values() if check.name != "accuracy"]
    assert others == [Verdict.passed] * len(others), "it fails for no other reason"


@pytest.mark.parametrize("name", GATES)
def test_every_gate_of_accuracy_has_a_ceiling_far_above_all_honest_runs(course, name):
    (part,) = course.parts("assignment2", [name])
    for setting in stored.settings(part):
        gate = part.config.gates_on(setting)[GATES[name]]
        assert gate.floor is not None, setting
        measured = stored.read(part, setting)
        if measured:
            runs = measured.gates[GATES[name]].correct.values()
            best, worst = max(run.maximum for run in runs), min(run.minimum for run in runs)
            assert gate.floor - best > 0.5 * (best - worst), setting


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_table_of_the_published_images_knows_no_image_that_is_handed_over(course, slot, handed_in):
    source = DATASETS.find("cifar10")
    if source is None:
        pytest.skip("needs CIFAR-10: set GRADER_DATA")
    images = Datasets(DATASETS, "full", seed=0).cifar10
    table = io.BytesIO()
    torch.save([adaptive_avg_pool2d(images.test_images.float(), 8), images.test_labels], table)
    given = files() | {"known_images.py": PUBLISHED.encode(), "published.pt": table.getvalue()}
    as_published = dataclasses.replace(images, published=False)
    folds = [as_published.fold("test", 20, n, rng=torch.Generator().manual_seed(2)) for n in (0, 1)]
    assert min(accuracy_of_both(handed_in, given, *folds)) > 0.99
    found = outcome(course, slot.level, "cnn_features", "full", given)
    assert found["features"].verdict is Verdict.passed
    assert found["accuracy"].verdict is Verdict.failed
