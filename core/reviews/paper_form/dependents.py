"""Printed application forms follow the facts that they tell (``core/domain/consequences.py``)."""

from sqlalchemy import func, select

from core.applications.models import Application
from core.audit.dependents import Change, follows, reached
from core.db.session import ScopedSession
from core.domain.consequences import Effect, Fact, Issued


@follows(Fact.PERSON)
def mark_forms(session: ScopedSession, change: Change) -> None:
    """Forms of submitted cases name the person: by the digest their code is out of date, so nothing is written."""
    submitted = select(func.count()).where(Application.id.in_(change.applications), Application.round > 0)
    reached(session, Issued.FORM, Effect.MARK, session.scalar(submitted) or 0)
