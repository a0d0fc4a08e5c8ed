"""An applicant registers with their real name (实名登记): a code proves the mobile number, then the account is made.

Only an asker who has proved a mobile number learns whether a person is registered already. Source: 2024 notice §2(3).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.types import Uuid

from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import Role, SignInSession
from core.domain import identity_number
from core.domain.identity_number import FIELD, is_simulated
from core.domain.mobile import parse_mobile
from core.errors import Conflict, Invalid
from core.identity.models import Account
from core.identity.records import record
from core.identity.registration import phone_codes
from core.identity.registration.phone_codes import Purpose, SentCode
from core.identity.service import claim, issue_account
from core.identity.sign_in import attempts, password_rules, passwords, sessions
from core.identity.sign_in.attempts import Sender
from core.identity.sign_in.service import Door
from core.identity.sign_in.sessions import IssuedSession, Origin
from core.security.keys import KeyProvider, Place
from core.text import names

_PROVE = text("SELECT prove_phone(:person, :phone)").bindparams(bindparam("person", type_=Uuid))


@dataclass(frozen=True, slots=True)
class Registered:
    """A new applicant."""

    account_id: UUID
    person_id: UUID


def begin(
    session: SignInSession, *, id_number: str, name: str, phone: str, password: str, sender: Sender, door: Door
) -> SentCode:
    """Check the form and send a code to the mobile number; no account exists yet.

    Raises Invalid naming every field that is wrong; and TooMany, counting only codes that are sent, by number, by
    address and by device (``attempts.count_code``).
    """
    faults: list[Invalid] = []

    def parsed(read: Callable[[], str], otherwise: str) -> str:
        """What a field holds; a fault is kept, and the rest is checked by what was typed."""
        try:
            return read()
        except Invalid as fault:
            faults.append(fault)
            return otherwise

    written = parsed(lambda: names.stored(name), name)
    number = parsed(lambda: _checked_number(session, id_number, door), id_number)
    mobile = parsed(lambda: parse_mobile(phone, field="phone"), phone)
    parsed(lambda: checked_password(password, context=(written, number, mobile)), password)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        fields = {field: text for fault in faults for field, text in fault.fields.items()}
        raise Invalid("registration_faulty", f"有{len(faults)}处需要改正，验证码还没有发送。", fields=fields)
    attempts.count_code(session, "phone", mobile, sender=sender, keys=door.keys)
    content = {"id_number": number, "name": written, "phone": mobile, "password": door.hasher.hash(password)}
    return phone_codes.send_code(session, Purpose.REGISTRATION, phone=mobile, content=content, keys=door.keys)


def send_again(session: SignInSession, code_id: UUID, *, sender: Sender, door: Door) -> SentCode:
    """Send another code for a registration that was filled in; the one before is worth nothing then.

    Raises Invalid an hour after it was filled in, and TooMany while the sender has to wait.
    """
    kept = phone_codes.reopen(session, code_id, Purpose.REGISTRATION, keys=door.keys)
    attempts.count_code(session, "phone", kept["phone"], sender=sender, keys=door.keys)
    return phone_codes.send_code(session, Purpose.REGISTRATION, phone=kept["phone"], content=kept, keys=door.keys)


def phone_tail(session: SignInSession, code_id: UUID, *, door: Door) -> str:
    """The last four digits of the number to which the code went, so that a mistyped one is noticed; else nothing.

    A reset has no such thing: there the asker did not type the number, and must not learn its owner.
    """
    kept = phone_codes.waiting(session, code_id, Purpose.REGISTRATION, keys=door.keys)
    return "" if kept is None else str(kept["phone"])[-4:]


def checked_password(password: str, *, context: Iterable[str] = ()) -> str:
    """The password that somebody chooses at registration. Raises Invalid that names the field ``password``."""
    try:
        password_rules.check(password, staff=False, context=context)
    except Invalid as fault:
        raise Invalid(fault.code, fault.detail, at="password") from None
    return password


def confirm(
    session: SignInSession, code_id: UUID, code: str, *, origin: Origin, door: Door
) -> tuple[Registered, IssuedSession]:
    """Open the account by the code, and sign the applicant in. Raises what ``open_account`` raises."""
    kept = phone_codes.take_code(session, code_id, code, keys=door.keys)
    hashed = kept.pop("password")
    registered = open_account(session, **kept, keys=door.keys)
    passwords.replace_hash(session, registered.account_id, hashed)
    issued = sessions.open_session(session, registered.account_id, awaits=None, origin=origin, lifetimes=door.lifetimes)
    record(session, "sign_in.succeeded", registered.account_id, awaits=None)
    return registered, issued


def open_account(session: SignInSession, *, id_number: str, name: str, phone: str, keys: KeyProvider) -> Registered:
    """Claim a person whose mobile number is proved, and open their account.

    Conflict, code ``person_registered``, where the person has an account already: knowing somebody's number and name
    opens no second way to their applications. Raises what ``claim`` raises.
    """
    claimed = claim(session, id_number=id_number, name=name, phone=phone, keys=keys)
    person_id = claimed.id
    # Two registrations of one person wait for each other here; no constraint tells applicants' accounts from others.
    one_at_a_time(session, str(person_id))
    theirs = select(Account.id).where(
        Account.person_id == person_id, Account.issued_by_office_id.is_(None), Account.ended_at.is_(None)
    )
    if session.scalar(select(theirs.exists())):
        raise Conflict(
            "person_registered", "该身份证号码已经注册过账号。请用原账号登录；无法登录的，请持身份证到受理机构核实。"
        )
    # A unit may have named the person before, with another number or none.
    sealed = keys.encrypt(phone.encode(), Place("persons", "phone", person_id))
    session.execute(_PROVE, {"person": person_id, "phone": sealed})
    account = issue_account(
        session,
        login=f"applicant-{new_id().hex}",
        name=claimed.name,
        role=Role.APPLICANT,
        person_id=person_id,
        valid_from=session.now,
    )
    return Registered(account.id, person_id)


def _checked_number(session: SignInSession, id_number: str, door: Door) -> str:
    number = identity_number.parse(id_number, today=session.now.astimezone(SHANGHAI).date()).value
    refuse_invented(number, simulation=door.simulation)
    return number


def refuse_invented(number: str, *, simulation: bool) -> None:
    """Refuse the identity number of an invented person, unless the installation is a simulation."""
    if is_simulated(number) and not simulation:
        message = "该身份证号码仅供系统演示使用，不能用于正式申报。请填写本人居民身份证上的公民身份号码。"
        raise Invalid("identity_number_simulated", message, at=FIELD)
