"""The outbox for operators: waiting, failed and uncertain messages, and decisions on them; in a demo their texts."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, FromQuery, QueryParameter

from core.db.session import OperatorSession, ScopedSession
from core.errors import Invalid, NotFound
from core.messages import outbox
from core.messages.kinds import kind_label
from core.platform import Platform
from core.tenancy.queries import offices
from core.web.dependencies import AnySession, ThePlatform
from core.web.guards import OPERATORS
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.routes import form, page

STATES = {
    "queued": ("待发送", "waits"),
    "sending": ("发送中", "waits"),
    "failed": ("发送失败", "stopped"),
    "unknown": ("结果不明", "stopped"),
    "sent": ("已发送", "done"),
    "dropped": ("已放弃", "plain"),
    "shown": ("演示，不发送", "plain"),
}
_CHANNELS = {"sms": "短信", "email": "电子邮件", "in_app": "站内通知"}


@page("/operations/outbox", roles=OPERATORS)
def outbox_page(
    request: AnyRequest,
    session: AnySession,
    platform: ThePlatform,
    *,
    standing: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
    before: FromQuery[UUID | None] = None,
) -> Response[str]:
    """Messages, the newest first, without text and address, except where the installation only shows them."""
    return _outbox(request, session, platform, standing=standing, before=before)


@form("/operations/outbox/{message_id:uuid}", roles=OPERATORS)
def decide(
    request: AnyRequest, session: AnySession, platform: ThePlatform, *, message_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Send a message again, or take it as sent."""
    assert isinstance(session, OperatorSession)  # noqa: S101 - the route is the operators' alone
    acts = {"again": outbox.send_again, "sent": outbox.take_as_sent}
    with attempt(request, session) as tried:
        wanted = str(data.get("act") or "")
        if wanted not in acts:
            raise NotFound("no_such_action", "没有这个操作，请使用页面上的按钮。")
        acts[wanted](session, message_id)
        return see("/operations/outbox")
    return _outbox(request, session, platform, tried=tried)


def _outbox(
    request: AnyRequest,
    session: ScopedSession,
    platform: Platform,
    *,
    standing: str = "",
    before: UUID | None = None,
    tried: Any = None,
) -> Response[str]:
    if standing and standing not in STATES:
        raise Invalid("filter_unknown", "没有这个状态，请从页面上的筛选中选择。")
    rows, following = outbox.messages(session, state=standing or None, before=before)
    texts = {}
    if platform.settings.simulation:
        texts = dict(outbox.shown(session, rows, offices=platform.offices, keys=platform.keys))
    chips = [("全部", "/operations/outbox", not standing)]
    chips += [(label, _address(state), standing == state) for state, (label, _) in STATES.items()]
    return render(
        request,
        session,
        "messages/outbox.html",
        tried=tried,
        rows=rows,
        texts=texts,
        simulation=platform.settings.simulation,
        counts=outbox.counts(session),
        chips=chips,
        states=STATES,
        channels=_CHANNELS,
        kind_label=kind_label,
        names={office.id: office.name for office in offices(session)},
        next_address=None if following is None else _address(standing, before=str(following)),
        first_address=_address(standing) if before else None,
    )


def _address(standing: str, **more: str) -> str:
    held = {"state": standing, **more}
    return "/operations/outbox?" + urlencode({name: value for name, value in held.items() if value})
