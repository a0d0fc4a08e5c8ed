"""Plans: drawn up, corrected by hand, published, and re-planned when a site is closed or a sitting moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import SystemSession
from core.documents.queries import ACCOMMODATION_EVIDENCE
from core.documents.service import materials_of
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.models import Notice
from core.plugin_api import WindowKind
from core.scheduling.accommodations import service as accommodations
from core.scheduling.allocation.problem import SeatNeed
from core.scheduling.allocation.room_shape import RoomShape
from core.scheduling.invigilation.register import (
    InvigilatorForm,
    add_invigilators,
    assign_invigilators,
    duties_of,
    end_invigilator,
)
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans import review, service as plans
from core.scheduling.plans.notices import changed_candidates, seats_of_candidate, seats_shown
from core.scheduling.plans.office_problem import placements_of
from core.scheduling.plans.seat_changes import Target, change_seat
from core.scheduling.sites.room_shapes import change_shape
from core.scheduling.sites.service import close_site
from core.scheduling.sittings.service import move_sitting
from tests.cases import CITY, OTHER_CITY, YEAR, Case, Role, at
from tests.scheduling.conftest import NINE, SITE, Exams

EXAM = WindowKind.COMPUTER_EXAM
LATER = at(6, 22, 14), at(6, 22, 16)


class Planned:
    """An office with qualified candidates, one site and one sitting, at the end of registration."""

    def __init__(self, exams: Exams, people: int = 4, *, one_unit: bool = False) -> None:
        self.exams, self.season = exams, exams.season
        self.season.now = at(3, 25)
        unit = self.season.add_unit(CITY) if one_unit else None
        self.cases = [self._qualified(unit) for _ in range(people)]
        self.season.now = at(5, 20)
        self.site = exams.site()
        self.rooms = exams.rooms(self.site)
        self.sitting = exams.sitting([room.id for room in self.rooms])

    def _qualified(self, unit: UUID | None = None) -> Case:
        case = self.season.at_office(unit=unit)
        self.season.approve_at_office(case)
        return case

    def draw_up(self, seed: int = 7) -> Plan:
        """Draw a draft up at once."""
        with self.exams.at_work() as session:
            return plans.draw_up(session, YEAR, EXAM, offices=self.season.offices, seed=seed)

    def publish(self, plan: Plan) -> Plan:
        """Publish a draft."""
        with self.exams.at_work() as session:
            return plans.publish(session, plan.id, offices=self.season.offices)

    def anew(self, reason: str = "考点停用") -> Plan:
        """Re-plan from the published plan."""
        with self.exams.at_work() as session:
            return plans.plan_anew(session, YEAR, EXAM, offices=self.season.offices, reason=reason, seed=8)

    def move(self, seat_id: UUID, *, reason: str = "测试调整", **where: object) -> Plan:
        """Move a candidate by hand, to seat 20 of the first room by default; the draft in which it was done."""
        asked = {"sitting_id": self.sitting.id, "room_id": self.rooms[0].id, "seat": 20} | where
        with self.exams.at_work() as session:
            return change_seat(session, seat_id, Target(**asked), reason=reason, offices=self.season.offices)  # type: ignore[arg-type]

    def seats(self, plan: Plan) -> list[Seat]:
        """The seats of a plan."""
        with self.exams.at_work() as session:
            return list(session.scalars(select(Seat).where(Seat.plan_id == plan.id).order_by(Seat.application_id)))


@pytest.fixture
def planned(exams: Exams) -> Planned:
    return Planned(exams)


def test_a_draft_seats_everybody_who_is_qualified_and_nobody_sees_it_yet(planned: Planned) -> None:
    plan = planned.draw_up()
    assert (plan.state, plan.step, plan.done, plan.seed) == ("draft", "ready", 100, 7)
    assert plan.figures["candidates"] == 4
    assert {seat.application_id for seat in planned.seats(plan)} == {case.id for case in planned.cases}
    case = planned.cases[0]
    with planned.season.as_person(case.person) as session:
        assert seats_of_candidate(session, case.id) == []
        assert session.scalars(select(Seat)).all() == []
        assert session.scalars(select(Plan)).all() == []


def test_the_same_seed_draws_the_same_plan_again(planned: Planned) -> None:
    drawn = [planned.draw_up(), planned.draw_up(), *(planned.draw_up(seed=seed) for seed in range(8, 13))]
    with planned.exams.at_work() as session:
        first, second, *others = [sorted(placements_of(session, plan.id)) for plan in drawn]
    assert first == second
    # Four people may be dealt the same seats by two seeds, but not by six.
    assert any(other != first for other in others)


def test_candidates_read_their_seat_once_it_is_published_and_are_told(planned: Planned) -> None:
    plan = planned.publish(planned.draw_up())
    case, other = planned.cases[:2]
    with planned.season.as_person(case.person) as session:
        [mine] = seats_of_candidate(session, case.id)
        assert seats_of_candidate(session, other.id) == []
        [notice] = session.scalars(select(Notice).where(Notice.kind == "seats_published"))
    assert mine.text.startswith("2024年6月22日 09:00至12:00，岗位技能、职业道德、职业能力，临水测试考点（测试路1号）第")
    assert notice.title == "您的考试座位已安排"
    assert mine.text in notice.body
    with planned.season.as_unit(case.unit) as session:
        assert [seat.application_id for seat in session.scalars(select(Seat))] == [case.id]
    with planned.exams.at_work() as session:
        assert changed_candidates(session, plan) == {case.id for case in planned.cases}


def test_other_offices_see_nothing_of_a_draft_and_write_nothing(planned: Planned) -> None:
    plan = planned.draw_up()
    with planned.exams.at_work(OTHER_CITY) as session:
        assert session.get(Plan, plan.id) is None
        assert session.scalars(select(Seat)).all() == []
        with pytest.raises(NotFound):
            plans.publish(session, plan.id, offices=planned.season.offices)


def test_only_schedulers_plan(planned: Planned) -> None:
    with planned.exams.at_work(role=Role.EXAMINER) as session, pytest.raises(Forbidden):
        plans.draw_up(session, YEAR, EXAM, offices=planned.season.offices)


def test_without_sittings_there_is_nothing_to_plan(planned: Planned) -> None:
    with planned.exams.at_work() as session, pytest.raises(Conflict) as refused:
        plans.draw_up(session, YEAR, WindowKind.LEVEL_ONE_THEORY, offices=planned.season.offices)
    assert refused.value.code == "no_sittings"


def test_a_plan_that_cannot_be_says_what_is_short(planned: Planned) -> None:
    with planned.exams.at_work() as session:
        close_site(session, planned.site.id, reason="停电")
    plan = planned.draw_up()
    assert plan.step == "short"
    assert [shortage["text"] for shortage in plan.shortages] == [
        "五级的考生共需 4 个座位，但没有适合的场次或考场。请增设场次、考点或考场。"
    ]
    with pytest.raises(Conflict) as refused:
        planned.publish(plan)
    assert refused.value.code == "plan_not_ready"


def test_people_who_have_sat_keep_their_seats_whatever_became_of_the_site(planned: Planned) -> None:
    first = planned.publish(planned.draw_up())
    sat = [(seat.application_id, seat.room_id, seat.seat) for seat in planned.seats(first)]
    planned.season.now = planned.sitting.ends_at
    with planned.exams.at_work() as session:
        close_site(session, planned.site.id, reason="考后停用")
    again = planned.anew()
    assert again.step == "ready"
    assert [(seat.application_id, seat.room_id, seat.seat) for seat in planned.seats(again)] == sat


def test_a_draft_is_not_published_once_somebody_else_has_qualified(planned: Planned) -> None:
    plan = planned.draw_up()
    planned.season.now = at(3, 26)
    planned.cases.append(planned._qualified())
    planned.season.now = at(5, 21)
    with pytest.raises(Conflict, match="1 名考生尚无座位"):
        planned.publish(plan)


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"seat": 29}, "seat_in_reserve"),
        ({"seat": 31}, "seat_unknown"),
        ({"room_id": new_id()}, "seat_unknown"),
        ({"sitting_id": new_id()}, "seat_unknown"),
        ({"reason": " "}, "reason_required"),
    ],
)
def test_a_move_by_hand_is_checked(planned: Planned, where: dict[str, object], code: str) -> None:
    seat = planned.seats(planned.draw_up())[0]
    with pytest.raises(Invalid) as refused:
        planned.move(seat.id, **where)
    assert refused.value.code == code


def test_two_people_swap_their_seats_and_both_changes_are_recorded(planned: Planned) -> None:
    plan = planned.draw_up()
    first, second = planned.seats(plan)[:2]
    planned.move(first.id, room_id=second.room_id, seat=second.seat)
    now = {seat.application_id: seat for seat in planned.seats(plan)}
    assert [(now[seat.application_id].seat, now[seat.application_id].by_hand) for seat in (first, second)] == [
        (second.seat, "测试调整"),
        (first.seat, "测试调整"),
    ]
    with planned.exams.at_work() as session:
        entries = session.scalars(select(RecordEntry).where(RecordEntry.kind == "plan.seat_changed")).all()
    assert {entry.subject_id for entry in entries} == {str(first.application_id), str(second.application_id)}
    with pytest.raises(Invalid, match="已经在这个座位上"):
        planned.move(first.id, room_id=second.room_id, seat=second.seat)


def test_a_change_that_puts_people_of_a_unit_together_is_refused_with_their_names(exams: Exams) -> None:
    planned = Planned(exams, people=2, one_unit=True)
    first, second = planned.seats(planned.draw_up())
    names = {case.id: case.person.name for case in planned.cases}
    planned.move(first.id, seat=1)
    with pytest.raises(Conflict) as refused:
        planned.move(second.id, seat=2)
    assert refused.value.code == "seat_beside_own_unit"
    who, other = names[second.application_id], names[first.application_id]
    assert f"{who}调整到2号后，与同单位的{other}相邻" in refused.value.detail
    # The officer may insist; a person who sits so already is not asked again.
    plan = planned.move(second.id, seat=2, beside=True)
    assert plan.figures["neighbours"] == 1
    assert planned.move(first.id, seat=2).figures["neighbours"] == 1


def test_a_seat_that_is_taken_is_not_given_again(planned: Planned) -> None:
    first, second = planned.seats(planned.draw_up())[:2]
    with planned.exams.at_work() as session:
        row = {name: getattr(second, name) for name in ("office_id", "plan_id", "sitting_id", "room_id", "seat")}
        row |= {"id": new_id(), "application_id": first.application_id, "by_hand": ""}
        with pytest.raises(IntegrityError, match="uq_seats_place"), session.begin_nested():
            session.execute(insert(Seat), row)


def test_a_move_by_hand_is_kept_with_its_reason_and_recorded(planned: Planned) -> None:
    plan = planned.draw_up()
    seat = planned.seats(plan)[0]
    planned.move(seat.id, seat=20)
    with planned.exams.at_work() as session:
        view = review.room_view(session, session.get_one(Plan, plan.id), seat.sitting_id, planned.rooms[0].id)
        entries = session.scalars(select(RecordEntry).where(RecordEntry.kind == "plan.seat_changed")).all()
    assert (view.occupants[20].application_id, view.occupants[20].by_hand) == (seat.application_id, "测试调整")
    assert [entry.subject_id for entry in entries] == [str(seat.application_id)]


def test_a_draft_whose_people_a_new_shape_brought_together_is_not_published(exams: Exams) -> None:
    planned = Planned(exams, people=2, one_unit=True)
    plan = planned.draw_up()
    with exams.at_work() as session:
        change_shape(session, planned.rooms[0].id, RoomShape(5, 6, frozenset({1})))
    for seat, number in zip(planned.seats(plan), (1, 2), strict=True):
        planned.move(seat.id, seat=number)
    with exams.at_work() as session:
        kept = session.get_one(Plan, plan.id)
        view = review.room_view(session, kept, planned.sitting.id, planned.rooms[0].id)
        assert [(number, who.beside) for number, who in view.occupants.items()] == [(1, False), (2, False)]
        assert kept.figures["neighbours"] == 0
        change_shape(session, planned.rooms[0].id, None)
        view = review.room_view(session, kept, planned.sitting.id, planned.rooms[0].id)
        assert [who.beside for who in view.occupants.values()] == [True, True]
    with pytest.raises(Conflict, match="同单位相邻多出 1 对"):
        planned.publish(plan)
    with exams.at_work() as session:
        change_shape(session, planned.rooms[0].id, RoomShape(5, 6, frozenset({1})))
    assert planned.publish(plan).state == "published"


def test_a_change_of_a_published_plan_is_made_in_a_draft_that_names_the_movers(planned: Planned) -> None:
    published = planned.publish(planned.draw_up())
    first, second, *others = planned.seats(published)
    draft = planned.move(first.id, room_id=second.room_id, seat=second.seat)
    assert (draft.state, draft.replaces_id, draft.reason) == ("draft", published.id, "测试调整")
    assert [seat.seat for seat in planned.seats(published)] == [seat.seat for seat in (first, second, *others)]
    with planned.exams.at_work() as session:
        kept = session.get_one(Plan, draft.id)
        assert changed_candidates(session, kept) == {first.application_id, second.application_id}
    assert planned.publish(draft).state == "published"
    with pytest.raises(Conflict) as refused:
        planned.move(first.id)
    assert refused.value.code == "plan_not_draft"


def test_when_a_site_drops_out_only_its_people_move_and_only_they_are_told(planned: Planned) -> None:
    exams, season = planned.exams, planned.season
    second = exams.site(form=replace(SITE, code="K02", name="临水第二测试考点"))
    exams.sitting([room.id for room in exams.rooms(second)], *LATER)
    first = planned.draw_up()
    one = planned.seats(first)[0]
    with exams.at_work() as session:
        [there] = session.scalars(select(Seat.sitting_id).where(Seat.plan_id == first.id).distinct())
        assert there == planned.sitting.id
    [room] = exams.rooms(second)[:1]
    [later] = [sitting for sitting in _sittings(exams) if sitting != planned.sitting.id]
    planned.move(one.id, sitting_id=later, room_id=room.id, seat=1)
    planned.publish(first)
    with exams.at_work() as session:
        close_site(session, second.id, reason="停电")
    season.now += timedelta(hours=1)
    plan = planned.publish(planned.anew())
    with exams.at_work() as session:
        assert changed_candidates(session, plan) == {one.application_id}
        before, after = session.get_one(Plan, first.id), session.get_one(Plan, plan.id)
        assert (before.state, after.state, after.replaces_id) == ("superseded", "published", first.id)
        assert len(seats_shown(session, first.id)) == len(seats_shown(session, plan.id)) == 4
    told = {case.id: _notices(planned, case) for case in planned.cases}
    assert {key: len(titles) for key, titles in told.items()} == {
        case.id: 3 if case.id == one.application_id else 1 for case in planned.cases
    }
    assert told[one.application_id][1:] == ["您的考场不能使用，座位将重新安排", "您的考试座位有变动"]
    case = next(case for case in planned.cases if case.id == one.application_id)
    with season.as_person(case.person) as session:
        assert [seat.site for seat in seats_of_candidate(session, case.id)] == ["临水测试考点"]


def test_when_a_sitting_moves_seats_stay_and_everybody_in_it_is_told_at_once(planned: Planned) -> None:
    first = planned.publish(planned.draw_up())
    with planned.exams.at_work() as session:
        move_sitting(
            session, planned.sitting.id, starts_at=NINE + timedelta(days=1), ends_at=NINE + timedelta(days=1, hours=2)
        )
    told = ["您的考试座位已安排", "您的考试时间或地点有变动"]
    assert [_notices(planned, case) for case in planned.cases] == [told] * 4
    planned.season.now += timedelta(hours=1)
    plan = planned.publish(planned.anew("场次调整"))
    with planned.exams.at_work() as session:
        assert sorted(placements_of(session, plan.id)) == sorted(placements_of(session, first.id))
        assert changed_candidates(session, plan) == set()
    assert _notices(planned, planned.cases[0]) == told


def test_there_is_nothing_to_plan_anew_before_anything_is_published(planned: Planned) -> None:
    planned.draw_up()
    with pytest.raises(Conflict) as refused:
        planned.anew()
    assert refused.value.code == "plan_not_published"


def test_of_two_drafts_only_one_is_published(planned: Planned) -> None:
    first, second = planned.draw_up(), planned.draw_up()
    planned.publish(first)
    with pytest.raises(Conflict) as refused:
        planned.publish(second)
    assert refused.value.code == "plan_outdated"


def test_a_dropped_draft_is_never_published(planned: Planned) -> None:
    plan = planned.draw_up()
    with planned.exams.at_work() as session:
        plans.drop(session, plan.id)
        with pytest.raises(Conflict):
            plans.publish(session, plan.id, offices=planned.season.offices)


def test_a_job_draws_up_a_plan_step_by_step(planned: Planned) -> None:
    with planned.exams.at_work() as session:
        plan = plans.draw_up_later(session, YEAR, EXAM, offices=planned.season.offices)
    assert (plan.step, plan.done) == ("waiting", 0)
    seen: list[tuple[str, int]] = []

    @contextmanager
    def begin() -> Iterator[SystemSession]:
        with planned.season.as_system(CITY) as session:
            yield session
            session.flush()
            now = session.get_one(Plan, plan.id, populate_existing=True)
            seen.append((now.step, now.done))

    plans.work_off(begin, plan.id, offices=planned.season.offices)
    assert seen == [("waiting", 0), ("assigning", 10), ("seating", 60), ("ready", 100)]
    plans.work_off(begin, plan.id, offices=planned.season.offices)
    assert len(planned.seats(plan)) == 4


@pytest.mark.parametrize("died_before", [2, 3, 4])
def test_a_job_that_died_at_a_step_draws_the_plan_when_it_is_retried(planned: Planned, died_before: int) -> None:
    with planned.exams.at_work() as session:
        plan = plans.draw_up_later(session, YEAR, EXAM, offices=planned.season.offices)
    steps = count(1)

    @contextmanager
    def begin() -> Iterator[SystemSession]:
        if next(steps) == died_before:
            raise ConnectionError("the database went away")
        with planned.season.as_system(CITY) as session:
            yield session

    with pytest.raises(ConnectionError):
        plans.work_off(begin, plan.id, offices=planned.season.offices)
    plans.work_off(begin, plan.id, offices=planned.season.offices)
    assert len(planned.seats(plan)) == 4


def test_an_accommodation_is_asked_with_evidence_decided_and_kept_by_plans(planned: Planned) -> None:
    case, season = planned.cases[0], planned.season
    with season.as_person(case.person) as session, pytest.raises(Invalid) as refused:
        accommodations.ask(session, case.id, needs={SeatNeed.ACCESSIBLE}, reason="测试轮椅")
    assert refused.value.fields == {"file": "请上传证明材料"}
    season.upload(case, ACCOMMODATION_EVIDENCE)
    with season.as_person(case.person) as session:
        asked = accommodations.ask(session, case.id, needs={SeatNeed.ACCESSIBLE}, reason="测试轮椅")
        with pytest.raises(Conflict):
            accommodations.ask(session, case.id, needs={SeatNeed.ACCESSIBLE}, reason="测试轮椅")
    with season.as_unit(case.unit) as session:
        assert accommodations.requests_of(session, case.id) == []
        assert ACCOMMODATION_EVIDENCE not in materials_of(session, case.id)
    with season.as_office(CITY) as session:
        assert ACCOMMODATION_EVIDENCE in materials_of(session, case.id)
    planned.publish(planned.draw_up())
    with planned.exams.at_work() as session:
        with pytest.raises(Invalid):
            accommodations.decide(session, asked.id, granted={SeatNeed.EXTRA_TIME}, decision="同意")
        accommodations.decide(session, asked.id, granted={SeatNeed.ACCESSIBLE}, decision="同意")
        with pytest.raises(Conflict):
            accommodations.decide(session, asked.id, granted=(), decision="同意")
    plan = planned.publish(planned.anew("批准便利"))
    rooms = {seat.application_id: seat.room_id for seat in planned.seats(plan)}
    assert rooms[case.id] == planned.rooms[1].id
    assert "您的考试便利申请已有答复" in _notices(planned, case)


def _notices(planned: Planned, case: Case) -> list[str]:
    with planned.season.as_person(case.person) as session:
        mine = select(Notice.title).where(Notice.application_id == case.id).order_by(Notice.created_at, Notice.id)
        return list(session.scalars(mine.where(Notice.title.startswith("您的考"))))


def _sittings(exams: Exams) -> list[UUID]:
    with exams.at_work() as session:
        return list(session.scalars(select(Sitting.id)))


def test_every_room_gets_invigilators_and_none_is_of_a_unit_that_sits_there(planned: Planned) -> None:
    plan = planned.draw_up()
    forms = [
        InvigilatorForm(f"J{number:02}", f"测试监考{number:02}", "测试单位", case.unit)
        for number, case in enumerate(planned.cases)
    ]
    with planned.exams.at_work() as session:
        add_invigilators(session, YEAR, forms)
        with pytest.raises(Conflict, match="编号重复：J00"):
            add_invigilators(session, YEAR, forms[:1])
        with pytest.raises(Conflict, match="还缺 2 人"):
            assign_invigilators(session, plan.id)
        others = [InvigilatorForm(f"K{number:02}", f"测试监考{number:02}", "其他单位") for number in range(3)]
        ids = add_invigilators(session, YEAR, others)
        end_invigilator(session, ids[2])
        assert assign_invigilators(session, plan.id) == assign_invigilators(session, plan.id) == 2
        assert {number for _, _, number, _, _ in duties_of(session, plan.id)} == {"K00", "K01"}
