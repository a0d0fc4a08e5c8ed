"""Writing the record of an account: with the office that has issued it, else with the province."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.db.session import ScopedSession
from core.identity.models import Account
from core.identity.roles import recording_office


def record(session: ScopedSession, kind: str, account_id: UUID, **payload: Any) -> None:
    """Enter something about an account."""
    issuer = session.scalar(select(Account.issued_by_office_id).where(Account.id == account_id))
    audit.record(
        session,
        kind,
        office_id=issuer or recording_office(session),
        subject_type="account",
        subject_id=account_id,
        payload=payload,
    )
