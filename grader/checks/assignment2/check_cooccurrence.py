"""assignment2/cooccurrence: who liked what, and how many users liked each pair of movies.

Counts are compared exactly. In the small tables that X is counted from, every user gives half of their ratings 4.5
stars or more and the other half 1 star or less: whoever takes another threshold for liking loses points for `liked`,
not for counting.
"""

import itertools

import pandas as pd
import torch

from grader import check, expect

RATINGS = ["userId", "movieId", "rating"]
MOVIES = ["movieId", "title", "genres"]
KNOWN_MOVIES = (1, 2, 3)  # Toy Story, Jumanji, Grumpier Old Men: their counts are published


def ratings_table(rows):
    """Return a table like ratings.csv from rows (user, movie, stars)."""
    table = pd.DataFrame([tuple(row) for row in rows], columns=RATINGS)
    return table.assign(timestamp=range(978300000, 978300000 + len(table)))


def movies_table(ids):
    """Return a table like movies.csv."""
    return pd.DataFrame([(movie, f"Film {movie} (1999)", "Drama") for movie in ids], columns=MOVIES)


def shuffled(items, rng):
    """Return the items in random order."""
    return [items[place] for place in torch.randperm(len(items), generator=rng).tolist()]


def distinct(count, highest, rng):
    """Draw `count` different ids from 1 to `highest`, in random order."""
    return [1 + place for place in torch.randperm(highest, generator=rng)[:count].tolist()]


def plain_rows(users, movies, per_user, rng):
    """Draw rows in which every user clearly likes `per_user` of the movies and dislikes as many others.

    Nobody likes the last movie, but everybody rates it.
    """
    rows = []
    for user in users:
        chosen = [*shuffled(movies[:-1], rng)[: 2 * per_user - 1], movies[-1]]
        steps = torch.randint(2, (2 * per_user,), generator=rng).tolist()
        for place, (movie, step) in enumerate(zip(chosen, steps, strict=True)):
            rows.append((user, movie, (4.5 if place < per_user else 0.5) + step / 2))
    return rows


def own_likes(rows):
    """Return {(user, movie): liked} for rows (user, movie, stars), by the definition; sums of half stars are exact."""
    stars = {}
    for user, _, rating in rows:
        stars.setdefault(user, []).append(rating)
    return {(user, movie): rating * len(stars[user]) >= sum(stars[user]) for user, movie, rating in rows}


def without_ties(pairs, rng):
    """Draw stars for (user, movie) pairs, none of them a user's mean: that case has a check of its own."""
    users = sorted({user for user, _ in pairs})
    rows = []
    for user in users:
        movies = [movie for rater, movie in pairs if rater == user]
        stars = random_stars(len(movies), rng)
        while len(stars) > 1 and any(rating * len(stars) == sum(stars) for rating in stars):
            stars = random_stars(len(movies), rng)
        rows += [(user, movie, rating) for movie, rating in zip(movies, stars, strict=True)]
    return shuffled(rows, rng)


def random_stars(count, rng):
    """Draw `count` ratings from half a star to five, in steps of a half."""
    return (torch.randint(1, 11, (count,), generator=rng) / 2).tolist()


def right_counts(rows, movies):
    """Return X, float64, for rows (user, movie, stars), with the movies in the order of the list `movies`."""
    places = {movie: place for place, movie in enumerate(movies)}
    users = {user: place for place, user in enumerate({row[0] for row in rows})}
    L = torch.zeros(len(users), len(movies), dtype=torch.float64)
    for (user, movie), likes in own_likes(rows).items():
        L[users[user], places[movie]] = float(likes)
    return L.T @ L


def column(frame, name):
    """Return the values of one column as numbers."""
    expect.that(list(frame.columns).count(name) == 1, f"The table has no column `{name}`, or more than one.")
    values = frame[name].tolist()
    kept_as = f"Its dtype is {frame[name].dtype}."
    lack = f"The column `{name}` holds something that is not a number."
    expect.that(all(type(value) in (bool, int, float) for value in values), lack, detail=kept_as)
    return values


def expect_likes(submission, ratings, right):
    """Require a table that agrees with `right` {(user, movie): liked}, one row for each rating, in any order."""
    frame = submission.liked(ratings)
    expect.of_type(frame, pd.DataFrame, name="liked(ratings)", wanted="a DataFrame")
    lack = "The table does not have one row for each rating."
    rows = f"It has {len(frame)} rows for {len(right)} ratings."
    expect.that(len(frame) == len(right), lack, detail=rows)
    users, movies, likes = (column(frame, name) for name in ("userId", "movieId", "liked"))
    expect.that(sorted(zip(users, movies, strict=True)) == sorted(right), lack, detail=rows)
    expect.that(set(likes) <= {0, 1}, "The column `liked` holds values other than True and False.")
    said = dict(zip(zip(users, movies, strict=True), likes, strict=True))
    wrong = [key for key, likes_it in right.items() if said[key] != likes_it]
    if wrong:
        user, movie = wrong[0]
        words = f"For user {user} and movie {movie} it is {not right[wrong[0]]}, expected {right[wrong[0]]}"
        expect.fail("The column `liked` is wrong.", detail=f"{words} ({len(wrong)} of {len(right)} are wrong).")


def counted(submission, ratings, movies):
    """Return the student's X; check its type and shape."""
    X = submission.cooccurrence(ratings, movies)
    return expect.tensor(X, "X", shape=(len(movies), len(movies)))


def without_diagonal(X):
    """Return X with zeros on its diagonal: only the counts of pairs."""
    return X - torch.diag(X.diagonal())


def expect_counts(X, right, name):
    """Require exactly the same numbers, of any dtype."""
    expect.close(X, right, name=name, rtol=0, atol=0)


def wrong_cells(X, likes):
    """Return how many cells of the X of all movies are wrong, the first one, and its right count."""
    number, place, count = 0, None, 0.0
    for first, right in likes.cooccurrence_by_rows():
        wrong = (right != X[first : first + len(right)]).nonzero()
        if place is None and len(wrong):
            i, j = wrong[0].tolist()
            place, count = (first + i, j), right[i, j].item()
        number += len(wrong)
    return number, place, count


@check(points=2)
def check_liked(submission, expected):
    """`liked` is True where a rating is at least the mean of all ratings of its user."""
    right = {(user, movie): liked for (user, movie, _), liked in zip(expected.ratings, expected.liked, strict=True)}
    expect_likes(submission, ratings_table(expected.ratings), right)


@check(points=1, visibility="hidden", depends_on=["liked"])
def check_liked_at_the_mean(submission, rng):
    """A rating that equals the user's mean counts as liked; so does the only rating of a user."""
    mean, spread = 1.5 + 0.5 * int(torch.randint(5, (), generator=rng)), (0.0, 1.0, -1.0, 0.5, -0.5)
    movies = distinct(6, 90, rng)
    rows = [(4, movie, mean + step) for movie, step in zip(movies, spread, strict=False)]
    rows += [(9, movies[0], 2.0), *((13, movie, 3.5) for movie in movies)]
    expect_likes(submission, ratings_table(rows), own_likes(rows))


@check(points=1, visibility="hidden", depends_on=["liked"])
def check_liked_any_order(submission, rng):
    """`liked` is right for any users and movies, and for ratings in any order."""
    users, movies = distinct(12, 5000, rng), distinct(15, 200_000, rng)
    pairs = shuffled(list(itertools.product(users, movies)), rng)[:90]
    rows = without_ties(pairs, rng)
    expect_likes(submission, ratings_table(rows), own_likes(rows))


@check(points=1, visibility="hidden")
def check_ratings_unchanged(submission, rng):
    """`liked` does not change the table of ratings."""
    ratings = ratings_table(shuffled(plain_rows([5, 2, 8], [10, 30, 20, 50], 2, rng), rng))
    after, *_ = submission.observe("liked", ratings, echo=True).arguments
    same = isinstance(after, pd.DataFrame) and after.equals(ratings)
    expect.that(same, "The call changed its argument `ratings`. Work on a copy: `ratings.copy()`.")


@check(points=2)
def check_pairs(submission, expected):
    """X[i, j] is the number of users who liked both movie i and movie j."""
    X = counted(submission, ratings_table(expected.plain_ratings), pd.DataFrame(expected.movies, columns=MOVIES))
    expect_counts(without_diagonal(X), without_diagonal(expected.X), "X")


@check(points=1)
def check_diagonal(submission, expected):
    """X[i, i] is the number of users who liked movie i."""
    X = counted(submission, ratings_table(expected.plain_ratings), pd.DataFrame(expected.movies, columns=MOVIES))
    expect_counts(X.diagonal(), expected.X.diagonal(), "X.diagonal()")


@check(points=1, visibility="hidden", depends_on=["pairs"])
def check_never_rated(submission, rng):
    """Movies that nobody rated have rows and columns too, full of zeros."""
    movies = sorted(distinct(12, 60, rng))
    rated = sorted(shuffled(movies, rng)[:6])
    rows = plain_rows([1, 2, 3, 4, 5], rated, 3, rng)
    X = counted(submission, ratings_table(rows), movies_table(movies))
    expect_counts(without_diagonal(X), without_diagonal(right_counts(rows, movies)), "X")


@check(points=1, visibility="hidden", depends_on=["pairs"])
def check_order(submission, rng):
    """Row and column i of X belong to row i of the table of movies, whatever the order of that table."""
    # Never in the order of the ids, nor back to front.
    movies = sorted(distinct(8, 300, rng))
    movies = [*shuffled(movies[2:5], rng), movies[7], *shuffled(movies[:2], rng), *movies[5:7]]
    rows = sorted(plain_rows([2, 3, 6, 7, 11], movies, 4, rng))
    X = counted(submission, ratings_table(rows), movies_table(movies))
    expect_counts(without_diagonal(X), without_diagonal(right_counts(rows, movies)), "X")


@check(points=1, visibility="hidden", depends_on=["pairs"], partial=True)
def check_any_tables(submission, credit, rng):
    """X is right for ids far apart, for ratings in any order, and for many users."""
    scattered = plain_rows(distinct(9, 100_000, rng), distinct(10, 200_000, rng), 5, rng)
    stars = {1: 5.0, 2: 4.5, 3: 0.5, 4: 1.0}
    crowd = [(user, movie, rating) for user in range(1, 301) for movie, rating in stars.items()]
    for label, rows in (("ids far apart, ratings in any order", shuffled(scattered, rng)), ("300 users", crowd)):
        movies = sorted({movie for _, movie, _ in rows})
        with credit.case(label):
            X = counted(submission, ratings_table(rows), movies_table(movies))
            expect_counts(X, right_counts(rows, movies), "X")


@check(points=1, depends_on=["pairs"])
def check_data_set(submission, datasets, figures):
    """X is right for all ratings and all movies of the data set."""
    ratings, movies = datasets.movielens.ratings, datasets.movielens.movies
    X = submission.cooccurrence(ratings, movies)
    expect.shape(X, (len(movies), len(movies)), name="X")
    expect.dtype(X, "number", name="X")
    places = {movie: place for place, movie in enumerate(movies["movieId"].tolist())}
    if datasets.profile == "full":
        for i, j in itertools.combinations_with_replacement(KNOWN_MOVIES, 2):
            figures[f"X{i}{j}"] = X[places[i], places[j]].item()
    number, place, count = wrong_cells(X, datasets.movielens.likes)
    if number:
        i, j = place
        titles = [movies["title"][one] for one in dict.fromkeys(place)]
        words = f"X[{i}, {j}], of {' and '.join(titles)}, is {X[i, j].item():g}, expected {count:g}"
        expect.fail("`X` has wrong values.", detail=f"{words} ({number} of {X.numel()} values differ).")
