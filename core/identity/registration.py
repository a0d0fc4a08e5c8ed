"""An applicant registers with their real name (实名登记): one person, one account, and a first token."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select

from core.db.session import Role, SignInSession
from core.errors import Conflict
from core.identity.models import Account
from core.identity.service import claim_person, create_token, issue_account
from core.keys import KeyProvider


@dataclass(frozen=True, slots=True)
class Registered:
    """What a new applicant gets, once. The token is stored nowhere."""

    account_id: UUID
    person_id: UUID
    login: str
    token: str = field(repr=False)


def register_applicant(
    session: SignInSession, *, id_number: str, name: str, phone: str, login: str, keys: KeyProvider
) -> Registered:
    """Claim a person and open their account. Source: 2024 notice §2(3), 实名注册.

    Conflict, code ``person_registered``, where the person has an account already: knowing somebody's number and name
    opens no second way to their applications. Raises what ``claim_person`` and ``issue_account`` raise.
    """
    person_id = claim_person(session, id_number=id_number, name=name, phone=phone, keys=keys)
    # Two registrations of one person wait for each other here; no constraint tells applicants' accounts from others.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(person_id), 0))))
    theirs = select(Account.id).where(
        Account.person_id == person_id, Account.issued_by_office_id.is_(None), Account.ended_at.is_(None)
    )
    if session.scalar(select(theirs.exists())):
        raise Conflict(
            "person_registered", "该身份证号码已经注册过账号。请用原账号登录；无法登录的，请持身份证到受理机构核实。"
        )
    account = issue_account(
        session, login=login, name=name, role=Role.APPLICANT, person_id=person_id, valid_from=session.now
    )
    return Registered(account.id, person_id, account.login, create_token(session, account.id))
