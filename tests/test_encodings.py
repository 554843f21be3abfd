"""Text is UTF-8 whatever the machine's locale says, and a terminal that cannot show a letter stops nothing."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from handed_in import write

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("grader", "reference", "fixtures/datasets", "fixtures/*/*/make.py", "fixtures/*/batched.py")


def _python(path):
    return path.rglob("*.py") if path.is_dir() else [path]


def _source_files():
    return sorted(file for folder in FOLDERS for path in ROOT.glob(folder) for file in _python(path))


def _forgets_encoding(call):
    """Whether a call reads or writes text without naming its encoding."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if "encoding" in given:
        return False
    if name in {"read_text", "write_text"} or any(
        isinstance(value := given.get(key), ast.Constant) and value.value is True
        for key in ("text", "universal_newlines")
    ):
        return True
    if name not in {"open", "fdopen", "NamedTemporaryFile", "TemporaryFile"}:
        return False
    of = getattr(getattr(call.func, "value", None), "id", "")
    if of in {"os", "tarfile", "Image", "zipfile"} and name == "open":
        return False
    places = [*call.args[:2], *filter(None, [given.get("mode")])]
    modes = [node.value for place in places for node in ast.walk(place) if isinstance(node, ast.Constant)]
    binary = any(isinstance(mode, str) and "b" in mode and set(mode) <= set("rwaxb+") for mode in modes)
    return not binary and not name.endswith("TemporaryFile")  # those are binary unless a mode says otherwise


def test_reading_and_writing_of_text_names_its_encoding():
    files = _source_files()
    assert len(files) > 150
    forgotten = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call) and _forgets_encoding(node)
    ]
    assert forgotten == []


@pytest.mark.parametrize(
    ("line", "forgets"),
    [
        ("path.read_text()", True),
        ("path.read_text(encoding='utf-8')", False),
        ("path.write_text(words)", True),
        ("open(path)", True),
        ("open(path, 'w')", True),
        ("path.open()", True),
        ("path.open('a')", True),
        ("open(path, 'rb')", False),
        ("path.open(mode='wb')", False),
        ("os.open(path, os.O_RDONLY)", False),
        ("os.fdopen(file)", True),
        ("subprocess.run(command, text=True)", True),
        ("subprocess.run(command, capture_output=True)", False),
    ],
)
def test_the_test_above_sees_what_it_should(line, forgets):
    assert _forgets_encoding(ast.parse(line, mode="eval").body) == forgets


NAME = "Zoë Kᵀ 😀"
TERMINALS = {
    "ascii output": {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"},
    "windows output": {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "cp1252"},
    # What a locale without UTF-8 is: here Python must not make it UTF-8 by itself, as it does for C.
    "ascii files": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
}


def _grade(folder, out, setting, *options):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    environment = kept | {"PYTHONPATH": str(ROOT)} | setting
    command = [sys.executable, "-m", "grader", "grade", "activity1", str(folder), "--out", str(out), *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param(one, id=name, marks=[pytest.mark.slow] * (name != "ascii output"))
        for name, one in TERMINALS.items()
    ],
)
def test_a_name_that_the_terminal_cannot_show_stops_nothing(setting, tmp_path):
    folder = write(tmp_path / "class", {f"{NAME}.zip": b"damaged", "zoe.zip": b"damaged"})
    run = _grade(folder, tmp_path / "out", setting, "--json")
    assert (run.returncode, b"Traceback" in run.stderr) == (3, False), run.stderr
    lines = [json.loads(line) for line in run.stdout.decode().splitlines()]
    assert {line["name"] if "name" in line else line["submission"]["name"] for line in lines} == {NAME, "zoe"}
    assert NAME in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_a_table_that_the_terminal_cannot_show_is_escaped(tmp_path):
    folder = write(tmp_path / "class", {f"{NAME}.zip": b"damaged"})
    run = _grade(folder, tmp_path / "out", TERMINALS["ascii output"])
    assert (run.returncode, b"Traceback" in run.stderr) == (3, False), run.stderr
    assert rb"Zo\xeb K\u1d40" in run.stdout
