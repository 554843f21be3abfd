"""Find mistakes in a check file, rule by rule, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.course.check_file import (
    PREFIX,
    CheckFile,
    DeclaredCheck,
    Function,
    decorated_with,
    parameters,
)
from grader.errors import did_you_mean
from grader.records.record import Reveal, Visibility
from grader.verification import author_names
from grader.verification.problems import FileProblem

_CHOICES = {
    "visibility": tuple(one.value for one in Visibility),
    "reveal": tuple(one.value for one in Reveal),
}


def problems_of(file: CheckFile) -> Iterator[FileProblem]:
    """Yield the mistakes in the functions of a check file and in their ``@check`` options."""
    undeclared = [problem for function in file.functions for problem in _undeclared(file, function)]
    yield from undeclared
    if not file.checks and not undeclared:
        yield FileProblem(file.path, 1, "there is no check in this file: no function with `@check(points=…)` above it")
    yield from _expect(file)
    for check in file.checks:
        for rule in (_name, _options, _points, _choices, _depends_on, _fixtures, _docstring):
            yield from rule(file, check)


def _expect(file: CheckFile) -> Iterator[FileProblem]:
    """Find functions of `expect` that do not exist."""
    known = author_names.found_in_expect()
    for node in ast.walk(file.tree):
        match node:
            case ast.Attribute(value=ast.Name(id="expect"), attr=name) if name not in known:
                words = did_you_mean(name, author_names.expect_names())
                yield FileProblem(file.path, node.lineno, f"`expect` has no {name!r}{words}")


def _undeclared(file: CheckFile, function: Function) -> Iterator[FileProblem]:
    """Find functions that look like checks but are none."""
    decorator = decorated_with(function, "check")
    if decorator is not None and not isinstance(decorator, ast.Call):
        yield FileProblem(
            file.path, function.lineno, f"`{function.name}` has `@check` without its points: `@check(points=…)`"
        )
    elif decorator is None and function.name.startswith(PREFIX):
        sentence = f"`{function.name}` has no `@check(points=…)` above it; give a helper function another name"
        yield FileProblem(file.path, function.lineno, sentence)
    elif decorator is None and function.name.startswith("test_"):
        sentence = f"`{function.name}` is never run: a check is called `check_…` and has `@check(points=…)` above it"
        yield FileProblem(file.path, function.lineno, sentence)


def _name(file: CheckFile, check: DeclaredCheck) -> Iterator[FileProblem]:
    if not check.function.name.startswith(PREFIX):
        yield FileProblem(
            file.path, check.line, f"`{check.function.name}` is never run: the name of a check begins with `{PREFIX}`"
        )
    first = next(other for other in file.checks if other.name == check.name)
    if first is not check:
        yield FileProblem(
            file.path, check.line, f"there are two checks named {check.name!r}: the first is on line {first.line}"
        )


def _options(file: CheckFile, check: DeclaredCheck) -> Iterator[FileProblem]:
    known = author_names.check_options()
    for name, value in check.options.items():
        if name not in known:
            yield FileProblem(file.path, value.lineno, f"`@check` has no option {name!r}{did_you_mean(name, known)}")
    decorator = decorated_with(check.function, "check")
    if isinstance(decorator, ast.Call) and decorator.args:
        yield FileProblem(file.path, decorator.lineno, "`@check` takes its options by name: `@check(points=…)`")


def _points(file: CheckFile, check: DeclaredCheck) -> Iterator[FileProblem]:
    if "points" not in check.options:
        yield FileProblem(file.path, check.line, f"`{check.function.name}` has no points: `@check(points=…)`")
        return
    points = check.option("points", 1)
    if isinstance(points, bool) or not isinstance(points, int | float) or not points > 0:
        line = check.options["points"].lineno
        yield FileProblem(
            file.path, line, f"`{check.function.name}` has points={points!r}: a check is worth more than 0 points"
        )


def _choices(file: CheckFile, check: DeclaredCheck) -> Iterator[FileProblem]:
    for option, choices in _CHOICES.items():
        value = check.option(option, choices[0])
        if value not in choices:
            words = did_you_mean(str(value), choices)
            yield FileProblem(file.path, check.options[option].lineno, f"there is no {option} {value!r}{words}")


def _depends_on(file: CheckFile, check: DeclaredCheck) -> Iterator[FileProblem]:
    if "depends_on" not in check.options:
        return
    line = check.options["depends_on"].lineno
    if isinstance(check.option("depends_on"), str):
        yield FileProblem(file.path, line, "`depends_on` is a list of names, not one name: put it in brackets")
    place = file.checks.index(check)
    earlier = {other.name: other for other in file.checks[:place]}
    later = {other.name for other in file.checks[place:]}
    functions = {function.name for function in file.functions}
    for name in check.depends_on:
        if check.name in earlier or (PREFIX + name in functions and name not in {*earlier, *later}):
            continue  # reported already: two checks of one name, or one without `@check`
        start = f"`{check.function.name}` depends on {name!r}, "
        if name in later:
            yield FileProblem(file.path, line, f"{start}which does not come before it: move one of them")
        elif name not in earlier:
            yield FileProblem(file.path, line, f"{start}but no check has this name{did_you_mean(name, earlier)}")
        elif _is_visible(check) and not _is_visible(earlier[name]):
            yield FileProblem(file.path, line, f"{start}which is hidden: a visible check depends on visible ones only")


def _is_visible(check: DeclaredCheck) -> bool:
    return bool(check.option("visibility", "visible") == "visible")


def _fixtures(file: CheckFile, check: DeclaredCheck) -> Iterator[FileProblem]:
    """Find a parameter that nothing fills in, except in functions with more decorators, which may fill them."""
    if len(check.function.decorator_list) > 1:
        return
    own = [function.name for function in file.functions if decorated_with(function, "fixture")]
    known = (*author_names.known_parameters(), *own)
    for parameter in parameters(check.function):
        if parameter.arg not in known:
            words = did_you_mean(parameter.arg, known)
            yield FileProblem(file.path, parameter.lineno, f"a check cannot ask for {parameter.arg!r}{words}")


def _docstring(file: CheckFile, check: DeclaredCheck) -> Iterator[FileProblem]:
    if not (ast.get_docstring(check.function) or "").strip():
        sentence = f"`{check.function.name}` has no docstring: students read it as the title of the check"
        yield FileProblem(file.path, check.line, sentence, stops=False)
