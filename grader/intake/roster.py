"""Read a list of the people of a class, and find whose each submission is.

Three kinds of list are known by their headers: Canvas's gradebook export, Moodle's grading worksheet, and a plain
``id,name,email``. Any column of ids, logins or addresses can be the key that a submission has.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.intake.locate import enumerated
from grader.intake.sources.source import FoundSubmission, Person

# Headers without spaces, punctuation and case; earlier ones are looked at first.
_IDS = (
    *("id", "identifier", "userid", "canvasid", "participant", "participantid", "sid", "studentid", "sisuserid"),
    *("sisloginid", "loginid", "login", "username", "user", "orgdefinedid", "idnumber", "studentnumber", "studentno"),
    *("matriculation", "matriculationnumber", "integrationid", "github", "githubusername", "githublogin"),
    *("rosteridentifier", "netid", "anonymousid"),
)
_NAMES = ("name", "fullname", "student", "studentname", "displayname", "participantname")
_FIRST = ("firstname", "givenname", "first", "forename")
_LAST = ("lastname", "surname", "familyname", "last")
_SECTIONS = ("section", "group", "class", "labsection")
_EMAILS = ("email", "emailaddress", "mail", "sisemail")
_NOBODY = ("pointspossible", "studenttest", "teststudent")  # rows of Canvas that are no people


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of a roster; ``ids`` are by column, in the order of the columns that are looked at."""

    person: Person
    ids: tuple[str, ...]
    section: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """The submissions with the names of the roster, who handed in nothing, and sentences for the instructor."""

    submissions: tuple[FoundSubmission, ...]
    absent: tuple[Person, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of a class, in the order of the list; ``systems`` names the columns of their ids."""

    entries: tuple[Entry, ...]
    systems: tuple[str, ...] = ()

    def match(self, submissions: Sequence[FoundSubmission]) -> Matched:
        """Give each submission the person of the roster whose id, address or name it has."""
        keys, names = self._by_key(), self._by_name()
        taken: dict[int, str] = {}
        named, strangers = [], []
        for one in submissions:
            known = [_found(person, keys, names) for person in one.people]
            taken |= {at: one.name for at in known if at is not None}
            people = tuple(
                person if at is None else self.entries[at].person for person, at in zip(one.people, known, strict=True)
            )
            strangers += [one.name] if None in known else []
            name = " & ".join(person.name for person in people) if any(at is not None for at in known) else one.name
            named.append(dataclasses.replace(one, people=people, name=name))
        absent = tuple(entry.person for at, entry in enumerate(self.entries) if at not in taken)
        said = f"not on the roster: {enumerated(strangers)}"
        return Matched(tuple(named), absent, (said,) if strangers else ())

    def _by_key(self) -> list[dict[str, int]]:
        """Return for each column of ids, and then for addresses, whose each value is; none that two people share."""
        columns = [[(entry.ids[column], at) for at, entry in enumerate(self.entries)] for column in self._columns()]
        emails = [(entry.person.email, at) for at, entry in enumerate(self.entries)]
        logins = [(email.partition("@")[0], at) for email, at in emails]
        return [_unshared((key.casefold(), at) for key, at in column) for column in (*columns, emails, logins)]

    def _columns(self) -> range:
        return range(len(self.entries[0].ids) if self.entries else 0)

    def _by_name(self) -> dict[str, int]:
        return _unshared((way, at) for at, entry in enumerate(self.entries) for way in _ways(entry.person.name))


def read_roster(path: Path) -> Roster:
    """Read a CSV file of people.

    Raises:
        UsageError: it is not there, or no column of it is an id or a name.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"the roster {path} cannot be read ({error.strerror})") from None
    rows = [[cell.strip().lstrip("\ufeff") for cell in row] for row in _rows(content)]
    rows = [row for row in rows if any(row)]
    header, people = _columns(rows, path)
    entries = [_entry(dict(zip(header, row, strict=False)), header) for row in people]
    found = tuple(one for one in entries if one.person.name and _squeezed(one.person.name) not in _NOBODY)
    if not found:
        raise UsageError(f"the roster {path} lists nobody")
    return Roster(found, tuple(column for column in _IDS if column in header))


def _rows(content: bytes) -> list[list[str]]:
    text = next(text for encoding in _encodings(content) if (text := _decoded(content, encoding)) is not None)
    start = "".join(text.splitlines(keepends=True)[:3])
    delimiter = max(",;\t", key=start.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _encodings(content: bytes) -> tuple[str, ...]:
    return ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252", "latin-1")


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _columns(rows: list[list[str]], path: Path) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns, and the rows below them; a list without headers is ``id,name,email``."""
    if not rows:
        raise UsageError(f"the roster {path} is empty")
    header = [_squeezed(cell) for cell in rows[0]]
    if not {*header}.isdisjoint((*_IDS, *_NAMES, *_FIRST, *_LAST, *_EMAILS)):
        return header, rows[1:]
    if 2 <= len(rows[0]) <= 3 and all(len(row) == len(rows[0]) for row in rows):
        return ["id", "name", "email"][: len(rows[0])], rows
    raise UsageError(
        f"the roster {path} has no column of ids or names: its columns are {enumerated(rows[0])}. Give a gradebook "
        "export of Canvas, a grading worksheet of Moodle, or a CSV with the columns id, name and email"
    )


def _entry(row: dict[str, str], header: Iterable[str]) -> Entry:
    known = {*header}
    ids = tuple(re.sub(r"^Participant ", "", row.get(column, "")) for column in _IDS if column in known)
    email = next((row[column] for column in _EMAILS if row.get(column)), "")
    whole = next((row[column] for column in _NAMES if row.get(column)), "")
    first, last = (next((row[column] for column in part if row.get(column)), "") for part in (_FIRST, _LAST))
    name = whole or " ".join(filter(None, (first, last))) or next(filter(None, (*ids, email)), "")
    family, comma, given = name.partition(", ")
    shown_name = f"{given} {family}" if comma and given else name
    person = Person(next(filter(None, ids), email or shown_name), shown_name, email)
    return Entry(person, ids, next((row[column] for column in _SECTIONS if row.get(column)), ""))


def _found(person: Person, keys: Sequence[dict[str, int]], names: dict[str, int]) -> int | None:
    for key in filter(None, (person.key, person.email)):
        for column in keys:
            if (at := column.get(key.casefold())) is not None:
                return at
    return next((names[way] for way in _ways(person.name) if way in names), None)


def _ways(name: str) -> list[str]:
    """Return how a name may be written: as it is, the family name first, and without accents."""
    words = name.replace(",", " ").split()
    turned = [words, words[1:] + words[:1], words[-1:] + words[:-1]]
    written = [_squeezed("".join(order)) for order in turned]
    return [*written, *(_without_accents(one) for one in written)]


def _squeezed(text: str) -> str:
    """Return text without spaces, punctuation and case."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def _without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _unshared(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for key, at in pairs:
        if key:
            found.setdefault(key, set()).add(at)
    return {key: places.pop() for key, places in found.items() if len(places) == 1}
