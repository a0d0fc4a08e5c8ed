"""Entries about accounts: acts on them, their refused requests, and what auditors read."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.db.session import AuditorSession, ScopedSession
from core.identity.models import Account
from core.identity.roles import recording_office
from core.tenancy.models import Office


def record(session: ScopedSession, kind: str, account_id: UUID, **payload: Any) -> None:
    """Add an entry about an account to the record of the office that issued it, else as ``enter`` does."""
    issuer = session.scalar(select(Account.issued_by_office_id).where(Account.id == account_id))
    subject = audit.RecordSubject(issuer or recording_office(session), "account", account_id)
    audit.record_on(session, subject, kind, **payload)


def record_refusal(session: ScopedSession, kind: str, *, code: str, method: str, route: str) -> None:
    """Add an entry about a refused request of the actor; none while no office is loaded."""
    office_id = session.actor.office_id or session.scalar(select(Office.id).where(Office.parent_id.is_(None)))
    if office_id is not None:
        subject = audit.RecordSubject(office_id, "account", session.actor.account_id)
        audit.record_on(session, subject, kind, code=code, method=method, route=route)


def record_reading(session: AuditorSession, *, route: str, application_id: UUID | None) -> None:
    """Add an entry about an auditor's reading: one case or a list, and the route. Auditors are audited too."""
    office_id = session.actor.office_id
    if office_id is None:
        return
    if application_id is None:
        subject, kind = audit.RecordSubject(office_id, "account", session.actor.account_id), "cases.inspected"
    else:
        subject, kind = audit.RecordSubject(office_id, "application", application_id), "application.inspected"
    audit.record_on(session, subject, kind, route=route)
