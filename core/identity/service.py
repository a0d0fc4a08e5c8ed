"""People and accounts: who is registered, who may sign in, in which roles, by which token."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Text, bindparam, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Uuid

from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import Actor, Role, ScopedSession, SignInSession
from core.domain import identity_number
from core.domain.mobile import parse_mobile
from core.domain.permissions import Permission
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from core.identity.models import Account, ApiToken, RoleGrant
from core.identity.records import record
from core.identity.roles import enter, grant_role, place_of, recording_office
from core.identity.sign_in import asker
from core.messages.service import notify
from core.security.keys import KeyProvider, Place
from core.settings import Settings
from core.text import dates, names

_TOKEN_BYTES: Final = 32
_NAME_DIFFERS: Final = "KW001"
_CLAIM = (
    text(
        "SELECT claimed_id, claimed_name FROM "
        "claim_person(:id, :hash, :number, :tail, :name, :compared, :birth, :sex, :phone, :at)"
    )
    .bindparams(bindparam("id", type_=Uuid))
    .columns(claimed_id=Uuid(), claimed_name=Text())
)


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """The usual and the longest lifetime of a bearer token."""

    usual: timedelta = timedelta(days=90)
    longest: timedelta = timedelta(days=366)


def token_terms(settings: Settings) -> TokenTerms:
    """The terms of this machine."""
    return TokenTerms(timedelta(days=settings.token_days), timedelta(days=settings.token_longest_days))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A person, with the name that is registered: it may have a dot or a capital letter where another was typed."""

    id: UUID
    name: str = field(repr=False)


def claim_person(session: ScopedSession, *, id_number: str, name: str, phone: str | None, keys: KeyProvider) -> UUID:
    """The id of the person that ``claim`` registers or finds."""
    return claim(session, id_number=id_number, name=name, phone=phone, keys=keys).id


def claim(session: ScopedSession, *, id_number: str, name: str, phone: str | None, keys: KeyProvider) -> Claimed:
    """Register a person, or find the one who already has this identity number.

    A person exists once in the whole province; number and phone are stored encrypted. Raises Invalid for an invalid
    number, name or phone, and Conflict, code ``person_name_differs``, where the number is registered under another
    name, which is not disclosed.
    """
    number = identity_number.parse(id_number, today=session.now.astimezone(SHANGHAI).date())
    person_id = new_id()
    values = {
        "id": person_id,
        "hash": keys.lookup_hash(number.value),
        "number": keys.encrypt(number.value.encode(), Place("persons", "id_number", person_id)),
        "tail": number.value[-4:],
        "name": names.stored(name),
        "compared": names.compared(name),
        "birth": number.birth_date,
        "sex": "" if number.sex is None else number.sex.value,
        "phone": _sealed_phone(phone, person_id, keys),
        "at": session.now,
    }
    try:
        with session.begin_nested():
            claimed = Claimed(*session.execute(_CLAIM, values).one())
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _NAME_DIFFERS:
            raise
        message = (
            "该身份证号码已用另一姓名登记。请核对姓名和号码；确认无误的，请在“更正姓名、身份证号”页面办理："
            "由填报的单位更正，或持身份证到受理机构，由工作人员提出更正。"
        )
        raise Conflict("person_name_differs", message, at="name") from None
    enter(session, "person.claimed", "person", claimed.id)
    return claimed


def issue_account(
    session: ScopedSession,
    *,
    login: str,
    name: str,
    role: Role,
    valid_from: datetime,
    valid_until: datetime | None = None,
    office_id: str | None = None,
    unit_id: UUID | None = None,
    person_id: UUID | None = None,
) -> Account:
    """Open an account with its first role.

    An applicant's account needs ``person_id``, a unit's role ``unit_id`` and every other role ``office_id``. Raises
    Invalid where they do not fit together, and Conflict, code ``login_taken``, where the login is taken.
    """
    issuer = None if role is Role.APPLICANT else session.actor.office_id
    account = Account(
        id=new_id(),
        login=_checked_login(login),
        name=names.stored(name),
        person_id=person_id,
        issued_by_office_id=issuer,
        created_at=session.now,
    )
    if role is Role.APPLICANT and person_id is None:
        raise Invalid("account_needs_person", "申报人账号须对应一名已登记的人员。请先完成实名登记。")
    _insert_account(session, account)
    record(session, "account.issued", account.id, role=role.value)
    grant_role(
        session,
        account.id,
        role=role,
        valid_from=valid_from,
        valid_until=valid_until,
        office_id=office_id,
        unit_id=unit_id,
    )
    return account


def end_account(session: ScopedSession, account_id: UUID) -> Account:
    """Close an account for good, end its roles and revoke its tokens. Raises Conflict where it has ended before."""
    account = _open_account(session, account_id)
    account.ended_at = session.now
    session.execute(
        update(RoleGrant)
        .where(RoleGrant.account_id == account_id)
        .where(RoleGrant.valid_until.is_(None) | (RoleGrant.valid_until > session.now))
        .values(valid_until=session.now)
    )
    session.execute(
        update(ApiToken)
        .where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=session.now)
    )
    session.flush()
    record(session, "account.ended", account_id)
    return account


def create_token(
    session: ScopedSession,
    account_id: UUID,
    *,
    terms: TokenTerms = TokenTerms(),
    expires_at: datetime | None = None,
    permissions: Collection[Permission] | None = None,
) -> str:
    """Make a bearer token for an account that has not ended, and return it: only its SHA-256 is kept.

    It ends at ``expires_at``, by default when the usual time is over. Its holder is told, unless they made it.

    With ``permissions`` it changes nothing else, and nothing at all where they are empty; it reads what the account
    may. Raises Invalid for an end that has passed or lies too far off, Forbidden for a limited token or a deputy: a
    token of theirs would outlast their bounds.
    """
    if session.actor.writes is not None or session.actor.on_behalf_of is not None:
        raise Forbidden("token_bounded", "限定权限的登录凭证和代办人不能发放登录凭证。请由本人登录后办理。")
    expires_at = expires_at or session.now + terms.usual
    if not session.now < expires_at <= session.now + terms.longest:
        message = f"凭证的有效期应晚于现在，且不超过{terms.longest.days}天。请改正。"
        raise Invalid("token_dates", message, at="expires_at")
    account = _open_account(session, account_id)
    secret = secrets.token_urlsafe(_TOKEN_BYTES)
    token = ApiToken(
        id=new_id(),
        token_hash=_token_hash(secret),
        account_id=account_id,
        permissions=None if permissions is None else sorted(permissions),
        created_at=session.now,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    payload = {"token": str(token.id), "permissions": token.permissions, "until": expires_at.isoformat()}
    record(session, "token.created", account_id, **payload)
    if session.actor.account_id != account_id:
        _tell_holder(session, account, token)
    return secret


def _tell_holder(session: ScopedSession, account: Account, token: ApiToken) -> None:
    bounds = "，限所列权限" if token.permissions else "，只能查看" if token.permissions == [] else ""
    notify(
        session,
        place_of(session, account),
        event_key=f"token.created:{token.id}",
        office_id=account.issued_by_office_id or recording_office(session),
        kind="token_created",
        title="有新的程序登录凭证",
        body=f"{dates.short_minute(session.now)}，“{account.name}”的账号增加了一个供程序使用的登录凭证{bounds}，"
        f"有效至{dates.day(token.expires_at)}。如不知情，请立即联系发放账号的机构，将其停用。",
    )


def resolve_token(session: SignInSession, token: str) -> tuple[Actor, ...]:
    """The actors behind ``token``: one for each role that holds now, in the order in which they were granted.

    Raises Unauthenticated, always with the same words, where the token is unknown, expired or revoked, the account has
    ended, or no role holds.
    """
    found = asker.find(session, asker.BY_BEARER, token_hash=_token_hash(token))
    if found is None:
        raise Unauthenticated("token_not_valid", "登录凭证无效或已失效。请重新登录，或向发放账号的机构申请新的凭证。")
    return found.actors


def _insert_account(session: ScopedSession, account: Account) -> None:
    """The constraint says whether a login is free: a look-up would see only what this session may see."""
    message = f"登录名“{account.login}”已被使用。请换一个登录名。"
    with in_words(uq_accounts_login=Conflict("login_taken", message, fields={"login": message})):
        session.add(account)
        session.flush()


def _open_account(session: ScopedSession, account_id: UUID) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("account_not_found", "没有找到该账号。请核对后重试。")
    if account.ended_at is not None and account.ended_at <= session.now:
        raise Conflict("account_ended", "该账号已经停用，不能再作变更。需要继续使用的，请重新发放账号。")
    return account


def _checked_login(login: str) -> str:
    cleaned = login.strip()
    if not cleaned or any(sign.isspace() for sign in cleaned):
        raise Invalid("login_invalid", "登录名不能为空，也不能含有空格。请重新填写。", at="login")
    return cleaned


def _sealed_phone(phone: str | None, person_id: UUID, keys: KeyProvider) -> bytes | None:
    if phone is None:
        return None
    return keys.encrypt(parse_mobile(phone, field="phone").encode(), Place("persons", "phone", person_id))


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
