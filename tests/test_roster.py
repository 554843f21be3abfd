"""`grader.intake.roster`: whose a submission is, from the lists that LMSs give, and who handed in nothing."""

from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake.roster import read_roster
from grader.intake.sources.source import FoundSubmission, Person

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Lab 3 (12345)
    Points Possible,,,,,20
"Brix, Ada",71,abc1,ab1u23,COMP-A,17.5
"Kis, Béla",72,71,bk2u23,COMP-A,
"Student, Test",99,,x,COMP-A,
"Fuchs, Dora",74,abc4,df4u23,COMP-A,
"""
MOODLE = """\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments
Participant 4711,Ada Brix,abc1,ada@example.edu,Submitted for grading,,100,-,
Participant 4712,Béla Kis,abc2,bela@example.edu,Submitted for grading,,100,-,
Participant 4714,Dora Fuchs,abc4,dora@example.edu,No submission,,100,-,
"""
PLAIN = "id,name,email\nabrix,Ada Brix,ada@example.edu\nbkis,Béla Kis,\ndfuchs,Dora Fuchs,\n"
KINDS = {
    "canvas": (CANVAS, [Person("71", "brixada"), Person("72", "kisbéla")]),
    "moodle": (MOODLE, [Person("4711", "Ada Brix"), Person("4712", "Participant 4712")]),
    "plain": (PLAIN, [Person("abrix", "abrix"), Person("bkis", "bkis")]),
    "no headers": (PLAIN.partition("\n")[2].replace(",\n", ",-\n"), [Person("abrix", "x"), Person("BKIS", "y")]),
    "semicolons": (PLAIN.replace(",", ";"), [Person("abrix", "abrix"), Person("bkis", "bkis")]),
    "two columns of names": (
        "Last Name,First Name,Username\nBrix,Ada,abrix\nKis,Béla,bkis\nFuchs,Dora,dfuchs\n",
        [Person("abrix", "abrix"), Person("bkis", "bkis")],
    ),
    "only names": ("Name\nAda Brix\nBéla Kis\nDora Fuchs\n", [Person("", "brixada"), Person("7", "Kis, Bela")]),
    "addresses": (
        "Full name;E-mail\nAda Brix;ada@example.edu\nBéla Kis;bela@example.edu\nDora Fuchs;d@example.edu\n",
        [Person("1", "x", "Ada@example.edu"), Person("bela@example.edu", "y")],
    ),
}


def roster(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "people.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path)


def handed_in(*people):
    return [FoundSubmission(name=person.name, path=Path("x"), people=(person,)) for person in people]


@pytest.mark.parametrize(("text", "people"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_of_any_kind_names_the_people_and_who_is_missing(text, people, encoding, tmp_path):
    matched = roster(tmp_path, text, encoding).match(handed_in(*people))
    assert [one.name for one in matched.submissions] == ["Ada Brix", "Béla Kis"]
    assert [person.name for person in matched.absent] == ["Dora Fuchs"]
    assert matched.remarks == ()


def test_the_lms_s_own_ids_come_before_other_numbers_and_a_shared_one_is_nobodys(tmp_path):
    people = roster(tmp_path, CANVAS)
    (one,) = people.match(handed_in(Person("71", "?"))).submissions
    assert one.people[0].name == "Ada Brix", "71 is Béla's number in another column"
    twins = roster(tmp_path, "id,name\n7,Kim Lee\n8,Kim Lee\n")
    assert twins.match(handed_in(Person("8", "Kim Lee"))).submissions[0].people[0].key == "8"
    assert len(twins.match(handed_in(Person("9", "Kim Lee"))).absent) == 2


def test_who_is_not_on_the_list_stays_and_is_said(tmp_path):
    people = roster(tmp_path, PLAIN)
    matched = people.match(handed_in(Person("zoe", "Zoe"), Person("abrix", "abrix")))
    assert [one.name for one in matched.submissions] == ["Zoe", "Ada Brix"]
    assert matched.remarks == ("not on the roster: Zoe",)
    assert [person.name for person in matched.absent] == ["Béla Kis", "Dora Fuchs"]


def test_everybody_of_a_group_has_handed_in(tmp_path):
    both = FoundSubmission(name="x", path=Path("x"), people=(Person("abrix", "a"), Person("dfuchs", "d")))
    matched = roster(tmp_path, PLAIN).match([both])
    assert matched.submissions[0].name == "Ada Brix & Dora Fuchs"
    assert [person.name for person in matched.absent] == ["Béla Kis"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("colour,size,weight,price\nred,1,2,3\n", "no column of ids or names: its columns are colour, size, weight"),
        ("id,name\n", "lists nobody"),
    ],
)
def test_what_is_no_list_of_people_is_refused_in_words(text, says, tmp_path):
    with pytest.raises(UsageError, match=says):
        roster(tmp_path, text)
    with pytest.raises(UsageError, match="cannot be read"):
        read_roster(tmp_path / "gone.csv")
