"""Right answers in another type than expected are right, and a type that is refused is named: graded end to end."""

import dataclasses
from types import SimpleNamespace

import pytest

from grader.grading import grade as grading
from grader.grading.grade import GradeOptions, grade
from grader.intake.submission import take_in
from grader.records.record import Verdict
from grader.sandbox import levels
from grader.sandbox.slot import SlotSettings


@pytest.fixture(scope="module")
def slot():
    """A slot that has loaded what these parts import."""
    slot = levels.open_slot(levels.choose("auto"), SlotSettings(preload=("torch", "torchvision", "pandas")))
    yield slot
    slot.close()


@pytest.fixture
def judged(course, slot, tmp_path):
    """Grade a reference with one piece of its code replaced; return the record of the part."""

    def judge(identity, checks, old, new, more=""):
        assignment, _, name = identity.partition("/")
        (part,) = course.parts(assignment, [name])
        text = part.reference.read_text(encoding="utf-8")
        assert old in text, "the reference has changed"
        path = tmp_path / f"{name}.py"
        path.write_text(f"{text.replace(old, new)}\n{more}\n", encoding="utf-8")
        options = GradeOptions(only=tuple(checks), recognise=False)
        (record,) = grade(take_in(path), [part], slot, options).parts
        return record

    return judge


def said(record):
    """What each check that ran said, by name; "" where it passed."""
    ran = [check for check in record.checks if check.verdict is not Verdict.skipped]
    return {check.name: "" if check.verdict is Verdict.passed else check.message for check in ran}


TITLES = "return [titles[place] for place in best.tolist()]"
RECOMMENDED = {
    "numpy texts": ("return list(__import__('numpy').array(titles)[best.numpy()])", ""),
    "array": ("return __import__('numpy').array(titles)[best.numpy()]", "a numpy array of text, expected a"),
    "series": ("return __import__('pandas').Series(titles)[best.tolist()]", "a pandas Series, expected a"),
    "generator": ("return (titles[place] for place in best.tolist())", "a generator, expected a"),
    "map": ("return map(titles.__getitem__, best.tolist())", "a map, expected a"),
    "dict": ("return dict.fromkeys(titles[place] for place in best.tolist())", "a dict with 3 keys, expected a"),
    "own class of text": (
        "return [type('T', (str,), {})(titles[place]) for place in best.tolist()]",
        "a list with something other than",
    ),
}


@pytest.mark.parametrize("name", RECOMMENDED)
def test_recommended_titles_are_texts_in_a_list(judged, name):
    new, words = RECOMMENDED[name]
    found = said(judged("assignment2/recommend", ["names", "nearest"], TITLES, new, more="import numpy as np"))
    if words:
        assert found["names"].startswith(f"`recommend(V, titles, title)` is {words} ")
    else:
        assert found == {"names": "", "nearest": ""}


def test_a_strategy_may_be_a_text_of_numpy_and_is_named_where_it_is_none(judged):
    def declared(value):
        return said(judged("assignment2/recommend", ["names", "nearest"], 'STRATEGY = "dot"', f"STRATEGY = {value}"))

    assert declared("__import__('numpy').str_('dot')") == {"names": "", "nearest": ""}
    words = '`STRATEGY` is a float, expected one of "dot", "cosine", "euclidean".'
    assert declared("3.5") == {"names": "", "nearest": words}


LIKED = 'return ratings[["userId", "movieId"]].assign(liked=ratings["rating"] >= own_mean)'
NO_COLUMN = "The table has no column `userId`, or more than one."
TABLES = {
    "nullable": (".convert_dtypes()", ""),
    "categories": (".astype({'userId': 'category', 'movieId': 'category'})", ""),
    "objects": (".astype(object)", ""),
    "nullable bool": (".astype({'liked': 'boolean'})", ""),
    "float ids": (".astype({'userId': float, 'movieId': float})", ""),
    "text": (".astype(str)", "The column `userId` holds something that is not a number."),
    "ids as the index": (".set_index('userId')", NO_COLUMN),
    "dict": (".to_dict('list')", "`liked(ratings)` is a dict with 3 keys, expected a DataFrame."),
    "series": ("['liked']", "`liked(ratings)` is a pandas Series, expected a DataFrame."),
}


@pytest.mark.parametrize("name", TABLES)
def test_equal_tables_are_equal_whatever_pandas_keeps_them_in(judged, name):
    new, words = TABLES[name]
    found = said(judged("assignment2/cooccurrence", ["liked"], LIKED, LIKED + new))
    assert found == {"liked": words}


COUNTED = "likes_of.T.to_sparse() @ likes_of"


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (".to_sparse()", "`X` is a sparse tensor (torch.sparse_coo), expected a dense one (`.to_dense()` makes one)."),
        (".numpy()", "`X` is a numpy array of shape "),
    ],
)
def test_another_kind_of_matrix_is_named_with_what_makes_a_tensor_of_it(judged, new, words):
    found = said(judged("assignment2/cooccurrence", ["pairs"], f"return {COUNTED}", f"return ({COUNTED}){new}"))
    assert found["pairs"].startswith(words)


def test_an_image_of_torchvision_is_a_tensor(judged):
    new = "from torchvision import tv_tensors\n    return tv_tensors.Image((resized - MEAN) / STD)"
    found = said(judged("assignment2/cnn_features", ["preprocess"], "return (resized - MEAN) / STD", new))
    assert found == {"preprocess": ""}


def test_transforms_of_torchvision_give_tensors(judged):
    """As torchvision's documentation recommends: `v2.ToImage` first, which makes an Image."""
    new = """from torchvision.transforms import v2
    steps = [
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Resize((size, size), antialias=False),
        v2.Normalize(MEAN.flatten().tolist(), STD.flatten().tolist()),
    ]
    return v2.Compose(steps)(images)"""
    found = said(judged("assignment2/cnn_features", ["preprocess"], "return (resized - MEAN) / STD", new))
    assert found == {"preprocess": ""}


FITTED = "{(optimizer, lr): fit_embeddings(X, optimizer=optimizer, lr=lr, seed=0)[1] for optimizer, lr in settings}"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("__import__('collections').OrderedDict(", ")", ""),
        ("__import__('collections').defaultdict(list, ", ")", ""),
        ("list(", ".items())", "`compare_settings(X, settings)` is a list, expected a dict."),
    ],
)
def test_a_dict_of_the_standard_library_is_a_dict(judged, before, after, words):
    new = f"{before}{FITTED}{after}"
    assert said(judged("assignment2/embedding", ["compare"], FITTED, new))["compare"] == words


SCORES = "return Q @ K.T  # (n, d) @ (d, m) -> (n, m)"
BEST = "return int(scores.argmax())"
SPARSE = "`S` is a sparse tensor (torch.sparse_coo), expected a dense one (`.to_dense()` makes one)."
ACTIVITY = {
    "sparse": (SCORES, "return (Q @ K.T).to_sparse()", "scores", SPARSE),
    "lists": (SCORES, "return (Q @ K.T).tolist()", "scores", "`S` is a list, expected a torch.Tensor."),
    "tuple": (SCORES, "return (Q @ K.T,)", "scores", "`S` is a tuple, expected a torch.Tensor."),
    "parameter": (SCORES, "return torch.nn.Parameter(Q @ K.T, requires_grad=False)", "scores", ""),
    "float for int": (
        SCORES,
        "return Q.float() @ K.float().T",
        "scores_other_sizes",
        "`S` has dtype torch.float32, expected an integer dtype.",
    ),
    "numpy index": (BEST, "return scores.numpy().argmax()", "favourite", ""),
    "array index": (BEST, "return __import__('numpy').array(int(scores.argmax()))", "favourite", ""),
    "float index": (BEST, "return float(scores.argmax())", "favourite", "`favourite_movie(S, 0)` is a float, expected"),
    "pair": (BEST, "return scores.max(dim=0)", "favourite", "`favourite_movie(S, 0)` is a tuple, expected an int."),
}


@pytest.mark.parametrize("name", ACTIVITY)
def test_scores_and_places_of_other_types(judged, name):
    old, new, check, words = ACTIVITY[name]
    found = said(judged("activity1/score_matrix", [check], old, new))[check]
    assert found[: len(words) or None] == words


FACTORS = "return U, V"
LOSS = "return (difference**2).sum()"
LAB1 = {
    "list": (FACTORS, "return [U, V]", "shapes", ""),
    "dict": (
        FACTORS,
        "return {'U': U, 'V': V}",
        "shapes",
        "The function returns a dict with 2 keys, expected 2 values (U, V). Give them back in this order: `return U, V",
    ),
    "transposed": (FACTORS, "return U, V.T", "shapes", "`V` has shape (2, 3), expected (3, 2)."),
    "numpy": (FACTORS, "return U.detach().numpy(), V", "shapes", "`U` is a numpy array of shape (5, 2), expected"),
    "number of numpy": (LOSS, "return (difference**2).sum().numpy()", "loss", ""),
    "one element": (LOSS, "return (difference**2).sum().reshape(1)", "loss", ""),
}


@pytest.mark.parametrize("name", LAB1)
def test_factors_and_losses_in_other_containers(judged, name):
    old, new, check, words = LAB1[name]
    found = said(judged("lab1/factorise", [check], old, new))[check]
    assert found[: len(words) or None] == words


MODEL = "return BiasedMF(mu.item(), bu, bi, P, Q, losses)"
NO_LIST = "expected a list of floats (`.tolist()` makes one)."
FIELDS = "mu, bu, bi, P, Q, losses"
IN_ORDER = f"expected 6 values ({FIELDS}). Give them back in this order: `return {FIELDS}`."
LAB2 = {
    "losses in a tensor": (
        MODEL.replace("losses)", "torch.tensor(losses))"),
        f"`losses` is a tensor of shape (7,), {NO_LIST}",
    ),
    "losses in an array": (
        MODEL.replace("losses)", "__import__('numpy').array(losses))"),
        f"`losses` is a numpy array of shape (7,), {NO_LIST}",
    ),
    "losses as numbers of numpy": (MODEL.replace("losses)", "[__import__('numpy').array(x) for x in losses])"), ""),
    "tuple": (MODEL.replace("BiasedMF", ""), ""),
    "dict": (
        "return dict(mu=mu.item(), bu=bu, bi=bi, P=P, Q=Q, losses=losses)",
        f"The function returns a dict with 6 keys, {IN_ORDER}",
    ),
    "own class": (
        "return type('Model', (), {})()",
        f"The function returns an object of another class, {IN_ORDER}",
    ),
}


@pytest.mark.parametrize("name", LAB2)
def test_models_in_other_containers(judged, name):
    new, words = LAB2[name]
    assert said(judged("lab2/biased_mf", ["fields"], MODEL, new)) == {"fields": words}


def test_a_progress_bar_costs_no_mark_and_fills_no_output(judged):
    new = "for step in __import__('tqdm').tqdm(range(num_steps)):"
    record = judged("lab2/biased_mf", ["fields", "mu"], "for step in range(num_steps):", new)
    assert said(record) == {"fields": "", "mu": ""}
    assert record.output.count("\n") < 5, record.output


def test_a_package_that_is_not_installed_is_no_zero_and_the_report_lists_what_is(course, slot, tmp_path):
    (part,) = course.parts("activity1")
    text = part.reference.read_text(encoding="utf-8").replace(SCORES, f"import no_such_package\n    {SCORES}")
    path = tmp_path / "score_matrix.py"
    path.write_text(text, encoding="utf-8")
    record = grade(take_in(path), [part], slot, GradeOptions(only=("stacking", "scores"), recognise=False))
    verdicts = {check.name: check.verdict for check in record.parts[0].checks}
    assert verdicts == {"stacking": Verdict.passed, "scores": Verdict.grader_error}
    (missed,) = (check for check in record.parts[0].checks if check.name == "scores")
    assert "no_such_package" in missed.message + missed.detail
    assert any("you may import: matplotlib, numpy" in notice for notice in record.notices)


def test_whoever_imports_what_is_not_installed_is_told_what_is(course):
    (part,) = course.parts("activity1")
    missed = SimpleNamespace(part=part, outcome=SimpleNamespace(not_installed={"mxnet"}))
    nothing = SimpleNamespace(part=part, outcome=SimpleNamespace(not_installed=set()))
    (told,) = grading._what_may_be_imported([nothing, missed, missed])
    assert told.startswith("Besides Python's own library you may import: matplotlib, numpy, pandas, PIL (pillow), ")
    assert grading._what_may_be_imported([nothing]) == []
    elsewhere = SimpleNamespace(part=dataclasses.replace(part, course=course.root / "tests"), outcome=missed.outcome)
    assert grading._what_may_be_imported([elsewhere]) == [], "a course that lists nothing"
