"""Which calendar is in force: proposals, filings, receipts, the levels above, and the past."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.audit.models import RecordEntry
from core.db.session import Role
from core.domain.calendar import calendar_to_json
from core.errors import Forbidden, Invalid, NotFound
from core.oversight import service as filing
from core.plugin_api import ExamCalendar, Grade, Window, WindowKind
from core.seasons import queries, service
from core.seasons.models import CalendarVersion
from tests.linshui import HEYUAN, LINSHUI, QINGHE, YEAR, YUNSHAN, Linshui, at, exam, window

PROVINCE_EXAM = exam(at(6, 1, 0), at(10, 1, 0))
QINGHE_EXAM = exam(at(7, 6, 0), at(7, 29, 0))


def propose(linshui: Linshui, *windows: Window, month: int = 4, day: int = 20) -> UUID:
    with linshui.office(QINGHE, at(month, day)) as session:
        frame = queries.frame_now(session, QINGHE, YEAR)
        return service.propose_calendar(session, YEAR, windows, frame=frame, source="测试").id


def receive(linshui: Linshui, calendar_id: UUID, *, month: int, day: int) -> None:
    with linshui.office(QINGHE, at(month, day, 9)) as session:
        filed = filing.file_exam_dates(session, YEAR, calendar_id, due=None).id
    with linshui.center(at(month, day, 15)) as session:
        filing.receive(session, filed)


def loaded_version(linshui: Linshui) -> UUID:
    with linshui.office(QINGHE, at(4, 1)) as session:
        return session.scalars(select(CalendarVersion.id).where(CalendarVersion.office_id == QINGHE)).one()


def exam_of(linshui: Linshui, office: str, *, month: int = 12, day: int = 1) -> Window | None:
    with linshui.center(at(month, day)) as session:
        return queries.calendar_now(session, office, YEAR).window(WindowKind.COMPUTER_EXAM)


def test_exam_dates_of_a_city_hold_from_the_receipt_and_not_before(linshui: Linshui) -> None:
    loaded = loaded_version(linshui)
    assert exam_of(linshui, QINGHE) == PROVINCE_EXAM
    with linshui.office(QINGHE, at(5, 1)) as session:
        filed = filing.file_exam_dates(session, YEAR, loaded, due=None).id
    assert exam_of(linshui, QINGHE) == PROVINCE_EXAM
    with linshui.center(at(5, 2)) as session:
        filing.receive(session, filed)
    assert exam_of(linshui, QINGHE) == QINGHE_EXAM


def test_a_newer_version_changes_no_exam_date_until_it_is_received(linshui: Linshui) -> None:
    receive(linshui, loaded_version(linshui), month=5, day=2)
    later = exam(at(8, 1, 0), at(8, 5, 0))
    newer = propose(linshui, later)
    assert exam_of(linshui, QINGHE) == QINGHE_EXAM
    receive(linshui, newer, month=5, day=20)
    assert exam_of(linshui, QINGHE) == later


def test_a_returned_version_leaves_the_received_dates_in_force(linshui: Linshui) -> None:
    receive(linshui, loaded_version(linshui), month=5, day=2)
    newer = propose(linshui, exam(at(8, 1, 0), at(8, 5, 0)))
    with linshui.office(QINGHE, at(5, 10)) as session:
        filed = filing.file_exam_dates(session, YEAR, newer, due=None).id
    with linshui.center(at(5, 11)) as session:
        filing.return_filing(session, filed, "请错开高考")
    assert exam_of(linshui, QINGHE) == QINGHE_EXAM


def test_dates_outside_filings_hold_as_soon_as_they_are_set(linshui: Linshui) -> None:
    registration = window(WindowKind.REGISTRATION, at(3, 22, 0), at(4, 4, 0))
    propose(linshui, registration, QINGHE_EXAM, month=3, day=18)
    with linshui.center(at(3, 19)) as session:
        calendar = queries.calendar_now(session, QINGHE, YEAR)
    assert calendar.window(WindowKind.REGISTRATION) == registration
    assert calendar.window(WindowKind.COMPUTER_EXAM) == PROVINCE_EXAM


def test_a_county_is_bounded_by_the_received_dates_of_its_city(linshui: Linshui) -> None:
    with linshui.center(at(5, 1)) as session:
        before = queries.frame_now(session, HEYUAN, YEAR).window(WindowKind.COMPUTER_EXAM)
    receive(linshui, loaded_version(linshui), month=5, day=2)
    with linshui.center(at(5, 3)) as session:
        after = queries.frame_now(session, HEYUAN, YEAR).window(WindowKind.COMPUTER_EXAM)
    assert (before, after) == (PROVINCE_EXAM, QINGHE_EXAM)
    assert exam_of(linshui, HEYUAN) == exam(at(7, 13, 0), at(7, 15, 0))


def test_the_past_counts_the_versions_and_receipts_until_then(linshui: Linshui) -> None:
    registration = window(WindowKind.REGISTRATION, at(3, 22, 0), at(4, 4, 0))
    receive(linshui, loaded_version(linshui), month=5, day=2)
    receive(linshui, propose(linshui, registration, exam(at(8, 1, 0), at(8, 5, 0)), month=5, day=8), month=5, day=20)
    with linshui.center(at(12, 1)) as session:
        exams, registrations = (
            [
                queries.calendar_as_of(session, QINGHE, YEAR, at(5, day, hour)).window(kind)
                for day, hour in ((2, 14), (2, 15), (8, 9), (20, 15))
            ]
            for kind in (WindowKind.COMPUTER_EXAM, WindowKind.REGISTRATION)
        )
    everybody = window(WindowKind.REGISTRATION, at(3, 21, 0), at(4, 6, 0))
    assert exams == [PROVINCE_EXAM, QINGHE_EXAM, QINGHE_EXAM, exam(at(8, 1, 0), at(8, 5, 0))]
    assert registrations == [everybody, everybody, registration, registration]


def test_applicants_see_the_dates_in_force(linshui: Linshui) -> None:
    receive(linshui, loaded_version(linshui), month=5, day=2)
    person_id = linshui.add_person(1, at(5, 3))
    with linshui.person(person_id, at(5, 3)) as session:
        assert queries.calendar_now(session, QINGHE, YEAR).window(WindowKind.COMPUTER_EXAM) == QINGHE_EXAM


def test_an_unknown_office_or_year_is_not_found(linshui: Linshui) -> None:
    with linshui.center(at(4, 1)) as session:
        with pytest.raises(NotFound) as office:
            queries.calendar_now(session, "linshui/nowhere", YEAR)
        with pytest.raises(NotFound) as year:
            queries.season(session, 2031)
    assert (office.value.code, year.value.code) == ("office_unknown", "season_unknown")


def test_a_version_is_kept_whole_and_recorded(linshui: Linshui) -> None:
    version_id = propose(linshui, QINGHE_EXAM)
    with linshui.office(QINGHE, at(4, 21)) as session:
        version = session.get_one(CalendarVersion, version_id)
        assert (version.version, version.windows) == (2, calendar_to_json(ExamCalendar((QINGHE_EXAM,))))
        entry = session.scalars(select(RecordEntry).where(RecordEntry.subject_id == str(version_id))).one()
        assert entry.kind == "calendar.proposed"
        assert entry.payload["digest"] == version.digest


@pytest.fixture
def versions_stay(linshui: Linshui) -> Iterator[None]:
    """Whatever a test tries, it must leave no version behind."""

    def count() -> int | None:
        with linshui.center(at(4, 20)) as session:
            return session.scalar(select(func.count()).select_from(CalendarVersion))

    before = count()
    yield
    assert count() == before


@pytest.mark.usefixtures("versions_stay")
def test_dates_outside_the_frame_are_refused_with_both_dates(linshui: Linshui) -> None:
    with pytest.raises(Invalid) as refused:
        propose(linshui, exam(at(5, 20, 0), at(5, 25, 0)))
    assert refused.value.code == "outside_frame"
    for stated in ("2024年5月20日", "2024年5月24日", "2024年6月1日", "2024年9月30日"):
        assert stated in refused.value.detail
    assert set(refused.value.fields) == {"computer_exam"}


ODD_WINDOWS = {
    "window_empty": (exam(at(7, 2, 0), at(7, 2, 0)),),
    "window_of_no_grade": (exam(at(7, 2, 0), at(7, 3, 0)), replace(QINGHE_EXAM, grades=frozenset({Grade.ONE}))),
    "window_twice": (QINGHE_EXAM, exam(at(8, 1, 0), at(8, 2, 0))),
    "window_without_zone": (replace(QINGHE_EXAM, opens=at(7, 6).replace(tzinfo=None)),),
}


@pytest.mark.usefixtures("versions_stay")
@pytest.mark.parametrize("code", ODD_WINDOWS)
def test_windows_that_are_no_calendar_are_refused(linshui: Linshui, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        propose(linshui, *ODD_WINDOWS[code])
    assert refused.value.code == code


@pytest.mark.usefixtures("versions_stay")
def test_a_county_sets_only_the_kinds_that_its_city_leaves_to_it(linshui: Linshui) -> None:
    training = [window(WindowKind.TRAINING, at(4, 10, 0), at(5, 1, 0))]
    allowed = frozenset({WindowKind.COMPUTER_EXAM})
    with linshui.office(HEYUAN, at(4, 20), role=Role.COUNTY_REVIEWER) as session:
        frame = queries.frame_now(session, HEYUAN, YEAR)
        with pytest.raises(Invalid) as refused:
            service.propose_calendar(session, YEAR, training, frame=frame, source="测试", may_set=allowed)
    assert refused.value.code == "dates_not_yours"


@pytest.mark.usefixtures("versions_stay")
def test_only_officers_who_review_or_supervise_set_dates(linshui: Linshui) -> None:
    with linshui.office(QINGHE, at(4, 20), role=Role.EXAMINER) as session, pytest.raises(Forbidden):
        service.propose_calendar(session, YEAR, [QINGHE_EXAM], frame=ExamCalendar(()), source="测试")


@pytest.mark.usefixtures("versions_stay")
def test_a_city_cannot_move_the_frame(linshui: Linshui) -> None:
    with linshui.office(QINGHE, at(4, 20)) as session, pytest.raises(Forbidden) as refused:
        service.move_frame(session, YEAR, [PROVINCE_EXAM], source="测试")
    assert refused.value.code == "not_the_province"


def test_when_the_frame_moves_every_office_outside_is_listed_and_keeps_its_dates(linshui: Linshui) -> None:
    receive(linshui, loaded_version(linshui), month=5, day=2)
    moved = exam(at(7, 10, 0), at(8, 1, 0))
    with linshui.center(at(5, 20)) as session:
        frame = queries.calendar_now(session, LINSHUI, YEAR)
        kept = [window for window in frame.windows if window.kind is not WindowKind.COMPUTER_EXAM]
        version, outside = service.move_frame(session, YEAR, [*kept, moved], source="补充通知")
    assert version.version == 2
    found = [
        (one.office, one.name, [(out.kind, out.grades, out.own, out.frame) for out in one.outside]) for one in outside
    ]
    assert found == [(QINGHE, "清河市考核办", [(WindowKind.COMPUTER_EXAM, moved.grades, QINGHE_EXAM, moved)])]
    assert exam_of(linshui, QINGHE) == QINGHE_EXAM
    assert exam_of(linshui, YUNSHAN) == moved


def test_the_season_says_what_is_examined_and_open(linshui: Linshui) -> None:
    with linshui.office(QINGHE, at(4, 1)) as session:
        assert queries.season(session, YEAR).notice == "临水通知〔2024〕1号"
        assert [subject.subject for subject in queries.subjects(session, YEAR, Grade.ONE)] == [
            "职业道德",
            "专业基础知识",
        ]
        assert [opened.trade for opened in queries.trades_open(session, YEAR, Grade.FIVE)] == ["LS-1", "LS-2", "LS-3"]
        assert [opened.trade for opened in queries.trades_open(session, YEAR, Grade.TWO)] == ["LS-1", "LS-2"]
