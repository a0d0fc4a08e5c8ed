"""A person's own contact settings over JSON: the preferred channel, and an e-mail address with its proof."""

from typing import Literal

from litestar import Router
from litestar.params import JSONBody

from core.identity import contacts
from core.identity.models import Contact
from core.plugin_api import Channel
from core.web.dependencies import OfPerson, ThePlatform
from core.web.guards import APPLICANTS
from core.web.routes import act, declared_in, read
from core.web.schemas import Input, Line, Output, Secret


class EmailIn(Input):
    """The e-mail address to be told by."""

    email: Line


class EmailCodeIn(Input):
    """The code that came by e-mail."""

    code: Secret


class PreferenceIn(Input, published="identity_contacts_api_PreferenceIn"):
    """By what to be told first."""

    channel: Literal["sms", "email"]


class ContactOut(Output):
    """By what the person is told first, and whether an e-mail address is confirmed, or waits for its code."""

    prefers: Literal["sms", "email"]
    has_email: bool
    waits_for_code: bool


@read("/me/contact", roles=APPLICANTS)
def show_contact(session: OfPerson) -> ContactOut:
    """How the asker is told."""
    return _contact(contacts.contact_of(session))


@act("/me/contact/email", roles=APPLICANTS)
def ask_for_email(session: OfPerson, platform: ThePlatform, data: JSONBody[EmailIn]) -> ContactOut:
    """Have a code sent to an e-mail address."""
    return _contact(contacts.ask_for_email(session, data.email, keys=platform.keys))


@act("/me/contact/email/confirm", roles=APPLICANTS)
def confirm_email(session: OfPerson, platform: ThePlatform, data: JSONBody[EmailCodeIn]) -> ContactOut:
    """Give the code back."""
    if not contacts.confirm_email(session, data.code.get_secret_value(), keys=platform.keys):
        # The refusal is rolled back, the try that it cost is not.
        session.commit()
        raise contacts.code_refused()
    return _contact(contacts.contact_of(session))


@act("/me/contact/preference", roles=APPLICANTS)
def prefer(session: OfPerson, data: JSONBody[PreferenceIn]) -> ContactOut:
    """Choose by what to be told first."""
    return _contact(contacts.prefer(session, Channel(data.channel)))


def _contact(contact: Contact) -> ContactOut:
    return ContactOut(
        prefers="email" if contact.prefers == Channel.EMAIL else "sms",
        has_email=contact.email is not None,
        waits_for_code=contact.pending_email is not None,
    )


router = Router("/", route_handlers=declared_in(__name__), tags=["账号"])
