"""The people of the gradebook: taken from a roster or from what a class handed in, and found by id, address or name."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from grader.errors import UsageError, or_one_of
from grader.gradebook.tables import Identity, Member, Person, Submission
from grader.intake.roster import Roster


class People:
    """Everybody in the gradebook, read once: a class of a thousand is found in one query, not in a thousand."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_key = dict[str, Person]()
        self._by_other_id = defaultdict[str, list[Person]](list)
        for person in session.scalars(select(Person).options(selectinload(Person.identities))):
            self._by_key[person.key] = person
            for value in {identity.value for identity in person.identities}:
                self._by_other_id[value].append(person)

    def person_of(self, key: str, name: str, email: str = "") -> Person:
        """Return the person with this id, as the LMS or a roster has it; adds them if nobody has it yet."""
        known = self._by_key.get(key)
        if known is None and len(others := self._by_other_id[key]) == 1:
            known = others[0]
        if known is None:
            known = self._by_key[key] = Person(key=key, name=name, email=email)
            self._session.add(known)
        known.email = known.email or email
        return known


def import_roster(session: Session, roster: Roster) -> int:
    """Add the people of a roster, or update those who are there; return how many are new.

    Names, addresses and sections of the roster replace those that are there; where the roster has none, they stay.
    """
    added = 0
    for entry in roster.entries:
        person = next(filter(None, (_with_id(session, key) for key in (entry.person.key, *entry.ids) if key)), None)
        if person is None:
            person = Person(key=entry.person.key, name=entry.person.name)
            session.add(person)
            added += 1
        person.name = entry.person.name
        person.email = entry.person.email or person.email
        person.section = entry.section or person.section
        known = {(one.system, one.value) for one in person.identities}
        ids = {(system, value) for system, value in zip(roster.systems, entry.ids, strict=False) if value} - known
        person.identities += [Identity(system=system, value=value) for system, value in sorted(ids)]
        session.flush()
    return added


def submission_of(session: Session, assignment_id: int, who: str) -> Submission:
    """Return the submission of an assignment that ``who`` names: a person's id, address or name, or its own name.

    Raises:
        UsageError: nobody is called so, several are, or they handed in nothing; says who is alike.
    """
    of_assignment = select(Submission).where(Submission.assignment_id == assignment_id)
    if named := session.scalars(of_assignment.where(Submission.name == who)).one_or_none():
        return named
    person = named_person(session, who)
    theirs = of_assignment.join(Member).where(Member.person_id == person.id)
    if (found := session.scalars(theirs).first()) is None:
        raise UsageError(f"{person.name} handed in nothing")
    return found


def named_person(session: Session, who: str) -> Person:
    """Return the person with this id, address or name, in any case.

    Raises:
        UsageError: nobody is called so, or several are; says who is alike.
    """
    if known := _with_id(session, who):
        return known
    everybody = session.scalars(select(Person)).all()
    folded = who.casefold()
    found = [one for one in everybody if folded in (one.name.casefold(), one.email.casefold())]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} people are called {who}: give an id: {', '.join(one.key for one in found)}")
    raise UsageError(f"nobody is called {who}{or_one_of(who, [one.name for one in everybody])}")


def _with_id(session: Session, key: str) -> Person | None:
    """Return the person whose key, or one of whose other ids, is ``key``."""
    query = select(Person).outerjoin(Identity).where(or_(Person.key == key, Identity.value == key)).distinct()
    found = session.scalars(query).all()
    exact = [one for one in found if one.key == key]
    return exact[0] if exact else found[0] if len(found) == 1 else None
