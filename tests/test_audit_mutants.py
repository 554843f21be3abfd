"""`grader.audit.mutants` and the operators: one small change each, only in solutions, with names that last."""

import ast
import textwrap

import pytest

from grader.audit.mutants import mutants_of

REFERENCE = '''
"""A module."""
import torch


def {signature}:
    """A docstring with 1 number."""
    # BEGIN SOLUTION
{body}
    # END SOLUTION
'''


def reference(body, signature="f(a, b, n=3)"):
    return REFERENCE.format(signature=signature, body=textwrap.indent(body, "    "))


def changes(body, operator=None):
    """What becomes of a statement, by operator: {(before, after)}; only the changed statement."""
    found = mutants_of(reference(body))
    return {(m.before, m.after) for m in found if operator in (None, m.operator)}


# operator, a statement, what it becomes
CASES = [
    ("operands swapped", "return a - b", {"return b - a"}),
    ("operands swapped", "return a @ b.T", {"return b.T @ a"}),
    ("operands swapped", "return a.matmul(b)", {"return b.matmul(a)"}),
    ("operands swapped", "return a + b", set()),
    ("operands swapped", "return torch.matmul(a, b)", set()),
    ("other operator", "return a + b", {"return a - b"}),
    ("other operator", "return a @ b", {"return a * b"}),
    ("other operator", "return (a * b) ** n", {"return a * b * n", "return (a / b) ** n"}),
    ("other operator", "a -= b", {"a += b"}),
    ("other operator", "return -a", {"return a"}),
    ("operand left out", "return a * b", {"return a", "return b"}),
    ("no accumulation", "a += b", {"a = b"}),
    ("bound shifted", "return list(range(n))", {"return list(range(n + 1))", "return list(range(n - 1))"}),
    ("bound shifted", "return a[:n]", {"return a[:n + 1]", "return a[:n - 1]", "return a[n:]"}),
    ("bound shifted", "return a[1:]", {"return a[:1]"}),
    ("index shifted", "return a[n]", {"return a[n - 1]"}),
    ("index shifted", "return a[b, n]", {"return a[b - 1, n]", "return a[b, n - 1]"}),
    ("other axis", "return a.sum(dim=0)", {"return a.sum(dim=1)"}),
    ("other axis", "return a.sum(axis=-1)", {"return a.sum(axis=0)"}),
    ("other axis", "return a.sum(dim=2)", {"return a.sum(dim=1)"}),
    ("other axis", "return a.sum(dim=n)", set()),
    ("other constant", "return a + 7", {"return a + 8", "return a + 6"}),
    ("other constant", "return a[0]", {"return a[1]", "return a[-1]"}),
    ("other constant", "return a * 0.25", {"return a * 0.5"}),
    ("other constant", "return a.sort(descending=True)", {"return a.sort(descending=False)"}),
    ("other constant", "return a.sum(dim=0)", set()),  # an axis is not a number like any other
    ("other comparison", "return a < b", {"return a >= b", "return a <= b"}),
    ("other comparison", "return a is None", {"return a is not None"}),
    ("other condition", "return a and b", {"return a or b"}),
    ("other condition", "return a if b else n", {"return a if not b else n"}),
    ("other condition", "return [x for x in a if x]", {"return [x for x in a]"}),
    ("other condition", "return a[~b]", {"return a[b]"}),
    ("no transpose", "return a.T", {"return a"}),
    ("no transpose", "return a.transpose(0, 1)", {"return a"}),
    ("no transpose", "return torch.transpose(a, 0, 1)", {"return a"}),
    ("other reduction", "return a.sum()", {"return a.mean()"}),
    ("other reduction", "return torch.argmax(a)", {"return torch.argmin(a)"}),
    ("other reduction", "return min(a)", {"return max(a)"}),
    ("other reduction", 'return a.agg("mean")', {"return a.agg('sum')"}),
    ("opposite", "return a.eval()", {"return a.train()"}),
    ("opposite", "return torch.zeros(n)", {"return torch.ones(n)"}),
    ("opposite", "return a.topk(n)", {"return a.topk(n, largest=False)"}),
    ("opposite", "return sorted(a, reverse=True)", set()),  # the truth value is negated instead
    ("arguments swapped", "return torch.rand(a, b)", {"return torch.rand(b, a)"}),
    ("arguments swapped", "return max(a, b)", set()),
    ("arguments swapped", 'return torch.einsum("ij,jk", a, b)', {"return torch.einsum('ij,jk', b, a)"}),
    ("order swapped", "return (a, b)", {"return (b, a)"}),
    ("order swapped", "return a[n, b]", {"return a[b, n]"}),
    ("order swapped", "x, y = a", {"y, x = a"}),
    ("argument left out", "return torch.rand(n, dtype=b)", {"return torch.rand(n)"}),
    ("argument left out", "return torch.rand(n, device=b)", set()),
    ("argument left out", "return list(zip(a, b, strict=True))", set()),
    ("call left out", "return a.abs()", {"return a"}),
    ("call left out", "return torch.sqrt(a)", {"return a"}),
    ("call left out", "return int(a)", {"return a"}),
    ("statement dropped", "return a", {""}),
    ("statement dropped", 'raise ValueError("n is 0")', {""}),
    ("loop cut short", "for x in a:\n    b += x", {"for x in a: … break"}),
    ("loop cut short", "for x in a:\n    return x", set()),
    ("loop cut short", "while a:\n    raise a", set()),
]


@pytest.mark.parametrize(("operator", "body", "after"), CASES, ids=[f"{name}-{body}" for name, body, _ in CASES])
def test_an_operator_makes_these_mutants_and_no_others(operator, body, after):
    before = ast.unparse(ast.parse(body)).partition("\n")[0]
    assert changes(body, operator) == {(before, one) for one in after}


def test_break_and_continue_change_places_inside_a_loop():
    body = "for x in a:\n    if x:\n        break\n    b += x"
    assert ("break", "continue") in changes(body, "loop cut short")


def test_every_mutant_differs_from_the_reference_and_from_all_others_by_one_statement():
    body = "total = 0\nfor r in range(1, n):\n    total += a[r, :n] @ b.T[r] ** 2\nreturn (total - 1, total)"
    source = reference(body)
    found = mutants_of(source)
    assert len(found) > 20
    sources = [ast.unparse(ast.parse(source)), *(mutant.source for mutant in found)]
    assert len(set(sources)) == len(sources)
    original = sources[0].splitlines()
    for mutant in found:
        lines = mutant.source.splitlines()
        assert mutant.before in {line.strip() for line in original}
        assert len(set(lines) - set(original)) <= 1 + mutant.after.endswith("break")
        ast.parse(mutant.source)


def test_the_reference_stands_as_it_was_in_a_later_mutant():
    first, *others = mutants_of(reference("x = a - b\nreturn x"))
    assert first.line < others[-1].line
    assert "x = a - b" in others[-1].source


def test_only_solutions_are_mutated():
    source = (
        "LIMIT = 5\n\n\ndef helper(x):\n    return x + 1\n\n\n"
        "def f(a, n=3):\n    assert n > 0\n    # BEGIN SOLUTION\n    return a\n    # END SOLUTION\n\n\n"
        "def g(a):\n    # BEGIN SOLUTION\n    return a\n    # END SOLUTION\n"
    )
    found = mutants_of(source)
    assert [mutant.identity for mutant in found] == [
        "f: statement dropped: [return a -> nothing]",
        "g: statement dropped: [return a -> nothing]",
    ]
    assert all(kept in mutant.source for mutant in found for kept in ("LIMIT = 5", "return x + 1", "assert n > 0"))


@pytest.mark.parametrize(
    "silent",
    [
        '"""Words about 1 thing."""',
        "# a comment with 1 + 1",
        "import math",
        'print("epoch", 1 + 1)',
        "progress.update(1)",
        "_show_progress(n + 1)",
        "def draw_progress(step):\n    return step + 1",
        "x: list[1]",
    ],
)
def test_words_imports_types_and_the_screen_are_not_mutated(silent):
    dropped = {("x: list[1]", "")}  # the statement itself may go
    assert changes(f"{silent}\nreturn a") - dropped == {("return a", "")}


def test_a_progress_bar_is_seen_through():
    found = changes("for x in tqdm(range(n), total=n, desc='fit', mininterval=2):\n    a += x")
    headers = {after for before, after in found if before.startswith("for")}
    assert "for x in tqdm(range(n + 1), total=n, desc='fit', mininterval=2):" in headers
    assert not any("mininterval=3" in header or "mininterval" not in header for header in headers if header)


def test_the_message_of_an_error_is_not_mutated_but_the_error_is():
    found = changes('if n < 1:\n    raise ValueError(f"{n + 1} is too small", 2)\nreturn a')
    assert {after for before, after in found if before.startswith("raise")} == {""}


def test_an_identity_survives_edits_elsewhere_and_says_what_changed():
    body = "x = a[:n]\nreturn x.sum(dim=0)"
    names = [mutant.identity for mutant in mutants_of(reference(body))]
    assert "f: other axis: return x.sum([dim=0 -> dim=1])" in names
    assert "f: bound shifted: x = a[[:n -> n:]]" in names
    moved = reference("y = b\n\n\n" + body).replace('"""A module."""', '"""Another one."""\nOTHER = 1')
    assert set(names) <= {mutant.identity for mutant in mutants_of(moved)}
    assert len(set(names)) == len(names)


def test_mutants_that_read_alike_are_numbered():
    names = [mutant.identity for mutant in mutants_of(reference("a += 1\na += 1\nreturn a"))]
    assert {"f: no accumulation: [a += 1 -> a = 1]", "f: no accumulation: [a += 1 -> a = 1] #2"} <= set(names)
    assert len(set(names)) == len(names)


def test_a_long_place_is_cut_in_its_identity_but_not_in_its_change():
    body = f"return torch.stack([{', '.join(f'a.name_{i}' for i in range(30))}]).T"
    (found,) = (mutant for mutant in mutants_of(reference(body)) if mutant.operator == "no transpose")
    assert len(found.identity) < 150
    assert found.after == found.before.removesuffix(".T")


def test_methods_and_inner_functions_are_named_by_what_they_stand_in():
    source = (
        "class Model:\n    def forward(self, x):\n        # BEGIN SOLUTION\n        def inner(y):\n"
        "            return y.T\n        return inner(x)\n        # END SOLUTION\n"
    )
    names = {mutant.identity for mutant in mutants_of(source)}
    assert "Model.forward.inner: no transpose: return [y.T -> y]" in names
    assert "Model.forward: statement dropped: [return inner(x) -> nothing]" in names


def test_every_reference_of_the_course_has_mutants_with_names_of_their_own(course):
    for part in course.select(()):
        found = mutants_of(part.reference.read_text())
        assert len(found) >= 10, part.identity
        assert len({mutant.identity for mutant in found}) == len(found)
