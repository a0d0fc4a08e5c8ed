"""The opening of a site before a sitting, and the alarm where it is not open in time."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db.session import Role
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.messages.models import Notice
from core.scheduling.exam_day import opening, opening_alarms
from core.scheduling.exam_day.opening import BEFORE_OPENING, Step, StepForm
from core.scheduling.exam_day.opening_alarms import Ringing, settle_alarm
from core.scheduling.invigilation import register
from core.scheduling.invigilation.register import InvigilatorForm
from core.scheduling.models.invigilation import Invigilation
from core.scheduling.models.openings import SiteOpening
from core.scheduling.models.plans import Seat
from core.scheduling.models.sittings import Sitting
from core.scheduling.sites import service as sites
from core.scheduling.sittings import service as sittings
from tests.cases import CITY, OTHER_CITY, PROVINCE, YEAR
from tests.scheduling.conftest import NINE, NOON, Exams, admitted, published
from tests.scheduling.exam_day.test_door import exam

BEFORE = timedelta(minutes=30)
EARLY = NINE - timedelta(hours=1)


@pytest.fixture
def sitting(exams: Exams) -> Sitting:
    """A sitting at nine with two candidates in one room, an hour before it begins."""
    made, _, _ = exam(exams)
    exams.season.now = EARLY
    return made


def site_of(exams: Exams, sitting: Sitting) -> UUID:
    with exams.at_work() as session:
        [used] = opening.sites_used(session, YEAR, sitting_id=sitting.id)
        return used.site_id


def note(exams: Exams, sitting: Sitting, form: StepForm, role: Role = Role.EXAMINER) -> SiteOpening:
    site = site_of(exams, sitting)
    with exams.at_work(role=role) as session:
        return opening.note_step(session, sitting.id, site, form)


def open_site(exams: Exams, sitting: Sitting) -> SiteOpening:
    for step in BEFORE_OPENING:
        note(exams, sitting, StepForm(step))
    return note(exams, sitting, StepForm(Step.OPEN))


def watch(exams: Exams, at: datetime | None = None, minutes: int = 30) -> int:
    exams.season.now = at or exams.season.now
    with exams.season.as_system(CITY) as session:
        return opening_alarms.watch_openings(session, YEAR, minutes_before=minutes)


def alarms(exams: Exams) -> list[Ringing]:
    with exams.at_work() as session:
        return opening_alarms.alarms_of(session, YEAR)


def told(exams: Exams) -> list[str | None]:
    with exams.season.as_province() as session:
        wanted = select(Notice.recipient_office_id).where(Notice.kind == "opening_alarm")
        return list(session.scalars(wanted.order_by(Notice.recipient_office_id)))


def refused(exams: Exams, sitting: Sitting, form: StepForm, role: Role = Role.EXAMINER) -> str:
    with pytest.raises(KaowuError) as refusal:
        note(exams, sitting, form, role)
    return refusal.value.code


def test_a_site_opens_step_by_step_and_rings_for_nobody(exams: Exams, sitting: Sitting) -> None:
    assert refused(exams, sitting, StepForm(Step.OPEN)) == "opening_not_ready"
    note(exams, sitting, StepForm(Step.ROOMS, in_order=False, remark="第二考场停电"))
    for step in BEFORE_OPENING[:-1]:
        note(exams, sitting, StepForm(step))
    assert refused(exams, sitting, StepForm(Step.OPEN)) == "opening_not_ready"
    note(exams, sitting, StepForm(Step.ROOMS, remark="已恢复供电"))
    note(exams, sitting, StepForm(Step.OPEN))
    assert watch(exams, NINE - BEFORE) == 0
    assert (alarms(exams), told(exams)) == ([], [])


def test_a_site_that_is_not_open_rings_once_at_its_office_and_the_center(exams: Exams, sitting: Sitting) -> None:
    assert watch(exams, NINE - BEFORE - timedelta(seconds=1)) == 0
    assert watch(exams, NINE - BEFORE) == 1
    assert watch(exams, NINE - timedelta(minutes=29)) == 0
    assert watch(exams, NINE) == 0
    assert told(exams) == sorted([CITY, PROVINCE])
    [ringing] = alarms(exams)
    assert (ringing.stands, ringing.alarm.site_id) == (True, site_of(exams, sitting))


def test_an_opening_after_the_alarm_settles_it(exams: Exams, sitting: Sitting) -> None:
    watch(exams, NINE - BEFORE)
    open_site(exams, sitting)
    [ringing] = alarms(exams)
    assert (ringing.stands, ringing.alarm.settled_how) == (False, "opened")
    assert watch(exams, NINE) == 0


@pytest.mark.usefixtures("sitting")
def test_an_officer_settles_an_alarm_for_a_reason_and_once(exams: Exams) -> None:
    watch(exams, NINE - BEFORE)
    [ringing] = alarms(exams)
    with exams.at_work(role=Role.CITY_SUPERVISOR) as session, pytest.raises(Invalid):
        settle_alarm(session, ringing.alarm.id, reason=" ")
    with exams.at_work(role=Role.EXAMINER) as session, pytest.raises(Forbidden):
        settle_alarm(session, ringing.alarm.id, reason="测试")
    with exams.at_work(OTHER_CITY, Role.CITY_SUPERVISOR) as session, pytest.raises(NotFound):
        settle_alarm(session, ringing.alarm.id, reason="测试")
    with exams.season.as_province() as session:
        assert settle_alarm(session, ringing.alarm.id, reason="电话核实，已就绪").settled_how == "reason"
    with exams.at_work(role=Role.CITY_SUPERVISOR) as session, pytest.raises(Conflict):
        settle_alarm(session, ringing.alarm.id, reason="再次处理")
    assert watch(exams, NINE) == 0


@pytest.mark.usefixtures("sitting")
def test_a_worker_that_was_down_rings_while_the_sitting_lasts_and_not_after(exams: Exams) -> None:
    assert watch(exams, NOON) == 0
    assert watch(exams, NOON - timedelta(minutes=1)) == 1


def test_a_sitting_that_is_moved_rings_only_when_its_new_time_passes(exams: Exams, sitting: Sitting) -> None:
    watch(exams, NINE - BEFORE)
    by = timedelta(hours=4)
    with exams.at_work() as session:
        sittings.move_sitting(session, sitting.id, starts_at=NINE + by, ends_at=NOON + by)
    assert [ringing.stands for ringing in alarms(exams)] == [False]
    assert watch(exams) == 0
    assert alarms(exams)[0].alarm.settled_how == "overtaken"
    assert watch(exams, NINE + by - BEFORE) == 1
    assert [ringing.stands for ringing in alarms(exams)] == [True, False]


def test_an_opening_counts_for_the_time_that_the_sitting_had(exams: Exams, sitting: Sitting) -> None:
    open_site(exams, sitting)
    by = timedelta(hours=1)
    with exams.at_work() as session:
        sittings.move_sitting(session, sitting.id, starts_at=NINE + by, ends_at=NOON + by)
    assert watch(exams, NINE + by - BEFORE) == 1
    open_site(exams, sitting)
    assert [ringing.stands for ringing in alarms(exams)] == [False]


def test_a_cancelled_sitting_rings_no_more(exams: Exams, sitting: Sitting) -> None:
    watch(exams, NINE - BEFORE)
    with exams.at_work() as session:
        sittings.cancel_sitting(session, sitting.id, reason="测试停电")
    assert [ringing.stands for ringing in alarms(exams)] == [False]
    assert watch(exams, NINE) == 0
    assert [ringing.alarm.settled_how for ringing in alarms(exams)] == ["overtaken"]


def test_a_site_that_is_replaced_rings_no_more_and_the_new_one_does(exams: Exams) -> None:
    sitting, cases, _ = exam(exams)
    former = site_of(exams, sitting)
    watch(exams, NINE - BEFORE)
    other = exams.site(form=sites.SiteForm("K02", "临水备用考点", "测试路2号", NINE.date(), NINE.date()))
    [room, _] = exams.rooms(other)
    with exams.at_work() as session:
        sites.close_site(session, former, reason="测试停电")
        sittings.use_rooms(session, sitting.id, [room.id])
    assert watch(exams) == 0
    assert [ringing.alarm.settled_how for ringing in alarms(exams)] == ["overtaken"]
    published(exams, cases, sitting, room)
    assert watch(exams) == 1
    assert {ringing.alarm.site_id: ringing.stands for ringing in alarms(exams)} == {former: False, other.id: True}


def test_a_second_opening_changes_nothing_and_steps_end_with_it(exams: Exams, sitting: Sitting) -> None:
    first = open_site(exams, sitting)
    assert note(exams, sitting, StepForm(Step.OPEN)).id == first.id
    assert refused(exams, sitting, StepForm(Step.ROOMS, in_order=False, remark="停电")) == "site_is_open"


def test_a_step_that_is_sent_again_is_written_once(exams: Exams, sitting: Sitting) -> None:
    first = note(exams, sitting, StepForm(Step.ARRIVED, remark="主考已到"))
    assert note(exams, sitting, StepForm(Step.ARRIVED, remark="主考已到 ")).id == first.id
    assert note(exams, sitting, StepForm(Step.ARRIVED)).id != first.id


def test_the_opening_says_who_of_the_invigilators_is_missing(exams: Exams, sitting: Sitting) -> None:
    with exams.at_work() as session:
        form = InvigilatorForm("J001", "测试监考", "测试单位")
        register.add_invigilators(session, YEAR, [form, InvigilatorForm("J002", "测试监考二", "测试单位")])
        [plan] = set(session.scalars(select(Seat.plan_id).where(Seat.sitting_id == sitting.id)))
        [place] = session.execute(select(Seat.room_id).where(Seat.sitting_id == sitting.id).distinct()).scalars()
        session.add_all(
            Invigilation(
                plan_id=plan, sitting_id=sitting.id, invigilator_id=who.id, office_id=CITY, room_id=place, chief=chief
            )
            for who, chief in zip(register.register_of(session, YEAR), (True, False), strict=True)
        )
        session.flush()
        staff = opening.staff_of(session, sitting.id, site_of(exams, sitting))
    missing = frozenset({staff[0][0]})
    assert refused(exams, sitting, StepForm(Step.STAFF, missing=missing)) == "missing_not_in_order"
    assert refused(exams, sitting, StepForm(Step.STAFF, in_order=False, missing=frozenset({sitting.id})))
    noted = note(exams, sitting, StepForm(Step.STAFF, in_order=False, missing=missing))
    assert noted.missing == [str(staff[0][0])]


def test_steps_have_their_time_their_people_and_their_words(exams: Exams, sitting: Sitting) -> None:
    arrived, fault = StepForm(Step.ARRIVED), StepForm(Step.ARRIVED, in_order=False)
    assert refused(exams, sitting, fault) == "remark_required"
    assert refused(exams, sitting, arrived, Role.CITY_SUPERVISOR) == "not_permitted"
    exams.season.now = NINE - timedelta(hours=3, seconds=1)
    assert refused(exams, sitting, arrived) == "opening_too_early"
    exams.season.now = NOON
    assert refused(exams, sitting, arrived) == "sitting_over"
    with exams.at_work(role=Role.EXAMINER) as session, pytest.raises(NotFound):
        opening.note_step(session, sitting.id, sitting.id, arrived)


def test_a_sitting_without_published_seats_is_not_watched(exams: Exams) -> None:
    rooms = exams.rooms(exams.site())
    exams.sitting([room.id for room in rooms])
    admitted(exams)
    assert watch(exams, NINE) == 0
