"""`grader.course.executed_code`: what was measured holds until something changes that it runs, and no longer."""

import pytest
from course_examples import make_course

from grader.calibration import stored
from grader.course import executed_code
from grader.course.catalog import Part, find_course
from grader.errors import CourseError

CHECKS = '''"""Checks of a part."""

from grader import Measured, check, evidence, expect, metric
from math import log
from shared import doubled, tripled

SCALE = 2.0  # of the loss
LABELS = ("a", "b c")


def scaled(value):
    if value is None:
        raise ValueError(f"no {value}")
    expect.that(value > 0, "It is not above 0.", detail=f"It is {value}.")
    return SCALE * expect.number(value, "the value")


def shown(value):
    return LABELS[value]


@metric
def loss(submission, rng):
    """The loss."""
    return doubled(scaled(submission.f(2, num_steps=100)))


@metric
def surprise(submission, expected):
    """The surprise."""
    value = log(submission.f(expected.x))
    return Measured(value=value, exhibits=[evidence.curves(LABELS[1], {}, x_label="x", y_label="")])


@metric
def accuracy(submission, datasets):
    """The accuracy."""
    return submission.f(datasets.movielens)


@check(points=3, depends_on=["shapes"])
def check_loss(gates):
    """The loss is small."""
    assert gates.require("loss", name=shown(1)) < 3
'''
SHARED = '''
"""For all check files."""

TWO = 2


def doubled(value):
    """Twice."""
    return TWO * value


def tripled(value):
    return 3 * value
'''
FACTS = 'title = "T"\ndatasets = ["movielens"]\n' + "".join(
    f'[gates.{name}]\ntitle = "t"\nthreshold = 1.0\nk = 3\n' for name in ("loss", "surprise", "accuracy")
)


@pytest.fixture
def part(tmp_path):
    return write(tmp_path)


def write(root, checks=CHECKS, shared=SHARED, facts=FACTS, expected='{"x": 1}'):
    if not (root / "course.toml").exists():
        make_course(root)
    part = Part(root, "a", "b")
    texts = {
        part.check_file: checks,
        part.check_file.with_name("shared.py"): shared,
        part.fixture_folder / "part.toml": facts,
        part.fixture_folder / "expected.json": expected,
        root / "fixtures" / "datasets" / "movielens.py": "from ._planted import USERS\n",
        root / "fixtures" / "datasets" / "_planted.py": "from . import _tastes as tastes\n\nUSERS = 7\n",
        root / "fixtures" / "datasets" / "_tastes.py": "GROUPS = 3\n",
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return part


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("points=3", "points=4", True),
        ("The loss is small.", "Your loss is small enough.", True),
        ('"""The loss."""', '"""What is left.\n\n    And more.\n    """', True),
        ("  # of the loss", "  # of what is left", True),
        ("\n\n\ndef shown", "\n# shown\ndef shown", True),
        ("SCALE * expect", "(SCALE * expect", None),
        ("It is not above 0.", "It is too small.", True),
        ('f"It is {value}."', 'f"It is {value:.3g}: {shown(0)}."', True),
        ('f"no {value}"', '"none"', True),
        ('"the value"', '"x"', True),
        ("< 3", "< 2", True),  # of the check
        ("LABELS[value]", "LABELS[-value]", True),  # no metric calls it
        ('("a", "b c")', '("a", "b")', True),
        ("= log(submission", "= 1 + log(submission", True),  # of another gate
        ("import log", "import log2 as log", True),
        ("import doubled, tripled", "import doubled", True),
        ("import Measured, check, evidence, expect, metric", "import Measured, expect, check, evidence, metric", True),
        ("num_steps=100", "num_steps=2", False),
        ("f(2, ", "f(3, ", False),
        ("def loss(submission, rng)", "def loss(submission)", False),
        ("SCALE * expect", "expect", False),  # of what the metric calls
        ("SCALE = 2.0", "SCALE = 3.0", False),
        ("value > 0", "value > 1", False),
        ("raise ValueError", "raise TypeError", False),
        ("expect.number", "expect.integer", False),
        ("import doubled, tripled", "import tripled as doubled", False),
        ("def scaled", "@twice\ndef scaled", False),
        ("\nLABELS =", "\nfor name in list(globals()):\n    globals()[name] = None\nLABELS =", False),
    ],
)
def test_a_metric_is_what_it_leads_to_in_its_check_file(part, tmp_path, before, after, same):
    assert before in CHECKS
    first = executed_code.metric_sha256(part, "loss")
    if same is None:
        write(tmp_path, CHECKS.replace(before, after))
        with pytest.raises(CourseError, match=r"check_b.py:\d+: "):
            executed_code.metric_sha256(part, "loss")
    else:
        write(tmp_path, CHECKS.replace(before, after))
        assert (executed_code.metric_sha256(part, "loss") == first) is same


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("For all check files.", "For some.", True),
        ("3 * value", "4 * value", True),
        ("Twice.", "Two times.", True),
        ("TWO * value", "value * TWO", False),
        ("TWO = 2", "TWO = 2.5", False),
    ],
)
def test_and_in_the_modules_that_check_files_share(part, tmp_path, before, after, same):
    first = executed_code.metric_sha256(part, "loss")
    write(tmp_path, shared=SHARED.replace(before, after))
    assert (executed_code.metric_sha256(part, "loss") == first) is same
    moved = part.check_file.parent.parent / "shared.py"
    part.check_file.with_name("shared.py").rename(moved)
    assert (executed_code.metric_sha256(part, "loss") == first) is same, (
        "it may lie with the check files of all assignments"
    )


def test_a_module_that_is_imported_inside_a_function_counts_too(part, tmp_path):
    inner = CHECKS.replace("from shared import doubled, tripled\n", "").replace(
        "    return doubled(", "    import shared\n\n    return shared.doubled("
    )
    write(tmp_path, inner)
    first = executed_code.metric_sha256(part, "loss")
    write(tmp_path, inner, SHARED.replace("3 * value", "4 * value"))
    assert executed_code.metric_sha256(part, "loss") == first
    write(tmp_path, inner, SHARED.replace("TWO * value", "value * TWO"))
    assert executed_code.metric_sha256(part, "loss") != first


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("contains {cell(", "holds {cell(", True),
        ('"""Require a finite number', '"""Demand a finite number', True),
        ("is None. Does every", "is None! Does every", True),
        ("isinstance(actual, bool) or not", "not", False),
        ("sys.float_info.max", "1e9", False),
        ("value > limit", "value >= limit", True),  # of a function that the metric does not call
    ],
)
def test_and_in_the_vocabulary_without_its_words(part, tmp_path, monkeypatch, before, after, same):
    package = tmp_path / "grader"
    monkeypatch.setattr(executed_code, "_PACKAGE", package)
    here = find_course().root / "grader" / "vocabulary"
    for path in here.glob("*.py"):
        (package / "vocabulary").mkdir(parents=True, exist_ok=True)
        (package / "vocabulary" / path.name).write_text(path.read_text())
    first = executed_code.metric_sha256(part, "loss")
    for path in (package / "vocabulary").glob("*.py"):
        path.write_text(path.read_text().replace(before, after))
    assert (executed_code.metric_sha256(part, "loss") == first) is same


def test_fixture_data_count_for_a_metric_that_asks_for_them(part, tmp_path):
    before = {name: executed_code.metric_sha256(part, name) for name in ("loss", "surprise")}
    write(tmp_path, expected='{"x": 2}')
    assert executed_code.metric_sha256(part, "loss") == before["loss"]
    assert executed_code.metric_sha256(part, "surprise") != before["surprise"]
    changed = executed_code.metric_sha256(part, "surprise")
    (part.fixture_folder / "expected.safetensors").write_bytes(b"large ones")
    assert executed_code.metric_sha256(part, "surprise") != changed


def test_the_code_of_data_sets_counts_for_a_metric_that_asks_for_them(part):
    files = {path.name: path for path in executed_code.dataset_code(part)}
    wanted = {"movielens.py", "_planted.py", "_tastes.py"}
    assert set(files) == wanted, "the data set of the part, and what it imports, also as `from . import`"
    before = {name: executed_code.metric_sha256(part, name) for name in ("loss", "accuracy")}
    code = files["_planted.py"]
    code.write_text('"""Users."""\n\nfrom . import _tastes as tastes\n\n# A comment.\nUSERS = 7\n')
    assert executed_code.metric_sha256(part, "accuracy") == before["accuracy"]
    code.write_text("USERS = 8\n")
    assert executed_code.metric_sha256(part, "accuracy") != before["accuracy"]
    assert executed_code.metric_sha256(part, "loss") == before["loss"]
    code.write_text("from . import _tastes as tastes\n\nUSERS = 7\n")
    files["_tastes.py"].write_text("GROUPS = 4\n")
    assert executed_code.metric_sha256(part, "accuracy") != before["accuracy"]


def test_the_code_of_data_sets_counts_for_a_check_whose_gate_asks_for_them(part, tmp_path):
    more = (
        '\n\n@check(points=2)\ndef check_accuracy(gates):\n    """It is."""\n    gates.require("accuracy", name="it")\n'
    )
    part = write(tmp_path, CHECKS + more)
    before = {name: executed_code.check_sha256(part, name) for name in ("loss", "accuracy")}
    (code,) = (path for path in executed_code.dataset_code(part) if path.name == "_planted.py")
    code.write_text("USERS = 8\n")
    assert executed_code.check_sha256(part, "accuracy") != before["accuracy"]
    assert executed_code.check_sha256(part, "loss") == before["loss"]


def test_how_evidence_is_drawn_does_not_count_but_what_is_given_to_it(part, tmp_path):
    before = executed_code.metric_sha256(part, "surprise")
    write(tmp_path, CHECKS.replace('x_label="x"', 'x_label="step"'))
    assert executed_code.metric_sha256(part, "surprise") != before
    reached = "\n".join(executed_code._reached(part.check_file, "surprise"))
    assert "MOST_CURVES" not in reached
    assert "Measured" in reached


def test_gates_and_metrics_that_do_not_match_are_named_with_file_and_line(part, tmp_path):
    write(tmp_path, CHECKS + "\n\n@metric\ndef other(rng):\n    return 1.0\n")
    line = CHECKS.count("\n") + 4
    with pytest.raises(CourseError, match=rf"check_b.py:{line}: metric 'other' has no gate; add \[gates.other\]"):
        stored.problems(part)
    part = write(tmp_path, CHECKS.replace("@metric\ndef surprise", "def surprise"))
    with pytest.raises(
        CourseError, match=r"part.toml:7: gate 'surprise' has no metric in check_b.py; declare it with @"
    ):
        stored.problems(part)
    with pytest.raises(CourseError, match="gate 'surprise' has no metric"):
        executed_code.metric_sha256(part, "loss")
    write(tmp_path, facts='title = "T"\n')
    with pytest.raises(CourseError, match="metric 'loss' has no gate"):
        stored.problems(Part(tmp_path, "a", "b"))


def test_the_hash_does_not_depend_on_the_folder_of_the_course(part, tmp_path):
    elsewhere = write(tmp_path / "elsewhere")
    for name in ("loss", "surprise", "accuracy"):
        assert executed_code.metric_sha256(elsewhere, name) == executed_code.metric_sha256(part, name)
