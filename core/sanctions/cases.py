"""Sanction cases: proposed with evidence, heard, decided by the right level, appealed, carried out when final.

A county may only propose. The city that owns the application, or the province, hears and decides; an appeal goes to the
province as the level above, and there to another officer than the decider. The person is told of every step and may
speak twice: before the decision, and against it. Source: 2024 notice §4(4).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select

from core.applications.consequences import barred_by
from core.applications.models import Application
from core.audit import service as audit
from core.clock import last_day
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import OfficeSession, PersonSession, ProvinceSession
from core.documents.queries import visible_document
from core.domain.calendar import due_after
from core.domain.permissions import Permission
from core.domain.workflow import Action
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.sanctions.carrying_out import (
    DecidingSession,
    carry_measures_out,
    may_be_annulled,
    measures_in_words,
    tell_person,
)
from core.sanctions.case_queries import has_spoken
from core.sanctions.models import SanctionCase, SanctionEvidence, SanctionStep
from core.sanctions.procedure import (
    CASE_KIND_LABELS,
    CASE_STEPS,
    OPEN,
    CaseAction,
    CaseBy,
    CaseClock,
    CaseKind,
    CaseState,
    check_words,
    next_state,
    steps_open,
)
from core.sanctions.service import ban_begins, check_years
from core.sanctions.suspension_end import lift_with_case
from core.tenancy.models import Office
from core.tenancy.offices import Offices
from core.text import dates
from core.text.form_texts import checked_text

CaseSession = PersonSession | DecidingSession
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
        _tell_office(
            session,
            sanction,
            sanction.office_id,
            "propose",
            title=f"收到线索：{CASE_KIND_LABELS[kind]}",
            body="有一件线索待立案，请及时核查。",
        )
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


def hear(session: DecidingSession, case_id: UUID, *, words: str, offices: Offices) -> SanctionCase:
    """Open the hearing: the person is told the facts, their right to speak, and the deadline."""
    sanction = open_case(session, case_id)
    days = offices.config(sanction.office_id).sanctions.hearing_days
    until = due_after(session.now, days).at
    _take(session, sanction, CaseAction.HEAR, words, hearing_until=until)
    body = f"事实：{sanction.facts}。您可在{dates.day(last_day(until))}24时前登录提交陈述申辩意见和证据说明。"
    title = f"{CASE_KIND_LABELS[CaseKind(sanction.kind)]}立案告知"
    tell_person(session, sanction, CaseAction.HEAR, title=title, body=body)
    return sanction


def drop(session: DecidingSession, case_id: UUID, *, words: str) -> SanctionCase:
    """Reject a proposed case; the office that proposed it is told why."""
    sanction = open_case(session, case_id)
    _take(session, sanction, CaseAction.DROP, words)
    lift_with_case(session, sanction, reason=f"线索经核查不予立案：{words.strip()}")
    _tell_proposer(session, sanction, CaseAction.DROP, title="违规线索不予立案", words=words)
    return sanction


def state(session: PersonSession, case_id: UUID, *, words: str) -> SanctionCase:
    """Add a statement of the person: any number of them until the time for it is over."""
    sanction = open_case(session, case_id)
    _take(session, sanction, CaseAction.STATE, words)
    _tell_office(
        session, sanction, sanction.office_id, "state", title="收到陈述申辩", body="当事人提交了陈述申辩意见，请查看。"
    )
    return sanction


def clear(session: DecidingSession, case_id: UUID, *, words: str) -> SanctionCase:
    """End a case without a sanction; the person is told, and so is the office that proposed it.

    A decision that waits to be carried out is cleared by the level above alone, and only where the person has another
    live application, against which a case is opened instead. Conflict otherwise.
    """
    sanction = open_case(session, case_id)
    if sanction.state == CaseState.DECIDED and not _is_overtaken(session, sanction):
        raise Conflict(
            "decision_stands", "处理决定已经作出，不能改为不予处理。请待申诉期满后执行；有异议的，由当事人申诉。"
        )
    _take(session, sanction, CaseAction.CLEAR, words)
    tell_person(session, sanction, CaseAction.CLEAR, title="案件不予处理", body=f"理由：{words.strip()}")
    _tell_proposer(session, sanction, CaseAction.CLEAR, title="案件不予处理", words=words)
    lift_with_case(session, sanction, reason=f"案件不予处理：{words.strip()}")
    return sanction


def decide(
    session: DecidingSession, case_id: UUID, *, words: str, measures: Measures, offices: Offices
) -> SanctionCase:
    """Decide on sanctions. Nothing is carried out before the time for an appeal is over or the appeal is decided.

    Forbidden for the officer who opened the case: a sanction needs two people.
    """
    sanction = open_case(session, case_id)
    _check_second_person(session, sanction)
    measures = ANNULMENT if sanction.kind == CaseKind.ERROR else measures
    _check_not_overtaken(session, sanction, disqualifies=measures.disqualifies, instead="不予处理")
    if not (measures.disqualifies or measures.revokes or measures.ban_years):
        raise Invalid("measures_missing", "处理决定须至少包含一项措施；不予处理的，请选择“不予处理”。")
    config = offices.config(sanction.office_id)
    check_years(measures.ban_years, most=config.eligibility.ban_years)
    if measures.disqualifies and not measures.revokes:
        _check_nothing_remains(session, sanction)
    year = session.get_one(Application, sanction.application_id).year
    until = due_after(session.now, config.sanctions.appeal_days).at
    begins = ban_begins(config.eligibility.ban_start, year=year, decided_at=session.now) if measures.ban_years else None
    _take(
        session,
        sanction,
        CaseAction.DECIDE,
        words,
        appeal_until=until,
        decided_at=session.now,
        decided_by=session.actor.account_id,
        decided_by_office_id=session.office_id,
        disqualifies=measures.disqualifies,
        revokes=measures.revokes,
        ban_years=measures.ban_years,
        ban_begins=begins,
    )
    body = (
        f"处理决定：{'；'.join(measures_in_words(sanction))}。理由：{words.strip()}。"
        f"不服的，可在{dates.day(last_day(until))}24时前登录向上一级机构申诉。"
    )
    title = "违规处理决定" if sanction.kind == CaseKind.VIOLATION else "审查更正决定"
    tell_person(session, sanction, CaseAction.DECIDE, title=title, body=body)
    return sanction


def appeal(session: PersonSession, case_id: UUID, *, words: str) -> SanctionCase:
    """Appeal as the person; until the level above has decided, nothing is carried out."""
    sanction = open_case(session, case_id)
    _take(session, sanction, CaseAction.APPEAL, words)
    _tell_office(
        session,
        sanction,
        sanction.office_id,
        "appeal",
        title="当事人提出申诉",
        body="处理决定被申诉，待上一级机构审查。",
    )
    center = session.scalars(select(Office.id).where(Office.parent_id.is_(None))).one()
    if center != sanction.office_id:
        _tell_office(session, sanction, center, "appeal", title="收到申诉", body="有一件违规处理决定的申诉待审查。")
    return sanction


def carry_out(session: DecidingSession, case_id: UUID, *, offices: Offices) -> SanctionCase:
    """Carry out a decision without an appeal in time."""
    sanction = open_case(session, case_id)
    _check_not_overtaken(
        session, sanction, disqualifies=sanction.disqualifies, instead="不予处理（由省中心作出决定以外的人员办理）"
    )
    _take(session, sanction, CaseAction.CARRY_OUT, "")
    carry_measures_out(session, sanction, offices)
    return sanction


def uphold(session: ProvinceSession, case_id: UUID, *, words: str, offices: Offices) -> SanctionCase:
    """Uphold a decision on appeal; it is carried out at once."""
    sanction = open_case(session, case_id)
    _check_not_overtaken(session, sanction, disqualifies=sanction.disqualifies, instead="撤销处理决定")
    _take(session, sanction, CaseAction.UPHOLD, words)
    tell_person(session, sanction, CaseAction.UPHOLD, title="申诉结果：维持处理决定", body=f"理由：{words.strip()}")
    carry_measures_out(session, sanction, offices)
    return sanction


def overturn(session: ProvinceSession, case_id: UUID, *, words: str) -> SanctionCase:
    """Overturn a decision on appeal; nothing was carried out, so nothing has to be undone."""
    sanction = open_case(session, case_id)
    _take(session, sanction, CaseAction.OVERTURN, words)
    tell_person(session, sanction, CaseAction.OVERTURN, title="申诉结果：撤销处理决定", body=f"理由：{words.strip()}")
    _tell_office(
        session, sanction, sanction.office_id, "overturn", title="处理决定被撤销", body=f"理由：{words.strip()}"
    )
    lift_with_case(session, sanction, reason=f"处理决定已撤销：{words.strip()}")
    return sanction


def open_case(session: CaseSession, case_id: UUID) -> SanctionCase:
    """A case that the session may see, locked; NotFound for other cases."""
    wanted = select(SanctionCase).where(SanctionCase.id == case_id).execution_options(populate_existing=True)
    sanction = session.scalar(wanted.with_for_update()) or session.scalar(wanted)
    if sanction is None:
        raise NotFound("sanction_unknown", "没有找到这件案件。请从案件列表进入。")
    return sanction


def capacities(session: CaseSession, sanction: SanctionCase) -> frozenset[CaseBy]:
    """The capacities in which the actor may act on a case."""
    if isinstance(session, PersonSession):
        return frozenset({CaseBy.PERSON})
    if Permission.SUPERVISE not in session.actor.may_change:
        return frozenset()
    decided_here = sanction.decided_by_office_id in {None, session.office_id}
    if isinstance(session, ProvinceSession):
        above = {CaseBy.ABOVE} if sanction.decided_by != session.actor.account_id else set()
        return frozenset({CaseBy.DECIDER} | above if decided_here else above)
    return frozenset({CaseBy.DECIDER} if session.office_id == sanction.office_id and decided_here else ())


def allowed(session: CaseSession, sanction: SanctionCase) -> tuple[CaseAction, ...]:
    """The actions open to the actor in the case's state, regardless of deadlines."""
    steps = steps_open(CaseState(sanction.state), capacities(session, sanction))
    if sanction.state == CaseState.DECIDED and CaseAction.CLEAR in steps and not _is_overtaken(session, sanction):
        return tuple(step for step in steps if step is not CaseAction.CLEAR)
    return steps


def waits_for(session: OfficeSession | ProvinceSession) -> ColumnElement[bool]:
    """The condition of cases in which ``allowed`` names the actor an action. The center's is ``center_waits.sql``."""
    of_decider = [step.source.value for step in CASE_STEPS if step.by is CaseBy.DECIDER]
    decided_here = or_(
        SanctionCase.decided_by_office_id.is_(None), SanctionCase.decided_by_office_id == session.office_id
    )
    return and_(SanctionCase.office_id == session.office_id, SanctionCase.state.in_(of_decider), decided_here)


def _take(session: CaseSession, sanction: SanctionCase, action: CaseAction, words: str, **changes: object) -> None:
    """Take one step: check capacity, words and time, write the step, and change the case's state."""
    _check_capacity(session, sanction, action)
    said = check_words(action, words)
    clock = CaseClock(sanction.hearing_until, sanction.appeal_until, has_spoken(session, sanction.id))
    end = next_state(action, CaseState(sanction.state), clock, now=session.now)
    session.flush()
    step = {
        "case_id": sanction.id,
        "version": sanction.version + 1,
        "action": action.value,
        "from_state": sanction.state,
        "to_state": end.value,
        "words": said,
        "at": session.now,
        "account_id": session.actor.account_id,
        "on_behalf_of": session.actor.on_behalf_of,
        "actor_name": session.actor.name,
        "office_id": None if isinstance(session, PersonSession) else session.office_id,
    }
    session.connection().execute(insert(SanctionStep), step)
    sanction.state, sanction.version = end, sanction.version + 1
    for name, value in changes.items():
        setattr(sanction, name, value)
    session.flush()
    audit.record_on(session, sanction, f"sanction.{action}")


def _check_capacity(session: CaseSession, sanction: SanctionCase, action: CaseAction) -> None:
    steps = [step for step in CASE_STEPS if step.action is action]
    by = {step.by for step in steps if step.source == sanction.state} or {step.by for step in steps}
    if not by & capacities(session, sanction):
        raise Forbidden(
            "sanction_not_yours",
            "此项操作不由您办理：县（市）只能提出线索，由市级或省级机构决定；申诉由上一级机构的其他人员审查。",
        )


def _check_second_person(session: DecidingSession, sanction: SanctionCase) -> None:
    opened = {sanction.opened_by, sanction.opened_on_behalf} - {None}
    if opened & {session.actor.account_id, session.actor.on_behalf_of}:
        raise Forbidden(
            "second_person", "处理决定须由提出线索以外的另一人作出。请由本机构其他监管人员决定；没有的，请省中心决定。"
        )


def _is_overtaken(session: CaseSession, sanction: SanctionCase) -> bool:
    """Whether the person has another live application, so that this one cannot be disqualified: one is live at most."""
    return bool(session.scalar(select(func.another_is_live(sanction.application_id))))


def _check_not_overtaken(session: DecidingSession, sanction: SanctionCase, *, disqualifies: bool, instead: str) -> None:
    if disqualifies and _is_overtaken(session, sanction):
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


def _tell_proposer(session: CaseSession, sanction: SanctionCase, action: CaseAction, *, title: str, words: str) -> None:
    body = f"理由：{words.strip()}"
    _tell_office(session, sanction, sanction.opened_by_office_id, action, title=title, body=body)


def _tell_office(
    session: CaseSession, sanction: SanctionCase, office_id: str, event: str, *, title: str, body: str
) -> None:
    notify(
        session,
        Recipient(office_id=office_id),
        event_key=f"sanction.{event}:{sanction.id}:{sanction.version}",
        office_id=sanction.office_id,
        kind=f"sanction_{event}",
        title=title,
        body=body,
        application_id=sanction.application_id,
    )
