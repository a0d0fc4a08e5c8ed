"""Erasing who was responsible for a season, once its time is over; that somebody was stays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update

from core.clock import SHANGHAI
from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.responsibility.models import EmergencyPlan, ResponsiblePerson


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


def plans_due(before: datetime) -> Select[UUID]:
    """Emergency plans of seasons whose year was over before this time."""
    over = EmergencyPlan.year < before.astimezone(SHANGHAI).year
    return select(EmergencyPlan.id).where(over, EmergencyPlan.hotline != ERASED).order_by(EmergencyPlan.id)


def erase_plans(session: KeeperSession, plan_ids: Sequence[UUID]) -> None:
    """Replace telephones and contacts, which are people; that there was a plan, and its states, stay."""
    those = update(EmergencyPlan).where(EmergencyPlan.id.in_(plan_ids))
    session.execute(those.values(hotline=ERASED, contacts=[], made_by_name=ERASED, approved_by_name=ERASED))
