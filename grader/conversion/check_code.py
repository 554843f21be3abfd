"""Make the check file of a part: a check of each test that calls students' functions and nothing else of theirs."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from grader.conversion.assertions import TEST_MODULES, NotTakenOver, Rewriter, refuse_missing
from grader.conversion.definitions import Definitions
from grader.conversion.names import assigned_names, changed_names, imported_names, read_names
from grader.conversion.reference import Reference
from grader.conversion.worksheet import Test, Told, Worksheet, pointed, without_magics

_OURS = frozenset({"submission", "expect", "check", "same"})
_LONGEST_LINE = 110
_SAME = '''def same(answer, right, name):
    """Require that an answer equals what is right; 1 and 1.0 are equal."""
    expect.that(answer == right, f"`{name}` is wrong.", detail=f"It is {str(answer)[:300]}, expected {right}.")'''


@dataclass
class CheckFile:
    """A check file in the making."""

    checks: list[ast.FunctionDef] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    above: dict[str, None] = field(default_factory=dict)  # constants and helper functions, in order
    told: list[Told] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The names of the checks, as records have them."""
        return [check.name.removeprefix("check_") for check in self.checks]

    def drop(self, names: Collection[str]) -> None:
        """Take checks out, by name."""
        self.checks = [check for check in self.checks if check.name.removeprefix("check_") not in names]

    def text(self, identity: str, origin: str) -> str:
        """Return the file."""
        checks = "".join(f"\n\n{_code(check)}\n" for check in self.checks)
        used = checks
        above: list[str] = []
        for text in reversed(self.above):  # only what the checks, or what stands below, still use
            if _defines(text) & _words(used):
                above.insert(0, text)
                used += text
        imports = sorted(text for text in self.imports if _defines(text) & _words(used))
        pieces = [f'"""{identity}: what is checked here, taken over from {origin}."""\n']
        pieces += [*imports, ""] if imports else []
        pieces += ["from grader import check, expect"]
        pieces += [f"\n{text}" for text in above]
        pieces += [f"\n\n{_SAME}"] if "same(" in checks else []
        return _without_test_names("\n".join([*pieces, checks]))


def check_file(sheet: Worksheet, found: Definitions, made: Reference) -> CheckFile:
    """Return the checks of a notebook's tests, and a line of the table for each test."""
    file = CheckFile()
    translation = _Translation(found, made, {}, file)
    names: set[str] = set()
    for test in sheet.tests:
        name = test.name if test.name not in names else f"{test.name}_{len(names)}"
        what, visibility = f"test {name}", "hidden" if test.hidden else "visible"
        try:
            file.checks.append(translation.check(test, name, {*names}))
            names.add(name)
            file.told.append(Told(what, f"a {visibility} check, {pointed(test.points)}"))
        except NotTakenOver as reason:
            file.told.append(Told(what, note=str(reason)))
        translation.remember(test)
    return file


@dataclass(frozen=True)
class _Translation:
    """What the tests of one notebook may use. ``helpers`` are functions that earlier tests define."""

    found: Definitions
    made: Reference
    helpers: dict[str, str]
    file: CheckFile

    def check(self, test: Test, name: str, before: set[str]) -> ast.FunctionDef:
        """Return the check of a test; raises NotTakenOver."""
        if test.points <= 0:
            raise NotTakenOver("it has no points, and a check has some: give it points, or leave it out")
        if re.search(r"###\s*(HASHED\s+)?AUTOTEST", test.text):
            raise NotTakenOver("AUTOTEST makes its test from the solution: let make.py make the expected value")
        if test.printed:
            raise NotTakenOver("it compares what is printed: let the function return it, and compare that")
        tree = _parsed(test.text)
        self._allow(test, tree)
        rewriter = Rewriter(self.made.functions, test.hidden, test.failure)
        *most, last = tree.body
        if test.value and isinstance(last, ast.Expr):
            body = [*rewriter.statements(most), *rewriter.value(last.value, test.value)]
        elif isinstance(last, ast.Expr) and not isinstance(last.value, ast.Call | ast.Constant):
            raise NotTakenOver("its last line gives partial credit: write that with `credit`, see docs/authoring.md")
        else:
            body = rewriter.statements(tree.body)
        self._add(read_names(test.text))
        docstring = ast.Expr(ast.Constant(test.title or _title(test, self.made.functions)))
        return _function(name, test, before, [docstring, *body])

    def remember(self, test: Test) -> None:
        """Keep the functions that a test defines: later tests may use them."""
        try:
            tree = _parsed(test.text)
        except NotTakenOver:
            return
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                self.helpers[node.name] = ast.unparse(node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    self.found.imports.setdefault(alias.asname or alias.name.partition(".")[0], ast.unparse(node))

    def _allow(self, test: Test, tree: ast.Module) -> None:
        """Raise NotTakenOver if a test uses what a check does not have."""
        changed = changed_names(tree)
        if theirs := sorted(changed & (self.made.functions | self.made.classes)):
            raise NotTakenOver(f"it replaces `{theirs[0]}` while it runs: a check can only call students' functions")
        if ours := sorted(changed & _OURS):
            raise NotTakenOver(f"it has a variable called `{ours[0]}`, which a check has already: rename it")
        names = read_names(test.text)
        for name in sorted(names):
            self._allow_name(name)
        if not names & self.made.functions:
            raise NotTakenOver("it calls none of the functions that students write")
        _refuse_handed_over(tree, self.made.functions)

    def _allow_name(self, name: str) -> None:
        if name in self.made.classes:
            raise NotTakenOver(
                f"it uses an object of class `{name}`, which stays in the sandbox: see submission.apply and .read"
            )
        if name in self.made.functions or name in self.found.imports or name in self.found.constants:
            return
        if name in self.found.computed:
            raise NotTakenOver(f"it reads the variable `{name}`: let students write a function that returns it")
        self._pure(name, frozenset())

    def _pure(self, name: str, seen: frozenset[str]) -> None:
        """Raise NotTakenOver unless a name is a given function that does without students' ones."""
        given = self.found.functions.get(name)
        if name not in self.helpers and (given is None or given.written):
            raise NotTakenOver(f"it uses `{name}`, which was not taken over")
        if any(isinstance(node, ast.Try) for node in ast.walk(ast.parse(self._text(name)))):
            raise NotTakenOver(f"it calls `{name}`, which catches exceptions: write `expect.raises(...)`")
        for other in self._reads(name) - seen - {name}:
            if other in self.made.functions | self.made.classes:
                raise NotTakenOver(f"it calls `{name}`, which calls students' functions: put that code into the check")
            if other not in self.found.imports and other not in self.found.constants:
                self._pure(other, seen | {name})

    def _text(self, name: str) -> str:
        return self.helpers.get(name) or self.found.functions[name].text

    def _reads(self, name: str) -> set[str]:
        return read_names(self._text(name)) - {name}

    def _add(self, names: Iterable[str]) -> None:
        """Put what a check reads above the checks: imports, constants, given functions."""
        for name in sorted(names):
            if statement := self.found.imports.get(name):
                self._import(statement)
            elif name in self.found.constants:
                self._add(read_names(self.found.constants[name]) - {name})
                self.file.above[self.found.constants[name]] = None
            elif name not in self.made.functions:
                self._add(self._reads(name))
                self.file.above[f"\n{self._text(name).strip()}"] = None

    def _import(self, statement: str) -> None:
        node = ast.parse(statement).body[0]
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        roots = {module.partition(".")[0] for module in modules}
        if not roots <= TEST_MODULES:
            refuse_missing(roots)
            self.file.imports.add(statement)


def _without_test_names(text: str) -> str:
    """Return a check file whose helpers are not named as tests are: `grader verify` would take them for lost ones."""
    return re.sub(r"\b(?=test_\w+\()", "_", text)


def _defines(text: str) -> set[str]:
    """Return the names that a statement gives a meaning."""
    (node,) = ast.parse(text.strip()).body
    if isinstance(node, ast.Import | ast.ImportFrom):
        return set(imported_names(node))
    return {node.name} if isinstance(node, ast.FunctionDef | ast.ClassDef) else assigned_names(node)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _code(node: ast.stmt) -> str:
    """Return code with double quotes around texts, as people write them."""
    lines = ast.unparse(ast.fix_missing_locations(node)).split("\n")
    tokens = list(tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline))
    for token in reversed(tokens):
        (row, begin), (_, end) = token.start, token.end
        if token.type == tokenize.STRING and re.fullmatch(r"'[^'\"\\]*'", token.string):
            lines[row - 1] = f'{lines[row - 1][:begin]}"{token.string[1:-1]}"{lines[row - 1][end:]}'
    return "\n".join(_wrapped(line) for line in lines)


def _wrapped(line: str) -> str:
    """Return a line that is too long, and only a call, with each argument on a line of its own."""
    indent = line[: len(line) - len(line.lstrip())]
    try:
        (node,) = ast.parse(line.strip()).body
    except (SyntaxError, ValueError):
        return line
    if len(line) <= _LONGEST_LINE or not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return line
    call, text = node.value, line.strip()
    arguments = [ast.get_source_segment(text, argument) or "" for argument in call.args]
    arguments += [f"{one.arg}={ast.get_source_segment(text, one.value)}" for one in call.keywords]
    inside = "".join(f"{indent}    {argument},\n" for argument in arguments)
    return f"{indent}{ast.unparse(call.func)}(\n{inside}{indent})"


def _parsed(text: str) -> ast.Module:
    try:
        tree = ast.parse("\n".join(without_magics(text.split("\n"))))
    except SyntaxError as error:
        raise NotTakenOver(f"it is not Python: {error.msg}") from None
    if not tree.body:
        raise NotTakenOver("there is nothing in it")
    return tree


def _refuse_handed_over(tree: ast.Module, entries: frozenset[str]) -> None:
    """Raise NotTakenOver for a call that hands a function to a student's one: only values can cross."""
    local = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in entries:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                is_function = isinstance(argument, ast.Name) and argument.id in entries | local
                if is_function or isinstance(argument, ast.Lambda):
                    raise NotTakenOver(f"it hands a function to `{node.func.id}`: only values can go into the sandbox")


def _title(test: Test, entries: frozenset[str]) -> str:
    used = sorted(read_names(test.text) & entries)
    return f"{' and '.join(f'`{name}`' for name in used)}: test {test.name}"


def _function(name: str, test: Test, before: set[str], body: list[ast.stmt]) -> ast.FunctionDef:
    options = [f"points={test.points:g}"]
    options += ['visibility="hidden"'] if test.hidden else []
    options += [f"depends_on=[{test.after!r}]"] if test.after in before else []
    code = f"@check({', '.join(options)})\ndef check_{name}(submission):\n    pass"
    function = ast.parse(code).body[0]
    assert isinstance(function, ast.FunctionDef)
    function.body = body
    return function
