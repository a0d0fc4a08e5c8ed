"""Correcting a mark (成绩更正): asked for with reason and evidence by one person, granted or refused by a second.

There is no other way to change a mark. A granted correction works the outcome out again. Each decision has its own
date and, from that date, its own period in which the candidate may have it checked (``check_until``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Row, select

from core.applications.models import Application
from core.audit import service as audit
from core.audit.dependents import Change, changed, reached, rehearse
from core.clock import last_day
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import OfficeSession
from core.domain.consequences import Effect, Fact, Issued
from core.domain.pass_rules import STATUS_LABELS
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.messages.service import Recipient, notify
from core.plugin_api import MarkStatus
from core.results.corrections.periods import check_until
from core.results.marks.table import HUNDRED
from core.results.models.corrections import MarkCorrection
from core.results.models.marks import Mark, Outcome
from core.results.outcomes.service import work_out_again
from core.tenancy.config.results import ResultsTable
from core.tenancy.offices import Offices
from core.text import dates
from core.text.form_texts import checked_text


@dataclass(frozen=True, slots=True)
class Corrected:
    """The new mark: points, or the status without points."""

    mark: Decimal | None
    status: MarkStatus = MarkStatus.SCORED


def ask_for_correction(
    session: OfficeSession,
    application_id: UUID,
    subject: str,
    corrected: Corrected,
    *,
    reason: str,
    evidence: str,
    score_check_id: UUID | None = None,
) -> MarkCorrection:
    """Open a case of correction. ``evidence`` names its basis: the exam system's log, a recording, a decision.

    Raises Invalid without either, or where nothing would change; Conflict while another correction is open.
    """
    _check(corrected, reason, evidence)
    mark = _mark(session, application_id, subject)
    if (mark.mark, mark.status) == (corrected.mark, corrected.status):
        raise Invalid("nothing_to_correct", "更正后的成绩与现有成绩相同，无需更正。", at="mark")
    asked = MarkCorrection.state == "asked"
    same = (MarkCorrection.application_id == application_id) & (MarkCorrection.subject == subject)
    if session.scalar(select(MarkCorrection.id).where(same, asked)) is not None:
        raise Conflict("correction_open", "该科目已有一件更正等待决定。请先办结。")
    made = MarkCorrection(
        id=new_id(),
        application_id=application_id,
        office_id=session.office_id,
        subject=subject,
        from_mark=mark.mark,
        from_status=mark.status,
        to_mark=corrected.mark,
        to_status=corrected.status.value,
        reason=reason.strip(),
        evidence=evidence.strip(),
        score_check_id=score_check_id,
        asked_at=session.now,
        asked_by=session.actor.account_id,
        asked_on_behalf=session.actor.on_behalf_of,
        asked_by_name=session.actor.name,
    )
    session.add(made)
    session.flush()
    audit.record_on(session, made, "mark.correction_asked")
    return made


def grant_correction(
    session: OfficeSession, correction_id: UUID, *, offices: Offices, remark: str = ""
) -> MarkCorrection:
    """Change the mark and work the outcome out again: by a supervisor who did not ask for it. Person and unit are told.

    A candidate who has not been told of the mark yet is told of the corrected one with all others. Where the outcome
    changes, what rests on it follows (``core/domain/consequences.py``). Raises Forbidden for the person who asked,
    Conflict where it was decided or the mark has changed since.
    """
    case = _to_decide(session, correction_id)
    mark = _mark(session, case.application_id, case.subject)
    if (mark.mark, mark.status) != (case.from_mark, case.from_status):
        raise Conflict("mark_changed", "该成绩已与申请更正时不同。请不予更正，重新核对后再提出。")
    said = checked_text(remark, field="remark")
    until = None if mark.told_at is None else check_until(session.now, _rules(session, offices).check_days)
    _decide(session, case, "granted", said, until=until)
    mark.mark, mark.status, mark.correction_id = case.to_mark, case.to_status, case.id
    session.flush()
    year = session.get_one(Application, case.application_id).year
    outcome = work_out_again(session, case.application_id, year=year, offices=offices, correction_id=case.id)
    audit.record_on(session, case, "mark.corrected", passed=None if outcome is None else outcome.passed)
    words = (
        f"{case.subject}由{in_words(case.from_mark, case.from_status)}更正为{in_words(case.to_mark, case.to_status)}"
    )
    if outcome is not None:
        reached(session, Issued.OUTCOME, Effect.REPLACE)
        changed(session, Change(Fact.RESULT, reason=f"成绩更正：{words}", applications=(case.application_id,)))
    if mark.told_at is not None:
        told = f"{words}。{_republished(outcome)}{_remedy(case)}"
        _tell(session, case, kind="mark_corrected", title="成绩更正", body=told)
    return case


def refuse_correction(session: OfficeSession, correction_id: UUID, *, offices: Offices, remark: str) -> MarkCorrection:
    """Leave the mark as it is, with a reason. Person, unit and the office that asked are told.

    A candidate who does not know the mark yet is not told. Where a check had found the mark wrong, the refusal is the
    answer to it, and may be checked in its turn.
    """
    if not checked_text(remark, field="remark"):
        raise Invalid("reason_missing", "请写明不予更正的理由。", at="remark")
    case = _to_decide(session, correction_id)
    until = None if case.score_check_id is None else check_until(session.now, _rules(session, offices).check_days)
    _decide(session, case, "refused", remark.strip(), until=until)
    audit.record_on(session, case, "mark.correction_refused")
    answered = "复查提出的" if case.score_check_id else ""
    words = f"{answered}{case.subject}成绩更正未获同意，成绩仍为{in_words(case.from_mark, case.from_status)}。"
    kind, title, told = "mark_correction_refused", "成绩更正未获同意", f"{words}理由：{case.remark.rstrip('。')}。"
    if _mark(session, case.application_id, case.subject).told_at is not None:
        _tell(session, case, kind=kind, title=title, body=f"{told}{_remedy(case)}")
    _tell_office(session, case, kind=kind, title=title, body=told)
    return case


def foretell_grant(session: OfficeSession, correction_id: UUID, *, offices: Offices) -> str:
    """What granting a correction would cause, in words for the officer; or why it would be refused."""
    case = session.get_one(MarkCorrection, correction_id)
    outcomes: list[bool | None] = [_passed(session, case.application_id)]

    def grant() -> None:
        grant_correction(session, correction_id, offices=offices)
        outcomes.append(_passed(session, case.application_id))

    try:
        foreseen = rehearse(session, grant).sentence
    except KaowuError as refusal:
        return refusal.detail
    before, after = outcomes
    if after is None:
        return f"考核结果尚未认定；{foreseen}。"
    result = _PASSED[after]
    change = f"考核结果仍为“{result}”" if before == after else f"考核结果由“{_PASSED[not after]}”变为“{result}”"
    return f"{change}；{foreseen}。"


def corrections(session: OfficeSession, year: int) -> Sequence[Row[MarkCorrection, Application]]:
    """The corrections of a year with their cases: the undecided ones first, then the latest."""
    wanted = (
        select(MarkCorrection, Application)
        .join(Application, Application.id == MarkCorrection.application_id)
        .where(MarkCorrection.office_id == session.office_id, Application.year == year)
        .order_by(MarkCorrection.state != "asked", MarkCorrection.asked_at.desc())
    )
    return session.execute(wanted).all()


def in_words(mark: Decimal | None, status: str) -> str:
    """A mark in words: points, or the status without points."""
    return f"{mark}分" if mark is not None else f"“{STATUS_LABELS[MarkStatus(status)]}”"


_PASSED = {True: "合格", False: "不合格"}


def _passed(session: OfficeSession, application_id: UUID) -> bool | None:
    return session.scalar(select(Outcome.passed).where(Outcome.application_id == application_id))


def _rules(session: OfficeSession, offices: Offices) -> ResultsTable:
    return offices.config(session.office_id).results


def _republished(outcome: Outcome | None) -> str:
    if outcome is None or outcome.published_at is None:
        return ""
    return f"目前的考核结果：{_PASSED[outcome.passed]}（{dates.day(outcome.decided_at)}重新认定）。"


def _remedy(case: MarkCorrection) -> str:
    if case.check_until is None:
        return ""
    return f"对这一决定有异议的，可在{dates.day(last_day(case.check_until))}24时前申请复查。"


def _check(corrected: Corrected, reason: str, evidence: str) -> None:
    faults = {}
    if (corrected.status is MarkStatus.SCORED) != (corrected.mark is not None):
        faults["mark"] = "有成绩的填写分数；缺考、作废或违纪的不填分数。"
    elif corrected.mark is not None and not (
        corrected.mark.is_finite()
        and 0 <= corrected.mark <= HUNDRED
        and corrected.mark == corrected.mark.quantize(Decimal("0.1"))
    ):
        faults["mark"] = "成绩须在0至100之间，最多一位小数。"
    if not checked_text(reason):
        faults["reason"] = "请写明更正的原因。"
    if not checked_text(evidence, field="evidence"):
        faults["evidence"] = "请写明依据，例如考试系统作答记录、监控录像编号、处理决定文号。"
    if faults:
        raise Invalid("correction_incomplete", "".join(faults.values()), fields=faults)


def _mark(session: OfficeSession, application_id: UUID, subject: str) -> Mark:
    wanted = select(Mark).where(
        Mark.application_id == application_id, Mark.subject == subject, Mark.office_id == session.office_id
    )
    found = session.scalar(wanted.with_for_update())
    if found is None:
        raise NotFound("mark_not_found", "没有找到该考生这一科目的成绩。请核对编号和科目。")
    return found


def _to_decide(session: OfficeSession, correction_id: UUID) -> MarkCorrection:
    refusal = NotFound("correction_not_found", "没有找到这件成绩更正。请返回列表重新选择。")
    case = own_row(session, MarkCorrection, correction_id, refusal, locked=True)
    if case.state != "asked":
        raise Conflict("correction_decided", "这件成绩更正已经决定。请刷新页面查看结果。")
    if {session.actor.account_id, session.actor.on_behalf_of} & ({case.asked_by, case.asked_on_behalf} - {None}):
        raise Forbidden("second_person", "成绩更正须由提出人以外的另一人决定。请由本机构其他监管人员办理。")
    return case


def _decide(
    session: OfficeSession, correction: MarkCorrection, state: str, remark: str, *, until: datetime | None
) -> None:
    correction.state, correction.remark, correction.check_until = state, remark, until
    correction.decided_at, correction.decided_by = session.now, session.actor.account_id
    correction.decided_by_name = session.actor.name
    session.flush()


def _tell(session: OfficeSession, case: MarkCorrection, *, kind: str, title: str, body: str) -> None:
    """Tell person and unit."""
    application = session.get_one(Application, case.application_id)
    for recipient in (Recipient(person_id=application.person_id), Recipient(unit_id=application.unit_id)):
        told = body if recipient.person_id else f"{application.person_name}：{body}"
        _notify(session, recipient, case, kind=kind, title=title, body=told)


def _tell_office(session: OfficeSession, case: MarkCorrection, *, kind: str, title: str, body: str) -> None:
    """Tell the office whose examiner asked."""
    application = session.get_one(Application, case.application_id)
    words = f"{application.reference}（{case.asked_by_name}提出）：{body}"
    _notify(session, Recipient(office_id=case.office_id), case, kind=kind, title=title, body=words)


def _notify(
    session: OfficeSession, recipient: Recipient, case: MarkCorrection, *, kind: str, title: str, body: str
) -> None:
    notify(
        session,
        recipient,
        event_key=f"{kind}:{case.id}",
        office_id=case.office_id,
        kind=kind,
        title=title,
        body=body,
        application_id=case.application_id,
    )
