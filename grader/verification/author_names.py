"""List the names that authors of checks may use, by place.

Reads them from the grader's source, which is faster than importing it.

``docs/authoring.md`` is tested against these lists.
"""

from __future__ import annotations

import ast
import functools
from importlib.util import find_spec
from pathlib import Path

SUBMISSION = ("observe", "apply", "read", "constant", "file")  # besides the student's functions
_PYTEST_FIXTURES = ("request",)  # pytest's own; a grading loads no plugin with others


def check_options() -> tuple[str, ...]:
    """Return the keywords of ``@check(...)``."""
    (function,) = (node for node in _body("grader.vocabulary.check") if _is_function(node, "check"))
    assert isinstance(function, ast.FunctionDef)
    return tuple(argument.arg for argument in function.args.kwonlyargs)


def fixtures() -> tuple[str, ...]:
    """Return the pytest fixtures that a check may ask for by the names of its parameters."""
    methods = _methods("grader.grading.pytest_fixtures", "CheckFixtures")
    return tuple(
        method.name for method in methods if any("fixture" in ast.unparse(one) for one in method.decorator_list)
    )


def known_parameters() -> tuple[str, ...]:
    """Return every parameter that pytest can fill in: our fixtures and its own."""
    return (*fixtures(), *_PYTEST_FIXTURES)


def taken_names() -> tuple[str, ...]:
    """Return every public name of ``submission``, also those for the grader only; no entry point may have one."""
    return _public_names("grader.grading.student_part", "StudentPart")


def exhibits_names() -> tuple[str, ...]:
    """Return the public names of ``exhibits``."""
    return _public_names("grader.vocabulary.exhibits", "Exhibits")


def credit_names() -> tuple[str, ...]:
    """Return the public names of ``credit``."""
    return _public_names("grader.vocabulary.partial_credit", "Credit")


def expect_names() -> tuple[str, ...]:
    """Return the functions of ``expect``."""
    functions = (node for node in _body("grader.vocabulary.expect") if isinstance(node, ast.FunctionDef))
    return tuple(function.name for function in functions if not function.name.startswith("_"))


def found_in_expect() -> tuple[str, ...]:
    """Return all names that ``expect.name`` finds: functions, and imports of its module."""
    imports = (node for node in _body("grader.vocabulary.expect") if isinstance(node, ast.Import | ast.ImportFrom))
    return (*expect_names(), *(alias.asname or alias.name for node in imports for alias in node.names))


def _public_names(module: str, name: str) -> tuple[str, ...]:
    """Return a class's methods, properties and attributes without a leading underscore."""
    names = dict.fromkeys(method.name for method in _methods(module, name))
    for method in _methods(module, name):
        for node in ast.walk(method):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and ast.unparse(node.value) == "self"
            ):
                names[node.attr] = None
    return tuple(name for name in names if not name.startswith("_"))


def _methods(module: str, name: str) -> tuple[ast.FunctionDef, ...]:
    (found,) = (node for node in _body(module) if isinstance(node, ast.ClassDef) and node.name == name)
    return tuple(node for node in found.body if isinstance(node, ast.FunctionDef))


def _is_function(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == name


@functools.cache
def _body(module: str) -> tuple[ast.stmt, ...]:
    """Return the statements of one of the grader's own modules."""
    spec = find_spec(module)
    assert spec is not None, module
    assert spec.origin is not None, module
    return tuple(ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body)
