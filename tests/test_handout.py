"""What students get: complete, small, and without a line or a number that is secret."""

import ast
import io
import json
import re
import zipfile

import pytest
import safetensors.torch
from click.testing import CliRunner

from grader.cli import cli
from grader.course import fixture_data, stubs
from grader.course.catalog import Course
from grader.datasets.collection import Datasets
from grader.errors import CourseError
from grader.handout.contents import handout
from grader.handout.folder import write, zip_of
from grader.handout.part_at_home import PartAtHome
from grader.handout.toml_text import toml_text
from grader.practice import run as practice

ASSIGNMENTS = ("activity1", "lab1", "lab2", "assignment2")
LONG_ENOUGH = 25  # characters of a line that cannot stand somewhere by chance


@pytest.fixture(scope="module")
def handouts(course):
    return {name: handout(course, name) for name in ASSIGNMENTS}


def everything(handout):
    """Every byte of a handout as text: its files, those of its zip, and the zip's own metadata; notebooks as read."""
    zipped = zip_of(handout.files, "name")
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
        said = archive.comment + b"".join(one.comment + one.extra for one in archive.infolist())
    assert {name.removeprefix("name/"): content for name, content in members.items()} == handout.files
    texts = [content.decode(errors="replace") for content in handout.files.values()]
    texts += [json.dumps(json.loads(text), ensure_ascii=False) for text in texts if text.startswith('{\n "cells"')]
    return "\n".join([*handout.files, said.decode(), *texts])


def squeezed(text):
    return {line for line in (" ".join(one.split()) for one in text.splitlines()) if len(line) > LONG_ENOUGH}


def hidden_lines(path):
    """Lines of a check file that are in hidden checks, or in functions that nothing visible mentions, and nowhere else.

    Read in another way than the cut: by the spans of lines of what is hidden.
    """
    text = path.read_text()
    lines, functions = text.splitlines(), [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]

    def of(function):
        first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
        return lines[first - 1 : function.end_lineno]

    hidden = [one for one in functions if any("visibility=" in ast.unparse(by) for by in one.decorator_list)]
    visible = [one for one in functions if one.name.startswith("check_") and one not in hidden]
    assert visible
    elsewhere = squeezed("\n".join(line for one in functions if one not in hidden for line in of(one)))
    return squeezed("\n".join(line for one in hidden for line in of(one))) - elsewhere


def test_no_line_of_a_solution_or_a_mistake_or_a_hidden_check_is_in_a_handout(course, handouts):
    parts = [part for name in ASSIGNMENTS for part in course.parts(name)]
    given = "\n".join(line for part in parts for line in squeezed(part.template.read_text()))
    shown = {name: everything(made) for name, made in handouts.items()}
    visible = "\n".join(
        line
        for made in handouts.values()
        for path, content in made.files.items()
        if path.startswith("checks/visible/")
        for line in squeezed(content.decode())
    )
    looked_for = 0
    for part in parts:
        lines = part.reference.read_text().splitlines()
        inside = [lines[number - 1] for region in stubs.solution_lines("\n".join(lines)) for number in region]
        solution = {line for line in squeezed("\n".join(inside)) if line not in given}
        others = hidden_lines(part.check_file)
        for path in (*part.mistakes, *part.variants):
            others |= {line for line in squeezed(path.read_text()) if not line.startswith(("import ", "from "))}
        secret = solution | {line for line in others if line not in given and line not in visible}
        looked_for += len(secret)
        for name, text in shown.items():
            found = {line for line in secret if line in text and not line.endswith(":")}
            assert not found, f"{part.identity} in the handout of {name}: {sorted(found)[:3]}"
    assert looked_for > 2000


def test_only_values_that_visible_checks_read_are_in_it(course, handouts):
    for part in (part for name in ASSIGNMENTS for part in course.parts(name)):
        files, home = handouts[part.assignment].files, PartAtHome(part)
        folder = f"checks/fixtures/{part.assignment}/{part.name}"
        given = set(json.loads(files[f"{folder}/expected.json"]))
        if large := files.get(f"{folder}/expected.safetensors"):
            given |= set(safetensors.torch.load(large))
        assert given == home.values
        assert given <= fixture_data.read(part)._values.keys()
    assert "rank1" not in json.loads(handouts["lab1"].files["checks/fixtures/lab1/truncated_svd/expected.json"])
    movies = json.loads(handouts["assignment2"].files["checks/fixtures/assignment2/recommend/expected.json"])
    assert not {"titles_alike", "queries_alike"} & movies.keys()


def test_files_are_those_that_may_go_out(handouts):
    for name, made in handouts.items():
        for path in made.files:
            top, _, below = path.partition("/")
            if below and top == "checks":
                assert below.startswith(("course.toml", f"visible/{name}/", f"student_template/{name}/", "fixtures/"))
                assert path.endswith((".py", ".toml", "expected.json", ".safetensors", f"{name}.ipynb"))
                assert not {"mistakes", "variants", "reference"} & set(path.split("/"))
            elif below:
                assert top == "data"
        assert not any("make.py" in path or ".pyc" in path or "calibration" in path for path in made.files)
        notebook = json.loads(made.files[f"{name}.ipynb"])
        assert not any(cell.get("outputs") for cell in notebook["cells"])


def test_it_is_small_and_the_same_each_time(course, handouts):
    assert sum(map(len, handouts["assignment2"].files.values())) < 5e6
    assert handout(course, "lab1").files == handouts["lab1"].files
    assert zip_of(handouts["lab1"].files, "lab1") == zip_of(handouts["lab1"].files, "lab1")


def test_the_readme_says_what_to_do_and_to_hand_in_what_it_is_worth_and_how_to_read_feedback(course, handouts):
    page = handouts["lab1"].files["README.md"].decode()
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert headings == [
        *("How to work", "What to hand in", "The parts", "What you may import", "Data", "Limits and devices"),
        *("How it is graded", "How to read feedback"),
    ]
    words = " ".join(page.split())
    assert "Hand in `factorise.py`, `truncated_svd.py`, `complete.py` and `rate.py`, and `answers.md`; or" in words
    assert "or the notebook `lab1.ipynb` (your answers may be in it) instead of the `.py` files" in words
    assert "You write `sgd_factorise`, `reconstruction_loss` (25 points, 13 of them for checks" in words
    assert "written answers, which are worth 15 points" in words
    assert "each call has 10 seconds" in words
    assert "matplotlib, numpy" in words
    listed = re.findall(r"`(data/\w[^`]*)`", page)
    assert sorted(listed) == [path for path in handouts["lab1"].files if path.startswith("data/")]
    assert "Hand in `score_matrix.py`, and `answers.md`;" in handouts["activity1"].files["README.md"].decode()
    assert {"answers.md", "requirements.txt", "lab1.ipynb", "rate.py"} <= handouts["lab1"].files.keys()
    assert "mlgrader" in handouts["lab1"].files["requirements.txt"].decode().split()


def test_labels_of_held_back_images_stay(handouts):
    files = handouts["assignment2"].files
    assert "data/cifar10/train_labels.npy" in files
    assert not any("test" in path for path in files)


def test_recorded_data_are_the_values_that_the_checks_of_the_course_get(course, handouts, tmp_path):
    import pandas as pd
    import torch

    write(handouts["assignment2"].files, tmp_path / "assignment2")
    write(handouts["lab1"].files, tmp_path / "lab1")
    ours = Datasets(course.datasets, "mini", practice.SEED)
    movielens = Datasets(Course(tmp_path / "lab1" / "checks").datasets, "mini", practice.SEED).movielens
    for name, table in vars(movielens).items():
        pd.testing.assert_frame_equal(table, getattr(ours.movielens, name))
    images = Datasets(Course(tmp_path / "assignment2" / "checks").datasets, "mini", practice.SEED).cifar10
    for name, tensor in vars(images).items():
        assert torch.equal(tensor, getattr(ours.cifar10, name))
    assert {*vars(movielens), *vars(images)} == {"ratings", "movies", "train_images", "train_labels"}


def test_the_templates_say_what_the_entry_points_are(course, handouts, tmp_path):
    for name, made in handouts.items():
        write(made.files, tmp_path / name)
        home = Course(tmp_path / name / "checks")
        for part in home.parts(name):
            (own,) = course.parts(name, [part.name])
            assert part.entry_points == own.entry_points
            assert part.config.limits == own.config.limits
            assert {*part.config.gates} <= {*own.config.gates}


def test_nothing_planted_in_a_course_comes_out(demo):
    """Every place that holds secrets gets a word of its own: none of them is in the handout."""
    part = demo.parts("demo")[0]
    check_file, make = part.check_file, part.fixture_folder / "make.py"
    check_file.write_text(
        "# canary_comment_above\n" + check_file.read_text() + "\n# canary_comment_between\n"
        "CANARY_CONSTANT = 'canary_constant'\n\n\ndef canary_helper(x):\n    return x\n\n\n"
        '@check(points=1, visibility="hidden")\ndef check_canary_name(submission, expected, rng):\n'
        '    """The canary_title."""\n    # canary_inside\n    canary_helper(expected.canary_value)\n\n\n'
        '@check(points=1, visibility="after_due_date")\ndef check_canary_later(submission):\n    """Later."""\n'
    )
    make.write_text(make.read_text().replace("return {", 'return {"canary_value": "canary_content", '))
    fixture_data.write(part, fixture_data.make(part))
    assert "canary_content" in (part.fixture_folder / "expected.json").read_text()
    for folder in ("mistakes", "variants"):
        path = part.fixture_folder / folder / f"canary_{folder}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text('"""A canary_hint that nobody may read before they hand in."""\n')
    settings = part.fixture_folder / "part.toml"
    settings.write_text(settings.read_text() + '\n[equivalent]\n"canary: *" = "canary_reason"\n')
    solution = "    # BEGIN SOLUTION\n    canary_solution = 1\n"
    part.reference.write_text(part.reference.read_text().replace("    # BEGIN SOLUTION\n", solution))
    made = handout(Course(demo.root), "demo")
    assert "canary" not in everything(made).casefold()
    assert "def check_" in made.files["checks/visible/demo/check_warm_up.py"].decode()


def test_a_visible_check_that_holds_a_line_of_the_solution_is_refused_until_it_is_kept_back(demo):
    part = demo.parts("demo")[0]
    line = "    the_whole_solution_of_the_task = x + x\n"
    reference = part.reference.read_text().replace("    # BEGIN SOLUTION\n", f"    # BEGIN SOLUTION\n{line}")
    part.reference.write_text(reference)
    more = '\n\n@check(points=1)\ndef check_tells(submission):\n    """Tells."""\n    x = 1\n' + line
    more += '\n\n@check(points=1, depends_on=["tells"])\ndef check_after(submission):\n    """After."""\n'
    part.check_file.write_text(part.check_file.read_text() + more)
    with pytest.raises(CourseError, match=r"(?s)kept_back.*the_whole_solution_of_the_task = x \+ x"):
        handout(Course(demo.root), "demo")
    toml = demo.root / "course.toml"
    toml.write_text(toml.read_text() + '\n[handout]\nkept_back = ["demo/warm_up/tells"]\n')
    made = handout(Course(demo.root), "demo")
    assert made.only_graded == ("warm_up/tells", "warm_up/after")  # what depends on it stays, too
    assert "warm_up/tells" in made.files["README.md"].decode()
    toml.write_text(toml.read_text().replace("warm_up/tells", "warm_up/tels"))
    with pytest.raises(CourseError, match="demo/warm_up/tels is no visible check"):
        handout(Course(demo.root), "demo")


def test_the_command_writes_a_folder_and_a_zip_and_spares_other_folders(demo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    assert run(cli, ["handout", "demo", "--out", "given"]).exit_code == 0
    assert (tmp_path / "given" / "demo" / "README.md").is_file()
    assert zipfile.is_zipfile(tmp_path / "given" / "demo.zip")
    assert run(cli, ["handout", "demo", "--out", "given"]).exit_code == 0, "an earlier handout is replaced"
    work = tmp_path / "mine" / "demo" / "work.py"
    work.parent.mkdir(parents=True)
    work.write_text("x = 1\n")
    refused = run(cli, ["handout", "demo", "--out", "mine"])
    assert "is no handout" in str(refused.exception)
    assert work.is_file()


def test_toml_is_read_as_it_was_written():
    import tomllib

    table = {"a": 'two "words"\n', "b": {"c.d": [1, 2.5, True], "e": {}}, "f": None, "g": float("inf"), "h": ("ä",)}
    read = {"a": 'two "words"\n', "b": {"c.d": [1, 2.5, True], "e": {}}, "g": float("inf"), "h": ["ä"]}
    assert tomllib.loads(toml_text(table)) == read
