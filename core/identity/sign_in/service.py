"""Signing in, step by step: password, second factor, and the steps that come before anything else.

No answer discloses whether an account exists: an unknown name runs the same statements, computes the same hash and gets
the same refusal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.types import Uuid

from core.clock import SHANGHAI
from core.db.session import Actor, SignInSession
from core.domain.identity_number import parse
from core.domain.permissions import OFFICE_ROLES
from core.errors import Conflict, Forbidden, Invalid, Unauthenticated
from core.identity.models import Account
from core.identity.records import record
from core.identity.roles import actors_of, enter
from core.identity.sign_in import attempts, passwords, sessions, totp
from core.identity.sign_in.attempts import Subject
from core.identity.sign_in.hashing import Hasher
from core.identity.sign_in.sessions import Awaited, IssuedSession, Lifetimes, Origin
from core.plugin_api import OfficeCode
from core.security.keys import KeyProvider
from core.tenancy.offices import Offices

_APPLICANT = text("SELECT applicant_account(:hash) AS id").columns(id=Uuid())


@dataclass(frozen=True, slots=True)
class Door:
    """The parts of the installation that every step of a sign-in needs."""

    hasher: Hasher
    keys: KeyProvider
    offices: Offices
    lifetimes: Lifetimes
    simulation: bool = False


@dataclass(frozen=True, slots=True)
class Mine:
    """The session of a person who works on their own account, and the step that it awaits."""

    session_id: UUID
    account_id: UUID
    awaits: Awaited | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that has been counted and may now be tried. ``account_id`` is None for an unknown name."""

    account_id: UUID | None
    by_account: Subject
    by_address: Subject


def begin(session: SignInSession, name: str, *, address: str, keys: KeyProvider) -> Attempt:
    """Count an attempt under a name, and from an address; the edge commits that before it goes on. Raises TooMany."""
    account_id = find_account(session, name, keys=keys)
    by_account = (
        attempts.subject("name", written(session, name), attempts.BY_ACCOUNT, keys=keys)
        if account_id is None
        else account_subject(account_id, keys=keys)
    )
    attempt = Attempt(account_id, by_account, attempts.subject("address", address, attempts.BY_ADDRESS, keys=keys))
    attempts.reserve(session, attempt.by_address)
    attempts.reserve(session, attempt.by_account)
    return attempt


def finish(session: SignInSession, attempt: Attempt, password: str, *, origin: Origin, door: Door) -> IssuedSession:
    """Open a session for the right password. Raises Unauthenticated, with the same message for every fault."""
    held = passwords.current_password(session, attempt.account_id)
    fits = door.hasher.verify(held.hash if held else None, password)
    if not fits or held is None or not actors_of(session, held.account_id):
        raise Unauthenticated("sign_in_refused", "账号或密码不正确。请核对后重试；忘记密码的，请重置密码。")
    if door.hasher.is_outdated(held.hash):
        passwords.replace_hash(session, held.account_id, door.hasher.hash(password), initial=held.initial)
    attempts.forgive(session, attempt.by_account)
    attempts.give_back(session, attempt.by_address)
    passed = not totp.is_enrolled(session, held.account_id)
    awaits = next_step(session, held.account_id, factor_passed=passed, offices=door.offices)
    record(session, "sign_in.succeeded", held.account_id, awaits=awaits)
    return sessions.open_session(session, held.account_id, awaits=awaits, origin=origin, lifetimes=door.lifetimes)


def enter_failure(session: SignInSession, attempt: Attempt) -> None:
    """Record a failed sign-in, in a transaction of its own, since that of the attempt was rolled back."""
    enter(session, "sign_in.failed", *attempt.by_account.recorded_as, code="sign_in_refused")


def pass_second_factor(session: SignInSession, mine: Mine, code: str, *, door: Door) -> IssuedSession:
    """Accept the second factor and go on. Raises Conflict where the session awaits none, Invalid for a wrong code."""
    if mine.awaits is not Awaited.SECOND_FACTOR:
        raise Conflict("nothing_awaited", "本次登录不需要填写动态验证码，或已经填写。请刷新页面。")
    totp.check_code(session, mine.account_id, code, keys=door.keys)
    totp.withdraw_removal(session, mine.account_id)
    attempts.forgive(session, factor_subject(mine.account_id, keys=door.keys))
    return _go_on(session, mine, door)


def change_password(session: SignInSession, mine: Mine, *, current: str, new: str, door: Door) -> IssuedSession:
    """Change the password, end every other session of the account, and go on under a new token.

    Raises Invalid where ``current`` is not the password, or the new one is too easy.
    """
    check_password(session, mine.account_id, current, door=door)
    passwords.set_password(session, session.get_one(Account, mine.account_id), new, hasher=door.hasher)
    sessions.end_sessions(session, mine.account_id, but=mine.session_id)
    return _go_on(session, mine, door)


def enrol(session: SignInSession, mine: Mine, code: str, *, door: Door) -> tuple[IssuedSession, tuple[str, ...]]:
    """Enable the authenticator app by its first code; returns the recovery codes, which are shown once."""
    codes = totp.confirm_enrolment(session, mine.account_id, code, keys=door.keys)
    attempts.forgive(session, factor_subject(mine.account_id, keys=door.keys))
    sessions.end_sessions(session, mine.account_id, but=mine.session_id)
    return _go_on(session, mine, door), codes


def give_up_second_factor(session: SignInSession, mine: Mine, *, password: str, door: Door) -> IssuedSession:
    """Sign in without a second factor from now on; every other session ends. Raises Forbidden where it is required."""
    if needs_second_factor(actors_of(session, mine.account_id), door.offices):
        raise Forbidden(
            "second_factor_required", "所在机构要求使用动态验证码，不能停用。手机丢失的，请联系发放账号的机构重置。"
        )
    check_password(session, mine.account_id, password, door=door)
    totp.remove(session, mine.account_id)
    sessions.end_sessions(session, mine.account_id, but=mine.session_id)
    return _go_on(session, mine, door)


def check_password(session: SignInSession, account_id: UUID, password: str, *, door: Door) -> None:
    """Check the password of the account; the edge has counted the attempt. Raises Invalid."""
    held = passwords.current_password(session, account_id)
    if not door.hasher.verify(held.hash if held else None, password):
        raise Invalid("password_refused", "当前密码不正确。请核对后重试。", at="password")
    attempts.forgive(session, account_subject(account_id, keys=door.keys))


def account_subject(account_id: UUID, *, keys: KeyProvider) -> Subject:
    """The subject of attempts at the password of an account."""
    return attempts.subject("account", str(account_id), attempts.BY_ACCOUNT, keys=keys, account_id=account_id)


def factor_subject(account_id: UUID, *, keys: KeyProvider) -> Subject:
    """The subject of attempts at the second factor of an account."""
    return attempts.subject("factor", str(account_id), attempts.BY_ACCOUNT, keys=keys, account_id=account_id)


def next_step(session: SignInSession, account_id: UUID, *, factor_passed: bool, offices: Offices) -> Awaited | None:
    """The step that a session of the account awaits next, None when none is left."""
    if not factor_passed:
        return Awaited.SECOND_FACTOR
    held = passwords.current_password(session, account_id)
    if held is None or held.initial:
        return Awaited.PASSWORD_CHANGE
    required = needs_second_factor(actors_of(session, account_id), offices)
    return Awaited.ENROLMENT if required and not totp.is_enrolled(session, account_id) else None


def needs_second_factor(actors: Iterable[Actor], offices: Offices) -> bool:
    """Whether an office of one of these officers requires one; for a closed office the one above decides."""
    return any(
        offices.config(_nearest_open(actor.office_id, offices)).policy.officers_need_totp
        for actor in actors
        if actor.role in OFFICE_ROLES and actor.office_id is not None
    )


def find_account(session: SignInSession, name: str, *, keys: KeyProvider) -> UUID | None:
    """The account that signs in under a name: an applicant's identity number, or a login."""
    number = _number(session, name)
    if number is None:
        return session.scalar(select(Account.id).where(Account.login == name.strip()))
    found: UUID | None = session.scalar(_APPLICANT, {"hash": keys.lookup_hash(number)})
    return found


def written(session: SignInSession, name: str) -> str:
    """The spelling under which a name is counted: the same for all names that find the same account.

    Otherwise a blank within a number would buy more attempts, and disclose whether it has an account.
    """
    return _number(session, name) or name.strip()


def _number(session: SignInSession, name: str) -> str | None:
    try:
        return parse(name, today=session.now.astimezone(SHANGHAI).date()).value
    except Invalid:
        return None


def _go_on(session: SignInSession, mine: Mine, door: Door) -> IssuedSession:
    awaits = next_step(session, mine.account_id, factor_passed=True, offices=door.offices)
    return sessions.rotate(session, mine.session_id, awaits=awaits)


def _nearest_open(code: OfficeCode, offices: Offices) -> OfficeCode:
    while not offices.catalogue.is_open(code) and "/" in code:
        code = OfficeCode(code.rpartition("/")[0])
    return code
