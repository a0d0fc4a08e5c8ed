"""An office that arranges its exam: its scheduler and examiner, a ready site, and sittings in its rooms."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.plugin_api import Grade, OfficeCode
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.training import TrainingCourse
from core.scheduling.sites.service import RoomForm, SiteForm, SiteItem, register_site, rooms_of, sign_off
from core.scheduling.sittings.service import SittingForm, set_sitting
from core.scheduling.training import service as training
from core.scheduling.training.service import CourseForm
from tests.cases import CITY, YEAR, Case, Season, at

SITE = SiteForm("K01", "临水测试考点", "测试路1号", date(YEAR, 6, 1), date(YEAR, 9, 30))
ROOMS = (RoomForm("第一考场", 30, 2), RoomForm("第二考场", 20, 1, accessible=True))
SUBJECTS = ("岗位技能", "职业道德", "职业能力")
NINE, NOON = at(6, 22), at(6, 22, 12)


@dataclass
class Exams:
    """The arrangements of the tests in this folder, in the words of the office."""

    season: Season
    actors: dict[tuple[str, Role], Actor] = field(default_factory=dict)

    @contextmanager
    def at_work(self, office: OfficeCode = CITY, role: Role = Role.SCHEDULER) -> Iterator[OfficeSession]:
        """An officer in a role, always the same one."""
        made = Actor(new_id(), "测试考务员", role, office_id=office)
        with self.season.as_office(office, actor=self.actors.setdefault((office, role), made)) as session:
            yield session

    def site(self, office: OfficeCode = CITY, form: SiteForm = SITE, *, ready: bool = True) -> ExamSite:
        """A site of the office with its two rooms, signed off or not."""
        with self.at_work(office) as session:
            site = register_site(session, YEAR, form, ROOMS)
            for item in SiteItem if ready else ():
                sign_off(session, site.id, item, passed=True)
            return site

    def rooms(self, site: ExamSite) -> list[ExamRoom]:
        """The rooms of a site."""
        with self.at_work(OfficeCode(site.office_id)) as session:
            return list(rooms_of(session, [site.id]))

    def sitting(
        self, rooms: list[UUID], starts_at: datetime = NINE, ends_at: datetime = NOON, office: OfficeCode = CITY
    ) -> Sitting:
        """A sitting of grades five and four in these rooms."""
        with self.at_work(office) as session:
            form = SittingForm(starts_at, ends_at, SUBJECTS, frozenset({Grade.FIVE, Grade.FOUR}))
            return set_sitting(session, YEAR, form, rooms)

    def course(self, form: CourseForm) -> TrainingCourse:
        """A training course of the city."""
        with self.at_work() as session:
            return training.set_course(session, YEAR, form)


@pytest.fixture
def exams(season: Season) -> Exams:
    """The invented province in May, before its exams."""
    season.now = at(5, 20)
    return Exams(season)


def admitted(exams: Exams) -> Case:
    """A candidate who passed the review in April."""
    later, exams.season.now = exams.season.now, at(3, 25)
    case = exams.season.at_office()
    exams.season.approve_at_office(case)
    exams.season.now = later
    return case


def published(
    exams: Exams,
    cases: list[Case],
    sitting: Sitting,
    room: ExamRoom,
    *,
    first: int = 1,
    others: Sequence[tuple[Case, Sitting, ExamRoom]] = (),
    **told: str,
) -> UUID:
    """A published plan that seats these candidates in order; the plan before it is superseded.

    ``others`` have the first seat of other places, and ``told`` is what the plan says of the sitting itself.
    """
    plan_id = new_id()
    with exams.at_work() as session:
        before = [Plan.office_id == CITY, Plan.state == "published"]
        old = select(Plan.id).where(*before)
        session.execute(update(Seat).where(Seat.plan_id.in_(old)).values(voided_at=session.now))
        session.execute(update(Plan).where(*before).values(state="superseded", superseded_at=session.now))
        who = {"made_at": session.now, "made_by": session.actor.account_id}
        what = {"sittings": {}, "figures": {}, "shortages": [], "seed": 7, "step": "ready", "done": 100}
        if told:
            what["sittings"] = {str(sitting.id): told}
        session.add(Plan(id=plan_id, office_id=CITY, year=YEAR, exam="computer_exam", **who, **what))
        session.flush()
        here = [(case, sitting, room, seat) for seat, case in enumerate(cases, start=first)]
        for case, held, taken, seat in (*here, *((*other, 1) for other in others)):
            place = {"sitting_id": held.id, "room_id": taken.id, "seat": seat}
            session.add(Seat(id=new_id(), office_id=CITY, plan_id=plan_id, application_id=case.id, **place))
        session.flush()
        session.execute(update(Seat).where(Seat.plan_id == plan_id).values(published_at=session.now))
        published = {"state": "published", "published_at": session.now, "published_by": session.actor.account_id}
        session.execute(update(Plan).where(Plan.id == plan_id).values(**published))
    return plan_id
