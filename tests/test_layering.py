"""Who may import whom, as the table in DESIGN.md says, and how large things are: held by reading the source."""

import ast
import re
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import grader

ROOT = Path(__file__).resolve().parents[1]
GRADER = ROOT / "grader"
TOP_LEVEL = {"cli", "errors", "__init__", "__main__"}  # every other module belongs to a package
ROW = re.compile(r"^\| `(\w+)/?` \| .* \| (.*) \|$", re.MULTILINE)  # of the table in DESIGN.md
TABLE = (ROOT / "DESIGN.md").read_text().partition("## Who may import whom")[2].partition("\n## ")[0]
ALLOWED = {row[1]: row[2].replace("none of ours", "").replace(",", "") for row in ROW.finditer(TABLE)}
STUDENTS_HAVE = {"torch", "torchvision", "numpy", "pandas", "matplotlib"}
WORKER_MAY = {"torch", "numpy", "pandas"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "handler", "misc", "data", "info"}
LONGEST_MODULE, LONGEST_FUNCTION = 300, 40

MODULES = sorted(path for path in GRADER.rglob("*.py") if "checks" not in path.relative_to(GRADER).parts)


def named(path):
    return str(path.relative_to(ROOT))


def unit_of(path):
    first = path.relative_to(GRADER).parts[0]
    return path.stem if first.endswith(".py") else first


@cache
def imports(path):
    """(module, whether at the module's top, and not only for type checkers) of every import; relative ones absolute."""

    def visit(node, top):
        for child in ast.iter_child_nodes(node):
            here = top and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            here = here and not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test))
            if isinstance(child, ast.Import):
                yield from ((alias.name, here) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                package = path.relative_to(ROOT).parts[: -child.level] if child.level else ()
                base = ".".join([*package, *filter(None, [child.module])])
                yield from ((f"{base}.{alias.name}", here) for alias in child.names)
            yield from visit(child, here)

    return list(visit(ast.parse(path.read_text()), top=True))


def module_named(name):
    """The file behind a dotted name of ours, whether it names a module or something in one."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:end])
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return path
    return None


def imports_of_ours(path):
    """Every module of ours that a module imports."""
    for name, _ in imports(path):
        if name.split(".")[0] == "grader":
            target = module_named(name)
            assert target is not None, f"{named(path)} imports {name}, which is not there"
            yield target


def test_a_module_imports_only_what_its_layer_may():
    for path in MODULES:
        unit = unit_of(path)
        assert unit in ALLOWED, f"say in DESIGN.md what {named(path)} may import"
        others = {unit_of(target) for target in imports_of_ours(path)} - {
            unit,
            "__init__",
        }  # that holds only the version
        forbidden = others - set(ALLOWED[unit].split())
        assert not forbidden, f"{named(path)}: {unit} may not import {', '.join(sorted(forbidden))}"


def test_every_module_belongs_to_a_package():
    assert {path.stem for path in GRADER.glob("*.py")} == TOP_LEVEL


def test_the_table_has_no_cycle_and_no_stale_name():
    graph = {unit: set(may.split()) for unit, may in ALLOWED.items()}
    assert set().union(*graph.values()) <= set(graph)
    assert list(TopologicalSorter(graph).static_order())
    assert set(ALLOWED) == {unit_of(path) for path in MODULES}
    used = {unit: set() for unit in ALLOWED}
    for path in MODULES:
        used[unit_of(path)] |= {unit_of(target) for target in imports_of_ours(path)}
    used["cli"].add("commands")  # by name, when a command is run
    for unit, may in graph.items():
        assert may <= used[unit], f"{unit} no longer imports {may - used[unit]}"


def test_modules_do_not_import_each_other_in_a_circle():
    graph = {}
    for path in MODULES:
        targets = {module_named(name) for name, top in imports(path) if top and name.startswith("grader")}
        graph[path] = targets - {path, None, GRADER / "__init__.py"}
    assert list(TopologicalSorter(graph).static_order())


def test_nothing_of_the_grader_imports_the_course():
    for path in MODULES:
        roots = {name.split(".")[0] for name, _ in imports(path)}
        assert not roots & {"reference", "student_template", "fixtures", "tests", "pickle"}, named(path)
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        assert not names & {"eval", "exec"}, named(path)


def test_the_worker_knows_only_itself_and_the_libraries():
    paths = sorted((GRADER / "worker").glob("*.py"))
    assert paths
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                assert node.level == 1, named(path)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
                for name in names:
                    assert name.split(".")[0] in sys.stdlib_module_names | WORKER_MAY, (named(path), name)


@pytest.mark.parametrize("tree", ["reference", "student_template"])
def test_solutions_and_templates_import_only_what_students_have(tree):
    paths = sorted((ROOT / tree).rglob("*.py"))
    assert paths
    for path in paths:
        roots = {name.split(".")[0] for name, _ in imports(path)}
        assert roots <= sys.stdlib_module_names | STUDENTS_HAVE, named(path)


def test_checks_import_only_the_public_names_of_the_grader():
    paths = sorted((GRADER / "checks").rglob("*.py"))
    assert paths
    for path in paths:
        for name, _ in imports(path):
            public = name in {f"grader.{public}" for public in grader.__all__}
            libraries = sys.stdlib_module_names | {"torch", "pandas", "pytest"}
            root = name.split(".")[0]
            shared = root.startswith("_") and (path.parent / f"{root}.py").is_file()
            assert public or shared or root in libraries, (named(path), name)


def test_modules_and_functions_are_small_and_say_what_they_are():
    for path in MODULES:
        text = path.read_text()
        assert text.count("\n") <= LONGEST_MODULE, named(path)
        tree = ast.parse(text)
        assert ast.get_docstring(tree), named(path)
        for node in ast.walk(tree):
            # A migration is one long list of tables, and is never changed.
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "migrations" not in path.parts:
                assert node.end_lineno - node.lineno < LONGEST_FUNCTION, f"{named(path)}: {node.name}"
        vague = VAGUE & set(path.stem.split("_")) - {"data" if path.stem == "fixture_data" else ""}
        assert not vague, named(path)
