"""Questions to an office (咨询): a person asks, in general or about a case; the office in charge answers.

Question and answer stay with the case when another office takes it over. So that a desk is not flooded, a person has
few questions open at a time, and asks few a day; nothing that has a period of its own (appeals, checks) is asked here.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from core.applications.models import Application
from core.applications.queries import application as application_of
from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import OfficeSession, PersonSession, ScopedSession
from core.errors import Conflict, Invalid, NotFound
from core.identity.models import Person
from core.messages.service import Recipient, notify
from core.reviews.models import Inquiry
from core.seasons.queries import current_season
from core.tenancy.models import Office
from core.text.form_texts import required_text

MOST_OPEN: Final = 3
"""Questions of one person that wait for an answer."""
MOST_A_DAY: Final = 5
"""Questions of one person within 24 hours."""
_DAY: Final = timedelta(hours=24)


def ask(
    session: PersonSession, *, question: str, application_id: UUID | None = None, office_id: str | None = None
) -> Inquiry:
    """Ask the office that has the case in hand, or in general the office that is named. The office is told.

    Raises Invalid without a question or an office, NotFound for a case of somebody else or an unknown office, and
    Conflict where too many questions wait or were asked today.
    """
    asked = required_text(question, "请写下要咨询的问题。", field="question")
    case = None if application_id is None else application_of(session, application_id)
    office = _office(session, office_id) if case is None else case.handler_office_id
    one_at_a_time(session, f"inquiries:{session.person_id}")
    _check_number(session)
    person = session.get_one(Person, session.person_id)
    inquiry = Inquiry(
        id=new_id(),
        office_id=office,
        year=current_season(session).year if case is None else case.year,
        person_id=person.id,
        person_name=person.name,
        application_id=None if case is None else case.id,
        question=asked,
        state="open",
        asked_at=session.now,
        asked_by=session.actor.account_id,
    )
    session.add(inquiry)
    session.flush()
    audit.record_on(session, inquiry, "inquiry.asked")
    about = "" if case is None else f"（申报编号{case.reference}）"
    body = f"{person.name}咨询{about}，请在“咨询”中答复。"
    _tell(session, inquiry, Recipient(office_id=office), title="收到咨询", body=body)
    return inquiry


def answer(session: OfficeSession, inquiry_id: UUID, *, answer: str) -> Inquiry:
    """Answer a question; the person is told the answer.

    Raises NotFound for a question to another office, Conflict once it is answered, Invalid without an answer.
    """
    inquiry = session.get(Inquiry, inquiry_id)
    if inquiry is None or not _is_ours(session, inquiry):
        raise NotFound("inquiry_not_found", "没有找到这条咨询，或它不由本机构答复。请返回列表重新选择。")
    session.refresh(inquiry, with_for_update=True)
    if inquiry.state != "open":
        raise Conflict("inquiry_answered", "这条咨询已经由同事答复。请刷新页面查看。")
    inquiry.answer = required_text(answer, "请写下答复，申报人会看到。", field="answer")
    inquiry.state, inquiry.answered_at = "answered", session.now
    inquiry.answered_by, inquiry.answered_by_name = session.actor.account_id, session.actor.name
    session.flush()
    audit.record_on(session, inquiry, "inquiry.answered")
    body = f"您的咨询已有答复：{inquiry.answer}"
    _tell(session, inquiry, Recipient(person_id=inquiry.person_id), title="咨询答复", body=body)
    return inquiry


def own_inquiries(session: PersonSession) -> Sequence[Inquiry]:
    """The person's own questions, the latest first."""
    wanted = select(Inquiry).where(Inquiry.person_id == session.person_id)
    return session.scalars(wanted.order_by(Inquiry.asked_at.desc(), Inquiry.id.desc())).all()


def inquiries_of(session: ScopedSession, application_id: UUID) -> Sequence[Inquiry]:
    """The questions about a case, the earliest first; none for a reader whom they do not concern."""
    wanted = select(Inquiry).where(Inquiry.application_id == application_id)
    return session.scalars(wanted.order_by(Inquiry.asked_at, Inquiry.id)).all()


def inquiries(session: OfficeSession, *, answered: int = 20) -> Sequence[Row[Inquiry, Application | None]]:
    """The questions that the office answers, with their cases: the open ones by age, then some that were answered."""
    wanted = (
        select(Inquiry, Application)
        .outerjoin(Application, Application.id == Inquiry.application_id)
        .where(_for(session.office_id))
    )
    waiting = session.execute(wanted.where(Inquiry.state == "open").order_by(Inquiry.asked_at, Inquiry.id)).all()
    done = wanted.where(Inquiry.state != "open").order_by(Inquiry.answered_at.desc(), Inquiry.id).limit(answered)
    return [*waiting, *session.execute(done).all()]


def waits_at(office_id: str) -> ColumnElement[bool]:
    """The questions that wait for an office: those of its cases in hand, and those it was asked in general."""
    in_hand = select(Application.id).where(
        Application.id == Inquiry.application_id, Application.handler_office_id == office_id
    )
    here = or_(and_(Inquiry.application_id.is_(None), Inquiry.office_id == office_id), in_hand.exists())
    return and_(Inquiry.state == "open", here)


def _for(office_id: str) -> ColumnElement[bool]:
    """A case's question is answered where the case is in hand now, every other where it was asked."""
    return func.coalesce(Application.handler_office_id, Inquiry.office_id) == office_id


def _is_ours(session: OfficeSession, inquiry: Inquiry) -> bool:
    case = None if inquiry.application_id is None else session.get(Application, inquiry.application_id)
    return session.office_id == (inquiry.office_id if case is None else case.handler_office_id)


def _office(session: PersonSession, office_id: str | None) -> str:
    if not office_id:
        raise Invalid("office_missing", "请选择向哪个工考管理机构咨询。", at="office")
    office = session.get(Office, office_id)
    if office is None:
        raise NotFound("office_unknown", "没有这个工考管理机构。请从列表中重新选择。")
    return office.id


def _check_number(session: PersonSession) -> None:
    own = Inquiry.person_id == session.person_id
    recent = or_(Inquiry.state == "open", Inquiry.asked_at > session.now - _DAY)
    rows = session.execute(select(Inquiry.state, Inquiry.asked_at).where(own, recent)).all()
    if sum(row.state == "open" for row in rows) >= MOST_OPEN:
        raise Conflict("inquiries_open", f"您有{MOST_OPEN}条咨询还在等待答复。请等答复后再提新的问题。")
    if sum(row.asked_at > session.now - _DAY for row in rows) >= MOST_A_DAY:
        raise Conflict("inquiries_today", f"24小时内最多咨询{MOST_A_DAY}条。请明天再提，或查看常见问题。")


def _tell(session: ScopedSession, inquiry: Inquiry, recipient: Recipient, *, title: str, body: str) -> None:
    notify(
        session,
        recipient,
        event_key=f"inquiry.{inquiry.state}:{inquiry.id}",
        office_id=inquiry.office_id,
        kind=f"inquiry_{inquiry.state}",
        title=title,
        body=body,
        application_id=inquiry.application_id,
    )
