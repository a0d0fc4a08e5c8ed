"""Findings that ask: an officer's answers, and the findings that are still unsettled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application, FindingRecord, FindingSettlement
from core.applications.moves import capacities, check_separation, open_for_change
from core.audit import service as audit
from core.db.base import new_id
from core.db.session import CaseSession, OfficeSession, UnitSession
from core.domain.workflow import By
from core.errors import Conflict, Forbidden, NotFound
from core.plugin_api import Severity
from core.text.form_texts import required_text


@dataclass(frozen=True, slots=True)
class Answer:
    """An officer's answer to one finding that asks."""

    finding_id: UUID
    satisfied: bool
    reason: str
    evidence_document_id: UUID | None = None


def settle_findings(session: OfficeSession, application_id: UUID, answers: Sequence[Answer]) -> list[FindingSettlement]:
    """Answer findings that ask, for the office in charge: each with a reason and, where given, evidence."""
    application = open_for_change(session, application_id)
    check_separation(session, application)
    return _settle(session, application, answers, [finding for finding, _ in _asked(session, application)])


def _settle(
    session: OfficeSession, application: Application, answers: Sequence[Answer], asked: Sequence[FindingRecord]
) -> list[FindingSettlement]:
    if By.OFFICE not in capacities(session, application):
        raise Forbidden("not_in_charge", "本案目前不由您所在机构办理，不能核实审查意见。")
    asking = {finding.id: finding for finding in asked}
    made = [_settlement(session, application, asking.get(answer.finding_id), answer) for answer in answers]
    session.add_all(made)
    contents = [
        {"settlement": settlement.id, "finding": settlement.finding_id, "satisfied": settlement.satisfied}
        for settlement in made
    ]
    audit.record_each(session, application, "finding.settled", contents)
    session.flush()
    return made


def _settlement(
    session: OfficeSession, application: Application, finding: FindingRecord | None, answer: Answer
) -> FindingSettlement:
    if finding is None:
        raise NotFound("no_such_finding", "没有找到需要核实的这条审查意见；申请可能已重新提交。请刷新页面。")
    reason = required_text(answer.reason, "核实结论须写明理由和依据。")
    return FindingSettlement(
        id=new_id(),
        finding_id=finding.id,
        application_id=application.id,
        office_id=session.office_id,
        satisfied=answer.satisfied,
        reason=reason,
        evidence_document_id=answer.evidence_document_id,
        account_id=session.actor.account_id,
        at=session.now,
    )


def still_asking(findings: Iterable[FindingRecord], settled: Mapping[UUID, FindingSettlement]) -> list[FindingRecord]:
    """Those of the findings that ask and whose latest answer (``queries.settlements``) is absent or negative."""
    asking = [finding for finding in findings if finding.severity == Severity.ASKS]
    return [finding for finding in asking if finding.id not in settled or not settled[finding.id].satisfied]


def unsettled(session: CaseSession, application: Application) -> list[FindingRecord]:
    """The findings of the present round that ask and whose latest answer is absent or negative."""
    return [finding for finding, satisfied in _asked(session, application) if not satisfied]


def _asked(session: CaseSession, application: Application) -> list[tuple[FindingRecord, bool | None]]:
    """The findings of the present round that ask, each with its latest answer; None without one."""
    latest = (
        select(FindingSettlement.satisfied)
        .where(FindingSettlement.finding_id == FindingRecord.id)
        .order_by(FindingSettlement.at.desc(), FindingSettlement.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    wanted = select(FindingRecord, latest).where(
        FindingRecord.application_id == application.id,
        FindingRecord.round == application.round,
        FindingRecord.severity == Severity.ASKS,
    )
    return [(finding, satisfied) for finding, satisfied in session.execute(wanted.order_by(FindingRecord.position))]


def check_settled(
    session: UnitSession | OfficeSession, application: Application, answers: Sequence[Answer] = ()
) -> None:
    """Refuse an office's approval while a finding that asks has no positive answer.

    ``answers`` are those of an actor who may decide the case, as ``check_may`` has found.
    """
    if not isinstance(session, OfficeSession):
        if answers:
            raise Forbidden("not_in_charge", "审查意见由工考管理机构核实，单位和主管部门审核时不必填写。")
        return
    asked = _asked(session, application)
    now = {answer.finding_id: answer.satisfied for answer in answers}
    if answers:
        _settle(session, application, answers, [finding for finding, _ in asked])
    open_findings = [finding for finding, satisfied in asked if not now.get(finding.id, satisfied)]
    if open_findings:
        raise Conflict(
            "findings_unsettled",
            f"还有{len(open_findings)}条审查意见未核实：{open_findings[0].text}请逐条核实并写明理由后再审核通过。",
            fields={f"why_{finding.id}": finding.text for finding in open_findings},
        )
