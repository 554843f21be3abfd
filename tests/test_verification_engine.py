"""`grader.verification.engine`: a hash of all of our own code that a grading runs, and of nothing else."""

import ast
from pathlib import Path

import pytest

import grader
from grader.verification import engine

HOME = Path(grader.__file__).parent


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the grader whose hash is taken; the cached one is left alone."""
    for path in HOME.rglob("*.*"):
        if path.suffix in (".py", ".ini") and "checks" not in path.relative_to(HOME).parts:
            to = tmp_path / path.relative_to(HOME)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(path.read_bytes())
    monkeypatch.setattr(grader, "__file__", str(tmp_path / "__init__.py"))
    return tmp_path


def taken():
    return engine.engine_sha256.__wrapped__()


@pytest.mark.parametrize(
    ("path", "words", "changes"),
    [
        ("grading/grade.py", "\nX = 1\n", True),
        ("worker/child.py", "\nX = 1\n", True),
        ("grading/pytest-grading.ini", "\nx = 1\n", True),
        ("errors.py", "\nX = 1\n", True),
        ("grading/grade.py", "\n# a remark\n", False),
        ("reports/html.py", "\nX = 1\n", False),
    ],
)
def test_the_hash_changes_with_the_code_that_grades(copy, path, words, changes):
    before = taken()
    file = copy / path
    file.write_text(file.read_text() + words)
    assert (taken() != before) == changes


def test_the_version_in_records_changes_with_every_byte_of_it(copy):
    def version_of_it():
        return engine.grader_version.__wrapped__()

    before, file = version_of_it(), copy / "grading" / "grade.py"
    (copy / "reports" / "html.py").write_text("")
    assert version_of_it() == before, "no grading runs it"
    file.write_text(file.read_text() + "\n# a remark\n")
    assert version_of_it() != before


def test_another_torch_is_another_engine(monkeypatch):
    before = taken()
    monkeypatch.setattr(engine, "version", lambda name: "0.0" if name == "torch" else "1")
    assert taken() != before


def imported(package):
    """The packages of ours that one imports, at the top or in a function."""
    found = set()
    for path in (HOME / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {name.split(".")[1] for name in names if name.startswith("grader.")}
    return found


def test_every_package_that_a_grading_process_imports_counts():
    """But not what makes its pages: another sentence on a page must not have a class graded again."""
    waiting, needed = ["running"], set()
    while waiting:
        package = waiting.pop()
        if package not in needed and package not in ("errors", "reports"):
            needed.add(package)
            waiting += imported(package)
    assert needed == set(engine.PACKAGES)
