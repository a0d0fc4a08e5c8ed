"""An exam of the city for the pages: a ready site, a sitting with three candidates and their tickets, a course."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select, update

from core.applications.models import Application
from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role, SystemSession, system_actor
from core.plugin_api import Grade, SeatingPolicy
from core.scheduling.emergencies.kinds import EmergencyKind, Severity
from core.scheduling.emergencies.service import EmergencyForm, report_emergency
from core.scheduling.exam_day import door, safekeeping
from core.scheduling.exam_day.door import IncidentForm, IncidentKind
from core.scheduling.exam_day.safekeeping import CustodyForm, Kept
from core.scheduling.models.openings import OpeningAlarm
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sittings import Sitting
from core.scheduling.sites import service as sites
from core.scheduling.sites.service import RoomForm, SiteForm, SiteItem
from core.scheduling.sittings import service as sittings
from core.scheduling.sittings.service import SittingForm
from core.scheduling.tickets import paper_jobs, service as tickets
from core.scheduling.tickets.paper_kinds import PaperKind
from core.scheduling.training import service as training
from core.scheduling.training.service import CourseForm, Mode
from core.tenancy.config.exams import TicketsTable
from tests.cases import CITY, YEAR, at

if TYPE_CHECKING:
    from tests.browser.town import Town

_GRADES = frozenset({Grade.FIVE})


def arrange_exams(town: Town) -> dict[str, str]:
    """The values of ``{site}``, ``{sitting}``, ``{course}``, ``{candidate}`` and ``{first_plan}``."""
    case = town.case("candidate")
    case_id = UUID(case.id)
    platform = town.web.platform
    actor = Actor(new_id(), "测试考务员", Role.SCHEDULER, office_id=CITY)
    with OfficeSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
        site, sitting = _place(session)
        course = training.set_course(session, YEAR, _COURSE)
        plan = _seat(session, case_id, site, sitting)
        made = door.report_incident(session, YEAR, IncidentForm(**_INCIDENT, sitting_id=sitting))
        safekeeping.take_into_custody(session, YEAR, _KEPT)
        assert made.facts
        made_up = {"site": site, "sitting": sitting, "course": course.id, "candidate": case_id, "first_plan": plan}
    return {name: str(value) for name, value in made_up.items()}


def arrange_watched_exams(town: Town) -> dict[str, str]:
    """The same, and the values of ``{alarm}``, which nobody has settled, and ``{emergency}``."""
    places = arrange_exams(town)
    platform, alarm = town.web.platform, new_id()
    place: dict[str, Any] = {"office_id": CITY, "year": YEAR, "starts_at": at(6, 22)}
    place |= {"sitting_id": UUID(places["sitting"]), "site_id": UUID(places["site"])}
    with SystemSession(platform.engine, actor=system_actor(CITY), now=at(6, 22, 8)) as session, session.begin():
        session.add(OpeningAlarm(id=alarm, raised_at=session.now, **place))
    examiner = Actor(new_id(), "测试考评员", Role.EXAMINER, office_id=CITY)
    with OfficeSession(platform.engine, actor=examiner, now=platform.clock()) as session, session.begin():
        form = EmergencyForm(
            *(
                EmergencyKind.POWER,
                Severity.SERIOUS,
                "第二考场停电，考生原地等候",
                session.now,
                new_id(),
                "启用备用电源",
            ),
            site_id=UUID(places["site"]),
        )
        emergency = report_emergency(session, YEAR, form).id
    return places | {"alarm": str(alarm), "emergency": str(emergency)}


_COURSE = CourseForm("测试培训班", Mode.PLACE, "测试路3号", at(6, 3), at(6, 5, 17), _GRADES, places=40)
_INCIDENT: dict[str, Any] = {
    "kind": IncidentKind.EQUIPMENT,
    "facts": "第3号机死机，启用备用机",
    "happened_at": at(3, 25),
    "client_id": UUID(int=9),
}
_KEPT = CustodyForm(Kept.PAPER, "签到表一册", "测试甲0001", "测试机房2号柜", at(12, 31).date())


def _place(session: OfficeSession, code: str = "K01") -> tuple[UUID, UUID]:
    form = SiteForm(code, "测试考点", "测试路1号", at(6, 1).date(), at(9, 30).date())
    site = sites.register_site(session, YEAR, form, [RoomForm("第一考场", 30, 2), RoomForm("第二考场", 20, 1, True)])
    for item in SiteItem:
        sites.sign_off(session, site.id, item, passed=True)
    rooms = [room.id for room in sites.rooms_of(session, [site.id])]
    form_of = SittingForm(at(6, 22), at(6, 22, 11), ("岗位技能", "职业道德", "职业能力"), _GRADES)
    return site.id, sittings.set_sitting(session, YEAR, form_of, rooms).id


def _seat(session: OfficeSession, case_id: UUID, site_id: UUID, sitting_id: UUID, exam: str = "computer_exam") -> UUID:
    """A published plan with one candidate, the ticket, and a job for the papers."""
    assert session.scalar(select(Application.state).where(Application.id == case_id)) == "qualified"
    plan_id, room = new_id(), sites.rooms_of(session, [site_id])[0]
    who = {"made_at": session.now, "made_by": session.actor.account_id}
    sitting = session.get_one(Sitting, sitting_id)
    times = {"starts_at": sitting.starts_at.isoformat(), "ends_at": sitting.ends_at.isoformat()}
    pinned = {str(sitting_id): {**asdict(SeatingPolicy()), **times}}
    what: dict[str, Any] = {"sittings": pinned, "figures": {}, "shortages": [], "seed": 7, "step": "ready", "done": 100}
    session.add(Plan(id=plan_id, office_id=CITY, year=YEAR, exam=exam, **who, **what))
    session.flush()
    place = {"sitting_id": sitting_id, "room_id": room.id, "seat": 1}
    session.add(Seat(id=new_id(), office_id=CITY, plan_id=plan_id, application_id=case_id, **place))
    session.flush()
    published = {"state": "published", "published_at": session.now, "published_by": session.actor.account_id}
    session.execute(update(Seat).where(Seat.plan_id == plan_id).values(published_at=session.now))
    session.execute(update(Plan).where(Plan.id == plan_id).values(**published))
    tickets.issue_tickets(session, plan_id, rules=TicketsTable())
    paper_jobs.ask_for_papers(session, plan_id, PaperKind.TICKETS)
    return plan_id
