"""Sanction cases: proposed with evidence, heard, decided by the right level, appealed, carried out when final.

A county may only propose. The city that owns the application, or the province, hears and decides; an appeal goes to the
province as the level above, and there to another officer than the decider. The person is told of every step and may
speak twice: before the decision, and against it. A third person carries a decision out that nobody appealed against.
Source: 2024 notice §4(4).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from core.applications.consequences import barred_by
from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import OfficeSession, PersonSession, ProvinceSession
from core.documents.queries import visible_document
from core.domain.workflow import Action
from core.errors import Conflict, Invalid, NotFound
from core.sanctions.carrying_out import carry_measures_out, may_be_annulled
from core.sanctions.models import SanctionCase, SanctionEvidence
from core.sanctions.paper_kinds import PaperKind
from core.sanctions.papers import issue, sign_for, waiting
from core.sanctions.procedure import OPEN, CaseAction, CaseKind, CaseState
from core.sanctions.service import ban_begins, check_years
from core.sanctions.steps import CaseSession, DecidingSession, is_overtaken, open_case, take
from core.sanctions.suspension_end import lift_with_case
from core.sanctions.telling import tell_office, tell_person
from core.tenancy.models import Office
from core.tenancy.offices import Offices
from core.text.form_texts import checked_text

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence: a document of the application, or an external paper by its SHA-256 in hex."""

    title: str
    document_id: UUID | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of a decision: disqualification this season, revocation of the certificate, years of a ban."""

    disqualifies: bool = True
    revokes: bool = True
    ban_years: int = 2


ANNULMENT: Final = Measures(disqualifies=False, revokes=True, ban_years=0)
"""The measures of a case of the kind ``error``: outcome, line and certificate go, and the review begins again."""


def propose(
    session: DecidingSession,
    application_id: UUID,
    *,
    facts: str,
    evidence: Sequence[Evidence] = (),
    kind: CaseKind = CaseKind.VIOLATION,
) -> SanctionCase:
    """Propose a case with its evidence to the level that decides. Any office that has the application may do so.

    Raises Conflict for an application that was never submitted or already has an open case, for one beside which the
    person has a live one, and for an error of the review whose results are not out yet: it is simply reviewed again.
    """
    application = session.get(Application, application_id)
    if application is None:
        raise NotFound("no_such_application", "没有找到这份申请，或您无权查看。请核对申请编号。")
    if application.round == 0:
        raise Conflict("sanction_not_submitted", "该申请从未提交，不能作为违规案件处理。")
    if session.scalar(select(func.another_is_live(application_id))):
        raise Conflict(
            "case_against_live",
            "申报人本年度另有一份有效申请，案件须针对有效的申请。请对那一份立案；不由本机构受理的，请转告其受理机构或省中心。",
        )
    others = select(SanctionCase.id).where(SanctionCase.application_id == application_id, SanctionCase.state.in_(OPEN))
    if session.scalar(others.limit(1)) is not None:
        raise Conflict("sanction_case_open", "这份申请已有一件未办结的案件。请在该案件中补充线索。")
    if kind is CaseKind.ERROR and not may_be_annulled(session, application):
        raise Conflict("review_again_instead", "考核结果尚未公布，请从案件页面办理“重新审查”，不必立案。")
    sanction = SanctionCase(
        id=new_id(),
        kind=kind,
        application_id=application.id,
        office_id=application.office_id,
        opened_by_office_id=session.office_id,
        opened_at=session.now,
        opened_by=session.actor.account_id,
        opened_on_behalf=session.actor.on_behalf_of,
        facts=_facts(facts),
        state=CaseState.PROPOSED,
        version=0,
        disqualifies=False,
        revokes=False,
        ban_years=0,
    )
    session.add(sanction)
    # The open case of another office may be out of sight.
    with in_words():
        session.flush()
    for piece in evidence:
        add_evidence(session, sanction, piece)
    audit.record_on(session, sanction, "sanction.propose")
    if session.office_id != sanction.office_id:
        tell_office(session, sanction, sanction.office_id, "propose", "收到一件线索", "有一件线索待立案，请及时核查。")
    return sanction


def add_evidence(session: DecidingSession, sanction: SanctionCase, piece: Evidence) -> SanctionEvidence:
    """Add a piece of evidence to a case that is not over."""
    if sanction.state not in OPEN:
        raise Conflict("sanction_over", "案件已办结，不能再补充证据。")
    title = checked_text(piece.title, field="title")
    if not title:
        raise Invalid("evidence_title", "请写明证据名称。", fields={"title": "请写明证据名称"})
    if piece.document_id is not None:
        document = visible_document(session, piece.document_id)
        if document.application_id != sanction.application_id:
            raise NotFound("document_unknown", "没有找到这份材料。请从该申请的材料中选择。")
    elif _SHA256.fullmatch(piece.sha256) is None:
        message = (
            "只写证据名称还不够：请上传照片或扫描件，或勾选申报材料；"
            "不便上传的，填写文件的SHA-256校验值（64位十六进制）。"
        )
        raise Invalid("evidence_missing", message, at="sha256")
    row = SanctionEvidence(
        case_id=sanction.id,
        title=title,
        document_id=piece.document_id,
        sha256=piece.sha256,
        added_at=session.now,
        added_by=session.actor.account_id,
    )
    session.add(row)
    session.flush()
    return row


def hear(session: DecidingSession, case_id: UUID, *, words: str, offices: Offices, number: str = "") -> SanctionCase:
    """Open the hearing by a paper with the facts, the person's right to speak, and the time for it.

    The time runs from the service of the paper (:mod:`core.sanctions.papers`); the person may sign on their page.
    """
    sanction = open_case(session, case_id)
    take(session, sanction, CaseAction.HEAR, words)
    days = offices.config(sanction.office_id).sanctions.hearing_days
    issue(session, sanction, PaperKind.NOTICE, days=days, number=number)
    tell_person(session, sanction, CaseAction.HEAR)
    return sanction


def drop(session: DecidingSession, case_id: UUID, *, words: str) -> SanctionCase:
    """Reject a proposed case; the office that proposed it is told why."""
    sanction = open_case(session, case_id)
    take(session, sanction, CaseAction.DROP, words)
    lift_with_case(session, sanction, reason=f"线索经核查不予立案：{words.strip()}")
    _tell_proposer(session, sanction, CaseAction.DROP, "一件线索不予立案")
    return sanction


def state(session: PersonSession, case_id: UUID, *, words: str, finished: bool = False) -> SanctionCase:
    """Add a statement of the person: any number of them until the time for it is over.

    With ``finished`` they say in writing that they have nothing to add, and the case may be decided before its time.
    """
    sanction = _received(session, case_id)
    take(session, sanction, CaseAction.STATE, words)
    tell_office(session, sanction, sanction.office_id, "state", "收到陈述申辩", "当事人提交了陈述申辩意见，请查看。")
    return finish(session, case_id, words="意见已经陈述完毕，不再补充。") if finished else sanction


def finish(session: PersonSession, case_id: UUID, *, words: str) -> SanctionCase:
    """Say in writing, as the person, that one has said everything, or waives being heard. It cannot be taken back."""
    sanction = _received(session, case_id)
    take(session, sanction, CaseAction.FINISH, words)
    title = "当事人声明陈述申辩完毕"
    tell_office(
        session, sanction, sanction.office_id, "finish", title, "陈述申辩期限届满前也可以作出决定，请查看案件。"
    )
    return sanction


def clear(session: DecidingSession, case_id: UUID, *, words: str) -> SanctionCase:
    """End a case without a sanction; the person is told, and so is the office that proposed it.

    A decision that waits to be carried out is cleared by the level above alone, and only where the person has another
    live application, against which a case is opened instead. Conflict otherwise.
    """
    sanction = open_case(session, case_id)
    if sanction.state == CaseState.DECIDED and not is_overtaken(session, sanction):
        raise Conflict(
            "decision_stands", "处理决定已经作出，不能改为不予处理。请待申诉期满后执行；有异议的，由当事人申诉。"
        )
    take(session, sanction, CaseAction.CLEAR, words)
    tell_person(session, sanction, CaseAction.CLEAR)
    _tell_proposer(session, sanction, CaseAction.CLEAR, "一件案件不予处理")
    lift_with_case(session, sanction, reason=f"案件不予处理：{words.strip()}")
    return sanction


def decide(
    session: DecidingSession, case_id: UUID, *, words: str, measures: Measures, offices: Offices, number: str = ""
) -> SanctionCase:
    """Decide on sanctions. Nothing is carried out before the time for an appeal is over or the appeal is decided.

    Forbidden for the officer who proposed the case; Conflict while the time to be heard runs.
    """
    sanction = open_case(session, case_id)
    measures = ANNULMENT if sanction.kind == CaseKind.ERROR else measures
    _check_not_overtaken(session, sanction, disqualifies=measures.disqualifies, instead="不予处理")
    if not (measures.disqualifies or measures.revokes or measures.ban_years):
        raise Invalid("measures_missing", "处理决定须至少包含一项措施；不予处理的，请选择“不予处理”。")
    config = offices.config(sanction.office_id)
    check_years(measures.ban_years, most=config.eligibility.ban_years)
    if measures.disqualifies and not measures.revokes:
        _check_nothing_remains(session, sanction)
    year = session.get_one(Application, sanction.application_id).year
    begins = ban_begins(config.eligibility.ban_start, year=year, decided_at=session.now) if measures.ban_years else None
    take(
        session,
        sanction,
        CaseAction.DECIDE,
        words,
        decided_at=session.now,
        decided_by=session.actor.account_id,
        decided_by_office_id=session.office_id,
        disqualifies=measures.disqualifies,
        revokes=measures.revokes,
        ban_years=measures.ban_years,
        ban_begins=begins,
    )
    issue(session, sanction, PaperKind.DECISION, days=config.sanctions.appeal_days, number=number)
    tell_person(session, sanction, CaseAction.DECIDE)
    return sanction


def appeal(session: PersonSession, case_id: UUID, *, words: str) -> SanctionCase:
    """Appeal as the person; until the level above has decided, nothing is carried out."""
    sanction = _received(session, case_id)
    take(session, sanction, CaseAction.APPEAL, words)
    body = "处理决定被申诉，待上一级机构审查。"
    tell_office(session, sanction, sanction.office_id, "appeal", "当事人提出申诉", body)
    center = _center(session)
    if center != sanction.office_id:
        tell_office(session, sanction, center, "appeal", "收到申诉", "有一件申诉待审查。")
    return sanction


def hand_up(session: OfficeSession, case_id: UUID, *, words: str) -> SanctionCase:
    """Ask the center for the next step, where the office has no second or third person; the center is told.

    Conflict for a case of the center itself, above which there is nobody.
    """
    sanction = open_case(session, case_id)
    center = _center(session)
    if sanction.office_id == center:
        raise Conflict("nobody_above", "本案由省中心办理，没有上一级机构。请由省中心其他监管人员办理，或增加监管人员。")
    take(session, sanction, CaseAction.HAND_UP, words)
    tell_office(
        session, sanction, center, "hand_up", "请省中心办理一件案件", "承办机构缺少另外的监管人员，请办理下一步。"
    )
    return sanction


def carry_out(session: DecidingSession, case_id: UUID, *, offices: Offices) -> SanctionCase:
    """Carry out a decision without an appeal in time. Forbidden for whoever proposed the case or decided it."""
    sanction = open_case(session, case_id)
    _check_not_overtaken(
        session, sanction, disqualifies=sanction.disqualifies, instead="不予处理（由省中心作出决定以外的人员办理）"
    )
    take(session, sanction, CaseAction.CARRY_OUT, "")
    carry_measures_out(session, sanction, offices)
    return sanction


def uphold(session: ProvinceSession, case_id: UUID, *, words: str, offices: Offices) -> SanctionCase:
    """Uphold a decision on appeal; it is carried out at once. Forbidden for whoever proposed the case or decided it."""
    sanction = open_case(session, case_id)
    _check_not_overtaken(session, sanction, disqualifies=sanction.disqualifies, instead="撤销处理决定")
    take(session, sanction, CaseAction.UPHOLD, words)
    tell_person(session, sanction, CaseAction.UPHOLD)
    carry_measures_out(session, sanction, offices)
    return sanction


def overturn(session: ProvinceSession, case_id: UUID, *, words: str) -> SanctionCase:
    """Overturn a decision on appeal; nothing was carried out, so nothing has to be undone."""
    sanction = open_case(session, case_id)
    take(session, sanction, CaseAction.OVERTURN, words)
    tell_person(session, sanction, CaseAction.OVERTURN)
    body = "省中心撤销了一件处理决定，理由请打开案件查看。"
    tell_office(session, sanction, sanction.office_id, "overturn", "处理决定被撤销", body)
    lift_with_case(session, sanction, reason=f"处理决定已撤销：{words.strip()}")
    return sanction


def _received(session: PersonSession, case_id: UUID) -> SanctionCase:
    """A case of the person, who signs for the paper that waits by answering it."""
    sanction = open_case(session, case_id)
    if waiting(session, sanction) is not None:
        sign_for(session, sanction)
    return sanction


def _center(session: CaseSession) -> str:
    return session.scalars(select(Office.id).where(Office.parent_id.is_(None))).one()


def _check_not_overtaken(session: DecidingSession, sanction: SanctionCase, *, disqualifies: bool, instead: str) -> None:
    if disqualifies and is_overtaken(session, sanction):
        raise Conflict(
            "case_overtaken",
            f"申报人本年度另有一份有效申请，取消资格不能对这一份执行。请办理“{instead}”并写明理由，再对有效的那一份立案。",
        )


def _check_nothing_remains(session: DecidingSession, sanction: SanctionCase) -> None:
    """Invalid where a disqualification would leave a place on a published list or a certificate."""
    if barred_by(session, sanction.application_id, Action.DISQUALIFY) in {"certificate", "listed"}:
        message = "该申请已列入公示名单或已经发证，取消资格须同时撤销证书。请一并选择“撤销证书”。"
        raise Invalid("revocation_must_follow", message, at="revokes")


def _facts(facts: str) -> str:
    trimmed = checked_text(facts, field="facts")
    if not trimmed:
        raise Invalid("sanction_facts_missing", "请写明事实和线索来源。", at="facts")
    return trimmed.rstrip("。")


def _tell_proposer(session: CaseSession, sanction: SanctionCase, action: CaseAction, title: str) -> None:
    body = "理由请打开案件查看。"
    tell_office(session, sanction, sanction.opened_by_office_id, action, title, body)
