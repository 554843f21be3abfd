"""Rewrite the statements of a test, which raise where an answer is wrong, as what a check says with ``expect``."""

from __future__ import annotations

import ast
import copy
import importlib.util
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from grader.errors import CourseError

TEST_MODULES = frozenset({"nose", "unittest"})  # what is imported from these is rewritten, and needed no more
_LONGEST = 60  # characters of a call that can be the name of a value
_EQUAL = frozenset({"assert_equal", "assertEqual", "assert_equals"})
_TRUE = frozenset({"assert_true", "assertTrue", "assert_"})
_RAISES = frozenset({"assert_raises", "assertRaises", "raises"})


class NotTakenOver(CourseError):
    """A test that cannot become a check by itself; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Rewriter:
    """Rewrites statements; ``entries`` are students' functions, and a ``hidden`` test names no values of its own."""

    entries: Collection[str]
    hidden: bool
    failure: str = ""

    def statements(self, nodes: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Return the statements of a check; raises NotTakenOver."""
        return [new for node in nodes for new in self._statement(node)]

    def value(self, node: ast.expr, shown: str) -> list[ast.stmt]:
        """Return the statements that require an expression to have a value, given as Python shows it."""
        try:
            wanted = ast.parse(shown, mode="eval").body
            ast.literal_eval(wanted)
        except (SyntaxError, ValueError):
            raise NotTakenOver(
                "its value is no number, text or list of them: make it in make.py, and compare with expect.close"
            ) from None
        if isinstance(wanted, ast.Constant) and wanted.value is True:
            return self._require(node)
        if self.failure:
            return self._require(ast.Compare(node, [ast.Eq()], [wanted]))
        return self._equal(node, wanted)

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case ast.Expr(value=ast.Constant()):
                return []
            case ast.Import() | ast.ImportFrom():
                return self._import(node)
            case ast.Assert():
                return self._require(node.test, node.msg)
            case ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"), args=arguments)):
                return [_expression(f"expect.fail({self._message(node, *arguments[:1])!r})")]
            case ast.Expr(value=ast.Call() as call) if (name := _last_name(call.func)).startswith("assert"):
                return self._called(call, name)
            case ast.Try():
                return self._try(node)
            case ast.With(items=[ast.withitem(context_expr=ast.Call(args=[wanted]) as call)], body=[ast.Expr() as one]):
                if _last_name(call.func) in _RAISES:
                    return self._raises(one.value, wanted)
        return [self._renamed(self._inside(node))]

    def _inside(self, node: ast.stmt) -> ast.stmt:
        """Rewrite the statements inside a loop, a condition or a function."""
        for name in ("body", "orelse"):
            if inner := getattr(node, name, None):
                setattr(node, name, self.statements(inner) or [ast.Pass()])
        return node

    def _import(self, node: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        roots = {module.partition(".")[0] for module in modules}
        if roots <= TEST_MODULES:
            return []
        refuse_missing(roots)
        return [node]

    def _called(self, call: ast.Call, name: str) -> list[ast.stmt]:
        """Rewrite a call of a function such as assert_equal, by its last name."""
        arguments = call.args
        if name in _EQUAL and len(arguments) >= 2:
            return self._require(ast.Compare(arguments[0], [ast.Eq()], [arguments[1]]), *arguments[2:3])
        if name in _TRUE and arguments:
            return self._require(arguments[0], *arguments[1:2])
        if name in _RAISES and len(arguments) >= 2:
            return self._raises(ast.Call(arguments[1], arguments[2:], call.keywords), arguments[0])
        if isinstance(call.func, ast.Name):
            raise NotTakenOver(f"it calls `{name}`: write what that requires with `expect`")
        # numpy.testing and torch.testing say in the exception what differs
        failing = f"expect.fail({self._message(call)!r}, detail=str(error)[:500])"
        code = f"try:\n    {ast.unparse(self._renamed(call))}\nexcept AssertionError as error:\n    {failing}"
        return ast.parse(code).body

    def _try(self, node: ast.Try) -> list[ast.stmt]:
        """Rewrite the way to ask for an exception: a call, an ``except`` that does nothing, an ``else`` that raises."""
        match node:
            case ast.Try(
                body=[ast.Expr(value=call), *rest],
                handlers=[ast.ExceptHandler(type=ast.expr() as wanted, body=[ast.Pass()])],
            ) if _fails([*rest, *node.orelse]) and not node.finalbody:
                return self._raises(call, wanted)
        if self._calls(node):
            raise NotTakenOver("it catches exceptions of students' code: write `expect.raises(...)`")
        return [node]

    def _raises(self, call: ast.expr, wanted: ast.expr) -> list[ast.stmt]:
        asked = ast.unparse(self._renamed(call))
        return [_expression(f"expect.raises(lambda: {asked}, {ast.unparse(wanted)}, name={self._name(call)!r})")]

    def _require(self, test: ast.expr, message: ast.expr | None = None) -> list[ast.stmt]:
        match test:
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]) if message is None and not self.failure:
                if self._is_call(left) and not self._calls(right):
                    return self._equal(left, right)
                if self._is_call(right) and not self._calls(left):
                    return self._equal(right, left)
        detail = f"Expected: {ast.unparse(test)}"[:500]
        words = self._message(test, *([message] if message else []))
        return [_expression(f"expect.that({ast.unparse(self._renamed(test))}, {words!r}, detail={detail!r})")]

    def _equal(self, call: ast.expr, wanted: ast.expr) -> list[ast.stmt]:
        """Require that a call gives a value; a number may be of another type, as ``==`` allows."""
        asked, right, name = ast.unparse(self._renamed(call)), ast.unparse(wanted), self._name(call)
        if isinstance(wanted, ast.Set) or right == "set()":
            raise NotTakenOver("it compares a set, which stays in the sandbox: let the function return a sorted list")
        value = _literal(wanted)
        if isinstance(value, str | bool):
            return [_expression(f"expect.equal({asked}, {right}, name={name!r})")]
        if isinstance(value, float):
            return [_expression(f"expect.near({asked}, {right}, name={name!r})")]
        if isinstance(value, int):
            return [_expression(f"expect.near({asked}, {right}, rtol=0, atol=0, name={name!r})")]
        return [_expression(f"same({asked}, {right}, name={name!r})")]

    def _name(self, call: ast.expr) -> str:
        """Return what a value is called: the call itself, or only the function where its arguments are hidden."""
        words = ast.unparse(call)
        return words if not self.hidden and len(words) <= _LONGEST else " and ".join(self._calls(call)) or "the value"

    def _message(self, node: ast.AST, message: ast.expr | None = None) -> str:
        if isinstance(message, ast.Constant) and isinstance(message.value, str):
            return message.value
        names = " and ".join(f"`{name}`" for name in self._calls(node)) or "your code"
        return self.failure or f"The result of {names} is not what the test expects."

    def _calls(self, node: ast.AST) -> list[str]:
        """Return the students' functions that code uses, each once."""
        names = (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))
        return list(dict.fromkeys(name for name in names if name in self.entries))

    def _is_call(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.entries

    def _renamed(self, node: ast.AST) -> ast.stmt:
        return _Renamed(self.entries).visit(copy.deepcopy(node))  # type: ignore[no-any-return]


class _Renamed(ast.NodeTransformer):
    """Calls students' functions through ``submission``."""

    def __init__(self, entries: Collection[str]) -> None:
        self.entries = entries

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return the function of the submission where the name is one of theirs."""
        if node.id not in self.entries:
            return node
        return ast.Attribute(ast.Name("submission", ast.Load()), node.id, ast.Load())


def refuse_missing(modules: Collection[str]) -> None:
    """Raise NotTakenOver for a module that is not installed here: checks run here."""
    for module in sorted(modules):
        if importlib.util.find_spec(module) is None:
            raise NotTakenOver(f"it imports {module}, which is not installed here")


def _expression(code: str) -> ast.stmt:
    return ast.parse(code).body[0]


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _fails(nodes: Sequence[ast.stmt]) -> bool:
    """Return whether statements do nothing but fail the test."""
    match nodes:
        case [ast.Raise()] | [ast.Assert(test=ast.Constant(value=False))]:
            return True
    return False


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None
