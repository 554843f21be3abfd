"""What failed of one submission, in a few lines for the terminal."""

from record_examples import check, environment

from grader.records.record import PartRecord, ResultRecord, SubmissionRecord
from grader.reports.failures import WIDTH, render_failures


def told(*checks, **fields):
    parts = (PartRecord(name="svd", title="Truncated SVD", checks=checks),) if checks else ()
    record = ResultRecord(
        assignment="lab1",
        submission=SubmissionRecord(name="ann", sha256=""),
        environment=environment(),
        parts=parts,
        **fields,
    )
    return render_failures(record).splitlines()


def test_a_failed_check_is_told_with_its_message_its_values_and_its_hint():
    loss = check(
        "loss", 3, "failed", title="The loss is small.", message="It is not.", detail="It is 9.", hint="Sum it."
    )
    assert told(check("shapes", 2), loss) == [
        "ann: 2 of 5",
        "",
        "Truncated SVD (svd): 2 of 5",
        "  Not right yet, 0 of 3: The loss is small.",
        "    It is not.",
        "    It is 9.",
        "    Hint: Sum it.",
        "",
        "1 of 2 checks passed.",
    ]


def test_full_marks_need_no_words():
    assert told(check("shapes", 2)) == ["ann: 2 of 2", "", "1 of 1 checks passed."]


def test_checks_that_failed_for_one_cause_are_told_together():
    same = {"message": "Your file is not valid Python.", "traceback": "…\nSyntaxError: expected ':'"}
    first, second = (check(name, 1, "crashed", title=f"{name} works.", **same) for name in ("A", "B"))
    other = check("C", 1, "crashed", title="C works.", message="It stopped.")
    lines = told(first, other, second)
    assert lines[3:9] == [
        "  Crashed, 0 of 1: A works.",
        "  Crashed, 0 of 1: B works.",
        "    Your file is not valid Python.",
        "    SyntaxError: expected ':'",
        "  Crashed, 0 of 1: C works.",
        "    It stopped.",
    ]


def test_what_was_not_written_or_not_reached_is_counted():
    checks = [check(f"c{n}", 2, verdict) for n, verdict in enumerate(["skipped", "missing", "skipped"])]
    assert told(*checks)[3:5] == ["  Missing: 1 check, 2 points", "  Skipped: 2 checks, 4 points"]


def test_who_needs_a_look_and_who_was_refused_is_told_why():
    assert told(check("a", 1), reasons=("Nothing was found.",))[:3] == [
        "ann: 1 of 1",
        "Needs a look.",
        "A person must look: Nothing was found.",
    ]
    assert told(refused="The zip is damaged.") == [
        "ann: refused",
        "Not graded.",
        "A person must look: The zip is damaged.",
    ]


def test_nothing_is_wider_than_80_columns_or_sends_escapes():
    long = "word " * 60 + "x" * 200 + "\x1b[31m"
    checks = (check("a", 1, "failed", title=long, message=long, detail=long, hint=long, traceback=long),)
    lines = told(*checks, reasons=(long,))
    assert max(map(len, lines)) <= WIDTH == 80
    assert not any("\x1b" in line for line in lines)
