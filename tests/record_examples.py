"""Records for the reports' own tests: a realistic submission, a class of them, and a hostile one."""

from __future__ import annotations

import random
from typing import Any

from grader.records.record import (
    CheckRecord,
    EnvironmentRecord,
    MatrixEvidence,
    PartRecord,
    ResultRecord,
    SubmissionRecord,
    Verdict,
    Visibility,
)

SCORES = MatrixEvidence(
    name="score_matrix(Q, K)",
    expected=((4.0, 1.0, 4.0, 3.0), (1.0, 2.0, 4.0, 5.0), (6.0, 4.0, 1.0, 5.0)),
    actual=((4.0, 1.0, 4.0, 3.0), (1.0, 2.0, 4.0, 4.0), ("nan", 4.0, 1.0, 5.123456789)),
    differs=((False,) * 4, (False, False, False, True), (True, False, False, True)),
)
RANK_ONE = MatrixEvidence(
    name="U @ V.T",
    expected=((0.31871, 0.61214, 0.18033), (3.33412, 0.05177, 1.84091), (2.93618, 0.52644, 2.2587)),
    actual=((-0.31871, -0.61214, -0.18033), (-3.33412, -0.05177, -1.84091), (-2.93618, -0.52644, -2.2587)),
    differs=((True,) * 3,) * 3,
)
TRACEBACK = """\
Traceback (most recent call last):
  File "truncated_svd.py", line 14, in truncated_svd
    return U[:, :rank], S[:rank], Vh[:rank, :].T @ torch.diag_embed(S[:rank].reshape(rank, 1)).squeeze()
                                  ~~~~~~~~~~~~~~~^^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
RuntimeError: mat1 and mat2 shapes cannot be multiplied (3x2 and 1x1)
"""
TRANSPOSE_HINT = """\
Your scores equal `Q @ K` without the transpose.

Row i of S belongs to user i and column j to movie j, so each cell is the inner product of a row of
Q with a row of K. Compare the shapes of `Q` and `K.T` on paper before you multiply.
"""
HIDDEN_SECRET = "SECRET-7431"  # stands in every field a student must not see


def check(name: str, points: float, verdict: str = "passed", **fields: Any) -> CheckRecord:
    """A check that earned all or nothing; ``fields`` overrides anything."""
    earned = points if verdict == "passed" else 0.0
    fields = {"title": f"Check {name}.", "score": earned, "seconds": 0.043} | fields
    return CheckRecord(name=name, points=points, verdict=Verdict(verdict), **fields)


def hidden(name: str, points: float, verdict: str = "passed", **fields: Any) -> CheckRecord:
    """A hidden check whose inside carries the secret in every field that could leak it."""
    inside: dict[str, Any] = {
        "visibility": Visibility.hidden,
        "detail": f"expected {HIDDEN_SECRET}",
        "traceback": f"ValueError: {HIDDEN_SECRET}",
        "mistake": HIDDEN_SECRET,
        "seeds": (74317431,),
        "evidence": (MatrixEvidence(name=HIDDEN_SECRET, expected=((1,),), actual=((2,),), differs=((True,),)),),
    }
    return check(name, points, verdict, **(inside | fields))


def score_matrix_part() -> PartRecord:
    """All visible, one wrong value with evidence and a recognised mistake, and captured output."""
    return PartRecord(
        name="score_matrix",
        title="Scoring every movie for every user",
        file="activity1/score_matrix.py",
        checks=(
            check("stack", 3, title="`stack_rows` stacks the vectors as rows, one for each user."),
            check("shape", 3, title="`score_matrix` returns one row per user and one column per movie."),
            check(
                "values",
                5,
                "failed",
                title="Each score is the inner product of a user with a movie.",
                message="`score_matrix(Q, K)` has the right shape, but 3 of its 12 values are wrong. "
                "The first is in row 1, column 3.",
                detail="at [1, 3]: expected 5.0, yours 4.0\nlargest difference 1.0 at [1, 3]",
                hint=TRANSPOSE_HINT,
                mistake="no_transpose",
                evidence=(SCORES,),
                seeds=(1201, 1202),
            ),
            check("favourite", 2.5, title="`favourite_movie` finds the best movie of user 3."),
        ),
        output="epoch   0  loss 12.40\nepoch 100  loss  0.31\nepoch 200  loss  0.12\n",
        output_truncated=True,
    )


def factorise_part() -> PartRecord:
    """Visible and hidden checks with every verdict but our own error."""
    return PartRecord(
        name="factorise",
        title="Factorising a matrix by gradient descent",
        file="lab1/factorise.py",
        checks=(
            check(
                "factors",
                4,
                title="The factors have the shapes (m, rank) and (n, rank), also when m, n and rank differ.",
            ),
            check("loss", 4, title="`reconstruction_loss` is the squared Frobenius norm."),
            check(
                "falls",
                6,
                "failed",
                score=2.0,
                title="The loss falls while the factors are trained.",
                message="The reconstruction has the opposite sign of the matrix it should reproduce.",
                detail="loss before 31.4, loss after 88.02",
                hint="The update climbs the slope: `U[r] += lr * e * V[c]` needs "
                "`e = A[r, c] - U[r] @ V[c]`, not its negative.",
                mistake="wrong_sign",
                evidence=(RANK_ONE,),
            ),
            hidden(
                "wide",
                5,
                "failed",
                title="A wide matrix is factorised as well as a tall one.",
                message="The best of 5 runs does not come close enough.",
            ),
            hidden("rank_one", 3, title="A rank-one matrix is recovered exactly."),
            check(
                "long",
                4,
                "timed_out",
                title="A thousand epochs on a 3 by 3 matrix take a few seconds.",
                message="Stopped after 20 s.",
            ),
            check("large", 2, "out_of_memory", title="The factors of a 2000 by 2000 matrix need little memory."),
            check(
                "gpu",
                2,
                "skipped",
                title="The factors stay on the device they were given.",
                message="This machine has no GPU.",
            ),
        ),
        output="2 users, 3 movies\n",
        figures={"best loss": 0.12193456, "runs": 5.0},
        seconds=38.2,
    )


def svd_part() -> PartRecord:
    """A crash with a traceback, and functions not written yet."""
    return PartRecord(
        name="truncated_svd",
        title="Truncated SVD",
        file="lab1/truncated_svd.py",
        checks=(
            check(
                "svd",
                8,
                "crashed",
                title="`truncated_svd` returns U, S and V cut to the rank.",
                message="Your code raised a RuntimeError in line 14.",
                traceback=TRACEBACK,
            ),
            check(
                "reconstruct",
                6,
                "not_implemented",
                title="`svd_reconstruct` is the best approximation of its rank.",
                message="`svd_reconstruct` raises NotImplementedError.",
            ),
            check("written", 6, "not_implemented", title="The written answer compares both losses."),
        ),
    )


def environment(sandbox: str = "namespaces") -> EnvironmentRecord:
    """Where a record was made."""
    return EnvironmentRecord(
        sandbox=sandbox,
        protections=("network", "files", "processes"),
        missing_protections=("memory limit of the whole group",),
        versions={"torch": "2.11.0", "mlgrader": "0.1.0", "python": "3.12.4", "numpy": "2.1.3"},
        platform="Linux x86_64",
    )


def record(**fields: Any) -> ResultRecord:
    """A realistic attempt; ``fields`` overrides anything."""
    standard: dict[str, Any] = {
        "assignment": "lab1",
        "submission": SubmissionRecord(
            name="lovelace-ada_48213",
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            files=("activity1/score_matrix.py", "lab1/factorise.py", "lab1/truncated_svd.py"),
        ),
        "attempt": 2,
        "started": "2026-05-02T10:20:30Z",
        "seconds": 125.3,
        "seed": 20260502,
        "environment": environment(),
        "parts": (score_matrix_part(), factorise_part(), svd_part(), full_part()),
        "notices": ("`lab1/Factorise.py` was taken for `lab1/factorise.py`.",),
    }
    return ResultRecord(**(standard | fields))


def full_part() -> PartRecord:
    """A part with full marks."""
    titles = (
        "Only observed ratings are fitted.",
        "Hidden cells may hold any finite value.",
        "A and M are the same after the call.",
    )
    return PartRecord(
        name="complete",
        title="Completing a matrix with gaps",
        checks=tuple(check(f"c{at}", 5, title=title) for at, title in enumerate(titles)),
    )


def one_check(one: CheckRecord, **fields: Any) -> ResultRecord:
    """A record with a single check in a single part."""
    return record(parts=(PartRecord(name="part", title="Part", checks=(one,)),), notices=(), **fields)


def named(name: str, parts: tuple[PartRecord, ...], **fields: Any) -> ResultRecord:
    """A first attempt by one named submission."""
    return record(submission=SubmissionRecord(name=name, sha256=name), parts=parts, attempt=1, **fields)


def class_records(size: int = 24) -> list[ResultRecord]:
    """A class for looking at: every check passes with its own probability, the same each time."""
    chance = random.Random(1)
    rates = {"values": 0.55, "falls": 0.35, "wide": 0.3, "rank_one": 0.6, "svd": 0.7, "written": 0.5}
    names = (
        "Ada Bela Chen Dara Emre Fola Gita Hugo Iris Jan Kira Liam "
        "Mina Noor Olga Pia Quinn Ravi Sara Tom Uma Vera Wim Xia"
    )
    return [
        named(
            f"{name.lower()}_{chance.randrange(10_000, 99_999)}",
            tuple(_rolled(part, chance, rates) for part in record().parts),
            environment=environment("direct" if name == "Olga" else "namespaces"),
        )
        for name in names.split()[:size]
    ]


def _rolled(part: PartRecord, chance: random.Random, rates: dict[str, float]) -> PartRecord:
    skill = chance.random() * 0.5 + 0.6
    rolled = []
    for one in part.checks:
        passes = chance.random() < rates.get(one.name, 0.9) * skill
        told = {"mistake": one.mistake, "hint": one.hint} if chance.random() < 0.6 else {}
        verdict = "passed" if passes else "grader_error" if chance.random() < 0.02 else "failed"
        told = told if verdict == "failed" else {}
        rolled.append(check(one.name, one.points, verdict, title=one.title, visibility=one.visibility, **told))
    return PartRecord(name=part.name, title=part.title, checks=tuple(rolled))
