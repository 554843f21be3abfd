"""The course itself: paired trees, hints that can be read, checks that say what they ask."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from grader.course import executed_code
from grader.course.catalog import Course
from grader.grading.known_mistakes import hint_of
from grader.vocabulary.check import PREFIX
from grader.written.answers import collect
from grader.written.questions import PLACEHOLDER, QuestionSheet

ROOT = Path(__file__).resolve().parents[1]
PARTS = [part for parts in Course(ROOT).assignments.values() for part in parts]
each_part = pytest.mark.parametrize("part", PARTS, ids=lambda part: part.identity)


def code_of(path):
    """A file's code without docstrings, comments and layout."""
    tree = ast.parse(path.read_text())
    if ast.get_docstring(tree):
        tree.body = tree.body[1:]
    return ast.dump(tree)


def files_below(tree, pattern="*/*.py"):
    """The parts that have a file there; a name that begins with ``_`` is of code that several of them share."""
    files = (path for path in (ROOT / tree).glob(pattern) if not path.name.startswith("_"))
    return {f"{path.parent.name}/{path.stem.removeprefix(PREFIX)}" for path in files}


def test_there_is_a_course():
    assert {"activity1/score_matrix", "lab1/factorise", "lab1/truncated_svd", "lab1/complete"} <= {
        part.identity for part in PARTS
    }


def test_the_four_trees_hold_the_same_parts():
    identities = {part.identity for part in PARTS}
    assert files_below("reference") == files_below("student_template") == files_below("grader/checks") == identities
    folders = {f"{path.parent.name}/{path.name}" for path in (ROOT / "fixtures").glob("*/[!_]*") if path.is_dir()}
    assert folders == identities


@each_part
def test_the_facts_of_a_part_fit_its_reference_and_its_checks(part):
    assert part.config.title
    assert set(part.alias_table()) == {entry.name for entry in part.entry_points}
    taken = [name for aliases in part.alias_table().values() for name in aliases] + list(part.alias_table())
    assert len(taken) == len(set(taken)), "one name, one entry point"
    assert set(executed_code.declared(part)) == set(part.config.gates)
    used = set(re.findall(r'gates\.require\(\s*"(\w+)"', part.check_file.read_text()))
    assert used == set(part.config.gates), "every gate is required by a check"


@each_part
def test_every_check_has_a_title_that_is_a_sentence(part):
    checks = [
        node
        for node in ast.parse(part.check_file.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(PREFIX)
    ]
    assert checks
    titles = [" ".join((ast.get_docstring(check) or "").partition("\n\n")[0].split()) for check in checks]
    for check, title in zip(checks, titles, strict=True):
        assert title.endswith("."), check.name
        assert 20 <= len(title) <= 160, check.name
        assert title[0].isupper() or title[0] == "`", check.name
    assert len(titles) == len(set(titles))


@each_part
def test_a_part_has_mistakes_and_right_variants(part):
    assert len(part.mistakes) >= 5
    assert len(part.variants) >= 3


@each_part
def test_every_mistake_has_a_hint_for_the_student(part):
    for path in part.mistakes:
        hint = hint_of(path)
        assert 40 <= len(hint) <= 600, path.name
        assert hint[0].isupper() or hint[0] == "`", path.name
        assert hint.endswith((".", "?", "!", ")")), path.name


@each_part
def test_every_mistake_is_a_whole_solution(part):
    for path in part.mistakes:
        nodes = ast.parse(path.read_text()).body
        defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        for name, aliases in part.alias_table().items():
            assert defined & {name, *aliases}, f"{path.name} has no {name}: that is another mistake"


@each_part
def test_no_two_solutions_of_a_part_are_the_same_code(part):
    sources = {path: code_of(path) for path in (part.reference, *part.variants, *part.mistakes)}
    counts = Counter(sources.values())
    assert [path.name for path, code in sources.items() if counts[code] > 1] == []


@pytest.mark.parametrize("assignment", Course(ROOT).assignments)
def test_every_assignment_asks_for_answers_in_words_worth_10_to_20_points(assignment):
    sheet = QuestionSheet(ROOT, assignment)
    assert 10 <= sum(question.points for question in sheet.questions) <= 20
    assert all(question.text.rstrip().endswith(("?", ".")) for question in sheet.questions)
    template = sheet.template.read_bytes()
    assert not any(written.answer for written in collect({"answers.md": template}, sheet).written)
    filled = template.replace(PLACEHOLDER.encode(), b"Mine.")
    assert {written.answer for written in collect({"answers.md": filled}, sheet).written} == {"Mine."}


@each_part
def test_no_two_mistakes_have_the_same_hint(part):
    hints = Counter(hint_of(path) for path in part.mistakes)
    assert [hint for hint, count in hints.items() if count > 1] == []
