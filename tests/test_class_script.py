"""The script of the class page, in a real browser: it sorts, searches and filters, and no other script runs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from page_reader import render_index
from playwright.sync_api import expect
from record_examples import check, named

from grader.records.record import PartRecord

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome")

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
# Each step is done, and then the names of the rows that are shown are noted.
STEPS = """
const told = {};
const form = document.getElementById("filter");
const rows = () => [...document.querySelectorAll("table.class tbody tr")].filter((row) => !row.hidden)
  .map((row) => row.cells[0].textContent.trim());
const heads = document.querySelectorAll("table.class thead button");
const set = (name, value) => {
  form.elements[name].value = value;
  form.dispatchEvent(new Event("input"));
};
told.first = rows();
heads[1].click(); told.upwards = rows();
heads[1].click(); told.downwards = rows();
told.sorted = heads[1].parentNode.getAttribute("aria-sort");
heads[0].click(); told.names = rows();
set("search", "A b"); told.search = rows(); told.shown = form.elements.shown.value;
set("search", ""); set("standing", "needs_a_look"); told.standing = rows();
set("standing", ""); set("failed", "1"); told.failed = rows();
set("failed", ""); set("made", "0"); told.made = rows();
document.querySelector("#item-0 a[data-filter]").click(); told.link = rows();
told.form = form.hidden;
document.title = JSON.stringify(told);
"""


def small_class():
    def part(a, b, **fields):
        return (PartRecord(name="p", title="P", checks=(check("a", 9, a, **fields), check("b", 1, b))),)

    return [
        named("Zoe Abt", part("passed", "passed")),
        named("ada", part("failed", "failed", mistake="sign", hint="Mind the sign.")),
        named("bob", part("passed", "failed"), reasons=("look",)),
        named("Cy", part("failed", "failed", score=2.0)),
    ]


def opened(page: str, folder) -> str:
    """Open a page in the browser and return its HTML when its scripts have run."""
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    command = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}/profile",
        "--dump-dom",
    ]
    return subprocess.run([*command, file.as_uri()], capture_output=True, text=True, check=True, timeout=120).stdout


def title(html: str) -> str:
    return re.search("<title>(.*?)</title>", html, re.DOTALL)[1]


def test_the_class_page_sorts_searches_and_filters(tmp_path):
    page = POLICY.sub("", render_index(small_class(), {})).replace("</body>", f"<script>{STEPS}</script></body>")
    told = json.loads(title(opened(page, tmp_path)))
    assert told == {
        "first": ["bob", "ada", "Cy", "Zoe Abt"],
        "upwards": ["ada", "Cy", "bob", "Zoe Abt"],
        "downwards": ["Zoe Abt", "bob", "Cy", "ada"],
        "sorted": "descending",
        "names": ["ada", "bob", "Cy", "Zoe Abt"],
        "search": ["Zoe Abt"],
        "shown": "1 of 4 shown",
        "standing": ["bob"],
        "failed": ["ada", "bob", "Cy"],
        "made": ["ada"],
        "link": ["ada", "Cy"],
        "form": False,
    }


def test_a_large_class_is_shown_250_at_a_time(browser, tmp_path):
    people = [named(f"s{n:03d}", small_class()[n == 0].parts) for n in range(600)]  # only the first failed
    (tmp_path / "page.html").write_text(render_index(people, {}), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    pager, rows = page.locator("#pager"), page.locator("table.class tbody tr")

    def shown():
        of_those = rows.filter(visible=True)
        names = of_those.locator("th")
        return of_those.count(), names.first.inner_text(), names.last.inner_text(), pager.locator("output").inner_text()

    assert shown() == (250, "s000", "s249", "1 to 250 of 600")
    expect(pager.get_by_text("Previous")).to_be_disabled()
    pager.get_by_text("Next").click()
    assert shown() == (250, "s250", "s499", "251 to 500 of 600")
    pager.get_by_text("Next").click()
    assert shown() == (100, "s500", "s599", "501 to 600 of 600")
    expect(pager.get_by_text("Next")).to_be_disabled()
    page.get_by_role("button", name="Total").click()
    assert shown() == (250, "s000", "s249", "1 to 250 of 600"), "sorted, it begins anew"
    page.get_by_role("button", name="Total").click()
    assert shown()[:2] == (250, "s001"), "all rows are sorted, not those of a page"
    page.get_by_label("Name").fill("s59")
    expect(pager).to_be_hidden()
    expect(rows.filter(visible=True)).to_have_count(10)
    page.close()


def test_without_a_script_a_large_class_is_complete(browser, tmp_path):
    (tmp_path / "page.html").write_text(render_index([named(f"s{n}", ()) for n in range(300)], {}), encoding="utf-8")
    page = browser.new_page(java_script_enabled=False)
    page.goto((tmp_path / "page.html").as_uri())
    expect(page.locator("table.class tbody tr").filter(visible=True)).to_have_count(300)
    expect(page.locator("#pager")).to_be_hidden()
    page.close()


def test_its_policy_lets_our_script_run_and_no_other(tmp_path):
    page = render_index(small_class(), {})
    assert 'id="filter" hidden' in page
    html = opened(page.replace("</body>", "<script>document.title = 'harm'</script></body>"), tmp_path)
    assert 'id="filter">' in html, "ours shows the form"
    assert title(html) == title(page)
