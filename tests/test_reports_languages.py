"""Languages of the student's page: every sentence is translated, and a page in German holds no English of ours."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from page_reader import Page
from record_examples import HIDDEN_SECRET, check, one_check, record

import grader.reports.html
from grader.errors import CourseError
from grader.records.record import Verdict, WrittenRecord
from grader.records.verdicts import VERDICTS
from grader.reports import wording
from grader.reports.html import render_report
from grader.reports.languages import ENGLISH, languages, translations_of

REPORTS = Path(grader.reports.html.__file__).parent
OTHERS = [language for language in languages() if language != ENGLISH]
# Sentences that templates and functions get from tables.
TABLES = (
    *(words for kind in VERDICTS.values() for words in (kind.label, kind.sentence)),
    *(*wording.STANDINGS.values(), *wording.MONTHS, wording.NO_ANSWER, wording.NOT_READ),
)


def in_templates() -> Iterator[str]:
    environment = grader.reports.html._environment()
    for path in REPORTS.rglob("*.j2"):
        for _, _, message in environment.extract_translations(path.read_text(encoding="utf-8")):
            yield message[0] if isinstance(message, tuple) else message


def in_code() -> Iterator[str]:
    for path in REPORTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                yield from (one.value for one in node.args if isinstance(one, ast.Constant))


def messages() -> set[str]:
    """Every sentence that is to be translated; of one with a plural, the singular."""
    return {*in_templates(), *in_code(), *TABLES} - {None}


def catalogue(language) -> dict[object, str]:
    return {key: words for key, words in translations_of(language)._catalog.items() if key}


def of_catalogue(language) -> set[str]:
    return {key[0] if isinstance(key, tuple) else key for key in catalogue(language)}


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_none_is_left_over(language):
    assert sorted(messages() - of_catalogue(language)) == []
    assert sorted(of_catalogue(language) - messages()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_names_the_same_values(language):
    for key, words in catalogue(language).items():
        english = key[0] if isinstance(key, tuple) else key
        named = [set(re.findall(r"%\(\w+\)s", text)) - {"%(num)s"} for text in (words, english)]  # "the only one"
        assert named[0] == named[1], english


@pytest.mark.parametrize("language", OTHERS)
def test_the_compiled_catalogue_is_that_of_the_text(language):
    text = (REPORTS / f"locale/{language}/LC_MESSAGES/reports.po").read_text(encoding="utf-8")
    written = re.findall(r'^msgstr(?:\[\d\])? ((?:".*"\n?)+)', text, re.MULTILINE)
    said = {"".join(ast.literal_eval(line) for line in one.split("\n") if line) for one in written[1:]}
    assert said == set(catalogue(language).values())


def german(**fields):
    answer = WrittenRecord(name="why", title="Warum", question="Warum?", points=5)
    return record(language="de", written=(answer,), **fields)


def test_a_page_is_in_the_language_of_its_record():
    page = Page(render_report(german()))
    assert page.one("html").attributes["lang"] == "de"
    assert page.one("section", "start").text.startswith("Hier anfangen:")
    assert page.one("section", "start").text.endswith("8 von 42 fehlenden Punkten hängen davon ab.")
    assert "2. Mai 2026, 10:20 UTC" in page.one("div", "standing").text
    assert "Start here" in render_report(record())
    assert HIDDEN_SECRET not in render_report(german())


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.passed])
def test_every_verdict_is_told_in_the_language(verdict):
    text = Page(render_report(one_check(check("c", 2, verdict, title="T"), language="de"))).one("main").text
    known = translations_of("de")
    assert f"{known.gettext(VERDICTS[verdict].label)}. {known.gettext(VERDICTS[verdict].sentence)}" in text
    assert VERDICTS[verdict].sentence not in text


def test_what_is_put_into_a_sentence_is_escaped():
    attack = "<b>%(x)s {{ 1 }}</b>"
    one = WrittenRecord(name=attack, title=attack, question=attack, points=5, answer="a", source=attack)
    for language in languages():
        page = render_report(record(language=language, written=(one, msgspec.structs.replace(one, answer=""))))
        assert attack not in page
        assert "&lt;b&gt;%(x)s {{ 1 }}&lt;/b&gt;" in page


def test_a_language_that_nobody_translated_is_an_error_that_names_the_others():
    with pytest.raises(CourseError, match=r"no language 'tlh'; there are: de, en"):
        translations_of("tlh")
