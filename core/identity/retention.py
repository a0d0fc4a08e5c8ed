"""Forgetting answers that were kept to be given again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, select

from core.db.session import KeeperSession
from core.identity.models import IdempotencyKey


def idempotency_keys_due(before: datetime) -> Select[UUID]:
    """Answers that were given before."""
    return select(IdempotencyKey.id).where(IdempotencyKey.created_at < before).order_by(IdempotencyKey.id)


def forget_idempotency_keys(session: KeeperSession, key_ids: Sequence[UUID]) -> None:
    """Remove them: the same request is a new one from then on."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.id.in_(key_ids)))
