"""Outcomes (考核结果) as JSON: working them out, and one candidate's results."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.api.results.corrections import CheckOut
from core.plugin_api import Grade, MarkStatus
from core.results.candidate import own_results
from core.results.outcomes import service as outcomes
from core.web.dependencies import OfOffice, OfReader, ThePlatform
from core.web.guards import APPLICANTS, AUDITORS, EXAMINERS, OFFICE_STAFF, UNITS
from core.web.routes import act, declared_in, read
from core.web.schemas import Input, Output, Year


class WorkOutIn(Input):
    """The year and the grades whose outcomes are worked out; all grades where none is named."""

    year: Year
    grades: Annotated[list[Grade], Field(max_length=5)] = Field(default_factory=lambda: list(Grade))


class WorkedOutOut(Output):
    """The numbers of passes and failures; ``kept`` outcomes were published before and stay as they are."""

    passed: int
    failed: int
    kept: int


class MarkOut(Output):
    """A candidate's mark in one subject; ``by_the_list`` where the door list alone says that they were absent.

    ``told_at`` is None while the candidate waits for the list; until then the office alone sees the mark.
    """

    subject: str
    mark: Decimal | None
    status: MarkStatus
    by_the_list: bool
    known_at: datetime
    told_at: datetime | None


class OutcomeOut(Output):
    """Whether a candidate has passed, and why; before publication for the office alone."""

    passed: bool
    reason: str
    basis: dict[str, Any]
    published_at: datetime | None
    annulled_at: datetime | None
    annulled_reason: str


class ResultsOut(Output):
    """The results of a candidate."""

    marks: list[MarkOut]
    outcome: OutcomeOut | None
    checks: list[CheckOut]


@act("/outcomes/work-out", roles=EXAMINERS)
def work_out(session: OfOffice, platform: ThePlatform, data: JSONBody[WorkOutIn]) -> WorkedOutOut:
    """Work out the outcome of every candidate of the office."""
    found = outcomes.work_out(session, year=data.year, offices=platform.offices, grades=data.grades)
    return WorkedOutOut.model_validate(found)


@read("/applications/{application_id:uuid}/results", roles=APPLICANTS | UNITS | OFFICE_STAFF | AUDITORS)
def read_results(session: OfReader, application_id: FromPath[UUID]) -> ResultsOut:
    """A candidate's marks, outcome and checks, as far as the reader may see them."""
    return ResultsOut.model_validate(own_results.results_of(session, application_id))


router = Router("/", route_handlers=declared_in(__name__), tags=["成绩"])
