"""`grader.verification.judging`: one finding for each cause, whatever follows from it."""

import pytest

from grader.audit.kept import CheckResult
from grader.records.record import Verdict
from grader.verification.gradings import GradedSolution, Solution
from grader.verification.judging import judge

CHECKS = '''from grader import check


@check(points=1)
def check_a(submission):
    """A."""


@check(points=1, depends_on=["a"])
def check_b(submission):
    """B."""


@check(points=1)
def check_c(submission):
    """C."""
'''
SHORT = {
    "p": Verdict.passed,
    "f": Verdict.failed,
    "s": Verdict.skipped,
    "e": Verdict.grader_error,
    "n": Verdict.not_implemented,
}


@pytest.fixture
def judged(demo):
    """What is found where solutions have these verdicts of a, b and c, one letter each: ``judged(reference="ppp")``."""
    (part,) = demo.parts("demo")
    part.check_file.write_text(CHECKS)

    def found(mistakes=("fsp", "pfp", "ppf"), variants=(), template="nnn", reference="ppp", said="KeyError: 1"):
        for name in ("squared", "second", "third"):
            (part.fixture_folder / "mistakes" / f"{name}.py").write_text('"""A hint."""\n')
        graded = [one("reference", part.reference, reference, said), one("template", part.template, template, said)]
        for kind, all_verdicts in (("variant", variants), ("mistake", mistakes)):
            folder = part.fixture_folder / f"{kind}s"
            graded += [one(kind, folder / f"{kind}{n}.py", verdicts, said) for n, verdicts in enumerate(all_verdicts)]
        return [(finding.invariant, finding.problem) for finding in judge(part, graded)]

    def one(kind, path, verdicts, said):
        checks = (
            CheckResult(name=name, title=name, verdict=SHORT[short], lost=short != "p", said=said)
            for name, short in zip("abc", verdicts, strict=True)
        )
        return GradedSolution(Solution(part, kind, path), tuple(checks))

    return found


def test_where_all_is_well_nothing_is_found(judged):
    assert judged(variants=("ppp", "ppp")) == []


def test_a_check_that_fails_itself_is_told_once_and_nothing_that_follows(judged):
    assert judged(reference="esp", variants=("esp",), template="enn", mistakes=("esp", "esp", "ppf")) == [
        (4, "check a has an error of its own on the reference and 1 variant: KeyError: 1")
    ]
    assert judged(mistakes=("esp", "pfp", "ppf")) == [(6, "check a has an error of its own on 1 mistake: KeyError: 1")]


def test_what_the_reference_loses_is_not_told_again_of_its_variants(judged):
    assert judged(reference="fsp", variants=("fsp", "fsf"), said="off") == [
        (4, "reference warm_up: a is failed: off"),
        (4, "variant variant1: a is failed: off (and 1 more: c)"),
    ]


def test_a_right_solution_that_is_skipped_alone_is_told(judged):
    assert judged(variants=("psp",), said="no GPU") == [(4, "variant variant0: b is skipped: no GPU")]


def test_the_template_earns_nothing_and_what_it_passes_no_mistake_must_fail(judged):
    assert judged(template="nnp", mistakes=("fsp", "pfp", "fsp")) == [(5, "the template's verdict for c is passed")]
    assert judged(template="nff") == [(5, "the template's verdict for b, c is failed")]


def test_a_mistake_that_loses_no_marks_and_a_check_that_none_fails(judged):
    assert judged(mistakes=("fsp", "pfp", "ppp")) == [
        (6, "no check catches mistake mistake2"),
        (6, "no mistake fails c"),
    ]


def test_a_skipped_check_is_not_failed(judged):
    assert judged(mistakes=("fsp", "fsp", "ppf")) == [(6, "no mistake fails b")]


def test_while_a_mistake_could_not_be_graded_no_check_is_called_unproven(judged):
    assert judged(mistakes=("fsp", "pfp")) == []
