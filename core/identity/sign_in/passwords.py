"""The passwords of accounts: initial ones that an office gives, and the ones that people choose."""

import secrets
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select

from core.db.base import new_id
from core.db.session import ScopedSession, SignInSession
from core.errors import Invalid
from core.identity.models import Account, Password
from core.identity.records import record
from core.identity.sign_in import password_rules
from core.identity.sign_in.hashing import Hasher

_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS: Final = 4
_GROUP: Final = 4


def give_initial_password(session: ScopedSession, account_id: UUID, *, hasher: Hasher) -> str:
    """Give an account an initial password, good only for choosing another, and return it: it is shown once.

    The issuing office does so. Seventy-nine random bits, without signs that look alike.
    """
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    password = "-".join(groups)
    _add(session, account_id, hasher.hash(password), initial=True)
    record(session, "password.issued", account_id)
    return password


def current_password(session: SignInSession, account_id: UUID | None) -> Password | None:
    """The password that holds, None for an account that has none, or for no account."""
    return session.scalar(
        select(Password).where(Password.account_id == account_id).order_by(Password.id.desc()).limit(1)
    )


def set_password(
    session: SignInSession, account: Account, password: str, *, hasher: Hasher, context: tuple[str, ...] = ()
) -> None:
    """Set the password that the person has chosen. Raises Invalid where it is too easy, or unchanged."""
    staff = account.issued_by_office_id is not None
    password_rules.check(password, staff=staff, context=(account.login, account.name, *context))
    held = current_password(session, account.id)
    if held is not None and hasher.verify(held.hash, password):
        raise Invalid("password_same", "新密码与原密码相同。请换一个新的密码。", at=password_rules.FIELD)
    replace_hash(session, account.id, hasher.hash(password))
    record(session, "password.chosen", account.id)


def replace_hash(session: SignInSession, account_id: UUID, hashed: str, *, initial: bool = False) -> None:
    """Set a hash, and delete the earlier ones."""
    session.execute(delete(Password).where(Password.account_id == account_id))
    _add(session, account_id, hashed, initial=initial)


def _add(session: ScopedSession, account_id: UUID, hashed: str, *, initial: bool) -> None:
    session.add(Password(id=new_id(), account_id=account_id, hash=hashed, initial=initial, set_at=session.now))
    session.flush()
