"""`kaowu tenants load`: rows that follow the files at every run, and rows that are loaded once."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, select, text

from core.audit.models import RecordEntry
from core.clock import SHANGHAI
from core.db.database import Databases
from core.db.session import SYSTEM_ACCOUNT, OfficeSession, system_actor
from core.delegation.loading import Loaded, load
from core.delegation.models import Delegation
from core.domain.calendar import calendar_from_json
from core.plugin_api import OfficeCode
from core.seasons.models import CalendarVersion, Season, SeasonSubject, SeasonTrade
from core.tenancy.catalogue import Catalogue, load_catalogue
from core.tenancy.models import Office, OfficeArea

NOW = datetime(2024, 3, 1, 9, tzinfo=SHANGHAI)
ROOT = Path(__file__).resolve().parents[2]
QINGHE, HEYUAN = OfficeCode("linshui/qinghe"), OfficeCode("linshui/qinghe/heyuan")


class Database:
    """A migrated database and both roles' ways into it."""

    def __init__(self, owner: Engine, app: Engine) -> None:
        self.owner, self.app = owner, app

    def load(self, catalogue: Catalogue, *, now: datetime = NOW) -> Loaded:
        """Load, as `kaowu tenants load` does."""
        return load(self.owner, self.app, catalogue, now=now)

    def rows(self, statement: Any, office: OfficeCode = QINGHE) -> list[Any]:
        """The rows that an office sees."""
        with OfficeSession(self.app, actor=system_actor(office), now=NOW) as session:
            return list(session.execute(statement).all())


@pytest.fixture
def database(fresh_database: Databases) -> Iterator[Database]:
    owner, app = (create_engine(url, poolclass=NullPool) for url in (fresh_database.owner_url, fresh_database.app_url))
    yield Database(owner, app)
    owner.dispose()
    app.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tests" / "offices", tmp_path / "offices")
    return tmp_path / "offices"


def _edit(folder: Path, file: str, old: str, new: str) -> Catalogue:
    path = folder / file
    written = path.read_text("utf-8")
    assert old in written
    path.write_text(written.replace(old, new), "utf-8")
    return load_catalogue(folder)


def test_offices_and_areas_become_rows_with_half_open_dates(database: Database, folder: Path) -> None:
    database.load(load_catalogue(folder))
    offices = select(Office.id, Office.parent_id, Office.level, Office.short_name).order_by(Office.id)
    assert database.rows(offices) == [
        ("linshui", None, "province", "省直"),
        ("linshui/qinghe", "linshui", "city", "清河"),
        ("linshui/qinghe/heyuan", "linshui/qinghe", "county", "河源"),
        ("linshui/yunshan", "linshui", "city", "云山"),
    ]
    areas = select(OfficeArea.area_code, OfficeArea.name, OfficeArea.valid_from, OfficeArea.valid_until)
    assert database.rows(areas.where(OfficeArea.office_id == HEYUAN).order_by(OfficeArea.area_code)) == [
        ("990121", "河源县", date(1990, 1, 1), date(2020, 1, 1)),
        ("990181", "河源市", date(2020, 1, 1), None),
    ]


def test_the_season_becomes_rows(database: Database, folder: Path) -> None:
    database.load(load_catalogue(folder))
    assert database.rows(select(Season.year, Season.notice, Season.notice_date, Season.rule_document)) == [
        (2024, "临水通知〔2024〕1号", date(2024, 3, 15), "henan-2024")
    ]
    subjects = select(SeasonSubject.subject).where(SeasonSubject.grade == 1).order_by(SeasonSubject.position)
    assert database.rows(subjects) == [("职业道德",), ("专业基础知识",)]
    trades = select(SeasonTrade.trade, SeasonTrade.name).where(SeasonTrade.grade == 2).order_by(SeasonTrade.trade)
    assert database.rows(trades) == [("LS-1", "保管工"), ("LS-2", "汽车驾驶员")]


def test_an_offices_own_dates_become_its_first_version(database: Database, folder: Path) -> None:
    catalogue = load_catalogue(folder)
    database.load(catalogue)
    versions = database.rows(select(CalendarVersion).where(CalendarVersion.office_id == HEYUAN))
    version = versions[0][0]
    assert len(versions) == 1
    assert calendar_from_json(version.windows) == catalogue.own_calendar(HEYUAN, 2024)
    assert (version.year, version.version, version.source) == (2024, 1, "offices/linshui/qinghe/heyuan/tenant.toml")
    assert (version.made_at, version.made_by) == (NOW, SYSTEM_ACCOUNT)


def test_a_countys_first_delegation_waits_for_its_moment(database: Database, folder: Path) -> None:
    database.load(load_catalogue(folder))
    row = database.rows(select(Delegation))[0][0]
    assert (row.from_office_id, row.to_office_id, row.mode, row.state) == (QINGHE, HEYUAN, "handed_over", "pending")
    assert row.stages == ["qualification_review", "onsite_confirmation"]
    assert (row.grades, row.trades, row.unit_ids) == (None, None, None)
    assert row.effective_from == datetime(2024, 3, 18, tzinfo=SHANGHAI)
    assert row.effective_until is None


def test_what_was_loaded_stands_in_the_record_of_its_office(database: Database, folder: Path) -> None:
    database.load(load_catalogue(folder))
    entries = select(RecordEntry.kind).where(RecordEntry.office_id == QINGHE).order_by(RecordEntry.kind)
    assert database.rows(entries) == [("calendar.loaded",), ("configuration.changed",), ("delegation.loaded",)]


def test_loading_again_writes_nothing(database: Database, folder: Path) -> None:
    catalogue = load_catalogue(folder)
    assert database.load(catalogue) == Loaded(offices=4, areas=4, season_rows=28, calendars=4, delegations=1)
    again = database.load(catalogue, now=NOW + timedelta(days=1))
    assert again == Loaded(offices=0, areas=0, season_rows=0, calendars=0, delegations=0)
    assert database.rows(select(Office.loaded_at).distinct()) == [(NOW,)]


def test_names_areas_and_seasons_follow_the_files(database: Database, folder: Path) -> None:
    database.load(load_catalogue(folder))
    _edit(folder, "linshui/yunshan/tenant.toml", 'short_name = "云山"', 'short_name = "新云山"')
    _edit(folder, "linshui/province.toml", '  { code = "LS-2", name = "汽车驾驶员" },\n', "")
    catalogue = _edit(folder, "linshui/yunshan/tenant.toml", "from = 1990-01-01 }", "from = 1995-01-01 }")
    changed = database.load(catalogue)
    assert changed == Loaded(offices=1, areas=2, season_rows=5, calendars=0, delegations=0)
    assert database.rows(select(Office.short_name).where(Office.id == "linshui/yunshan")) == [("新云山",)]
    areas = select(OfficeArea.valid_from).where(OfficeArea.office_id == "linshui/yunshan")
    assert database.rows(areas) == [(date(1995, 1, 1),)]


def test_dates_and_delegations_that_are_rows_no_longer_follow_the_files(database: Database, folder: Path) -> None:
    first = load_catalogue(folder)
    database.load(first)
    _edit(folder, "linshui/qinghe/heyuan/tenant.toml", "closes = 2024-07-14", "closes = 2024-07-21")
    catalogue = _edit(folder, "linshui/qinghe/heyuan/tenant.toml", "清河测试〔2024〕1号", "清河测试〔2024〕2号")
    assert database.load(catalogue) == Loaded(offices=0, areas=0, season_rows=0, calendars=0, delegations=0)
    windows = database.rows(select(CalendarVersion.windows).where(CalendarVersion.office_id == HEYUAN))
    assert [calendar_from_json(window[0]) for window in windows] == [first.own_calendar(HEYUAN, 2024)]
    assert database.rows(select(Delegation.instrument)) == [("清河测试〔2024〕1号",)]


def test_a_closed_office_keeps_the_rows_it_has(database: Database, folder: Path) -> None:
    database.load(load_catalogue(folder))
    catalogue = _edit(folder, "linshui/qinghe/heyuan/tenant.toml", "[office]", "[offices]")
    assert not catalogue.is_open(HEYUAN)
    database.load(catalogue)
    areas = select(OfficeArea.area_code).where(OfficeArea.office_id == HEYUAN).order_by(OfficeArea.area_code)
    assert database.rows(areas) == [("990121",), ("990181",)]


def test_the_running_role_cannot_write_offices(database: Database, folder: Path) -> None:
    database.load(load_catalogue(folder))
    with database.app.connect() as connection:
        granted = connection.scalar(
            text("SELECT has_table_privilege('kaowu_app', 'offices', 'INSERT, UPDATE, DELETE')")
        )
    assert granted is False
