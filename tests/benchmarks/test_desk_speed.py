"""How fast the marking desk's pages are for a class of 1,000. Run with `make bench`; the bound is 0.3 s a page.

`GRADER_BENCH_PEOPLE=20 make bench` only tries the benchmarks.
"""

import os
import random

import pytest
from desk_examples import HOST, TOKEN, make_written_class, open_desk
from starlette.testclient import TestClient

from grader.desk.app import make_app
from grader.gradebook import rubric

PEOPLE = int(os.environ.get("GRADER_BENCH_PEOPLE", "1000"))
WORDS = ("matrix", "rank", "loss", "step", "seed", "row", "column", "mask", "user", "movie", "factor", "error")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A thousand people with two answers each, all marked three times."""
    draw = random.Random(1)
    names = [f"student {place:04d}" for place in range(PEOPLE)]
    answers = {name: tuple(" ".join(draw.choices(WORDS, k=150)) for _ in "ab") for name in names}
    desk = open_desk(make_written_class(tmp_path_factory.mktemp("class") / "out", answers))
    with desk.database.session() as session:
        items = [one for one in rubric.items_of(session, desk.assignment(session)).values() if one.question == "why"]
        for student in [*desk.work.students.values()] * 3:
            rubric.apply(session, desk.attempt(session, student), "why", [draw.choice(items)], desk.decision())
    yield desk
    desk.database.close()


PAGES = ("", "q/why", "q/why?only=unmarked", "q/why/{code}", "s", "s?find=A", "s/{code}", "s/{code}/report")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_for_a_thousand_people(benchmark, desk, page):
    client = TestClient(make_app(desk, TOKEN, HOST), base_url=f"http://{HOST}")
    path = f"/{TOKEN}/" + page.format(code=list(desk.work.students)[PEOPLE // 2])
    answer = benchmark.pedantic(client.get, args=(path,), rounds=10, warmup_rounds=1)
    assert answer.status_code == 200
    benchmark.extra_info["page KB"] = len(answer.content) >> 10
