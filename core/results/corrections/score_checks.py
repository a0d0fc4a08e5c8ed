"""Score checks (复查): asked for within their window, on a ground, and answered within working days.

A decision on a mark is a new result with a window of its own: a granted correction, and the refusal of one that a
check had found due. Each result is checked once.

Source: the review of results of 2017: absence, violation decision or own result; answered generally within 7 working
days, to unit and person. The length of the window is a parameter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Row, select

from core.applications.models import Application
from core.applications.queries import application
from core.audit import service as audit
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import CaseSession, OfficeSession, PersonSession, ScopedSession
from core.domain.calendar import due_after
from core.errors import Conflict, Invalid, NotFound
from core.messages.deadlines import in_words
from core.messages.service import Recipient, notify
from core.plugin_api import MarkStatus
from core.results.corrections.periods import check_until
from core.results.corrections.service import Corrected, ask_for_correction
from core.results.models.corrections import MarkCorrection, ScoreCheck
from core.results.models.marks import Mark
from core.tenancy.config.results import ResultsTable
from core.text.form_texts import checked_text
from core.text.labels import Labelled


class Ground(Labelled):
    """What a check may be about."""

    ABSENCE = "absence", "缺考认定"
    VIOLATION = "violation", "违纪处理决定"
    OWN_RESULT = "own_result", "本人成绩"


GROUND_LABELS: Final[Mapping[Ground, str]] = {ground: ground.label for ground in Ground}
CHECK_LABELS: Final[Mapping[str, str]] = {"open": "待答复", "upheld": "有误，已提出更正", "dismissed": "核查无误"}
_FITTING: Final[Mapping[Ground, frozenset[MarkStatus]]] = {
    Ground.ABSENCE: frozenset({MarkStatus.ABSENT}),
    Ground.VIOLATION: frozenset({MarkStatus.VIOLATION, MarkStatus.VOID}),
    Ground.OWN_RESULT: frozenset(MarkStatus),
}


@dataclass(frozen=True, slots=True)
class Remedy:
    """The latest result of a subject, which a check may contest until ``closes``.

    ``correction_id`` is the decision that made it or left it so; None where it is the mark as it was first told.
    """

    correction_id: UUID | None
    closes: datetime


def remedies(session: ScopedSession, marks: Sequence[Mark], rules: ResultsTable) -> dict[str, Remedy]:
    """The remedy of each of one candidate's marks, by subject; of a mark that was not told there is none."""
    found = {
        mark.subject: Remedy(None, check_until(mark.told_at, rules.check_days))
        for mark in marks
        if mark.told_at is not None
    }
    decided = (
        select(MarkCorrection.subject, MarkCorrection.id, MarkCorrection.check_until)
        .where(MarkCorrection.application_id.in_({mark.application_id for mark in marks}))
        .order_by(MarkCorrection.decided_at)
    )
    for subject, correction_id, until in session.execute(decided):
        if until is not None:
            found[subject] = Remedy(correction_id, until)
    return found


def is_contested(checks: Sequence[ScoreCheck], subject: str, remedy: Remedy) -> bool:
    """Whether the latest result of a subject has been checked already, or a check of the subject is unanswered."""
    return any(
        check.subject == subject and (check.state == "open" or check.correction_id == remedy.correction_id)
        for check in checks
    )


def ask_for_check(
    session: PersonSession, application_id: UUID, subject: str, *, ground: Ground, reason: str, rules: ResultsTable
) -> ScoreCheck:
    """Ask for a check of one's own result in a subject. ``rules`` are those of the office that examined.

    Raises Conflict outside the window or where this result was checked, Invalid for an unfit ground or no reason.
    """
    case = application(session, application_id)
    mark = session.scalar(select(Mark).where(Mark.application_id == case.id, Mark.subject == subject))
    if mark is None:
        raise NotFound("mark_not_found", "该科目还没有公布成绩，不能申请复查。请选择已有成绩的科目。")
    said = _check(mark, ground, reason)
    remedy = remedies(session, [mark], rules)[subject]
    if session.now >= remedy.closes:
        raise Conflict("check_over", f"申请复查的期限已于{in_words(remedy.closes)}24时届满，逾期不再受理。")
    if is_contested(
        session.scalars(select(ScoreCheck).where(ScoreCheck.application_id == case.id)).all(), subject, remedy
    ):
        raise Conflict(
            "check_asked",
            "该科目已申请过复查，每科只能申请一次；成绩更正后，或复查提出的更正未获同意的，可以再申请一次。请查看答复。",
        )
    made = ScoreCheck(
        id=new_id(),
        application_id=case.id,
        office_id=case.office_id,
        subject=subject,
        correction_id=remedy.correction_id,
        ground=ground.value,
        reason=said,
        asked_at=session.now,
        asked_by=session.actor.account_id,
        due_at=due_after(session.now, rules.check_answer_days).at,
    )
    session.add(made)
    session.flush()
    audit.record_on(session, made, "score_check.asked")
    body = f"{case.reference}申请复查{subject}，事由：{GROUND_LABELS[ground]}。请于{in_words(made.due_at)}前答复。"
    _tell(session, made, Recipient(office_id=case.office_id), title="成绩复查申请", body=body)
    return made


def dismiss_check(session: OfficeSession, check_id: UUID, *, answer: str) -> ScoreCheck:
    """Answer that the result is right, with the reason. Person and unit are told."""
    check = _to_answer(session, check_id, answer)
    _answer(session, check, "dismissed", answer)
    return check


def uphold_check(
    session: OfficeSession, check_id: UUID, corrected: Corrected, *, answer: str, evidence: str
) -> ScoreCheck:
    """Answer that the result is wrong, and ask for its correction, which a second person decides."""
    check = _to_answer(session, check_id, answer)
    ask_for_correction(
        session,
        check.application_id,
        check.subject,
        corrected,
        reason=f"成绩复查：{answer.strip()}",
        evidence=evidence,
        score_check_id=check.id,
    )
    _answer(session, check, "upheld", answer)
    return check


def checks(session: OfficeSession, year: int) -> Sequence[Row[ScoreCheck, Application]]:
    """The office's checks of a year with their cases: the open ones first, by their due date."""
    wanted = (
        select(ScoreCheck, Application)
        .join(Application, Application.id == ScoreCheck.application_id)
        .where(ScoreCheck.office_id == session.office_id, Application.year == year)
        .order_by(ScoreCheck.state != "open", ScoreCheck.due_at)
    )
    return session.execute(wanted).all()


def _check(mark: Mark, ground: Ground, reason: str) -> str:
    if MarkStatus(mark.status) not in _FITTING[ground]:
        raise Invalid("ground_unfit", f"该科目的成绩与“{GROUND_LABELS[ground]}”不符。请选择相应的事由。", at="ground")
    said = checked_text(reason)
    if not said:
        raise Invalid("reason_missing", "请写明申请复查的理由。", at="reason")
    return said


def _to_answer(session: OfficeSession, check_id: UUID, answer: str) -> ScoreCheck:
    refusal = NotFound("check_not_found", "没有找到这件复查申请。请返回列表重新选择。")
    check = own_row(session, ScoreCheck, check_id, refusal, locked=True)
    if check.state != "open":
        raise Conflict("check_answered", "这件复查申请已经答复。请刷新页面查看结果。")
    if not checked_text(answer, field="answer"):
        raise Invalid("answer_missing", "请写明核查的情况和结论，申请人会看到。", at="answer")
    return check


def _answer(session: OfficeSession, check: ScoreCheck, state: str, answer: str) -> None:
    check.state, check.answer = state, answer.strip()
    check.answered_at, check.answered_by = session.now, session.actor.account_id
    session.flush()
    audit.record_on(session, check, f"score_check.{state}")
    case = session.get_one(Application, check.application_id)
    body = f"{check.subject}复查结论：{CHECK_LABELS[state]}。{check.answer}"
    _tell(session, check, Recipient(person_id=case.person_id), title="成绩复查答复", body=body)
    _tell(session, check, Recipient(unit_id=case.unit_id), title="成绩复查答复", body=f"{case.person_name}：{body}")


def _tell(session: CaseSession, check: ScoreCheck, recipient: Recipient, *, title: str, body: str) -> None:
    notify(
        session,
        recipient,
        event_key=f"score_check.{check.state}:{check.id}",
        office_id=check.office_id,
        kind=f"score_check_{check.state}",
        title=title,
        body=body,
        application_id=check.application_id,
    )
