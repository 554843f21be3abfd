"""`grader.commands.class_options` and `records.class_file`: who is in the class, said to the instructor and kept."""

import msgspec
import pytest
from handed_in import write
from lms_class import LAYOUTS, zipped

from grader.commands.class_options import class_at, keep_class, say_who_is_absent
from grader.commands.options import ClassOptions
from grader.course.catalog import find_course
from grader.errors import UsageError
from grader.records.class_file import ClassPerson, read_class_file

ROSTER = "id,name,email\n71,Ada Brix,\n72,Béla Kis,\n73,Cid Ono,\n74,Dora Fuchs,\n75,Eve Lang,\n76,Flo Grün,flo@x.org\n"


@pytest.fixture
def parts():
    return find_course().parts("lab1")


@pytest.fixture
def graded(tmp_path, parts):
    """Find a class and keep who is in it, as the command does around the grading."""

    def keep(*paths, quiet=False, **options):
        given, out = ClassOptions(paths=paths, **options), tmp_path / "out"
        found = class_at(given, parts, out)
        keep_class(found, "lab1", given, out, quiet=quiet)
        return found, read_class_file(out)

    return keep


def test_the_class_is_said_in_a_line_and_kept_with_who_handed_in_nothing(graded, tmp_path, capsys):
    write(tmp_path, {"canvas.zip": zipped(LAYOUTS["canvas"]().tree), "people.csv": ROSTER.encode()})
    found, kept = graded(tmp_path / "canvas.zip", roster=tmp_path / "people.csv")
    assert capsys.readouterr().err == f"{LAYOUTS['canvas']().said}\n"
    assert (kept.assignment, kept.layout, kept.roster, kept.said) == ("lab1", "canvas", "people.csv", found.said)
    assert [one.name for one in found.submissions] == ["Ada Brix", "Béla Kis", "Cid Ono", "Dora Fuchs", "Eve Lang"]
    bela = ClassPerson(name="Béla Kis", submission="Béla Kis", id="72", late=True, earlier=1)
    assert kept.people[1] == msgspec.structs.replace(bela, uploaded="kisbela_LATE_72_9911_")
    assert kept.absent == (ClassPerson(name="Flo Grün", id="76", email="flo@x.org"),)
    say_who_is_absent(tmp_path / "out")
    assert capsys.readouterr().err == "handed in nothing: 1 (Flo Grün)\n"


def test_nothing_is_said_or_kept_of_one_person_alone(graded, tmp_path, capsys):
    write(tmp_path / "ann", {"rate.py": b""})
    _, kept = graded(tmp_path / "ann")
    assert kept is None
    say_who_is_absent(tmp_path / "out")
    graded(write(tmp_path / "class", {"ann/rate.py": b"", "bob/rate.py": b""}), quiet=True)
    say_who_is_absent(tmp_path / "out")
    assert capsys.readouterr().err == ""


def test_nobody_s_name_breaks_the_list(graded, tmp_path):
    for name in ("latin-\udce9", "red\x1b[31m"):
        write(tmp_path / "class" / name, {"rate.py": b""})
    _, kept = graded(tmp_path / "class")
    assert [(one.name, one.submission) for one in kept.people] == [(r"latin-\udce9",) * 2, (r"red\x1b[31m",) * 2]


def test_reports_are_not_written_among_the_submissions(parts, tmp_path, monkeypatch):
    write(tmp_path, {"class/ann/rate.py": b"", "class/bob/rate.py": b""})
    (tmp_path / "link").symlink_to(tmp_path / "class")
    monkeypatch.chdir(tmp_path / "class" / "ann")
    for given, out in (("..", "out"), (tmp_path / "class", "."), (tmp_path / "class", tmp_path / "link" / "out")):
        with pytest.raises(UsageError, match="lies inside the submissions"):
            class_at(ClassOptions(paths=(type(tmp_path)(given),)), parts, type(tmp_path)(out))
    class_at(ClassOptions(paths=(tmp_path / "class",)), parts, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class", "link"]


def test_a_list_that_is_damaged_or_of_another_version_says_what_to_do(tmp_path):
    assert read_class_file(tmp_path) is None
    write(tmp_path, {"class.json": b"{"})
    with pytest.raises(UsageError, match=r"class\.json: .*; delete it and grade the class again"):
        read_class_file(tmp_path)
