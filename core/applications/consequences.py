"""What a move brings about beyond its case: what it takes along, which later capabilities issued.

PostgreSQL does it, with the move itself (the trigger ``take_along``), so that no verb can forget it. Here it is put on
the record and into words.
"""

from __future__ import annotations

from sqlalchemy import text

from core.applications.models import Application, Move
from core.applications.workflow import ADMITTED, State
from core.audit.service import digest_of, record
from core.db.session import CaseSession

_VOID_BY = text("SELECT plan_id, number FROM tickets_void_by(:move)")


def taken_along(session: CaseSession, application: Application, made: Move) -> str:
    """What a move took along, on the record, and as its applicant is told of it; empty where there was nothing."""
    if State(made.from_state) not in ADMITTED or State(made.to_state) in ADMITTED:
        return ""
    numbers = []
    for plan_id, number in session.execute(_VOID_BY, {"move": made.id}):
        numbers.append(number)
        record(
            session,
            "tickets.voided",
            office_id=application.office_id,
            subject_type="plan",
            subject_id=plan_id,
            payload={"tickets": 1, "digest": digest_of([number]).hex(), "by": made.id},
        )
    return f"准考证（{'、'.join(numbers)}）同时作废，请勿再使用；尚未开考的座位已取消。" if numbers else ""
