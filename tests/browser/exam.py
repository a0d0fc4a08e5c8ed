"""An exam of the city for the browser: one qualified candidate seated and published, one draft, one request."""

from collections.abc import Mapping
from uuid import UUID

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.documents.queries import ACCOMMODATION_EVIDENCE
from core.plugin_api import Grade, WindowKind
from core.scheduling.invigilation import duty_roster
from core.scheduling.invigilation.register import InvigilatorForm, add_invigilators, assign_invigilators
from core.scheduling.plans import review, service as plans
from core.scheduling.sites.service import RoomForm, SiteForm, SiteItem, register_site, rooms_of, sign_off
from core.scheduling.sittings.service import SittingForm, set_sitting
from core.simulate.scans import scan
from tests.callers import Flow, Web
from tests.cases import CITY, YEAR, at

_SUBJECTS = ("岗位技能", "职业道德", "职业能力")


def hold_exam(web: Web, flow: Flow) -> Mapping[str, str]:
    """Seat the qualified applicant of ``flow`` in a published plan, and everybody in a draft as well."""
    _ask(flow)
    offices, actor = web.platform.offices, Actor(new_id(), "测试考务员", Role.SCHEDULER, office_id=CITY)
    with OfficeSession(web.platform.engine, actor=actor, now=web.clock()) as session, session.begin():
        site = register_site(
            session,
            YEAR,
            SiteForm(f"K{new_id().hex[:6]}", "临水测试考点", "测试路1号", at(6, 1).date(), at(9, 30).date()),
            [RoomForm("第一考场", 30, 2)],
        )
        for item in SiteItem:
            sign_off(session, site.id, item, passed=True)
        rooms = [room.id for room in rooms_of(session, [site.id])]
        form = SittingForm(at(6, 22), at(6, 22, 11), _SUBJECTS, frozenset(Grade) - {Grade.ONE})
        set_sitting(session, YEAR, form, rooms)
        add_invigilators(session, YEAR, [InvigilatorForm(f"J{n}", f"测试监考{n}", "测试单位") for n in range(8)])
        exam = WindowKind.COMPUTER_EXAM
        published = plans.draw_up(session, YEAR, exam, offices=offices, seed=1)
        assign_invigilators(session, published.id)
        plans.publish(session, published.id, offices=offices)
        draft = plans.draw_up(session, YEAR, exam, offices=offices, seed=2)
        room = review.rooms_filled(session, draft)[0]
        watched = duty_roster.duty_roster(session, published.id)[0]
        return {
            "duty_sitting": str(watched.sitting_id),
            "invigilator": str(watched.watching[0].invigilator_id),
            "plan": str(published.id),
            "draft_plan": str(draft.id),
            "plan_sitting": str(room.sitting_id),
            "plan_room": str(room.room_id),
        }


def _ask(flow: Flow) -> UUID:
    uploaded = flow.applicant.upload(
        f"{flow.path}/documents", scan("evidence"), material=ACCOMMODATION_EVIDENCE, file_name="evidence.png"
    )
    assert uploaded.status_code == 201, uploaded.text
    asked = flow.applicant.post(f"{flow.path}/accommodations", {"needs": ["assistance"], "reason": "测试原因"})
    assert asked.status_code == 201, asked.text
    return UUID(asked.json()["id"])
