"""Collect the files of a handout, from a list of what may go in; refuse to hand out what is secret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.course.catalog import Course, Part
from grader.course.notebook_template import NoNotebook, notebook_template
from grader.course.stubs import stub_of
from grader.errors import CourseError
from grader.handout.cut import cut
from grader.handout.datasets_at_home import DataAtHome
from grader.handout.leaks import leaks
from grader.handout.part_at_home import PartAtHome
from grader.handout.readme import Readme
from grader.handout.toml_text import toml_text
from grader.written.questions import QuestionSheet

CHECKS = "checks"  # the folder of a handout that is a course for `grader check`; students leave it as it is
_MOST_LEAKS = 5  # that are shown


@dataclass(frozen=True)
class Handout:
    """What students get for an assignment: ``files`` by path, and the visible checks that are only run when graded."""

    assignment: str
    files: dict[str, bytes]
    only_graded: tuple[str, ...]


def handout(course: Course, assignment: str) -> Handout:
    """Return the handout of an assignment.

    Raises:
        UsageError: there is no such assignment.
        CourseError: something is missing or wrong in the course, or the handout would hold a secret of it.
    """
    homes = [PartAtHome(part) for part in course.parts(assignment)]
    _refuse_unknown(course, assignment)
    parts, read = [home.part for home in homes], dict[str, set[str]]()
    for home in homes:
        for name, attributes in home.data_read().items():
            read.setdefault(name, set()).update(attributes)
    names = dict.fromkeys(name for part in parts for name in part.config.datasets)
    data = DataAtHome(course.datasets, tuple(names), read)
    files = dict(_students_files(course, assignment, parts))
    files |= {f"{CHECKS}/{path}": content for path, content in _checks(course, assignment, homes, data)}
    files |= dict(data.files())
    notebook = f"{assignment}.ipynb" if f"{assignment}.ipynb" in files else ""
    files["README.md"] = Readme(course, assignment, homes, data, notebook).text().encode()
    _refuse_secrets(files, course, homes)
    only_graded = tuple(f"{home.part.name}/{name}" for home in homes for name in home.only_graded)
    return Handout(assignment, dict(sorted(files.items())), only_graded)


def _refuse_unknown(course: Course, assignment: str) -> None:
    """Refuse a check to be kept back whose part is not there; a part itself looks for its checks."""
    known = {part.identity for part in course.parts(assignment)}
    for name in course.config.handout.kept_back:
        if name.partition("/")[0] == assignment and name.rpartition("/")[0] not in known:
            raise CourseError(f"course.toml: handout.kept_back: {name} is in no part; write assignment/part/check")


def _students_files(course: Course, assignment: str, parts: Sequence[Part]) -> Iterator[tuple[str, bytes]]:
    """Yield what students work in: stubs and utilities, the notebook, the questions, and what to install."""
    yield from _templates(course, assignment, parts)
    sheet = QuestionSheet(course.root, assignment)
    if sheet.questions:
        yield sheet.template.name, sheet.template_text().encode()
    packages = dict.fromkeys(["mlgrader", *course.config.packages.values()])
    yield "requirements.txt", "".join(f"{package}\n" for package in packages).encode()


def _templates(course: Course, assignment: str, parts: Sequence[Part]) -> Iterator[tuple[str, bytes]]:
    """Yield the generated templates, new from the references: those on disk may be out of date."""
    for part in parts:
        yield f"{part.name}.py", stub_of(part.reference.read_text(encoding="utf-8")).encode()
        yield from part.utilities.items()
    try:
        text = notebook_template(course, assignment, QuestionSheet(course.root, assignment).asked())
    except NoNotebook:
        return
    yield f"{assignment}.ipynb", text.encode()


def _checks(
    course: Course, assignment: str, homes: Sequence[PartAtHome], data: DataAtHome
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the small course that `grader check` runs."""
    config = course.config
    settings = {"name": config.name, "title": config.title, CHECKS: "visible", "is_handout": True}
    settings |= {"packages": config.packages, "assignments": {assignment: {"title": course.title_of(assignment)}}}
    yield "course.toml", toml_text(settings).encode()
    for name, content in _templates(course, assignment, [home.part for home in homes]):
        yield f"student_template/{assignment}/{name}", content  # to tell what a student has not touched yet
    shared: dict[str, set[str]] = {}
    for home in (home for home in homes if home.checks):
        yield from home.files([name for name in home.part.config.datasets if name in data.of_checks])
        for module, one in home.shared.items():
            shared.setdefault(module, set()).update(one.names)
    yield from _shared(homes, shared)


def _shared(homes: Sequence[PartAtHome], wanted: dict[str, set[str]]) -> Iterator[tuple[str, bytes]]:
    """Yield the files that several check files share, each with all that one of them needs."""
    for path in homes[0].part.shared_checks:
        if path.stem in wanted:
            title = f"Code of the checks of {homes[0].part.assignment}."
            text = cut(path, wanted[path.stem], title).text
            yield f"visible/{homes[0].part.assignment}/{path.name}", text.encode()


def _refuse_secrets(files: dict[str, bytes], course: Course, homes: Sequence[PartAtHome]) -> None:
    found = leaks(files, course, [one.text for home in homes for one in home.cuts])
    if found:
        lines = [f"\n  {leak.file}: {leak.line}\n    is in {leak.source}" for leak in found[:_MOST_LEAKS]]
        more = f"\n  and {len(found) - _MOST_LEAKS} more" if len(found) > _MOST_LEAKS else ""
        raise CourseError(
            "the handout would give away what students must not have. If a visible check needs it, name the check in "
            f'course.toml, [handout] kept_back = ["assignment/part/check"]:{"".join(lines)}{more}'
        )
