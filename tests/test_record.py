"""`grader.records.record`: JSON there and back, and when a score counts."""

import dataclasses
import json

import msgspec
import pytest
from record_examples import check, factorise_part, score_matrix_part

from grader.records.record import (
    FORMAT_VERSION,
    CheckRecord,
    EnvironmentRecord,
    FoundRecord,
    MatrixEvidence,
    NotRunRecord,
    PartRecord,
    ResultRecord,
    Standing,
    SubmissionRecord,
    Verdict,
    from_json,
    to_json,
)


def record(*parts, sandbox="bubblewrap", **fields):
    return ResultRecord(
        assignment="lab1",
        submission=SubmissionRecord(name="ann", sha256="0" * 64, files=("a.py",)),
        environment=EnvironmentRecord(sandbox=sandbox, versions={"torch": "2"}),
        parts=parts,
        **fields,
    )


def part(*verdicts):
    return PartRecord(name="p", title="P", checks=tuple(check(f"c{i}", 1, v) for i, v in enumerate(verdicts)))


def test_a_record_comes_back_from_json_as_it_was():
    full = record(
        score_matrix_part(),
        factorise_part(),
        attempt=3,
        started="2026-01-02T03:04:05+00:00",
        seconds=1.5,
        seed=7,
        profile="full",
        device="cuda",
        partial=True,
        notices=("“a” was taken for b.",),
    )
    text = to_json(full)
    assert from_json(text) == full
    settled = to_json(from_json(text))  # a whole number that stood for a float is a float now
    assert from_json(settled) == full
    assert to_json(from_json(settled)) == settled
    assert text.endswith(b"}\n")


def test_the_format_version_is_always_written_and_another_one_is_refused():
    fields = json.loads(to_json(record()))
    assert fields["format_version"] == FORMAT_VERSION
    with pytest.raises(msgspec.ValidationError, match="format_version"):
        from_json(json.dumps(fields | {"format_version": FORMAT_VERSION + 1}).encode())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("assignment",), 7),
        (("submission", "sha256"), None),
        (("parts", 0, "checks", 0, "verdict"), "excellent"),
        (("parts", 0, "checks", 0, "score"), "full"),
        (("parts", 0, "checks", 2, "evidence", 0, "kind"), "picture"),
        (("parts", 0, "checks", 2, "evidence", 0, "differs", 0, 0), 3),
        (("parts", 0, "figures"), {"loss": None}),
        (("environment", "versions"), []),
    ],
)
def test_a_field_that_is_wrong_is_named(path, value):
    fields = json.loads(to_json(record(score_matrix_part())))
    place = fields
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(msgspec.ValidationError) as caught:
        from_json(json.dumps(fields).encode())
    names = [key for key in path if isinstance(key, str)]
    assert names[-1] in str(caught.value) or names[-2] in str(caught.value)


@pytest.mark.parametrize("field", ["assignment", "submission", "environment"])
def test_a_field_that_is_missing_is_named(field):
    fields = json.loads(to_json(record()))
    del fields[field]
    with pytest.raises(msgspec.ValidationError, match=field):
        from_json(json.dumps(fields).encode())


def test_cells_that_json_cannot_hold_are_words():
    evidence = MatrixEvidence(
        name="x", expected=((1, 2.5, 3.0),), actual=(("nan", "inf", "-inf"),), differs=((True, True, True),)
    )
    whole = record(PartRecord(name="p", title="P", checks=(check("c", 1, evidence=(evidence,)),)))
    (again,) = from_json(to_json(whole)).parts[0].checks[0].evidence
    assert again == evidence


def test_scores_are_sums_without_rounding_dust():
    one = PartRecord(name="p", title="P", checks=tuple(check(f"c{i}", 0.1) for i in range(10)))
    two = part("passed", "failed")
    whole = record(one, two)
    assert (one.score, one.max_score) == (1.0, 1.0)
    assert (two.score, two.max_score) == (1.0, 2.0)
    assert (whole.score, whole.max_score) == (2.0, 3.0)
    assert (record().score, record().max_score) == (0, 0)


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.grader_error])
def test_a_verdict_about_the_student_leaves_a_final_score(verdict):
    assert record(part("passed", verdict)).standing is Standing.final


def test_our_own_error_anywhere_needs_attention_before_all_else():
    broken = part("passed", "grader_error")
    assert record(part("passed"), broken).standing is Standing.needs_attention
    assert record(broken, sandbox="direct", partial=True).standing is Standing.needs_attention


def test_a_run_without_a_sandbox_or_of_some_parts_is_no_grade():
    assert record(part("passed"), sandbox="direct").standing is Standing.not_a_grade
    assert record(part("passed"), partial=True).standing is Standing.not_a_grade
    assert record(part("passed"), sandbox="process").standing is Standing.final


def test_reasons_ask_for_a_look_unless_the_fault_is_ours_or_the_run_is_practice():
    looked_at = {"reasons": ("a notebook cannot be read",)}
    assert record(part("passed"), **looked_at).standing is Standing.needs_a_look
    assert record(part("passed", "grader_error"), **looked_at).standing is Standing.needs_attention
    assert record(part("passed"), partial=True, **looked_at).standing is Standing.not_a_grade


def test_a_refused_submission_is_a_record_like_others():
    refused = record(refused="The zip is damaged.")
    assert refused.standing is Standing.refused
    assert from_json(to_json(refused)) == refused


def test_where_functions_were_found_is_kept():
    found = (FoundRecord("factorise", "sgd_factorise", "lab1.ipynb", cell=3, line=7),)
    one = msgspec.structs.replace(part(), found=found, missing=("loss",), not_run=(NotRunRecord("a.py", 3, 9),))
    assert from_json(to_json(record(one))).parts == (one,)


def test_a_check_that_says_nothing_of_itself_is_our_error_and_earns_nothing():
    silent = CheckRecord(name="c", title="C.", points=3)
    assert (silent.verdict, silent.score) == (Verdict.grader_error, 0.0)


def test_a_record_cannot_be_changed():
    whole = record(part("passed"))
    for target in (whole, whole.parts[0], whole.parts[0].checks[0], whole.submission):
        with pytest.raises((AttributeError, dataclasses.FrozenInstanceError)):
            target.name = "another"
