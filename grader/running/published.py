"""Compute what was published of a part and no check measures: ``published.py`` beside ``make.py`` computes it anew.

It defines ``figures(reference, datasets)``, which yields the name and the value of each figure, with the reference as a
module and the data sets that a check would get. `grader reference` shows them beside the published values of part.toml.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.course.catalog import Part
from grader.course.part_toml import Setting
from grader.datasets.collection import Datasets
from grader.errors import CourseError


def figures(part: Part, setting: Setting) -> Iterator[tuple[str, float]]:
    """Yield the figures of a part, each as soon as it is computed; none if it has no ``published.py``.

    Raises:
        CourseError: the file cannot be loaded, or fails.
    """
    from grader.course import fixture_data

    path = part.fixture_folder / "published.py"
    if not path.is_file():
        return
    module = fixture_data.load_module(path, f"published_{part.assignment}_{part.name}")
    reference = fixture_data.load_module(part.reference, f"reference_{part.assignment}_{part.name}")
    try:
        for name, value in module.figures(reference, Datasets(part.datasets, setting.profile, seed=0)):
            yield name, float(value)
    except Exception as error:
        raise CourseError(f"{path.relative_to(part.course)} fails: {type(error).__name__}: {error}") from error
