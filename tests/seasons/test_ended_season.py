"""When a season has ended, and that nothing new begins in it; what is open there is tested where it is done."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine

from core.applications import service as applications
from core.applications.forms import ApplicationDraft
from core.applications.service import Applicant
from core.db.base import new_id
from core.db.server.embedded import EmbeddedServer
from core.db.session import Actor, OfficeSession, Role
from core.documents.storage import DocumentStore
from core.errors import Conflict
from core.oversight import service as filings
from core.plugin_api import Grade, WindowKind
from core.results.awards import publication
from core.results.evaluation import panels
from core.results.marks import service as marks
from core.reviews import rosters
from core.reviews.owed.reminders import remind
from core.reviews.rosters import RosterKind
from core.scheduling.exam_day import door, safekeeping
from core.scheduling.invigilation import register, table
from core.scheduling.plans import service as plans
from core.scheduling.sites import service as sites
from core.scheduling.sites.service import RoomForm, SiteForm, SiteItem
from core.scheduling.sittings import service as sittings
from core.scheduling.training import service as training
from core.seasons import service as calendars
from core.seasons.posts import state_posts
from core.seasons.queries import check_not_ended, is_ended, latest_season
from tests.cases import CITY, OTHER_CITY, YEAR, Season, at
from tests.conftest import clone
from tests.factories import RULES
from tests.two_seasons import LATER, NEXT, NOTICE, load_two_seasons, two_seasons

NOTHING: Any = None
"""What an act would need further on: it is refused before it looks."""


@pytest.fixture(scope="module")
def engine(database_server: EmbeddedServer, worker_id: str) -> Iterator[Engine]:
    with clone(database_server, f"kaowu_ended_{worker_id}") as databases:
        load_two_seasons(databases, two_seasons())
        engine = create_engine(databases.app_url)
        yield engine
        engine.dispose()


@pytest.fixture
def season(engine: Engine, tmp_path: Path) -> Iterator[Season]:
    with engine.connect() as connection, connection.begin() as transaction:
        yield Season(connection, two_seasons(), RULES, DocumentStore(tmp_path / "documents"))
        transaction.rollback()


def _scheduler() -> Actor:
    return Actor(new_id(), "测试编排员", Role.SCHEDULER, office_id=CITY)


@pytest.mark.parametrize(
    ("now", "year", "ended"),
    [
        (at(1, 1), YEAR, False),
        (at(3, 25), YEAR, False),
        (NOTICE - timedelta(seconds=1), YEAR, False),
        (NOTICE, NEXT, True),
        (LATER, NEXT, True),
    ],
)
def test_a_season_is_current_from_its_notice_until_the_next(
    season: Season, now: datetime, year: int, ended: bool
) -> None:
    season.now = now
    with season.as_office(CITY) as session:
        current = latest_season(session)
        assert current is not None
        assert (current.year, is_ended(session, YEAR), is_ended(session, NEXT)) == (year, ended, False)


BEGINNINGS: dict[str, Callable[[OfficeSession], object]] = {
    "calendar": lambda session: calendars.propose_calendar(session, YEAR, (), frame=NOTHING, source="测试"),
    "late entry": lambda session: calendars.let_in_late(
        session, year=YEAR, person_id=new_id(), reason="测试", opens=LATER, closes=LATER
    ),
    "exam dates": lambda session: filings.file_exam_dates(session, YEAR, new_id(), due=None),
    "summary": lambda session: filings.file_registration_summary(session, YEAR, {}, (), due=None),
    "site": lambda session: sites.register_site(session, YEAR, NOTHING),
    "sitting": lambda session: sittings.set_sitting(session, YEAR, NOTHING),
    "plan": lambda session: plans.draw_up(session, YEAR, WindowKind.COMPUTER_EXAM, offices=NOTHING),
    "plan later": lambda session: plans.draw_up_later(session, YEAR, WindowKind.COMPUTER_EXAM, offices=NOTHING),
    "course": lambda session: training.set_course(session, YEAR, NOTHING),
    "invigilators": lambda session: register.add_invigilators(session, YEAR, ()),
    "table of invigilators": lambda session: table.import_invigilators(session, YEAR, ()),
    "incident": lambda session: door.report_incident(session, YEAR, NOTHING),
    "custody": lambda session: safekeeping.take_into_custody(session, YEAR, NOTHING),
    "marks": lambda session: marks.propose_import(session, b"", year=YEAR, file_name="测试.xlsx"),
    "panel": lambda session: panels.form_panel(session, year=YEAR, name="测试", trades=(), offices=NOTHING),
    "quota": lambda session: panels.set_quota(session, year=YEAR, trade="LS-1", places=1, source="测试"),
}
_OF_OFFICERS = {"calendar", "late entry", "exam dates", "summary"}


@pytest.mark.parametrize("act", BEGINNINGS)
def test_nothing_new_begins_in_an_ended_season(season: Season, act: str) -> None:
    season.now = LATER
    actor = season.officer(CITY) if act in _OF_OFFICERS else _scheduler()
    with pytest.raises(Conflict) as refused, season.as_office(CITY, actor=actor) as session:
        BEGINNINGS[act](session)
    assert refused.value.code == "season_ended"
    assert refused.value.detail == f"{YEAR}年度考核已结束，只能查看，不能再办理此项。请换到本年度办理。"


def test_no_application_and_no_roster_begins_in_an_ended_season(season: Season) -> None:
    unit_id, person = season.add_unit(), season.add_person()
    season.now = LATER
    assert person.person_id is not None
    applicant = Applicant(person.person_id, person.name, "0000")
    with pytest.raises(Conflict, match=f"{YEAR}年度考核已结束"), season.as_person(person) as session:
        applications.open_draft(session, applicant, year=YEAR, unit_id=unit_id, draft=ApplicationDraft())
    with pytest.raises(Conflict, match=f"{YEAR}年度考核已结束"), season.as_unit(unit_id) as unit:
        rosters.make_roster(unit, RosterKind.PASSED, YEAR)


def test_a_unit_reminds_nobody_and_states_no_posts_in_an_ended_season(season: Season) -> None:
    unit_id = season.add_unit()
    season.now = LATER
    with pytest.raises(Conflict, match=f"{YEAR}年度考核已结束"), season.as_unit(unit_id) as unit:
        remind(unit, YEAR, ())
    with pytest.raises(Conflict, match=f"{YEAR}年度考核已结束"), season.as_unit(unit_id) as unit:
        state_posts(unit, unit_id, YEAR, vacant={Grade.FIVE: 1}, policy="")


SITE = SiteForm(code="QH-1", name="测试考点", address="测试路1号", opens_on=at(3, 1).date(), closes_on=at(12, 1).date())
ON_A_SITE: dict[str, Callable[[OfficeSession, UUID], object]] = {
    "change": lambda session, site_id: sites.change_site(session, site_id, SITE),
    "rooms": lambda session, site_id: sites.add_rooms(session, site_id, [RoomForm("1号机房", 30, 1, False)]),
    "sign off": lambda session, site_id: sites.sign_off(session, site_id, SiteItem.POWER, passed=True),
    "serve": lambda session, site_id: sites.serve_office(session, site_id, OTHER_CITY),
}


@pytest.mark.parametrize("act", ON_A_SITE)
def test_what_was_made_for_an_ended_season_is_not_changed_any_more(season: Season, act: str) -> None:
    with season.as_office(CITY, actor=_scheduler()) as session:
        site_id = sites.register_site(session, YEAR, SITE).id
    season.now = LATER
    with pytest.raises(Conflict) as refused, season.as_office(CITY, actor=_scheduler()) as session:
        ON_A_SITE[act](session, site_id)
    assert refused.value.code == "season_ended"


def test_the_current_season_and_a_coming_one_are_open(season: Season) -> None:
    with season.as_office(CITY) as session:
        check_not_ended(session, YEAR)
        check_not_ended(session, NEXT)


def test_a_list_of_an_ended_season_may_still_follow_from_a_remedy(season: Season) -> None:
    season.now = LATER
    with season.as_office(CITY, "supervisor") as session:
        assert publication.waits_for_list(session, YEAR) is False
        with pytest.raises(Conflict) as refused:
            publication.draft_list(session, YEAR, grades={Grade.FIVE}, awards=season.offices.config(CITY).awards)
    assert refused.value.code != "season_ended"
