"""`grading.known_mistakes`: a failure that a known mistake explains gets its hint, and no other failure gets any."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from sandbox.processes import keep_busy

from grader.course.catalog import Part
from grader.course.part_toml import MINI_CPU
from grader.errors import Crashed, Mismatch, TimedOut
from grader.grading.call_log import Call, Forgotten
from grader.grading.grade import part_run
from grader.grading.kept_answers import KeptAnswers
from grader.grading.known_mistakes import Recogniser, _shared_hint, _worth_replaying, hint_of
from grader.grading.part_loader import Code
from grader.grading.part_run import PartOutcome
from grader.grading.pytest_run import run_checks
from grader.grading.replay import OutOfTime, Replay
from grader.grading.same_answer import same_answer
from grader.records.record import CheckRecord, Verdict
from grader.sandbox.calls import Remote
from grader.worker.values import MAX_DEPTH

RIGHT = {
    "stack_rows": "    return torch.vstack(list(vectors))",
    "score_matrix": "    return torch.einsum('id,jd->ij', Q, K)",
    "favourite_movie": "    return int(S[user].max(dim=0).indices)",
}
PLAIN_RUN = SimpleNamespace(setting=MINI_CPU)  # all that is used of a run if the part has no first steps
HEADS = {"stack_rows": "vectors", "score_matrix": "Q, K", "favourite_movie": "S, user"}


def solution(**bodies):
    functions = [f"def {name}({HEADS[name]}):\n{(RIGHT | bodies)[name]}\n" for name in RIGHT]
    return ("import torch\n\n" + "\n".join(functions)).encode()


class CountingSlot:
    """A slot that counts the workers it makes."""

    def __init__(self, slot):
        self.slot, self.made = slot, 0

    def worker(self, limits):
        self.made += 1
        return self.slot.worker(limits)


@pytest.fixture(scope="module")
def part(course):
    return course.parts("activity1", ["score_matrix"])[0]


@pytest.fixture(scope="module")
def recogniser(slot):
    return Recogniser(CountingSlot(slot))


@pytest.fixture
def annotated(part, slot, recogniser):
    """Grades a source and adds hints; the failed checks with the mistakes they were recognised as."""

    def annotate(source, by=recogniser, visible_only=False):
        run = part_run(part, Code({"score_matrix.py": source}, "score_matrix.py"), slot, seed=5)
        outcome = run_checks({part.check_file: run}, visible_only=visible_only)[part.check_file]
        found = by.hints(part, run, outcome)
        wrong = {n for n, r in outcome.records.items() if r.verdict not in (Verdict.passed, Verdict.skipped)}
        assert found.keys() <= wrong
        assert all(known.hint for known in found.values())
        return {name: found[name].mistake if name in found else "" for name in outcome.records if name in wrong}

    return annotate


# The same mistakes as in fixtures/, in other words: (mistake, function, body)
IN_OTHER_WORDS = [
    ("one_based_index", "favourite_movie", "    row = S[user].tolist()\n    return row.index(max(row)) + 1"),
    ("least_favourite", "favourite_movie", "    return int(S[user].argmin())"),
    ("column_instead_of_row", "favourite_movie", "    return int(S.T[user].argmax())"),
    ("transposed_scores", "score_matrix", "    return torch.einsum('id,jd->ji', Q, K)"),
    ("stacked_in_reverse", "stack_rows", "    return torch.stack(vectors).flip(0)"),
    ("joined_end_to_end", "stack_rows", "    return torch.hstack(list(vectors))"),
]


@pytest.mark.parametrize(("mistake", "function", "body"), IN_OTHER_WORDS, ids=[m for m, _, _ in IN_OTHER_WORDS])
def test_a_known_mistake_in_other_words_is_recognised(annotated, mistake, function, body):
    found = annotated(solution(**{function: body}))
    assert found, "it must fail something"
    assert set(found.values()) == {mistake}


@pytest.mark.parametrize(
    "mistake",
    [
        "no_transpose",
        "cosine_scores",
        "last_among_ties",
        "score_instead_of_index",
        "transposed_in_place",
        "favourite_crossed_out",
    ],
)
def test_the_mistake_itself_is_recognised_or_its_like(annotated, part, mistake):
    (path,) = [path for path in part.mistakes if path.stem == mistake]
    found = annotated(path.read_bytes())
    assert found
    for name, recognised in found.items():
        assert mistake in recognised.split(" or "), (name, recognised)


def test_two_mistakes_in_different_functions_get_a_hint_each(annotated):
    source = solution(
        stack_rows="    return torch.stack(vectors).flip(0)", favourite_movie="    return 1 + int(S[user].argmax())"
    )
    found = annotated(source)
    assert found["stacking"] == "stacked_in_reverse"
    assert found["favourite"] == "one_based_index"


def test_a_right_submission_gets_no_hint_and_starts_no_replay(annotated, recogniser):
    before = recogniser._slot.made
    assert annotated(solution()) == {}
    assert recogniser._slot.made == before


def test_a_submission_that_is_wrong_in_its_own_way_gets_no_hint(annotated):
    source = solution(
        score_matrix="    return Q @ K.T + 0.125 * torch.arange(len(K))",
        favourite_movie="    return int(S[user].argmax()) * 3 + 7",
    )
    found = annotated(source)
    assert {"scores", "favourite"} <= set(found)
    assert set(found.values()) == {""}


def test_an_exception_of_their_own_gets_no_hint(annotated):
    found = annotated(solution(score_matrix="    raise ValueError('my own words')"))
    assert found["scores"] == ""


def test_a_value_of_a_strange_type_does_no_harm(annotated):
    bodies = ("    return {'S': Q @ K.T}", "    return lambda: 1", "    return [Q, {1: K}]", "    return object()")
    for body in bodies:
        assert annotated(solution(score_matrix=body))["scores"] in ("", "list_not_stacked")


def test_answers_are_kept_for_the_class(slot, annotated):
    own = Recogniser(CountingSlot(slot))
    source = solution(favourite_movie="    return int(S[user].argmin())")
    first = annotated(source, own, visible_only=True)
    made, answers = own._slot.made, len(own._answers)
    assert made > 0
    assert answers > 0
    assert annotated(source, own, visible_only=True) == first
    assert own._slot.made == made, "the second submission costs no worker"
    assert len(own._answers) == answers


def test_answers_to_hidden_checks_are_not_kept_nobody_else_is_asked_the_same(slot, annotated):
    own = Recogniser(CountingSlot(slot))
    source = solution(favourite_movie="    return int(S[user].argmin())")
    annotated(source, own, visible_only=True)
    answers = len(own._answers)
    annotated(source, own)
    assert len(own._answers) == answers


def mistakes(folder, **hints):
    paths = []
    for name, hint in hints.items():
        path = folder / f"{name}.py"
        path.write_text(f'"""{hint}"""\n')
        paths.append(path)
    return paths


def test_of_a_tie_the_first_sentence_is_told_or_the_few_alternatives(tmp_path):
    hints = {"a": "It is transposed.\nLook at Q.", "b": "It is transposed. Look at K.", "c": "It is flat. Look at K."}
    tied = mistakes(tmp_path, **hints, d="It is long.", e="It is short.")
    assert _shared_hint(tied[:1]) == "It is transposed. Look at Q."
    assert _shared_hint(tied[:2]) == "It is transposed."
    assert _shared_hint(tied[:3]) == "Either: It is transposed. Or: It is flat."
    assert _shared_hint(tied[:4]) == "Either: It is transposed. Or: It is flat. Or: It is long."
    assert _shared_hint(tied) == ""


def replayed(tmp_path, slot, hints, bodies, answer, reference="    return x"):
    """The hint for one failed call f(3) -> answer, with these mistakes."""
    part = Part(tmp_path, "lab1", "thing")
    files = {part.reference: f"def f(x):\n{reference}\n", part.fixture_folder / "part.toml": 'title = "T"\n'}
    for name, body in bodies.items():
        files[part.fixture_folder / "mistakes" / f"{name}.py"] = f'"""{hints[name]}"""\n\n\ndef f(x):\n{body}\n'
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    call = Call("f", (3,), {}, 7, answer, 0.001)
    check = CheckRecord(name="c", title="C.", points=1, verdict=Verdict.failed)
    outcome = PartOutcome(records={"c": check}, calls={"c": [call]})
    return Recogniser(slot).hints(part, PLAIN_RUN, outcome).get("c", ("", ""))


HINTS = {"plus": "You add. Take away.", "plus_too": "You add. Do not.", "other": "Something else."}


def test_tied_mistakes_share_the_sentence_their_hints_begin_with(tmp_path, slot):
    bodies = {"plus": "    return x + 1", "plus_too": "    return 1 + x", "other": "    return 0"}
    assert replayed(tmp_path, slot, HINTS, bodies, 4) == ("plus or plus_too", "You add.")


def test_tied_mistakes_without_a_common_sentence_are_told_as_alternatives(tmp_path, slot):
    bodies = {"plus": "    return x + 1", "other": "    return 4"}
    alternatives = ("other or plus", "Either: Something else. Or: You add.")
    assert replayed(tmp_path, slot, HINTS, bodies, 4) == alternatives


def test_what_equals_the_reference_too_is_no_mistake(tmp_path, slot):
    assert replayed(tmp_path, slot, HINTS, {"plus": "    return x"}, 3) == ("", "")


def test_a_random_mistake_is_replayed_with_the_seed_of_the_call(tmp_path, slot):
    body = "    import torch\n    return float(torch.rand(()))"
    torch.manual_seed(7)
    drawn = float(torch.rand(()))
    assert replayed(tmp_path, slot, HINTS, {"plus": body}, drawn)[0] == "plus"
    assert replayed(tmp_path, slot, HINTS, {"plus": body}, drawn + 0.01) == ("", "")


def test_a_mistake_that_cannot_even_be_loaded_harms_nobody(tmp_path, slot):
    bodies = {"other": "    return (", "plus": "    return x + 1"}
    assert replayed(tmp_path, slot, HINTS, bodies, 4) == ("plus", "You add. Take away.")


def test_when_time_is_up_no_hint_is_given(tmp_path, slot, monkeypatch):
    monkeypatch.setattr("grader.grading.replay._MOST_WORK", 0)
    assert replayed(tmp_path, slot, HINTS, {"plus": "    return x + 1"}, 4) == ("", "")


def test_work_is_counted_in_replays_and_not_in_seconds(tmp_path, slot, monkeypatch):
    """Kept answers count, too: a name may not depend on who was graded before, and on how many processes."""
    part, kept = known(tmp_path, "    return x + 1"), {}
    calls = [Call("f", (x,), {}, 7, x, seconds) for x, seconds in ((1, 0.001), (2, 1000.0), (3, 0.001))]

    def work_of(*asked, trainings=()):
        replay = Replay(part, MINI_CPU, slot, kept, calls, trainings)
        for call in asked:
            replay.answer(part.reference, call)
        replay.close()
        return replay._work

    assert work_of(*calls) == work_of(*calls) == 15
    assert work_of(calls[0], calls[0]) == 5, "the same question is one"
    assert work_of(*calls, trainings=[calls[2]]) == 35
    monkeypatch.setattr("grader.grading.replay._MOST_WORK", 10)
    with pytest.raises(OutOfTime):
        work_of(*calls)


def test_a_slow_student_and_a_busy_machine_have_the_same_calls_repeated(annotated, part, slot):
    """Every core has three more processes to serve, and what the student calls takes long by the clock."""
    source = solution(favourite_movie="    import time\n    time.sleep(0.2)\n    return int(S[user].argmin())")
    idle = annotated(source, Recogniser(slot))
    running = [keep_busy(core) for core in sorted(os.sched_getaffinity(0)) * 3]
    try:
        assert annotated(source, Recogniser(slot)) == idle
    finally:
        for process in running:
            process.kill()
            process.communicate()
    assert set(idle.values()) == {"least_favourite"}


def test_kept_answers_are_bounded(monkeypatch):
    monkeypatch.setattr("grader.grading.kept_answers._MOST_BYTES", 10_000)
    kept = KeptAnswers()
    for number in range(50):
        kept[Path("a.py"), str(number)] = torch.ones(300)
    assert [key[1] for key in kept] == ["46", "47", "48", "49"]
    kept[Path("a.py"), "47"] = torch.ones(2000)
    assert [key[1] for key in kept] == ["47"]
    del kept[Path("a.py"), "47"]
    assert kept._bytes == 0


def test_an_answer_that_is_too_large_is_like_no_students(tmp_path, slot, monkeypatch):
    monkeypatch.setattr("grader.grading.replay._LARGE_BYTES", 5000)
    part, kept = known(tmp_path, "    import torch\n    return torch.ones(x)"), {}
    replay = Replay(part, MINI_CPU, slot, kept, [])
    large, small = (replay.answer(part.mistakes[0], Call("f", (x,), {}, 7, 4, 0.1)) for x in (5000, 50))
    replay.close()
    assert isinstance(large, Forgotten)
    assert torch.equal(small, torch.ones(50))
    assert list(kept.values()) == [small]


def test_a_failure_that_is_kept_for_the_class_holds_no_frames(tmp_path, slot):
    part = known(tmp_path, "    raise ValueError(x)")
    replay = Replay(part, MINI_CPU, slot, {}, [])
    failure = replay.answer(part.mistakes[0], Call("f", (3,), {}, 7, 4, 0.1))
    replay.close()
    assert (failure.__traceback__, failure.__context__, failure.__cause__) == (None, None, None)


def test_what_was_proven_before_time_is_up_is_told(tmp_path, slot, monkeypatch):
    part = known(tmp_path, "    return x + 1")
    outcome = PartOutcome()
    for name, x in (("first", 3), ("second", 5)):
        outcome.records[name] = CheckRecord(name=name, title="C.", points=1, verdict=Verdict.failed)
        outcome.calls[name] = [Call("f", (x,), {}, 7, x + 1, 0.1)]
        outcome.gated.add(name)  # so that one is not compared with what the other asked
    answer = Replay.answer

    def until_the_second(self, solution, call):
        if call.args == (5,):
            raise OutOfTime
        return answer(self, solution, call)

    monkeypatch.setattr(Replay, "answer", until_the_second)
    found = Recogniser(slot).hints(part, PLAIN_RUN, outcome)
    assert [(name, known.mistake) for name, known in found.items()] == [("first", "slow")]


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (torch.tensor([1.0]), torch.tensor([1.00001]), True),
        (torch.tensor([1.0]), torch.tensor([1.001]), False),
        (torch.tensor([1.0]), torch.tensor([[1.0]]), False),
        (torch.tensor([1.0]), torch.tensor([1]), False),
        (torch.tensor([float("nan")]), torch.tensor([float("nan")]), True),
        (np.ones(2), np.ones(2), True),
        (np.ones(2), np.ones(3), False),
        (np.ones(2), torch.ones(2), False),
        (1.0, 1.00001, True),
        (1.0, 1.001, False),
        (float("nan"), float("nan"), True),
        (1, 1.0, False),
        (1, True, False),
        (1, 1, True),
        ("a", "a", True),
        (None, None, True),
        ([torch.ones(2), 1], (torch.ones(2), 1), True),
        ([torch.ones(2)], [torch.ones(2), 1], False),
        ({"a": torch.ones(2)}, {"a": torch.ones(2)}, True),
        ({"a": torch.ones(2)}, {"a": torch.zeros(2)}, False),
        ({"a": 1}, {"b": 1}, False),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]}), True),
        (pd.DataFrame({"a": [1.0, 2.0]}), pd.DataFrame({"a": [1.0, 2.1]}), False),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1.0, 2.0]}), False),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"b": [1, 2]}), False),
        (pd.DataFrame({"a": [1, 2]}), {"a": [1, 2]}, False),
        (Crashed("a", detail="b"), Crashed("a", detail="b"), True),
        (Crashed("a", detail="b"), Crashed("a", detail="c"), False),
        (TimedOut("a"), Mismatch("a"), False),
        (Remote(1, "Linear", 1), Remote(2, "Linear", 5), True),
        (Remote(1, "Linear", 1), Remote(1, "Conv2d", 1), False),
        (object(), object(), False),
    ],
)
def test_answers_are_the_same_within_rounding(left, right, same):
    assert same_answer(left, right) is same
    assert same_answer(right, left) is same


def test_a_hint_is_the_docstring_on_one_line(part):
    for path in part.mistakes:
        hint = hint_of(path)
        assert hint
        assert "\n" not in hint
        assert hint.split()[0] in path.read_text()


HANDLES = {
    "reference": "    return layer.weight.sum() * factor",
    "halved": "    return layer.weight.sum() * factor / 2",
    "squared": "    return layer.weight.square().sum() * factor",
}


def layers(body, name="Layer", noted="steps"):
    return f"""
import torch
class {name}(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3) * 3)
    def forward(self, factor):
    {body}
def build(): return [{name}()]
def train(layers, steps):
    layers[0].weight.data += steps
    layers[0].noted = {noted}
    return layers[0]
""".replace("layer.weight", "self.weight")


@pytest.fixture
def part_with_modules(tmp_path):
    texts = {
        "reference/a/net.py": layers(HANDLES["reference"]),
        "fixtures/a/net/part.toml": 'title = "Net"\n',
        "fixtures/a/net/expected.json": "{}",
        "fixtures/a/net/mistakes/halved.py": '"""You halve."""\n' + layers(HANDLES["halved"]),
        "fixtures/a/net/mistakes/squared.py": '"""You square."""\n' + layers(HANDLES["squared"]),
        "fixtures/a/net/mistakes/noted_twice.py": '"""You note twice the steps."""\n'
        + layers(HANDLES["reference"], noted="2 * steps"),
        "checks/a/check_net.py": """
import torch
from grader import check, expect
@check(points=1)
def check_forward(submission):
    \"\"\"The layer sums its weights.\"\"\"
    layer = submission.train(submission.build(), 2.0)
    expect.close(submission.apply(layer, 2.0), torch.tensor(30.0), name="the sum")
@check(points=1)
def check_noted(submission):
    \"\"\"The layer notes its steps.\"\"\"
    layer = submission.train(submission.build(), 2.0)
    expect.equal(submission.read(layer, "noted"), 2.0, name="noted")
""",
    }
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return Part(tmp_path, "a", "net")


@pytest.mark.parametrize("mistake", ["halved", "squared"])
def test_calls_of_a_module_that_stayed_with_the_student_are_repeated_on_modules_made_the_same_way(
    part_with_modules, slot, mistake
):
    part = part_with_modules
    source = layers(HANDLES[mistake], name="MyOwnLayer").encode()
    run = part_run(part, Code({"net.py": source}, "net.py"), slot, seed=5)
    outcome = run_checks({part.check_file: run})[part.check_file]
    assert outcome.records["forward"].verdict is Verdict.failed
    assert Recogniser(slot).hints(part, run, outcome)["forward"].mistake == mistake


def test_what_is_read_of_a_module_tells_mistakes_apart(part_with_modules, slot):
    part = part_with_modules
    source = layers(HANDLES["reference"], name="MyOwnLayer", noted="steps + steps").encode()
    run = part_run(part, Code({"net.py": source}, "net.py"), slot, seed=5)
    outcome = run_checks({part.check_file: run})[part.check_file]
    assert outcome.records["forward"].verdict is Verdict.passed
    assert Recogniser(slot).hints(part, run, outcome)["noted"].mistake == "noted_twice"


def test_what_was_given_a_value_that_nobody_made_is_not_repeated(part_with_modules, slot, monkeypatch):
    monkeypatch.setattr("grader.grading.replay._PATIENT_SECONDS", 5.0)
    remote = Remote(1, "torch.nn.modules.linear.Linear", 1)
    maker = Call("build", (), {}, 0, [remote], 0.1)
    training = Call("build", (), {}, 0, Remote(2, "x", 1), 0.1)  # in a part whose calls may take long
    replay = Replay(part_with_modules, MINI_CPU, slot, {}, [maker, training], [training])
    assert replay.can_repeat(Call("", (remote, 2.0), {}, 0, None, 0.1))
    assert not replay.can_repeat(Call("", (Remote(2, "x", 1), 2.0), {}, 0, None, 0.1))
    assert not replay.can_repeat(Call("", (Remote(3, "x", 1), 2.0), {}, 0, None, 0.1))


def test_a_value_that_was_given_to_the_call_it_comes_from_is_not_made_again(part_with_modules, slot):
    """A worker that answers with the same handle every time says that each of its calls made what it was given."""
    one, two = Remote(0, "net", 1), Remote(1, "net", 1)
    calls = [Call("build", (), {}, 0, one, 0.1), Call("train", (one,), {}, 0, two, 0.1)]
    calls += [Call("train", (two,), {}, 0, one, 0.1), Call("train", (one,), {}, 0, one, 0.1)]
    replay = Replay(part_with_modules, MINI_CPU, slot, {}, calls)
    assert [replay.can_repeat(call) for call in calls] == [True, False, False, False]


def test_what_was_given_more_than_can_be_sent_is_not_repeated(part_with_modules, slot):
    nested: list[object] = []
    for _ in range(MAX_DEPTH - 1):  # deep enough to be sent; not so with what a digest puts around it
        nested = [nested]
    replay = Replay(part_with_modules, MINI_CPU, slot, {}, [])
    assert not replay.can_repeat(Call("build", (nested,), {}, 0, None, 0.1))
    assert replay.can_repeat(Call("build", (nested[0][0],), {}, 0, None, 0.1))
    assert not replay.can_repeat(Call("build", (Forgotten(),), {}, 0, None, 0.1))


def test_what_was_read_is_not_made_again(part_with_modules, slot):
    layer, method = Remote(1, "torch.nn.modules.linear.Linear", 1), Remote(2, "method", 1)
    made, read = Call("build", (), {}, 0, layer, 0.1), Call(".state_dict", (layer,), {}, 0, method, 0.0)
    replay = Replay(part_with_modules, MINI_CPU, slot, {}, [made, read])
    assert replay.can_repeat(read)
    assert not replay.can_repeat(Call("", (method,), {}, 0, None, 0.1))


def known(tmp_path, body):
    """A part with one mistake."""
    part = Part(tmp_path, "lab1", "thing")
    mistake = part.fixture_folder / "mistakes" / "slow.py"
    files = {part.reference: "def f(x):\n    return x\n", part.fixture_folder / "part.toml": 'title = "T"\n'}
    for path, text in (files | {mistake: f'"""Hint."""\n\n\ndef f(x):\n{body}\n'}).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return part


@pytest.mark.parametrize(("body", "kept"), [("    import time\n    time.sleep(9)", False), ("    return 1 / 0", True)])
def test_answers_of_known_mistakes_are_kept_for_the_class_but_not_that_they_took_too_long(
    tmp_path, slot, monkeypatch, body, kept
):
    monkeypatch.setattr("grader.grading.replay._REPLAY_SECONDS", 0.5)
    part, answers = known(tmp_path, body), {}
    replay = Replay(part, MINI_CPU, slot, answers, [])
    answer = replay.answer(part.mistakes[0], Call("f", (3,), {}, 7, 4, 0.001))
    replay.close()
    assert isinstance(answer, Crashed if kept else TimedOut)
    assert list(answers.values()) == ([answer] if kept else [])


def test_calls_whose_values_stayed_behind_are_replayed_only_where_nothing_else_could_tell():
    made, told, quiet = (Call("f", (3,), {}, 7, outcome, 0.001) for outcome in (Remote(1, "Net", 1), 4, TimedOut("a")))

    def worth(*calls, able=True):
        return _worth_replaying(SimpleNamespace(can_repeat=lambda _: able, can_keep=Replay.can_keep), list(calls))

    assert worth(made, told, quiet) == [told]
    assert worth(made, quiet) == [made]
    assert worth(made, told, able=False) == []
    many = [Call("f", (x,), {}, 7, x, 0.1) for x in range(9)]
    assert worth(*many) == [*many[:5], many[8]], "a check often ends with the call that it fails on"


def test_what_explained_one_check_is_not_compared_with_every_mistake_in_the_next(tmp_path, slot):
    part = known(tmp_path, "    return x + 1")
    other = part.fixture_folder / "mistakes" / "zero.py"
    other.write_text('"""Hint."""\n\n\ndef f(x):\n    return 6\n')
    part = Part(part.course, part.assignment, part.name)
    outcome = PartOutcome()
    for name, x in (("first", 3), ("second", 5)):
        call = Call("f", (x,), {}, 7, x + 1, 0.1)  # of a gate: others are compared across checks
        outcome.records[name] = CheckRecord(name=name, title="C.", points=1, verdict=Verdict.failed)
        outcome.calls[name] = [call]
        outcome.gated.add(name)
    recogniser = Recogniser(slot)
    found = recogniser.hints(part, PLAIN_RUN, outcome)
    assert [(name, known.mistake) for name, known in found.items()] == [("first", "slow"), ("second", "slow")]
    assert [path.stem for path, _ in recogniser._answers].count("zero") == 1


def test_mistakes_are_asked_first_what_the_reference_answers_otherwise():
    """Most mistakes answer that as the reference does; so they are asked one call, and not all of them."""
    calls = [Call("f", (x,), {}, 7, -1 if x == 3 else x, 0.1) for x in range(4)]
    asked = []

    def answer(path, call):
        asked.append((path.stem, call.args[0]))
        return -1 if path.stem == "wrong" and call is calls[3] else call.args[0]

    part = SimpleNamespace(reference=Path("reference.py"))
    replay = SimpleNamespace(
        answer=answer, is_training=lambda _: True, can_repeat=lambda _: True, can_keep=Replay.can_keep
    )
    mistakes = [Path("elsewhere.py"), Path("wrong.py")]
    assert Recogniser._explaining(part, mistakes, replay, calls, PartOutcome()) == [Path("wrong.py")]
    assert [x for name, x in asked if name == "elsewhere"] == [3]
    asked.clear()
    assert Recogniser._explaining(part, mistakes, replay, calls[:3], PartOutcome()) == []
    assert {name for name, _ in asked} == {"reference"}, "where it answers the same, nobody else is asked"


SAVES = {
    "reference": "open(path, 'w').write(text)",
    "nothing": "text.upper()",
    "empty": "open(path, 'w').close()",
    "shouted": "open(path, 'w').write(text.upper())",
    "portable": "open(path, 'w').write('%PDF' + str(time.time_ns()))",
}


@pytest.fixture(scope="module")
def part_with_files(tmp_path_factory):
    """A part whose function writes a file, in several ways."""
    part = Part(tmp_path_factory.mktemp("course"), "a", "save")
    files = {
        part.fixture_folder / "part.toml": 'title = "T"\n',
        part.fixture_folder / "expected.json": "{}",
        part.check_file: """from grader import check, expect


@check(points=1)
def check_saved(submission):
    \"\"\"The texts are saved.\"\"\"
    for text in ("a", "b"):
        submission.save(text, f"{text}.txt")
        expect.equal(submission.file(f"{text}.txt"), text.encode(), name="the file")
""",
    }
    for name, body in SAVES.items():
        path = part.reference if name == "reference" else part.fixture_folder / "mistakes" / f"{name}.py"
        files[path] = f'"""It is {name}."""\n\nimport time\n\n\ndef save(text, path):\n    {body}\n'
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Part(part.course, "a", "save")


@pytest.mark.parametrize("mistake", ["nothing", "empty", "shouted", "portable"])
def test_what_a_call_wrote_tells_mistakes_apart(part_with_files, slot, mistake):
    part = part_with_files
    code = f"import time\n\ndef save(text, path):\n    {SAVES[mistake]}\n".encode()
    run = part_run(part, Code({"save.py": code}, "save.py"), slot, seed=5)
    outcome = run_checks({part.check_file: run})[part.check_file]
    run.submission.close()
    assert Recogniser(slot).hints(part, run, outcome)["saved"].mistake == mistake


@pytest.mark.parametrize(
    ("mistake", "check", "change"),
    [
        ("declares_cosine_ranks_by_dot", "nearest", "as it is"),
        ("absolute_products", "other_vectors", "as it is"),
        ("absolute_products", "other_vectors", "not declared"),  # as if the student had declared the default
    ],
)
def test_a_constant_tells_mistakes_apart(course, slot, mistake, check, change):
    (part,) = course.parts("assignment2", ["recommend"])
    code = (part.fixture_folder / "mistakes" / f"{mistake}.py").read_text()
    if change == "not declared":
        code = code.replace("STRATEGY =", "OTHER =")
    run = part_run(part, Code({"recommend.py": code.encode()}, "recommend.py"), slot, seed=5)
    outcome = run_checks({part.check_file: run}, only=[check, "nearest"])[part.check_file]
    run.submission.close()
    assert Recogniser(slot).hints(part, run, outcome)[check].mistake == mistake


def test_a_constant_that_a_mistake_does_not_declare_has_the_default(tmp_path, slot):
    part = known(tmp_path, "    return x + 1")
    calls = [Call("=KIND", ("dot",), {}, 0, "dot", 0.0), Call("f", (3,), {}, 7, 4, 0.1)]
    record = CheckRecord(name="c", title="C.", points=1, verdict=Verdict.failed)
    outcome = PartOutcome(records={"c": record}, calls={"c": calls})
    assert Recogniser(slot).hints(part, PLAIN_RUN, outcome)["c"].mistake == "slow"
