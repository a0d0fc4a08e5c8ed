"""Candidates who are no longer qualified: ticket, seat and door after each verb, and the way back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.applications.moves import Step, move, open_for_change
from core.applications.service import commit_to_deferral
from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import CaseSession, Role
from core.domain.workflow import ACTION_LABELS, ADMITTED, VERBS, Action, By, State, Verb
from core.errors import Conflict
from core.messages.models import Notice
from core.plugin_api import WindowKind
from core.reviews import service as reviews
from core.reviews.decisions.undo import undo
from core.scheduling import void_tickets
from core.scheduling.exam_day import door
from core.scheduling.exam_day.notes import Note
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.plans import review, service as plans
from core.scheduling.plans.office_problem import placements_of
from core.scheduling.tickets import service as tickets, verification
from core.settings import ROOT
from core.tenancy.config.exams import TicketsTable
from tests.cases import CITY, YEAR, Case, at, unfiled
from tests.sanctioned import disqualified
from tests.scheduling.conftest import NINE, NOON, Exams, admitted, published

LEAVING = [verb for verb in VERBS if verb.source in ADMITTED and not set(verb.targets) & ADMITTED]
EXAM = WindowKind.COMPUTER_EXAM
LEFT = at(6, 21, 17, 30)


def provisional(exams: Exams) -> Case:
    """A candidate who is admitted provisionally until a paper is supplied."""
    later, exams.season.now = exams.season.now, at(3, 25)
    case = exams.season.submitted(filled=unfiled())
    with exams.season.as_unit(case.unit) as session:
        commit_to_deferral(
            session, case.id, material="annual_assessments", commitment="测试承诺", due_at=at(4, 30), exam_begins=NINE
        )
    exams.season.approve_at_unit(case)
    assert exams.season.approve_at_office(case) is State.PROVISIONAL
    exams.season.now = later
    return case


@contextmanager
def acting(exams: Exams, verb: Verb, case: Case) -> Iterator[CaseSession]:
    """The session of an actor who may take the verb."""
    by = next(iter(verb.by & {By.APPLICANT, By.OFFICE, By.SYSTEM, By.SUPERVISOR}))
    season = exams.season
    opened = {
        By.APPLICANT: lambda: season.as_person(case.person),
        By.OFFICE: lambda: season.as_office(CITY),
        By.SYSTEM: lambda: season.as_system(CITY),
        By.SUPERVISOR: season.as_province,
    }[by]
    with opened() as session:
        yield session


def leave(exams: Exams, verb: Verb, case: Case) -> None:
    exams.season.now = LEFT
    if verb.action is Action.DISQUALIFY:
        disqualified(exams.season, case, "测试理由")
        return
    if verb.action is Action.UNDO:
        # Only for ten minutes after the approval: no plan can have been made by then.
        exams.season.now = at(3, 25, 9, 5)
        with exams.season.as_office(CITY) as session:
            undo(session, case.id, offices=exams.season.offices, version=exams.season.look(case).version)
        return
    with acting(exams, verb, case) as session:
        move(session, open_for_change(session, case.id), Step(verb.action, reason="测试理由"))


def reason_of(verb: Verb) -> str:
    """What the candidate reads: of a sanction the number of its decision, never the facts."""
    return "处理决定已生效（清河工考决〔2024〕1号）" if verb.action is Action.DISQUALIFY else "测试理由"


def disqualify(exams: Exams, case: Case) -> None:
    disqualified(exams.season, case)


def seated(exams: Exams, *cases: Case) -> tuple[Sitting, ExamRoom, UUID, dict[UUID, str]]:
    """A published plan with these candidates, and tickets for those who may have one."""
    room, *_ = exams.rooms(exams.site())
    sitting = exams.sitting([room.id])
    plan_id = published(exams, list(cases), sitting, room)
    with exams.at_work() as session:
        tickets.issue_tickets(session, plan_id, rules=TicketsTable())
        numbers = {ticket.application_id: ticket.number for ticket in tickets.tickets(session, plan_id=plan_id)}
    return sitting, room, plan_id, numbers


def at_door(exams: Exams, sitting: Sitting, number: str, **changed: object) -> door.NoteAnswer:
    note = replace(Note(new_id(), number, sitting.id, exams.season.now), **changed)  # type: ignore[arg-type]
    with exams.at_work(role=Role.EXAMINER) as session:
        [said] = door.note_arrivals(session, [note])
    return said


def listed(exams: Exams, sitting: Sitting) -> list[UUID]:
    with exams.at_work() as session:
        return [candidate.application_id for candidate in door.expected(session, sitting.id)]


@pytest.mark.parametrize("verb", LEAVING, ids=lambda verb: f"{verb.action} from {verb.source}")
def test_every_verb_that_ends_a_qualification_takes_ticket_and_seat(exams: Exams, verb: Verb) -> None:
    # The database gives seats and tickets only to finally qualified candidates.
    may_sit = verb.source is State.QUALIFIED
    case, other = admitted(exams) if may_sit else provisional(exams), admitted(exams)
    sitting, _, plan_id, numbers = seated(exams, *([case] if may_sit else []), other)
    assert (case.id in numbers) is may_sit
    leave(exams, verb, case)
    left = exams.season.story(case)[-1].id
    assert listed(exams, sitting) == [other.id]
    with exams.at_work() as session:
        freed = session.execute(select(Seat.voided_at, Seat.voided_by_move).where(Seat.application_id == case.id)).all()
        void = session.execute(
            select(AdmissionTicket.voided_at, AdmissionTicket.void_reason, AdmissionTicket.voided_by_move).where(
                AdmissionTicket.application_id == case.id
            )
        ).all()
        assert {placement.candidate for placement in placements_of(session, plan_id)} == {str(other.id)}
    assert freed == ([(LEFT, left)] if may_sit else [])
    assert void == ([(LEFT, f"{ACTION_LABELS[verb.action]}：{reason_of(verb)}", left)] if may_sit else [])


@pytest.mark.parametrize(
    "verb", [verb for verb in LEAVING if verb.source is State.QUALIFIED], ids=lambda verb: verb.action
)
def test_the_door_the_public_and_the_person_learn_that_a_ticket_is_void_and_why(exams: Exams, verb: Verb) -> None:
    case, other = admitted(exams), admitted(exams)
    sitting, _, plan_id, numbers = seated(exams, case, other)
    leave(exams, verb, case)
    with exams.at_work() as session:
        entries = session.scalars(select(RecordEntry).where(RecordEntry.kind == "tickets.voided")).all()
    assert [(entry.subject_id, entry.payload["tickets"]) for entry in entries] == [(str(plan_id), 1)]
    with exams.season.as_public() as session:
        assert verification.standing_of(session, numbers[case.id]) == (at(5, 20), LEFT, "持证人的申报状态有变化")
        assert verification.standing_of(session, numbers[other.id]) == (at(5, 20), None, "")
    with exams.season.as_person(case.person) as session:
        [notice] = session.scalars(select(Notice).where(Notice.kind == f"application.{verb.action}"))
    assert f"理由：{reason_of(verb)}。准考证（{numbers[case.id]}）同时作废" in notice.body
    exams.season.now = NINE
    said = at_door(exams, sitting, numbers[case.id])
    assert said.outcome == "refused"
    assert f"已于2024年6月21日 17:30作废（{ACTION_LABELS[verb.action]}：{reason_of(verb)}）" in said.detail
    assert at_door(exams, sitting, numbers[other.id]).outcome == "came"


def test_every_way_out_of_the_exam_is_tried() -> None:
    assert {(verb.action, verb.source) for verb in LEAVING} == {
        (Action.UNDO, State.PROVISIONAL),
        (Action.REJECT, State.PROVISIONAL),
        (Action.LAPSE, State.PROVISIONAL),
        (Action.WITHDRAW, State.PROVISIONAL),
        (Action.REOPEN, State.PROVISIONAL),
        (Action.REOPEN, State.QUALIFIED),
        (Action.DISQUALIFY, State.PROVISIONAL),
        (Action.DISQUALIFY, State.QUALIFIED),
    }


def test_the_database_names_every_way_out_as_the_table_of_verbs_does() -> None:
    told = re.findall(r"WHEN '(\w+)' THEN '([^']+)'", (ROOT / "migrations/sql/functions/take_along.sql").read_text())
    assert {verb.action.value: ACTION_LABELS[verb.action] for verb in LEAVING} == dict(told)


def test_an_offline_phone_learns_that_a_noted_candidate_had_left_the_exam(exams: Exams) -> None:
    case, before = admitted(exams), admitted(exams)
    sitting, _, _, numbers = seated(exams, case, before)
    exams.season.now = NINE
    for leaver in (case, before):
        disqualify(exams, leaver)
    exams.season.now = NOON
    after = at_door(exams, sitting, numbers[case.id], noted_at=NINE + timedelta(minutes=5))
    assert (after.outcome, "现为“取消资格”，不能参加考试" in after.detail) == ("refused", True)
    assert "手机登记在作废之前" not in after.detail
    earlier = at_door(exams, sitting, numbers[before.id], noted_at=NINE - timedelta(minutes=5))
    assert (earlier.outcome, "手机登记在作废之前，已记录在考试日页面" in earlier.detail) == ("contradicts", True)
    with exams.at_work() as session:
        kept = void_tickets.void_tickets(session, sitting.id)
    assert sorted(ticket.number for ticket in kept) == sorted(numbers.values())


def test_a_candidate_who_left_after_sitting_is_refused_but_has_sat(exams: Exams) -> None:
    case = admitted(exams)
    sitting, _, _, numbers = seated(exams, case)
    exams.season.now = NINE
    assert at_door(exams, sitting, numbers[case.id]).outcome == "came"
    exams.season.now = NINE + timedelta(minutes=30)
    disqualify(exams, case)
    assert at_door(exams, sitting, numbers[case.id]).outcome == "refused"
    with exams.at_work() as session:
        [there] = door.expected(session, sitting.id)
    assert (there.application_id, there.number, there.state) == (case.id, "", "present")


def test_a_sitting_that_is_over_stays_as_it_was(exams: Exams) -> None:
    case = admitted(exams)
    sitting, *_ = seated(exams, case)
    exams.season.now = NOON + timedelta(minutes=1)
    disqualify(exams, case)
    assert listed(exams, sitting) == [case.id]
    with exams.at_work() as session:
        [ticket] = session.scalars(select(AdmissionTicket))
        assert ticket.voided_at == exams.season.now


def test_a_readmitted_candidate_gets_a_seat_by_the_next_plan_and_is_told(exams: Exams) -> None:
    case, other = admitted(exams), admitted(exams)
    room, *_ = exams.rooms(exams.site())
    sitting = exams.sitting([room.id])
    offices = exams.season.offices
    with exams.at_work() as session:
        first = plans.draw_up(session, YEAR, EXAM, offices=offices, seed=7)
        plans.publish(session, first.id, offices=offices)
        tickets.issue_tickets(session, first.id, rules=TicketsTable())
    exams.season.now = at(6, 1)
    with exams.season.as_province() as session:
        reviews.reopen(session, case.id, offices=offices, reason="抽查")
    assert exams.season.approve_at_office(case, who="second") is State.QUALIFIED
    assert listed(exams, sitting) == [other.id]
    with exams.at_work() as session:
        [filled] = review.rooms_filled(session, session.get_one(Plan, first.id))
        assert filled.people == 1
        again = plans.plan_anew(session, YEAR, EXAM, offices=offices, reason="重新审查", seed=8)
        plans.publish(session, again.id, offices=offices)
        issued = tickets.issue_tickets(session, again.id, rules=TicketsTable())
        assert (issued.issued, issued.voided, issued.in_force) == (1, 0, 2)
    assert sorted(listed(exams, sitting)) == sorted([case.id, other.id])
    told = {}
    for leaver in (case, other):
        with exams.season.as_person(leaver.person) as session:
            told[leaver.id] = len(session.scalars(select(Notice.id).where(Notice.kind == "seats_published")).all())
    assert told == {case.id: 2, other.id: 1}


def test_a_draft_with_somebody_who_left_is_not_published(exams: Exams) -> None:
    case, _ = admitted(exams), admitted(exams)
    room, *_ = exams.rooms(exams.site())
    exams.sitting([room.id])
    offices = exams.season.offices
    with exams.at_work() as session:
        draft = plans.draw_up(session, YEAR, EXAM, offices=offices, seed=7)
    disqualify(exams, case)
    with exams.at_work() as session, pytest.raises(Conflict, match="1 个座位已不适用"):
        plans.publish(session, draft.id, offices=offices)
