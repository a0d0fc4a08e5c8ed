"""Verification of tickets by the public: whether one is genuine and in force."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from core.db.session import ScopedSession
from core.security.signatures import read_code


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of a check. It shows the person's data in the signed code and no more; none for a bare number."""

    genuine: bool
    in_force: bool = False
    number: str = ""
    person_name: str = ""
    seats: str = ""
    issued_at: datetime | None = None
    voided_at: datetime | None = None


def verify(session: ScopedSession, code: str, *, public_keys: Collection[str]) -> Verified:
    """Whether a ticket's code, or its number alone, is genuine and in force. Anybody may ask."""
    fields = read_code(code.strip(), public_keys)
    if fields is not None and fields[0] != "ticket":
        return Verified(genuine=False)
    number = code.strip() if fields is None else fields[1]
    standing = standing_of(session, number)
    if standing is None:
        return Verified(genuine=False)
    issued_at, voided_at = standing
    name, seats = ("", "") if fields is None else (fields[2], fields[4])
    return Verified(True, voided_at is None, number, name, seats, issued_at, voided_at)


def standing_of(session: ScopedSession, number: str) -> tuple[datetime, datetime | None] | None:
    """When a ticket was issued and voided: all that the public learns by a number. None for an unknown number."""
    row = session.execute(text("SELECT issued_at, voided_at FROM ticket_standing(:number)"), {"number": number}).first()
    return None if row is None else (row[0], row[1])
