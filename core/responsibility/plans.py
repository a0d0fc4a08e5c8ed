"""Emergency plans: drafted, approved by a second officer, filed with the office above, received or returned.

Source: 2024 notice §4(3). Filing is telling, no approval: a plan is in force from its approval by the office itself.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.refusals import in_words
from core.db.rows import own_row
from core.db.session import OfficeSession, SystemSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.domain.permissions import Permission
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.deadlines import in_words as deadline_in_words, reminder_due
from core.messages.service import Recipient, notify
from core.plugin_api import OfficeLevel
from core.responsibility.models import EmergencyPlan
from core.responsibility.plan_content import PLAN_FIELDS, Occasion, PlanContent, PlanState
from core.responsibility.plan_queries import due_of, plan_of, sites_of, standings_below, versions
from core.responsibility.service import checked_telephone
from core.seasons.queries import check_not_ended
from core.tenancy.models import Office
from core.tenancy.offices import Offices
from core.text.form_texts import checked_text

MOST_CONTACTS: Final = 20
_UNKNOWN: Final = NotFound("no_such_emergency_plan", "没有找到该应急预案，请从列表重新选择。")


def draft_plan(session: OfficeSession, year: int, occasion: Occasion, content: PlanContent) -> EmergencyPlan:
    """Begin the next version of the office's plan. Conflict while a version is open."""
    check_not_ended(session, year)
    _must_run(session)
    one_at_a_time(session, f"emergency-plan:{session.office_id}:{year}:{occasion}")
    before = versions(session, session.office_id, year, occasion)
    office = session.get_one(Office, session.office_id)
    if before and _is_open(before[0]):
        raise _open()
    plan = EmergencyPlan(
        id=new_id(),
        office_id=session.office_id,
        to_office_id=office.parent_id,
        year=year,
        occasion=occasion.value,
        version=before[0].version + 1 if before else 1,
        state=PlanState.DRAFTED.value,
        made_at=session.now,
        made_by=session.actor.account_id,
        made_by_name=session.actor.name,
        approved_by_name="",
        late=False,
        remarks={},
        **_values(session, year, content),
    )
    session.add(plan)
    with in_words(uq_emergency_plans_office_id_year_occasion_version=_open()):
        session.flush()
    audit.record_on(session, plan, "emergency_plan.drafted")
    return plan


def change_plan(session: OfficeSession, plan_id: UUID, content: PlanContent) -> EmergencyPlan:
    """Change a draft. Conflict for a version that was approved: it is followed by the next one."""
    plan = _own(session, plan_id, PlanState.DRAFTED)
    for name, value in _values(session, plan.year, content).items():
        setattr(plan, name, value)
    session.flush()
    audit.record_on(session, plan, "emergency_plan.changed")
    return plan


def approve_plan(session: OfficeSession, plan_id: UUID) -> EmergencyPlan:
    """Approve a draft: the plan is in force. Forbidden for its drafter, Conflict where its text (PDF) is missing."""
    plan = _own(session, plan_id, PlanState.DRAFTED)
    if plan.made_by in {session.actor.account_id, session.actor.on_behalf_of}:
        raise Forbidden("second_officer_needed", "预案由起草人以外的另一名经办人员审定。请由同事办理。")
    files = files_of(session, Subject.EMERGENCY_PLAN, [plan.id])[plan.id]
    if all(line.superseded for line in files):
        raise Conflict("plan_text_missing", "还没有上传预案文本。请先上传盖章的PDF，再审定。")
    plan.state = PlanState.APPROVED.value
    plan.approved_at, plan.approved_by = session.now, session.actor.account_id
    plan.approved_by_name = session.actor.name
    session.flush()
    audit.record_on(session, plan, "emergency_plan.approved")
    return plan


def file_plan(session: OfficeSession, plan_id: UUID) -> EmergencyPlan:
    """File an approved plan with the office above; late after the training or the exam has begun."""
    plan = _own(session, plan_id, PlanState.APPROVED)
    if plan.to_office_id is None:
        raise Conflict("no_office_above", "省中心的预案由本机构审定后生效，无需报送。")
    due = due_of(session, plan.office_id, plan.year, Occasion(plan.occasion))
    plan.state, plan.filed_at = PlanState.FILED.value, session.now
    plan.late = due is not None and session.now >= due
    session.flush()
    audit.record_on(session, plan, "emergency_plan.filed", late=plan.late)
    return plan


def receive_plan(session: OfficeSession, plan_id: UUID) -> EmergencyPlan:
    """Receive a plan of an office below; it is told."""
    plan = _to_decide(session, plan_id)
    _decide(session, plan, PlanState.RECEIVED, {})
    _tell(session, plan, "已接收", "已接收。")
    return plan


def return_plan(session: OfficeSession, plan_id: UUID, remarks: Mapping[str, str]) -> EmergencyPlan:
    """Return a plan with remarks on its parts (``PLAN_FIELDS``); the office files its next version. Invalid without."""
    plan = _to_decide(session, plan_id)
    check_not_ended(session, plan.year)
    said = {
        part: text
        for part, remark in remarks.items()
        if part in PLAN_FIELDS and (text := checked_text(remark, field=part))
    }
    if not said:
        raise Invalid("remark_required", "退回须至少对一项写明意见，报送机构将看到。", at="file")
    _decide(session, plan, PlanState.RETURNED, said)
    told = "；".join(f"{PLAN_FIELDS[part]}：{text}" for part, text in said.items())
    _tell(session, plan, "已退回", f"已退回。{told}。请改正后重新报送。")
    return plan


def remind_of_plans(session: SystemSession, *, year: int, offices: Offices) -> None:
    """Remind a city and its counties of plans that are due soon and not filed. Source: 2024 notice §4(3)."""
    if offices.catalogue.get(session.office_id).level is not OfficeLevel.CITY:
        return
    config = offices.config(session.office_id)
    for standing in standings_below(session, year, below=str(session.office_id), itself=True):
        if not standing.lacking or standing.due is None:
            continue
        reached = reminder_due(standing.due, session.now, config.messages.reminder_days)
        if reached is not None:
            named = f"{standing.occasion.label}应急预案"
            notify(
                session,
                Recipient(office_id=standing.office.id),
                event_key=f"reminder.emergency_plan:{standing.office.id}:{year}:{standing.occasion.value}:{reached}",
                office_id=str(session.office_id),
                kind="reminder.emergency_plan",
                title=f"{named}即将到期",
                body=f"{named}须在{deadline_in_words(standing.due)}前审定并报上级，目前尚未报送。依据：《通知》四、（三）。",
            )


def _values(session: OfficeSession, year: int, content: PlanContent) -> dict[str, object]:
    if not content.contacts:
        raise Invalid("contacts_missing", "请至少填写一名联系人。", at="contacts")
    if len(content.contacts) > MOST_CONTACTS:
        raise Invalid("contacts_too_many", f"最多填写{MOST_CONTACTS}名联系人，请删减。", at="contacts")
    if not content.events:
        raise Invalid("events_missing", "请选择预案适用的突发事件。", at="events")
    known = {site for site, _ in sites_of(session, session.office_id, year)}
    if not set(content.sites) <= known:
        raise Invalid("site_unknown", "所选考点不是本机构的考点，或已关闭。请重新选择。", at="sites")
    return {
        "hotline": checked_telephone(content.hotline, field="hotline"),
        "contacts": [list(contact) for contact in content.contacts],
        "events": sorted(event.value for event in content.events),
        "site_ids": sorted(content.sites),
    }


def _own(session: OfficeSession, plan_id: UUID, state: PlanState) -> EmergencyPlan:
    _must_run(session)
    plan = own_row(session, EmergencyPlan, plan_id, _UNKNOWN, locked=True)
    check_not_ended(session, plan.year)
    if plan.state != state:
        raise Conflict("plan_elsewhere", f"该预案{PlanState(plan.state).label}，现在不能这样办理。请刷新页面。")
    return plan


def _to_decide(session: OfficeSession, plan_id: UUID) -> EmergencyPlan:
    _must_run(session)
    plan = plan_of(session, plan_id)
    if plan.to_office_id != session.office_id:
        raise _UNKNOWN
    one_at_a_time(session, f"emergency-plan:{plan.office_id}:{plan.year}:{plan.occasion}")
    session.refresh(plan)
    if plan.state != PlanState.FILED:
        raise Conflict("plan_decided", f"该预案{PlanState(plan.state).label}，不能再次处理。请刷新页面。")
    return plan


def _decide(session: OfficeSession, plan: EmergencyPlan, state: PlanState, remarks: Mapping[str, str]) -> None:
    plan.state, plan.remarks = state.value, dict(remarks)
    plan.decided_at, plan.decided_by = session.now, session.actor.account_id
    session.flush()
    audit.record_on(session, plan, f"emergency_plan.{state.value}")


def _tell(session: OfficeSession, plan: EmergencyPlan, act: str, told: str) -> None:
    superior = session.get_one(Office, session.office_id).name
    named = f"第{plan.version}版{Occasion(plan.occasion).label}应急预案"
    notify(
        session,
        Recipient(office_id=plan.office_id),
        event_key=f"emergency_plan:{plan.id}:{plan.state}",
        office_id=plan.office_id,
        kind=f"emergency_plan_{plan.state}",
        title=f"{named}{act}",
        body=f"{superior}对你单位报送的{named}{told}",
    )


def _must_run(session: OfficeSession) -> None:
    if Permission.RUN_OFFICE not in session.actor.may_change:
        raise Forbidden("not_of_the_office", "应急预案由机构经办人员办理。请联系本机构经办人员。")


def _is_open(plan: EmergencyPlan) -> bool:
    waits = plan.state == PlanState.APPROVED and plan.to_office_id is not None
    return waits or plan.state in {PlanState.DRAFTED, PlanState.FILED}


def _open() -> Conflict:
    return Conflict("plan_open", "上一版预案还没有办完。请先审定、报送并等待上级处理，再起草新版。")
