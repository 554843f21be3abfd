"""A batch is worth something only where run i of it is run i alone, to the last bit of the draws."""

from dataclasses import dataclass, field
from typing import Any

import pytest
import torch

from grader.calibration import batching

PLAIN = """
import torch

def fit(A, rank, steps=3):
    U = torch.rand(A.shape[0], rank)
    V = torch.randn(A.shape[1], rank)
    for _ in range(steps):
        for r in range(A.shape[0]):
            for c in range(A.shape[1]):
                e = A[r, c] - U[r] @ V[c]
                U[r] += 0.1 * e * V[c]
                V[c] += 0.1 * e * U[r]
    return U, V
"""


@dataclass
class Call:
    seed: int
    args: tuple[Any, ...]
    entry_point: str = "fit"
    kwargs: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def solution(tmp_path):
    def write(source):
        path = tmp_path / "solution.py"
        path.write_text(source)
        return path

    return write


def vmapped(solution, calls):
    return batching.vmapped(solution, calls, solution.parent)


def calls(number=12):
    return [Call(seed, (torch.randn(3, 2, generator=torch.Generator().manual_seed(seed)), 2)) for seed in range(number)]


def alone(source, call):
    names: dict[str, Any] = {}
    exec(source, names)
    torch.manual_seed(call.seed)
    return names["fit"](*call.args, **call.kwargs)


def test_run_i_of_a_batch_is_run_i_alone(solution):
    batch = vmapped(solution(PLAIN), calls())
    for (U, V), call in zip(batch, calls(), strict=True):
        u, v = alone(PLAIN, call)
        assert torch.allclose(U, u, atol=1e-6)
        assert torch.allclose(V, v, atol=1e-6)


def test_a_solution_may_import_a_utility_beside_the_reference(solution, tmp_path):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "_twice.py").write_text("def twice(x):\n    return 2 * x\n")
    source = "from _twice import twice\n\ndef fit(A, rank):\n    return twice(A)\n"
    batch = batching.vmapped(solution(source), calls(), tmp_path / "reference")
    assert all(torch.equal(answer, 2 * call.args[0]) for answer, call in zip(batch, calls(), strict=True))
    assert vmapped(solution(source), calls()) is None, "what cannot be loaded is run alone, where that is said"


def test_the_runs_of_a_batch_draw_differently(solution):
    (first, _), (second, _), *_ = vmapped(solution(PLAIN), calls())
    assert not torch.allclose(first, second)


@pytest.mark.parametrize(
    "line",
    [
        "if A[0, 0] > 0: U = -U",  # asks a tensor for a truth value
        "U = U * A[0, 0].item()",
        "U = U[torch.randperm(3)]",  # a draw that a batch does not follow
        "raise ValueError('no')",
    ],
)
def test_what_cannot_be_batched_is_left_to_be_run_alone(solution, line):
    source = PLAIN.replace("    for _ in range(steps):", f"    {line}\n    for _ in range(steps):")
    assert vmapped(solution(source), calls()) is None


def test_masks_may_be_asked_for_their_values_and_calls_are_grouped_by_them(solution):
    source = "import torch\ndef fit(A, M):\n    return A * 2 if M[0] == 1 else torch.rand(2)\n"
    masked = [Call(seed, (torch.full((2,), float(seed)), torch.tensor([seed % 2]))) for seed in range(30)]
    batch = vmapped(solution(source), masked)
    for answer, call in zip(batch, masked, strict=True):
        assert torch.equal(answer, alone(source, call))


def test_too_many_groups_are_not_worth_a_batch(solution):
    source = "import torch\ndef fit(A, M):\n    return A\n"
    masked = [Call(seed, (torch.ones(2), torch.tensor([seed]))) for seed in range(30)]
    assert vmapped(solution(source), masked) is None


def test_torch_draws_as_before_afterwards(solution):
    before = torch.rand, torch.randn, torch.randperm
    vmapped(solution(PLAIN), calls())
    vmapped(solution("def fit(A, rank):\n    raise ValueError\n"), calls())
    assert (torch.rand, torch.randn, torch.randperm) == before
