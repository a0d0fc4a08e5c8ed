"""Arrivals with a ticket that was void by the time an offline phone sent them: kept as contradictions, never lost.

The candidate came in while the ticket was in force. Whether they may stay, or have sat, the office decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.applications.models import Application
from core.db.session import OfficeSession
from core.domain.workflow import STATE_LABELS, State
from core.scheduling.models.exam_day import VoidArrival
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A candidate who came in although their ticket is void by now: since when and why, and the state of the case."""

    application_id: UUID
    sitting_id: UUID
    person_name: str
    id_tail: str
    number: str
    noted_at: datetime
    voided_at: datetime
    reason: str
    state: str


def keep(session: OfficeSession, rows: Sequence[dict[str, object]]) -> None:
    """Write contradictions down; a note that was sent before changes nothing."""
    session.execute(insert(VoidArrival).on_conflict_do_nothing(index_elements=["client_id"]), rows)


def contradictions(session: OfficeSession, *, since: datetime, until: datetime) -> list[Contradiction]:
    """The contradictions in the office's sittings that begin in this time, the latest first."""
    wanted = (
        select(
            VoidArrival.application_id,
            VoidArrival.sitting_id,
            Application.person_name,
            Application.id_tail,
            VoidArrival.number,
            VoidArrival.noted_at,
            VoidArrival.voided_at,
            AdmissionTicket.void_reason,
            Application.state,
        )
        .join(Application, Application.id == VoidArrival.application_id)
        .join(Sitting, Sitting.id == VoidArrival.sitting_id)
        .outerjoin(AdmissionTicket, AdmissionTicket.number == VoidArrival.number)
        .where(VoidArrival.office_id == session.office_id, Sitting.starts_at >= since, Sitting.starts_at < until)
        .order_by(VoidArrival.noted_at.desc(), VoidArrival.id)
    )
    return [
        Contradiction(*row[:7], reason=row[7] or "", state=STATE_LABELS[State(row[8])])
        for row in session.execute(wanted)
    ]
