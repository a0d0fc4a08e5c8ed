"""Acts that arrange an exam: sites and rooms, sittings, plans, invigilators, training, accommodations."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from core.clock import SHANGHAI
from core.domain.calendar import KIND_NAMES
from core.plugin_api import Grade, WindowKind
from core.scheduling.accommodations import service as accommodations
from core.scheduling.allocation.problem import SeatNeed
from core.scheduling.allocation.room_shape import COLUMNS, RoomShape
from core.scheduling.invigilation import register
from core.scheduling.invigilation.register import InvigilatorForm
from core.scheduling.plans import service as plans
from core.scheduling.sites import room_shapes, service as sites
from core.scheduling.sites.service import RoomForm, SiteForm, SiteItem
from core.scheduling.sittings import service as sittings
from core.scheduling.sittings.service import SittingForm
from core.scheduling.training import service as training
from core.scheduling.training.service import CourseForm, Mode
from core.seasons.queries import calendar_now
from tests.histories.acts import EXAMINING, World, act, moment

EXAM = WindowKind.COMPUTER_EXAM
SUBJECTS = ("岗位技能", "职业道德", "职业能力")
GRADES = frozenset({Grade.FIVE, Grade.FOUR, Grade.THREE})
HELD = f"t.id IN {EXAMINING}"
"""The offices of these histories that hold exams."""
_COMING = "t.cancelled_at IS NULL AND t.starts_at > :now"
_REASON = "测试理由"


class Exams(World):
    """The scheduler's acts before the day of the exam."""

    # Sites

    @act("offices", HELD)
    def site_is_registered(self, office: Any) -> None:
        """A site with two rooms, most of the time with its checklist signed off."""
        number = self.one("SELECT count(*) FROM exam_sites") + 1
        days = date(self.this_year, 6, 1), date(self.this_year, 9, 30)
        form = SiteForm(f"K{number:02d}", f"测试考点{number}", f"测试路{number}号", *days)
        ready = not self.chance(4)
        with self.scheduler(office.id) as session:
            rooms = (RoomForm("第一考场", 18, 2), RoomForm("第二考场", 15, 1, accessible=True))
            site = sites.register_site(session, self.this_year, form, rooms)
            for item in SiteItem if ready else ():
                sites.sign_off(session, site.id, item, passed=True)

    @act("exam_sites", "t.closed_at IS NULL")
    def site_is_signed_off(self, site: Any) -> None:
        """The whole checklist, or one item that fails."""
        with self.scheduler(site.office_id) as session:
            if self.chance(4):
                sites.sign_off(session, site.id, SiteItem.POWER, passed=False, remark="测试停电")
                return
            for item in SiteItem:
                sites.sign_off(session, site.id, item, passed=True)

    @act("exam_sites", "t.closed_at IS NULL")
    def site_is_changed(self, site: Any) -> None:
        """Another name, another address, or other days alone."""
        word = self.luck.randrange(1000)
        name, address, closes = self.luck.choice(
            (
                (f"测试考点改{word}", site.address, site.closes_on),
                (site.name, f"测试路改{word}号", site.closes_on),
                (site.name, site.address, site.closes_on - timedelta(days=1)),
            )
        )
        with self.scheduler(site.office_id) as session:
            sites.change_site(session, site.id, SiteForm(site.code, name, address, site.opens_on, closes))

    @act("exam_sites", "t.closed_at IS NULL")
    def site_closes(self, site: Any) -> None:
        with self.scheduler(site.office_id) as session:
            sites.close_site(session, site.id, reason="测试停电")

    @act("exam_sites", "t.closed_at IS NULL")
    def site_serves_another_office(self, site: Any) -> None:
        other = self.luck.choice([office for office in EXAMINING if office != site.office_id])
        with self.scheduler(site.office_id) as session:
            sites.serve_office(session, site.id, other)

    @act("exam_sites", "(SELECT count(*) FROM site_offices o WHERE o.site_id = t.id) > 1")
    def site_stops_serving(self, site: Any) -> None:
        other = self.luck.choice([office for office in EXAMINING if office != site.office_id])
        with self.scheduler(site.office_id) as session:
            sites.stop_serving(session, site.id, other)

    @act("exam_sites", "t.closed_at IS NULL AND (SELECT count(*) FROM exam_rooms r WHERE r.site_id = t.id) < 5")
    def room_is_added(self, site: Any) -> None:
        count = self.one("SELECT count(*) FROM exam_rooms WHERE site_id = :site", site=site.id)
        with self.scheduler(site.office_id) as session:
            sites.add_rooms(session, site.id, [RoomForm(f"加考场{count}", 8, 1)])

    @act("exam_rooms", "t.retired_at IS NULL")
    def room_is_retired(self, room: Any) -> None:
        with self.scheduler(room.office_id) as session:
            sites.retire_room(session, room.id)

    @act("exam_rooms", "t.retired_at IS NULL")
    def room_gets_a_shape(self, room: Any) -> None:
        """Another number of columns, or an aisle alone, which takes nobody's seat away."""
        columns = self.luck.choice((3, 4, COLUMNS))
        shape = RoomShape.in_rows(room.machines, columns)
        if self.chance(2):
            shape = replace(shape, aisles=frozenset({1}))
        with self.scheduler(room.office_id) as session:
            room_shapes.change_shape(session, room.id, None if self.chance(4) else shape)

    # Sittings

    @act("offices", HELD + " AND EXISTS (SELECT FROM exam_sites e WHERE e.office_id = t.id AND e.ready_at IS NOT NULL)")
    def sitting_is_set(self, office: Any) -> None:
        """A morning or an afternoon inside the office's window, in some rooms of a ready site."""
        site = self.any_of("exam_sites", "t.office_id = :office AND t.ready_at IS NOT NULL", office=office.id)
        rooms = self.rows_for("exam_rooms", "t.site_id = :site AND t.retired_at IS NULL", site=site.id)
        taken = [room.id for room in self.luck.sample(rooms, self.luck.randint(1, len(rooms)) if rooms else 0)]
        begins = self._in_the_window(office.id, site.year)
        form = SittingForm(begins, begins + timedelta(hours=2), SUBJECTS, GRADES)
        with self.scheduler(office.id) as session:
            sittings.set_sitting(session, site.year, form, taken)

    def _in_the_window(self, office: str, year: int) -> datetime:
        with self.scheduler(office) as session:
            window = calendar_now(session, office, year).window(EXAM, Grade.FIVE)
        assert window is not None, KIND_NAMES[EXAM]
        assert window.opens is not None, KIND_NAMES[EXAM]
        day = max(window.opens, self.now).astimezone(SHANGHAI) + timedelta(days=self.luck.choice((1, 2, 3)))
        return day.replace(hour=self.luck.choice((9, 14)), minute=0, second=0, microsecond=0)

    @act("sittings", _COMING)
    def sitting_moves(self, sitting: Any) -> None:
        """An hour, or some days."""
        by = self.luck.choice((timedelta(hours=1), timedelta(days=1), timedelta(days=-1), timedelta(minutes=-30)))
        with self.scheduler(sitting.office_id) as session:
            sittings.move_sitting(session, sitting.id, starts_at=sitting.starts_at + by, ends_at=sitting.ends_at + by)

    @act("sittings", _COMING)
    def sitting_is_cancelled(self, sitting: Any) -> None:
        with self.scheduler(sitting.office_id) as session:
            sittings.cancel_sitting(session, sitting.id, reason=_REASON)

    @act("sittings", _COMING)
    def sitting_gains_a_room(self, sitting: Any) -> None:
        room = self.any_of("exam_rooms", "t.retired_at IS NULL AND t.office_id = :office", office=sitting.office_id)
        with self.scheduler(sitting.office_id) as session:
            sittings.use_rooms(session, sitting.id, [room.id])

    @act("sittings", _COMING)
    def sitting_loses_a_room(self, sitting: Any) -> None:
        wanted = "EXISTS (SELECT FROM sitting_rooms s WHERE s.room_id = t.id AND s.sitting_id = :sitting)"
        room = self.any_of("exam_rooms", wanted, sitting=sitting.id)
        with self.scheduler(sitting.office_id) as session:
            sittings.withdraw_rooms(session, sitting.id, [room.id], reason=_REASON, unseating=not self.chance(3))

    # Plans

    @act("offices", HELD + " AND EXISTS (SELECT FROM sittings s WHERE s.office_id = t.id AND s.starts_at > :now)")
    def plan_is_drawn_up(self, office: Any) -> None:
        with self.scheduler(office.id) as session:
            plans.draw_up(session, self.this_year, EXAM, offices=self.offices, seed=self.luck.randrange(1000))

    @act("plans", "t.state = 'published'")
    def plan_is_drawn_up_again(self, plan: Any) -> None:
        with self.scheduler(plan.office_id) as session:
            plans.plan_anew(
                session, plan.year, EXAM, offices=self.offices, reason=_REASON, seed=self.luck.randrange(1000)
            )

    @act("plans", "t.state = 'draft' AND t.step = 'ready'")
    def plan_is_published(self, plan: Any) -> None:
        with self.scheduler(plan.office_id) as session:
            plans.publish(session, plan.id, offices=self.offices)

    @act("plans", "t.state = 'draft'")
    def plan_is_dropped(self, plan: Any) -> None:
        with self.scheduler(plan.office_id) as session:
            plans.drop(session, plan.id)

    # Invigilators

    @act("offices", HELD)
    def invigilators_are_added(self, office: Any) -> None:
        forms = [InvigilatorForm("", f"测试监考{number}", "测试监考单位") for number in range(4)]
        with self.scheduler(office.id) as session:
            register.add_invigilators(session, self.this_year, forms)

    @act("plans", "t.state IN ('draft', 'published') AND t.step = 'ready'")
    def invigilators_are_assigned(self, plan: Any) -> None:
        with self.scheduler(plan.office_id) as session:
            register.assign_invigilators(session, plan.id)

    # Training

    @act("offices", HELD)
    def course_is_set(self, office: Any) -> None:
        starts = max(self.now + timedelta(days=1), moment(self.this_year, 5, 6))
        form = CourseForm("测试培训", Mode.PLACE, "测试中心", starts, starts + timedelta(hours=3), GRADES)
        with self.scheduler(office.id) as session:
            training.set_course(session, self.this_year, form)

    @act("training_courses", "t.cancelled_at IS NULL AND t.starts_at > :now")
    def candidate_enrols(self, course: Any) -> None:
        case = self.any_of(
            "applications",
            "t.office_id = :office AND t.year = :year AND t.state IN ('qualified', 'provisional')",
            office=course.office_id,
            year=course.year,
        )
        with self.person(case) as session:
            training.enrol(session, course.id, [case.id])

    @act("training_enrolments", "t.withdrawn_at IS NULL AND t.attended IS NULL")
    def candidate_leaves_a_course(self, enrolment: Any) -> None:
        [case] = self.rows_for("applications", "t.id = :case", case=enrolment.application_id)
        with self.person(case) as session:
            training.leave(session, enrolment.course_id, case.id)

    @act("training_courses", "t.cancelled_at IS NULL AND t.starts_at < :now")
    def attendance_is_marked(self, course: Any) -> None:
        wanted = "t.course_id = :course AND t.withdrawn_at IS NULL"
        enrolled = self.rows_for("training_enrolments", wanted, course=course.id)
        with self.scheduler(course.office_id) as session:
            training.mark_attendance(session, course.id, {one.application_id: self.chance(2) for one in enrolled})

    @act("training_courses", "t.cancelled_at IS NULL AND t.ends_at > :now")
    def course_is_cancelled(self, course: Any) -> None:
        with self.scheduler(course.office_id) as session:
            training.cancel_course(session, course.id, reason=_REASON)

    # Accommodations

    @act("applications", "t.state IN ('unit_review', 'qualification_review', 'qualified')")
    def candidate_asks_for_an_accommodation(self, case: Any) -> None:
        with self.person(case) as session:
            self.upload(session, case.id, "accommodation.evidence")  # type: ignore[attr-defined]
            accommodations.ask(session, case.id, needs={SeatNeed.ACCESSIBLE}, reason=_REASON)

    @act("accommodation_requests", "t.state = 'asked'")
    def accommodation_is_decided(self, request: Any) -> None:
        granted = () if self.chance(3) else (SeatNeed.ACCESSIBLE,)
        with self.scheduler(request.office_id) as session:
            accommodations.decide(session, request.id, granted=granted, decision=_REASON)
