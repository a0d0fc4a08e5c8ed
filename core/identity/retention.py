"""Retention of sessions, failed attempts, codes, corrections, removals of second factors, and kept answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, delete, or_, select, update

from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.identity.models import (
    BrowserSession,
    FactorRemoval,
    FailedAttempts,
    IdempotencyKey,
    IdentityCorrection,
    PhoneCode,
)

_NOTHING: Final = b""


def idempotency_keys_due(before: datetime) -> Select[UUID]:
    """Answers that were given before."""
    return select(IdempotencyKey.id).where(IdempotencyKey.created_at < before).order_by(IdempotencyKey.id)


def forget_idempotency_keys(session: KeeperSession, key_ids: Sequence[UUID]) -> None:
    """Remove them: the same request is a new one from then on."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.id.in_(key_ids)))


def sessions_due(before: datetime) -> Select[UUID]:
    """Browser sessions that had expired or been ended before."""
    over = or_(BrowserSession.expires_at < before, BrowserSession.ended_at < before)
    return select(BrowserSession.id).where(over).order_by(BrowserSession.id)


def forget_sessions(session: KeeperSession, session_ids: Sequence[UUID]) -> None:
    """Remove them, with address and device; the sign-in stays on the record."""
    session.execute(delete(BrowserSession).where(BrowserSession.id.in_(session_ids)))


def attempts_due(before: datetime) -> Select[bytes]:
    """Counts whose last failure lies before, and which delay nobody any more."""
    free = or_(FailedAttempts.blocked_until.is_(None), FailedAttempts.blocked_until < before)
    return select(FailedAttempts.subject).where(FailedAttempts.last_at < before, free).order_by(FailedAttempts.subject)


def forget_attempts(session: KeeperSession, subjects: Sequence[bytes]) -> None:
    """Remove them: counting starts at zero."""
    session.execute(delete(FailedAttempts).where(FailedAttempts.subject.in_(subjects)))


def phone_codes_due(before: datetime) -> Select[UUID]:
    """Codes that had expired before, with the forms that waited for them."""
    return select(PhoneCode.id).where(PhoneCode.expires_at < before).order_by(PhoneCode.id)


def forget_phone_codes(session: KeeperSession, code_ids: Sequence[UUID]) -> None:
    """Remove them."""
    session.execute(delete(PhoneCode).where(PhoneCode.id.in_(code_ids)))


def factor_removals_due(before: datetime) -> Select[UUID]:
    """Proposals to take a second factor away that were made before."""
    kept = FactorRemoval.reason != ERASED
    return select(FactorRemoval.id).where(FactorRemoval.proposed_at < before, kept).order_by(FactorRemoval.id)


def erase_factor_removals(session: KeeperSession, removal_ids: Sequence[UUID]) -> None:
    """Erase names and words; ground, moments and accounts stay."""
    gone = {"account_name": ERASED, "reason": ERASED, "remark": ERASED}
    session.execute(update(FactorRemoval).where(FactorRemoval.id.in_(removal_ids)).values(gone))


def identity_corrections_due(before: datetime) -> Select[UUID]:
    """Corrections of names and identity numbers that were decided before."""
    kept = IdentityCorrection.was != _NOTHING
    return (
        select(IdentityCorrection.id)
        .where(IdentityCorrection.decided_at < before, kept)
        .order_by(IdentityCorrection.id)
    )


def erase_identity_corrections(session: KeeperSession, correction_ids: Sequence[UUID]) -> None:
    """Erase names, numbers and words; kind, moments and accounts stay. Certificates keep the former name themselves."""
    gone = {"was": _NOTHING, "becomes": _NOTHING, "reason": ERASED, "evidence": ERASED, "examination": ERASED}
    theirs = IdentityCorrection.id.in_(correction_ids)
    session.execute(update(IdentityCorrection).where(theirs).values(gone | {"remark": ERASED}))
