"""The duty roster of a plan, and replacements that obey the same rules as the assignment."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select

from core.audit.models import RecordEntry
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.scheduling.invigilation import duty_roster
from core.scheduling.invigilation.duty_roster import duties_in_force, duty_counts, replace_invigilator, substitutes
from core.scheduling.invigilation.register import (
    InvigilatorForm,
    add_invigilators,
    assign_invigilators,
    change_invigilator,
    end_invigilator,
    register_of,
    reinstate_invigilator,
    taken_off,
)
from core.scheduling.models.invigilation import Invigilation
from core.scheduling.models.plans import Plan
from tests.cases import OTHER_CITY, YEAR, Role
from tests.scheduling.conftest import Exams
from tests.scheduling.plans.test_plans import Planned


class Watched:
    """A published plan of one room, watched by two of four invigilators."""

    def __init__(self, exams: Exams) -> None:
        self.planned = Planned(exams, people=2)
        self.exams, self.season = exams, exams.season
        forms = [InvigilatorForm(f"J{number}", f"测试监考{number}", "测试单位") for number in range(4)]
        self.plan = self.planned.draw_up()
        with exams.at_work() as session:
            add_invigilators(session, YEAR, forms)
            assign_invigilators(session, self.plan.id)
        self.planned.publish(self.plan)

    @property
    def sitting(self) -> UUID:
        """The plan's one sitting."""
        return self.planned.sitting.id

    def watching(self) -> dict[UUID, bool]:
        """The invigilators of the room now: id → whether chief."""
        with self.exams.at_work() as session:
            [room] = duty_roster.duty_roster(session, self.plan.id)
        return {watching.invigilator_id: watching.chief for watching in room.watching}

    def free(self) -> list[UUID]:
        """The invigilators on the register without a duty."""
        with self.exams.at_work() as session:
            return [
                invigilator.id for invigilator in register_of(session, YEAR) if invigilator.id not in self.watching()
            ]

    def replace(self, whom: UUID, by: UUID, reason: str = "临时有事") -> None:
        """Replace an invigilator."""
        with self.exams.at_work() as session:
            replace_invigilator(session, self.plan.id, self.sitting, whom, by_id=by, reason=reason)


@pytest.fixture
def watched(exams: Exams) -> Watched:
    return Watched(exams)


def test_a_chief_is_replaced_by_a_chief_and_it_is_on_the_record(watched: Watched) -> None:
    before, free = watched.watching(), watched.free()
    [chief] = [who for who, chief in before.items() if chief]
    watched.replace(chief, free[0])
    after = watched.watching()
    assert after == {**{who: chief_now for who, chief_now in before.items() if who != chief}, free[0]: True}
    with watched.exams.at_work() as session:
        [entry] = session.scalars(select(RecordEntry).where(RecordEntry.kind == "plan.duty_changed"))
        assert (entry.payload["from"], entry.payload["to"]) == (str(chief), str(free[0]))
        assert "临时有事" not in str(entry.payload)
        assert set(duties_in_force(session, YEAR)) == set(after)
        assert duty_counts(duty_roster.duty_roster(session, watched.plan.id)) == dict.fromkeys(after, 1)


def test_nobody_watches_two_rooms_at_once(watched: Watched) -> None:
    first, second = watched.watching()
    with pytest.raises(Conflict, match="同一时间在临水测试考点第"):
        watched.replace(first, second)


def test_nobody_takes_over_a_room_with_people_of_a_unit_that_they_must_avoid(watched: Watched) -> None:
    [first, _], [own, avoiding] = list(watched.watching()), watched.free()
    unit = watched.planned.cases[0].unit
    with watched.exams.at_work() as session:
        change_invigilator(session, own, InvigilatorForm("", "测试监考", "测试单位", unit))
        change_invigilator(session, avoiding, InvigilatorForm("", "测试监考", "测试单位", avoids=(unit,)))
        _, _, others = substitutes(session, watched.plan, watched.sitting, first)
        assert [bool(other.hindrance) for other in others] == [True, True, True]
    for invigilator, why in ((own, "有本单位考生"), (avoiding, "须回避")):
        with pytest.raises(Conflict, match=why):
            watched.replace(first, invigilator)


def test_an_invigilator_taken_off_the_register_is_shown_and_takes_over_no_duty(watched: Watched) -> None:
    first, _ = watched.watching()
    gone, other = watched.free()
    with watched.exams.at_work() as session:
        end_invigilator(session, gone)
        end_invigilator(session, first)
        assert {invigilator.id for invigilator in taken_off(session, YEAR)} == {gone, first}
        [room] = duty_roster.duty_roster(session, watched.plan.id)
        assert [watching.gone for watching in room.watching if watching.invigilator_id == first] == [True]
    with pytest.raises(NotFound):
        watched.replace(first, gone)
    with watched.exams.at_work() as session:
        reinstate_invigilator(session, gone)
    watched.replace(first, gone)
    assert first not in watched.watching()
    assert other not in watched.watching()


def test_the_one_with_the_fewest_duties_is_named_first(watched: Watched) -> None:
    first, _ = watched.watching()
    with watched.exams.at_work() as session:
        _, duty, others = substitutes(session, watched.plan, watched.sitting, first)
        assert duty.invigilator_id == first
        assert [substitute.duties for substitute in others if not substitute.hindrance] == [0, 0]
        assert others[-1].hindrance != ""


def test_a_replacement_has_a_reason_and_comes_before_the_end(watched: Watched) -> None:
    (first, _), (other, _) = watched.watching(), watched.free()
    with pytest.raises(Invalid):
        watched.replace(first, other, reason=" ")
    with pytest.raises(NotFound):
        watched.replace(uuid4(), other)
    watched.season.now = watched.planned.sitting.ends_at
    with pytest.raises(Conflict) as refused:
        watched.replace(first, other)
    assert refused.value.code == "sitting_over"


def test_only_schedulers_of_the_office_replace_anybody(watched: Watched) -> None:
    (first, _), (other, _) = watched.watching(), watched.free()
    with watched.exams.at_work(role=Role.EXAMINER) as session, pytest.raises(Forbidden):
        replace_invigilator(session, watched.plan.id, watched.sitting, first, by_id=other, reason="测试")
    with watched.exams.at_work(OTHER_CITY) as session, pytest.raises(NotFound):
        replace_invigilator(session, watched.plan.id, watched.sitting, first, by_id=other, reason="测试")


def test_a_duty_in_another_plan_that_holds_counts_as_well(watched: Watched) -> None:
    first, second = watched.watching()
    [free, _] = watched.free()
    with watched.exams.at_work() as session:
        other = Plan(id=uuid4(), office_id=watched.plan.office_id, year=YEAR, exam="level_one_theory", seed=1)
        other.sittings, other.figures, other.shortages = {}, {}, []
        other.step, other.done, other.made_at, other.made_by = "ready", 100, session.now, session.actor.account_id
        session.add(other)
        session.flush()
        other.state, other.published_at, other.published_by = "published", session.now, session.actor.account_id
        session.flush()
        duty = {"plan_id": other.id, "sitting_id": watched.sitting, "invigilator_id": free, "chief": True}
        place = {"office_id": other.office_id, "room_id": watched.planned.rooms[1].id}
        session.execute(insert(Invigilation), [duty | place])
    with pytest.raises(Conflict, match="同一时间在"):
        watched.replace(first, free)
    with watched.exams.at_work() as session:
        session.execute(delete(Invigilation).where(Invigilation.plan_id == other.id))
    watched.replace(first, free)
    assert set(watched.watching()) == {second, free}
