"""Make the pictures of docs/pictures anew: a student's page, the class page and the desk, of the sample class.

    python tools/screenshots.py [--graded FOLDER]

It grades the sample class of activity1 and lab1 below FOLDER (default: build/pictures; what is graded there already is
kept), opens the pages in Debian's Chromium, and writes PNG files with few colours: at most 150 kB each.
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser")
MOST_BYTES = 150_000
STUDENT = "mei_chen"  # her page has a hint, and matrices beside each other
AT_THE_DESK = (
    "amara_okafor",
    "bo_lindqvist",
    "chiara_russo",
    "dmitri_volkov",
    "hiro_tanaka",
    "ines_carvalho",
    "mei_chen",
)
GRADER = (sys.executable, "-m", "grader", "--course", str(ROOT))


def main() -> None:
    """Grade, open the pages, and write the pictures."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--graded", type=Path, default=ROOT / "build" / "pictures")
    graded = options.parse_args().graded.resolve()
    samples = ROOT / "tests" / "submissions"
    _grade("activity1", [samples / "activity1"], graded / "activity1")
    _grade("lab1", [samples / "lab1" / name for name in AT_THE_DESK], graded / "lab1")
    path = next((path for path in CHROMIUM if Path(path).exists()), None)
    if path is None:
        sys.exit("Chromium is not installed here: apt install chromium")
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        student = browser.new_page(viewport={"width": 860, "height": 1300})
        student.goto((graded / "activity1" / STUDENT / "report.html").as_uri())
        _write("student", student)
        whole_class = browser.new_page(viewport={"width": 1280, "height": 1200})
        whole_class.goto((graded / "activity1" / "index.html").as_uri())
        _write("class", whole_class)
        with _desk(graded / "lab1") as address:
            desk = browser.new_page(viewport={"width": 1280, "height": 860})
            _mark_an_answer(desk, address)
            _write("desk", desk)
        browser.close()


def _grade(assignment: str, people: list[Path], out: Path) -> None:
    """Grade people with a known seed; exit code 3 says that somebody needs a look."""
    command = [*GRADER, "grade", assignment, *people, "--out", out, "--seed", "7"]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode not in {0, 3}:
        sys.exit(done.returncode)


@contextmanager
def _desk(out: Path) -> Iterator[str]:
    """Open the desk with a gradebook that has no mark yet; yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/gradebook.sqlite"
        command = [*GRADER, "mark", "lab1", "--out", out, "--no-browser", "--by", "tess", "--db", database]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                said = process.stdout.readline()
                yield re.findall(r"http://\S+", said)[0]
            finally:
                process.terminate()


def _mark_an_answer(page: Page, address: str) -> None:
    """Go to an answer to the first question, and give it two items of the rubric."""
    page.goto(address)
    page.get_by_role("link", name="Gradient descent and the SVD").first.click()
    page.get_by_role("link", name=re.compile(r"^[A-Z]{4}")).nth(3).click()
    for key in ("1", "3"):
        page.wait_for_load_state("networkidle")
        with page.expect_response(lambda response: response.request.method == "POST"):
            page.keyboard.press(key)
        page.wait_for_timeout(1000)  # until the desk shows the new sum


def _write(name: str, page: Page) -> None:
    """Write a picture of what the window shows."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = PICTURES / f"{name}.png"
    image.quantize(colors=64, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {image.width} x {image.height}, {size / 1000:.0f} kB")
    if size > MOST_BYTES:
        sys.exit(f"{path} is larger than {MOST_BYTES / 1000:g} kB: make the window smaller")


if __name__ == "__main__":
    main()
