"""What a statement changes beside the names it binds, told by its syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

# Methods that change the object they are called on; any name that ends with "_" does, too (torch's convention).
_CHANGES = {
    *("append", "extend", "insert", "update", "add", "setdefault", "remove", "pop", "clear", "sort", "reverse"),
    *("to", "cuda", "double", "fit", "apply", "eval", "load_state_dict"),
    *("add_module", "register_module", "register_buffer", "register_parameter", "register_forward_hook"),
}
_SETS_UP = (
    *("set_", "seed", "manual_seed", "use", "filterwarnings", "simplefilter"),
    *("basicConfig", "register", "makedirs"),
)
_MAKES_FUNCTION = {"partial", "compile", "script", "trace", "jit", "vmap", "lru_cache", "cache", "no_grad"}


def at_once(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a statement that run with it: not the bodies of functions in it."""
    waiting: list[ast.AST] = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*part.decorator_list, part.args, *([part.returns] if part.returns else [])]
        elif isinstance(part, ast.Lambda):
            waiting.append(part.args)
        else:
            waiting += ast.iter_child_nodes(part)


def changed_by(node: ast.stmt) -> Iterator[str]:
    """Yield the names whose values a statement changes without binding them: ``x.append(1)``, ``x[0] = 1``."""
    for part in at_once(node):
        if isinstance(part, ast.Assign):
            yield from _roots(target for target in part.targets if not isinstance(target, ast.Name))
        elif isinstance(part, ast.AugAssign | ast.AnnAssign) and not isinstance(part.target, ast.Name):
            yield from _roots([part.target])
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            yield from _changed_by_call(part, part.func)


def _changed_by_call(call: ast.Call, function: ast.Attribute) -> Iterator[str]:
    inplace = any(option.arg == "inplace" for option in call.keywords)
    if function.attr in _CHANGES or function.attr.endswith("_") or inplace:
        yield from _roots([function])
    if function.attr.endswith("_") or function.attr == "shuffle":  # nn.init.normal_(W), random.shuffle(rows)
        yield from _roots(call.args)


def keeps_callable(value: ast.expr, name: str) -> bool:
    """Return whether ``name = value`` may bind a function: ``f = torch.compile(f)`` does, ``f = f(3)`` does not."""
    if not isinstance(value, ast.Call):
        return isinstance(value, ast.Lambda | ast.Name | ast.Attribute)
    given = {part.id for argument in value.args for part in ast.walk(argument) if isinstance(part, ast.Name)}
    return _last(value.func) in _MAKES_FUNCTION or (name in given and _last(value.func) != name)


def call_sets_up(call: ast.Call, modules: frozenset[str] | set[str]) -> bool:
    """Return whether a call sets up a library or a seed; ``modules`` are the names that imports bind."""
    name = _last(call.func)
    if isinstance(call.func, ast.Name):
        return "seed" in name.casefold()
    if name == "run_cell_magic":  # it may write a module that is imported
        return True
    if root_of(call.func) not in modules or not isinstance(call.func, ast.Attribute):
        return False
    deep = isinstance(call.func.value, ast.Attribute)  # sys.path.append, but not os.remove
    return name == "set" or name.startswith(_SETS_UP) or (deep and name in _CHANGES)


def _roots(parts: Iterable[ast.AST]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, ast.Tuple | ast.List):
            yield from _roots(one for one in part.elts if not isinstance(one, ast.Name))
        elif root := root_of(part):
            yield root


def root_of(part: ast.AST) -> str:
    """Return the name that an expression begins with: ``a`` of ``a.b[0].c``; empty if it begins otherwise."""
    while isinstance(part, ast.Attribute | ast.Subscript | ast.Starred):
        part = part.value
    return part.id if isinstance(part, ast.Name) else ""


def _last(part: ast.AST) -> str:
    return part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
