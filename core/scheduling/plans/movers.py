"""Who moves by a draft that replaces a published plan: each candidate's seats before and after, for the officer."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
from core.db.session import OfficeSession
from core.scheduling.models.plans import Plan
from core.scheduling.plans.notices import changed_candidates, seats_shown


@dataclass(frozen=True, slots=True)
class Mover:
    """A candidate whose seats differ; ``before`` or ``after`` is empty for somebody who comes in or loses the seat."""

    application_id: UUID
    reference: str
    name: str
    unit: str
    before: str
    after: str


def movers(session: OfficeSession, plan: Plan) -> list[Mover]:
    """The candidates who move by a plan, in the order of their references; nobody by a first plan."""
    if plan.replaces_id is None:
        return []
    concerned = changed_candidates(session, plan)
    before, after = _seats(session, plan.replaces_id, concerned), _seats(session, plan.id, concerned)
    wanted = select(Application.id, Application.reference, Application.person_name, Application.unit_name)
    rows = session.execute(wanted.where(Application.id.in_(concerned)).order_by(Application.reference))
    return [Mover(row[0], *row[1:], before.get(row[0], ""), after.get(row[0], "")) for row in rows]


def _seats(session: OfficeSession, plan_id: UUID, concerned: Collection[UUID]) -> Mapping[UUID, str]:
    lines: dict[UUID, list[str]] = defaultdict(list)
    for seat in seats_shown(session, plan_id, concerned):
        lines[seat.application_id].append(seat.text)
    return {application_id: "；".join(found) for application_id, found in lines.items()}
