"""`grader audit`: what is caught and what is not, through the sandbox; nothing graded twice, nothing lost."""

import contextlib
import dataclasses
import io
import re
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from audit_parts import HEAD, PARTS, make_part, record_of
from course_examples import make_course
from page_reader import Page

from grader.audit import runs, summary
from grader.audit.findings import MistakeFinding, MutantFinding, PartFindings, findings_of, summary_of
from grader.audit.kept import CheckResult, Graded, Keep
from grader.audit.mutants import Mutant
from grader.audit.page import cell_of, render_audit
from grader.audit.proof import choose, proof_of
from grader.audit.runs import Results, Where
from grader.audit.summary import Failure, RightSummary
from grader.audit.tasks import AuditPlan, cap_for_mutants
from grader.commands.audit import command
from grader.commands.audit_table import remarks
from grader.course.catalog import Part
from grader.errors import UsageError
from grader.records.record import (
    CheckRecord,
    Verdict,
)
from grader.running.jobs import TOO_BUSY, Engine, JobOutcome
from grader.sandbox import levels

GRADINGS = 4
SWAPPED = "tail: operands swapped: start = [len(x) - n -> n - len(x)]"
FIRST_HALF = "tail: bound shifted: return x[[start: -> :start]]"


@pytest.fixture
def part(tmp_path):
    return make_part(tmp_path / "course", "plain")


class Audit(NamedTuple):
    """What `grader audit` said of the course, and where it keeps things."""

    root: Path
    keep: Path
    code: int
    said: str
    page: str  # as it was after this audit: later ones write over it

    def part(self, name):
        return Part(self.root, "demo", name)

    def findings(self, name, gradings=GRADINGS, mutants=True):
        """Judged from what was kept: whatever is missing is not graded."""
        plan = AuditPlan(self.part(name), gradings, mutants)
        return plan, findings_of(plan, Results([plan], self.keep))


def call(keep, selectors=(), **options):
    """`grader audit`: its exit code and what it prints."""
    plain = {"everything": not selectors, "mutants": True, "gradings": GRADINGS, "again": False, "html": None}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = command.callback(selectors, keep=keep, jobs=2, sandbox="auto", **(plain | options))
    return code, said.getvalue()


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    """One audit of a course that has everything wrong that can be."""
    root = make_course(tmp_path_factory.mktemp("audited") / "course").root
    for name, changed in PARTS.items():
        make_part(root, name, changed)
    keep = root.parent / "keep"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_COURSE", str(root))
        code, said = call(keep)
    return Audit(root, keep, code, said, (keep / "index.html").read_text())


@pytest.fixture
def nothing_graded(audit, monkeypatch):
    """The course again, where nothing may be graded any more."""

    def refuse(batches, _):
        assert not [job for batch in batches for job in batch]
        return iter(())

    monkeypatch.setattr(runs, "grade_batches", refuse)
    monkeypatch.setenv("GRADER_COURSE", str(audit.root))
    return audit


def row(said, name):
    """The cells of a part's line in the table."""
    (line,) = (line for line in said.splitlines() if line.startswith(f"demo/{name} "))
    return line.split()[1:]


def test_a_sharp_and_fair_part_passes(nothing_graded):
    audit = nothing_graded
    assert audit.code == 1, "the others are neither"
    assert re.search(r"^feedback names [4-9] of [5-9] mistakes \(\d+\.\d%\)$", audit.said, re.MULTILINE)
    assert row(audit.said, "plain") == ["1/1", "1/1", "9/9", "100.0%", "0", "2/2", f"{2 * GRADINGS}"]
    stored = summary.read(audit.part("plain"))
    assert {name: right.gradings for name, right in stored.right.items()} == {"reference": GRADINGS, "slice": GRADINGS}
    assert stored.mistakes == summary.MistakeSummary(total=1, caught=1, recognised=1)
    assert stored.mutants == summary.MutantSummary(total=9, caught=9, equivalent=0, survivors=())
    assert Page(audit.page).one("h1").text == "Not yet sharp and fair"

    before = summary.path_of(audit.part("plain")).read_bytes()
    code, said = call(audit.keep, selectors=("demo/plain",), html=audit.keep / "plain" / "page.html")
    assert code == 0
    assert row(said, "plain") == row(audit.said, "plain")
    assert summary.path_of(audit.part("plain")).read_bytes() == before
    assert Page((audit.keep / "plain" / "page.html").read_text()).one("h1").text == "Sharp and fair"


def test_an_audit_stores_which_check_proves_each_mistake(nothing_graded):
    """`grader verify` runs those alone."""
    assert summary.read(nothing_graded.part("plain")).proof == {"head": ("tail",)}, "`random` is skipped then"
    assert summary.read(nothing_graded.part("harmless")).proof == {"head": ("tail",)}, "nothing catches the other one"


@pytest.mark.parametrize(
    ("known", "chosen"),
    [
        ({}, {"one": {"a"}, "two": {"a", "b"}, "three": {"c"}}),
        ({"one": ["b"]}, {"one": {"b"}, "two": {"a"}, "three": {"c"}}),  # an earlier choice stays while it holds
        ({"one": ["c", "gone"], "four": ["a"]}, {"one": {"a"}, "two": {"a", "b"}, "three": {"c"}}),
    ],
)
def test_the_cheapest_checks_are_chosen_so_that_none_is_left_out(known, chosen):
    costs = {"one": {"a": 1.0, "b": 9.0}, "two": {"a": 1.0, "b": 2.0}, "three": {"c": 5.0, "b": 6.0}}
    assert choose(costs, known) == chosen


def test_what_must_pass_first_counts_to_the_cost_of_a_proof(part):
    """`random` needs `tail`, so it is dearer than what it takes itself."""
    seconds = {"tail": 2.0, "random": 0.5}

    def graded(**verdicts):
        checks = (
            CheckResult(name=n, title=n, verdict=v, lost=v is not Verdict.passed, seconds=seconds[n])
            for n, v in verdicts.items()
        )
        return Graded(key="", checks=tuple(checks), seconds=0, slowest=0)

    both = {"m": graded(tail=Verdict.failed, random=Verdict.failed)}
    assert proof_of(part, both, {}) == {"m": ("tail", "random")}, "every check is failed by some mistake"
    several = both | {"n": graded(tail=Verdict.passed, random=Verdict.failed)}
    assert proof_of(part, several, {}) == {"m": ("tail",), "n": ("random",)}
    spared = {"m": graded(tail=Verdict.grader_error, random=Verdict.skipped)}
    assert proof_of(part, spared, {}) == {}, "a fault of ours proves nothing"


def test_without_mutants_what_is_known_of_them_stays(nothing_graded):
    stored = summary.read(nothing_graded.part("plain"))
    code, said = call(nothing_graded.keep, selectors=("demo/plain",), mutants=False)
    assert code == 0
    assert row(said, "plain")[2:5] == ["-", "-", "-"]
    assert summary.read(nothing_graded.part("plain")).mutants == stored.mutants


def test_what_survives_is_named_until_it_is_listed_with_a_reason(nothing_graded):
    part = nothing_graded.part("weak")
    _, found = nothing_graded.findings("weak")
    survivors = [one.mutant.identity for one in found.mutants_that("survived")]
    assert survivors == [SWAPPED, "tail: bound shifted: return x[[start: -> start - 1:]]"]
    assert not found.good
    assert found.share == 7 / 9
    assert row(nothing_graded.said, "weak")[2:5] == ["7/9", "77.8%", "0"]
    lines = nothing_graded.said.splitlines()
    at = lines.index(f"demo/weak: survived, line 7: {SWAPPED}")
    assert lines[at + 1 : at + 3] == ["    - start = len(x) - n", "    + start = n - len(x)"]

    facts = part.fixture_folder / "part.toml"
    several = "tail: bound shifted: *"  # also of those that are caught; only by its whole name is one said to be right
    listed = {SWAPPED: "x has one element", several: "so here", "f: gone": "was so", "f: *": "was", FIRST_HALF: "no"}
    rows = "".join(f"{msgspec.json.encode(k).decode()} = '{v}'\n" for k, v in listed.items())
    facts.write_text(f"{facts.read_text()}\n[equivalent]\n{rows}")
    code, said = call(nothing_graded.keep, selectors=("demo/weak",))
    assert code == 0
    assert row(said, "weak")[2:5] == ["7/7", "100.0%", "2"]
    assert f"demo/weak: listed as equivalent, but caught: {FIRST_HALF}" in said
    assert said.count("demo/weak: listed as equivalent, but caught") == 1
    assert "demo/weak: listed as equivalent, but no mutant has this name: f: gone" in said
    assert "demo/weak: listed as equivalent, but no mutant has this name: f: *" in said
    kept = summary.read(part).mutants
    assert kept == summary.MutantSummary(total=9, caught=7, equivalent=2, survivors=())


def test_a_mutant_that_one_check_caught_is_not_graded_by_the_others_but_a_mistake_is(audit):
    _, found = audit.findings("plain")
    caught = next(one for one in found.mutants if one.caught_by[0].verdict is Verdict.failed)
    assert [check.said for check in caught.caught_by[1:]] == ["Skipped: an earlier check took marks already"]
    (head,) = found.mistakes
    assert "earlier" not in "".join(check.said for check in head.failed.values())


def test_an_endless_mutant_is_ended_soon_and_counts_as_caught(audit):
    _, found = audit.findings("endless")
    endless = {one.mutant.identity: one for one in found.mutants if one.timed_out}
    one = endless["tail: other constant: x = x[[1 -> 0]:]"]
    assert one.state == "caught"
    assert f"demo/endless: mutants caught only because they ran out of time: {len(endless)}" in audit.said
    assert one.caught_by[0].verdict is Verdict.timed_out
    most = max(graded.seconds for graded in Keep(audit.keep, audit.part("endless"))._graded.values())
    assert most < 60, "the 60 s of the check itself do not hold for a mutant"


def test_a_right_solution_that_is_failed_by_some_seeds_is_unfair(nothing_graded):
    plan, found = nothing_graded.findings("unlucky")
    assert set(found.unfair) == {"unlucky"}
    failures = found.unfair["unlucky"]
    assert 0 < len(failures) < GRADINGS
    assert {failure.check for failure in failures} == {"random"}
    assert not found.good
    assert found.share == 1.0
    assert row(nothing_graded.said, "unlucky")[-2:] == ["2/3", f"{3 * GRADINGS}"]
    assert f"demo/unlucky: unlucky lost random with seed {failures[0].seed}: failed" in nothing_graded.said

    # Stored, it is neither graded again nor forgotten; a larger audit adds the seeds that are missing.
    plan = AuditPlan(nothing_graded.part("unlucky"), GRADINGS, with_mutants=False)
    assert plan.right == ()
    assert findings_of(plan, Results([plan], nothing_graded.keep / "elsewhere")).unfair == {"unlucky": failures}
    more = AuditPlan(nothing_graded.part("unlucky"), GRADINGS + 2, with_mutants=False)
    assert [(task.name, task.seed) for task in more.right] == [
        (name, seed) for name in more.hashes for seed in (GRADINGS, GRADINGS + 1)
    ]
    results = Results([more], nothing_graded.keep / "larger")
    one_lost = CheckRecord(name="random", title="", points=6.0, verdict=Verdict.failed)
    for task in more.right:
        results.take(task, JobOutcome(name=task.label, record=record_of(one_lost)))
    larger = findings_of(more, results).right["unlucky"]
    assert larger.gradings == GRADINGS + 2
    assert [failure.seed for failure in larger.failures] == [*(f.seed for f in failures), GRADINGS, GRADINGS + 1]
    assert len(AuditPlan(nothing_graded.part("unlucky"), GRADINGS, again=True).right) == 3 * GRADINGS


def test_a_mistake_that_loses_no_marks_is_a_failure_of_the_checks(audit):
    _, found = audit.findings("harmless")
    assert [mistake.name for mistake in found.harmless] == ["harmless"]
    assert not found.good
    assert "demo/harmless: mistake harmless loses no marks" in audit.said


def test_a_check_of_ours_that_fails_catches_nothing(audit):
    _, found = audit.findings("faulty")
    (empty,) = (mistake for mistake in found.mistakes if mistake.name == "empty")
    assert not empty.failed
    assert [fault for fault in found.faults if fault.startswith("mistake empty: random: ") and "IndexError" in fault]
    assert not found.good
    assert "demo/faulty: the grader failed: mistake empty: random: " in audit.said
    assert summary.read(audit.part("faulty")) is None


def test_what_could_not_be_graded_is_said_and_not_kept(audit):
    assert audit.said.count("demo/broken: the grader failed: ") == 2 * GRADINGS + 1 + 9
    plan, _ = audit.findings("broken")
    assert len(Results([plan], audit.keep).missing(plan.tasks)) == len(plan.tasks)
    assert summary.read(audit.part("broken")) is None


def test_an_interrupted_audit_loses_nothing(part, tmp_path):
    plan = AuditPlan(part, 3)
    where = Where(Engine(1, 1), levels.choose("auto"))
    done = []

    def stop(word):
        done.append(word)
        if len(done) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.run([plan], Results([plan], tmp_path), where, stop)
    again = AuditPlan(part, 3)
    assert len(Results([again], tmp_path).missing(again.tasks)) == len(plan.tasks) - 5
    assert len(Results([again], tmp_path, again=True).missing(again.tasks)) == len(plan.tasks)


@pytest.mark.parametrize("arguments", [{"everything": False}, {"selectors": ("demo",), "everything": True}])
def test_parts_are_named_or_all_are_meant(arguments, tmp_path):
    with pytest.raises(UsageError, match="--all"):
        call(tmp_path, **arguments)


def test_which_mistake_is_named_depends_on_all_mistakes(part):
    before = {task.name: task.key for task in AuditPlan(part, 0).mistakes}
    (part.fixture_folder / "mistakes" / "other.py").write_text(HEAD)
    after = {task.name: task.key for task in AuditPlan(dataclasses.replace(part), 0).mistakes}
    assert before["head"] != after["head"]
    assert len(set(after.values())) == 2


def test_a_line_that_was_cut_short_is_left_out(part, tmp_path):
    keep = Keep(tmp_path, part)
    for key in ("a", "b"):
        keep.add(Graded(key=key, checks=(), seconds=1.0, slowest=0.5))
    path = tmp_path / "demo" / "plain.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    keep = Keep(tmp_path, part)
    assert keep.get("a") is not None
    assert keep.get("b") is None
    keep.add(Graded(key="c", checks=(), seconds=1.0, slowest=0.5))
    assert Keep(tmp_path, part).get("c") is not None


def test_a_grading_that_ran_out_of_time_is_done_again_next_time_but_for_a_mutant(part, tmp_path):
    plan = AuditPlan(part, 1)
    results = Results([plan], tmp_path)
    record = record_of(CheckRecord(name="tail", title="", points=1.0, verdict=Verdict.timed_out))
    for task in plan.tasks:
        results.take(task, JobOutcome(name=task.label, record=record))
    assert results.missing(plan.tasks) == []
    assert Results([plan], tmp_path).missing(plan.tasks) == [*plan.right, *plan.mistakes]

    summary.write(part, summary_of(plan, findings_of(plan, results)))
    assert AuditPlan(dataclasses.replace(part), 1).trusted == {}, "a stored one is not trusted either"

    busy = Results([plan], tmp_path / "busy")
    busy.take(plan.right[0], JobOutcome(name="r", record=msgspec.structs.replace(record, starved=True)))
    assert list(busy.faults.values()) == [TOO_BUSY]
    assert plan.right[0] in busy.missing(plan.right)


def test_a_mutant_gets_ten_times_the_time_of_the_reference_and_a_floor():
    quick = cap_for_mutants(Graded(key="", checks=(), seconds=0.1, slowest=0.01))
    slow = cap_for_mutants(Graded(key="", checks=(), seconds=12.0, slowest=3.0))
    assert (quick.call_seconds, quick.part_seconds) == (2.0, 20.0)
    assert (slow.call_seconds, slow.part_seconds) == (30.0, 120.0)


def lost(name, verdict=Verdict.failed, mistake=""):
    return CheckResult(name=name, title=f"Title of {name}", verdict=verdict, lost=True, mistake=mistake)


def mutant(name="<b>f</b>: x", **fields):
    plain = {"operator": "no transpose", "function": "f", "line": 3, "before": "return a.T", "after": "return a<b>"}
    return Mutant(identity=name, source="", **(plain | fields))


def test_a_mistake_is_recognised_by_its_own_name_only():
    assert MistakeFinding("a", {"x": lost("x", mistake="b"), "y": lost("y", mistake="a")}).recognised
    other = MistakeFinding("a", {"x": lost("x", mistake="b")})
    assert (other.recognised, other.named_as) == (False, ("b",))
    assert cell_of("a", None).tone == ""
    assert cell_of("a", lost("x")).tone == "caught"
    assert cell_of("a", lost("x", mistake="a")).tone == "named"
    assert cell_of("a", lost("x", mistake="b")).tone == "misnamed"
    assert cell_of("a", lost("x", mistake="b or a")).tone == "named", "it is one of those that cannot be told apart"
    assert cell_of("a", lost("x", Verdict.skipped)).tone == "skipped"


def test_mistakes_that_feedback_does_not_name_are_told(part):
    mistakes = (
        MistakeFinding("named", {"x": lost("x", mistake="named")}),
        MistakeFinding("silent", {"x": lost("x")}),
        MistakeFinding("tied", {"x": lost("x", mistake="named"), "y": lost("y", mistake="other or tied")}),
        MistakeFinding("misnamed", {"x": lost("x", mistake="named"), "y": lost("y", mistake="tied or other")}),
        MistakeFinding("harmless", {}),
    )
    found = PartFindings(part=part, checks={}, mistakes=mistakes, mutants=(), right={}, stale=(), faults=())
    assert list(remarks(found)) == [
        f"{part.identity}: mistake harmless loses no marks",
        f"{part.identity}: feedback does not name silent, misnamed (but named and tied and other)",
    ]


@pytest.mark.parametrize(
    ("verdicts", "reason", "state", "timed_out"),
    [
        ([], "", "survived", False),
        ([], "why", "equivalent", False),
        ([Verdict.failed], "why", "caught", False),
        ([Verdict.timed_out, Verdict.skipped], "", "caught", True),
        ([Verdict.timed_out, Verdict.failed], "", "caught", False),
    ],
)
def test_the_state_of_a_mutant(verdicts, reason, state, timed_out):
    found = MutantFinding(mutant(), tuple(lost("x", verdict) for verdict in verdicts), reason)
    assert (found.state, found.timed_out) == (state, timed_out)


def test_equivalent_mutants_do_not_count_and_95_percent_of_the_others_must_be_caught(part):
    def with_mutants(caught, survived, equivalent):
        found = [MutantFinding(mutant(), (lost("x"),), "")] * caught
        found += [MutantFinding(mutant(), (), "")] * survived + [MutantFinding(mutant(), (), "so")] * equivalent
        return PartFindings(part=part, checks={}, mistakes=(), mutants=tuple(found), right={}, stale=(), faults=())

    assert with_mutants(19, 1, 50).good
    assert with_mutants(19, 1, 50).share == 0.95
    assert not with_mutants(18, 1, 50).good
    assert with_mutants(0, 0, 3).good


def test_the_page_shows_everything_and_believes_nothing(part):
    failure = Failure(seed=7, check="tail", verdict="failed", said="<script>")
    findings = PartFindings(
        part=part,
        checks={"tail": "Title with <i>"},
        mistakes=(MistakeFinding("head", {"tail": lost("tail", mistake="head")}), MistakeFinding("none", {})),
        mutants=(
            MutantFinding(mutant(), (), ""),
            MutantFinding(mutant("g: y", after=""), (), "the same on every <list>"),
            MutantFinding(mutant("h: z"), (lost("tail"),), ""),
        ),
        right={"slice": RightSummary(sha256="", gradings=50, failures=(failure,))},
        stale=("old: identity",),
        faults=("mutant k: <memory>",),
    )
    html = render_audit([findings])
    page = Page(html)
    assert not page.all("script")
    assert not page.all("i")
    assert "Not yet sharp and fair" in page.one("h1").text
    cells = page.all("td", "cell")
    assert [cell.text for cell in cells] == ["F", "", "1"]  # in the last row, how many mistakes the check catches
    assert "named" in cells[0].classes
    text = page.one("body").text
    for words in ("loses no marks", "<b>f</b>: x", "the same on every <list>", "old: identity", "mutant k: <memory>"):
        assert words in text
    assert "seed 7: tail failed" in text
    assert "50.0 %" in text
    assert [element.text for element in page.all("pre", "diff")] == ["- return a.T + return a<b>", "- return a.T +"]
    assert not re.search(r"(?:src|href)=[\"'](?!#|data:)", html), "one file, nothing external"
    calm = dataclasses.replace(findings, mistakes=(), mutants=None, right={}, stale=(), faults=())
    page = Page(render_audit([calm]))
    assert page.one("h1").text == "Sharp and fair"
    assert "not graded" in page.one("body").text
