"""Reading the rows of offices, their areas, and the failures of their plugins."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select

from core.db.session import ScopedSession
from core.tenancy.models import Office, OfficeArea, PluginFailure

_FAILURES_SHOWN = 100


def offices(session: ScopedSession) -> Sequence[Office]:
    """Every office, each followed by those below it."""
    return session.scalars(select(Office).order_by(Office.id)).all()


def area_codes(session: ScopedSession, on: date) -> dict[str, list[str]]:
    """The area codes that offices have on a day, by office; an office without an area is left out."""
    holds = (OfficeArea.valid_from <= on, or_(OfficeArea.valid_until.is_(None), OfficeArea.valid_until > on))
    found: dict[str, list[str]] = {}
    wanted = select(OfficeArea.office_id, OfficeArea.area_code).where(*holds)
    for office_id, code in session.execute(wanted.order_by(OfficeArea.office_id, OfficeArea.area_code)):
        found.setdefault(office_id, []).append(code)
    return found


def plugin_failures(session: ScopedSession, office_id: str) -> Sequence[PluginFailure]:
    """The latest failures of an office's plugins, the newest first."""
    wanted = select(PluginFailure).where(PluginFailure.office_id == office_id)
    return session.scalars(wanted.order_by(PluginFailure.at.desc(), PluginFailure.id).limit(_FAILURES_SHOWN)).all()
