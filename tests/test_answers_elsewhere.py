"""`written.answers`: an answer that is in another place than asked for is read, or a person is told where to look."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from record_examples import record

from grader.records.record import UnplacedRecord, to_json
from grader.written.answers import LONGEST_ANSWER, collect
from grader.written.questions import QuestionSheet

HEADING = "## meaning: What it means (10 points)"
ANSWER = "Entry i, j says how well movie j suits user i."
QUESTIONS = '[[question]]\nname = "meaning"\ntitle = "What it means"\npoints = 10\ntext = "Say what S means."\n'
MORE = '[[question]]\nname = "others"\ntitle = "The other one"\npoints = 5\ntext = "Say more."\n'


def sheet_of(folder, text=QUESTIONS):
    sheet = QuestionSheet(folder, "lab1")
    sheet.source.parent.mkdir(parents=True, exist_ok=True)
    sheet.source.write_text(text)
    return sheet


@pytest.fixture
def sheet(tmp_path):
    return sheet_of(tmp_path)


def collected(sheet, **files):
    return collect({path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}, sheet)


def notebook(*cells, **fields):
    made = [{"cell_type": kind, "metadata": {}, "source": text} | dict(*more) for kind, text, *more in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made} | fields)


OLD = {"nbformat": 3, "worksheets": [{"cells": [
    {"cell_type": "heading", "level": 2, "source": ["meaning"]},
    {"cell_type": "markdown", "source": [ANSWER]},
    {"cell_type": "code", "input": ["print(1)"], "outputs": []},
]}]}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "answer"),
    [
        ("a.ipynb", notebook(("markdown", HEADING), ("raw", ANSWER)), ANSWER),
        ("a.ipynb", notebook(("markdown", HEADING), ("code", f"# {ANSWER}\n\n# Yes.")), f"# {ANSWER}\n\n# Yes."),
        ("a.ipynb", notebook(("markdown", HEADING), ("code", f'"""{ANSWER}"""')), f'"""{ANSWER}"""'),
        ("a.ipynb", notebook(("markdown", HEADING), ("code", "%%markdown\n" + ANSWER)), ANSWER),
        ("a.ipynb", notebook(("code", f"%%markdown\n{HEADING}\n{ANSWER}")), ANSWER),
        ("a.ipynb", notebook(("markdown", "## Q1: " + ANSWER)), ANSWER),
        ("a.ipynb", json.dumps(OLD), ANSWER),
        ("a.ipynb", notebook(("markdown", f"{HEADING}\n{ANSWER}")).encode("utf-16"), ANSWER),
        ("a.ipynb", notebook(("markdown", f"{HEADING}\n{ANSWER}")).encode("utf-16-le"), ANSWER),
        ("a.ipynb", notebook(("markdown", f"{HEADING}\n{ANSWER}")).encode("utf-32"), ANSWER),
        *((name, notebook(("markdown", f"{HEADING}\n{ANSWER}")), ANSWER) for name in ("a.py", "a.ipynb.txt", "a.json")),
        ("README.md", f"# Lab 1\nHow to run it.\n{HEADING}\n{ANSWER}\n## Other things", ANSWER),
        ("Antworten.md", f"{HEADING}\n{ANSWER}", ANSWER),
        ("answers.html", f"<head><title>x</title></head><h2>meaning</h2>\n<p>{ANSWER[:20]}\n{ANSWER[20:]}</p>", ANSWER),
        ("onlinetext.html", f"<p>{ANSWER}<br></p>", ANSWER),
        ("text.html", f"<p>{ANSWER}</p>", ANSWER),
        ("answers.py", f'"""{ANSWER}"""', f'"""{ANSWER}"""'),
        ("answers.md", f"{HEADING}\n> Say what S means.\n\n> {ANSWER}\n\n*Your answer here.*", f"> {ANSWER}"),
    ],
)
def test_an_answer_is_read_wherever_it_is(sheet, name, content, answer):
    result = collected(sheet, **{name: content})
    assert [(written.answer, written.source) for written in result.written] == [(answer, name)]
    assert (result.unplaced, result.notices, result.reasons) == ((), (), ())


@pytest.mark.parametrize("code", [ANSWER, f"# {ANSWER}\nprint(1)", "S = Q @ K.T"])
def test_without_text_the_code_below_the_heading_is_the_answer_and_the_student_is_told(sheet, code):
    result = collected(sheet, **{"a.ipynb": notebook(("markdown", HEADING), ("code", code), ("code", "  \n"))})
    assert result.written[0].answer == code
    (notice,) = result.notices
    assert "was taken from code cells" in notice
    for cells in ([("code", code)], [("markdown", HEADING), ("markdown", "## Next"), ("code", code)]):
        assert collected(sheet, **{"a.ipynb": notebook(*cells)}).written[0].answer == ""


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("a.ipynb", notebook(("markdown", ANSWER), ("code", "x = 1")), ANSWER),
        ("a.ipynb", notebook(("markdown", f"## My view of it\n{ANSWER}")), f"## My view of it\n{ANSWER}"),
        ("a.ipynb", notebook(("code", f"x = 1\n# Q1: {ANSWER}\n# Yes.")), f"# Q1: {ANSWER}\n# Yes."),
        ("code.py", f"x = 1\n\n# Author: me\n# Q1: {ANSWER}\n# Yes.\ny = 2", f"# Q1: {ANSWER}\n# Yes."),
        ("code.py", f"    # meaning: {ANSWER}\n", f"    # meaning: {ANSWER}"),
        *((name, b"PK\x03\x04" + b"x" * 90, "") for name in ("answers.docx", "report.docx", "answers.md")),
        ("answers.pdf", b"%PDF-1.7 x", ""),
        ("answers.rtf", rf"{{\rtf1 {ANSWER}}}", ""),
        ("answers.md", rf"{{\rtf1\ansi {HEADING}\par {ANSWER}}}", ""),
        ("answers.jpg", b"\xff\xd8\xff\0", ""),
        ("report.pdf", b"%PDF-1.7 x", ""),
    ],
)
def test_what_may_be_an_answer_is_kept_for_a_person_and_said_to_be_there(sheet, name, content, kept):
    result = collected(sheet, **{name: content})
    assert result.written[0].answer == ""
    assert result.unplaced == (UnplacedRecord(source=name, text=kept),)
    (notice,) = result.notices
    assert name in notice
    assert "person who marks" in notice
    # What the report shows, or what is not named as answers, is no reason to hold up the score.
    opened = (f"Written answers: open {name}, which the grader cannot read.",)
    assert result.reasons == (opened if name.startswith("answers") else ())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"nbformat": 4}', b"<<<<<<< HEAD\n{}", b'{"nbformat": 3}'])
def test_a_notebook_that_cannot_be_read_is_for_a_person_to_open(sheet, content):
    result = collected(sheet, **{"a.ipynb": content})
    assert result.unplaced == (UnplacedRecord(source="a.ipynb"),)
    assert len(result.notices) == len(result.reasons) == 1
    assert result.notices[0].startswith("a.ipynb cannot be read as a notebook")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("README.md", "# Lab 1\n## What it means\nTitles are no ids.\n# Q1\nNeither are numbers."),
        ("code.py", "# 1. Load the data\n# meaningful\n# Question 7: nothing\nx = 1  # Q1: not at the start of a line"),
        ("answer_queries.py", "def answer(): pass"),
        ("answers.csv", "id,meaning\n1,2"),
        ("photo.jpg", b"\xff\xd8\xff\0"),
        ("a.ipynb", notebook(("markdown", ""), ("code", "x = 1"))),
    ],
)
def test_other_files_are_no_answers(sheet, name, content):
    result = collected(sheet, **{name: content})
    assert (result.written[0].answer, result.unplaced, result.notices) == ("", (), ())


def test_where_every_answer_is_found_only_a_document_named_so_is_told_of(sheet):
    files = {
        "answers.md": f"My name\n{HEADING}\n{ANSWER}",
        "code.py": "# Q1: hm",
        "report.pdf": b"%PDF",
        "a.ipynb": "{",
    }
    result = collected(sheet, **files)
    assert (result.written[0].answer, result.unplaced, result.notices) == (ANSWER, (), ())
    result = collected(sheet, **files | {"answers.pdf": b"%PDF"})
    assert [unplaced.source for unplaced in result.unplaced] == ["answers.pdf"]
    assert result.reasons == ()


def test_text_before_the_first_heading_is_kept_if_an_answer_is_missing(tmp_path):
    two = sheet_of(tmp_path, QUESTIONS + MORE)
    result = collected(
        two, **{"answers.md": two.template_text().replace("## meaning: What it means (10 points)", ANSWER)}
    )
    assert result.unplaced == (UnplacedRecord(source="answers.md", text=ANSWER),)
    assert "“## meaning”, “## others”" in result.notices[0]
    answered = f"{ANSWER}\n## others\nMore."
    assert "its own: “## meaning”." in collected(two, **{"answers.md": answered}).notices[0]


def test_the_texts_of_the_notebook_template_are_not_the_students(sheet):
    given_text = notebook(
        ("markdown", "## Part 1: Score\n\nA user is a vector."), ("markdown", f"{HEADING}\n\nSay what.")
    )
    sheet.notebook.parent.mkdir(parents=True)
    for broken in ("{", given_text):
        sheet.notebook.write_text(broken)
        theirs = notebook(("markdown", "## Part 1: Score\n\nA user is a vector."), ("markdown", ANSWER))
        text = collected(sheet, **{"a.ipynb": theirs}).unplaced[0].text
        assert (text == ANSWER) == (broken != "{")


def test_pictures_in_a_notebook_are_said_to_be_there(sheet):
    attached = (
        "markdown",
        f"{HEADING}\n![scan](attachment:scan.jpg)",
        {"attachments": {"scan.jpg": {"image/png": "A"}}},
    )
    inline = ("markdown", f"{ANSWER} ![](data:image/png;base64,{'iVBOR/+=' * 20_000})")
    result = collected(sheet, **{"a.ipynb": notebook(attached, inline)})
    assert result.written[0].answer == f"![scan](attachment:scan.jpg)\n\n{ANSWER} ![](a picture)"
    (notice,), (reason,) = result.notices, result.reasons
    assert "has pictures that this page does not show: scan.jpg, a picture." in notice
    assert reason == "Written answers: open a.ipynb; “What it means” has pictures there (scan.jpg, a picture)."
    for odd in ({"attachments": None}, {"attachments": [1]}, {"attachments": {"x": [[]]}}, {"metadata": 3}):
        assert collected(sheet, **{"a.ipynb": notebook(("markdown", f"{HEADING}\n{ANSWER}", odd))}).written[0].answer


def test_no_more_is_kept_than_a_person_reads(sheet):
    long = {f"{at}.ipynb": notebook(("markdown", f"{at}" * 8_000)) for at in "abcdefghijkl"}
    result = collected(sheet, **long)
    assert len(result.unplaced) == len(result.notices) == 8
    assert {(len(unplaced.text), unplaced.truncated) for unplaced in result.unplaced} == {(5_000, True)}
    code = collected(sheet, **{"a.ipynb": notebook(("markdown", HEADING), ("code", "x" * 90_000))}).written[0]
    assert (len(code.answer), code.truncated) == (LONGEST_ANSWER, True)


def cells(kind, source, count, **fields):
    cell = json.dumps({"cell_type": kind, "source": source} | fields)
    return f'{{"nbformat": 4, "cells": [{", ".join([cell] * count)}]}}'


@pytest.mark.parametrize(
    "content",
    [
        cells("markdown", "# Q1 x", 100_000),
        cells("code", "# Q1: x", 100_000),
        cells("code", "%%markdown\n# Q1", 100_000),
        cells("markdown", "[" * 1_000_000, 1),
        cells("markdown", "> " * 500_000, 1),
        cells("markdown", "data:image/png;base64," * 100_000, 1),
        cells("code", "# Q1: x\n\nx\n" * 300_000, 1, outputs=["y" * 20_000_000]),
        cells("markdown", "x", 1, attachments={str(at): {} for at in range(100_000)}),
        '{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "x", "attachments": '
        + "[" * 10**6
        + "]" * 10**6,
        '{"nbformat": 4, "cells": ' + "[" * 10**6 + "]" * 10**6 + "}",
    ],
    ids=range(10),
)
def test_a_hostile_notebook_costs_little_and_is_no_error(sheet, content):
    result = collected(sheet, **{"a.ipynb": content})
    assert len(to_json(record(written=result.written, unplaced=result.unplaced, notices=result.notices))) < 100_000


@given(st.text(alphabet=st.sampled_from("#Q1:. \n\"'%{}[],<>/hp2&;\\*_`~>-|\0é"), max_size=300))
@settings(deadline=None, max_examples=150)
def test_nothing_that_students_type_anywhere_is_an_error(tmp_path_factory, text):
    sheet = sheet_of(tmp_path_factory.getbasetemp() / "anywhere")
    for name in ("README.md", "answers.html", "code.py", "answers.py", "a.json", "answers.docx"):
        collect({name: text.encode()}, sheet)
    for kind in ("code", "raw", "heading", "markdown"):
        collected(sheet, **{"a.ipynb": notebook(("markdown", HEADING), (kind, text))})
