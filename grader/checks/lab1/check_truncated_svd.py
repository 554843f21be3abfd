"""lab1/truncated_svd: the nearest matrix of a given rank.

Singular vectors may have either sign, and those of equal singular values may be rotated. So U and V are not compared
themselves: only the reconstruction, the singular values, and that the columns of U and V are orthonormal. Where all
three are right, so are the projectors U U^T and V V^T.
"""

import torch

from grader import check, expect


def triple(submission, A, rank):
    """Return U, S and V in float64, as a student returned them for A (m, n); check their shapes."""
    m, n = A.shape
    U, S, V = expect.tuple_of(submission.truncated_svd(A, rank), "U", "S", "V")
    return (
        expect.tensor(U, "U", shape=(m, rank), dtype="floating").double(),
        expect.tensor(S, "S", shape=(rank,), dtype="floating").double(),
        expect.tensor(V, "V", shape=(n, rank), dtype="floating").double(),
    )


def nearest(A, rank):
    """Return the nearest matrix of this rank, without an SVD: project onto the leading eigenvectors of AᵀA."""
    _, vectors = torch.linalg.eigh(A.double().T @ A.double())
    leading = vectors[:, -rank:]
    return A.double() @ leading @ leading.T


def random_matrix(m, n, rng):
    """Draw a matrix whose singular values are clearly apart."""
    k = min(m, n)
    U, _ = torch.linalg.qr(torch.randn(m, k, generator=rng))
    V, _ = torch.linalg.qr(torch.randn(n, k, generator=rng))
    return U @ torch.diag(torch.arange(k, 0, -1) + torch.rand(k, generator=rng) / 2) @ V.T


@check(points=3)
def check_shapes(submission, expected):
    """`truncated_svd` returns U (m, rank), S (rank,) and V (n, rank)."""
    triple(submission, expected.A, 2)


@check(points=4)
def check_singular_values(submission, expected):
    """S holds the largest singular values of the lab's matrix, the largest first."""
    _, S, _ = expect.tuple_of(submission.truncated_svd(expected.A, 2), "U", "S", "V")
    expect.close(S, expected.S[:2], name="S", rtol=1e-4, dtype="floating")


@check(points=5)
def check_rank2(submission, expected, figures):
    """`svd_reconstruct(A, 2)` is the rank-2 matrix nearest to the lab's matrix."""
    nearest_matrix = expect.close(
        submission.svd_reconstruct(expected.A, 2), expected.rank2, name="svd_reconstruct(A, 2)", rtol=1e-3, atol=1e-4
    )
    figures["svd_loss"] = float((expected.A.double() - nearest_matrix.double()).square().sum())


@check(points=3, visibility="hidden", depends_on=["shapes"])
def check_vectors(submission, rng):
    """The columns of U and V are matching singular vectors: orthonormal, and U diag(S) Vᵀ is the nearest matrix."""
    for m, n, rank in ((6, 4, 2), (3, 7, 3), (5, 5, 1)):
        A = random_matrix(m, n, rng)
        U, S, V = triple(submission, A, rank)
        eye = torch.eye(rank, dtype=torch.float64)
        expect.close(U.T @ U, eye, name="UᵀU", atol=1e-4)
        expect.close(V.T @ V, eye, name="VᵀV", atol=1e-4)
        expect.close(U @ torch.diag(S) @ V.T, nearest(A, rank), name="U diag(S) Vᵀ", rtol=1e-3, atol=1e-3)


@check(points=3, visibility="hidden", partial=True, depends_on=["rank2"])
def check_any_rank(submission, credit, rng):
    """`svd_reconstruct` is right for tall and wide matrices at every rank, up to the full one."""
    for m, n in ((6, 3), (3, 6), (4, 4)):
        A = random_matrix(m, n, rng)
        for rank in range(1, min(m, n) + 1):
            with credit.case(f"{m} x {n} at rank {rank}"):
                expect.close(
                    submission.svd_reconstruct(A, rank),
                    nearest(A, rank),
                    name="svd_reconstruct(A, rank)",
                    rtol=1e-3,
                    atol=1e-3,
                )


@check(points=1, visibility="hidden", depends_on=["rank2"])
def check_special_matrices(submission, rng):
    """A matrix of low rank comes back unchanged, and equal singular values do no harm."""
    low = random_matrix(5, 4, rng)
    low = nearest(low, 2).float()
    expect.close(submission.svd_reconstruct(low, 3), low, name="svd_reconstruct(A, 3)", rtol=1e-3, atol=1e-3)
    Q, _ = torch.linalg.qr(torch.randn(4, 4, generator=rng))
    equal = 2 * Q  # every singular value is 2: any two directions are as good as any other
    _, S, _ = triple(submission, equal, 2)
    expect.close(S, torch.tensor([2.0, 2.0]), name="S", atol=1e-3)
    left = submission.svd_reconstruct(equal, 2)
    loss = (equal.double() - expect.tensor(left, "svd_reconstruct(A, 2)", shape=(4, 4)).double()).square().sum()
    expect.close(loss, torch.tensor(8.0), name="the loss at rank 2", atol=1e-2)


@check(points=1, visibility="hidden")
def check_argument_unchanged(submission, expected):
    """`truncated_svd` and `svd_reconstruct` do not change A."""
    for name in ("truncated_svd", "svd_reconstruct"):
        answer = submission.observe(name, expected.A, 2, echo=True)
        expect.that(answer.value is not None, f"`{name}` returns nothing: that changes no A, but does no work either.")
        expect.unchanged(expected.A, answer.arguments[0], name="A")
