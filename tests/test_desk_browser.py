"""The marking desk in real Chromium: by keyboard, with hostile answers, for everybody, and when it stops answering."""

import random
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_examples import ANSWERS, code_of, finals, make_written_class, open_desk, served
from playwright.sync_api import expect

expect.set_options(timeout=120_000)  # ms; a busy machine fails no test
WIDTHS = (1280, 800)
NONE = "\N{EN DASH}"  # shown where an answer is not marked
ATTACKS = (
    "<script>document.title = 'hacked'</script><img src=x onerror=\"document.title = 'hacked'\">",
    "![x](https://evil.example/p.png) <img src='https://evil.example/p.png'> [x](javascript:alert(1))",
    "<style>@import 'https://evil.example/x.css'; body { display: none }</style><base href='https://evil.example'>",
    "</div></main><form action='https://evil.example'><button data-key='1'>x</button></form>",
    "$\\href{javascript:alert(1)}{x}$ $\\text{<img src=x onerror=alert(1)>}$",
)


@pytest.fixture
def opened(browser, tmp_path):
    """Serve a desk for a class; return it and a page there. Any error of the page's scripts fails the test."""
    desks, stack, troubles = [], [], []

    def opened(answers=ANSWERS, width=1280, **options):
        folder = tmp_path / "out"
        if not folder.exists():
            make_written_class(folder, answers)
        desk = open_desk(folder, **options)
        running = served(desk)
        page = browser.new_page(viewport={"width": width, "height": 900}, base_url=running.__enter__())
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        desks.append(desk)
        stack.append((page, running))
        return desk, page

    yield opened
    for page, running in stack:
        page.close()
        running.__exit__(None, None, None)
    for desk in desks:
        desk.database.close()
    assert troubles == []


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def many(number):
    """A class of this size whose answers are all different."""
    draw = random.Random(number)
    words = ("matrix", "rank", "loss", "step", "seed", "row", "column", "mask", "user", "movie", "factor", "error")
    return {f"student {place:03d}": (" ".join(draw.choices(words, k=60)), "y") for place in range(number)}


@pytest.mark.parametrize("number", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_a_class_is_marked_by_one_key_an_item_and_one_to_go_on(opened, number):
    desk, page = opened(many(number))
    assert len(desk.groups["why"]) == number
    page.goto("q/why")
    page.locator("tbody a").first.click()
    expect(page.locator("main.marking")).to_be_visible()
    page.wait_for_load_state()  # with its script
    for place in range(number):  # without waiting for the page: keys are done in order
        press(page, "1", "Enter") if place % 2 else press(page, "2", "ArrowRight")
    expect(page.locator("h1")).to_have_text("Why it works")
    expect(page.locator(".tabs")).to_contain_text("0 unmarked")
    assert sorted({one.written for one in finals(desk).values()}) == [2, 4]


def test_all_keys_do_what_the_page_says(opened):
    desk, page = opened()
    page.goto(f"q/why/{code_of(desk, 'Di')}")
    press(page, "f")
    expect(page.locator("h1")).to_contain_text("flagged")
    press(page, "c")
    page.keyboard.type("1 good")
    press(page, "Control+Enter")
    expect(page.locator(".said")).to_contain_text("1 good")
    press(page, "Escape", "p")
    page.keyboard.type("2.5")
    press(page, "Enter")
    expect(page.locator(".points b")).to_have_text("2.5")
    press(page, "Escape", "n")
    page.keyboard.type("half right")
    press(page, "Tab")
    page.keyboard.type("3")
    press(page, "Enter")
    expect(page.locator("[data-key='3']")).to_contain_text("half right")
    press(page, "Escape", "3")
    expect(page.locator(".points b")).to_have_text("3")
    for key, fold in (("m", "#model"), ("r", "#results"), ("?", "#keys")):
        before = page.locator(fold).get_attribute("open")
        press(page, key)
        assert page.locator(fold).get_attribute("open") != before
    here = page.url
    press(page, "u")
    expect(page.locator(".points b")).to_have_text(NONE)
    assert page.url != here
    page.go_back()
    expect(page.locator(".points b")).to_have_text("3")


def test_words_not_yet_saved_are_saved_by_going_on_and_kept_by_a_mark(opened):
    desk, page = opened()
    page.goto(f"q/why/{code_of(desk, 'Di')}")
    press(page, "c")
    page.keyboard.type("Name the theorem.")
    press(page, "Escape", "1")
    expect(page.locator(".points b")).to_have_text("4")
    expect(page.locator("#comment")).to_have_value("Name the theorem.")
    here = page.url
    page.locator("[data-go='next']").click()
    page.wait_for_url(lambda url: url != here)
    page.goto(here)
    expect(page.locator(".said")).to_contain_text("Name the theorem.")


def test_what_is_typed_while_the_desk_still_answers_is_not_lost(opened):
    desk, page = opened()
    page.route("**/mark", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.goto(f"q/why/{code_of(desk, 'Di')}")
    press(page, "1", "c", *"2 xy", "Control+Enter", "Escape", "2")
    expect(page.locator(".points b")).to_have_text("6")
    expect(page.locator(".said")).to_have_count(1)
    expect(page.locator(".said")).to_contain_text("2 xy")
    expect(page.locator("#comment")).to_have_value("")


def test_a_click_while_the_desk_still_answers_is_no_conflict_with_oneself(opened):
    desk, page = opened()
    page.route("**/mark", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.goto(f"q/why/{code_of(desk, 'Di')}")
    page.locator("[data-key='1']").click()
    page.locator("[data-key='2']").click()
    expect(page.locator(".points b")).to_have_text("6")
    assert finals(desk)["Di"].written == 6


@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_use_every_page(opened, width):
    desk, page = opened(width=width)
    axe, di = Axe(), code_of(desk, "Di")
    page.goto(f"q/why/{code_of(desk, 'Ada')}")
    press(page, "1", "f", "m", "r", "?", "c")
    page.keyboard.type("Good.")
    press(page, "Control+Enter")
    expect(page.locator(".said")).to_contain_text("Good.")
    page.locator("#edit-rubric summary").click()
    page.locator("#type-points summary").click()
    page.locator(".group details summary").first.click()
    pages = ("here", "", "q/why", f"q/why/{di}", "s", f"s/{di}")
    for path in pages:
        if path != "here":
            page.goto(path)
        for scheme in ("light", "dark") if path == "here" else ("light",):
            page.emulate_media(color_scheme=scheme)
            found = axe.run(page)
            assert found.violations_count == 0, f"{path} {scheme}: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is too wide"


def test_hostile_answers_run_nothing_and_load_nothing(opened):
    desk, page = opened({f"student {place}": (text, text) for place, text in enumerate(ATTACKS)}, names=True)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for student in desk.work.students.values():
        page.goto(f"q/why/{student.code}")
        assert page.title().endswith("marking desk")
        assert page.locator("body").is_visible()
        press(page, "1")
        expect(page.locator(".points b")).to_have_text("4")
    page.goto("q/why")
    assert {url.split("/")[2].split(":")[0] for url in asked if not url.startswith("data:")} == {"127.0.0.1"}
    assert {one.written for one in finals(desk).values()} == {4}


def test_two_people_see_what_the_other_decided(opened):
    desk, tess = opened()
    _, ulf = opened(by="ulf")
    path = f"q/why/{code_of(desk, 'Di')}"
    tess.goto(path)
    ulf.goto(path)
    press(tess, "1")
    expect(tess.locator(".points b")).to_have_text("4")
    press(ulf, "2")
    expect(ulf.locator("h1")).to_have_text("Somebody else decided meanwhile")
    expect(ulf.locator("main")).to_contain_text("tess decided")
    assert finals(desk)["Di"].written == 4
    ulf.get_by_role("button", name="Use mine").click()
    expect(ulf.locator(".points b")).to_have_text("2")
    assert finals(desk)["Di"].written == 2


def test_a_group_is_split_and_marked_together_again(opened):
    desk, page = opened()
    page.goto(f"q/why/{code_of(desk, 'Ada')}")
    press(page, "1")
    expect(page.locator(".points b")).to_have_text("4")
    page.get_by_role("button", name="Split: mark each separately").click()
    together = page.get_by_role("button", name="Mark them together")
    expect(together).to_be_visible()
    press(page, "2")
    expect(page.locator(".points b")).to_have_text("6")
    assert [finals(desk)[name].written for name in ("Ada", "Bo", "Cy")] == [6, 4, 4]
    together.click()
    expect(page.locator(".rubric .note")).to_contain_text("different marks")
    press(page, "2")
    expect(page.locator(".rubric .note")).to_have_count(0)
    assert len({finals(desk)[name].written for name in ("Ada", "Bo", "Cy")}) == 1


def test_a_new_price_is_at_once_the_price_of_all_who_have_the_item(opened):
    desk, page = opened()
    for name in ("Ada", "Di"):
        page.goto(f"q/why/{code_of(desk, name)}")
        press(page, "1")
        expect(page.locator(".points b")).to_have_text("4")
    page.locator("#edit-rubric summary").click()
    page.locator("#edit-rubric").get_by_label("Points").first.fill("2.5")
    press(page, "Enter")
    expect(page.locator(".points b")).to_have_text("2.5")
    assert [finals(desk)[name].written for name in ("Ada", "Bo", "Cy", "Di")] == [2.5] * 4


def test_a_comment_is_used_again_and_a_flag_reaches_a_colleague(opened):
    desk, tess = opened()
    _, ulf = opened(by="ulf")
    tess.goto(f"q/why/{code_of(desk, 'Di')}")
    press(tess, "c")
    tess.keyboard.type("Name the theorem.")
    press(tess, "Control+Enter")
    expect(tess.locator(".said")).to_have_count(1)
    tess.goto(f"q/why/{code_of(desk, 'Eve')}")
    tess.get_by_role("button", name="Name the theorem.").click()
    expect(tess.locator(".said")).to_contain_text("Name the theorem.")
    tess.get_by_label("What for").fill("Is this enough?")
    press(tess, "Escape", "f")
    expect(tess.locator(".flags")).to_contain_text("Is this enough?")
    ulf.goto("")
    ulf.get_by_role("link", name="1 flagged").click()
    ulf.locator("tbody a").click()
    expect(ulf.locator(".flags")).to_contain_text("Flagged by tess")
    expect(ulf.locator(".said")).to_contain_text("Name the theorem.")
    ulf.wait_for_load_state()  # before that no key is heard
    press(ulf, "f")
    expect(ulf.locator("h1")).not_to_contain_text("flagged")
    ulf.goto("q/why?only=flagged")
    expect(ulf.locator("main")).to_contain_text("There are none.")


def test_a_student_is_given_other_points_told_something_and_looked_at(opened, tmp_path):
    make_written_class(tmp_path / "out", reasons=("It is odd.",))
    desk, page = opened()
    page.goto(f"s/{code_of(desk, 'Ada')}")
    fold = page.locator("#override-part-c1")
    fold.locator("summary").click()
    fold.get_by_label("Points of 10").fill("9")
    fold.get_by_label("Why; the student reads it").fill("our typo")
    press(page, "Enter")
    expect(page.locator(".bar")).to_contain_text("19 = 19 automatic, overridden")
    page.get_by_label("New comment").fill("Come and see me.")
    press(page, "Control+Enter")
    expect(page.locator(".said")).to_contain_text("Come and see me.")
    page.get_by_role("button", name="I have looked at it").click()
    expect(page.locator("main")).to_contain_text("tess looked at it")
    page.locator("#history summary").click()
    expect(page.locator("#history")).to_contain_text("9 points for check part/c1, in place of the grader's: our typo")
    assert finals(desk)["Ada"].automatic == 19


def test_who_marks_while_the_desk_does_not_answer_is_told(browser, tmp_path):
    make_written_class(tmp_path / "out", ANSWERS)
    desk = open_desk(tmp_path / "out")
    page = browser.new_page()
    with served(desk) as address:
        page.goto(f"{address}q/why/{code_of(desk, 'Di')}")
    press(page, "1")
    expect(page.locator("#alert")).to_contain_text("Not saved: the desk does not answer")
    expect(page.locator(".points b")).to_have_text(NONE)
    with served(desk, port=urlsplit(address).port):
        press(page, "1")
        expect(page.locator("#alert")).to_be_hidden()
        expect(page.locator(".points b")).to_have_text("4")
    page.close()
    desk.database.close()


def test_without_scripts_the_forms_still_work(browser, opened):
    desk, page = opened()
    code = code_of(desk, "Di")
    page.goto("q/why")
    plain = browser.new_page(java_script_enabled=False)
    plain.goto(page.url + f"/{code}")
    plain.locator("[data-key='1']").click()
    expect(plain.locator(".points b")).to_have_text("4")
    plain.locator("[data-go='next']").click()
    plain.close()
    assert finals(desk)["Di"].written == 4
