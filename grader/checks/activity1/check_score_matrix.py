"""activity1/score_matrix: stacking vectors, S = Q Kᵀ, and the best movie of a user."""

import torch

from grader import check, expect


def tied_scores(users, movies, rng):
    """Return scores (users, movies), float32, with two best movies for each user, and the first of the two."""
    S = torch.randint(-9, 9, (users, movies), generator=rng).float()
    tied = [torch.randperm(movies, generator=rng)[:2].sort().values for _ in range(users)]
    tied[-1] = torch.tensor([1, movies - 1])  # movie 0 is never the best of all users: nobody is right by luck
    for scores, pair in zip(S, tied, strict=True):
        scores[pair] = scores.max() + 1
    return S, [int(first) for first, _ in tied]


@check(points=15)
def check_stacking(submission, expected):
    """`stack_rows` puts the users' vectors below each other, in the same order."""
    expect.close(submission.stack_rows(expected.users), expected.Q, name="stack_rows(users)")


@check(points=10, visibility="hidden", depends_on=["stacking"])
def check_stacking_other_sizes(submission, rng):
    """`stack_rows` works for any number of vectors of any length and keeps their dtype."""
    for n, d in ((1, 4), (5, 1), (7, 3)):
        rows = torch.randint(-9, 9, (n, d), generator=rng)
        expect.close(submission.stack_rows(list(rows)), rows, name="stack_rows(vectors)", dtype=rows.dtype)


@check(points=20)
def check_scores(submission, expected):
    """`score_matrix` returns every user's score for every movie of the activity sheet."""
    expect.close(submission.score_matrix(expected.Q, expected.K), expected.S, name="S")


@check(points=20, visibility="hidden", partial=True)
def check_scores_other_sizes(submission, credit, rng):
    """`score_matrix` is right for other numbers of users, movies and qualities, and for integers."""
    for n, m, d in ((4, 4, 4), (5, 2, 3), (2, 6, 5), (1, 3, 2)):
        Q, K = torch.randn(n, d, generator=rng), torch.randn(m, d, generator=rng)
        with credit.case(f"{n} users, {m} movies, {d} qualities"):
            expect.close(submission.score_matrix(Q, K), Q @ K.T, name="S", rtol=1e-4, atol=1e-5)
    Q, K = torch.randint(-5, 6, (3, 4), generator=rng), torch.randint(-5, 6, (2, 4), generator=rng)
    with credit.case("integers"):
        expect.close(submission.score_matrix(Q, K), Q @ K.T, name="S", dtype="integer")


@check(points=5, visibility="hidden", depends_on=["scores"])
def check_arguments_unchanged(submission, expected):
    """`score_matrix` does not change Q and K, and `favourite_movie` does not change S."""
    Q, K = submission.observe("score_matrix", expected.Q, expected.K, echo=True).arguments
    expect.unchanged(expected.Q, Q, name="Q")
    expect.unchanged(expected.K, K, name="K")
    (S, _) = submission.observe("favourite_movie", expected.S, 1, echo=True).arguments
    expect.unchanged(expected.S, S, name="S")


@check(points=10)
def check_favourite(submission, expected):
    """`favourite_movie` returns the index of a user's best movie, counted from 0."""
    # Ask for all users before judging any: many mistakes explain one wrong answer, one explains three.
    found = [submission.favourite_movie(expected.S, user) for user in range(len(expected.favourites))]
    for user, best in enumerate(expected.favourites):
        name = f"favourite_movie(S, {user})"
        expect.equal(expect.integer(found[user], name), best, name=name)


@check(points=10, visibility="hidden", depends_on=["favourite"])
def check_favourite_ties_and_shapes(submission, rng):
    """Ties go to the first movie; works for any number of users and movies."""
    for users, movies, shift in ((2, 4, 0), (4, 3, -20)):
        S, best = tied_scores(users, movies, rng)
        S += shift  # with -20 nobody likes anything: the best is the least bad
        found = [submission.favourite_movie(S, user) for user in range(users)]
        for user, movie in enumerate(best):
            name = f"favourite_movie(S, {user})"
            expect.equal(expect.integer(found[user], name), movie, name=name)
