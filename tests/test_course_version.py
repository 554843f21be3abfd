"""`grader.course.version`: the version of the checks changes with whatever a grading reads of the course."""

from __future__ import annotations

import pytest

from grader.course.version import checks_version

READ = (
    *("checks/demo/check_warm_up.py", "checks/demo/_shared.py", "fixtures/demo/warm_up/part.toml", "course.toml"),
    *("fixtures/demo/warm_up/expected.json", "fixtures/demo/warm_up/mistakes/squared.py"),
    *("reference/demo/warm_up.py", "reference/demo/_utility.py", "fixtures/datasets/ratings.py"),
)
NOT_READ = ("README.md", "fixtures/demo/warm_up/calibration.json", "fixtures/demo/warm_up/audit.json")


@pytest.mark.parametrize(("name", "changes"), [*((name, True) for name in READ), *((name, False) for name in NOT_READ)])
def test_the_version_changes_with_what_is_graded_by(demo, name, changes):
    before, path = checks_version(demo.parts("demo")), demo.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((path.read_bytes() if path.is_file() else b"") + b"\n# changed\n")
    assert (checks_version(demo.parts("demo")) != before) == changes


def test_the_version_changes_with_what_is_asked_and_not_with_how_it_is_marked(demo):
    path = demo.root / "fixtures" / "demo" / "questions.toml"
    asked = '[[question]]\nname = "why"\ntitle = "Why"\ntext = "Why?"\npoints = 3\n'
    path.write_text(asked)
    before = checks_version(demo.parts("demo"))
    path.write_text(asked + 'model_answer = "So."\n\n[[question.rubric]]\nwords = "So"\npoints = 3\n')
    assert checks_version(demo.parts("demo")) == before
    for changed in (asked.replace("Why?", "Why not?"), asked + "no TOML\n"):
        path.write_text(changed)
        assert checks_version(demo.parts("demo")) != before
