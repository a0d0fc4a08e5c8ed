"""Appeals (申诉) against a failed eligibility review: to the office above the one that was in charge, once a decision.

For a county's decision the city answers, for a city's the center; for the center's own, the center by another officer.
It upholds the decision (维持), or has the case reviewed again (重新审查); those who reviewed the case do not answer.
No rule of Henan is known: the periods are the province's settings (``review.appeal_days``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select

from core.applications.models import Application, Move
from core.applications.queries import application as application_of
from core.audit import service as audit
from core.db.base import new_id
from core.db.session import CaseSession, OfficeSession, PersonSession, ProvinceSession, ScopedSession, SystemSession
from core.domain.calendar import answer_reminder_due, due_after
from core.domain.workflow import Action, By, State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.deadlines import in_words
from core.messages.service import Recipient, notify
from core.reviews.models import ReviewAppeal
from core.reviews.service import reopen
from core.tenancy.models import Office
from core.tenancy.offices import Offices
from core.text.form_texts import checked_text

AnsweringSession = OfficeSession | ProvinceSession

APPEAL_LABELS = {"open": "待答复", "upheld": "维持审查结论", "reopened": "申诉成立，重新审查"}


@dataclass(frozen=True, slots=True)
class Right:
    """The decision that may be appealed against, the office that answers, and until when the appeal may be made."""

    decision: Move
    superior_office_id: str
    until: datetime


def right_to_appeal(session: ScopedSession, application: Application, offices: Offices) -> Right | None:
    """The right of a person whose review failed, also once its time is over; None without such a decision."""
    if application.state != State.REJECTED:
        return None
    wanted = select(Move).where(Move.application_id == application.id, Move.version == application.version)
    decision = session.scalars(wanted).one()
    days = offices.config(application.office_id).review.appeal_days
    return Right(decision, _superior_of(session, application), due_after(decision.at, days).at)


def appeals_of(session: ScopedSession, application_id: UUID) -> Sequence[ReviewAppeal]:
    """The appeals in a case, the latest first."""
    wanted = select(ReviewAppeal).where(ReviewAppeal.application_id == application_id)
    return session.scalars(wanted.order_by(ReviewAppeal.asked_at.desc())).all()


def appeal(session: PersonSession, application_id: UUID, *, grounds: str, offices: Offices) -> ReviewAppeal:
    """Appeal against the decision that one's application is not eligible. Both offices are told.

    Raises Conflict where no review has failed, after the period, or where this decision was appealed against before;
    Invalid without grounds.
    """
    case = application_of(session, application_id)
    right = right_to_appeal(session, case, offices)
    if right is None:
        raise Conflict("nothing_to_appeal", "只有审查不通过的申请可以申诉。请刷新页面查看最新进度。")
    if session.scalar(select(ReviewAppeal.id).where(ReviewAppeal.move_id == right.decision.id)) is not None:
        raise Conflict("appeal_made", "对这次审查结论已经提出过申诉，每次结论只能申诉一次。请查看答复。")
    if session.now >= right.until:
        raise Conflict("appeal_over", f"申诉期限已于{in_words(right.until)}24:00届满，不能再提出申诉。")
    said = _said(grounds, "grounds", "请写明申诉的理由和依据，上级机构据此审查。")
    made = ReviewAppeal(
        id=new_id(),
        application_id=case.id,
        move_id=right.decision.id,
        office_id=case.office_id,
        decided_by_office_id=right.decision.office_id,
        superior_office_id=right.superior_office_id,
        grounds=said,
        asked_at=session.now,
        asked_by=session.actor.account_id,
        due_at=due_after(session.now, offices.config(case.office_id).review.appeal_answer_days).at,
    )
    session.add(made)
    session.flush()
    audit.record_on(session, made, "review_appeal.asked")
    title = "收到资格审查申诉"
    superior = f"{case.reference}的申报人对审查不通过提出申诉，请于{in_words(made.due_at)}前答复。"
    _tell(session, made, Recipient(office_id=made.superior_office_id), title=title, body=superior)
    if made.decided_by_office_id != made.superior_office_id:
        first = f"{case.reference}的申报人对审查不通过提出申诉，由上级机构答复。"
        _tell(session, made, Recipient(office_id=made.decided_by_office_id), title=title, body=first)
    return made


def uphold(session: AnsweringSession, appeal_id: UUID, *, answer: str) -> ReviewAppeal:
    """Uphold the decision, with the reason. The person and the first office are told.

    Raises Forbidden for another office or an officer who reviewed the case, Conflict once answered or where the case is
    being reviewed again already, Invalid without a reason.
    """
    made = _to_answer(session, appeal_id)
    if application_of(session, made.application_id).state not in {State.REJECTED, State.DISQUALIFIED}:
        raise Conflict("reviewed_again", "这份申请已经在重新审查，不能再维持原结论。请选择“申诉成立，重新审查”。")
    _answer(session, made, "upheld", answer)
    return made


def reopen_by_appeal(session: AnsweringSession, appeal_id: UUID, *, answer: str, offices: Offices) -> ReviewAppeal:
    """Find the appeal right: the case is reviewed again, by the office in charge. Person and first office are told.

    Raises what ``uphold`` raises, and Conflict where a final decision has disqualified the person since.
    """
    made = _to_answer(session, appeal_id)
    if application_of(session, made.application_id).state == State.DISQUALIFIED:
        raise Conflict(
            "disqualified_by_now",
            "这份申请已由生效的处理决定取消资格，不能重新审查。请选择“维持审查结论”，并在答复中说明。",
        )
    _answer(session, made, "reopened", answer)
    if application_of(session, made.application_id).state == State.REJECTED:
        reopen(session, made.application_id, offices=offices, reason=f"申诉成立：{made.answer}")
    return made


def appeals(session: AnsweringSession) -> Sequence[Row[ReviewAppeal, Application]]:
    """The appeals that this office answers, with their cases: the open ones first, by their due date."""
    wanted = (
        select(ReviewAppeal, Application)
        .join(Application, Application.id == ReviewAppeal.application_id)
        .where(ReviewAppeal.superior_office_id == session.office_id)
        .order_by(ReviewAppeal.state != "open", ReviewAppeal.due_at, ReviewAppeal.id)
    )
    return session.execute(wanted).all()


def appeal_to_read(session: AnsweringSession, appeal_id: UUID) -> ReviewAppeal:
    """An appeal that this office answers, for reading; NotFound for any other."""
    found = session.get(ReviewAppeal, appeal_id)
    if found is None or found.superior_office_id != session.office_id:
        raise NotFound("appeal_not_found", "没有找到这件申诉，或它不由本机构答复。请返回列表重新选择。")
    return found


def may_answer(session: AnsweringSession, made: ReviewAppeal) -> bool:
    """Whether the actor did not review the case (PostgreSQL knows their other accounts as well)."""
    actors = [account for account in (session.actor.account_id, session.actor.on_behalf_of) if account is not None]
    reviewed = select(Move.id).where(
        Move.application_id == made.application_id,
        Move.capacity.in_([By.UNIT, By.DEPARTMENT, By.OFFICE]),
        Move.action != Action.SUPPLEMENT,
        Move.account_id.in_(actors) | Move.on_behalf_of.in_(actors),
    )
    return session.scalar(reviewed.limit(1)) is None


def remind_of_appeals(session: SystemSession, *, year: int, offices: Offices) -> None:
    """Tell the superior office which appeals fall due (``messages.answer_reminder_days``)."""
    del year  # an appeal of an earlier season is due as well
    days = offices.config(session.office_id).messages.answer_reminder_days
    wanted = select(ReviewAppeal).where(
        ReviewAppeal.superior_office_id == session.office_id, ReviewAppeal.state == "open"
    )
    for made in session.scalars(wanted.order_by(ReviewAppeal.due_at)):
        reached = answer_reminder_due(made.due_at, session.now, days)
        if reached is not None:
            notify(
                session,
                Recipient(office_id=session.office_id),
                event_key=f"reminder.review_appeal:{made.id}:{reached}",
                office_id=made.office_id,
                kind="reminder.review_appeal",
                title="资格审查申诉即将到期",
                body=f"有一件资格审查申诉尚未答复，须于{in_words(made.due_at)}前答复申报人。",
                application_id=made.application_id,
            )


def _superior_of(session: ScopedSession, application: Application) -> str:
    """The office that may reopen the case: its city while a county is in charge, else the center."""
    if application.handler_office_id != application.office_id:
        return application.office_id
    return session.scalars(select(Office.id).where(Office.parent_id.is_(None))).one()


def _to_answer(session: AnsweringSession, appeal_id: UUID) -> ReviewAppeal:
    made = appeal_to_read(session, appeal_id)
    session.refresh(made, with_for_update=True)
    if made.state != "open":
        raise Conflict("appeal_answered", "这件申诉已经答复。请刷新页面查看结果。")
    if not may_answer(session, made):
        raise Forbidden("appeal_of_own_review", "您审查过这份申请，不能答复对它的申诉。请由本机构其他监管人员办理。")
    return made


def _answer(session: AnsweringSession, review_appeal: ReviewAppeal, state: str, answer: str) -> None:
    review_appeal.answer = _said(answer, "answer", "请写明审查的情况和理由，申报人和原审查机构会看到。")
    review_appeal.state, review_appeal.answered_at = state, session.now
    review_appeal.answered_by, review_appeal.answered_by_name = session.actor.account_id, session.actor.name
    session.flush()
    audit.record_on(session, review_appeal, f"review_appeal.{state}")
    case = application_of(session, review_appeal.application_id)
    body = f"申诉结果：{APPEAL_LABELS[state]}。理由：{review_appeal.answer}"
    _tell(session, review_appeal, Recipient(person_id=case.person_id), title="资格审查申诉结果", body=body)
    first = Recipient(office_id=review_appeal.decided_by_office_id)
    _tell(session, review_appeal, first, title="资格审查申诉结果", body=f"{case.reference}{body}")


def _said(words: str, field: str, missing: str) -> str:
    said = checked_text(words, field=field)
    if not said:
        raise Invalid(f"{field}_missing", missing, fields={field: missing})
    return said


def _tell(session: CaseSession, made: ReviewAppeal, recipient: Recipient, *, title: str, body: str) -> None:
    notify(
        session,
        recipient,
        event_key=f"review_appeal.{made.state}:{made.id}",
        office_id=made.office_id,
        kind=f"review_appeal_{made.state}",
        title=title,
        body=body,
        application_id=made.application_id,
    )
