"""`kaowu filings due`: the operator sees what every city of Henan owes, now and on another date."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, create_engine, select

from core.cli import main
from core.clock import start_of
from core.db.database import Databases
from core.db.session import OfficeSession, ProvinceSession, system_actor
from core.delegation.loading import load
from core.oversight import service
from core.plugin_api import FilingKind, OfficeCode, OfficeLevel
from core.seasons.models import CalendarVersion
from core.security.keys import create_keys
from core.security.signatures import create_signing_keys
from core.settings import ROOT
from core.tenancy.catalogue import Catalogue
from tests.linshui import YEAR, at

TENANTS = ROOT / "tenants"
LUOYANG = OfficeCode("henan/luoyang")


@pytest.fixture
def engine(
    fresh_database: Databases, henan: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """Henan in the database that the settings name."""
    create_keys(tmp_path / "keys")
    create_signing_keys(tmp_path / "keys")
    for name, value in (("DATA_DIR", tmp_path), ("TENANTS_DIR", TENANTS), ("DATABASE_URL", fresh_database.app_url)):
        monkeypatch.setenv(f"KAOWU_{name}", str(value))
    owner, app = create_engine(fresh_database.owner_url), create_engine(fresh_database.app_url)
    load(owner, app, henan, now=start_of(henan.season(YEAR).notice_date))
    owner.dispose()
    yield app
    app.dispose()


def lines(*words: str) -> dict[tuple[str, str], list[str]]:
    """The table by office and kind: due, status, version, receipt."""
    result = CliRunner().invoke(main, ["filings", "due", *words])
    assert result.exit_code == 0, result.output
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in result.output.splitlines() if "│" in line]
    return {(row[0], row[1]): row[2:] for row in cells}


@pytest.mark.usefixtures("engine")
def test_cities_alone_owe_filings(henan: Catalogue) -> None:
    cities = [office.code for office in henan.offices(OfficeLevel.CITY) if not office.config.office.practice]
    table = lines("--as-of", "2024-03-20")
    assert len(cities) == 18
    assert set(table) == {(city, kind.value) for city in cities for kind in FilingKind}
    assert {row[1] for row in table.values()} == {"not_due_yet"}
    assert {row[1] for (_, kind), row in lines("--as-of", "2024-04-15").items() if kind == "registration_summary"} == {
        "overdue"
    }


def test_a_received_filing_shows_its_receipt_from_that_day_on(engine: Engine) -> None:
    with OfficeSession(engine, actor=system_actor(LUOYANG), now=at(5, 20)) as city, city.begin():
        calendar = city.scalars(select(CalendarVersion.id).where(CalendarVersion.office_id == LUOYANG)).one()
        filing_id = service.file_exam_dates(city, YEAR, calendar, due=at(6, 1, 0)).id
    with ProvinceSession(engine, actor=system_actor(OfficeCode("henan")), now=at(5, 22)) as center, center.begin():
        service.receive(center, filing_id)
    key = (LUOYANG, FilingKind.EXAM_DATES.value)
    shown = [lines("--year", "2024", "--as-of", f"2024-05-{day}")[key][1:] for day in (19, 20, 22)]
    assert shown == [["not_due_yet", "-", "-"], ["filed", "1", "-"], ["received", "1", "备案-2024-洛阳-0001"]]


@pytest.mark.usefixtures("engine")
def test_an_unknown_year_is_refused_with_a_message() -> None:
    result = CliRunner().invoke(main, ["filings", "due", "--year", "2031"])
    assert result.exit_code == 1
    assert "2031" in result.output
