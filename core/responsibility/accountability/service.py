"""Carrying out the procedure of accountability cases: opening, telling, hearing, deciding, serving, reporting.

Source: 2024 notice §4(4). The office of the person, or one above it, opens and decides; never the person concerned, and
the one who opened does not decide. The time to be heard is that of sanctions (``sanctions.hearing_days``).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import OfficeSession
from core.domain.calendar import due_after
from core.domain.permissions import Permission
from core.errors import Conflict, Forbidden, Invalid
from core.messages.service import Recipient, notify
from core.responsibility.accountability.procedure import (
    LINKED,
    Breach,
    CaseState,
    Measure,
    Origin,
    check_heard,
    is_serious,
)
from core.responsibility.accountability.queries import (
    Concerned,
    case_of,
    concerned_below,
    is_concerned,
    next_number,
    office_names,
    offices_below,
    statements_of,
)
from core.responsibility.models import AccountabilityCase, AccountabilityStatement, PatrolFinding
from core.sanctions.models import SanctionCase
from core.scheduling.models.emergencies import Emergency
from core.seasons.queries import check_not_ended
from core.tenancy.models import Office
from core.tenancy.offices import Offices
from core.text import names
from core.text.form_texts import required_text

_MATTERS: Final = {Origin.PATROL_FINDING: PatrolFinding, Origin.EMERGENCY: Emergency, Origin.SANCTION: SanctionCase}


@dataclass(frozen=True, slots=True)
class CaseForm:
    """What a case is about. ``person`` is a choice of ``concerned_below``; where empty, name, post and office count."""

    person: str
    breach: Breach
    facts: str
    origin: Origin
    origin_id: UUID | None = None
    name: str = ""
    post: str = ""
    office_id: str = ""


def open_case(session: OfficeSession, year: int, form: CaseForm) -> AccountabilityCase:
    """Open a case against somebody of the office or below it; they are told by a later step.

    Invalid for somebody who is not of these offices, and for an origin that the session does not see.
    """
    check_not_ended(session, year)
    _must_supervise(session)
    facts = required_text(form.facts, "请写明事实：时间、地点、经过、造成的影响。", field="facts")
    who = _person(session, year, form)
    origin_id = _origin(session, form)
    one_at_a_time(session, f"accountability:{session.office_id}:{year}")
    matter = AccountabilityCase(
        id=new_id(),
        office_id=session.office_id,
        to_office_id=who.office_id,
        year=year,
        number=next_number(session, year),
        account_id=who.account_id,
        responsible_id=who.responsible_id,
        name=who.name,
        post=who.post,
        breach=form.breach.value,
        facts=facts,
        origin=form.origin.value,
        origin_id=origin_id,
        state=CaseState.OPENED.value,
        opened_at=session.now,
        opened_by=session.actor.account_id,
        opened_by_name=session.actor.name,
        told_how="",
        decided_by_name="",
        measures=[],
        ground="",
        reasons="",
        served_how="",
    )
    session.add(matter)
    session.flush()
    audit.record_on(session, matter, "accountability.opened", origin=matter.origin)
    return matter


def tell_person(session: OfficeSession, case_id: UUID, how: str, *, offices: Offices) -> AccountabilityCase:
    """Note how the person was told (告知书) of the facts and their right to speak, and until when they may."""
    matter = _in_hand(session, case_id, CaseState.OPENED)
    matter.told_how = required_text(how, "请写明怎样送达告知书，例如当面送达、本人签收。", field="how")
    days = offices.config(matter.office_id).sanctions.hearing_days
    matter.state, matter.told_at = CaseState.HEARING.value, session.now
    matter.hear_until = due_after(session.now, days).at
    session.flush()
    audit.record_on(session, matter, "accountability.told", until=matter.hear_until.isoformat())
    return matter


def make_statement(session: OfficeSession, case_id: UUID, text: str) -> AccountabilityStatement:
    """Speak for oneself, within the time; or record, as a supervisor, what the person said or handed in."""
    matter = case_of(session, case_id)
    one_at_a_time(session, f"accountability:{matter.id}")
    session.refresh(matter)
    own = is_concerned(session, matter)
    if not own:
        _check_decider(session, matter)
    if matter.state != CaseState.HEARING:
        raise _elsewhere(matter)
    if own and matter.hear_until is not None and session.now >= matter.hear_until:
        raise Conflict("accountability_hearing_over", "陈述期限已过。需要补充的，请与作出决定的机构联系。")
    words = required_text(text, "请填写陈述内容。", field="text")
    said = AccountabilityStatement(
        id=new_id(),
        case_id=matter.id,
        text=words,
        recorded=not own,
        at=session.now,
        by=session.actor.account_id,
        by_name=session.actor.name,
    )
    session.add(said)
    session.flush()
    audit.record_on(session, matter, "accountability.stated", recorded=said.recorded)
    return said


def decide(
    session: OfficeSession, case_id: UUID, measures: Collection[Measure], *, ground: str, reasons: str
) -> AccountabilityCase:
    """Decide, as another than the one who opened the case; a serious decision is reported to the office above."""
    matter = _to_decide(session, case_id)
    if not measures:
        raise Invalid("accountability_measures", "请至少选择一项处理。不予追究的，请办理“不予追究”。", at="measures")
    matter.ground = required_text(ground, "请写明依据的规定名称和条款。", field="ground")
    matter.reasons = required_text(reasons, "请写明认定的事实、对陈述的意见和理由。", field="reasons")
    matter.measures = [measure.value for measure in Measure if measure in set(measures)]
    _settle(session, matter, CaseState.DECIDED)
    if is_serious(measures):
        _report(session, matter)
    return matter


def clear(session: OfficeSession, case_id: UUID, reasons: str) -> AccountabilityCase:
    """Decide that nobody is held to account (不予追究), as another than the one who opened the matter."""
    matter = _to_decide(session, case_id)
    matter.reasons = required_text(reasons, "请写明不予追究的理由，本人将看到。", field="reasons")
    return _settle(session, matter, CaseState.CLEARED)


def drop_case(session: OfficeSession, case_id: UUID, reasons: str) -> AccountabilityCase:
    """Drop a case of which the person was not told yet, as another than the one who opened it."""
    matter = _in_hand(session, case_id, CaseState.OPENED)
    _check_second(session, matter)
    matter.reasons = required_text(reasons, "请写明撤销立案的理由。", field="reasons")
    return _settle(session, matter, CaseState.DROPPED)


def serve_decision(session: OfficeSession, case_id: UUID, how: str) -> AccountabilityCase:
    """Note how the decision (决定书) was served on the person."""
    matter = _in_hand(session, case_id, CaseState.DECIDED)
    matter.served_how = required_text(how, "请写明怎样送达决定书，例如当面送达、本人签收。", field="how")
    matter.state, matter.served_at = CaseState.SERVED.value, session.now
    session.flush()
    audit.record_on(session, matter, "accountability.served")
    return matter


def _person(session: OfficeSession, year: int, form: CaseForm) -> Concerned:
    if form.person:
        found = next((one for one in concerned_below(session, year) if one.key == form.person), None)
        if found is None:
            message = "请从列表中选择。本人不能对自己立案；已离岗的人员，请填写姓名、职务和机构。"
            raise Invalid("accountability_person", message, at="person")
        return found
    office = next((code for code, _ in offices_below(session) if code == form.office_id), None)
    if office is None:
        raise Invalid("accountability_office", "请选择所在机构：本机构或下级机构。", at="office_id")
    called = names.stored(form.name)
    post = required_text(form.post, "请填写职务。", field="post")
    return Concerned(office, office_names(session)[office], called, post)


def _origin(session: OfficeSession, form: CaseForm) -> UUID | None:
    """The matter that the case arose from, which the session has to see."""
    if form.origin not in LINKED or form.origin_id is None:
        return None
    if session.get(_MATTERS[form.origin], form.origin_id) is None:
        raise Invalid("accountability_origin", "没有找到所关联的事项，请从该事项的页面重新提起。", at="origin")
    return form.origin_id


def _must_supervise(session: OfficeSession) -> None:
    if Permission.SUPERVISE not in session.actor.may_change:
        raise Forbidden("accountability_by_supervisors", "责任追究由本机构监管人员办理。请联系本机构监管人员。")


def _check_decider(session: OfficeSession, matter: AccountabilityCase) -> None:
    _must_supervise(session)
    if matter.office_id != session.office_id:
        raise Forbidden("accountability_elsewhere", "该案件由其他机构办理，只能查看。")
    if matter.account_id is not None and matter.account_id in {session.actor.account_id, session.actor.on_behalf_of}:
        raise Forbidden("accountability_own_case", "不能办理涉及本人的案件。请由另一名监管人员办理。")


def _in_hand(session: OfficeSession, case_id: UUID, state: CaseState) -> AccountabilityCase:
    matter = case_of(session, case_id)
    one_at_a_time(session, f"accountability:{matter.id}")
    session.refresh(matter)
    _check_decider(session, matter)
    if matter.state != state:
        raise _elsewhere(matter)
    return matter


def _to_decide(session: OfficeSession, case_id: UUID) -> AccountabilityCase:
    matter = _in_hand(session, case_id, CaseState.HEARING)
    _check_second(session, matter)
    check_heard(matter.hear_until, spoken=bool(statements_of(session, matter.id)), now=session.now)
    return matter


def _check_second(session: OfficeSession, matter: AccountabilityCase) -> None:
    if matter.opened_by in {session.actor.account_id, session.actor.on_behalf_of}:
        raise Forbidden("second_officer_needed", "由立案人以外的另一名监管人员决定。请由同事办理。")


def _settle(session: OfficeSession, matter: AccountabilityCase, state: CaseState) -> AccountabilityCase:
    matter.state, matter.decided_at = state.value, session.now
    matter.decided_by, matter.decided_by_name = session.actor.account_id, session.actor.name
    session.flush()
    audit.record_on(session, matter, f"accountability.{state.value}", measures=list(matter.measures))
    return matter


def _report(session: OfficeSession, matter: AccountabilityCase) -> None:
    """Show a serious decision to the office above; the center has none above it, and practice is nobody's affair."""
    office = session.get_one(Office, matter.office_id)
    if office.parent_id is None or office.practice:
        return
    matter.reported_to_office_id = office.parent_id
    session.flush()
    audit.record_on(session, matter, "accountability.reported", to=office.parent_id)
    notify(
        session,
        Recipient(office_id=office.parent_id),
        event_key=f"accountability:{matter.id}",
        office_id=matter.office_id,
        kind="accountability_reported",
        title="责任追究决定报告",
        body=f"{office.short_name}作出一起责任追究决定（{matter.year}年第{matter.number}号），请监管人员打开查看。",
    )


def _elsewhere(matter: AccountabilityCase) -> Conflict:
    return Conflict("accountability_state", f"该案件{CaseState(matter.state).label}，现在不能这样办理。请刷新页面。")
