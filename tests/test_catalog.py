"""`grader.course.catalog`: parts are found by path, and whatever is wrong in a part.toml is an error that names it."""

from pathlib import Path

import pytest

from grader.course.catalog import Course, Part, find_course
from grader.course.part_toml import Gate, Limits
from grader.errors import CourseError, UsageError

REFERENCE = '''
def double(x, *, times=2):
    """Twice x."""
    # BEGIN SOLUTION
    return times * x
    # END SOLUTION


class Model:
    """A class can be an entry point too."""

    def __init__(self, size):
        # BEGIN SOLUTION
        self.size = size
        # END SOLUTION


def _hidden(x):
    return x
'''


def part(root: Path, identity: str, facts: str = 'title = "A part"') -> Part:
    assignment, _, name = identity.partition("/")
    made = Part(root, assignment, name)
    for path, text in ((made.reference, REFERENCE), (made.fixture_folder / "part.toml", facts)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return made


def test_a_part_is_its_four_paths(tmp_path):
    paths = Part(tmp_path, "lab1", "thing")
    assert paths.identity == "lab1/thing"
    assert paths.reference == tmp_path / "reference/lab1/thing.py"
    assert paths.template == tmp_path / "student_template/lab1/thing.py"
    assert paths.check_file == tmp_path / "checks/lab1/check_thing.py"
    assert paths.fixture_folder == tmp_path / "fixtures/lab1/thing"


def test_every_fact_of_a_part_toml_is_read(tmp_path):
    facts = part(
        tmp_path,
        "lab1/thing",
        """
        title = "A part"
        order = 4
        files = ["my_thing.py"]
        preload = ["torch", "pandas"]
        [aliases]
        double = ["twice"]
        [limits]
        cpu_seconds = 120
        [gates.loss]
        title = "the loss"
        threshold = 0.2
        k = 8
        floor = 0.1
        [published.loss]
        value = 1
        low = 0.5
        high = 2
        source = "a paper"
        """,
    ).config
    assert (facts.title, facts.order, facts.files, facts.preload) == (
        "A part",
        4,
        ("my_thing.py",),
        ("torch", "pandas"),
    )
    assert facts.limits == Limits(cpu_seconds=120)
    assert facts.gates == {"loss": Gate(title="the loss", threshold=0.2, k=8, floor=0.1)}
    assert facts.published["loss"].high == 2


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ('title = "A"\nordre = 1', "ordre"),
        ('title = "A"\n[limits]\nmemory_gb = 3', "memory_gb"),
        ('title = "A"\n[gates.loss]\ntitle = "t"\nthreshold = 1\nk = 1\nbest = "lower"', "best"),
        ('title = "A"\n[published.loss]\nvalue = 1\nlow = 1\nhigh = 1\nsource = ""\nurl = ""', "url"),
        ("order = 1", "title"),
        ('title = "A"\norder = "first"', r"order"),
        ('title = "A"\n[limits]\ncpu_seconds = "many"', "cpu_seconds"),
        ('title = "A"\n[gates.loss]\ntitle = "t"\nthreshold = 1\nk = 1\nbetter = "smaller"', "smaller"),
        ('title = "A"\n[gates.loss]\nthreshold = 1\nk = 1', "title"),
        ('title = ["A"\n]]', r"line 2"),
    ],
)
def test_what_is_wrong_in_a_part_toml_is_named(tmp_path, facts, named):
    with pytest.raises(CourseError, match=rf"part\.toml.*{named}"):
        _ = part(tmp_path, "lab1/thing", facts).config


def test_a_missing_part_toml_says_what_makes_one(tmp_path):
    with pytest.raises(CourseError, match=r"part\.toml is missing.*grader new lab1/thing"):
        _ = Part(tmp_path, "lab1", "thing").config


def test_entry_points_are_the_public_names_of_the_reference_with_their_aliases(tmp_path):
    made = part(tmp_path, "lab1/thing", 'title = "A"\n[aliases]\ndouble = ["twice", "two_times"]')
    assert [entry.name for entry in made.entry_points] == ["double", "Model"]
    assert made.alias_table() == {"double": ["twice", "two_times"], "Model": []}


def test_an_alias_of_no_entry_point_is_an_error_that_names_it(tmp_path):
    made = part(tmp_path, "lab1/thing", 'title = "A"\n[aliases]\ndoubel = ["twice"]')
    with pytest.raises(CourseError, match=r"lab1/thing.*doubel"):
        made.alias_table()


def test_a_part_without_a_reference_says_so(tmp_path):
    made = part(tmp_path, "lab1/thing")
    made.reference.unlink()
    with pytest.raises(CourseError, match=r"reference/lab1/thing\.py is missing"):
        _ = made.entry_points


def test_mistakes_and_variants_come_sorted_by_name(tmp_path):
    made = part(tmp_path, "lab1/thing")
    assert made.mistakes == made.variants == ()
    for path in ("mistakes/b.py", "mistakes/a.py", "mistakes/notes.txt", "variants/c.py"):
        (made.fixture_folder / path).parent.mkdir(exist_ok=True)
        (made.fixture_folder / path).write_text("")
    assert [path.name for path in made.mistakes] == ["a.py", "b.py"]
    assert [path.name for path in made.variants] == ["c.py"]


def small_course(root):
    part(root, "lab2/alpha")
    part(root, "lab1/alpha", 'title = "A"\norder = 3')
    part(root, "lab1/beta", 'title = "A"\norder = 1')
    part(root, "lab1/gamma", 'title = "A"\norder = 1')
    return Course(root)


def identities(parts):
    return [part.identity for part in parts]


def test_parts_stand_in_the_order_of_part_toml_and_then_by_name(tmp_path):
    course = small_course(tmp_path)
    assert list(course.assignments) == ["lab1", "lab2"]
    assert identities(course.parts("lab1")) == ["lab1/beta", "lab1/gamma", "lab1/alpha"]
    assert identities(course.parts("lab1", ["alpha", "beta"])) == ["lab1/beta", "lab1/alpha"]


def test_an_unknown_assignment_or_part_lists_what_there_is(tmp_path):
    course = small_course(tmp_path)
    with pytest.raises(UsageError, match=r"'lab3'; did you mean 'lab1' or 'lab2'"):
        course.parts("lab3")
    with pytest.raises(UsageError, match=r"'one'; there are: alpha, beta, gamma"):
        course.parts("lab1", ["beta", "one"])
    with pytest.raises(UsageError, match="there are: none"):
        Course(tmp_path / "nowhere").parts("lab1")


def test_selectors_name_assignments_and_parts(tmp_path):
    course = small_course(tmp_path)
    everything = ["lab1/beta", "lab1/gamma", "lab1/alpha", "lab2/alpha"]
    assert identities(course.select([])) == everything
    assert identities(course.select(["lab2", "lab1/gamma/"])) == ["lab2/alpha", "lab1/gamma"]
    assert identities(course.select(["lab1/alpha", "lab1", "lab1/"])) == ["lab1/alpha", "lab1/beta", "lab1/gamma"]
    for wrong in ("lab3", "lab1/delta", "lab1/beta/more"):
        with pytest.raises(UsageError, match=r"there are|did you mean"):
            course.select([wrong])


def test_a_course_is_found_from_inside_it(tmp_path, monkeypatch):
    small_course(tmp_path)
    (tmp_path / "course.toml").write_text('name = "small"\ntitle = "Small"')
    monkeypatch.delenv("GRADER_COURSE", raising=False)
    assert find_course(tmp_path / "fixtures" / "lab1").root == tmp_path.resolve()
    monkeypatch.chdir(tmp_path / "reference")
    assert find_course().root == tmp_path.resolve()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("/")
    monkeypatch.setenv("GRADER_COURSE", str(tmp_path / "elsewhere"))
    assert find_course().root == tmp_path.resolve()


def test_outside_a_course_the_error_says_how_to_name_one(tmp_path):
    (tmp_path / "reference").mkdir()
    (tmp_path / "fixtures").mkdir()
    with pytest.raises(UsageError, match=r"no course\.toml.*--course or GRADER_COURSE.*grader init FOLDER"):
        find_course(tmp_path)


def test_a_gate_is_reached_at_its_threshold_and_never_by_nan():
    lower = Gate(title="", threshold=1.0, k=1, floor=0.5)
    assert [lower.reached(value) for value in (0.9, 1.0, 1.1, float("nan"))] == [True, True, False, False]
    assert [lower.beyond_floor(value) for value in (0.4, 0.5, float("nan"))] == [True, False, False]
    higher = Gate(title="", threshold=1.0, k=1, better="higher", floor=2.0)
    assert [higher.reached(value) for value in (0.9, 1.0, 1.1, float("nan"))] == [False, True, True, False]
    assert [higher.beyond_floor(value) for value in (2.1, 2.0)] == [True, False]
    assert not Gate(title="", threshold=1.0, k=1).beyond_floor(-1e9)


def test_the_folder_of_the_data_sets_is_no_assignment(tmp_path):
    small_course(tmp_path)
    part(tmp_path, "datasets/thing")
    assert list(Course(tmp_path).assignments) == ["lab1", "lab2"]


def test_utilities_and_shared_checks_are_the_files_with_an_underscore(tmp_path):
    made = part(tmp_path, "lab1/thing")
    assert (made.utilities, made.shared_checks) == ({}, ())
    made.check_file.parent.mkdir(parents=True)
    for path in (made.reference.with_name("_tools.py"), made.check_file.with_name("_near.py")):
        path.write_text("A = 1")
    assert made.utilities == {"_tools.py": b"A = 1"}
    assert made.shared_checks == (made.check_file.with_name("_near.py"),)
