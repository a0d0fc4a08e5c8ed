"""Reading accounts: the list, and one account by its login."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.db.session import Role, ScopedSession
from core.errors import NotFound
from core.identity.models import Account, RoleGrant


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One role of one account, as a list shows it; ``role`` is None where the account holds none now."""

    account_id: UUID
    login: str
    name: str
    role: Role | None
    office_id: str | None
    unit_id: UUID | None
    grant_id: UUID | None
    valid_until: datetime | None
    ended_at: datetime | None


def account_lines(session: ScopedSession) -> tuple[AccountLine, ...]:
    """Every visible account with each role that it holds at the session's moment, by login."""
    holds = (
        (RoleGrant.account_id == Account.id)
        & (RoleGrant.valid_from <= session.now)
        & (RoleGrant.valid_until.is_(None) | (RoleGrant.valid_until > session.now))
    )
    held = (
        RoleGrant.role,
        RoleGrant.office_id,
        RoleGrant.unit_id,
        RoleGrant.id.label("grant_id"),
        RoleGrant.valid_until,
    )
    columns = (Account.id.label("account_id"), Account.login, Account.name, *held)
    found = session.execute(
        select(*columns, Account.ended_at).outerjoin(RoleGrant, holds).order_by(Account.login, RoleGrant.role)
    )
    return tuple(
        AccountLine(
            account_id=row.account_id,
            login=row.login,
            name=row.name,
            role=Role(row.role) if row.role else None,
            office_id=row.office_id,
            unit_id=row.unit_id,
            grant_id=row.grant_id,
            valid_until=row.valid_until,
            ended_at=row.ended_at,
        )
        for row in found
    )


def account_by_login(session: ScopedSession, login: str) -> Account:
    """The account that signs in as ``login``; NotFound where none is visible."""
    account = session.scalar(select(Account).where(Account.login == login))
    if account is None:
        raise NotFound("account_not_found", f"没有登录名为“{login}”的账号。请核对登录名。")
    return account
