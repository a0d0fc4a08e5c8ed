"""Suspending (暂停): keeping a candidate out of the exam at once, while a case of sanctions is open against them.

It decides nothing: the seats are kept, and result, list and certificate wait. The end of the case lifts it
(:mod:`core.sanctions.suspension_end`) or makes a disqualification of it. Source: 2024 notice §4(4).
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
from core.applications.moves import check_separation, open_for_change
from core.audit import service as audit
from core.audit.dependents import Change, changed
from core.clock import last_day
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import OfficeSession, PersonSession, ProvinceSession, ScopedSession
from core.domain.calendar import due_after
from core.domain.consequences import Fact
from core.domain.permissions import Permission
from core.domain.workflow import ADMITTED, STATE_LABELS, State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.sanctions.cases import propose
from core.sanctions.models import SanctionCase, Suspension
from core.sanctions.procedure import OPEN
from core.sanctions.steps import DecidingSession
from core.sanctions.telling import OWN_PAGE
from core.scheduling.access import must_be_on_site
from core.scheduling.plans.notices import exam_is_over
from core.tenancy.models import Office
from core.tenancy.offices import Offices
from core.text import dates
from core.text.form_texts import checked_text


def suspend(session: DecidingSession, application_id: UUID, *, reason: str, offices: Offices) -> Suspension:
    """Suspend a candidate with the case that is open against them, or with one that this opens.

    Forbidden for anybody but a supervisor of the owning office or the province, and the reviewers of the office in
    charge; Invalid without a reason; Conflict where the candidate is not admitted, or suspended already.
    """
    application = open_for_change(session, application_id)
    if not may_suspend(session, application):
        raise Forbidden(
            "suspension_not_yours",
            "暂停考核由市级或省级监管人员、或目前承办机构的审查人员办理。考场人员请提出暂停请求。",
        )
    check_separation(session, application)
    said = _reason(reason)
    if State(application.state) not in ADMITTED:
        raise Conflict(
            "suspension_not_admitted",
            f"申请目前为“{STATE_LABELS[State(application.state)]}”，没有可以暂停的考核。请在审查中处理，或立案。",
        )
    if in_force(session, application_id) is not None:
        raise Conflict("suspended_already", "该申报人已被暂停考核。请在案件中尽快作出决定。")
    sanction = session.scalar(
        select(SanctionCase).where(SanctionCase.application_id == application_id, SanctionCase.state.in_(OPEN))
    ) or propose(session, application_id, facts=said)
    days = offices.config(application.office_id).sanctions.suspension_days
    suspension = Suspension(
        id=new_id(),
        application_id=application.id,
        case_id=sanction.id,
        office_id=application.office_id,
        imposed_at=session.now,
        imposed_by=session.actor.account_id,
        imposed_by_office_id=session.office_id,
        reason=said,
        decide_until=due_after(session.now, days).at,
    )
    session.add(suspension)
    with in_words():
        session.flush()
    audit.record_on(session, suspension, "suspension.imposed")
    changed(session, Change(Fact.SUSPENSION, applications=(application.id,), reason=said))
    _tell(session, application, suspension)
    return suspension


def ask_to_suspend(session: OfficeSession, application_id: UUID, *, reason: str) -> None:
    """Ask the office to suspend a candidate, as staff on site; its supervisors and reviewers are told.

    The notice is the request itself, with its reason; it stands on the pages of the office and goes out by no message.

    Forbidden for anybody not on site; Invalid without a reason; NotFound for a case of another office.
    """
    must_be_on_site(session)
    application = session.get(Application, application_id)
    if application is None or application.office_id != session.office_id:
        raise NotFound("no_such_application", "没有找到这份申请，或您无权查看。请核对申请编号。")
    said = _reason(reason)
    audit.record(
        session,
        "suspension.asked",
        office_id=application.office_id,
        subject_type="application",
        subject_id=application.id,
    )
    notify(
        session,
        Recipient(office_id=application.office_id),
        event_key=f"suspension.asked:{application.id}:{session.now.isoformat()}",
        office_id=application.office_id,
        kind="suspension_asked",
        title="考场请求暂停一名考生的考核",
        body=f"{session.actor.name}在考场请求暂停考生{application.person_name}（{application.reference}）：{said}",
        application_id=application.id,
    )


def may_suspend(session: ScopedSession, application: Application) -> bool:
    """Whether the actor may suspend the candidate of a case."""
    may = session.actor.may_change
    if isinstance(session, ProvinceSession):
        return Permission.SUPERVISE in may
    if not isinstance(session, OfficeSession):
        return False
    return (application.office_id == session.office_id and Permission.SUPERVISE in may) or (
        application.handler_office_id == session.office_id and Permission.REVIEW in may
    )


def in_force(session: ScopedSession, application_id: UUID) -> Suspension | None:
    """The suspension in force against an application, as far as the session may read it."""
    wanted = select(Suspension).where(Suspension.application_id == application_id, Suspension.lifted_at.is_(None))
    return session.scalar(wanted)


def suspensions(session: PersonSession | DecidingSession) -> Sequence[tuple[Suspension, Application]]:
    """The suspensions in force of a person, or of an office's candidates (every office's for the province)."""
    wanted = (
        select(Suspension, Application)
        .join(Application, Application.id == Suspension.application_id)
        .where(Suspension.lifted_at.is_(None))
    )
    if isinstance(session, PersonSession):
        wanted = wanted.where(Application.person_id == session.person_id)
    elif isinstance(session, OfficeSession):
        wanted = wanted.where(Suspension.office_id == session.office_id)
    return [(row[0], row[1]) for row in session.execute(wanted.order_by(Suspension.imposed_at, Suspension.id))]


def _reason(reason: str) -> str:
    said = checked_text(reason)
    if not said:
        message = "请写明暂停考核的事实和理由，当事人将看到这段文字。"
        raise Invalid("suspension_reason_missing", message, fields={"reason": message})
    return said.rstrip("。")


def _tell(session: DecidingSession, application: Application, suspension: Suspension) -> None:
    office = session.get_one(Office, suspension.office_id).name
    over = exam_is_over(session, application.id)
    kept = (
        "考试已经结束，您的成绩、公示和证书保留到案件办结。"
        if over
        else "已签发的准考证同时作废，请勿再使用；座位、成绩和证书保留到案件办结。"
    )
    body = f"{kept}{office}应在{dates.day(last_day(suspension.decide_until))}前处理。{OWN_PAGE}"
    notify(
        session,
        Recipient(person_id=application.person_id),
        event_key=f"suspension.imposed:{suspension.id}",
        office_id=suspension.office_id,
        kind="suspension_imposed",
        title="您的考核已被暂停",
        body=body,
        application_id=application.id,
    )
