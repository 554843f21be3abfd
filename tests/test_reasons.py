"""`grader.grading.reasons`: why a person must look at a submission, and when nobody must."""

from __future__ import annotations

import pytest
from record_examples import check

from grader.grading.reasons import Graded, reasons_to_look
from grader.records.record import FoundRecord, NotRunRecord, PartRecord


def part(name="factorise", *verdicts, found=True, **fields):
    """A part whose function was found in a file of its name, or in none."""
    where = {"file": f"{name}.py", "found": (FoundRecord(name, name, f"{name}.py"),)} if found else {"missing": (name,)}
    checks = tuple(check(f"c{at}", 1, verdict) for at, verdict in enumerate(verdicts or ("passed",)))
    return PartRecord(name=name, title=name, checks=checks, **where | fields)


def reasons(*parts, files=("factorise.py",), not_installed=None, unreadable=None, rivals=None):
    return reasons_to_look(Graded(parts, files, not_installed or {}, unreadable or {}, rivals or {}))


def stub(name="factorise"):
    return part(name, "not_implemented", "not_implemented")


@pytest.mark.parametrize(
    ("parts", "files"),
    [
        ([part()], ["factorise.py"]),
        ([part("factorise", "failed", "crashed")], ["factorise.py", "notes.txt", "data.zip"]),
        ([stub()], ["factorise.py", "answers.md", "lab1/_shared.py"]),
        ([part(missing=("loss",))], ["factorise.py", "a.ipynb"]),
        ([part(not_run=(NotRunRecord("factorise.py", 3, 9, why="it trains"),))], ["factorise.py"]),
    ],
    ids=["right", "wrong", "untouched", "one function missing", "lines left out"],
)
def test_nobody_must_look_at_what_can_be_judged(parts, files):
    assert reasons(*parts, files=files) == ()


def test_nothing_found_of_a_part_or_of_any():
    gone = part("rate", "missing", found=False)
    assert reasons(part(), gone, files=["lab.py"]) == ("No function of rate was found in what was handed in: lab.py.",)
    assert reasons(gone, files=["x.pdf"]) == ("No function of any part was found in what was handed in: x.pdf.",)


def test_a_file_that_could_not_be_read():
    unread = (NotRunRecord("lab1.ipynb", 0, 0, why="It is no valid notebook." + "x" * 5000),)
    (said,) = reasons(part(not_run=unread), part("rate", not_run=unread))
    assert said.startswith("lab1.ipynb could not be read. It is no valid notebook.")
    assert len(said) < 400, "what a student's process says is cut"


@pytest.mark.parametrize("archive", ["work.7z", "lab/Work.RAR", "data.zip", "x.tar.gz"])
def test_archives_that_were_not_opened_while_functions_are_missing(archive):
    (said,) = reasons(part(missing=("loss",)), files=["factorise.py", archive])
    assert "archives that were not opened" in said
    assert archive in said


def test_only_templates_beside_other_files():
    said = reasons(stub(), stub("rate"), files=["factorise.py", "rate.py", "answers.md", "work/final.ipynb"])
    assert said == ("Every part is the untouched template, and there are other files: work/final.ipynb.",)
    assert reasons(stub(), part("rate"), files=["factorise.py", "rate.py", "final.ipynb"]) == ()


def test_a_module_that_is_not_installed_is_named():
    broken = part("factorise", "grader_error")
    (said,) = reasons(broken, not_installed={"factorise": {"tqdm"}, "rate": set()})
    assert said.startswith("factorise imports tqdm, which is not installed here")


def test_no_name_that_a_student_chose_deceives():
    unread = (NotRunRecord("a\u202e.py", 0, 0),)
    said = "".join(reasons(part(not_run=unread), not_installed={"factorise": {"x\n\x1b[31m"}}))
    assert not {"\u202e", "\n", "\x1b"} & set(said)


def test_code_for_a_newer_python_is_looked_at_by_a_person():
    why = "factorise.py uses a `type` statement in line 3. It needs Python 3.12, and is graded with Python 3.11."
    (reason,) = reasons(part("factorise", "crashed"), unreadable={"factorise": why})
    assert reason == f"factorise could not be read. {why}"


def test_several_files_that_could_be_a_part_and_differ():
    two = ("a/factorise.py", "b/factorise.py")
    graded = part(found=True, file="", missing=())
    assert reasons(graded, files=two, rivals={"factorise": two}) == (
        "Several files could be factorise, and they differ: a/factorise.py, b/factorise.py (graded: factorise.py).",
    )
    nothing = part("factorise", "missing", found=False, missing=())
    (said,) = reasons(nothing, files=two, rivals={"factorise": two})
    assert said.endswith("(none of them was graded).")
