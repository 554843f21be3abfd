"""What a check may do through a slot, at every level: call functions, read values, seed calls, load files."""

import collections

import pytest
import torch

from grader.errors import Crashed, OutOfMemory
from grader.running.devices import nvidia_devices
from grader.sandbox.calls import Remote
from sandbox.students import fails, student


def test_a_function_is_called_with_values_and_gives_values(slot):
    with student(slot, "def f(x, n): return x * n, {'n': n}") as s:
        product, named = s("f", torch.arange(3.0), 2)
        assert torch.equal(product, torch.tensor([0.0, 2.0, 4.0]))
        assert named == {"n": 2}


def test_time_that_others_took_is_not_spent(slot, monkeypatch):
    with student(slot, "def f(): return 1") as s:
        worker, request = type(s.calls._worker), type(s.calls._worker).request

        def as_if_denied(self, *args, **kwargs):
            self.denied += 1000.0
            return request(self, *args, **kwargs)

        monkeypatch.setattr(worker, "request", as_if_denied)
        assert s.answer("f").seconds < -900
        assert s.calls.spent < -900


def test_memory_that_nobody_wrote_to_is_never_zero_by_luck(walled):
    source = """
        import numpy as np
        import torch
        def floats():
            like = torch.ones(2)
            return torch.empty(3, 2), torch.empty_like(like), torch.empty(1, requires_grad=True).detach(), np.empty(2)
        def integers(): return torch.empty(2, dtype=torch.int64), np.empty_like(np.zeros(2, dtype=np.int32))
        def others():
            out = torch.ones(1)
            torch.empty(1, out=out)
            sparse, meta = torch.empty(2, layout=torch.sparse_coo), torch.empty(2, device="meta")
            return out, torch.empty(2, dtype=torch.bool).dtype == torch.bool, str(np.empty(1, dtype=object)[0])
        @torch.jit.script
        def scripted(n: int):
            x = torch.empty(n)
            return torch.empty_like(x).fill_(2.0)
        def layer(): return torch.nn.Linear(2, 2).weight.detach()
    """
    with student(walled, source, aliases=dict.fromkeys(("floats", "integers", "others", "layer", "scripted"), ())) as s:
        assert all(bool(torch.as_tensor(value).isnan().all()) for value in s("floats"))
        large, small = s("integers")
        assert large.tolist() == [-(2**63)] * 2
        assert list(small) == [-(2**31)] * 2
        out, *others = s("others")
        assert (out.tolist(), others) == ([1.0], [True, "None"])
        assert s("scripted", 2).tolist() == [2.0, 2.0]
        assert not s("layer").isnan().any()


def test_entry_points_bind_by_name_or_alias(slot):
    source = """
        def scores(Q, K=None): return "alias"
        def best(S, user): return "name"
        def favourite(S): return "never: the name itself is there"
        limit = 3
    """
    wanted = {"score_matrix": ["nobody", "scores"], "best": ["favourite"], "absent": ["neither"], "limit": []}
    with student(slot, source, aliases=wanted) as s:
        assert s.found == {"score_matrix": "scores", "best": "best"}, "a number is no function"
        assert s("score_matrix", 1) == "alias"
        assert s("best", 1, 2) == "name"


def test_a_module_stays_behind_and_can_be_called_read_and_passed_back(slot):
    source = """
        import torch
        def make(): return torch.nn.Linear(2, 3)
        def count(model): return sum(p.numel() for p in model.parameters()), type(model).__name__
        def same(pair): return pair[0] is pair[1]["model"]
    """
    with student(slot, source) as s:
        model = s("make")
        assert isinstance(model, Remote)
        assert model.type_name == "torch.nn.modules.linear.Linear"
        weight, bias = (s.calls.read(model, name, seconds=5) for name in ("weight", "bias"))
        assert (weight.shape, s.calls.read(model, "in_features", seconds=5)) == ((3, 2), 2)
        x = torch.tensor([[1.0, -2.0]])
        assert torch.allclose(s(model, x), x @ weight.T + bias)
        assert s("count", model) == (9, "Linear")
        assert s("same", [model, {"model": model}]) is True
        with pytest.raises(Crashed, match="AttributeError"):
            s.calls.read(model, "no_such_thing", seconds=5)
        with pytest.raises(Crashed, match=r"Linear"):
            s(model, "text")
        assert s("count", model) == (9, "Linear")


def test_a_namedtuple_of_the_students_own_is_theirs_again_when_it_comes_back(slot):
    code = """
        from typing import NamedTuple
        class Model(NamedTuple):
            mu: float
            losses: list
        def fit(): return Model(2.5, [3.0, 1.0])
        def best(model): return isinstance(model, Model), model._replace(mu=0.0).losses.index(1.0), model.mu
        def other(point): return point.x + point._asdict()["y"]
    """
    with student(slot, code) as s:
        model = s("fit")
        assert (model.mu, model.losses) == (2.5, [3.0, 1.0])
        assert s("best", model) == (True, 1, 2.5)
        assert s("other", collections.namedtuple("Point", "x y")(1, 2)) == 3  # noqa: PYI024


def test_a_constant_of_the_module_can_be_read(slot):
    with student(slot, 'STRATEGY = "cosine"\ndef f(): pass\n') as s:
        assert s.calls.constant("STRATEGY", seconds=10) == "cosine"
        assert s.calls.constant("STRATEGIES", seconds=10) is None


def test_a_file_that_the_code_wrote_can_be_read(slot):
    code = """
        from pathlib import Path
        def plot(path): Path(path).write_bytes(b"PNG" * 3)
    """
    with student(slot, code) as s:
        assert s.calls.file("loss.png", seconds=10) is None
        s("plot", "loss.png")
        assert s.calls.file("loss.png", seconds=10) == b"PNG" * 3
        assert s.calls.file(".", seconds=10) is None


def test_cuda_is_left_for_the_student_to_start(walled):
    """A CUDA context does not survive a fork: a worker whose zygote had one could use no GPU at all."""
    with student(walled, "import torch\ndef f(): return torch.cuda.is_initialized()\n") as s:
        assert s("f") is False


@pytest.mark.skipif(bool(nvidia_devices()), reason="there is a GPU here")
@pytest.mark.parametrize(
    "code", ["torch.ones(2).cuda()", "torch.ones(2, device='cuda')", "torch.nn.Linear(2, 2).cuda()"]
)
def test_code_that_insists_on_a_gpu_is_told_to_use_the_device_it_is_given(slot, code):
    failure = fails(slot, f"import torch\ndef f(): return {code}\n")
    assert type(failure) is Crashed
    assert "asked for a GPU" in failure.message
    assert "the device you are given" in failure.message


def test_gpu_memory_that_is_not_there_is_said_in_other_words_than_memory(slot):
    code = "import torch\ndef f(): raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 TiB.')\n"
    failure = fails(slot, code)
    assert type(failure) is OutOfMemory
    assert "more GPU memory" in failure.message
    assert "smaller batches" in failure.message
    assert "2.00 TiB" in failure.detail


def test_a_value_that_stayed_in_an_ended_worker_cannot_be_passed_to_the_next(slot):
    with student(slot, "def f(x=None): return object()") as s:
        left = s("f")
    with student(slot, "def f(x=None): return object()") as s:
        s("f")
        with pytest.raises(Crashed, match="has ended"):
            s("f", [left])
        with pytest.raises(Crashed, match="has ended"):
            s(left)
        with pytest.raises(Crashed, match="has ended"):
            s.calls.read(left, "__doc__", seconds=5)


def test_what_a_student_made_to_look_equal_to_everything_is_only_a_name_here(slot):
    source = """
        import torch
        class Any:
            def __eq__(self, other): return True
            def __bool__(self): return True
        class Tensor(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None): return True
        def any(): return Any()
        def tensor(): return torch.ones(2).as_subclass(Tensor)
        def listed(): return [1, Any()]
    """
    with student(slot, source) as s:
        for name in ("any", "tensor"):
            value = s(name)
            assert type(value) is Remote
            assert value not in (1, "x", None)
        assert s("listed") != [1, 2]


def test_arguments_come_back_as_the_call_left_them_when_asked_for(slot):
    with student(slot, "def f(x, items): x += 1; items.append(3); return 0") as s:
        x = torch.zeros(2)
        answer = s.answer("f", x, [1], echo=True)
        assert answer.arguments is not None
        assert torch.equal(answer.arguments[0], torch.ones(2))
        assert answer.arguments[1] == [1, 3]
        assert torch.equal(x, torch.zeros(2))
        assert s.answer("f", x, [1]).arguments is None


def test_a_seed_makes_a_call_repeatable_and_another_seed_another_call(slot):
    source = """
        import random, numpy, torch
        def draw(): return [torch.rand(3).tolist(), numpy.random.rand(3).tolist(), random.random()]
    """
    draws = []
    for _ in range(2):
        with student(slot, source) as s:
            draws += [s("draw", seed=7), s("draw", seed=2**32 - 1), s("draw", seed=7)]
    first, other = draws[:2]
    assert draws == [first, other, first] * 2
    assert all(one != two for one, two in zip(first, other, strict=True))


def test_code_that_draws_while_it_is_loaded_draws_the_same_each_time(slot):
    drawn = []
    for _ in range(2):
        with student(slot, "import torch\nstart = torch.rand(3)\ndef f(): return start") as s:
            drawn.append(s("f", seed=5).tolist())
    assert drawn[0] == drawn[1]


def test_sibling_modules_and_files_are_found_and_never_the_previous_students(slot):
    source = """
        import pathlib
        import package.deep
        from sibling import word
        def f(): return word, package.deep.n, pathlib.Path("a.txt").read_text()
    """
    for word in ("first", "second"):
        files = {
            "work/sibling.py": f"word = {word!r}".encode(),
            "work/package/__init__.py": b"",
            "work/package/deep.py": f"n = {len(word)}".encode(),
            "work/a.txt": word.encode(),
        }
        with student(slot, source, files, module="work/part.py") as s:
            assert s("f") == (word, len(word), word)


def test_modules_above_a_folder_are_found_too(slot):
    with student(slot, "import above\ndef f(): return above.n", {"above.py": b"n = 4"}, module="sub/part.py") as s:
        assert s("f") == 4


def test_a_stray_file_never_stands_in_for_the_real_module(slot):
    source = """
        import colorsys, random, sqlite3, torch
        def f(): return [hasattr(m, "fake") for m in (colorsys, random, sqlite3, torch)], float(torch.ones(1))
    """
    stray = {f"{name}.py": b"fake = 1" for name in ("colorsys", "random", "sqlite3", "torch", "numpy", "wire", "child")}
    with student(slot, source, stray) as s:
        assert s("f") == ([False] * 4, 1.0)


def test_the_file_of_a_part_may_have_any_name(slot):
    for module in ("my part (1).py", "part.copy.py", "1.py", "ünï.py", "class.py", "torch.py"):
        with student(slot, "import torch\ndef f(): return torch.ones(1).item()", module=module) as s:
            assert s("f") == 1.0


def test_data_classes_pickling_and_main_guards_work_in_a_students_file(slot):
    source = """
        import copy, dataclasses, pickle
        @dataclasses.dataclass
        class Point:
            x: int
        def f(): return pickle.loads(pickle.dumps(Point(3))).x, copy.deepcopy(Point(4)).x
        if __name__ == "__main__":
            raise SystemExit("not when graded")
    """
    with student(slot, source) as s:
        assert s("f") == (3, 4)
