"""The text of a message: its values, from the notice or unsealed, in the office's own wording."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.db.session import ScopedSession
from core.domain.message_templates import NOTICE, fill, template_of
from core.messages.models import Notice, OutboxMessage
from core.plugin_api import Channel
from core.security.keys import KeyProvider, Place
from core.tenancy.config.office import OfficeConfig, WordingTable


@dataclass(frozen=True, slots=True)
class Worded:
    """A text ready to go; ``subject`` is empty for SMS."""

    subject: str = field(repr=False)
    text: str = field(repr=False)


def values_of(session: ScopedSession, message: OutboxMessage, keys: KeyProvider) -> Mapping[str, str] | None:
    """The values of the message's text; None where it has been erased, or the session does not see its notice."""
    if message.notice_id is not None:
        notice = session.get(Notice, message.notice_id)
        return None if notice is None else {"title": notice.title, "body": notice.body}
    if message.values is None:
        return None
    values: dict[str, str] = json.loads(keys.decrypt(message.values, Place("outbox", "values", message.id)))
    return values


def address_of(message: OutboxMessage, keys: KeyProvider) -> str | None:
    """The bare address that the message goes to; None where it goes to a person, or has been erased."""
    if message.address is None:
        return None
    return keys.decrypt(message.address, Place("outbox", "address", message.id)).decode()


def worded(kind: str, channel: Channel, values: Mapping[str, str], config: OfficeConfig) -> Worded:
    """The text of this kind for a channel: the office's own, else its template of notices, else the built-in."""
    own = [config.messages.templates.get(name, WordingTable()) for name in dict.fromkeys((kind, NOTICE))]
    wordings = own if "title" in values else own[:1]
    built_in = template_of(kind)
    filled = {**values, "office": config.office.name, "signature": config.messages.signature or config.office.name}

    def part(name: str) -> str:
        chosen = next((text for wording in wordings if (text := getattr(wording, name))), getattr(built_in, name))
        return fill(str(chosen), filled)

    if channel is Channel.EMAIL:
        return Worded(part("subject"), part("email"))
    return Worded("", part("sms"))
