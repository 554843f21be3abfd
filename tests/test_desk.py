"""The marking desk without a browser: who may open it, what its pages show, what its forms write down."""

import os
import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from desk_examples import ANSWERS, HOST, LONG, TOKEN, code_of, finals, handed_in, make_written_class, open_desk
from gradebook_examples import graded, make_class, own_schema, postgresql
from sqlalchemy import text
from starlette.testclient import TestClient

from grader.analysis.items import analyse
from grader.analysis.results import SimilarPair, to_json
from grader.cli import main
from grader.desk.app import make_app
from grader.desk.guard import POLICY
from grader.gradebook.history import history
from grader.gradebook.place import VARIABLE
from grader.gradebook.said import said_of
from grader.gradebook.tables import Mark, Pricing, Submission

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Marker:
    """One person at a desk, who loads pages and sends their forms."""

    def __init__(self, desk):
        self.desk = desk
        self.client = TestClient(make_app(desk, TOKEN, HOST), base_url=f"http://{HOST}", follow_redirects=True)

    def page(self, path, status=200):
        answer = self.client.get(f"/{TOKEN}/{path}")
        assert answer.status_code == status, answer.text
        return answer.text

    def answer(self, name, question="why"):
        return f"q/{question}/{code_of(self.desk, name)}"

    def fields(self, path, action):
        """The hidden fields of the first form of a page that does this."""
        form = re.search(rf'<form method="post" action="[^"]*/{action}".*?</form>', self.page(path), re.DOTALL)[0]
        return dict(HIDDEN.findall(form))

    def send(self, path, action, *, fields=None, status=200, **more):
        fields = self.fields(path, action) if fields is None else fields
        answer = self.client.post(f"/{TOKEN}/{path}/{action}", data=fields | more)
        assert answer.status_code == status, answer.text
        return answer.text

    def item(self, words):
        """The id of a rubric item."""
        with self.desk.database.session() as session:
            return str(session.query(Pricing).filter_by(words=words).first().item_id)


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory):
    """A class whose gradebook is there, with all its tables."""
    folder = make_written_class(tmp_path_factory.mktemp("class") / "out")
    open_desk(folder).database.close()
    return folder


@pytest.fixture
def folder(taken_in, tmp_path):
    return shutil.copytree(taken_in, tmp_path / "out")


@pytest.fixture
def opened(folder):
    """Open a desk for the class, as this person."""
    desks = []

    def opened(by="tess", **options):
        desks.append(open_desk(folder, by=by, **options))
        return Marker(desks[-1])

    yield opened
    for desk in desks:
        desk.database.close()


@pytest.fixture
def tess(opened):
    return opened()


IDEA = "RUBRIC-7431 right idea"


@pytest.mark.parametrize("path", ["/", "/wrong/", f"/{TOKEN[:-1]}/", f"//{TOKEN}/", "/static/desk.css", f"/x/{TOKEN}/"])
def test_without_the_token_there_is_nothing(tess, path):
    answer = tess.client.get(path)
    assert answer.status_code == 403
    assert "lacks the desk's token" in answer.text


@pytest.mark.parametrize("host", ["evil.example", f"{HOST}:80", "localhost", f"{HOST}.evil.example"])
def test_a_name_that_only_leads_to_this_machine_is_refused(tess, host):
    assert tess.client.get(f"/{TOKEN}/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_another_site_cannot_send_a_form(tess, headers):
    path = tess.answer("Di")
    answer = tess.client.post(
        f"/{TOKEN}/{path}/mark", data=tess.fields(path, "mark") | {"points": "1"}, headers=headers
    )
    assert answer.status_code == 403
    assert finals(tess.desk)["Di"].written == 0


def test_every_page_forbids_scripts_and_requests_of_others(tess):
    code = code_of(tess.desk, "Ada")
    for path in ("", "s", f"s/{code}", "q/why", f"q/why/{code}", "static/desk.js", "s/none", "none"):
        answer = tess.client.get(f"/{TOKEN}/{path}")
        assert answer.headers["content-security-policy"] == POLICY, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?! src)|<style|\sstyle=|\son\w+=", answer.text), path
    report = tess.client.get(f"/{TOKEN}/s/{code}/report")
    assert "sandbox" in report.headers["content-security-policy"]
    assert "script-src" not in report.headers["content-security-policy"].replace("default-src 'none'", "")


def test_a_page_without_names_says_nowhere_who_it_is_about(tess, opened):
    code = code_of(tess.desk, "Ada")
    paths = ("", "s", f"s/{code}", f"s/{code}/report", "q/why", f"q/why/{code}", "q/how")
    for path in paths:
        assert not re.search(r"\b(Ada|Bo|Cy|Di|Eve|id-\w+)\b", tess.page(path)), path
    with_names = opened(names=True)
    assert all("Ada" in with_names.page(path) for path in paths[1:4])


def test_an_answer_stands_beside_question_model_answer_rubric_and_results(tess):
    page = tess.page(tess.answer("Di"))
    for words in (
        "Because of <span",
        "Why is the rank at most",
        "MODEL-7431",
        IDEA,
        "+4",
        "What the grader found: 15 of 20",
    ):
        assert words in page, words


def test_an_item_gives_its_points_and_pressed_again_takes_them(tess):
    path = tess.answer("Di")
    page = tess.send(path, "mark", toggle=tess.item(IDEA))
    assert "by tess, at" in page
    assert finals(tess.desk)["Di"].written == 4
    tess.send(path, "mark", toggle=tess.item("with an example"))
    assert finals(tess.desk)["Di"].written == 6
    tess.send(path, "mark", toggle=tess.item(IDEA))
    assert finals(tess.desk)["Di"].written == 2
    tess.send(path, "mark", toggle=tess.item("with an example"))
    assert finals(tess.desk)["Di"].awaiting == 10


def test_answers_that_are_alike_are_marked_together_or_split(tess):
    path = tess.answer("Bo")
    assert "3 nearly identical answers" in tess.page(path)
    tess.send(path, "mark", toggle=tess.item(IDEA))
    assert {name: one.written for name, one in finals(tess.desk).items()} == {
        "Ada": 4,
        "Bo": 4,
        "Cy": 4,
        "Di": 0,
        "Eve": 0,
    }
    tess.send(path, "apart", which=code_of(tess.desk, "Bo"))
    assert "Mark them together" in tess.page(path)
    tess.send(path, "mark", toggle=tess.item("with an example"))
    assert [finals(tess.desk)[name].written for name in ("Ada", "Bo", "Cy")] == [4, 6, 4]
    tess.send(path, "apart", which=code_of(tess.desk, "Bo"))
    assert "have different marks" in tess.page(path)


def test_a_new_price_is_everybodys_price(tess):
    tess.send(tess.answer("Bo"), "mark", toggle=tess.item(IDEA))
    tess.send(tess.answer("Di"), "mark", toggle=tess.item(IDEA))
    path = tess.answer("Eve")
    with tess.desk.database.session() as session:
        version = session.query(Pricing).filter_by(words=IDEA).one().id
    changed = {"item": tess.item(IDEA), "seen": str(version), "words": "right idea", "points": "2,5"}
    tess.send(path, "item", fields=changed)
    assert [finals(tess.desk)[name].written for name in ("Ada", "Bo", "Cy", "Di")] == [2.5] * 4
    assert "Somebody else decided" in tess.send(path, "item", fields=changed | {"points": "9"}, status=409)
    assert finals(tess.desk)["Di"].written == 2.5
    tess.send(path, "item", fields={}, words="new", points="−1")
    assert tess.item("new") in tess.page(path)


def test_what_two_people_give_at_once_is_shown_to_the_second_and_not_overwritten(tess, opened):
    ulf = opened("ulf")
    path = tess.answer("Di")
    seen_by_ulf = ulf.fields(path, "mark")
    tess.send(path, "mark", toggle=tess.item(IDEA))
    conflict = ulf.send(path, "mark", fields=seen_by_ulf, toggle=tess.item("with an example"), status=409)
    assert "tess decided" in conflict
    assert "4 points" in conflict
    assert "with an example" in conflict
    assert finals(tess.desk)["Di"].written == 4
    again = dict(HIDDEN.findall(conflict))
    ulf.send(path, "mark", fields=again)
    assert finals(tess.desk)["Di"].written == 2
    ulf.send(path, "mark", fields=again, status=409)
    with tess.desk.database.session() as session:
        assert [(one.by, one.points) for one in session.query(Mark)] == [("tess", 4), ("ulf", 2)]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_many_who_decide_at_the_same_moment_one_wins_and_all_others_see_it(folder, kind):
    with ExitStack() as stack:
        url = None
        if kind == "postgresql":
            server = os.environ.get(VARIABLE) or stack.enter_context(postgresql())
            if server is None:
                pytest.skip("PostgreSQL's server is not installed here")
            url = stack.enter_context(own_schema(server))
        desks = [open_desk(folder, by=f"marker {number}", url=url) for number in range(6)]
        stack.callback(lambda: [desk.database.close() for desk in desks])
        code = code_of(desks[0], "Di")
        begin = threading.Barrier(len(desks))

        def decide(desk):
            marker = Marker(desk)
            begin.wait(30)
            fields = {"members": code, "seen": "0", "points": "3"}
            return marker.client.post(f"/{TOKEN}/q/why/{code}/mark", data=fields).status_code

        with ThreadPoolExecutor(len(desks)) as pool:
            assert sorted(pool.map(decide, desks)) == [200, *[409] * (len(desks) - 1)]
        with desks[0].database.session() as session:
            assert session.query(Mark).count() == 1


def test_a_group_that_somebody_split_meanwhile_is_not_marked_unseen(tess, opened):
    ulf = opened("ulf")
    path = tess.answer("Ada")
    seen_by_ulf = ulf.fields(path, "mark")
    tess.send(path, "apart", which=code_of(tess.desk, "Bo"))
    assert "no longer one group" in ulf.send(path, "mark", fields=seen_by_ulf, points="3", status=409)
    assert [one.written for one in finals(tess.desk).values()] == [0] * 5


def test_points_may_be_typed_with_a_reason_and_taken_back(tess):
    path = tess.answer("Di")
    tess.send(path, "mark", points="3,5", why="Short.")
    final = finals(tess.desk)["Di"]
    assert final.written == 3.5
    assert 'value="Short."' in tess.page(path)
    assert "between 0 and 6" in tess.send(path, "mark", points="7", status=400)
    assert "not a number" in tess.send(path, "mark", points="x", status=400)
    tess.send(path, "mark", points="")
    assert finals(tess.desk)["Di"].awaiting == 10


def test_comments_go_to_a_group_are_used_again_and_taken_back(tess):
    tess.send(tess.answer("Ada"), "say", words="Name the theorem.")
    page = tess.page(tess.answer("Di"))
    assert "Said before" in page
    assert "\N{MULTIPLICATION SIGN}3" in page
    tess.send(tess.answer("Di"), "say", words="Name the theorem.")
    tess.send(tess.answer("Di"), "say", words="Name the theorem.")
    tess.send(tess.answer("Cy"), "unsay", words="Name the theorem.")

    def comments(session):
        return {one.name: said_of(session, one, {"why": 6.0}).comments for one in session.query(Submission)}

    with tess.desk.database.session() as session:
        said = {"why": ("Name the theorem.",)}
        assert comments(session) == {"Ada": {}, "Bo": {}, "Cy": {}, "Di": said, "Eve": {}}


def test_a_flag_is_seen_by_all_and_removed_only_by_who_has_seen_it(tess, opened):
    ulf, path = opened("ulf"), tess.answer("Di")
    before = ulf.fields(path, "flag")
    tess.send(path, "flag", words="Is this right?")
    assert "Is this right?" in ulf.page(path)
    assert "1 flagged" in ulf.page("")
    assert code_of(tess.desk, "Di") in ulf.page("q/why?only=flagged")
    assert code_of(tess.desk, "Eve") not in ulf.page("q/why?only=flagged")
    ulf.send(path, "flag", fields=before, words="mine", status=409)
    ulf.send(path, "flag")
    assert "1 flagged" not in tess.page("")


def test_the_next_unmarked_answer_is_found_from_anywhere(tess):
    line = re.findall(r'/q/why/(\w+)">', tess.page("q/why"))
    assert len(line) == 3
    tess.send(f"q/why/{line[0]}", "mark", points="1")
    assert f'data-go="unmarked" href="/{TOKEN}/q/why/{line[1]}"' in tess.page(f"q/why/{line[2]}")
    tess.send(f"q/why/{line[1]}", "mark", points="1")
    assert 'data-go="unmarked"' not in tess.page(f"q/why/{line[2]}")
    assert "1 unmarked" in tess.page("q/why")
    assert f'data-go="next" href="/{TOKEN}/q/why">' in tess.page(f"q/why/{line[2]}")


def test_a_check_is_overridden_with_a_reason_and_not_unseen(tess):
    path = f"s/{code_of(tess.desk, 'Ada')}"
    fields = {"part": "part", "check": "c1", "seen": "0"}
    assert "Say why" in tess.send(path, "override", fields=fields, points="9", status=400)
    tess.send(path, "override", fields=fields, points="9", why="our typo")
    assert finals(tess.desk)["Ada"].automatic == 19
    conflict = tess.send(path, "override", fields=fields, take_back="1", why="no", status=409)
    assert "our typo" in conflict
    assert dict(HIDDEN.findall(conflict))["take_back"] == "1"
    page = tess.page(path)
    assert "19 = 19 automatic, overridden" in page
    assert "What the grader found: 19 of 20" in page
    seen = re.search(r'value="c1"><input type="hidden" name="seen" value="(\d+)"', page)[1]
    tess.send(path, "override", fields=fields | {"seen": seen}, take_back="1", why="no typo")
    assert finals(tess.desk)["Ada"].automatic == 15


def test_a_student_is_told_something_and_their_report_can_be_read(tess):
    path = f"s/{code_of(tess.desk, 'Ada')}"
    tess.send(path, "say", words="Come and see me.")
    page = tess.page(path)
    assert "Come and see me." in page
    tess.send(path, "unsay", fields={}, comment=re.search(r'name="comment" value="(\d+)"', page)[1])
    assert "Come and see me." not in tess.page(path).partition("History")[0]
    assert "Written answers" in tess.page(f"{path}/report")


def test_nearly_identical_code_is_shown_beside_a_student_by_code_alone(folder, opened):
    pair = SimilarPair(first="Ada", second="Eve", share=0.97)
    (folder / "analysis.json").write_bytes(to_json(analyse((), [pair])))
    tess = opened()
    eve = code_of(tess.desk, "Eve")
    page = tess.page(f"s/{code_of(tess.desk, 'Ada')}")
    assert f'/s/{eve}">{eve}</a> <span class="quiet">97% of' in page
    assert "Nearly identical code" not in tess.page(f"s/{code_of(tess.desk, 'Bo')}")


def test_who_needs_a_look_is_looked_at(tmp_path):
    look = [handed_in("Ada", "x", "y", reasons=("No function of part was found.",)), graded("Eve", refused="A bomb.")]
    desk = open_desk(make_class(tmp_path / "out", *look, handed_in("Bo", "x", "y")))
    tess = Marker(desk)
    assert "2 of 2 still to be looked at" in tess.page("")
    assert "A bomb." in tess.page("")
    path = f"s/{code_of(desk, 'Ada')}"
    tess.send(path, "look", words="It was in a zip.")
    assert "1 of 2 still to be looked at" in tess.page("")
    assert "tess looked at it" in tess.page(path)
    tess.send(path, "look")
    assert "2 of 2" in tess.page("")
    assert "not graded" in tess.page(f"s/{code_of(desk, 'Eve')}")
    desk.database.close()


def test_what_a_person_hands_in_after_they_were_marked_is_pointed_at(folder, opened):
    opened().send(f"q/why/{code_of(opened().desk, 'Di')}", "mark", points="3")
    make_class(folder, handed_in("Di", "other", "other", started="2999-01-01T00:00:00+00:00"))
    tess = opened()
    assert "look whether the mark still fits" in tess.page(tess.answer("Di"))
    assert "look whether the mark still fits" not in tess.page(tess.answer("Eve"))


@pytest.mark.parametrize(
    ("path", "status"), [("q/none", 404), ("q/why/NONE", 404), ("s/NONE", 404), ("s/NONE/report", 404), ("none", 404)]
)
def test_what_is_not_there_is_said(tess, path, status):
    page = tess.page(path, status)
    assert path == "none" or "There is no such page" in page
    assert "saved" not in page


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("mark", {"members": "NONE", "seen": "0", "points": "1"}),
        ("mark", {"points": "1"}),
        ("mark", {"members": "{code}", "seen": "x"}),
        ("mark", {"members": "{code}", "seen": "0", "toggle": "999"}),
        ("say", {"members": "{code}", "words": " "}),
        ("say", {"members": "{code}", "words": "x" * 6000}),
        ("say", {"words": "x" * 200_000}),
        ("apart", {"which": "NONE", "apart": "1"}),
        ("item", {"words": "x"}),
        ("item", {"words": "x", "points": "nan"}),
        ("item", {"item": "999", "words": "x", "points": "1"}),
    ],
)
def test_a_form_that_makes_no_sense_writes_nothing(tess, action, fields):
    code = code_of(tess.desk, "Di")
    filled = {name: value.replace("{code}", code) for name, value in fields.items()}
    answer = tess.send(f"q/why/{code}", action, fields=filled, status=400)
    assert 'class="wrong"' in answer
    with tess.desk.database.session() as session:
        assert history(session, session.query(Submission).filter_by(name="Di").one())[1:] == []


def test_the_rubric_of_the_course_is_begun_once_and_then_belongs_to_the_people(tess, opened):
    with tess.desk.database.session() as session:
        item = session.query(Pricing).filter_by(words=IDEA).one()
        fields = {"item": str(item.item_id), "seen": str(item.id), "words": IDEA, "points": "4", "retired": "1"}
    tess.send(tess.answer("Di"), "item", fields=fields)
    again = opened()
    assert f"Retired: {IDEA}" in again.page(again.answer("Di"))
    assert len(re.findall("RUBRIC-7431", again.page(again.answer("Di")))) == 2  # the words, and the field to restore it


def test_a_class_without_written_questions_can_be_looked_at(tmp_path):
    desk = open_desk(make_class(tmp_path / "out", graded("Ada", 10, written=())))
    assert "no written questions" in Marker(desk).page("")
    assert "10 = 10 automatic" in Marker(desk).page("s")
    desk.database.close()


def test_an_answer_that_was_not_found_shows_what_may_be_one(tmp_path):
    from msgspec.structs import replace

    from grader.records.record import UnplacedRecord

    record = replace(handed_in("Ada", "", "y"), unplaced=(UnplacedRecord(source="notes.txt", text="Maybe *this*."),))
    desk = open_desk(make_class(tmp_path / "out", record))
    page = Marker(desk).page(f"q/why/{code_of(desk, 'Ada')}")
    assert "No answer was found" in page
    assert "Maybe <em>this</em>." in page
    assert "notes.txt" not in page
    desk.database.close()


def test_a_students_page_has_the_items_they_have_and_nothing_else_for_staff(tess, folder, tmp_path):
    for name in ANSWERS:
        for question in ("why", "how"):
            tess.send(tess.answer(name, question), "mark", points="1")
    tess.send(tess.answer("Di"), "mark", toggle=tess.item("with an example"))
    with pytest.raises(SystemExit) as ended:
        main(["feedback", str(folder), "--to", str(tmp_path / "to")])
    assert ended.value.code == 0
    pages = {path.parent.name: path.read_text() for path in (tmp_path / "to").rglob("*.html")}
    assert len(pages) == 5
    assert "with an example (+2)" in pages["Di id-Di"]
    assert not [name for name, page in pages.items() if "7431" in page]


def test_a_gradebook_that_cannot_be_written_is_said(tess):
    path = tess.answer("Di")
    fields = tess.fields(path, "mark")
    with tess.desk.database.engine.begin() as connection:
        connection.execute(text("DROP TABLE mark"))
    assert "The gradebook cannot be written" in tess.send(path, "mark", fields=fields, points="1", status=500)


def test_all_examples_are_in_the_class():
    assert LONG in ANSWERS["Ada"][0]


def test_students_are_found_by_code_or_name(tess, opened):
    code = code_of(tess.desk, "Ada")
    assert "1 student<" in tess.page(f"s?find={code.lower()}")
    assert "0 students" in tess.page("s?find=ada")
    assert code in opened(names=True).page("s?find=ada")
    assert "5 students" in tess.page("s?page=99&find=")


def test_the_list_of_students_has_pages(tmp_path):
    desk = open_desk(make_written_class(tmp_path / "many", {f"student {place}": ("", "") for place in range(101)}))
    tess = Marker(desk)
    rows = [len(re.findall('<th scope="row">', tess.page(f"s?page={page}"))) for page in (1, 2, 3)]
    assert rows == [100, 1, 1]
    desk.database.close()
