"""The second factor: an authenticator app (TOTP, RFC 6238), and recovery codes for the day on which the phone is lost.

The secret is encrypted. A code is good once, also within its half minute; so is each recovery code.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, select, update

from core.db.base import new_id
from core.db.session import ScopedSession, SignInSession
from core.errors import Conflict, Invalid
from core.identity.models import Account, FactorRemoval, SecondFactor
from core.identity.records import record
from core.security.keys import KeyProvider, Place

STEP_SECONDS: Final = 30
_DRIFT: Final = 1
"""Steps by which a phone's clock may be wrong, either way."""
_ISSUER: Final = "考务"
_RECOVERY_CODES: Final = 10
FEW_CODES: Final = 2
"""So many recovery codes left, or fewer, are worth a warning."""
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE_LENGTH: Final = 24
"""By chance so many signs are 118 bits, for which a plain digest is enough (ASVS 5.0, 6.5.2)."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The secret of an authenticator app, as text and as the address in a QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


def is_enrolled(session: ScopedSession, account_id: UUID) -> bool:
    """Whether the account has a second factor that counts."""
    wanted = select(SecondFactor.account_id).where(
        SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None)
    )
    return bool(session.scalar(select(wanted.exists())))


def recovery_codes_left(session: SignInSession, account_id: UUID) -> int | None:
    """The number of recovery codes that are still good; None without a second factor that counts."""
    wanted = select(func.cardinality(SecondFactor.recovery_codes)).where(
        SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None)
    )
    return session.scalar(wanted)


def begin_enrolment(session: SignInSession, account_id: UUID, *, keys: KeyProvider) -> Enrolment:
    """Make a secret, or show again the one that still waits for its first code, so that a second tab does no harm.

    Raises Conflict where the account has a second factor already.
    """
    row = _factor(session, account_id)
    if row is not None and row.confirmed_at is not None:
        raise Conflict("second_factor_held", "该账号已经启用动态验证码。要换用其他手机的，请先停用，再重新启用。")
    if row is None:
        row_id = new_id()
        row = SecondFactor(
            id=row_id,
            account_id=account_id,
            secret=keys.encrypt(pyotp.random_base32().encode(), Place("second_factors", "secret", row_id)),
            created_at=session.now,
            recovery_codes=[],
        )
        session.add(row)
        session.flush()
    secret = _secret(row, keys)
    login = session.get_one(Account, account_id).login
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=_ISSUER))


def confirm_enrolment(session: SignInSession, account_id: UUID, code: str, *, keys: KeyProvider) -> tuple[str, ...]:
    """Let the second factor count from now on and return the recovery codes, which are shown this once.

    Raises Conflict where none is waiting, Invalid where the code is not the app's.
    """
    row = _factor(session, account_id)
    if row is None or row.confirmed_at is not None:
        raise Conflict("no_enrolment", "没有待启用的动态验证码，或已在另一页面启用。请刷新页面查看。")
    step = _step_of(code, _secret(row, keys), session)
    if step is None:
        message = "动态验证码不正确。请核对手机时间是否准确，并填写应用上当前显示的6位数字。"
        raise Invalid("code_wrong", message, at="code")
    row.confirmed_at, row.last_step = session.now, step
    session.flush()
    record(session, "second_factor.enrolled", account_id)
    return renew_recovery_codes(session, account_id)


def renew_recovery_codes(session: SignInSession, account_id: UUID) -> tuple[str, ...]:
    """Ten fresh recovery codes in place of those before. Raises Conflict without a second factor."""
    codes = tuple("".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)) for _ in range(_RECOVERY_CODES))
    row = _factor(session, account_id)
    if row is None or row.confirmed_at is None:
        raise Conflict("no_second_factor", "该账号没有启用动态验证码。请先启用。")
    row.recovery_codes = [_digest(account_id, code) for code in codes]
    session.flush()
    record(session, "second_factor.recovery_codes_made", account_id)
    return tuple("-".join(code[at : at + 4] for at in range(0, _CODE_LENGTH, 4)) for code in codes)


def check_code(session: SignInSession, account_id: UUID, code: str, *, keys: KeyProvider) -> None:
    """Accept a code of the app, or a recovery code, once. Raises Invalid where it is neither, or was used."""
    row = _factor(session, account_id)
    if (
        row is None
        or row.confirmed_at is None
        or not (_takes_step(row, code, session, keys) or _recovers(session, row, code))
    ):
        message = "验证码不正确，或已经用过。请等应用显示下一个验证码后再填写，或使用一个未用过的备用码。"
        raise Invalid("code_refused", message, at="code")


def remove(session: SignInSession, account_id: UUID, **payload: str) -> None:
    """Take the second factor away: by the person, or by the operator.

    ``payload`` goes onto the record, as the operator's reason. Raises Conflict without a second factor.
    """
    take_away(session, account_id)
    withdraw_removal(session, account_id)
    record(session, "second_factor.removed", account_id, **payload)


def withdraw_removal(session: SignInSession, account_id: UUID) -> None:
    """End a proposal of officers to take the factor away: the owner has just shown that they have it."""
    ended = session.execute(
        update(FactorRemoval)
        .where(FactorRemoval.account_id == account_id, FactorRemoval.state == "proposed")
        .values(state="withdrawn", decided_at=session.now, decided_by=account_id)
        .returning(FactorRemoval.id)
    ).all()
    for row in ended:
        record(session, "second_factor.removal_withdrawn", account_id, removal=str(row.id))


def take_away(session: ScopedSession, account_id: UUID) -> None:
    """Delete the second factor. Raises Conflict where there is none, or the session may not see it."""
    removed = session.execute(
        delete(SecondFactor).where(SecondFactor.account_id == account_id).returning(SecondFactor.account_id)
    )
    if removed.first() is None:
        raise Conflict("no_second_factor", "该账号没有启用动态验证码。")


def _takes_step(row: SecondFactor, code: str, session: SignInSession, keys: KeyProvider) -> bool:
    """Whether the code is the app's, and newer than the last one that was accepted."""
    step = _step_of(code, _secret(row, keys), session)
    if step is None or (row.last_step is not None and step <= row.last_step):
        return False
    row.last_step = step
    session.flush()
    return True


def _recovers(session: SignInSession, row: SecondFactor, code: str) -> bool:
    """Use up a recovery code."""
    digest = _digest(row.account_id, code)
    if digest not in row.recovery_codes:
        return False
    row.recovery_codes = [kept for kept in row.recovery_codes if kept != digest]
    session.flush()
    record(session, "second_factor.recovery_code_used", row.account_id)
    return True


def _step_of(code: str, secret: str, session: SignInSession) -> int | None:
    """The time step whose code this is, around now; None for none."""
    given = "".join(code.split())
    now = int(session.now.timestamp()) // STEP_SECONDS
    totp = pyotp.HOTP(secret)
    fitting = [
        step
        for step in range(now - _DRIFT, now + _DRIFT + 1)
        if hmac.compare_digest(totp.at(step).encode(), given.encode())
    ]
    return max(fitting, default=None)


def _factor(session: SignInSession, account_id: UUID) -> SecondFactor | None:
    """The account's second factor, locked until the transaction ends."""
    wanted = select(SecondFactor).where(SecondFactor.account_id == account_id).with_for_update()
    return session.scalar(wanted.execution_options(populate_existing=True))


def _secret(row: SecondFactor, keys: KeyProvider) -> str:
    return keys.decrypt(row.secret, Place("second_factors", "secret", row.id)).decode()


def _digest(account_id: UUID, code: str) -> bytes:
    written = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(f"{account_id}/{written}".encode()).digest()
