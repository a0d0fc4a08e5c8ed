"""Emergencies: reported at once to the office and the center, received, instructed, continued and closed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db.base import new_id
from core.db.session import Role
from core.errors import KaowuError, NotFound
from core.messages.models import Notice
from core.plugin_api import OfficeCode
from core.scheduling.emergencies import queries, service
from core.scheduling.emergencies.kinds import GUIDES, EmergencyKind, EntryKind, Severity
from core.scheduling.emergencies.service import EmergencyForm
from core.scheduling.exam_day import board
from core.scheduling.models.emergencies import Emergency
from core.scheduling.models.exam_day import Incident
from core.scheduling.sittings import service as sittings
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR
from tests.scheduling.conftest import NINE, Exams
from tests.scheduling.exam_day.test_door import exam

ILLNESS = EmergencyForm(EmergencyKind.ILLNESS, Severity.COMMON, "第二排一名考生晕倒", NINE, new_id(), "已请医务人员")


def report(exams: Exams, form: EmergencyForm = ILLNESS, office: OfficeCode = CITY) -> Emergency:
    exams.season.now = max(exams.season.now, NINE)
    with exams.at_work(office, Role.EXAMINER) as session:
        return service.report_emergency(session, YEAR, replace(form, client_id=new_id()))


def say(exams: Exams, found: Emergency, kind: EntryKind, client_id: UUID | None = None) -> str:
    """A report of those on site."""
    with exams.at_work(role=Role.EXAMINER) as session:
        return service.add_report(session, found.id, kind, "考生已恢复", client_id=client_id or new_id()).state


def told(exams: Exams) -> list[tuple[str | None, str]]:
    with exams.season.as_province() as session:
        wanted = select(Notice.recipient_office_id, Notice.title).where(Notice.kind == "emergency")
        return [(office, title) for office, title in session.execute(wanted.order_by(Notice.id))]


def code(refused: pytest.ExceptionInfo[KaowuError]) -> str:
    return refused.value.code


def test_a_report_goes_at_once_to_the_office_and_the_center_and_names_nobody(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    form = replace(ILLNESS, sitting_id=sitting.id, numbers=(numbers[cases[0].id],) * 2)
    found = report(exams, form)
    assert sorted(office or "" for office, _ in told(exams)) == sorted([CITY, PROVINCE])
    with exams.season.as_province() as session:
        bodies = " ".join(session.scalars(select(Notice.body).where(Notice.kind == "emergency")))
        assert not any(word in bodies for word in (cases[0].person.name, numbers[cases[0].id], "晕倒"))
        whole = queries.tell(session, found.id)
        assert [who.application_id for who in whole.people] == [cases[0].id]
        assert session.get_one(Incident, found.incident_id).facts == "第二排一名考生晕倒"
    with exams.at_work() as session:
        [line] = board.board(session, YEAR, since=NINE, until=NINE + timedelta(hours=1), office_id=CITY)
        assert (line.emergencies, line.progress.incidents) == (1, 1)


def test_a_report_that_is_sent_twice_is_written_and_told_once(exams: Exams) -> None:
    exams.season.now = NINE
    with exams.at_work(role=Role.EXAMINER) as session:
        first, second = (service.report_emergency(session, YEAR, ILLNESS).id for _ in range(2))
    assert (first == second, len(told(exams))) == (True, 2)


def test_a_report_of_a_county_goes_to_its_city_as_well(exams: Exams) -> None:
    found = report(exams, office=COUNTY)
    assert {office for office, _ in told(exams)} == {COUNTY, CITY, PROVINCE}
    with exams.at_work(CITY, Role.CITY_SUPERVISOR) as session:
        assert service.acknowledge(session, found.id).state == "open"
    with exams.at_work(OTHER_CITY, Role.CITY_SUPERVISOR) as session, pytest.raises(NotFound):
        service.acknowledge(session, found.id)


def test_an_emergency_is_received_instructed_continued_and_closed(exams: Exams) -> None:
    found = report(exams)
    with exams.season.as_province() as session:
        service.acknowledge(session, found.id)
        service.acknowledge(session, found.id)
        service.instruct(session, found.id, "请安排专人陪同", new_id())
    assert say(exams, found, EntryKind.UPDATE) == "open"
    with exams.season.as_province() as session, pytest.raises(KaowuError) as early:
        service.close_emergency(session, found.id, "已办结", new_id())
    assert code(early) == "emergency_not_concluded"
    assert say(exams, found, EntryKind.FINAL) == "concluded"
    with pytest.raises(KaowuError) as over:
        say(exams, found, EntryKind.UPDATE)
    assert code(over) == "emergency_concluded"
    with exams.season.as_province() as session:
        service.close_emergency(session, found.id, "考生康复，已参加考试", new_id())
        lines = [line.kind for line in queries.tell(session, found.id).lines]
    order = [EntryKind.RECEIVED, EntryKind.INSTRUCTION, EntryKind.UPDATE, EntryKind.FINAL, EntryKind.CLOSING]
    assert lines == order
    titles = [title for office, title in told(exams) if office == CITY]
    assert titles == ["突发事件：考生突发疾病", "突发事件有新的指示", "突发事件已办结"]
    for act in (service.instruct, service.close_emergency):
        with exams.season.as_province() as session, pytest.raises(KaowuError) as late:
            act(session, found.id, "又有指示", new_id())
        assert code(late) == "emergency_closed"


def test_an_instruction_after_the_last_report_opens_the_emergency_again(exams: Exams) -> None:
    found = report(exams)
    say(exams, found, EntryKind.FINAL)
    with exams.at_work(role=Role.CITY_SUPERVISOR) as session:
        assert service.instruct(session, found.id, "请补充现场照片", new_id()).state == "open"
    assert say(exams, found, EntryKind.UPDATE) == "open"


def test_a_line_that_is_sent_twice_is_written_once(exams: Exams) -> None:
    found, client_id = report(exams), new_id()
    assert [say(exams, found, EntryKind.FINAL, client_id) for _ in range(2)] == ["concluded", "concluded"]
    with exams.at_work() as session:
        assert len(queries.tell(session, found.id).lines) == 1


def test_who_reported_does_not_confirm_and_who_only_examines_does_not_instruct(exams: Exams) -> None:
    exams.season.now = NINE
    with exams.at_work() as session:
        found = service.report_emergency(session, YEAR, ILLNESS)
        with pytest.raises(KaowuError) as own:
            service.acknowledge(session, found.id)
    assert code(own) == "emergency_own_report"
    with exams.at_work(role=Role.EXAMINER) as session, pytest.raises(KaowuError) as examiner:
        service.instruct(session, found.id, "请等候", new_id())
    assert code(examiner) == "not_permitted"
    with exams.at_work(role=Role.CITY_SUPERVISOR) as session, pytest.raises(KaowuError) as supervisor:
        service.add_report(session, found.id, EntryKind.UPDATE, "续报", client_id=new_id())
    assert code(supervisor) == "not_permitted"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"facts": " "}, "facts_required"),
        ({"happened_at": NINE + timedelta(hours=1)}, "incident_ahead"),
        ({"numbers": ("没有的号",)}, "ticket_not_found"),
        ({"site_id": UUID(int=1)}, "site_not_found"),
        ({"room_id": UUID(int=1)}, "room_not_found"),
        ({"sitting_id": UUID(int=1)}, "sitting_not_found"),
    ],
)
def test_a_report_says_what_is_wrong_with_it(exams: Exams, changed: dict[str, object], refusal: str) -> None:
    with pytest.raises(KaowuError) as refused:
        report(exams, replace(ILLNESS, **changed))  # type: ignore[arg-type]
    assert code(refused) == refusal


def test_the_center_is_told_once_more_where_it_does_not_confirm_in_time(exams: Exams) -> None:
    found = report(exams)

    def remind(minutes: int) -> list[str | None]:
        exams.season.now = NINE + timedelta(minutes=minutes)
        with exams.season.as_system(CITY) as session:
            service.remind_unreceived(session, YEAR, minutes=10)
        return [office for office, title in told(exams) if "没有确认" in title]

    assert remind(9) == []
    assert remind(10) == [PROVINCE]
    assert remind(11) == [PROVINCE]
    with exams.season.as_province() as session:
        service.acknowledge(session, found.id)
    another = report(exams)
    with exams.season.as_province() as session:
        service.acknowledge(session, another.id)
    assert remind(40) == [PROVINCE]


def test_an_emergency_outlives_the_sitting_that_it_concerns(exams: Exams) -> None:
    sitting, _, _ = exam(exams)
    exams.season.now = NINE - timedelta(hours=1)
    with exams.at_work(role=Role.EXAMINER) as session:
        form = replace(ILLNESS, sitting_id=sitting.id, happened_at=session.now)
        found = service.report_emergency(session, YEAR, form)
    with exams.at_work() as session:
        sittings.cancel_sitting(session, sitting.id, reason="测试停电")
    assert say(exams, found, EntryKind.FINAL) == "concluded"
    with exams.at_work(role=Role.CITY_SUPERVISOR) as session:
        assert service.close_emergency(session, found.id, "改期", new_id()).state == "closed"


def test_every_kind_says_what_to_do_first_and_whom_to_call() -> None:
    assert set(GUIDES) == set(EmergencyKind)
    assert all(guide.first and guide.call for guide in GUIDES.values())
