"""Erasing who was responsible for a season, once its time is over; that somebody was stays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update

from core.clock import SHANGHAI
from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.responsibility.models import ResponsiblePerson


def responsible_due(before: datetime) -> Select[UUID]:
    """Those named for seasons whose year was over before this time."""
    wanted = select(ResponsiblePerson.id).where(
        ResponsiblePerson.year < before.astimezone(SHANGHAI).year, ResponsiblePerson.name != ERASED
    )
    return wanted.order_by(ResponsiblePerson.id)


def erase_responsible(session: KeeperSession, entry_ids: Sequence[UUID]) -> None:
    """Replace names and telephones; rank, post and day stay."""
    those = update(ResponsiblePerson).where(ResponsiblePerson.id.in_(entry_ids))
    session.execute(those.values(name=ERASED, telephone="", entered_by_name=ERASED))
