"""How an applicant is told: by SMS or first by e-mail, with the proof of the address."""

from typing import Any

from litestar import Response

from core.applications.form_steps import Fields
from core.db.session import PersonSession
from core.errors import Invalid
from core.identity import contacts
from core.plugin_api import Channel
from core.web.dependencies import OfPerson, ThePlatform
from core.web.guards import APPLICANTS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

_AT = "/my/contact"


@page(_AT, roles=APPLICANTS)
def contact_page(request: AnyRequest, session: OfPerson) -> Response[str]:
    """The way in which the person is told, and their e-mail address."""
    return _show(request, session)


@form(_AT, roles=APPLICANTS)
def prefer(request: AnyRequest, session: OfPerson, data: Sent) -> Response[Any]:
    """Choose by what to be told first."""
    with attempt(request, session) as tried:
        try:
            chosen = Channel(fields.text(data, "channel"))
        except ValueError:
            raise Invalid("channel_missing", "请选择接收通知的方式。", at="channel") from None
        contacts.prefer(session, chosen)
        return see(_AT)
    return _show(request, session, tried=tried)


@form(f"{_AT}/email", roles=APPLICANTS)
def ask_for_email(request: AnyRequest, session: OfPerson, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Have a code sent to an e-mail address."""
    with attempt(request, session) as tried:
        contacts.ask_for_email(session, fields.text(data, "email"), keys=platform.keys)
        return see(_AT)
    return _show(request, session, tried=tried, given=data)


@form(f"{_AT}/email/confirm", roles=APPLICANTS)
def confirm_email(request: AnyRequest, session: OfPerson, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Give the code back. A wrong one costs a try, which the refusal does not take back."""
    right = contacts.confirm_email(session, fields.text(data, "code"), keys=platform.keys)
    with attempt(request, session) as tried:
        if not right:
            raise contacts.code_refused()
        return see(_AT)
    return _show(request, session, tried=tried)


def _show(
    request: AnyRequest, session: PersonSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    contact = contacts.contact_of(session)
    return render(
        request,
        session,
        "identity/contact.html",
        tried=tried,
        given=Fields(given or {}),
        prefers=contact.prefers,
        has_email=contact.email is not None,
        waits=contact.pending_email is not None
        and contact.code_expires_at is not None
        and contact.code_expires_at > session.now,
    )
