"""The part of ``core.plugin_api`` that gateways need: a message on its way out, and what became of it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Channel(StrEnum):
    """By which ways people are told; in-app always."""

    IN_APP = "in_app"
    SMS = "sms"
    EMAIL = "email"


class Delivered(StrEnum):
    """What became of a message. ``LATER`` and ``REFUSED``: surely not taken; ``UNKNOWN``: it may have been."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Gateway:
    """The channel that a plugin serves, declared as ``gateway`` in its module.

    ``idempotent`` promises that the same ``message_id`` given twice reaches the person once. Only then is a message
    whose fate is unknown given to it again by itself.
    """

    channel: Channel
    idempotent: bool = False


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A message on its way to one address; ``subject`` is empty for SMS. ``message_id`` stays the same in a retry.

    Address and text are personal: a gateway writes them nowhere.
    """

    message_id: str
    office: str
    channel: Channel
    address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The answer of a gateway. ``reason`` is English, for operators, and names neither address nor text."""

    state: Delivered
    reason: str = ""
