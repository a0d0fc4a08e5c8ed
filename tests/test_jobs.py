"""Background jobs: plugins are told after the commit, never after a rollback; due work is done."""

import importlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, create_engine, select, text

from core import worker
from core.applications.moves import Step, move, open_for_change
from core.applications.rules.document import RuleDocument
from core.cli import main
from core.db.database import Databases
from core.db.session import Actor, ProvinceSession, Role
from core.documents.storage import DocumentStore
from core.domain.workflow import Action, State
from core.organizations import unit_acts
from core.organizations.models import Unit
from core.organizations.unit_acts import Kind, Terms
from core.oversight import service as oversight
from core.platform import Platform
from core.plugin_api import FilingMoveView, MoveView, OfficeCode
from core.seasons.models import CalendarVersion
from core.settings import ROOT, Settings
from core.tenancy.catalogue import load_catalogue
from core.tenancy.models import PluginFailure
from core.tenancy.offices import Offices
from core.tenancy.plugins import build_hooks
from tests import cases
from tests.cases import CITY, COUNTY, KEYS, OTHER_CITY, PAPER_KEYS, PROVINCE, RECORD_KEYS, YEAR, Season, at, write_keys

PLUGINS = {
    "remembers": """
        from core.plugin_api import hookimpl
        moves, filings = [], []
        @hookimpl
        def application_moved(move):
            moves.append(move)
        @hookimpl
        def filing_moved(move):
            filings.append(move)
    """,
    "fails_once": """
        from core.plugin_api import hookimpl
        moves = []
        @hookimpl
        def application_moved(move):
            moves.append(move)
            if len(moves) == 1:
                raise ConnectionError("the line is down")
    """,
}
"""Two plugins of the city: one remembers the moves it is told, one fails the first time."""


NEWEST_OF_PROCRASTINATE = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""The change of Procrastinate's schema up to which our migration made it; a newer one needs a migration of ours."""


@dataclass
class Work:
    """The invented province with a platform, and the plugins of its city as this process has imported them."""

    platform: Platform
    rules: RuleDocument
    store: DocumentStore
    package: str
    owner: Engine

    @contextmanager
    def season(self, *, commit: bool = True) -> Iterator[Season]:
        """People at work in one transaction, which ends with a commit or with a rollback."""
        with self.platform.engine.connect() as connection, connection.begin() as transaction:
            yield Season(connection, self.platform.offices, self.rules, self.store)
            (transaction.commit if commit else transaction.rollback)()

    def told(self, plugin: str, of: str = "moves") -> list[MoveView | FilingMoveView]:
        """The moves that a plugin was told so far."""
        found: list[MoveView | FilingMoveView] = getattr(importlib.import_module(f"{self.package}.{plugin}"), of)
        return found

    def waiting(self) -> list[str]:
        """The plugins that a waiting job will tell; what runs by the clock comes and goes and is left out."""
        query = "SELECT args->>'plugin' FROM procrastinate_jobs WHERE status = 'todo' AND task_name = 'tell_plugin'"
        with self.owner.connect() as connection:
            return list(connection.scalars(text(query)))

    def let_retries_come(self) -> None:
        """As if the time until the next attempt had passed."""
        with self.owner.begin() as connection:
            connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))

    def failures(self) -> list[tuple[str, str, str]]:
        """The recorded failures of plugins, with their reasons."""
        with self.season() as season, season.as_office(CITY) as session:
            found = session.scalars(select(PluginFailure).order_by(PluginFailure.at)).all()
            return [(failure.plugin, failure.hook, failure.reason) for failure in found]


@pytest.fixture
def build(fresh_database: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Work]]:
    """Make the province, with ``plugins`` in the city; their package is new, so that nothing is remembered."""
    engines: list[Engine] = []
    package = f"told_{tmp_path.name}".replace("-", "_")
    folder = tmp_path / package
    folder.mkdir()
    for name, source in {"__init__": "", **PLUGINS}.items():
        (folder / f"{name}.py").write_text("\n".join(line[8:] for line in source.splitlines()), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    def built(*plugins: str, package: str = package) -> Work:
        files = tmp_path / "offices"
        shutil.copytree(Path(__file__).parent / "offices", files)
        city = files / CITY / "tenant.toml"
        city.write_text(f"plugins = {list(plugins)}\n{city.read_text('utf-8')}", "utf-8")
        catalogue = load_catalogue(files)
        offices = Offices(catalogue, build_hooks(catalogue, package=package))
        cases.load_linshui(fresh_database, offices)
        owner, app = create_engine(fresh_database.owner_url), create_engine(fresh_database.app_url)
        engines.extend([owner, app])
        rules = cases.linshui_offices()[1]
        store = DocumentStore(tmp_path / "documents")
        settings = Settings.model_construct(tenants_dir=files)
        platform = Platform(
            settings,
            fresh_database,
            app,
            offices,
            {YEAR: rules},
            KEYS,
            RECORD_KEYS,
            PAPER_KEYS,
            store,
            clock=lambda: at(3, 25, 10),
        )
        return Work(platform, rules, store, package, owner)

    yield built
    for engine in engines:
        engine.dispose()


def withdraw(work: Work, *, commit: bool = True, office: OfficeCode = CITY, papers: bool = True) -> UUID:
    """An applicant withdraws a draft: one move."""
    with work.season(commit=commit) as season:
        case = season.draft(office, papers=papers)
        with season.as_person(case.person) as session:
            application = open_for_change(session, case.id)
            return move(session, application, Step(Action.WITHDRAW), offices=work.platform.offices).id


def test_a_plugin_is_told_of_a_move_after_its_commit_and_once(build: Callable[..., Work]) -> None:
    work = build("remembers")
    move_id = withdraw(work)
    assert work.told("remembers") == []
    worker.run(work.platform, once=True)
    worker.run(work.platform, once=True)
    (told,) = work.told("remembers")
    assert isinstance(told, MoveView)
    assert (told.move_id, told.office, told.action) == (str(move_id), CITY, "withdraw")
    assert (told.from_state, told.to_state) == (State.DRAFT, State.WITHDRAWN)
    assert work.failures() == []


def test_a_move_that_is_rolled_back_is_told_to_no_plugin(build: Callable[..., Work]) -> None:
    work = build("remembers")
    withdraw(work, commit=False)
    assert work.waiting() == []
    worker.run(work.platform, once=True)
    assert work.told("remembers") == []


def test_a_move_where_no_plugin_listens_leaves_no_job(build: Callable[..., Work]) -> None:
    work = build("remembers")
    withdraw(work, office=OTHER_CITY)
    assert work.waiting() == []


def test_a_county_tells_its_citys_plugins_of_a_case_that_the_city_owns(build: Callable[..., Work]) -> None:
    work = build("remembers")
    move_id = withdraw(work, office=COUNTY)
    worker.run(work.platform, once=True)
    assert [(view.move_id, view.office) for view in work.told("remembers")] == [(str(move_id), CITY)]


def test_a_failing_plugin_is_recorded_and_told_again_and_the_others_once(build: Callable[..., Work]) -> None:
    work = build("remembers", "fails_once")
    move_id = withdraw(work)
    worker.run(work.platform, once=True)
    ((plugin, hook, reason),) = work.failures()
    assert (plugin, hook) == ("fails_once", "application_moved")
    assert reason.startswith("raised ConnectionError: the line is down")
    assert work.waiting() == ["fails_once"]

    work.let_retries_come()
    worker.run(work.platform, once=True)
    assert [view.move_id for view in work.told("fails_once")] == [str(move_id)] * 2
    assert [view.move_id for view in work.told("remembers")] == [str(move_id)]
    assert work.waiting() == []
    assert len(work.failures()) == 1


def test_a_job_whose_worker_died_is_taken_up_by_the_next(build: Callable[..., Work]) -> None:
    work = build("remembers")
    move_id = withdraw(work)
    with work.owner.begin() as connection:
        gone = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        taken = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker"
        connection.execute(text(taken), {"worker": connection.scalar(text(gone))})
        lock = f"carry_out_due:{CITY}"
        again = "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status, worker_id, args) "
        values = "SELECT queue_name, 'carry_out_due', :lock, :lock, :status, worker_id, :given FROM procrastinate_jobs"
        for status in ("todo", "doing"):
            connection.execute(
                text(f"{again} {values} LIMIT 1"),
                {"lock": lock, "status": status, "given": json.dumps({"office_id": CITY})},
            )
    worker.run(work.platform, once=True)
    assert [view.move_id for view in work.told("remembers")] == [str(move_id)]
    assert work.waiting() == []


def test_plugins_that_were_not_in_order_are_told_when_they_are(build: Callable[..., Work]) -> None:
    work = build("remembers")
    broken = load_catalogue(work.platform.settings.tenants_dir)
    nowhere = Offices(broken, build_hooks(broken, package="plugins"))
    closed = replace(work, platform=replace(work.platform, offices=nowhere))
    move_id = withdraw(closed, papers=False)
    worker.run(closed.platform, once=True)
    assert [hook for _, hook, _ in work.failures()] == ["registration"]

    for _ in range(2):
        work.let_retries_come()
        worker.run(work.platform, once=True)
    assert [view.move_id for view in work.told("remembers")] == [str(move_id)]


def test_a_filing_is_told_at_each_of_its_moves_as_it_was_then(build: Callable[..., Work]) -> None:
    work = build("remembers")
    offices = work.platform.offices
    with work.season() as season:
        season.now = at(5, 1)
        supervisor = replace(season.officer(CITY, "supervisor"), role=Role.CITY_SUPERVISOR)
        with season.as_office(CITY, actor=supervisor) as session:
            calendar_id = session.scalars(select(CalendarVersion.id).where(CalendarVersion.office_id == CITY)).one()
            filing_id = oversight.file_exam_dates(session, YEAR, calendar_id, due=None, offices=offices).id
        with season.as_province() as session:
            oversight.receive(session, filing_id, offices=offices)
    worker.run(work.platform, once=True)
    told = [view for view in work.told("remembers", "filings") if isinstance(view, FilingMoveView)]
    assert sorted((view.action, view.from_state, view.to_state) for view in told) == [
        ("file", "", "filed"),
        ("receive", "filed", "received"),
    ]
    assert {(view.filing_id, view.office, view.version) for view in told} == {(str(filing_id), CITY, 1)}
    assert len({view.move_id for view in told}) == 2


def test_the_worker_does_due_work_and_the_fault_of_one_office_stops_no_other(build: Callable[..., Work]) -> None:
    work = build("remembers")
    with work.season() as season:
        here, there, unit = season.draft(CITY), season.draft(OTHER_CITY), season.add_unit()
        with season.as_office(CITY) as session:
            new = {"valid_from": at(12, 1).date(), "instrument": "清编〔2024〕3号", "names": ("测试更名局",)}
            unit_acts.order(session, Terms(Kind.RENAME, (unit,), **new))  # type: ignore[arg-type]
    with work.owner.begin() as connection:
        _break_moves_of(connection, OTHER_CITY)
    late = replace(work, platform=replace(work.platform, clock=lambda: at(12, 20)))
    worker.run(late.platform, once=True)
    with work.season() as season:
        assert season.look(here).state == State.EXPIRED
        assert season.look(there).state == State.DRAFT
        with season.as_public() as session:
            assert session.get_one(Unit, unit).name == "测试更名局"
    assert [view.action for view in work.told("remembers")] == ["expire"]


def _break_moves_of(connection: Connection, office: OfficeCode) -> None:
    connection.execute(text(f"ALTER TABLE moves ADD CONSTRAINT broken CHECK (office_id <> '{office}')"))


def test_a_worker_in_the_background_tells_and_then_ends(build: Callable[..., Work]) -> None:
    work = build("remembers")
    with worker.run_in_background(work.platform):
        move_id = withdraw(work)
        until = time.monotonic() + 30
        while not work.told("remembers") and time.monotonic() < until:
            time.sleep(0.05)
    assert [view.move_id for view in work.told("remembers")] == [str(move_id)]


def test_every_task_that_fails_with_the_database_is_tried_again(build: Callable[..., Work]) -> None:
    ours = {
        task.name: task
        for task in worker.create_worker(build().platform).tasks.values()
        if not task.name.startswith("builtin:")
    }
    assert set(ours) > worker.ASKED_FOR_EVERY_MINUTE
    assert {name for name, task in ours.items() if task.retry_strategy is None} == worker.ASKED_FOR_EVERY_MINUTE


def test_the_provinces_session_may_enqueue_and_read_no_job(build: Callable[..., Work]) -> None:
    work = build("remembers")
    withdraw(work)
    center = Actor(UUID(int=1), "测试中心员", Role.PROVINCIAL_OFFICER, office_id=PROVINCE)
    with ProvinceSession(work.platform.engine, actor=center, now=at(3, 25)) as session:
        allowed = "SELECT has_column_privilege('procrastinate_jobs', :column, 'SELECT')"
        assert session.scalar(text(allowed), {"column": "id"})
        assert not session.scalar(text(allowed), {"column": "args"})


def test_the_command_works_off_what_waits_and_ends(
    build: Callable[..., Work], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    work = build("log_moves", package="plugins")
    move_id = withdraw(work)
    write_keys(tmp_path / "keys")
    chosen = {
        "DATABASE_URL": work.platform.databases.app_url,
        "TENANTS_DIR": work.platform.settings.tenants_dir,
        "KEYS_DIR": tmp_path / "keys",
        "DATA_DIR": tmp_path / "data",
    }
    for name, value in chosen.items():
        monkeypatch.setenv(f"KAOWU_{name}", str(value))
    rules = work.platform.settings.tenants_dir / "linshui" / "rules"
    shutil.copytree(ROOT / "tenants" / "henan" / "rules", rules, dirs_exist_ok=True)
    caplog.set_level("INFO", "kaowu.moves")
    result = CliRunner().invoke(main, ["worker", "--once"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert [
        record.message for record in caplog.records if str(move_id) in record.message and record.name == "kaowu.moves"
    ]
    assert work.waiting() == []


def test_the_migration_made_the_schema_of_the_procrastinate_that_is_installed() -> None:
    newest = sorted(path.name for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"))[-1]
    assert newest == NEWEST_OF_PROCRASTINATE
