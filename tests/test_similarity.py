"""Near-identical submissions: copies are found whatever was renamed, and people who worked alone are left in peace."""

from __future__ import annotations

import ast
import builtins
import hashlib
import json
import os
import random
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.commands.class_line import ClassLine
from grader.commands.near_copies import keep_fingerprints
from grader.running.jobs import Job
from grader.similarity import kept
from grader.similarity.fingerprints import TOGETHER, WINDOW, every_fingerprint, fingerprints, winnowed
from grader.similarity.kept import ClassPrints, KeptPrints, prints_of
from grader.similarity.pairs import FEWEST, LEAST_SHARE, near_identical
from grader.similarity.tokens import tokens

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "submissions" / "lab1"
TEMPLATE = ROOT / "student_template" / "lab1"


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def kept_of(prints, sha256="") -> KeptPrints:
    return KeptPrints(sha256=sha256, prints=prints_of(prints))


def of(submissions: dict[str, dict[str, bytes]], given_files: dict[str, bytes] | None = None) -> ClassPrints:
    return ClassPrints(
        given=every_fingerprint((given_files or {}).items()),
        submissions={name: kept_of(fingerprints(files), name) for name, files in submissions.items()},
    )


def pairs_of(prints: ClassPrints) -> list[tuple[str, str]]:
    return [(pair.first, pair.second) for pair in near_identical(prints, list(prints.submissions))]


class Renamed(ast.NodeTransformer):
    """Gives every variable and argument another name; `ast.unparse` then changes layout, brackets and comments."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def new(self, name: str) -> str:
        kept_name = hasattr(builtins, name) or name in {"torch", "self"}
        return name if kept_name else self.names.setdefault(name, f"other_{len(self.names)}")

    def visit_Name(self, node):
        node.id = self.new(node.id)
        return node

    def visit_arg(self, node):
        node.arg = self.new(node.arg)
        return node


def renamed(files: dict[str, bytes]) -> dict[str, bytes]:
    scripts = {path: content for path, content in files.items() if path.endswith(".py")}
    return {path: ast.unparse(Renamed().visit(ast.parse(text))).encode() for path, text in scripts.items()}


def as_notebook(files: dict[str, bytes]) -> dict[str, bytes]:
    cells = [
        {"cell_type": "code", "source": text.decode()} for path, text in sorted(files.items()) if path.endswith(".py")
    ]
    return {"work.ipynb": json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()}


def test_names_values_comments_layout_and_brackets_make_no_difference():
    assert " ".join(tokens("def f(x):\n    return x @ K.T  # why")) == "def n n : return n @ n . n"
    assert " ".join(tokens('for i in (1, 2.5e3):\n\tprint(\'it\', r"a\\"b")')) == "for n in 0 0 : n s s"
    assert " ".join(tokens('x = """a "quoted" text\n# no comment """ + f\'y\'')) == "n = s + s"


@pytest.mark.parametrize("code", ['"""never closed if', "'never closed if", '"' * 3 + "\\" * 7, "'''", "\\", ""])
def test_a_text_that_never_ends_is_one_token(code):
    assert "if" not in list(tokens(code))


@given(st.text())
def test_any_text_has_tokens(code):
    assert all(tokens(code))


@settings(max_examples=30)
@given(st.integers(0, 60), st.integers(0, 60), st.randoms(use_true_random=False))
def test_what_two_share_is_found_wherever_it_is(before, after, chance):
    def drawn(count):
        return [chance.choice("abcdefgh") for _ in range(count)]

    shared = drawn(TOGETHER + WINDOW - 1)
    one, other = drawn(before) + shared + drawn(after), drawn(after) + shared + drawn(before)
    assert winnowed(one) & winnowed(other)


def test_a_fingerprint_is_the_same_in_every_process():
    run = ["n"] * TOGETHER
    digest = hashlib.blake2b("\0".join(run).encode(), digest_size=6).digest()
    assert winnowed(run) == {int.from_bytes(digest, "big")}
    assert winnowed(run[1:]) == set()


def test_only_code_counts_and_what_cannot_be_read_has_no_fingerprint():
    code = b"a = b + c\n" * 50
    assert fingerprints({"a.py": code}) == fingerprints({"b.PY": code, "answers.md": code, "x.ipynb": b"{"}) != set()


def test_half_a_character_in_a_notebook_stops_nothing():
    cell = {"cell_type": "code", "source": "a = \\ud800 + b\n" * 30}
    notebook = json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}).replace("\\\\ud800", "\\ud800")
    assert fingerprints({"x.ipynb": notebook.encode()})


def test_only_the_beginning_of_very_long_code_is_looked_at():
    long = " ".join(f"{'+-*/@'[at % 5] * (at % 7)} x" for at in range(80_000)).encode()
    assert fingerprints({"a.py": long, "b.py": b"if for in not " * 50}) == fingerprints({"a.py": long})


def test_nobody_of_a_class_who_worked_alone_is_named():
    people = {folder.name: files_in(folder) for folder in SAMPLE.iterdir()}
    prints = of(people, files_in(TEMPLATE))
    assert pairs_of(prints) == []
    compared = [name for name, one in prints.submissions.items() if len(set(one.prints) - prints.given) >= FEWEST]
    assert len(compared) >= 12


@pytest.mark.parametrize("name", ["amara_okafor", "grace_mbeki", "mei_chen"])
@pytest.mark.parametrize("change", [dict, renamed, as_notebook, lambda files: as_notebook(renamed(files))])
def test_a_copy_is_named_whatever_was_renamed(name, change):
    people = {folder.name: files_in(folder) for folder in SAMPLE.iterdir()}
    prints = of(people | {"copy": change(people[name])}, files_in(TEMPLATE))
    (pair,) = near_identical(prints, list(prints.submissions))
    assert {pair.first, pair.second} == {"copy", name}
    assert pair.share >= 0.98


def test_the_template_and_short_code_are_not_compared():
    chance = random.Random(1)
    words = [chance.choice("a+-*/@=[]<>%&|^~1") for _ in range(300)]
    long, short = ({"p.py": " ".join(words[:count]).encode()} for count in (300, 80))
    assert pairs_of(of({"ann": long, "bob": long})) == [("ann", "bob")]
    assert pairs_of(of({"ann": long, "bob": long}, long)) == []
    assert pairs_of(of({"ann": short, "bob": short})) == []


def test_only_those_are_compared_who_are_asked_for_and_the_most_similar_pair_comes_first():
    prints = ClassPrints(
        submissions={
            "ann": kept_of(range(100)),
            "bob": kept_of(range(10, 110)),
            "cy": kept_of(range(80)),
            "dan": kept_of(range(21, 121)),
            "eve": kept_of(range(FEWEST - 1)),
        }
    )
    shares = [(pair.first, pair.second, pair.share) for pair in near_identical(prints, ["cy", "bob", "ann", "nobody"])]
    assert shares == [("ann", "cy", 1.0), ("ann", "bob", 0.9), ("bob", "cy", 0.875)]
    assert ("ann", "dan") not in pairs_of(prints), "79 of 100"
    assert not [pair for pair in pairs_of(prints) if "eve" in pair]


@pytest.mark.parametrize("seed", range(5))
def test_whoever_is_not_compared_shares_too_little(seed):
    """A class of copies of three solutions, each with other changes: the pairs are those that comparing all finds."""
    chance = random.Random(seed)
    solutions = [chance.sample(range(1000), 120) for _ in range(3)]
    people = {
        f"s{number}": frozenset(chance.sample(chance.choice(solutions), chance.randrange(60, 120)))
        | frozenset(chance.sample(range(1000, 2000), chance.randrange(30)))
        for number in range(60)
    }
    shares = {
        (one, other): round(len(people[one] & people[other]) / min(len(people[one]), len(people[other])), 3)
        for one, other in combinations(sorted(people), 2)
    }
    prints = ClassPrints(submissions={name: kept_of(one) for name, one in people.items()})
    found = {(pair.first, pair.second): pair.share for pair in near_identical(prints, list(people))}
    assert found == {pair: share for pair, share in shares.items() if share >= LEAST_SHARE}
    assert len(found) > 10


def job(folder: Path, name: str, **fields) -> Job:
    standard = {"course": "", "assignment": "demo", "parts": (), "sandbox": "process", "threads": 1, "seed": 1}
    return Job(**standard, path=os.fsencode(folder / name), name=name, **fields)


@pytest.fixture
def handed_in(tmp_path):
    folder = tmp_path / "class"
    for name, letter in (("ann", "a"), ("bob", "b")):
        (folder / name).mkdir(parents=True)
        (folder / name / "x.py").write_text(f"{letter} = 1 + {letter}\n" * 20)
    return folder


def test_a_later_run_keeps_the_fingerprints_of_all_others(demo, handed_in, tmp_path):
    out = tmp_path / "out"
    keep_fingerprints(demo, [job(handed_in, "ann")], [], out)
    first = kept.read(out)
    keep_fingerprints(demo, [job(handed_in, "bob")], [], out)
    both = kept.read(out).submissions
    assert set(both) == {"ann", "bob"}
    assert both["ann"] == first.submissions["ann"]
    assert both["ann"].prints == both["bob"].prints != ()
    assert first.given == every_fingerprint(files_in(demo.root / "student_template" / "demo").items())


def test_only_what_has_changed_is_read_again(demo, handed_in, tmp_path):
    out = tmp_path / "out"
    keep_fingerprints(demo, [job(handed_in, "ann")], [], out)
    before = kept.read(out).submissions["ann"]
    (handed_in / "ann" / "x.py").write_text("if a: pass\n" * 20)
    keep_fingerprints(demo, [job(handed_in, "ann")], [ClassLine("ann", before.sha256)], out)
    assert kept.read(out).submissions["ann"] == before, "its record says that it is unchanged"
    keep_fingerprints(demo, [job(handed_in, "ann")], [ClassLine("ann", "another")], out)
    assert kept.read(out).submissions["ann"].prints != before.prints


def test_what_cannot_be_taken_in_leaves_the_earlier_fingerprints(demo, handed_in, tmp_path):
    out = tmp_path / "out"
    keep_fingerprints(demo, [job(handed_in, "ann")], [], out)
    before = kept.read(out)
    (handed_in / "ann" / "x.py").unlink()
    keep_fingerprints(demo, [job(handed_in, "ann")], [], out)
    assert kept.read(out) == before


def test_practice_leaves_them_alone(demo, handed_in, tmp_path):
    keep_fingerprints(demo, [job(handed_in, "ann", visible_only=True)], [], tmp_path / "out")
    assert not (tmp_path / "out").exists()


OF_WORDS = b'{"submissions": {"ann": {"sha256": "", "prints": ["a"]}}}'
TOO_LARGE = b'{"submissions": {"ann": {"sha256": "", "prints": [18446744073709551616]}}}'


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format_version": 2}', OF_WORDS, TOO_LARGE])
def test_a_damaged_file_is_made_anew(tmp_path, content):
    (tmp_path / kept.FILE).write_bytes(content)
    assert kept.read(tmp_path) == ClassPrints()
