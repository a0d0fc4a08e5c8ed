"""Reading bans: offices read those that they decided, persons their own."""

from collections.abc import Sequence

from sqlalchemy import select

from core.db.session import OfficeSession, PersonSession, ProvinceSession
from core.sanctions.models import Ban


def bans(session: PersonSession | OfficeSession | ProvinceSession) -> Sequence[Ban]:
    """The bans that the session may read, the newest first."""
    if isinstance(session, PersonSession):
        wanted = select(Ban).where(Ban.person_id == session.person_id)
    else:
        wanted = select(Ban).where(Ban.office_id == session.office_id)
    return session.scalars(wanted.order_by(Ban.id.desc())).all()
