"""People and accounts: who is registered, who may sign in, in which roles, by which token."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.types import Uuid

from core.audit import service as audit
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import ROLE_LABELS, Actor, Role, ScopedSession, SignInSession
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from core.identity import identity_number
from core.identity.mobile import parse_mobile
from core.identity.models import Account, ApiToken, RoleGrant
from core.keys import KeyProvider, Place
from core.plugin_api import OfficeCode, OfficeLevel
from core.tenancy.models import Office

UNIT_ROLES: Final = frozenset({Role.UNIT_MANAGER, Role.DEPARTMENT_REVIEWER})
OFFICE_ROLES: Final = frozenset(Role) - UNIT_ROLES - {Role.APPLICANT, Role.SYSTEM}

# Which levels of office know a role; the center does a city's work for the units of the province itself.
_PROVINCE: Final = frozenset({OfficeLevel.PROVINCE})
_ANY: Final = frozenset(OfficeLevel)
_LEVELS: Final = {
    Role.PROVINCIAL_OFFICER: _PROVINCE,
    Role.PROVINCIAL_AUDITOR: _PROVINCE,
    Role.OPERATOR: _PROVINCE,
    Role.COUNTY_REVIEWER: frozenset({OfficeLevel.COUNTY}),
    Role.CITY_REVIEWER: frozenset({OfficeLevel.CITY, OfficeLevel.PROVINCE}),
    Role.CITY_SUPERVISOR: frozenset({OfficeLevel.CITY, OfficeLevel.PROVINCE}),
}
_TOKEN_BYTES: Final = 32
_PROVINCE_ID: Final = "kaowu.province_id"
_NAME_DIFFERS: Final = "KW001"
_CLAIM = text("SELECT claim_person(:id, :hash, :number, :tail, :name, :birth, :sex, :phone, :at)").bindparams(
    bindparam("id", type_=Uuid)
)


def claim_person(session: ScopedSession, *, id_number: str, name: str, phone: str | None, keys: KeyProvider) -> UUID:
    """Register a person, or find the one who already has this identity number, and return the id.

    A person exists once in the whole province; number and phone are stored encrypted. Raises Invalid for a number,
    name or phone that cannot be, and Conflict, code ``person_name_differs``, where the number is registered under
    another name. That name is not told.
    """
    number = identity_number.parse(id_number, today=session.now.astimezone(SHANGHAI).date())
    person_id = new_id()
    values = {
        "id": person_id,
        "hash": keys.lookup_hash(number.value),
        "number": keys.encrypt(number.value.encode(), Place("persons", "id_number", person_id)),
        "tail": number.value[-4:],
        "name": _checked_name(name),
        "birth": number.birth_date,
        "sex": number.sex.value,
        "phone": _sealed_phone(phone, person_id, keys),
        "at": session.now,
    }
    try:
        with session.begin_nested():
            claimed: UUID = session.execute(_CLAIM.columns(claim_person=Uuid()), values).scalar_one()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _NAME_DIFFERS:
            raise
        message = "该身份证号码已用另一姓名登记。请核对姓名和号码；确认无误的，请持身份证到受理机构核实更正。"
        raise Conflict("person_name_differs", message, fields={"name": message}) from None
    audit.record(
        session, "person.claimed", office_id=_recording_office(session), subject_type="person", subject_id=claimed
    )
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
    Invalid where they do not fit together, and Conflict, code ``login_taken``, where somebody has the login already.
    """
    issuer = None if role is Role.APPLICANT else session.actor.office_id
    account = Account(
        id=new_id(),
        login=_checked_login(login),
        name=_checked_name(name),
        person_id=person_id,
        issued_by_office_id=issuer,
        created_at=session.now,
    )
    if role is Role.APPLICANT and person_id is None:
        raise Invalid("account_needs_person", "申报人账号须对应一名已登记的人员。请先完成实名登记。")
    _insert_account(session, account)
    audit.record(
        session,
        "account.issued",
        office_id=issuer or _recording_office(session),
        subject_type="account",
        subject_id=account.id,
        payload={"role": role.value},
    )
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


def grant_role(
    session: ScopedSession,
    account_id: UUID,
    *,
    role: Role,
    valid_from: datetime,
    valid_until: datetime | None = None,
    office_id: str | None = None,
    unit_id: UUID | None = None,
) -> RoleGrant:
    """Give an account one more role, held in the office or the unit named, from a moment until another (half-open)."""
    _check_place(role, office_id=office_id, unit_id=unit_id)
    if office_id is not None:
        _check_level(session, role, office_id)
    if valid_until is not None and valid_until <= valid_from:
        message = "角色的终止时间应晚于起始时间。请改正有效期。"
        raise Invalid("grant_dates", message, fields={"valid_until": message})
    grant = RoleGrant(
        id=new_id(),
        account_id=account_id,
        role=role.value,
        office_id=office_id,
        unit_id=unit_id,
        granted_by_office_id=None if role is Role.APPLICANT else session.actor.office_id,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    session.add(grant)
    session.flush()
    audit.record(
        session,
        "role.granted",
        office_id=_recording_office(session),
        subject_type="account",
        subject_id=account_id,
        payload={"role": role.value, "office": office_id, "unit": str(unit_id) if unit_id else None},
    )
    return grant


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
    audit.record(
        session,
        "account.ended",
        office_id=account.issued_by_office_id or _recording_office(session),
        subject_type="account",
        subject_id=account_id,
    )
    return account


def create_token(session: ScopedSession, account_id: UUID, *, expires_at: datetime | None = None) -> str:
    """Make a bearer token for an account that has not ended, and return it: only its SHA-256 is kept."""
    account = _open_account(session, account_id)
    secret = secrets.token_urlsafe(_TOKEN_BYTES)
    token = ApiToken(
        id=new_id(),
        token_hash=_token_hash(secret),
        account_id=account_id,
        created_at=session.now,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    audit.record(
        session,
        "token.created",
        office_id=account.issued_by_office_id or _recording_office(session),
        subject_type="account",
        subject_id=account_id,
        payload={"token": str(token.id)},
    )
    return secret


def resolve_token(session: SignInSession, token: str) -> tuple[Actor, ...]:
    """Who signs in with ``token``: one actor for each role that holds now, in the order in which they were granted.

    Raises Unauthenticated, always with the same words, where the token is unknown, expired or revoked, the account has
    ended, or no role holds.
    """
    found = session.execute(
        select(Account, RoleGrant)
        .join(ApiToken, ApiToken.account_id == Account.id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(ApiToken.token_hash == _token_hash(token), ApiToken.revoked_at.is_(None))
        .where(ApiToken.expires_at.is_(None) | (ApiToken.expires_at > session.now))
        .where(Account.ended_at.is_(None) | (Account.ended_at > session.now))
        .where(RoleGrant.valid_from <= session.now)
        .where(RoleGrant.valid_until.is_(None) | (RoleGrant.valid_until > session.now))
        .order_by(RoleGrant.valid_from, RoleGrant.id)
    ).all()
    if not found:
        raise Unauthenticated("token_not_valid", "登录凭证无效或已失效。请重新登录，或向发放账号的机构申请新的凭证。")
    return tuple(_actor(account, grant) for account, grant in found)


def _actor(account: Account, grant: RoleGrant) -> Actor:
    """``person_id`` goes along with every role, so that nobody can decide on their own case."""
    return Actor(
        account_id=account.id,
        name=account.name,
        role=Role(grant.role),
        office_id=OfficeCode(grant.office_id) if grant.office_id else None,
        unit_id=grant.unit_id,
        person_id=account.person_id,
    )


def _insert_account(session: ScopedSession, account: Account) -> None:
    """The constraint says whether a login is free: a look-up would see only what this session may see."""
    try:
        session.add(account)
        session.flush()
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) != "uq_accounts_login":
            raise
        message = f"登录名“{account.login}”已被使用。请换一个登录名。"
        raise Conflict("login_taken", message, fields={"login": message}) from None


def _open_account(session: ScopedSession, account_id: UUID) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("account_not_found", "没有找到该账号。请核对后重试。")
    if account.ended_at is not None and account.ended_at <= session.now:
        raise Conflict("account_ended", "该账号已经停用，不能再作变更。需要继续使用的，请重新发放账号。")
    return account


def _check_place(role: Role, *, office_id: str | None, unit_id: UUID | None) -> None:
    if role in OFFICE_ROLES:
        fits = office_id is not None and unit_id is None
    elif role in UNIT_ROLES:
        fits = unit_id is not None and office_id is None
    else:
        fits = role is Role.APPLICANT and office_id is None and unit_id is None
    if not fits:
        raise Invalid("grant_place", "角色与所在机构或单位不符：单位角色须指定单位，机构角色须指定机构。请改正。")


def _check_level(session: ScopedSession, role: Role, office_id: str) -> None:
    """Let an office fill its own posts and those of offices below, each with the roles of its level, and no others."""
    own = session.actor.office_id
    if own is None or not (office_id == own or office_id.startswith(f"{own}/")):
        raise Forbidden("grant_elsewhere", "只能为本机构及下级机构设置角色。请由该机构或其上级机构办理。")
    level = session.scalar(select(Office.level).where(Office.id == office_id))
    if level not in _LEVELS.get(role, _ANY):
        raise Invalid("grant_level", f"“{ROLE_LABELS[role]}”不是该级机构的角色。请改选与机构层级相符的角色。")


def _checked_name(name: str) -> str:
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not cleaned:
        raise Invalid("name_missing", "请填写姓名。", fields={"name": "请填写姓名。"})
    return cleaned


def _checked_login(login: str) -> str:
    cleaned = login.strip()
    if not cleaned or any(one.isspace() for one in cleaned):
        message = "登录名不能为空，也不能含有空格。请重新填写。"
        raise Invalid("login_invalid", message, fields={"login": message})
    return cleaned


def _sealed_phone(phone: str | None, person_id: UUID, keys: KeyProvider) -> bytes | None:
    if phone is None:
        return None
    return keys.encrypt(parse_mobile(phone, field="phone").encode(), Place("persons", "phone", person_id))


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _recording_office(session: ScopedSession) -> str:
    """The office whose record an act goes into: the actor's own, and the province's for people who register."""
    if session.actor.office_id is not None:
        return session.actor.office_id
    if _PROVINCE_ID not in session.info:
        session.info[_PROVINCE_ID] = session.scalars(select(Office.id).where(Office.parent_id.is_(None))).one()
    return str(session.info[_PROVINCE_ID])
