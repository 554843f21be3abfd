"""Find files of a submission whose code is still the one that students were given."""

from __future__ import annotations

from collections.abc import Mapping

from grader.course.catalog import Course
from grader.written.notebook_cells import UnreadableNotebook, is_notebook, read_cells


def untouched_notebooks(files: Mapping[str, bytes], course: Course, assignment: str) -> set[str]:
    """Return the paths of notebooks with the code of the assignment's template; answers in them may be filled in."""
    template = course.notebook(assignment)
    if not template.is_file():
        return set()
    given = _code(template.read_bytes())
    notebooks = {path: _code(content) for path, content in files.items() if is_notebook(path, content)}
    return {path for path, code in notebooks.items() if code is not None and code == given}


def _code(content: bytes) -> list[str] | None:
    """Return the code cells of a notebook, without empty ones; None if it cannot be read."""
    try:
        cells = read_cells(content)
    except UnreadableNotebook:
        return None
    return [text for cell in cells if cell.cell_type == "code" and (text := cell.text.strip())]
