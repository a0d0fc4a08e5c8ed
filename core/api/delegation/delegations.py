"""Delegation over JSON: who reviews in whose place, what becomes of cases in flight, and supervision by sample."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from core.applications.queries import application
from core.clock import end_of
from core.delegation import queries, service, supervision
from core.delegation.scope import Scope
from core.delegation.service import CaseChoice, Terms
from core.plugin_api import DelegationMode, Grade, ReviewStage
from core.web.dependencies import AnySession, OfOffice, OfReader
from core.web.guards import AUDITORS, EVERYBODY, OFFICE_STAFF, OFFICERS, SUPERVISORS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import (
    DayAsked,
    Digest,
    Input,
    Line,
    Moment,
    OfficeId,
    Outcome,
    Output,
    Reason,
    Remark,
    Text,
    Year,
)


class DelegationIn(Input):
    """An instrument, a mode, a scope and dates. Without ``grades``, ``trades`` or ``units``, all of them."""

    to_office_id: OfficeId
    instrument: Line
    scan_sha256: Digest = ""
    mode: DelegationMode
    stages: list[ReviewStage] = Field(min_length=1, max_length=4)
    grades: list[Grade] | None = Field(default=None, min_length=1, max_length=5)
    trades: list[Line] | None = Field(default=None, min_length=1, max_length=500)
    unit_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=500)
    effective_from: Moment
    effective_until: Moment | None = None
    open_cases: CaseChoice = CaseChoice.MOVE

    def terms(self) -> Terms:
        """The same as the service takes it."""
        scope = Scope(
            frozenset(self.stages),
            None if self.grades is None else frozenset(self.grades),
            None if self.trades is None else frozenset(self.trades),
            None if self.unit_ids is None else frozenset(self.unit_ids),
        )
        return Terms(
            self.instrument,
            self.mode,
            scope,
            self.effective_from,
            self.effective_until,
            self.open_cases,
            self.scan_sha256,
        )


class DelegationOut(Output):
    """A delegation and how it stands."""

    id: UUID
    from_office_id: str
    to_office_id: str
    instrument: str
    mode: DelegationMode
    stages: list[ReviewStage]
    grades: list[Grade] | None
    trades: list[str] | None
    unit_ids: list[UUID] | None
    effective_from: datetime
    effective_until: datetime | None
    open_cases: CaseChoice
    state: str
    took_effect_at: datetime | None
    ended_at: datetime | None
    ended_how: str | None
    ending_cases: CaseChoice | None
    ending_reason: str


class EndingIn(Input):
    """Why a delegation ends now, what open cases do, and which of them do otherwise."""

    reason: Text
    cases: CaseChoice = CaseChoice.MOVE
    exceptions: dict[UUID, CaseChoice] = Field(default_factory=dict)


class HandlerOut(Output):
    """An office that was in charge of a case, from when until when, by which delegation."""

    office_id: str
    begins: datetime
    ends: datetime | None
    delegation_id: UUID | None
    reason: str


class SampleIn(Input):
    """How many of the receiver's decisions in a season, the current one unless said otherwise; the seed repeats it."""

    percent: Annotated[int, Field(ge=1, le=100)]
    minimum: Annotated[int, Field(ge=1, le=10_000)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    year: Year | None = None


class SampleItemOut(Output):
    """A sampled case and what the supervising officer made of it."""

    id: UUID
    sample_id: UUID
    application_id: UUID
    verdict: str
    remark: str
    decided_at: datetime | None


class SampleOut(Output):
    """A drawn sample."""

    id: UUID
    delegation_id: UUID
    year: int | None
    seed: int
    percent: int
    population: int
    drawn_at: datetime
    items: list[SampleItemOut]


@read("/delegations", roles=EVERYBODY)
def list_delegations(
    session: AnySession, office: FromQuery[str | None] = None, as_of: DayAsked = None
) -> list[DelegationOut]:
    """All delegations, or those of an office; ``as_of`` keeps the ones that held at the end of that day."""
    moment = None if as_of is None else end_of(as_of)
    return [
        DelegationOut.model_validate(delegation)
        for delegation in queries.delegations(session, office_id=office, at=moment)
    ]


@read("/delegations/{delegation_id:uuid}", roles=EVERYBODY)
def show_delegation(session: AnySession, delegation_id: FromPath[UUID]) -> DelegationOut:
    """One delegation."""
    return DelegationOut.model_validate(queries.delegation(session, delegation_id))


@create("/delegations", roles=SUPERVISORS)
def propose(session: OfOffice, data: JSONBody[DelegationIn]) -> DelegationOut:
    """Let an office right below review in this one's place, from a moment on."""
    return DelegationOut.model_validate(service.propose(session, data.to_office_id, data.terms()))


@act("/delegations/{delegation_id:uuid}/take-effect", roles=SUPERVISORS)
def take_effect(session: OfOffice, delegation_id: FromPath[UUID]) -> Outcome:
    """Put a delegation in force whose moment has come, without waiting for the job that does the same."""
    return Outcome(cases_moved=service.take_effect(session, delegation_id))


@act("/delegations/{delegation_id:uuid}/take-back", roles=SUPERVISORS)
def take_back(session: OfOffice, delegation_id: FromPath[UUID], data: JSONBody[EndingIn]) -> Outcome:
    """The delegating office ends a delegation now."""
    moved = service.take_back(session, delegation_id, cases=data.cases, reason=data.reason, exceptions=data.exceptions)
    return Outcome(cases_moved=moved)


@act("/delegations/{delegation_id:uuid}/give-back", roles=OFFICERS)
def give_back(session: OfOffice, delegation_id: FromPath[UUID], data: JSONBody[EndingIn]) -> Outcome:
    """The receiver gives a delegation back."""
    moved = service.give_back(session, delegation_id, cases=data.cases, reason=data.reason, exceptions=data.exceptions)
    return Outcome(cases_moved=moved)


@act("/delegations/{delegation_id:uuid}/pause", roles=SUPERVISORS)
def pause(session: OfOffice, delegation_id: FromPath[UUID], data: JSONBody[Reason]) -> DelegationOut:
    """The receiver gets no new cases, and finishes those it has."""
    return DelegationOut.model_validate(service.pause(session, delegation_id, reason=data.reason))


@act("/delegations/{delegation_id:uuid}/resume", roles=SUPERVISORS)
def resume(session: OfOffice, delegation_id: FromPath[UUID], data: JSONBody[Reason]) -> DelegationOut:
    """Let a paused delegation go on."""
    return DelegationOut.model_validate(service.resume(session, delegation_id, reason=data.reason))


@act("/delegations/{delegation_id:uuid}/cancel", roles=SUPERVISORS)
def cancel(session: OfOffice, delegation_id: FromPath[UUID], data: JSONBody[Reason]) -> DelegationOut:
    """Withdraw a delegation that has not taken effect."""
    return DelegationOut.model_validate(service.cancel(session, delegation_id, reason=data.reason))


@create("/delegations/{delegation_id:uuid}/samples", roles=SUPERVISORS)
def draw_sample(session: OfOffice, delegation_id: FromPath[UUID], data: JSONBody[SampleIn]) -> SampleOut:
    """Draw a sample of what the receiver decided."""
    sample = supervision.draw_sample(
        session, delegation_id, percent=data.percent, minimum=data.minimum, seed=data.seed, year=data.year
    )
    session.flush()
    return SampleOut.of(sample, items=list(supervision.items_of(session, sample.id)))


@read("/samples/{sample_id:uuid}/items", roles=SUPERVISORS)
def list_items(session: OfOffice, sample_id: FromPath[UUID]) -> list[SampleItemOut]:
    """The cases of a sample."""
    return [SampleItemOut.model_validate(item) for item in supervision.items_of(session, sample_id)]


@act("/sample-items/{item_id:uuid}/uphold", roles=SUPERVISORS)
def uphold(session: OfOffice, item_id: FromPath[UUID], data: JSONBody[Remark]) -> SampleItemOut:
    """Find the receiver's decision right; the remark may be empty."""
    return SampleItemOut.model_validate(supervision.uphold(session, item_id, remark=data.remark))


@act("/sample-items/{item_id:uuid}/order-correction", roles=SUPERVISORS)
def order_correction(session: OfOffice, item_id: FromPath[UUID], data: JSONBody[Remark]) -> SampleItemOut:
    """Order the receiver to mend something; the decision itself stays."""
    return SampleItemOut.model_validate(supervision.order_correction(session, item_id, remark=data.remark))


@read("/applications/{application_id:uuid}/handlers", roles=OFFICE_STAFF | AUDITORS)
def list_handlers(session: OfReader, application_id: FromPath[UUID]) -> list[HandlerOut]:
    """Every office that was in charge of a case, as far as the asker's office may know."""
    application(session, application_id)
    return [
        HandlerOut.of(handler, begins=handler.from_, ends=handler.until)
        for handler in queries.handlers_of(session, application_id)
    ]


router = Router("/", route_handlers=declared_in(__name__), tags=["委托与下放"])
