"""The page of a site in a sitting that offers every paper of its exam, each alone and all in one file."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.session import OfficeSession
from core.errors import NotFound
from core.pages.scheduling.shown_jobs import shown_jobs
from core.scheduling.access import may_be_on_site, may_schedule
from core.scheduling.models.sites import ExamSite
from core.scheduling.plans.health import published_plans
from core.scheduling.plans.site_facts import sites_of_sittings
from core.scheduling.sites.contacts import read_contacts, state_contacts, written_contacts
from core.scheduling.sittings.service import own_sitting
from core.scheduling.tickets import paper_jobs
from core.scheduling.tickets.paper_kinds import IN_THE_ROOM, KIND_NAMES, ON_THE_SITE, PaperKind
from core.web.dependencies import OfOffice
from core.web.guards import ON_SITE, SCHEDULERS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

_AT: Final = "/exams/sites/{site_id:uuid}/sittings/{sitting_id:uuid}"
WHAT_FOR: Final[Mapping[PaperKind, str]] = {
    PaperKind.HANDBOOK: "时间表、联系人和电话、考场和监考、突发事件处置；发给全体考务人员",
    PaperKind.DUTY_LIST: "本考点全部监考人员，到岗、领取、交回各签一次名",
    PaperKind.CUSTODY_LIST: "考后移交录像、签到表等资料，已登记保管的印在前面",
    PaperKind.DOOR_LISTS: "贴在考场门口，附座位分布",
    PaperKind.SEAT_CHARTS: "按考场实际布局，监考人员用",
    PaperKind.DESK_LABELS: "每座一张，沿虚线裁开",
    PaperKind.PHOTO_SHEETS: "逐人核对照片并签名",
    PaperKind.SIGN_IN_SHEETS: "不带照片的签到表",
    PaperKind.ROOM_RECORDS: "应到实到、换机、突发情况，考后上交",
    PaperKind.INCIDENT_FORMS: "缺考和违纪逐人登记；已由系统登记的先印上",
    PaperKind.RECEIPTS: "考前领取、考后交回，双方签名",
    PaperKind.INVIGILATORS: "每考场一张，随考场袋",
}
"""What each paper is for, in words."""


@page(f"{_AT}/papers", roles=ON_SITE)
def site_papers_page(
    request: AnyRequest, session: OfOffice, *, site_id: FromPath[UUID], sitting_id: FromPath[UUID]
) -> Response[str]:
    """Every paper of a site in a sitting."""
    return _papers(request, session, site_id, sitting_id)


@form(f"{_AT}/papers", roles=ON_SITE)
def ask_for_site_papers(
    request: AnyRequest, session: OfOffice, *, site_id: FromPath[UUID], sitting_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Have one of the papers made, or all of them."""
    with attempt(request, session) as tried:
        plan_id = _plan(session, site_id, sitting_id)
        kind = fields.one_of(PaperKind, data, "kind")
        paper_jobs.ask_for_papers(session, plan_id, kind, sitting_id=sitting_id, site_id=site_id)
        return see(f"/exams/sites/{site_id}/sittings/{sitting_id}/papers#jobs")
    return _papers(request, session, site_id, sitting_id, tried=tried)


@form(f"{_AT}/contacts", roles=SCHEDULERS)
def state_site_contacts(
    request: AnyRequest, session: OfOffice, *, site_id: FromPath[UUID], sitting_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """State the people of the site with their telephones."""
    with attempt(request, session) as tried:
        state_contacts(session, site_id, read_contacts(str(data.get("contacts") or "")))
        return see(f"/exams/sites/{site_id}/sittings/{sitting_id}/papers#contacts")
    return _papers(request, session, site_id, sitting_id, tried=tried, given=data)


def _papers(
    request: AnyRequest,
    session: OfficeSession,
    site_id: UUID,
    sitting_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    sitting, site = own_sitting(session, sitting_id), session.get(ExamSite, site_id)
    if site is None:
        raise _unknown()
    plan_id = _plan(session, site_id, sitting_id)
    [(rooms, people)] = [
        (rooms, people)
        for held, place, rooms, people in sites_of_sittings(session, plan_id)
        if (held.id, place.id) == (sitting_id, site_id)
    ]
    own = site.office_id == session.office_id
    return render(
        request,
        session,
        "scheduling/site_papers.html",
        of_year=sitting.year,
        tried=tried,
        site=site,
        sitting=sitting,
        rooms=rooms,
        people=people,
        here_at=f"/exams/sites/{site_id}/sittings/{sitting_id}",
        groups=[
            ("整个考点", [(kind, KIND_NAMES[kind], WHAT_FOR[kind]) for kind in ON_THE_SITE]),
            (
                "每个考场",
                [(kind, KIND_NAMES[kind], WHAT_FOR[kind]) for kind in (*IN_THE_ROOM, PaperKind.SIGN_IN_SHEETS)],
            ),
        ],
        contacts=(given or {}).get("contacts") or written_contacts(site),
        may_state=own and may_schedule(session),
        may_ask=may_be_on_site(session),
        **shown_jobs(session, paper_jobs.jobs_of(session, session.office_id, sitting.year, at=(site_id, sitting_id))),
    )


def _plan(session: OfficeSession, site_id: UUID, sitting_id: UUID) -> UUID:
    """The published plan that seats people at the site in the sitting; NotFound where none does."""
    year = own_sitting(session, sitting_id).year
    for plan in published_plans(session, year, office_id=session.office_id):
        at = {(held.id, place.id) for held, place, _, _ in sites_of_sittings(session, plan.id)}
        if (sitting_id, site_id) in at:
            return plan.id
    raise _unknown()


def _unknown() -> NotFound:
    text = "没有找到该场次在这个考点的已发布座位。请先发布编排方案，再从“准考证和考务资料”进入。"
    return NotFound("site_papers_not_found", text)
