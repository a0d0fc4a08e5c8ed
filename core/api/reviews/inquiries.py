"""Questions to an office (咨询) and their answers, as JSON."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from core.reviews.inquiries import service as inquiries
from core.web.dependencies import OfOffice, OfPerson
from core.web.guards import APPLICANTS, REVIEWERS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, OfficeId, Output, Text


class InquiryOut(Output):
    """A question and its answer. ``office_id`` was asked; ``application_id`` is null for a general question."""

    id: UUID
    office_id: str
    application_id: UUID | None
    year: int
    person_name: str
    question: str
    state: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    answered_by_name: str | None


class InquiryIn(Input):
    """A question: about an application, to the office in charge of it, or in general, to an office that is named."""

    question: Text
    application_id: UUID | None = None
    office_id: OfficeId | None = None


class InquiryAnswerIn(Input):
    """The answer; the person reads it."""

    answer: Text


@create("/inquiries", roles=APPLICANTS)
def ask(session: OfPerson, data: JSONBody[InquiryIn]) -> InquiryOut:
    """Ask about one's own application, or in general. Few questions at a time, and a few within a day."""
    made = inquiries.ask(session, question=data.question, application_id=data.application_id, office_id=data.office_id)
    return InquiryOut.model_validate(made)


@read("/inquiries/own", roles=APPLICANTS)
def list_own_inquiries(session: OfPerson) -> list[InquiryOut]:
    """One's own questions, the latest first."""
    return [InquiryOut.model_validate(inquiry) for inquiry in inquiries.own_inquiries(session)]


@read("/inquiries", roles=REVIEWERS)
def list_inquiries(session: OfOffice) -> list[InquiryOut]:
    """The questions that the office answers: the open ones by age, then the latest answers."""
    return [InquiryOut.model_validate(inquiry) for inquiry, _case in inquiries.inquiries(session)]


@act("/inquiries/{inquiry_id:uuid}/answer", roles=REVIEWERS)
def answer(session: OfOffice, inquiry_id: FromPath[UUID], data: JSONBody[InquiryAnswerIn]) -> InquiryOut:
    """Answer a question; the person is told."""
    return InquiryOut.model_validate(inquiries.answer(session, inquiry_id, answer=data.answer))


router = Router("/", route_handlers=declared_in(__name__), tags=["咨询"])
