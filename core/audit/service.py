"""Writing the record: one plain call beside every act."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from core.audit.models import RecordEntry
from core.db.session import ScopedSession


def record(
    session: ScopedSession,
    kind: str,
    *,
    office_id: str,
    subject_type: str,
    subject_id: UUID | str,
    payload: dict[str, Any] | None = None,
) -> RecordEntry:
    """Add an entry about ``subject`` to the record of ``office_id``; it is written with the transaction of its cause.

    ``payload`` holds ids, codes and digests, never a personal value: the record outlives the erasure of a person.
    """
    actor = session.actor
    body = payload or {}
    entry = RecordEntry(
        office_id=office_id,
        at=session.now,
        kind=kind,
        subject_type=subject_type,
        subject_id=str(subject_id),
        account_id=actor.account_id,
        role=actor.role.value,
        on_behalf_of=actor.on_behalf_of,
        payload=body,
        digest=digest_of(body),
    )
    session.add(entry)
    return entry


def digest_of(payload: Any) -> bytes:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8)."""
    canonical = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).digest()
