"""Filing, receipt and return: versions, numbers, refusals, and what the database itself holds."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError

from core.audit.heads import latest_head
from core.audit.models import RecordEntry
from core.audit.sealing import seal_batch
from core.db.session import Role, SystemSession, system_actor
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.messages.models import Notice
from core.oversight import queries, service
from core.oversight.filings_due import DutyStatus, FilingState
from core.oversight.models import Filing
from core.plugin_api import FilingDue, FilingKind, OfficeCode, WindowKind
from core.seasons import queries as seasons, service as season
from core.seasons.models import CalendarVersion
from tests.cases import RECORD_KEYS
from tests.linshui import HEYUAN, LINSHUI, QINGHE, YEAR, YUNSHAN, Linshui, at, exam

DUE = at(6, 1, 0)
OWED = FilingDue(FilingKind.EXAM_DATES, "考试时间备案", DUE, "临水省 2024 年通知 三")


def calendar_of(linshui: Linshui, office: OfficeCode) -> UUID:
    with linshui.office(office, at(4, 1)) as session:
        latest = select(CalendarVersion.id).where(CalendarVersion.office_id == office)
        return session.scalars(latest.order_by(CalendarVersion.version.desc()).limit(1)).one()


def file_dates(
    linshui: Linshui,
    now: datetime,
    *,
    office: OfficeCode = QINGHE,
    calendar: UUID | None = None,
    role: Role = Role.CITY_SUPERVISOR,
) -> UUID:
    chosen = calendar or calendar_of(linshui, office)
    with linshui.office(office, now, role=role) as session:
        return service.file_exam_dates(session, YEAR, chosen, due=DUE).id


def receive(linshui: Linshui, filing_id: UUID, now: datetime) -> str | None:
    with linshui.center(now) as session:
        return service.receive(session, filing_id).receipt_number


def give_back(linshui: Linshui, filing_id: UUID, now: datetime, remark: str = "请写明考点") -> None:
    with linshui.center(now) as session:
        service.return_filing(session, filing_id, remark)


def look(linshui: Linshui, filing_id: UUID) -> Filing:
    with linshui.center(at(12, 1)) as session:
        return queries.filing(session, filing_id)


def status(linshui: Linshui, moment: datetime) -> DutyStatus:
    with linshui.center(moment) as session:
        (duty,) = queries.duties_by_office(session, YEAR, {QINGHE: [OWED]})[QINGHE]
        return duty.status


def test_a_filing_holds_the_windows_and_waits_for_the_center(linshui: Linshui) -> None:
    filing_id = file_dates(linshui, at(5, 20))
    filed = look(linshui, filing_id)
    calendar = calendar_of(linshui, QINGHE)
    with linshui.center(at(5, 20)) as session:
        windows = session.get_one(CalendarVersion, calendar).windows
        assert [filing.id for filing in queries.waiting(session, YEAR)] == [filing_id]
    assert (filed.office_id, filed.to_office_id, filed.version, filed.calendar_id) == (QINGHE, LINSHUI, 1, calendar)
    assert (filed.state, filed.late, filed.due_at, filed.filed_at) == ("filed", False, DUE, at(5, 20))
    assert filed.content["windows"] == windows


def test_a_receipt_has_a_number_of_its_year_and_office_and_the_office_is_told(linshui: Linshui) -> None:
    filing_id = file_dates(linshui, at(5, 20))
    number = receive(linshui, filing_id, at(5, 21))
    filed = look(linshui, filing_id)
    officer = linshui.actor(LINSHUI, Role.PROVINCIAL_OFFICER).account_id
    assert number == filed.receipt_number == "备案-2024-清河-0001"
    assert (filed.state, filed.decided_at, filed.decided_by) == ("received", at(5, 21), officer)
    with linshui.office(QINGHE, at(5, 21)) as session:
        (notice,) = session.scalars(select(Notice)).all()
        assert (notice.recipient_office_id, notice.kind) == (QINGHE, "filing_received")
        assert number in notice.body
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(filing_id))).all()
        assert sorted(kinds) == ["filing.filed", "filing.received"]


def test_a_receipt_carries_the_newest_head_of_the_offices_record(linshui: Linshui) -> None:
    first = file_dates(linshui, at(5, 20))
    receive(linshui, first, at(5, 21))
    assert (look(linshui, first).record_batch, look(linshui, first).record_head) == (None, None)
    second = file_dates(linshui, at(5, 22))
    with SystemSession(linshui.connection, actor=system_actor(QINGHE), now=at(5, 22)) as session, session.begin():
        seal_batch(session, RECORD_KEYS)
        sealed = latest_head(session, QINGHE)
    receive(linshui, second, at(5, 23))
    filed = look(linshui, second)
    assert (filed.record_batch, filed.record_head) == sealed
    with linshui.office(QINGHE, at(5, 23)) as session:
        bodies = session.scalars(select(Notice.body).where(Notice.kind == "filing_received")).all()
    assert sum(filed.record_head is not None and filed.record_head.hex() in body for body in bodies) == 1


def test_receipt_numbers_count_within_an_office(linshui: Linshui) -> None:
    numbers = [
        receive(linshui, file_dates(linshui, at(5, day), office=office), at(5, day, 10))
        for day, office in ((20, QINGHE), (21, YUNSHAN), (22, QINGHE))
    ]
    assert numbers == ["备案-2024-清河-0001", "备案-2024-云山-0001", "备案-2024-清河-0002"]


def test_a_return_says_why_and_a_new_version_supersedes(linshui: Linshui) -> None:
    first = file_dates(linshui, at(5, 20))
    give_back(linshui, first, at(5, 21), " 请写明考点 ")
    second = file_dates(linshui, at(5, 22))
    assert (look(linshui, first).state, look(linshui, first).remark) == ("returned", "请写明考点")
    assert (look(linshui, second).state, look(linshui, second).version) == ("filed", 2)
    with linshui.office(QINGHE, at(5, 22)) as session:
        (notice,) = session.scalars(select(Notice)).all()
        assert notice.kind == "filing_returned"
        assert "请写明考点" in notice.body


def test_a_late_filing_is_marked_and_after_a_return_the_correction_date_counts(linshui: Linshui) -> None:
    in_time = file_dates(linshui, at(5, 31, 23))
    give_back(linshui, in_time, at(5, 31, 23))
    corrected = file_dates(linshui, at(6, 7, 9))
    late = file_dates(linshui, DUE, office=YUNSHAN)
    assert [look(linshui, filing).late for filing in (in_time, corrected, late)] == [False, False, True]
    assert look(linshui, corrected).due_at == at(6, 8, 0)


def test_filing_clears_overdue_in_the_same_transaction(linshui: Linshui) -> None:
    assert [status(linshui, moment) for moment in (at(4, 1), at(5, 30), DUE)] == [
        DutyStatus.NOT_DUE_YET,
        DutyStatus.DUE,
        DutyStatus.OVERDUE,
    ]
    calendar = calendar_of(linshui, QINGHE)
    with linshui.office(QINGHE, at(6, 5)) as session:
        service.file_exam_dates(session, YEAR, calendar, due=DUE)
        (duty,) = queries.duties_by_office(session, YEAR, {QINGHE: [OWED]})[QINGHE]
        assert duty.status is DutyStatus.FILED


def test_a_return_long_after_the_day_makes_no_office_overdue_at_once(linshui: Linshui) -> None:
    filing_id = file_dates(linshui, at(5, 31))
    give_back(linshui, filing_id, at(6, 20))
    assert [status(linshui, moment) for moment in (at(6, 20), at(6, 27, 23), at(6, 28, 0))] == [
        DutyStatus.RETURNED,
        DutyStatus.RETURNED,
        DutyStatus.OVERDUE,
    ]


def test_only_cities_owe_the_center(linshui: Linshui) -> None:
    with linshui.center(at(4, 1)) as session:
        everybody = (LINSHUI, QINGHE, HEYUAN, YUNSHAN)
        owed = queries.duties_by_office(session, YEAR, {office: [OWED] for office in everybody})
    assert list(owed) == [QINGHE, YUNSHAN]


def test_nothing_is_filed_twice_while_a_version_waits(linshui: Linshui) -> None:
    file_dates(linshui, at(5, 20))
    with pytest.raises(Conflict) as refused:
        file_dates(linshui, at(5, 21))
    assert refused.value.code == "filing_waits"


def test_dates_that_the_frame_has_left_are_neither_filed_nor_received(linshui: Linshui) -> None:
    waiting, calendar = file_dates(linshui, at(5, 20)), calendar_of(linshui, YUNSHAN)
    with linshui.center(at(5, 21)) as session:
        frame = seasons.calendar_now(session, LINSHUI, YEAR)
        kept = [window for window in frame.windows if window.kind is not WindowKind.COMPUTER_EXAM]
        season.move_frame(session, YEAR, [*kept, exam(at(9, 1, 0), at(9, 30, 0))], source="补充通知")
    refusals: list[KaowuError] = []
    with pytest.raises(Conflict) as filed:
        file_dates(linshui, at(5, 22), office=YUNSHAN, calendar=calendar)
    refusals.append(filed.value)
    with pytest.raises(Conflict) as received:
        receive(linshui, waiting, at(5, 22))
    refusals.append(received.value)
    assert [refusal.code for refusal in refusals] == ["outside_frame", "outside_frame"]
    assert "2024年9月1日" in refusals[0].detail
    assert "2024年8月3日" in refusals[0].detail
    assert look(linshui, waiting).state == "filed"


def test_a_calendar_without_exam_dates_and_one_of_another_office_are_not_filed(linshui: Linshui) -> None:
    with linshui.office(QINGHE, at(4, 20)) as session:
        frame = seasons.frame_now(session, QINGHE, YEAR)
        empty = season.propose_calendar(session, YEAR, [], frame=frame, source="测试").id
    with pytest.raises(Invalid) as nothing:
        file_dates(linshui, at(5, 20), calendar=empty)
    with pytest.raises(NotFound) as foreign:
        file_dates(linshui, at(5, 20), calendar=calendar_of(linshui, YUNSHAN))
    assert (nothing.value.code, foreign.value.code) == ("no_exam_dates", "calendar_unknown")


@pytest.mark.parametrize(
    ("office", "role", "code"),
    [
        (HEYUAN, Role.COUNTY_REVIEWER, "not_a_city"),
        (LINSHUI, Role.PROVINCIAL_OFFICER, "not_a_city"),
        (QINGHE, Role.SCHEDULER, "not_a_filer"),
    ],
)
def test_only_a_city_files_with_the_center(linshui: Linshui, office: OfficeCode, role: Role, code: str) -> None:
    with pytest.raises(Forbidden) as refused:
        file_dates(linshui, at(5, 20), office=office, role=role)
    assert refused.value.code == code


def test_a_filing_is_decided_once_by_an_officer_of_the_center(linshui: Linshui) -> None:
    filing_id = file_dates(linshui, at(5, 20))
    with linshui.center(at(5, 21), role=Role.PROVINCIAL_AUDITOR) as session, pytest.raises(Forbidden):
        service.receive(session, filing_id)
    with pytest.raises(Invalid):
        give_back(linshui, filing_id, at(5, 21), "  ")
    receive(linshui, filing_id, at(5, 21))
    with pytest.raises(Conflict) as again:
        receive(linshui, filing_id, at(5, 22))
    with pytest.raises(Conflict) as late:
        give_back(linshui, filing_id, at(5, 22))
    assert (again.value.code, late.value.code) == ("filing_decided", "filing_decided")
    assert "接收" in late.value.detail
    assert look(linshui, filing_id).state == FilingState.RECEIVED


def test_of_two_officers_at_once_the_second_is_told(linshui: Linshui) -> None:
    filing_id = file_dates(linshui, at(5, 20))
    with linshui.center(at(5, 21)) as session:
        seen = queries.filing(session, filing_id)
        session.execute(
            update(Filing).where(Filing.id == filing_id).values(state="returned", remark="另一人退回"),
            execution_options={"synchronize_session": False},
        )
        with pytest.raises(Conflict) as refused:
            service._decide(session, seen, FilingState.RECEIVED, receipt_number="备案-2024-清河-0001")
    assert refused.value.code == "filing_decided"
    assert "退回" in refused.value.detail


@pytest.mark.parametrize("values", [{"content": {}}, {"filed_at": at(1, 1)}, {"version": 9}, {"late": False}])
def test_the_database_lets_nobody_alter_a_filing(linshui: Linshui, values: dict[str, object]) -> None:
    filing_id = file_dates(linshui, at(5, 20))
    with pytest.raises(ProgrammingError, match="permission denied"), linshui.center(at(5, 21)) as session:
        session.execute(update(Filing).where(Filing.id == filing_id).values(values))


def test_the_database_lets_nobody_touch_a_received_filing_nor_a_city_decide_its_own(linshui: Linshui) -> None:
    filing_id = file_dates(linshui, at(5, 20))
    own_receipt = update(Filing).where(Filing.id == filing_id).values(state="received", receipt_number="备案-自收")
    with linshui.office(QINGHE, at(5, 21)) as session:
        assert session.execute(own_receipt.returning(Filing.id)).all() == []
    receive(linshui, filing_id, at(5, 21))
    undo = update(Filing).where(Filing.id == filing_id).values(state="filed", receipt_number=None)
    with linshui.center(at(5, 22)) as session:
        assert session.execute(undo.returning(Filing.id)).all() == []
    assert look(linshui, filing_id).state == FilingState.RECEIVED


def test_a_neighbour_sees_no_filing_that_waits(linshui: Linshui) -> None:
    filing_id = file_dates(linshui, at(5, 20))
    with linshui.office(YUNSHAN, at(5, 21)) as session, pytest.raises(NotFound):
        queries.filing(session, filing_id)
