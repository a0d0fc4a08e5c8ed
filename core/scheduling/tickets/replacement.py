"""Keeping tickets true: those that tell something else than today's facts are void and issued again, in one statement.

It is one question (``ticket_grounds``) at issue, after each act that changes a fact, and before printing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, text

from core.audit import service as audit
from core.audit.dependents import reached
from core.db.base import new_id
from core.db.session import ScopedSession
from core.domain.consequences import Effect, Issued
from core.messages.service import Telling, notify_each
from core.scheduling.tickets.grounds import difference

_UUIDS = ARRAY(Uuid)
_REPLACE = text("SELECT * FROM replace_tickets(:cases, :sites, :sittings, :plans, :now, :reason)").bindparams(
    *(bindparam(name, type_=_UUIDS) for name in ("cases", "sites", "sittings", "plans")),
    bindparam("reason", type_=Text),
)


@dataclass(frozen=True, slots=True)
class Replaced:
    """A ticket that was voided, and the one in its place; ``new_number`` is empty where there is no seat any more."""

    office_id: str
    old_plan: UUID
    new_plan: UUID | None
    application_id: UUID
    person_id: UUID
    old_number: str
    new_number: str
    fields: tuple[str, ...]
    told: dict[str, Any] | None
    tells: dict[str, Any] | None


def replace_stale(
    session: ScopedSession,
    *,
    reason: str,
    cases: Iterable[UUID] = (),
    sites: Iterable[UUID] = (),
    sittings: Iterable[UUID] = (),
    plans: Iterable[UUID] = (),
) -> Sequence[Replaced]:
    """Replace the tickets of these cases, sites, sittings or plans that no longer hold; everybody concerned is told.

    It reaches tickets of other offices at the same site as well. ``reason`` is told to the holders.
    """
    which = {"cases": list(cases), "sites": list(sites), "sittings": list(sittings), "plans": list(plans)}
    rows = session.execute(_REPLACE, which | {"now": session.now, "reason": reason})
    found = [
        Replaced(
            row.office_id,
            row.old_plan,
            row.new_plan if row.new_number else None,
            row.application_id,
            row.person_id,
            row.old_number,
            row.new_number or "",
            tuple(row.fields),
            row.told,
            row.tells,
        )
        for row in rows
    ]
    again = [ticket for ticket in found if ticket.new_number]
    reached(session, Issued.TICKET, Effect.REPLACE, len(again))
    reached(session, Issued.TICKET, Effect.VOID, len(found) - len(again))
    _record(session, found)
    _tell(session, found, reason)
    return found


def _record(session: ScopedSession, found: Sequence[Replaced]) -> None:
    void = [(ticket.office_id, ticket.old_plan, ticket.old_number) for ticket in found]
    made = [(ticket.office_id, ticket.new_plan, ticket.new_number) for ticket in found if ticket.new_plan]
    for kind, listed in (("tickets.voided", void), ("tickets.issued", made)):
        for (office_id, plan_id), rows in groupby(sorted(listed), key=lambda row: row[:2]):
            numbers = [number for _, _, number in rows]
            payload = {"tickets": len(numbers), "digest": audit.digest_of(sorted(numbers)).hex()}
            audit.record(
                session, kind, office_id=office_id, subject_type="plan", subject_id=str(plan_id), payload=payload
            )


def _tell(session: ScopedSession, found: Sequence[Replaced], reason: str) -> None:
    for office_id, rows in groupby(sorted(found, key=attrgetter("office_id")), key=attrgetter("office_id")):
        listed = list(rows)
        again = [_of_new(ticket, reason) for ticket in listed if ticket.tells is not None and ticket.new_number]
        lost = [_of_loss(ticket, reason) for ticket in listed if not ticket.new_number]
        for kind, tellings in (("ticket_reissued", again), ("ticket_voided", lost)):
            # Tickets can be replaced again and again: each time is an event of its own.
            key = f"{kind}:{new_id()}"
            notify_each(session, tellings, event_key=key, office_id=office_id, kind=kind)


def _of_new(ticket: Replaced, reason: str) -> Telling:
    assert ticket.tells is not None  # noqa: S101 - asked by the caller
    body = (
        f"因{reason}，您的准考证（{ticket.old_number}）已作废，换发为{ticket.new_number}。"
        f"{difference(ticket.fields, ticket.told, ticket.tells)}请在打印时间内重新打印，旧证不能入场。"
    )
    return Telling(ticket.person_id, ticket.application_id, "准考证已更换，请重新打印", body)


def _of_loss(ticket: Replaced, reason: str) -> Telling:
    body = (
        f"因{reason}，您的准考证（{ticket.old_number}）已经作废，目前没有新的座位安排。请留意后续通知，或联系报名机构。"
    )
    return Telling(ticket.person_id, ticket.application_id, "准考证作废", body)
