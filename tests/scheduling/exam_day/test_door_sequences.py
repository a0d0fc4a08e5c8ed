"""Notes of several doors and officers in any order: each counts once, contradictions are told, reasons are plain."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from core.db.base import new_id
from core.db.session import Role
from core.errors import NotFound
from core.scheduling.exam_day import admission, door, door_device, door_lists
from core.scheduling.exam_day.notes import Note, NoteAnswer, NoteKind
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.plans import Plan
from core.scheduling.models.sittings import Sitting
from core.scheduling.tickets import service as tickets
from core.tenancy.config.exams import TicketsTable
from tests.cases import YEAR, at
from tests.scheduling.conftest import NINE, SITE, Exams, admitted, published
from tests.scheduling.exam_day.test_door import exam, note

AFTER = NINE + timedelta(minutes=12)


def answers(exams: Exams, *notes: Note) -> list[NoteAnswer]:
    with exams.at_work(role=Role.EXAMINER) as session:
        return door.note_arrivals(session, notes)


def states(exams: Exams, sitting: Sitting) -> list[str]:
    with exams.at_work() as session:
        return [candidate.state for candidate in door.expected(session, sitting.id)]


def turned_away(sitting: Sitting, number: str, reason: str = "未带身份证原件") -> Note:
    return replace(note(sitting, number), kind=NoteKind.REFUSED, reason=reason)


def test_who_was_turned_away_is_absent_for_a_reason_until_they_come(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    number = numbers[cases[0].id]
    away = turned_away(sitting, number)
    [without] = answers(exams, turned_away(sitting, number, " "))
    assert (without.outcome, without.detail) == ("refused", admission.NO_REASON)
    assert [answer.outcome for answer in answers(exams, away, away)] == ["absent", "known"]
    with exams.at_work() as session:
        assert session.scalars(select(Attendance.remark)).all() == ["不准入场：未带身份证原件"]
    assert [answer.outcome for answer in answers(exams, note(sitting, number), away)] == ["came", "known"]
    assert states(exams, sitting) == ["present", ""]
    [said] = answers(exams, turned_away(sitting, number))
    assert (said.outcome, "已于09:00登记到场，没有改为" in said.detail) == ("known", True)
    assert states(exams, sitting) == ["present", ""]


def test_an_absence_is_noted_after_the_beginning_and_a_reason_for_turning_away_stays(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    exams.season.now = AFTER
    absent = [replace(note(sitting, numbers[case.id], AFTER), kind=NoteKind.ABSENT) for case in cases]
    early = replace(absent[0], client_id=new_id(), noted_at=NINE - timedelta(minutes=1))
    away = turned_away(sitting, numbers[cases[1].id])
    assert [answer.outcome for answer in answers(exams, early, absent[0], away, absent[1])] == [
        "refused",
        "absent",
        "absent",
        "absent",
    ]
    assert states(exams, sitting) == ["absent", "absent"]
    with exams.at_work() as session:
        remarks = session.scalars(select(Attendance.remark).order_by(Attendance.remark)).all()
    assert remarks == ["", "不准入场：未带身份证原件"]


def test_two_doors_that_note_one_candidate_are_told_of_each_other(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    first, second = (note(sitting, numbers[cases[0].id]) for _ in range(2))
    [came] = answers(exams, first)
    [again] = answers(exams, first)
    [other] = answers(exams, second)
    assert (came.detail, again.detail) == ("", "")
    assert (other.outcome, "已于09:00由另一次扫码登记到场" in other.detail) == ("known", True)
    assert (other.person_name, other.seat) == (came.person_name, came.seat)


def test_another_officer_cannot_send_what_an_officer_has_noted(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    kept = replace(note(sitting, numbers[cases[0].id]), noted_by=new_id())
    [said] = answers(exams, kept)
    assert (said.outcome, said.detail) == ("not_yours", admission.NOT_YOURS)
    assert states(exams, sitting) == ["", ""]
    with exams.at_work(role=Role.EXAMINER) as session:
        mine = replace(kept, noted_by=session.actor.account_id)
    [said] = answers(exams, mine)
    assert said.outcome == "came"


def test_each_ticket_that_does_not_belong_is_refused_in_its_own_words(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams, 1)
    number = numbers[cases[0].id]
    with exams.at_work() as session:
        [old] = tickets.tickets(session, application_ids=[cases[0].id])
        tickets.void_ticket(session, old.id, reason="照片有误")
    [void] = answers(exams, note(sitting, number))
    with exams.at_work() as session:
        plan = session.scalars(select(Plan.id).where(Plan.state == "published")).one()
        tickets.issue_tickets(session, plan, rules=TicketsTable())
        [new] = tickets.tickets(session, application_ids=[cases[0].id])
    [replaced] = answers(exams, note(sitting, number))
    earlier = f"{YEAR - 1}{number[4:]}"
    elsewhere = f"{number[:4]}9999{number[8:]}"
    [of_year] = answers(exams, note(sitting, earlier))
    [of_office] = answers(exams, note(sitting, elsewhere))
    [unknown] = answers(exams, note(sitting, f"{number[:8]}9999999"))
    said = [void.detail, replaced.detail, of_year.detail, of_office.detail, unknown.detail]
    assert all(answer.outcome == "refused" for answer in (void, replaced, of_year, of_office, unknown))
    for text, part in zip(
        said,
        [
            "没有的，请查找该考生",
            f"已换发新的准考证（号码{new.number}）",
            f"{YEAR - 1}年度",
            "不是本机构签发",
            "没有有效座位",
        ],
        strict=True,
    ):
        assert part in text
    assert len(set(said)) == len(said)


@dataclass(frozen=True)
class Sent:
    """A note of a phone in a sequence: of whom, and what."""

    who: int
    phone: int
    kind: NoteKind


sent = st.builds(Sent, st.integers(0, 2), st.integers(0, 1), st.sampled_from(NoteKind))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(sent, max_size=10), st.integers(0, 10), st.booleans())
def test_notes_of_all_kinds_count_once_in_any_order(exams: Exams, told: list[Sent], cut: int, closed: bool) -> None:
    """Three candidates, two phones, notes of every kind, sent in parts and sent again, the list closed between."""
    savepoint, now = exams.season.connection.begin_nested(), exams.season.now
    sitting, cases, numbers = exam(exams, 3)
    exams.season.now = AFTER
    known: dict[Sent, Note] = {}
    for one in told:
        kept = note(sitting, numbers[cases[one.who].id], AFTER)
        known.setdefault(one, replace(kept, kind=one.kind, reason="测试" if one.kind is NoteKind.REFUSED else ""))
    notes = [known[one] for one in told]
    answers(exams, *notes[:cut])
    if closed:
        with exams.at_work(role=Role.EXAMINER) as session:
            door_lists.close_attendance(session, sitting.id, reason="测试")
    answers(exams, *notes[cut:])
    before = states(exams, sitting)
    assert {answer.outcome for answer in answers(exams, *notes)} <= {"known", "absent"}
    assert states(exams, sitting) == before
    for who, state in enumerate(before):
        kinds = {one.kind for one in told if one.who == who}
        left = "absent" if kinds or closed else ""
        assert state == ("present" if NoteKind.ARRIVED in kinds else left)
    with exams.at_work() as session:
        assert session.scalar(select(func.count()).select_from(Attendance)) == sum(map(bool, before))
    exams.season.now = now
    savepoint.rollback()


def test_a_candidate_at_the_wrong_door_is_told_where_to_go(exams: Exams) -> None:
    """Three candidates of one day: here and now, now at another site, and here in the afternoon."""
    here, there = exams.site(), exams.site(form=replace(SITE, code="K02", name="临水另一考点"))
    room, other_room = exams.rooms(here)[0], exams.rooms(there)[0]
    sitting = exams.sitting([room.id, other_room.id])
    later = exams.sitting([room.id], at(6, 22, 14), at(6, 22, 16))
    cases = [admitted(exams) for _ in range(3)]
    others = [(cases[1], sitting, other_room), (cases[2], later, room)]
    plan_id = published(exams, cases[:1], sitting, room, others=others)
    with exams.at_work() as session:
        tickets.issue_tickets(session, plan_id, rules=TicketsTable())
        numbers = {ticket.application_id: ticket.number for ticket in tickets.tickets(session, plan_id=plan_id)}
    exams.season.now = NINE
    with exams.at_work(role=Role.EXAMINER) as session:
        kept = door_device.door_list(session, sitting.id, site_id=here.id).as_kept()
        whole = door_device.door_list(session, sitting.id)
        with pytest.raises(NotFound):
            door_device.door_list(session, later.id, site_id=there.id)
    assert [person["number"] for person in kept["people"]] == [numbers[cases[0].id]]
    assert kept["elsewhere"] == {
        numbers[
            cases[1].id
        ]: "这位考生的考点不在这里（6月22日 09:00，临水另一考点），不能入场。请考生立即前往，并报告考点负责人。",
        numbers[
            cases[2].id
        ]: "这张准考证是其他场次的（6月22日 14:00，临水测试考点），不能入场。请考生按准考证上的时间到场。",
    }
    assert (len(whole.people), whole.site, [seat.number for seat in whole.elsewhere]) == (
        2,
        None,
        [numbers[cases[2].id]],
    )
    [said] = answers(exams, note(sitting, numbers[cases[2].id]))
    assert (said.outcome, said.detail) == ("refused", kept["elsewhere"][numbers[cases[2].id]])
