"""Which names code reads that it does not define itself."""

from __future__ import annotations

import ast
import builtins
import symtable

BUILTINS = frozenset(dir(builtins))


def read_names(text: str) -> set[str]:
    """Return the names that code reads and neither defines nor gets from Python; raises SyntaxError."""
    table = symtable.symtable(text, "<cell>", "exec")
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    return {name for name in _referenced(table) if name not in own | BUILTINS}


def assigned_names(node: ast.stmt) -> set[str]:
    """Return the names to which a statement gives values: also those in loops and ``with`` at its top."""
    inner = (child for child in ast.walk(node) if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store))
    return {child.id for child in inner}


def changed_names(tree: ast.AST) -> set[str]:
    """Return the names that code gives new values to, or deletes."""
    changes = (ast.Store, ast.Del)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, changes)}


def imported_names(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the names that an import binds."""
    return [alias.asname or alias.name.partition(".")[0] for alias in node.names]


def _referenced(table: symtable.SymbolTable) -> set[str]:
    """Return the module's names that code refers to, in it and in all functions inside."""
    is_module = table.get_type() == "module"
    found = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (is_module or s.is_global())}
    return found.union(*(_referenced(child) for child in table.get_children()))
