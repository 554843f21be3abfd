"""The language of a student's page: sentences are written in English, and catalogues (gettext) hold other languages.

`locale/<language>/LC_MESSAGES/reports.po` is what people translate. After a change, `msgfmt reports.po -o reports.mo`.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources

from grader.errors import CourseError

ENGLISH = "en"


def languages() -> tuple[str, ...]:
    """Return the languages that there are, by their codes."""
    found = (one.name for one in resources.files("grader.reports").joinpath("locale").iterdir() if one.is_dir())
    return tuple(sorted({ENGLISH, *found}))


@cache
def translations_of(language: str) -> NullTranslations:
    """Return the catalogue of a language.

    Raises:
        CourseError: there is none; names those that there are.
    """
    if language == ENGLISH:
        return NullTranslations()
    if language not in languages():
        raise CourseError(f"course.toml: there is no language {language!r}; there are: {', '.join(languages())}")
    path = resources.files("grader.reports").joinpath(f"locale/{language}/LC_MESSAGES/reports.mo")
    with path.open("rb") as file:
        return GNUTranslations(file)
