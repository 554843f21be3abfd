"""`course.notebook_template`: one notebook holds what the stubs and answers.md hold, and nothing of a solution."""

import ast
import json
from pathlib import Path

import nbformat
import pytest

from grader.course.catalog import Course
from grader.course.notebook_template import NoNotebook, notebook_template
from grader.course.stubs import leaks, stub_of
from grader.errors import CourseError
from grader.written.answers import collect
from grader.written.questions import PLACEHOLDER, QuestionSheet

ROOT = Path(__file__).resolve().parents[1]
each_assignment = pytest.mark.parametrize("assignment", Course(ROOT).assignments)


def cells_of(text):
    return [(cell["id"], cell["cell_type"], "".join(cell["source"])) for cell in json.loads(text)["cells"]]


def code_of(text):
    return "\n\n".join(source for _, kind, source in cells_of(text) if kind == "code")


def body(id_, text):
    """The Markdown of a question or a part."""
    return next(source for name, _, source in cells_of(text) if name == id_)


@pytest.fixture(scope="module")
def stored():
    """The notebooks of this course as they lie in student_template/."""
    course = Course(ROOT)
    return {name: course.notebook(name).read_text(encoding="utf-8") for name in course.assignments}


@each_assignment
def test_the_stored_notebook_is_what_jupyter_itself_would_write(stored, assignment):
    notebook = nbformat.reads(stored[assignment], 4)
    nbformat.validate(notebook)
    assert nbformat.writes(notebook) + "\n" == stored[assignment]
    asked = QuestionSheet(ROOT, assignment).asked()
    assert notebook_template(Course(ROOT), assignment, asked) == stored[assignment], "run `grader stubs`"
    ids = [cell["id"] for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(cell.execution_count is None and not cell.outputs for cell in notebook.cells if cell.cell_type == "code")


@each_assignment
def test_it_holds_the_code_of_every_stub_a_cell_for_each_entry_point_and_no_line_of_a_solution(stored, assignment):
    cells = cells_of(stored[assignment])
    code = {ast.dump(node) for node in ast.parse(code_of(stored[assignment])).body}
    for part in Course(ROOT).parts(assignment):
        stub = ast.parse(part.template.read_text(encoding="utf-8"))
        assert {ast.dump(node) for node in stub.body[1:]} <= code
        assert ast.get_docstring(stub) in body(f"part-{part.name}", stored[assignment])
        for entry in part.entry_points:
            (source,) = [text for name, kind, text in cells if name == f"code-{part.name}-{entry.name}"]
            (node,) = ast.parse(source).body
            assert node.name == entry.name
        assert leaks(part.reference.read_text(encoding="utf-8"), code_of(stored[assignment])) == []


@each_assignment
def test_its_cells_for_answers_are_read_as_answers_and_nothing_else_of_it_is(stored, assignment):
    sheet = QuestionSheet(ROOT, assignment)
    empty = collect({f"{assignment}.ipynb": stored[assignment].encode()}, sheet)
    assert [written.answer for written in empty.written] == [""] * len(sheet.questions)
    assert empty.notices == ()
    filled = collect({"a.ipynb": stored[assignment].replace(PLACEHOLDER, "Mine.").encode()}, sheet)
    assert [written.answer for written in filled.written] == ["Mine."] * len(sheet.questions)


REFERENCE = '''\
"""Scale numbers."""

from __future__ import annotations

import math
{more}
# How much.
SCALE = 2


@record
class Pair:
    """Two numbers."""

    left: int


# The scaled number.
def {name}(x):
    """Return x scaled."""
    # BEGIN SOLUTION
    return x * SCALE + math.pi * SCALE
    # END SOLUTION


def _helper(x):
    return x
'''


def write_parts(demo, **parts):
    """Give the demo course parts with these references; returns the cells of their notebook."""
    for name, reference in parts.items():
        folder = demo.root / "fixtures/two" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "part.toml").write_text(f'title = "Part {name}"\norder = {len(list(folder.parent.iterdir()))}\n')
        path = demo.root / "reference/two" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(reference, encoding="utf-8")
    return Course(demo.root)


def reference(name, more="", record="import dataclasses\n"):
    source = REFERENCE.format(name=name, more=more)
    return source.replace("Pair", f"{name.title()}Pair").replace("@record\n", record and "@dataclass\n")


def test_cells_follow_the_stub_and_imports_of_the_future_come_first(demo):
    one = reference("first", "from dataclasses import dataclass\n")
    two = reference("second", "from dataclasses import dataclass\nfrom one import first\n")
    questions = [("why", "one", "## why: Why\n\n> Say.\n"), ("how", "", "## how: How\n"), ("odd", "gone", "## odd\n")]
    cells = cells_of(notebook_template(write_parts(demo, one=one, two=two), "two", questions))
    assert [name for name, _, _ in cells] == [
        *("about", "future", "part-one", "setup-one-0", "code-one-FirstPair", "code-one-first", "setup-one-2"),
        *("question-why", "part-two", "setup-two-0", "code-two-SecondPair", "code-two-second", "setup-two-2"),
        *("question-how", "question-odd"),
    ]
    text = {name: source for name, _, source in cells}
    assert text["future"] == "from __future__ import annotations"
    assert text["setup-two-0"] == "import math\nfrom dataclasses import dataclass\n\n# How much.\nSCALE = 2"
    assert text["code-one-FirstPair"].startswith("@dataclass\nclass FirstPair:\n")
    assert text["code-one-first"].startswith("# The scaled number.\ndef first(x):\n")
    assert text["code-one-first"].endswith('raise NotImplementedError("first is not written yet")')
    assert text["question-why"] == "## why: Why\n\n> Say."
    compile("\n".join(source for _, kind, source in cells if kind == "code"), "notebook", "exec")


def test_utilities_are_named_and_without_questions_nothing_speaks_of_answers(demo):
    course = write_parts(demo, one=reference("first", "from _tools import dataclass\n"))
    (demo.root / "reference/two/_tools.py").write_text("from dataclasses import dataclass\n")
    about = body("about", notebook_template(course, "two"))
    assert "Keep `_tools.py` beside this notebook: its code imports it." in about
    assert "answer" not in about
    assert "headings" not in about


@pytest.mark.parametrize(
    ("two", "says"),
    [
        (reference("first"), "one and two both define `FirstPair`"),
        (reference("second").replace("SCALE = 2", "SCALE = 3"), "one and two both define `SCALE`"),
        (reference("second").replace("import math", "import cmath as math"), "both define `math`"),
        (reference("second").replace("return x\n", "return -x\n"), "both define `_helper`"),
        (reference("second", "import one\n"), "`import one` would find no such module"),
        (reference("second", "from one import first as f\n"), "`from one import first as f` would"),
    ],
)
def test_parts_that_do_not_fit_together_have_no_notebook_and_the_reason_is_told(demo, two, says):
    course = write_parts(demo, one=reference("first"), two=two)
    with pytest.raises(NoNotebook, match=says):
        notebook_template(course, "two")


def test_a_missing_reference_is_told(demo):
    course = write_parts(demo, one=reference("first"))
    (demo.root / "reference/two/one.py").unlink()
    with pytest.raises(CourseError, match=r"one\.py is missing"):
        notebook_template(course, "two")


def test_ids_fit_the_format_whatever_names_are_in_the_reference(demo):
    course = write_parts(demo, one=reference("größe"), two=reference("f" * 70))
    text = notebook_template(course, "two")
    nbformat.validate(nbformat.reads(text, 4))
    assert text == notebook_template(Course(demo.root), "two")
    assert stub_of(reference("größe")).count("größe") == 2
