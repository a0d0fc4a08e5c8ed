"""A large table is ordered, made by the worker in the scope of its orderer, and offered to nobody else."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.db.session import ANONYMOUS, AuditorSession, OfficeSession, Role, SignInSession, system_actor
from core.documents import exports
from core.documents.exports import MOST_WAITING
from core.documents.models import TableExport
from core.documents.storage import EXPORTS
from core.identity.roles import actors_of
from core.identity.service import end_account
from core.messages.models import Notice
from core.pages import table_export, table_job
from core.pages.table_job import export_table
from core.web.page.excel import HEADING_ROWS, MEDIA_TYPE
from tests.callers import Caller, Web
from tests.cases import CITY, PROVINCE
from tests.two_seasons import Visitor, account_of, visit


@pytest.fixture(autouse=True)
def nothing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table with a row is large, and its progress is noted with each."""
    monkeypatch.setattr(table_export, "AT_ONCE", 0)
    monkeypatch.setattr(table_job, "_NOTED_EVERY", 1)


def at_desk(web: Web, number: int = 2) -> tuple[Caller, str]:
    """An officer of the city, and the filter for the cases of one unit that are before them."""
    unit_id = web.unit()
    for _ in range(number):
        web.submitted(unit_id).at_office()
    return web.staff(Role.CITY_REVIEWER, CITY), f"unit={unit_id}"


def ordered(web: Web, somebody: Visitor, address: str) -> TableExport:
    answer = somebody.look(address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/exports"), answer.text[:300]
    return newest(web)


def newest(web: Web, office: Any = CITY) -> TableExport:
    with OfficeSession(web.platform.engine, actor=system_actor(office), now=web.clock()) as session:
        # The system of the office sees the orders that it has to make.
        session._settings["kaowu.scope"] = "system"
        found = session.scalars(
            select(TableExport).order_by(TableExport.asked_at.desc(), TableExport.id.desc())
        ).first()
    assert found is not None
    return found


def work(web: Web, export: TableExport) -> None:
    export_table(web.platform, office_id=export.office_id, export_id=str(export.id))


def rows_of(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()[HEADING_ROWS:]


def test_a_large_table_is_ordered_made_and_saved_as_often_as_wanted(web: Web) -> None:
    officer, narrowed = at_desk(web)
    browser = visit(web, account_of(officer))
    export = ordered(web, browser, f"/desk/export?{narrowed}")
    page = browser.look("/exports").text
    assert "等待生成" in page
    assert f"/exports/{export.id}/cancel" in page
    assert f"/exports/{export.id}/file" not in page
    assert browser.look(f"/exports/{export.id}/file").status_code == 404
    # Asked for once more, the same table is not made twice.
    assert ordered(web, browser, f"/desk/export?{narrowed}").id == export.id
    work(web, export)
    page = browser.look("/exports").text
    assert "已生成" in page
    assert "共2行" in page
    for _ in range(2):
        answer = browser.look(f"/exports/{export.id}/file")
        assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
        assert len(rows_of(answer.content)) == 2
    made = newest(web)
    assert (made.state, made.rows, made.size) == ("ready", 2, len(answer.content))
    assert made.sha256 == hashlib.sha256(answer.content).hexdigest()
    stored = b"".join(web.platform.documents.read(f"{EXPORTS}{export.id}"))
    assert b"PK" not in stored[:64]
    with AuditorSession(web.platform.engine, actor=system_actor(PROVINCE), now=web.clock()) as session:
        told = session.scalars(
            select(RecordEntry)
            .where(RecordEntry.account_id == account_of(officer), RecordEntry.kind.startswith("table."))
            .order_by(RecordEntry.id)
        ).all()
        assert [entry.kind for entry in told] == ["table.ordered", "table.exported", "table.fetched", "table.fetched"]
        assert told[1].payload["rows"] == 2
        (notice,) = session.scalars(select(Notice).where(Notice.event_key == f"export:{export.id}"))
        assert "测试经办员导出的“审查台”已生成，共2行" in notice.body
    # The worker may be told of the same order again.
    work(web, export)
    assert newest(web).finished_at == made.finished_at


def test_an_order_is_shown_to_nobody_else_and_refused_in_another_role(web: Web) -> None:
    officer, narrowed = at_desk(web, 1)
    browser = visit(web, account_of(officer))
    export = ordered(web, browser, f"/desk/export?{narrowed}")
    work(web, export)
    for other in (web.staff(Role.CITY_REVIEWER, CITY), web.staff(Role.PROVINCIAL_AUDITOR, PROVINCE)):
        stranger = visit(web, account_of(other))
        assert str(export.id) not in stranger.look("/exports").text
        assert stranger.look(f"/exports/{export.id}/file").status_code == 404
        assert stranger.send(f"/exports/{export.id}/cancel").status_code == 404
    with OfficeSession(web.platform.engine, actor=actor_of(web, officer), now=web.clock()) as session:
        session.get_one(TableExport, export.id)
        object.__setattr__(session.actor, "grant_id", UUID(int=7))
        assert exports.exports_of(session) == []


def actor_of(web: Web, somebody: Caller) -> Any:
    account_id = account_of(somebody)
    with SignInSession(web.platform.engine, actor=ANONYMOUS, now=web.clock()) as session:
        (actor,) = actors_of(session, account_id)
    return actor


def test_nothing_is_made_for_somebody_whose_role_has_ended(web: Web) -> None:
    officer, narrowed = at_desk(web, 1)
    export = ordered(web, visit(web, account_of(officer)), f"/desk/export?{narrowed}")
    with OfficeSession(web.platform.engine, actor=system_actor(CITY), now=web.clock()) as session, session.begin():
        end_account(session, account_of(officer))
    web.clock.set(web.clock() + timedelta(minutes=1))
    work(web, export)
    ended = newest(web)
    assert (ended.state, ended.rows, ended.sha256) == ("stopped", 0, None)
    assert "角色已经终止" in ended.stopped


def test_what_is_cancelled_is_not_made_and_too_many_are_refused(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    officer, narrowed = at_desk(web)
    browser = visit(web, account_of(officer))
    for number in range(MOST_WAITING):
        export = ordered(web, browser, f"/desk/export?{narrowed}&sort=name&falling={number or ''}")
    answer = browser.look(f"/desk/export?{narrowed}&sort=unit")
    assert answer.status_code == 409
    assert "正在生成" in answer.text
    page = browser.send(f"/exports/{export.id}/cancel")
    assert page.status_code == 303, page.text
    work(web, export)
    assert "已取消" in browser.look("/exports").text
    assert web.platform.documents.size(f"{EXPORTS}{export.id}") is None
    again = browser.send(f"/exports/{export.id}/cancel")
    assert again.status_code == 409
    assert "不用取消" in again.text
    # Cancelled while it is written.
    export = ordered(web, browser, f"/desk/export?{narrowed}&sort=unit")
    written = table_job._noted

    def cancelled(*given: Any) -> Iterator[Any]:
        rows = written(*given)
        yield next(rows)
        assert "已写入1行" in browser.look("/exports").text
        assert browser.send(f"/exports/{export.id}/cancel").status_code == 303
        yield from rows

    monkeypatch.setattr(table_job, "_noted", cancelled)
    work(web, export)
    assert newest(web).state == "stopped"
    assert web.platform.documents.size(f"{EXPORTS}{export.id}") is None


def test_a_worker_that_dies_leaves_nothing_and_the_next_one_begins_again(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, narrowed = at_desk(web)
    browser = visit(web, account_of(officer))
    export = ordered(web, browser, f"/desk/export?{narrowed}")

    class Killed(BaseException):
        """The end of the process."""

    def dies(*_given: Any) -> Iterator[Any]:
        raise Killed
        yield

    with monkeypatch.context() as patched:
        patched.setattr(table_job, "_noted", dies)
        with pytest.raises(Killed):
            work(web, export)
    assert newest(web).state == "working"
    assert browser.look(f"/exports/{export.id}/file").status_code == 404
    assert web.platform.documents.size(f"{EXPORTS}{export.id}") is None
    with monkeypatch.context() as patched:
        patched.setattr(table_job, "write_workbook", lambda *_given, **_named: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work(web, export)
    assert "稍后自动重试" in browser.look("/exports").text
    work(web, export)
    assert len(rows_of(browser.look(f"/exports/{export.id}/file").content)) == 2


def test_a_supervisor_and_an_auditor_are_given_what_they_may_see(web: Web) -> None:
    reference = web.submitted().at_office()["reference"]
    for role in (Role.PROVINCIAL_OFFICER, Role.PROVINCIAL_AUDITOR):
        somebody = visit(web, account_of(web.staff(role, PROVINCE)))
        answer = somebody.look(f"/supervision/cases/export?q={reference}")
        assert answer.status_code == 303, answer.text[:300]
        export = newest(web, PROVINCE)
        work(web, export)
        (row,) = rows_of(somebody.look(f"/exports/{export.id}/file").content)
        assert row[-1] == reference


def test_a_units_table_is_made_for_the_units_below_it(web: Web) -> None:
    flow = web.submitted()
    manager = visit(web, account_of(flow.manager))
    export = ordered(web, manager, "/unit/deadlines/export")
    work(web, export)
    assert len(rows_of(manager.look(f"/exports/{export.id}/file").content)) == 1
    assert "导出的表格已生成" in manager.look("/notices").text
