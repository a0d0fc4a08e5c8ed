"""The certificates of earlier years beside an application: offered where the form asks, compared where it is read."""

from collections.abc import Mapping
from typing import Any

from core.applications.models import Application
from core.results.candidate.held_certificates import Compared, HeldSession, compared, held_certificates, offered
from core.seasons.queries import trades_of


def beside_the_form(session: HeldSession, application: Application) -> dict[str, Any]:
    """What the page about the grade held shows: the certificates, the one that is filled in, and what differs."""
    held, trades = held_certificates(session, application.id), _trades(session, application)
    return {
        "held": [(certificate, trades.get(certificate.trade, certificate.trade)) for certificate in held],
        "offered": offered(held, application.form),
        "compared": compared(held, application.form, trades),
    }


def comparison(session: HeldSession, application: Application) -> Compared | None:
    """What the answers of an application say against the certificates of its person."""
    held = held_certificates(session, application.id)
    return compared(held, application.form, _trades(session, application)) if held else None


def _trades(session: HeldSession, application: Application) -> Mapping[str, str]:
    return dict(trades_of(session, application.year))
