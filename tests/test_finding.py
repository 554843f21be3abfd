"""`worker.finding` and `worker.calling`: which function of a submission is meant, and how its arguments reach it."""

import ast
import functools

import pytest

from grader.course.catalog import find_course
from grader.grading.search import names_of, search_of
from grader.worker.calling import CannotCall, arranged
from grader.worker.finding import Wanted, choose, definitions

FACTORISE = ("A", "rank", "num_epochs", "lr")
WANTED = Wanted.all_of(
    {"sgd_factorise": ["factor"], "loss": ["squared_error"]},
    {
        "parameters": {"sgd_factorise": FACTORISE, "loss": ("A", "U", "V")},
        "required": {"sgd_factorise": 2, "loss": 3},
        "patterns": {"sgd_factorise": ["sgd_factorise_ad", "*sgd*"], "loss": ["*loss*"]},
        "reserved": ["sgd_factorise_masked", "masked_sse"],
    },
)


def found(entry_point="sgd_factorise", own="", **files):
    """The candidates for an entry point in files (path without .py: source), the best first, as ``file:name``."""
    every = [one for path, text in files.items() for one in definitions(ast.parse(text), f"{path}.py")]
    return [f"{one.path.removesuffix('.py')}:{one.name}" for one in choose(WANTED[entry_point], every, own)]


def written(name, parameters="A, rank, num_epochs=1000, lr=0.01"):
    return f"def {name}({parameters}):\n    return {name!r}\n"


STUB = (
    "def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):\n    '''Asks.'''\n    raise NotImplementedError('not yet')\n"
)


@pytest.mark.parametrize(
    "name", ["sgd_factorise", "factor", "sgd_factorize", "SGD_Factorise", "sgdFactorise", "sgd_factorise_ad", "my_sgd"]
)
def test_a_function_is_found_by_name_alias_spelling_or_pattern(name):
    assert found(a=written(name)) == [f"a:{name}"]


@pytest.mark.parametrize("name", ["sgd_factorise_masked", "sgd_factorize_masked", "loss", "train", "fact"])
def test_a_name_of_another_entry_point_is_not_taken(name):
    assert found(a=written(name)) == []


def test_the_templates_name_comes_first_then_alias_and_spelling_then_patterns_in_order():
    names = ["my_sgd", "sgd_factorise_ad", "factor", "sgd_factorize", "sgd_factorise"]
    order = ["a:sgd_factorise", "a:sgd_factorize", "a:factor", "a:sgd_factorise_ad", "a:my_sgd"]
    assert found(a="".join(map(written, names))) == order


@pytest.mark.parametrize(
    "body", ["raise NotImplementedError", "pass", "...", "'''Asks.'''\n    raise NotImplementedError()"]
)
def test_what_somebody_wrote_comes_before_a_stub(body):
    stub = f"def sgd_factorise(A, rank):\n    {body}\n"
    assert found(own="own.py", own_=stub, b=written("factor")) == ["b:factor", "own_:sgd_factorise"]
    assert found(own="a.py", a=stub, b=written("sgd_factorise")) == ["b:sgd_factorise", "a:sgd_factorise"]


def test_the_parts_own_file_comes_first_then_the_right_parameters_then_the_highest_folder():
    other, right = written("sgd_factorise", "A, rank, verbose, n, lr"), written("sgd_factorise")
    assert found(own="z.py", z=other, a=right)[0] == "z:sgd_factorise"
    assert found(a=other, z=right)[0] == "z:sgd_factorise"
    assert found(**{"a": right, "z/b": right})[0] == "a:sgd_factorise"
    assert found(a=right, z=written("sgd_factorise", "A, rank"))[0] == "a:sgd_factorise"
    assert found(**{"lab1-1": right, "lab1-2": right})[0] == "lab1-2:sgd_factorise", "the later copy"


def test_a_pattern_takes_only_what_can_be_called_with_the_references_arguments():
    assert found(a=written("my_sgd", "A")) == []
    assert found(a=written("my_sgd", "A, M, rank")) == []
    assert found(a=written("my_sgd", "A, rank")) == [], "many a helper has a name with sgd: it takes no options"
    assert found(a=written("sgd_factorise_ad", "A, rank")) == ["a:sgd_factorise_ad"], "no pattern, but a name"
    assert found(a=written("my_sgd", "*args, **options")) == ["a:my_sgd"]
    assert found(a=written("sgd_factorize", "A")) == ["a:sgd_factorize"], "its name says that it is meant"


@pytest.mark.parametrize(
    ("parameters", "fit"),
    [
        ("A", 0),
        ("A, rank", 1),
        ("A, rank, num_epochs=1", 1),
        ("A, rank, num_epochs=1, lr=1", 2),
        ("A, rank, n, lr", 0),
        ("A, rank, *options", 2),
        ("A, **options", 2),
        ("A, *, rank, num_epochs=1, lr=1", 2),
        ("A, rank, *, n, lr=1", 0),
    ],
)
def test_a_function_fits_as_far_as_it_takes_the_references_arguments(parameters, fit):
    (one,) = definitions(ast.parse(written("f", parameters)), "a.py")
    assert one.fit(WANTED["sgd_factorise"]) == fit


def test_a_class_takes_what_its_init_takes_after_self():
    source = "class A:\n    def __init__(self, a, b, c=1): self.a = a\nclass B:\n    x = 1\n"
    counts = {one.name: (one.required, one.most) for one in definitions(ast.parse(source), "a.py")}
    assert counts["A"] == (2, 3)
    assert counts["B"][0] == 0


def test_a_name_beside_the_templates_comes_after_a_pattern_if_it_is_a_stub_or_takes_too_little():
    stub = "def factor(A, rank, num_epochs=1, lr=1): ..."
    assert found(a=stub, b=written("my_sgd")) == ["b:my_sgd", "a:factor"]
    assert found(a=written("factor", "A"), b=written("my_sgd")) == ["b:my_sgd", "a:factor"]
    assert found(a="def my_sgd(A, rank, num_epochs=1, lr=1): ...") == [], "a stub that nobody asked for"


@pytest.mark.parametrize(
    ("body", "is_stub"),
    [
        ("raise NotImplementedError", True),
        ("raise ValueError('A')", False),
        ("pass\n    return A", False),
        ("A = A.clone()\n    raise NotImplementedError", False),
    ],
)
def test_only_a_body_that_does_nothing_is_a_stub(body, is_stub):
    (one,) = definitions(ast.parse(f"def loss(A, U, V):\n    {body}\n"), "a.py")
    assert one.is_stub == is_stub
    (one,) = definitions(ast.parse(f"class loss:\n  def __init__(self, A):\n    {body}\n"), "a.py")
    assert one.is_stub == is_stub


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("loss = 3", False),
        ("loss = torch.tensor(0.0)", False),
        ("loss = squared(A, U, V)", False),
        ("loss = lambda A, U, V: 0", True),
        ("loss = functools.partial(squared, 2)", True),
        ("loss = torch.jit.script(squared)", True),
        ("class loss:\n    def __init__(self, A, U, V): ...", True),
        ("if True:\n    def loss(A, U, V): return 0", True),
        ("try:\n    import x\nexcept ImportError:\n    def loss(A, U, V): return 0", True),
        ("if __name__ == '__main__':\n    def loss(A, U, V): return 0", False),
        ("class K:\n    def loss(self): return 0", False),
        ("async def loss(A, U, V): return 0", True),
        ("with torch.no_grad():\n    def loss(A, U, V): return 0", True),
        ("if fast:\n    pass\nelse:\n    def loss(A, U, V): return 0", True),
    ],
)
def test_only_what_can_be_called_is_a_candidate(source, is_one):
    assert bool(found("loss", a=source)) == is_one


def test_a_function_that_its_result_overwrites_is_still_found_and_the_last_of_a_name_counts():
    source = written("loss", "A") + written("loss", "A, U, V") + "loss = loss(A, U, V)\n"
    (one,) = choose(WANTED["loss"], definitions(ast.parse(source), "a.py"))
    assert (one.line, one.required) == (3, 3)


# -- calling ----------------------------------------------------------------------------------------------------------


def function(parameters):
    """A function with these parameters that returns what it was given, by name."""
    space = {}
    exec(f"def f({parameters}):\n    return dict(locals())", space)
    return space["f"]


def called(parameters, *args, names=FACTORISE, **kwargs):
    f = function(parameters)
    given, options = arranged(f, names, args, kwargs)
    return f(*given, **options)


@pytest.mark.parametrize("epochs", ["num_epochs", "epochs", "numepochs", "N", "nEpochs", "n_iter", "epoch_count"])
@pytest.mark.parametrize("rate", ["lr", "learning_rate", "alpha", "learningRate"])
def test_options_reach_the_parameter_that_is_meant(epochs, rate):
    result = called(f"A, r, {epochs}=1000, {rate}=0.01", "A", 2, num_epochs=3, lr=0.5)
    assert result == {"A": "A", "r": 2, epochs: 3, rate: 0.5}


@pytest.mark.parametrize(
    ("parameters", "result"),
    [
        ("A, rank, lr=0.1, num_epochs=9", {"lr": 0.5, "num_epochs": 3}),
        ("A, rank, lr=0.1, N=9", {"lr": 0.5, "N": 3}),
        ("A, rank, learning_rate=0.1, epochs=9", {"learning_rate": 0.5, "epochs": 3}),
        ("A, rank, *, N=9, alpha=0.1", {"N": 3, "alpha": 0.5}),
        ("A, rank, N, alpha, /", {"N": 3, "alpha": 0.5}),
        ("A, rank, verbose=False, epochs=9, lr=0.1", {"verbose": False, "epochs": 3, "lr": 0.5}),
        ("A, rank, alpha=0.1, N=9", {"N": 3, "alpha": 0.5}),
        ("A, rank, quiet=True, N=9, alpha=0.1", {"quiet": True, "N": 3, "alpha": 0.5}),
        ("A, rank, **options", {"options": {"num_epochs": 3, "lr": 0.5}}),
        ("A, rank, learning_rate=1, epochs=0.5", {"learning_rate": 0.5, "epochs": 3}),
        ("A, rank, learningRate=1, epochs=0.5", {"learningRate": 0.5, "epochs": 3}),
        ("A, rank, lr=0.1, ne=1.0", {"lr": 0.5, "ne": 3}),
        ("A, rank, e=0.1, n=1", {"e": 0.5, "n": 3}),
    ],
)
def test_order_stars_and_more_parameters_do_not_matter(parameters, result):
    assert called(parameters, "A", 2, num_epochs=3, lr=0.5).items() >= result.items()


def test_a_name_says_more_than_a_type_and_a_place_more_than_the_order_of_the_options():
    assert called("A, r, learning_rate=1, epochs=1", "A", 2, num_epochs=3, lr=4).items() >= {
        ("learning_rate", 4),
        ("epochs", 3),
    }
    names = ("A", "rank", "damping", "lr")
    given = called("A, r, K=0.1, P=0.2", "A", 2, names=names, lr=0.5, damping=0.9)
    assert (given["K"], given["P"]) == (0.9, 0.5)


def test_a_parameter_gets_one_value_and_none_that_another_is_meant_for():
    assert called("A, rank, lr=1, N=2", "A", 2, num_epochs=3) == {"A": "A", "rank": 2, "lr": 1, "N": 3}
    names = ("A", "num_epochs", "max_epochs")
    assert called("A, epochs=1, K=2", "A", names=names, num_epochs=3, max_epochs=4) == {"A": "A", "epochs": 3, "K": 4}


def test_positional_arguments_may_go_to_parameters_after_a_star():
    assert called("A, *, rank", "A", 2) == {"A": "A", "rank": 2}
    assert called("A, *rest, epochs=1", "A", 2, num_epochs=3) == {"A": "A", "rest": (2,), "epochs": 3}
    assert called("*args", "A", 2) == {"args": ("A", 2)}


def test_what_takes_the_arguments_as_they_are_gets_them_so():
    assert arranged(function("a, b=1"), (), ["x"], {"b": 2}) == (["x"], {"b": 2})
    assert arranged(function("U, A"), ("A", "U"), [1], {"A": 2}) == ([1], {"A": 2}), "their names are in another order"
    assert arranged(function("a"), (), ["x"], {"b": 2}) == (["x"], {"b": 2}), "nothing is known of the reference"
    assert arranged(max, FACTORISE, [1, 2], {}) == ([1, 2], {}), "written in C"
    half = functools.partial(function("x, A, rank, N=1"), 0)
    assert half(*arranged(half, FACTORISE, ["A", 2], {})[0])["rank"] == 2


@pytest.mark.parametrize(
    ("parameters", "problem", "names", "plain"),
    [
        ("A, rank", "too_few", ("num_epochs",), "(A, rank)"),
        ("A", "too_few", ("rank", "num_epochs"), "(A)"),
        ("", "too_few", ("A", "rank", "num_epochs"), "()"),
        ("A, rank, num_epochs, K", "too_many", ("K",), "(A, rank, num_epochs, K)"),
        ("A, rank, num_epochs, K, quiet=True", "too_many", ("K",), "(A, rank, num_epochs, K, quiet)"),
        ("A, rank, num_epochs=1, *, K", "too_many", ("K",), "(A, rank, num_epochs, K)"),
    ],
)
def test_what_cannot_be_called_says_which_parameters_are_in_the_way(parameters, problem, names, plain):
    with pytest.raises(CannotCall) as caught:
        called(parameters, "A", 2, num_epochs=3)
    assert (caught.value.problem, caught.value.names, str(caught.value)) == (problem, names, plain)


@pytest.mark.parametrize(
    ("identity", "name", "parameters", "entry_point"),
    [
        ("lab1/factorise", "sgd_factorise_ad", "A, rank, epochs=10, lr=0.1", "sgd_factorise"),
        ("assignment2/cooccurrence", "compute_co_occurrences", "ratings, movies", "cooccurrence"),
        ("assignment2/embedding", "train_movie_embeddings", "X, dim=100, **options", "fit_embeddings"),
        ("assignment2/embedding", "plot_all", "curves, path", "plot_losses"),
        ("assignment2/recommend", "recommend_top", "V, titles, title, k=10", "recommend"),
        ("assignment2/cnn_features", "preprocess_images", "images, size", "preprocess"),
        ("assignment2/cnn_features", "get_resnet18", "", "load_backbone"),
        ("assignment2/cnn_features", "get_features", "backbone, images", "extract_features"),
        ("assignment2/cnn_features", "train_classifier", "X, y, num_classes=10", "fit_classifier"),
        ("assignment2/cnn_features", "get_top_k", "logits, labels, k=5", "top_predictions"),
        ("assignment2/cnn_finetune", "make_model", "num_classes=10", "build_model"),
        ("assignment2/cnn_finetune", "do_fine_tuning", "model, x, y, epochs, lr, device", "finetune"),
        ("assignment2/cnn_finetune", "compare_both", "features, finetuned", "compare"),
    ],
)
def test_this_courses_functions_are_found_under_names_that_students_give_them(identity, name, parameters, entry_point):
    (part,) = find_course().select([identity])
    names = names_of(part.course, part.assignment)
    search = search_of(part, [name for other in names if other != part.name for name in names[other]])
    asked = Wanted.all_of(part.alias_table(), search.message())
    theirs = definitions(ast.parse(written(name, parameters)), "work.py")
    assert [wanted.name for wanted in asked.values() if choose(wanted, theirs)] == [entry_point]
