"""Verification of tickets by the public: whether one is genuine and in force."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from core.db.session import ScopedSession
from core.scheduling.tickets.grounds import why_void
from core.security.signatures import read_code

_STANDING = text("SELECT issued_at, voided_at, changed, by_move, by_suspension FROM ticket_standing(:number)")


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
    void_reason: str = ""


class Standing(NamedTuple):
    """All that the public learns by a number: since when it is issued, void since when, and why."""

    issued_at: datetime
    voided_at: datetime | None
    reason: str = ""


def verify(session: ScopedSession, code: str, *, public_keys: Collection[str]) -> Verified:
    """Whether a ticket's code, or its number alone, is genuine and in force. Anybody may ask."""
    fields = read_code(code.strip(), public_keys)
    if fields is not None and fields[0] != "ticket":
        return Verified(genuine=False)
    number = code.strip() if fields is None else fields[1]
    standing = standing_of(session, number)
    if standing is None:
        return Verified(genuine=False)
    name, seats = ("", "") if fields is None else (fields[2], fields[4])
    in_force = standing.voided_at is None
    return Verified(True, in_force, number, name, seats, *standing)


def standing_of(session: ScopedSession, number: str) -> Standing | None:
    """When a ticket was issued and voided, and why, in words that name nobody. None for an unknown number."""
    row = session.execute(_STANDING, {"number": number}).first()
    if row is None:
        return None
    if row.voided_at is None:
        return Standing(row.issued_at, None)
    why = why_void(by_move=row.by_move, by_suspension=row.by_suspension, changed=row.changed)
    return Standing(row.issued_at, row.voided_at, why)
