"""`verification.layout`: files that belong to no part, and written questions that do not fit their assignment."""

import pytest
from course_examples import make_course

from grader.commands.new import command as new
from grader.commands.stubs import command as stubs
from grader.verification.layout import layout, notebooks, stub, student_page, written_questions
from grader.written.questions import QuestionSheet

SHEET = '[[question]]\nname = "why"\ntitle = "Why"\npoints = 5\npart = "warm_up"\ntext = "Say why."\n'


@pytest.fixture
def sheet(demo):
    sheet = QuestionSheet(demo.root, "demo")
    sheet.source.write_text(SHEET)
    stubs.callback((), check=False)
    return sheet


def found(course):
    parts = course.parts("demo")
    return [
        (f.invariant, f.where, f.problem, f.repair)
        for f in (*layout(course, parts), *written_questions(course, parts), *notebooks(course, parts))
    ]


def test_questions_and_their_template_are_no_strangers(demo, sheet):
    (demo.root / "fixtures/demo/batched.py").write_text("")
    assert found(demo) == []


def test_an_assignment_may_have_no_questions(demo):
    assert found(demo) == []


@pytest.mark.parametrize(
    "path",
    [
        "reference/demo/README.md",
        "student_template/demo/README.md",
        "checks/demo/README.md",
        "checks/demo/_near.py",
        "fixtures/demo/README.md",
        "fixtures/demo/_tables.py",
        "fixtures/demo/warm_up/README.md",
        "fixtures/demo/warm_up/_tables.py",
        "fixtures/demo/warm_up/scores.csv",
        "fixtures/demo/warm_up/arrays.npz",
    ],
)
def test_shared_code_tables_and_a_readme_may_lie_beside_the_files_of_parts(demo, path):
    (demo.root / path).write_text("")
    assert found(demo) == []


def test_utilities_beside_references_are_what_students_get(demo):
    (demo.root / "reference/demo/_tools.py").write_text("TWO = 2\n")
    (part,) = demo.parts("demo")
    ((invariant, _, problem, repair),) = [(f.invariant, f.where, f.problem, f.repair) for f in stub(part)]
    assert (invariant, problem) == (2, "the students' copy of _tools.py is missing or out of date")
    assert repair == "grader stubs demo/warm_up"
    stubs.callback((), check=False)
    assert (demo.root / "student_template/demo/_tools.py").read_text() == "TWO = 2\n"
    assert found(demo) == list(stub(part)) == []
    (demo.root / "student_template/demo/_tools.py").write_text("TWO = 3\n")
    assert list(stub(part))


def test_data_sets_and_what_they_read_are_known_and_the_rest_is_named(tmp_path):
    course = make_course(tmp_path)
    folder = course.root / "fixtures/datasets"
    folder.mkdir()
    for name in ("_planted.py", "scores.csv", "README.md"):
        (folder / name).write_text("")
    assert list(layout(course, ())) == []
    (folder / "notes.doc").write_text("")
    (folder / "odd.py").write_text("dataset = 3")
    problems = {finding.where: finding.problem for finding in layout(course, ())}
    assert problems.pop("fixtures/datasets/notes.doc") == "is not a data set"
    assert "defines no `dataset`" in problems.pop("fixtures/datasets/odd.py")
    assert not problems


@pytest.mark.parametrize(
    ("path", "repair"),
    [
        ("student_template/demo/_tools.py", "grader new"),
        ("student_template/demo/answers.md", "git mv"),
        ("student_template/demo/other.py", "grader new demo/other"),
        ("checks/demo/check_other.py", "grader new demo/other"),
        ("reference/demo/answers.md", "git mv"),
        ("fixtures/demo/notes.toml", "git mv"),
        ("fixtures/demo/half_a_part", "git mv"),
    ],
)
def test_what_belongs_to_no_part_is_named(demo, path, repair):
    (demo.root / path).mkdir() if path.endswith("part") else (demo.root / path).write_text("")
    ((invariant, where, problem, told),) = found(demo)
    assert (invariant, where, problem) == (1, path, "belongs to no part")
    assert told.startswith(repair)


@pytest.mark.parametrize(
    ("break_it", "problem", "repair"),
    [
        (lambda s: s.template.unlink(), "answers.md is out of date", "grader stubs demo"),
        (lambda s: s.template.write_text("# Mine"), "answers.md is out of date", "grader stubs demo"),
        (
            lambda s: s.source.write_text(SHEET.replace("points = 5", "points = 4")),
            "answers.md is out of date",
            "grader stubs demo",
        ),
        (
            lambda s: s.source.write_text(SHEET.replace("warm_up", "cool_down")),
            "why is about 'cool_down', which is no part",
            "fix",
        ),
        (
            lambda s: s.source.write_text("[[question]]\n"),
            "missing required field",
            "fix fixtures/demo/questions.toml",
        ),
    ],
)
def test_questions_that_do_not_fit_are_named(demo, sheet, break_it, problem, repair):
    break_it(sheet)
    ((invariant, where, told, command),) = found(demo)
    assert (invariant, where) == (2, "fixtures/demo/questions.toml")
    assert problem in told
    assert command.startswith(repair)


RUBRIC = '[[question.rubric]]\nwords = "{}"\npoints = {}\n'


@pytest.mark.parametrize(
    ("items", "problems"),
    [
        ([("Says so", 3), ("Says why", 2), ("Is too long", -1)], []),
        ([("Says so", 5)], []),
        (
            [("Says so", 3), ("Says why", 1.5)],
            ["why: no answer can earn its 5 points: the rubric items give 4.5 together"],
        ),
        ([("Is too long", -1)], ["why: no answer can earn its 5 points: the rubric items give 0 together"]),
        ([("Says so", 3), ("Says so", 2)], ["why: two rubric items are called “Says so”"]),
    ],
)
def test_the_rubric_of_a_question_can_reach_its_points_and_tells_its_items_apart(demo, sheet, items, problems):
    sheet.source.write_text(SHEET + "".join(RUBRIC.format(*item) for item in items))
    assert [told for *_, told, _ in found(demo)] == problems


def test_the_page_for_students_follows_what_they_may_import(demo):
    page = demo.root / "student_template/README.md"
    assert list(student_page(demo)) == []
    stubs.callback((), check=False)
    assert not page.exists(), "a course that lists no packages may write its own"
    with (demo.root / "course.toml").open("a") as file:
        file.write('[packages]\nsklearn = "scikit-learn"\n')
    ((invariant, where, problem, repair),) = ((f.invariant, f.where, f.problem, f.repair) for f in student_page(demo))
    told = (2, "student_template/README.md", "is missing or out of date", "grader stubs")
    assert (invariant, where, problem, repair) == told
    stubs.callback((), check=False)
    assert list(student_page(demo)) == []
    assert "you may import: sklearn (scikit-learn)." in page.read_text()
    assert found(demo) == []


def test_a_notebook_that_is_missing_or_old_is_named_once_with_its_cause(demo, sheet):
    notebook, (part,) = demo.notebook("demo"), demo.parts("demo")
    told = (2, "student_template/demo/demo.ipynb", "the notebook is missing or out of date", "grader stubs demo")
    text = notebook.read_text()
    for other in (None, text.replace("Say why.", "Say how.")):
        notebook.unlink() if other is None else notebook.write_text(other)
        assert found(demo) == [told]
    part.template.write_text("")  # is told for itself, and the command that repairs it makes the notebook, too
    assert found(demo) == []
    assert [finding.problem for finding in stub(part)] == ["the template is out of date"]
    stubs.callback(("demo/warm_up",), check=False)
    assert found(demo) == list(stub(part)) == []
    assert notebook.read_text() == text


def test_an_assignment_whose_parts_do_not_fit_into_one_notebook_has_none(demo, capsys):
    new.callback("demo/again")
    assert "demo gets no notebook: again and warm_up both define `" in capsys.readouterr().err
    assert not demo.notebook("demo").exists()
    demo = type(demo)(demo.root)
    assert found(demo) == []
    demo.notebook("demo").write_text("{}")
    ((_, where, problem, repair),) = found(demo)
    assert (where, repair) == ("student_template/demo/demo.ipynb", "grader stubs demo")
    assert problem.startswith("the notebook is out of date: again and warm_up both define `")
    stubs.callback((), check=False)
    assert found(demo) == []


def test_a_broken_part_keeps_only_the_notebook_from_being_made(demo, capsys):
    (part,) = demo.parts("demo")
    before = demo.notebook("demo").read_text()
    part.reference.unlink()
    new.callback("demo/again")
    assert "the notebook of demo cannot be made: " in capsys.readouterr().err
    (demo.root / "student_template/demo/again.py").write_text("")
    stubs.callback(("demo/again",), check=False)
    assert (demo.root / "student_template/demo/again.py").read_text() != ""
    assert demo.notebook("demo").read_text() == before
