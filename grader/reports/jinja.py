"""Make the environment for all templates: it escapes and cleans everything, even if a template forgets to.

A course may have its own templates, which are used instead of the grader's. They run in Jinja's sandbox and cannot
switch escaping off. For a student's page they get only what the student may see.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from gettext import NullTranslations
from pathlib import Path
from traceback import walk_tb
from typing import Any

import jinja2
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemBytecodeCache,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateSyntaxError,
    nodes,
)
from jinja2.bccache import Bucket
from jinja2.sandbox import ImmutableSandboxedEnvironment

from grader.errors import CourseError
from grader.files.user_cache import user_cache
from grader.reports.cleaning import printable

OURS = "grader"  # {% extends "grader/report.html.j2" %} is the template that a course's own takes the place of
_UNESCAPED = (nodes.EvalContextModifier, nodes.ScopedEvalContextModifier)
_folder: ContextVar[Path | None] = ContextVar("the course's templates", default=None)


class _Compiled(FileSystemBytecodeCache):
    """Compiled templates in the user's cache; where nothing can be kept there, each process compiles its own.

    To compile those of a page takes a tenth of a second.
    """

    def __init__(self) -> None:
        super().__init__(str(user_cache() / f"templates-{jinja2.__version__}"))

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            Path(self.directory).mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def _compiled() -> _Compiled | None:
    try:
        return _Compiled()
    except RuntimeError:  # nobody knows the home of this user, as of some in containers
        return None


class Templates(ImmutableSandboxedEnvironment):
    """An environment whose templates cannot switch escaping off."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._safe: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return what the sandbox says, which is the same for all objects of a type: so it is asked once for each.

        To ask every time took a third of the time of a page.
        """
        key = type(obj), attr
        if key not in self._safe:
            self._safe[key] = super().is_safe_attribute(obj, attr, value)
        return self._safe[key]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(_UNESCAPED):
            raise TemplateSyntaxError("escaping cannot be switched off", node.lineno, name, filename)
        return tree


@contextmanager
def course_templates(folder: Path) -> Iterator[None]:
    """Have pages made with the templates in ``folder``; of those that it lacks, ours are used."""
    before = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(before)


def make_environment(
    *packages: str,
    names: Mapping[str, Any],
    filters: Mapping[str, Callable[..., Any]] | None = None,
    folder: Path | None = None,
    translations: NullTranslations | None = None,
) -> Templates:
    """Return an environment for the templates in ``folder``, then those of ``packages``, then those of the reports.

    Escapes everything, not by file suffix; a missing name is an error, never an empty string. ``names`` and
    ``filters`` are what the templates may use. `_` and `ngettext` give sentences by ``translations`` (default: as they
    are); what they put into one is escaped, but not cleaned.
    """
    ours = [PackageLoader(package) for package in (*packages, "grader.reports")]
    loaders: list[BaseLoader] = [FileSystemLoader(folder)] if folder is not None else []
    environment = Templates(
        autoescape=True,
        undefined=StrictUndefined,
        loader=ChoiceLoader([*loaders, *ours, PrefixLoader({OURS: ChoiceLoader(ours)})]),
        finalize=_cleaned,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_compiled(),
    )
    del environment.filters["safe"]
    known = translations or NullTranslations()
    environment.install_gettext_callables(known.gettext, known.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= names
    environment.filters |= filters or {}
    return environment


def rendered(make: Callable[[Path | None], Templates], template: str, context: Mapping[str, Any]) -> Iterator[str]:
    """Render a template with the environment that ``make`` gives for the course's folder of templates.

    Yields the page piece by piece: that of a large class takes less memory than if all of it were there at once.

    Raises:
        CourseError: a template of the course is wrong; names the file and the line.
    """
    folder = _folder.get()
    with nullcontext() if folder is None else naming_the_place(folder):
        yield from make(folder).get_template(template).generate(context)


@contextmanager
def naming_the_place(folder: Path) -> Iterator[None]:
    """Turn an error of a template in ``folder`` into a CourseError that names the file and the line."""
    try:
        yield
    except Exception as error:
        if place := _place(error, folder):
            raise CourseError(f"{place}: {error}") from error
        raise  # one of the grader's own templates failed


def _place(error: Exception, folder: Path) -> str:
    """Return the file and line in ``folder`` where a template failed; empty if it was in none of them."""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        places = [(error.filename, error.lineno)]
    else:
        places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    inside = [(name, line) for name, line in places if Path(name).is_relative_to(folder)]
    return f"{inside[-1][0]}, line {inside[-1][1]}" if inside else ""


def _cleaned(value: Any) -> Any:
    """Clean every plain string on its way out; markup that our own macros made is already clean."""
    return printable(value) if type(value) is str else value
