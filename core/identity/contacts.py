"""The addresses of a person: the mobile number of the registration, and an e-mail address proved by a code.

The channel that the person prefers comes first. A code for an address is good for ten minutes, five tries and one use;
only a keyed hash of it is kept.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from core.db.session import PersonSession, ScopedSession
from core.domain.message_templates import CODE
from core.errors import Conflict, Invalid
from core.identity.models import Contact, Person
from core.identity.roles import enter
from core.messages.service import Address, send_to_address
from core.plugin_api import Channel
from core.security.keys import KeyProvider, Place

LIFETIME: Final = timedelta(minutes=10)
TRIES: Final = 5
_PAUSE: Final = timedelta(minutes=1)
_LONGEST: Final = 254
_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def addresses_of(session: ScopedSession, person_id: UUID, *, keys: KeyProvider) -> Mapping[Channel, str]:
    """The addresses of a person, the one that they prefer first; empty where the session may not see the person."""
    person, contact = session.get(Person, person_id), session.get(Contact, person_id)
    found = {}
    if person is not None and person.phone is not None:
        found[Channel.SMS] = keys.decrypt(person.phone, Place("persons", "phone", person_id)).decode()
    if contact is not None and contact.email is not None:
        email = {Channel.EMAIL: keys.decrypt(contact.email, Place("contacts", "email", person_id)).decode()}
        found = email | found if contact.prefers == Channel.EMAIL else found | email
    return found


def contact_of(session: PersonSession) -> Contact:
    """The person's own contact; an empty one where they have set nothing yet."""
    return session.get(Contact, session.person_id) or Contact(id=session.person_id, prefers=Channel.SMS.value)


def ask_for_email(session: PersonSession, email: str, *, keys: KeyProvider) -> Contact:
    """Send a code to the e-mail address for the person's notices; Conflict within a minute of the last code."""
    address = _parsed(email)
    contact = _locked(session)
    if contact.code_expires_at is not None and contact.code_expires_at - LIFETIME + _PAUSE > session.now:
        raise Conflict("code_too_soon", "验证码刚刚发出。请先查收邮件，一分钟后可以重新获取。")
    code = f"{secrets.randbelow(10**6):06d}"
    contact.pending_email = keys.encrypt(address.encode(), Place("contacts", "pending_email", contact.id))
    contact.code_hash = _hash(contact.id, code, keys)
    contact.tries_left, contact.code_expires_at = TRIES, session.now + LIFETIME
    session.flush()
    send_to_address(
        session,
        Address(Channel.EMAIL, address),
        template=CODE,
        values={"code": code, "minutes": str(int(LIFETIME.total_seconds()) // 60), "purpose": "绑定电子邮箱"},
        event_key=f"email_code:{contact.id}:{session.now.isoformat()}",
        keys=keys,
        not_after=contact.code_expires_at,
    )
    return contact


def confirm_email(session: PersonSession, code: str, *, keys: KeyProvider) -> bool:
    """Confirm the address if the code is right; a wrong code uses up a try and returns False.

    It returns instead of raising so that the try counts: the edge commits before it refuses.
    """
    contact = _locked(session)
    until = contact.code_expires_at
    if contact.pending_email is None or contact.code_hash is None or until is None or session.now >= until:
        return False
    if contact.tries_left == 0:
        return False
    contact.tries_left -= 1
    right = hmac.compare_digest(contact.code_hash, _hash(contact.id, code.strip(), keys))
    if right:
        email = keys.decrypt(contact.pending_email, Place("contacts", "pending_email", contact.id))
        contact.email = keys.encrypt(email, Place("contacts", "email", contact.id))
        contact.pending_email = contact.code_hash = None
        enter(session, "contact.email_confirmed", "person", contact.id)
    session.flush()
    return right


def prefer(session: PersonSession, channel: Channel) -> Contact:
    """Notify the person by this channel first from now on. Conflict for e-mail while no address is confirmed."""
    contact = _locked(session)
    if channel is Channel.EMAIL and contact.email is None:
        raise Conflict("no_email", "尚未绑定电子邮箱。请先绑定邮箱并填写邮件中的验证码。")
    contact.prefers = channel.value
    session.flush()
    enter(session, "contact.preferred", "person", contact.id, channel=channel.value)
    return contact


def code_refused() -> Invalid:
    """The refusal of a code that is wrong, expired or out of tries."""
    message = "验证码不正确，或已经失效。请核对邮件中的6位数字；仍不成功的，请重新获取。"
    return Invalid("code_refused", message, at="code")


def _locked(session: PersonSession) -> Contact:
    """The person's row, created if it is missing, and locked until the transaction ends."""
    made = insert(Contact).values(id=session.person_id, prefers=Channel.SMS.value, tries_left=0)
    session.execute(made.on_conflict_do_nothing())
    return session.get_one(Contact, session.person_id, with_for_update=True, populate_existing=True)


def _parsed(email: str) -> str:
    cleaned = email.strip()
    if len(cleaned) > _LONGEST or not _EMAIL.fullmatch(cleaned):
        message = "电子邮箱地址的格式不正确。请核对后重新填写，例如 name@example.com。"
        raise Invalid("email_invalid", message, at="email")
    return cleaned


def _hash(person_id: UUID, code: str, keys: KeyProvider) -> bytes:
    return keys.lookup_hash(f"email_code/{person_id}/{code}")
