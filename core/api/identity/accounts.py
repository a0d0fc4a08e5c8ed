"""Accounts over JSON: the asker's own, and those that an office issues and manages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Router
from litestar.params import FromPath, JSONBody

from core.db.session import ROLE_LABELS, Actor, Role
from core.domain.permissions import Permission
from core.identity import factor_removals, queries, roles, service
from core.identity.factor_removals import RemovalGround
from core.identity.registration import reset
from core.identity.sign_in import passwords
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import EVERYBODY, OFFICERS, STAFFERS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Moment, OfficeId, Output, Text


class RoleOut(Output):
    """A role that the account holds now, and where; ``id`` chooses it (X-Kaowu-Grant).

    ``on_behalf_of_name`` is the colleague on leave for whom the account acts, ``permissions`` what it may do so.
    """

    id: UUID | None
    on_behalf_of_name: str
    permissions: list[Permission]
    current: bool
    role: Role
    role_label: str
    office_id: str | None
    unit_id: UUID | None


class Me(Output):
    """Who asks, in which roles they may, and which is the current one: the one chosen, or else the first."""

    account_id: UUID
    name: str
    person_id: UUID | None
    roles: list[RoleOut]


class AccountIn(Input):
    """A member of staff and their first role. ``office_id`` is the office that they work in."""

    login: Line
    name: Line
    role: Role
    office_id: OfficeId
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class RemovalIn(Input):
    """Why a second factor is to be taken away, and how the person was identified."""

    ground: RemovalGround
    reason: Text


class RemovalOut(Output):
    """A proposal that waits for a second officer until ``expires_at``."""

    id: UUID
    expires_at: datetime


class RefusalIn(Input):
    """Why the factor stays."""

    remark: Text


class GrantIn(Input):
    """One more role for an account."""

    role: Role
    office_id: OfficeId
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class TokenIn(Input):
    """Until when a token shall hold (without it, as long as the installation lets it), and what it may change.

    Without ``permissions`` it may do all that the account may; with an empty list it reads and changes nothing.
    """

    expires_at: Moment | None = None
    permissions: frozenset[Permission] | None = None


class TokenOut(Output):
    """A bearer token, shown this once."""

    token: str


class AccountOut(Output):
    """An account."""

    id: UUID
    login: str
    name: str
    issued_by_office_id: str | None
    created_at: datetime
    ended_at: datetime | None


class InitialPasswordOut(Output):
    """A password that is good for choosing another, shown this once."""

    initial_password: str


class IssuedAccountOut(AccountOut, InitialPasswordOut):
    """A new account with its first password."""


class AccountLineOut(Output):
    """One role of one account."""

    account_id: UUID
    login: str
    name: str
    role: Role | None
    office_id: str | None
    unit_id: UUID | None
    ended_at: datetime | None


class GrantOut(Output):
    """A role held from a moment until another."""

    id: UUID
    account_id: UUID
    role: Role
    office_id: str | None
    valid_from: datetime
    valid_until: datetime | None


@read("/me", roles=EVERYBODY, any_role=True)
def show_me(request: Request[Any, Any, Any]) -> Me:
    """The account behind the token, and every role that it holds now."""
    actor: Actor = request.user
    held = [
        RoleOut.of(
            role,
            id=role.grant_id,
            permissions=sorted(role.permissions),
            current=role is actor,
            role_label=ROLE_LABELS[role.role],
        )
        for role in request.auth.actors
    ]
    return Me(account_id=actor.account_id, name=actor.name, person_id=actor.person_id, roles=held)


@read("/accounts", roles=STAFFERS)
def list_accounts(session: OfOffice) -> list[AccountLineOut]:
    """The accounts that the office has issued or whose roles lie in it, with each role that holds now."""
    return [AccountLineOut.model_validate(line) for line in queries.account_lines(session)]


@create("/accounts", roles=STAFFERS)
def issue_account(session: OfOffice, platform: ThePlatform, data: JSONBody[AccountIn]) -> IssuedAccountOut:
    """Open an account for a member of staff of this office or of one below, with a first password, shown this once."""
    account = service.issue_account(
        session,
        login=data.login,
        name=data.name,
        role=data.role,
        office_id=data.office_id,
        valid_from=data.valid_from or session.now,
        valid_until=data.valid_until,
    )
    password = passwords.give_initial_password(session, account.id, hasher=platform.door.hasher)
    return IssuedAccountOut(**AccountOut.model_validate(account).model_dump(), initial_password=password)


@act("/accounts/{account_id:uuid}/new-password", roles=STAFFERS | OFFICERS)
def give_new_password(session: OfOffice, platform: ThePlatform, account_id: FromPath[UUID]) -> InitialPasswordOut:
    """Give a member of staff who has lost the password a new first one, shown this once; every session ends."""
    password = reset.give_new_password(session, account_id, hasher=platform.door.hasher)
    return InitialPasswordOut(initial_password=password)


@act("/accounts/{account_id:uuid}/unlock", roles=STAFFERS | OFFICERS)
def unlock(session: OfOffice, account_id: FromPath[UUID]) -> None:
    """Let an account be tried again at once, after too many failed attempts."""
    reset.unlock(session, account_id)


@act("/accounts/{account_id:uuid}/end-sessions", roles=STAFFERS | OFFICERS)
def end_sessions(session: OfOffice, account_id: FromPath[UUID]) -> None:
    """Sign an account out everywhere."""
    reset.end_sessions(session, account_id)


@act("/accounts/{account_id:uuid}/remove-second-factor", roles=STAFFERS | OFFICERS)
def remove_second_factor(session: OfOffice, account_id: FromPath[UUID], data: JSONBody[RemovalIn]) -> RemovalOut:
    """Propose to take a lost authenticator app away; another officer decides."""
    proposed = factor_removals.propose(session, account_id, ground=data.ground, reason=data.reason)
    return RemovalOut(id=proposed.id, expires_at=proposed.expires_at)


@act("/factor-removals/{removal_id:uuid}/grant", roles=STAFFERS | OFFICERS)
def grant_removal(session: OfOffice, removal_id: FromPath[UUID]) -> None:
    """Take the app away as the second officer; every session ends."""
    factor_removals.grant(session, removal_id)


@act("/factor-removals/{removal_id:uuid}/refuse", roles=STAFFERS | OFFICERS)
def refuse_removal(session: OfOffice, removal_id: FromPath[UUID], data: JSONBody[RefusalIn]) -> None:
    """Leave the app in place, with the reason."""
    factor_removals.refuse(session, removal_id, remark=data.remark)


@act("/factor-removals/{removal_id:uuid}/withdraw", roles=STAFFERS | OFFICERS)
def withdraw_removal(session: OfOffice, removal_id: FromPath[UUID]) -> None:
    """Take one's own proposal back."""
    factor_removals.withdraw(session, removal_id)


@create("/accounts/{account_id:uuid}/roles", roles=STAFFERS)
def grant_role(session: OfOffice, account_id: FromPath[UUID], data: JSONBody[GrantIn]) -> GrantOut:
    """Give an account one more role."""
    grant = roles.grant_role(
        session,
        account_id,
        role=data.role,
        office_id=data.office_id,
        valid_from=data.valid_from or session.now,
        valid_until=data.valid_until,
    )
    return GrantOut.model_validate(grant)


@create("/accounts/{account_id:uuid}/tokens", roles=STAFFERS)
def create_token(
    session: OfOffice, platform: ThePlatform, account_id: FromPath[UUID], data: JSONBody[TokenIn]
) -> TokenOut:
    """Make a bearer token for an account of the office. Its holder is told."""
    terms = platform.token_terms
    return TokenOut(token=service.create_token(session, account_id, terms=terms, **data.model_dump()))


@act("/accounts/{account_id:uuid}/end", roles=STAFFERS)
def end_account(session: OfOffice, account_id: FromPath[UUID]) -> AccountOut:
    """Close an account for good, end its roles and revoke its tokens."""
    return AccountOut.model_validate(service.end_account(session, account_id))


router = Router("/", route_handlers=declared_in(__name__), tags=["账号"])
