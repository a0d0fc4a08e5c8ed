"""How a person is reached: the mobile number that everybody registers with, and an e-mail address proved by a code."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from core.db.session import ScopedSession
from core.identity.models import Person
from core.keys import KeyProvider, Place
from core.plugin_api import Channel


def addresses_of(session: ScopedSession, person_id: UUID, *, keys: KeyProvider) -> Mapping[Channel, str]:
    """The addresses of a person, the one that they prefer first; empty where the session may not see the person."""
    person = session.get(Person, person_id)
    if person is None or person.phone is None:
        return {}
    return {Channel.SMS: keys.decrypt(person.phone, Place("persons", "phone", person.id)).decode()}
