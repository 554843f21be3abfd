"""What a submission holds, by its names and bytes: whether it can be graded, and which functions it may define."""

from __future__ import annotations

import json

import pytest

from grader.errors import IntakeRefused
from grader.intake.defined_names import defined_names, matches
from grader.intake.submission import Submission
from grader.intake.work import refuse_without_work

NOTEBOOK = {"cells": [{"cell_type": "code", "source": ["import torch\n", "def sgd_factorise(A):\n", "    pass"]}]}


def handed_in(tmp_path, **files):
    named = {name.replace("__", "."): content for name, content in files.items()}
    return Submission(name="kim", files=named, sha256="", source=tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        *({"report__pdf": b"%PDF"}, {"solution__docx": b"PK"}, {"score_matrix__pyc": b"\0"}, {"score_matrix__R": b""}),
        *({"score_matrix__txt": b"def f(): pass"}, {"activity1__html": b"<p>"}, {"notes__md": b"", "data__csv": b"1"}),
    ],
    ids=lambda files: " ".join(files).replace("__", "."),
)
def test_a_submission_without_code_is_refused_with_what_it_holds(tmp_path, files):
    with pytest.raises(IntakeRefused) as refused:
        refuse_without_work(handed_in(tmp_path, **files))
    assert "holds no code that can be graded" in str(refused.value)
    assert next(iter(files)).replace("__", ".") in str(refused.value)


@pytest.mark.parametrize(
    "files",
    [
        *({"a__py": b""}, {"A__PY": b""}, {"b__ipynb": b"broken"}, {"c__py__txt": b""}, {"answers__md": b""}),
        *({"answers__docx": b"PK"}, {"lab__json": json.dumps(NOTEBOOK).encode()}),
    ],
    ids=lambda files: " ".join(files).replace("__", "."),
)
def test_anything_that_may_be_code_or_answers_is_graded(tmp_path, files):
    refuse_without_work(handed_in(tmp_path, **files))


@pytest.mark.parametrize(
    "content",
    [
        b"def sgd_factorise(A):\n    pass\n",
        b"class SGDFactorize:\n",
        b"sgdFactorise = torch.compile(slow)\n",
        b"sgd_factorise: Callable = slow\n",
        "def sgd_factorise(A):\n".encode("utf-16"),
        json.dumps(NOTEBOOK).encode(),
        b'{"source": "import torch\\ndef sgd_factorise(A):\\n    pass"}',
    ],
)
def test_a_name_is_found_however_the_file_is_written(content):
    assert matches(defined_names(content), ["rate", "sgd_factorise"])
    assert matches(defined_names(content), ["*_factorise"])
    assert not matches(defined_names(content), ["rate", "factorise", "sgd_loss*"])


def test_a_call_or_a_comment_about_it_is_no_definition():
    assert not matches(defined_names(b"print(sgd_factorise)\n# see sgd_factorise\n"), ["sgd_factorise"])


@pytest.mark.timeout(60)
@pytest.mark.parametrize("content", [b"a" * 5_000_000, b"def " * 1_000_000, b"a " * 2_000_000, b"a:" * 2_000_000])
def test_hostile_bytes_cost_linear_time(content):
    assert len(defined_names(content)) < 10
