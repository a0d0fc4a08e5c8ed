"""Sending the outbox of one office, so that no message is sent twice and none is lost.

Each message is claimed, and the attempt written and committed, *before* its gateway is called; no transaction is open
during the call. A worker that dies in between leaves a message in the state ``sending``: it goes out again by itself
only where the gateway recognises a repetition by its id, and waits for the operator as ``unknown`` everywhere else.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import case, or_, select, update

from core.audit import service as audit
from core.db.session import SystemSession
from core.errors import PluginError, PluginNotAskedError
from core.messages.models import OutboxMessage
from core.messages.smtp import SmtpServer, send_mail
from core.messages.wording import address_of, values_of, worded
from core.plugin_api import Channel, Delivered, Delivery, NoticeView
from core.security.keys import KeyProvider
from core.tenancy.models import Office, PluginFailure
from core.tenancy.offices import Offices

Begin = Callable[[], AbstractContextManager[SystemSession]]
"""Opens a session of the system for the office, in a transaction that is committed when it is left."""

AddressesOf = Callable[[SystemSession, UUID], Mapping[Channel, str]]
"""The addresses of a person, the one that they prefer first."""

ABANDONED = timedelta(minutes=5)
"""After so long no worker can still be sending a message: every gateway has been cut off by then."""

MOST_ATTEMPTS = 6
_IN_ONE_ROUND = 500
_TROUBLED = 3
_SMTP = "smtp"


@dataclass(frozen=True, slots=True)
class Outlet:
    """The parts that sending needs besides the database. Without ``sends`` (the demo), messages are shown instead."""

    offices: Offices
    keys: KeyProvider
    addresses_of: AddressesOf
    smtp: SmtpServer | None = None
    sends: bool = True


@dataclass(frozen=True, slots=True)
class Sending:
    """A claimed message: the attempt is written, nothing has been handed over yet."""

    view: NoticeView
    gateway: str
    idempotent: bool


@dataclass(frozen=True, slots=True)
class _Held:
    """A message that does not go out now: its next state, and the reason for the operator."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Route:
    """The way that a message takes."""

    channel: Channel
    address: str = field(repr=False)
    gateway: str
    idempotent: bool


def send_due(office_id: str, *, begin: Begin, outlet: Outlet) -> int:
    """Send what is due at one office, codes first, and return how many messages were dealt with.

    A round ends early when a gateway fails several times in a row: the rest waits for the next one.
    """
    with begin() as session:
        take_up_abandoned(session, outlet)
        drop_overdue(session)
    troubled = 0
    for count in range(_IN_ONE_ROUND):
        with begin() as session:
            claimed = claim(session, outlet)
        if claimed is None:
            return count
        if isinstance(claimed, Sending):
            delivery = hand_over(office_id, claimed, begin=begin, outlet=outlet)
            troubled = 0 if delivery.state in {Delivered.SENT, Delivered.REFUSED} else troubled + 1
        if troubled == _TROUBLED:
            return count + 1
    return _IN_ONE_ROUND


def claim(session: SystemSession, outlet: Outlet) -> Sending | OutboxMessage | None:
    """Take the next message that is due; None where there is none, the message itself where it does not go out now."""
    message = _next(session, quiet=_is_quiet(session, outlet))
    if message is None:
        return None
    message.attempts += 1
    message.claimed_at = session.now
    prepared = _prepared(session, message, outlet)
    if isinstance(prepared, _Held):
        _hold(session, message, prepared)
        return message
    message.state, message.channel, message.gateway = "sending", prepared.view.channel.value, prepared.gateway
    session.flush()
    return prepared


def hand_over(office_id: str, sending: Sending, *, begin: Begin, outlet: Outlet) -> Delivery:
    """Give a claimed message to its gateway, outside any transaction, and write the result."""
    failure: PluginError | None = None
    try:
        delivery = _handed_over(office_id, sending.view, outlet)
    except PluginError as error:
        failure = error
        asked = not isinstance(error, PluginNotAskedError)
        delivery = Delivery(Delivered.UNKNOWN if asked else Delivered.LATER, error.reason)
    if delivery.state is Delivered.UNKNOWN and sending.idempotent:
        delivery = Delivery(Delivered.LATER, delivery.reason)
    with begin() as session:
        if failure is not None:
            _write_down(session, failure)
        _settle(session, UUID(sending.view.message_id), delivery)
    return delivery


def take_up_abandoned(session: SystemSession, outlet: Outlet) -> int:
    """Settle the messages of a worker that died while sending: again where that is safe, else for the operator."""
    left = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.office_id == session.office_id, OutboxMessage.state == "sending")
        .where(OutboxMessage.claimed_at < session.now - ABANDONED)
        .with_for_update(skip_locked=True)
    ).all()
    for message in left:
        reason = "the worker died while it was sending"
        safe = _may_be_repeated(message, outlet)
        _settle(session, message.id, Delivery(Delivered.LATER if safe else Delivered.UNKNOWN, reason))
    return len(left)


def drop_overdue(session: SystemSession) -> None:
    """Erase codes that have expired, in whatever state; those that still waited are dropped."""
    waited = OutboxMessage.state.in_(["queued", "failed"])
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.office_id == session.office_id, OutboxMessage.not_after <= session.now)
        .where(OutboxMessage.values.is_not(None), OutboxMessage.state != "sending")
        .values(
            address=None,
            values=None,
            state=case((waited, "dropped"), else_=OutboxMessage.state),
            last_error=case((waited, "too late to be of use"), else_=OutboxMessage.last_error),
            due_at=None,
            ended_at=session.now,
        ),
        execution_options={"synchronize_session": False},
    )


def _next(session: SystemSession, *, quiet: bool) -> OutboxMessage | None:
    wanted = (
        select(OutboxMessage)
        .where(OutboxMessage.office_id == session.office_id, OutboxMessage.state.in_(["queued", "failed"]))
        .where(OutboxMessage.due_at <= session.now)
        .where(or_(OutboxMessage.not_after.is_(None), OutboxMessage.not_after > session.now))
        .order_by(OutboxMessage.urgent.desc(), OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalar(wanted.where(OutboxMessage.urgent) if quiet else wanted)


def _is_quiet(session: SystemSession, outlet: Outlet) -> bool:
    return outlet.offices.config(session.office_id).messages.quiet_hours.cover(session.now)


def _prepared(session: SystemSession, message: OutboxMessage, outlet: Outlet) -> Sending | _Held:
    """The message as its gateway will get it."""
    if not outlet.sends or _practises(session, message):
        return _Held("shown", "")
    values = values_of(session, message, outlet.keys)
    if values is None:
        return _Held("dropped", "its text has been erased")
    route = _route(session, message, outlet)
    if isinstance(route, _Held):
        return route
    text = worded(message.kind, route.channel, values, outlet.offices.config(message.office_id))
    view = NoticeView(str(message.id), message.office_id, route.channel, route.address, text.subject, text.text)
    return Sending(view, route.gateway, route.idempotent)


def _practises(session: SystemSession, message: OutboxMessage) -> bool:
    """Whether a message is of an office of made-up people: it never leaves, whatever address it has."""
    return session.get_one(Office, message.office_id).practice


def _route(session: SystemSession, message: OutboxMessage, outlet: Outlet) -> _Route | _Held:
    """By which channel and gateway the message goes to which address."""
    addresses = _addresses(session, message, outlet)
    if not addresses:
        return _Held("dropped", "no channel of the office reaches the person")
    try:
        for channel, address in addresses.items():
            gateways = _gateways(outlet, message.office_id, channel)
            if gateways:
                return _Route(channel, address, ",".join(gateways), all(gateways.values()))
    except PluginError as error:
        return _Held("failed", f"{error.plugin}: not in order")
    return _Held("failed", f"no gateway serves {', '.join(addresses)} here")


def _addresses(session: SystemSession, message: OutboxMessage, outlet: Outlet) -> Mapping[Channel, str]:
    """A bare address as it was given; a person's by the channels that the office uses."""
    if message.person_id is None:
        address = address_of(message, outlet.keys)
        return {} if address is None or message.channel is None else {Channel(message.channel): address}
    used = set(outlet.offices.config(message.office_id).messages.channels)
    if used == {Channel.IN_APP}:
        return {}
    found = outlet.addresses_of(session, message.person_id)
    return {channel: address for channel, address in found.items() if channel in used}


def _gateways(outlet: Outlet, office_id: str, channel: Channel) -> Mapping[str, bool]:
    """The gateways of a channel at an office, each with whether it recognises a repetition."""
    plugins = outlet.offices.hooks(office_id).gateways(channel)
    if plugins or channel is not Channel.EMAIL or outlet.smtp is None:
        return plugins
    return {_SMTP: False}


def _may_be_repeated(message: OutboxMessage, outlet: Outlet) -> bool:
    """Whether the same gateways would get the message again, and all of them recognise a repetition."""
    if message.channel is None:
        return False
    try:
        gateways = _gateways(outlet, message.office_id, Channel(message.channel))
    except PluginError:
        return False
    return ",".join(gateways) == message.gateway and all(gateways.values())


def _handed_over(office_id: str, view: NoticeView, outlet: Outlet) -> Delivery:
    hooks = outlet.offices.hooks(office_id)
    if hooks.gateways(view.channel):
        return hooks.notice_due(view) or Delivery(Delivered.LATER, "no gateway took it")
    if outlet.smtp is None:
        return Delivery(Delivered.LATER, "the mail server was taken out of the settings")
    return send_mail(outlet.smtp, view)


def _settle(session: SystemSession, message_id: UUID, delivery: Delivery) -> None:
    message = session.get_one(OutboxMessage, message_id, with_for_update=True, populate_existing=True)
    if delivery.state is Delivered.SENT:
        _end(session, message, "sent")
    elif delivery.state is Delivered.UNKNOWN:
        message.state, message.last_error, message.due_at = "unknown", delivery.reason, None
        _record(session, message)
    else:
        given_up = delivery.state is Delivered.REFUSED or message.attempts >= MOST_ATTEMPTS
        _fail(session, message, delivery.reason, given_up=given_up)


def _hold(session: SystemSession, message: OutboxMessage, held: _Held) -> None:
    if held.state == "failed":
        _fail(session, message, held.reason, given_up=message.attempts >= MOST_ATTEMPTS)
        return
    if held.state == "dropped":
        _end(session, message, "dropped")
        message.last_error = held.reason
    else:
        # Address and values stay, so that the demo can show them.
        message.state, message.due_at, message.ended_at = "shown", None, session.now
    session.flush()


def _end(session: SystemSession, message: OutboxMessage, state: str) -> None:
    """End a message: nothing personal stays with it."""
    message.state, message.last_error, message.due_at = state, "", None
    message.address = message.values = None
    message.ended_at = session.now
    session.flush()


def _fail(session: SystemSession, message: OutboxMessage, reason: str, *, given_up: bool) -> None:
    """Retry after 1 minute, 4, 16 and so on; a message that is given up waits for the operator."""
    message.state, message.last_error = "failed", reason
    message.due_at = None if given_up else session.now + timedelta(minutes=4 ** (message.attempts - 1))
    _record(session, message)


def _record(session: SystemSession, message: OutboxMessage) -> None:
    session.flush()
    kind = f"message.{message.state}"
    audit.record_on(session, message, kind, gateway=message.gateway, attempt=message.attempts)


def _write_down(session: SystemSession, error: PluginError) -> None:
    session.add(
        PluginFailure(office_id=error.office, plugin=error.plugin, hook=error.hook, reason=error.reason, at=session.now)
    )
