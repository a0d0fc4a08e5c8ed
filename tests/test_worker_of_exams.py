"""The worker rings for sites that are not open, closes door lists, and reminds offices before answers fall due."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, select

from core import worker
from core.applications.rules.document import RuleDocument
from core.clock import SettableClock
from core.db.database import Databases
from core.messages.models import Notice
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.openings import OpeningAlarm
from core.tenancy.offices import Offices
from tests.cases import at, platform_at
from tests.results.awards.awarded import passed
from tests.sanctions.test_cases import heard
from tests.scheduling.conftest import NINE, Exams
from tests.scheduling.exam_day.test_door import exam
from tests.scheduling.exam_day.test_door_lists import arrive
from tests.test_retention import Archive, archive

__all__ = ["archive"]


def test_the_worker_rings_for_sites_closes_lists_and_reminds_of_answers(
    archive: Archive, linshui_database: Databases, linshui_offices: tuple[Offices, RuleDocument], tmp_path: Path
) -> None:
    season = archive.season
    season.now = at(5, 20)
    exams = Exams(season)
    sitting, cases, numbers = exam(exams)
    season.now = NINE
    arrive(exams, sitting, [numbers[cases[0].id]])
    heard(season, passed(season))
    season.connection.commit()
    engine = create_engine(linshui_database.app_url)
    late = NINE - timedelta(minutes=20)
    platform = platform_at(late, linshui_database, engine, offices=linshui_offices, folder=tmp_path)
    assert isinstance(platform.clock, SettableClock)
    for moment in (late, late + timedelta(minutes=5)):
        platform.clock.set(moment)
        worker.run(platform, once=True)
    platform.clock.set(at(6, 26))
    worker.run(platform, once=True)
    with season.as_province() as session:
        assert [alarm.raised_at for alarm in session.scalars(select(OpeningAlarm))] == [late]
    with season.as_province() as session:
        assert sorted(session.scalars(select(Attendance.state))) == ["absent", "present"]
    platform.clock.set(at(10, 14))
    worker.run(platform, once=True)
    with season.as_province() as session:
        wanted = select(Notice.kind).where(Notice.kind.in_(["attendance_closed", "reminder.hearing"]))
        assert sorted(session.scalars(wanted)) == ["attendance_closed", "reminder.hearing", "reminder.hearing"]
    engine.dispose()
