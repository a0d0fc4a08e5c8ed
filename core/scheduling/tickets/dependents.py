"""Tickets follow the facts that they tell: names, photos, times, sites and seats."""

from core.audit.dependents import Change, follows
from core.db.session import ScopedSession
from core.domain.consequences import FACT_LABELS, Fact
from core.scheduling.tickets.replacement import replace_stale


@follows(Fact.SITE, Fact.TIME, Fact.PERSON, Fact.PHOTO, Fact.SEATING)
def replace_tickets(session: ScopedSession, change: Change) -> None:
    """Void the tickets that a change makes wrong and issue them again; their holders are told old and new."""
    replace_stale(
        session,
        reason=change.reason or f"{FACT_LABELS[change.fact]}变更",
        cases=change.applications,
        sites=change.sites,
        sittings=change.sittings,
        plans=change.plans,
    )
