"""The worker's look at the exam day, every minute: sites that are not open, and reports that nobody has received.

Source: 2024 notice §4(3): emergencies are to be handled by a mechanism, and not left to chance.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import select, union

from core.db.session import SystemSession
from core.scheduling.emergencies.service import remind_unreceived
from core.scheduling.exam_day.opening_alarms import watch_openings
from core.scheduling.models.sites import ExamSite
from core.scheduling.models.sittings import Sitting
from core.seasons.queries import is_ended
from core.tenancy.offices import Offices


def watch_every_office(begin: Callable[[str], AbstractContextManager[SystemSession]], offices: Offices) -> None:
    """Look at each office with sittings or sites of a running season, every one in a transaction of its own."""
    with begin(offices.catalogue.province.code) as session:
        running = [year for year in offices.catalogue.seasons() if not is_ended(session, year)]
        watched = union(
            *(select(kind.office_id, kind.year).where(kind.year.in_(running)) for kind in (Sitting, ExamSite))
        )
        places = sorted((office, year) for office, year in session.execute(watched))
    for office_id, year in places:
        rules = offices.config(office_id).exam_day
        with begin(office_id) as session:
            watch_openings(session, year, minutes_before=rules.opened_minutes_before)
            remind_unreceived(session, year, minutes=rules.acknowledged_minutes)
