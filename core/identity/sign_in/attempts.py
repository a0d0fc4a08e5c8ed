"""Failed attempts: each one lengthens the wait before the next, up to a lock for a while.

An attempt is counted before it is made, in a transaction of its own, and taken back when it succeeds: so a hundred
attempts at once are no more than a hundred in a row, and a refusal that rolls back uncounts nothing. The typed name is
counted, whether such an account exists or not, so that a wait discloses nothing.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from core.db.session import ScopedSession, SignInSession
from core.errors import TooMany
from core.identity.models import FailedAttempts
from core.identity.roles import enter
from core.security.keys import KeyProvider

LOCK: Final = timedelta(minutes=30)
FORGOTTEN_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limit:
    """The wait in seconds after the first, second, ... failed attempt; the last value holds from then on.

    ``refusal`` is the message during the wait, with ``{wait}`` for its length.
    """

    delays: tuple[int, ...]
    refusal: str = "尝试次数过多，请在{wait}后再试。忘记密码的，可以重置密码；工作人员请联系发放账号的机构。"

    def wait_after(self, count: int) -> timedelta:
        """The wait after ``count`` attempts in a row."""
        return timedelta(seconds=self.delays[min(count, len(self.delays)) - 1])


_LOCKED: Final = int(LOCK.total_seconds())
BY_ACCOUNT: Final = Limit((0, 0, 0, 1, 2, 4, 8, 16, 32, _LOCKED))
BY_ADDRESS: Final = Limit((*[0] * 30, 1, 2, 4, 8, 16, 32, 60, 120, 240, _LOCKED))
"""A whole office may share one address, so its limit is higher."""
_CODES: Final = "获取验证码过于频繁，请在{wait}后再获取。已经收到的验证码，10分钟内可以使用。"
_FROM_HERE: Final = "从您所在的网络或这台设备获取验证码的次数过多，请在{wait}后再获取，或换一台设备办理。"
BY_SENDER: Final = Limit((60, 60, 300, 600, 3600), _CODES)
"""Codes to one mobile number asked for by one device at one address: the next after a minute, then more slowly."""
BY_PLACE: Final = Limit((*[0] * 9, 3600), _CODES)
"""Codes to one mobile number from one address, whatever the device: ten, and then one an hour."""
BY_DEVICE: Final = Limit((*[0] * 39, 600), _FROM_HERE)
"""Codes to any number asked for by one device: a clerk registers forty colleagues before having to wait."""
BY_NETWORK: Final = Limit((*[0] * 299, 60), _FROM_HERE)
"""Codes to any number from one address, which a whole office or a part of a mobile network may share."""
BY_PHONE: Final = Limit((*[0] * 19, 60, 300, 600), _CODES)
"""Codes to one mobile number from anywhere. Its owner never waits longer than ten minutes for what others ask."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a count: a keyed hash, so that no name or address is kept; and the account, if there is one."""

    digest: bytes
    limit: Limit
    account_id: UUID | None = None

    @property
    def recorded_as(self) -> tuple[str, UUID | str]:
        """Kind and id by which the record names it."""
        return ("attempts", self.digest.hex()[:16]) if self.account_id is None else ("account", self.account_id)


@dataclass(frozen=True, slots=True)
class Sender:
    """The browser or program that asks for a code; ``device`` is empty for a program, which keeps no cookie."""

    address: str
    device: str = ""


def subject(kind: str, value: str, limit: Limit, *, keys: KeyProvider, account_id: UUID | None = None) -> Subject:
    """The subject of attempts of a kind, such as ``account`` or ``address``."""
    return Subject(keys.lookup_hash(f"attempts/{kind}/{value}"), limit, account_id)


def count_code(session: SignInSession, kind: str, number: str, *, sender: Sender, keys: KeyProvider) -> None:
    """Count a code in the transaction that sends it, so that a refused or failed request counts nothing.

    Raises TooMany. The code goes to ``number``; ``sender`` asked for it. A sender who asks for codes to a stranger's
    number soon has to wait, and nobody locks that number: the stranger asks from another device or address.
    """
    reserve(session, subject(f"{kind}-from", f"{sender.address}/{sender.device}/{number}", BY_SENDER, keys=keys))
    reserve(session, subject(f"{kind}-place", f"{sender.address}/{number}", BY_PLACE, keys=keys))
    if sender.device:
        reserve(session, subject("code-device", sender.device, BY_DEVICE, keys=keys))
    reserve(session, subject("code-network", sender.address, BY_NETWORK, keys=keys))
    reserve(session, subject(kind, number, BY_PHONE, keys=keys))


def reserve(session: SignInSession, counted: Subject) -> None:
    """Count an attempt before it is made; the edge commits the count on its own. Raises TooMany during a wait."""
    row = _locked_row(session, counted)
    if row.blocked_until is not None and session.now < row.blocked_until:
        raise _wait(row.blocked_until - session.now, counted.limit)
    row.count = 1 if session.now - row.last_at >= FORGOTTEN_AFTER else row.count + 1
    row.last_at = session.now
    wait = counted.limit.wait_after(row.count)
    row.blocked_until = session.now + wait if wait else None
    session.flush()
    if wait >= LOCK:
        enter(session, "sign_in.locked", *counted.recorded_as, count=row.count)


def forgive(session: SignInSession, counted: Subject) -> None:
    """Reset the count: the attempt has succeeded."""
    session.execute(delete(FailedAttempts).where(FailedAttempts.subject == counted.digest))


def give_back(session: SignInSession, counted: Subject) -> None:
    """Take back one attempt, since it succeeded, and leave the others counted."""
    session.execute(
        update(FailedAttempts)
        .where(FailedAttempts.subject == counted.digest, FailedAttempts.count > 0)
        .values(count=FailedAttempts.count - 1, blocked_until=None)
    )


def unlock(session: ScopedSession, account_id: UUID) -> None:
    """Let an account be tried again at once: its office has checked who asks."""
    session.execute(delete(FailedAttempts).where(FailedAttempts.account_id == account_id))


def _locked_row(session: SignInSession, counted: Subject) -> FailedAttempts:
    fresh = {"subject": counted.digest, "account_id": counted.account_id, "count": 0}
    session.execute(
        insert(FailedAttempts)
        .values(**fresh, last_at=session.now)
        .on_conflict_do_nothing(index_elements=[FailedAttempts.subject])
    )
    return session.scalars(
        select(FailedAttempts)
        .where(FailedAttempts.subject == counted.digest)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _wait(left: timedelta, limit: Limit) -> TooMany:
    seconds = ceil(left.total_seconds())
    shown = f"{seconds}秒" if seconds < 120 else f"{ceil(seconds / 60)}分钟"
    return TooMany("too_many_attempts", limit.refusal.format(wait=shown), retry_after=seconds)
