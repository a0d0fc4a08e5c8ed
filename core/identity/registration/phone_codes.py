"""Codes that prove a mobile number: sent to it, good for ten minutes, five tries and one use.

Only a keyed hash of the code is kept. The form that waits for it is kept beside it, encrypted.
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from core.db.base import new_id
from core.db.session import SignInSession
from core.domain.message_templates import CODE
from core.errors import Invalid
from core.identity.models import PhoneCode
from core.messages.service import Address, send_to_address
from core.plugin_api import Channel
from core.security.keys import KeyProvider, Place

LIFETIME: Final = timedelta(minutes=10)
TRIES: Final = 5
FORM_KEPT: Final = timedelta(hours=1)
"""As long as a form that was filled in is kept for another code."""
REFUSED: Final = "code_refused"
"""The code of the refusal of a wrong code, and of one that holds no longer."""


class Purpose(StrEnum):
    """What a code is for; a code for one thing is worth nothing for another."""

    REGISTRATION = "registration"
    RESET = "reset"


_LABELS = {Purpose.REGISTRATION: "注册账号", Purpose.RESET: "重置密码"}


@dataclass(frozen=True, slots=True)
class SentCode:
    """A code on its way: its id, under which it is entered, and its expiry."""

    id: UUID
    expires_at: datetime


def send_code(
    session: SignInSession, purpose: Purpose, *, phone: str, content: dict[str, Any], keys: KeyProvider
) -> SentCode:
    """Send a code to a mobile number and keep ``content`` until it is given back."""
    row, code = _keep(session, purpose, content, keys)
    send_to_address(
        session,
        Address(Channel.SMS, phone),
        template=CODE,
        values={"code": code, "minutes": str(int(LIFETIME.total_seconds()) // 60), "purpose": _LABELS[purpose]},
        event_key=event_key(row.id),
        keys=keys,
        not_after=row.expires_at,
    )
    return SentCode(row.id, row.expires_at)


def event_key(code_id: UUID) -> str:
    """The key of the message that carries a code."""
    return f"code:{code_id}"


def pretend(session: SignInSession, purpose: Purpose, *, content: dict[str, Any], keys: KeyProvider) -> SentCode:
    """Keep what a code would wait for, and send none: nobody knows the code, and asking again looks the same."""
    row, _ = _keep(session, purpose, content, keys)
    return SentCode(row.id, row.expires_at)


def reopen(session: SignInSession, code_id: UUID, purpose: Purpose, *, keys: KeyProvider) -> dict[str, Any]:
    """Return what was kept with a code that was not used, also an expired one, so that another code takes its place.

    Raises Invalid, code ``code_form_gone``, an hour after it was filled in.
    """
    row = session.scalar(
        select(PhoneCode)
        .where(PhoneCode.id == code_id, PhoneCode.purpose == purpose.value, PhoneCode.used_at.is_(None))
        .with_for_update()
    )
    content = None if row is None else _content(row, keys)
    if row is None or content is None or session.now - _filled_at(row, content) >= FORM_KEPT:
        raise Invalid("code_form_gone", "填写的内容已经超过一小时，不再保留。请返回重新填写，再获取验证码。", at="code")
    row.used_at = session.now
    session.flush()
    return content


def waiting(session: SignInSession, code_id: UUID, purpose: Purpose, *, keys: KeyProvider) -> dict[str, Any] | None:
    """What is kept with a code that was not used; None where there is none."""
    wanted = select(PhoneCode).where(
        PhoneCode.id == code_id, PhoneCode.purpose == purpose.value, PhoneCode.used_at.is_(None)
    )
    row = session.scalar(wanted)
    return None if row is None else _content(row, keys)


def _keep(
    session: SignInSession, purpose: Purpose, content: dict[str, Any], keys: KeyProvider
) -> tuple[PhoneCode, str]:
    row_id, code = new_id(), f"{secrets.randbelow(10**6):06d}"
    kept = {"filled_at": session.now.isoformat(), **content}
    row = PhoneCode(
        id=row_id,
        purpose=purpose.value,
        code_hash=_hash(row_id, code, keys),
        sealed=keys.encrypt(json.dumps(kept).encode(), Place("phone_codes", "sealed", row_id)),
        tries_left=TRIES,
        created_at=session.now,
        expires_at=session.now + LIFETIME,
    )
    session.add(row)
    session.flush()
    return row, code


def count_try(session: SignInSession, code_id: UUID, purpose: Purpose) -> None:
    """Use up one of the tries; the edge commits that before the code is checked. Raises Invalid where none is left."""
    counted = session.execute(
        update(PhoneCode)
        .where(PhoneCode.id == code_id, PhoneCode.purpose == purpose.value, PhoneCode.used_at.is_(None))
        .where(PhoneCode.tries_left > 0, PhoneCode.expires_at > session.now)
        .values(tries_left=PhoneCode.tries_left - 1)
        .returning(PhoneCode.id)
    )
    if counted.first() is None:
        raise refused()


def give_back_try(session: SignInSession, code_id: UUID) -> None:
    """Give back the try of a code that was right, where something else was refused."""
    session.execute(
        update(PhoneCode)
        .where(PhoneCode.id == code_id, PhoneCode.used_at.is_(None), PhoneCode.tries_left < TRIES)
        .values(tries_left=PhoneCode.tries_left + 1)
    )


def take_code(session: SignInSession, code_id: UUID, code: str, *, keys: KeyProvider) -> dict[str, Any]:
    """Accept a code, once, and return what was kept with it. Raises Invalid, always with the same words."""
    row = session.scalar(
        select(PhoneCode).where(PhoneCode.id == code_id, PhoneCode.used_at.is_(None)).with_for_update()
    )
    if row is None or not hmac.compare_digest(row.code_hash, _hash(code_id, code.strip(), keys)):
        raise refused()
    row.used_at = session.now
    session.flush()
    content = _content(row, keys)
    content.pop("filled_at", None)
    return content


def refused() -> Invalid:
    """The refusal of a wrong code, and of one that holds no longer: always in the same words."""
    return Invalid(
        REFUSED, "验证码不正确，或已经失效。请核对最近一条短信中的6位数字；仍不成功的，请重新发送。", at="code"
    )


def _content(row: PhoneCode, keys: KeyProvider) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(keys.decrypt(row.sealed, Place("phone_codes", "sealed", row.id)))
    return content


def _filled_at(row: PhoneCode, content: dict[str, Any]) -> datetime:
    written: str | None = content.get("filled_at")
    return row.created_at if written is None else datetime.fromisoformat(written)


def _hash(code_id: UUID, code: str, keys: KeyProvider) -> bytes:
    return keys.lookup_hash(f"code/{code_id}/{code}")
