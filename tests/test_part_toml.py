"""`grader.course.part_toml`: what part.toml says, for the setting a part is graded in."""

import msgspec
import pytest
from course_examples import make_course

from grader.course.catalog import Part
from grader.course.part_toml import MINI_CPU, Gate, Limits, PartConfig, PublishedFigure, Setting, Threshold
from grader.errors import CourseError

FULL, MINI_CUDA, FULL_CUDA = Setting("full", "cpu"), Setting("mini", "cuda"), Setting("full", "cuda")


@pytest.mark.parametrize(
    ("setting", "table", "found"),
    [
        (FULL_CUDA, {"full-cuda": 1, "full-cpu": 2, "mini-cpu": 3}, 1),
        (FULL_CUDA, {"full-cpu": 2, "mini-cuda": 9, "mini-cpu": 3}, 2),
        (FULL_CUDA, {"mini-cuda": 9, "mini-cpu": 3}, 3),
        (MINI_CUDA, {"full-cuda": 1, "full-cpu": 2, "mini-cpu": 3}, 3),
        (FULL, {"full-cuda": 1}, None),
    ],
)
def test_what_is_not_said_for_a_setting_is_taken_from_the_nearest(setting, table, found):
    assert setting.nearest(table) == found


def test_a_part_stays_where_its_data_and_its_code_can_be():
    plain = PartConfig(title="T")
    assert plain.setting("full", "cuda") == MINI_CPU
    assert PartConfig(title="T", datasets=("movielens",)).setting("full", "cuda") == FULL
    assert PartConfig(title="T", devices=("cpu", "cuda")).setting("full", "cuda") == MINI_CUDA


def test_a_gate_has_the_threshold_of_its_setting_and_keeps_the_rest():
    gate = Gate(
        title="accuracy",
        threshold=0.9,
        k=2,
        floor=1.0,
        better="higher",
        after="shape",
        at={"full-cpu": Threshold(threshold=0.5, k=4)},
    )
    assert gate.on(MINI_CPU) == msgspec.structs.replace(gate, at={})
    on_full = gate.on(FULL)
    assert (on_full.threshold, on_full.k, on_full.floor) == (0.5, 4, None)
    assert (on_full.title, on_full.better, on_full.after) == ("accuracy", "higher", "shape")
    assert gate.on(FULL_CUDA) == on_full
    assert gate.on(MINI_CUDA) == gate.on(MINI_CPU)


def test_limits_grow_with_the_profile_and_leave_room_for_cuda():
    limits = Limits(call_seconds=5, memory_mb=500, full={"call_seconds": 600, "memory_mb": 4000})
    assert limits.on(MINI_CPU) == Limits(call_seconds=5, memory_mb=500)
    assert limits.on(FULL) == Limits(call_seconds=600, memory_mb=4000)
    assert limits.on(FULL_CUDA).call_seconds == 600
    assert limits.on(FULL_CUDA).memory_mb > 4000 + 2000
    with pytest.raises(CourseError, match="call_second"):
        Limits(full={"call_second": 600}).on(FULL)


def test_a_published_figure_is_of_every_setting_or_of_those_it_names():
    figure = {"value": 1.0, "low": 0.9, "high": 1.1, "source": "a paper"}
    everywhere, full, full_cuda = (
        PublishedFigure(**figure),
        PublishedFigure(**figure, profile="full"),
        PublishedFigure(**figure, profile="full", device="cuda"),
    )
    settings = (MINI_CPU, FULL, MINI_CUDA, FULL_CUDA)
    assert [everywhere.applies(s) for s in settings] == [True, True, True, True]
    assert [full.applies(s) for s in settings] == [False, True, False, True]
    assert [full_cuda.applies(s) for s in settings] == [False, False, False, True]


def gates(**after):
    gate = '\n[gates.{}]\ntitle = "t"\nthreshold = 1\nk = 1\nafter = "{}"\n'
    return "".join(gate.format(name, after.get(name, "")) for name in ("first", "second", "third"))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ('datasets = ["movielnes"]', "no data set 'movielnes'; did you mean 'movielens'"),
        (gates(third="frist"), "gate third cannot come after 'frist'; .* are: first, second"),
        (gates(third="third"), "gate third cannot come after 'third'; .* are: first, second"),
        (gates(second="first", third="second"), "gate third cannot come after 'second'; .* are: first$"),
    ],
    ids=["data set", "gate", "itself", "chain"],
)
def test_a_name_that_is_nowhere_is_an_error_that_says_what_there_is(tmp_path, facts, words):
    part = Part(make_course(tmp_path, datasets=True).root, "lab1", "thing")
    part.fixture_folder.mkdir(parents=True)
    path = part.fixture_folder / "part.toml"
    path.write_text(f'title = "T"\n{facts}')
    with pytest.raises(CourseError, match=rf"part\.toml: {words}"):
        assert part.config
    path.write_text(f'title = "T"\ndatasets = ["cifar10"]\n{gates(third="first")}')
    assert part.config.gates["third"].after == "first"


@pytest.mark.parametrize(
    "facts",
    [
        {"sizes": {"full": {"images": 3}}},
        {"gates": {"g": {"title": "t", "threshold": 1, "k": 1, "at": {"big-cpu": {"threshold": 1, "k": 1}}}}},
        {"devices": ["gpu"]},
        {"limits": {"seconds": 3}},
    ],
    ids=["sizes", "at", "devices", "limits"],
)
def test_a_key_that_means_nothing_is_an_error(facts):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"title": "T"} | facts, PartConfig)
