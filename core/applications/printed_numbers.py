"""The identity numbers that stand in full on papers: tickets, stamped rosters, certificates (docs/decisions/0035)."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
from core.db.session import ScopedSession
from core.identity.models import Person
from core.security.keys import KeyProvider, Place

_HIDDEN = "*" * 14


def masked(tail: str) -> str:
    """A number of which the last four characters are known."""
    return f"{_HIDDEN}{tail}"


def printed_numbers(session: ScopedSession, tails: Mapping[UUID, str], *, keys: KeyProvider) -> dict[UUID, str]:
    """The number to print for each application, whose paper says that it ends with the given characters.

    It stays masked where the person's number has been erased, or corrected since: a paper never gets a number that it
    was not issued for. The session sees the numbers of the people whose applications it sees.
    """
    wanted = select(Application.id, Person.id.label("person"), Person.id_number).join(
        Person, Person.id == Application.person_id
    )
    numbers = {application_id: masked(tail) for application_id, tail in tails.items()}
    for row in session.execute(wanted.where(Application.id.in_(tails.keys()))):
        number = (
            keys.decrypt(row.id_number, Place("persons", "id_number", row.person)).decode() if row.id_number else ""
        )
        if tails[row.id] and number.endswith(tails[row.id]):
            numbers[row.id] = number
    return numbers
