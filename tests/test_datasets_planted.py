"""The planted ratings: what code must cope with is in them, and so is what factors are to find."""

import numpy as np
import pandas as pd
import pytest
from course_examples import DATASETS

plant, GROUPS = DATASETS.module("_planted").plant, DATASETS.module("_titles").GROUPS


@pytest.fixture(scope="module")
def planted():
    return plant()


def test_the_tables_have_the_columns_and_types_of_movielens(planted):
    assert {name: str(dtype) for name, dtype in planted.ratings.dtypes.items()} == {
        "userId": "int64",
        "movieId": "int64",
        "rating": "float64",
        "timestamp": "int64",
    }
    assert list(planted.movies.columns) == ["movieId", "title", "genres"]
    assert planted.movies.movieId.dtype == "int64"
    assert planted.source == "planted"


def test_another_seed_gives_other_ratings_and_the_same_seed_the_same():
    pd.testing.assert_frame_equal(plant(seed=3).ratings, plant(seed=3).ratings)
    assert not plant(seed=3).ratings.equals(plant(seed=4).ratings)


@pytest.mark.parametrize("seed", range(5))
def test_every_rating_is_half_a_star_to_five_and_given_once(seed):
    ratings = plant(seed=seed).ratings
    assert set(ratings.rating) <= {n / 2 for n in range(1, 11)}
    assert not ratings.duplicated(["userId", "movieId"]).any()
    assert ratings.groupby("userId").size().min() >= 20
    assert ratings.equals(ratings.sort_values(["userId", "movieId"]))


@pytest.mark.parametrize("seed", range(5))
def test_every_fifth_user_gave_a_rating_equal_to_their_mean(seed):
    ratings = plant(seed=seed).ratings
    equal = ratings.rating == ratings.groupby("userId").rating.transform("mean")
    assert set(range(5, 121, 5)) <= set(ratings.userId[equal])


def test_movie_ids_have_gaps_and_some_films_are_never_rated(planted):
    ids = planted.movies.movieId
    assert ids.is_monotonic_increasing
    assert ids.is_unique
    assert ids.max() > 5 * len(ids)
    assert set(planted.ratings.movieId) < set(ids)
    assert len(ids) - planted.ratings.movieId.nunique() >= 12


def test_the_titles_are_as_awkward_as_real_ones(planted):
    titles = set(planted.movies.title)
    assert len(titles) == 250
    assert titles >= {
        "Apollo 13 (1995)",
        "Toy Story (1995)",
        "Toy Story 2 (1999)",
        "Home Alone (1990)",
        "Seven (a.k.a. Se7en) (1995)",
        "Misérables, Les (1995)",
    }
    assert any(not title.isascii() for title in titles)
    rated = planted.movies.title[planted.movies.movieId.isin(planted.ratings.movieId)]
    assert {"Apollo 13 (1995)", "Toy Story (1995)", "Home Alone (1990)"} <= set(rated)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_seed_is_sequels_come_after_their_film_and_well_known_films_are_rated(seed):
    found = plant(seed=seed)
    place = {title: row for row, title in enumerate(found.movies.title)}
    toy_story = [place[f"Toy Story{number}"] for number in (" (1995)", " 2 (1999)", " 3 (2010)")]
    assert toy_story[0] == min(toy_story)
    assert place["Home Alone (1990)"] < place["Home Alone 2: Lost in New York (1992)"]
    assert sorted(place.values()) == list(range(250))
    rated = found.movies.title[found.movies.movieId.isin(found.ratings.movieId)]
    assert {"Apollo 13 (1995)", "Toy Story (1995)", "Home Alone (1990)"} <= set(rated)


def test_no_title_is_given_twice():
    titles = [title for group in GROUPS.values() for title in group]
    assert len(set(titles)) == len(titles)


def test_films_liked_with_a_film_are_of_its_group(planted):
    """Of the ten films most often liked by those who like Toy Story, more are of its group than chance would give."""
    ratings = planted.ratings
    liked = ratings[ratings.rating >= ratings.groupby("userId").rating.transform("mean")]
    table = pd.crosstab(liked.userId, liked.movieId).reindex(columns=planted.movies.movieId, fill_value=0).to_numpy()
    for title in ("Toy Story (1995)", "Apollo 13 (1995)", "Home Alone (1990)"):
        row = planted.movies.index[planted.movies.title == title][0]
        together = table.T @ table[:, row]
        together[row] = -1
        best = planted.movies.genres.iloc[np.argsort(-together)[:10]]
        assert (best == planted.movies.genres[row]).sum() >= 5, title


def test_the_ratings_have_the_planted_rank(planted):
    """Means by user and group, less what user and group have by themselves, vary more than noise would make them."""
    ratings = planted.ratings.merge(planted.movies, on="movieId")
    ratings["left"] = ratings.rating - ratings.groupby("userId").rating.transform("mean")
    ratings["left"] -= ratings.groupby("movieId").left.transform("mean")
    cells = ratings.groupby(["userId", "genres"]).left
    taste = cells.mean()[cells.size() >= 5]
    assert taste.std() > 0.5
    assert (ratings.left - cells.transform("mean")).std() < 0.6


def test_more_users_and_films_than_there_are_titles_for():
    big = plant(users=300, movies=1000)
    assert big.movies.title.is_unique
    assert len(big.movies) == 1000
    assert big.ratings.userId.nunique() == 300
    assert len(big.ratings) == pytest.approx(300 * 57, rel=0.2)


def test_a_very_small_set_can_be_planted():
    small = plant(users=3, movies=8)
    assert len(small.movies) == 8
    assert small.ratings.userId.nunique() == 3
