"""Accommodations (考试便利) as JSON."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.applications.queries import application as application_of
from core.scheduling.accommodations import service as accommodations
from core.scheduling.allocation.problem import SeatNeed
from core.scheduling.models.accommodations import AccommodationRequest
from core.web.dependencies import OfOffice, OfPerson
from core.web.guards import APPLICANTS, PLANNING, SCHEDULERS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Output, Text, YearAsked


class AskIn(Input):
    """What somebody needs, and why; the evidence is the paper ``accommodation.evidence``, uploaded before."""

    needs: list[SeatNeed] = Field(max_length=10)
    reason: Text


class DecisionIn(Input, published="scheduling_plans_api_DecisionIn"):
    """What is granted of a request, nothing where it is refused, and the reason."""

    granted: list[SeatNeed] = Field(max_length=10)
    decision: Text


class RequestOut(Output):
    """A request for accommodations and the answer to it."""

    id: UUID
    application_id: UUID
    needs: list[str]
    reason: str
    document_id: UUID
    state: str
    granted: list[str]
    decision: str
    asked_at: datetime
    decided_at: datetime | None


@create("/applications/{application_id:uuid}/accommodations", roles=APPLICANTS)
def ask_for_accommodations(session: OfPerson, application_id: FromPath[UUID], data: JSONBody[AskIn]) -> RequestOut:
    """Ask for accommodations."""
    return _request(accommodations.ask(session, application_id, needs=set(data.needs), reason=data.reason))


@read("/applications/{application_id:uuid}/accommodations", roles=APPLICANTS)
def list_own_accommodations(session: OfPerson, application_id: FromPath[UUID]) -> list[RequestOut]:
    """One's requests and what became of them."""
    application_of(session, application_id)
    return [_request(request) for request in accommodations.requests_of(session, application_id)]


@read("/accommodations", roles=PLANNING)
def list_accommodations(session: OfOffice, year: YearAsked) -> list[RequestOut]:
    """The requests at the office, those that wait first."""
    return [_request(request) for request, _, _ in accommodations.requests_at(session, year)]


@act("/accommodations/{request_id:uuid}/decide", roles=SCHEDULERS)
def decide_accommodation(session: OfOffice, request_id: FromPath[UUID], data: JSONBody[DecisionIn]) -> RequestOut:
    """Grant or refuse a request."""
    decided = accommodations.decide(session, request_id, granted=set(data.granted), decision=data.decision)
    return _request(decided)


def _request(request: AccommodationRequest) -> RequestOut:
    return RequestOut.model_validate(request)


router = Router("/", route_handlers=declared_in(__name__), tags=["编排"])
