"""Sanction cases as JSON: proposal, hearing, decision, appeal, and the steps of each case."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation
from pydantic import Field

from core.db.session import OfficeSession, PersonSession, ProvinceSession
from core.sanctions import case_queries as queries, cases
from core.sanctions.cases import Evidence, Measures
from core.sanctions.models import SanctionCase
from core.sanctions.procedure import CaseKind
from core.sanctions.steps import allowed
from core.web.dependencies import OfPerson, OfProvince, OfSupervisor, ThePlatform
from core.web.guards import APPLICANTS, CENTER, PROPOSERS, SUPERVISORS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Digest, Input, Line, Output, Text

OfParty = NamedDependency[SkipValidation[PersonSession | OfficeSession | ProvinceSession]]


class EvidenceIn(Input):
    """A document of the application, or a paper outside by its digest."""

    title: Line
    document_id: UUID | None = None
    sha256: Digest = ""


class SanctionIn(Input):
    """Against which application, what happened, and by which evidence; ``error`` is an error of the review."""

    application_id: UUID
    kind: CaseKind = CaseKind.VIOLATION
    facts: Text
    evidence: Annotated[tuple[EvidenceIn, ...], Field(max_length=50)] = ()


class Words(Input):
    """What is said with a step; the other side reads it."""

    words: Text


class StatementIn(Words):
    """What the person says; ``finished`` says that they have nothing to add."""

    finished: bool = False


class DecisionIn(Input, published="sanctions_cases_api_DecisionIn"):
    """Which measures are ordered, and why."""

    words: Text
    disqualifies: bool = True
    revokes: bool = True
    ban_years: Annotated[int, Field(ge=0, le=10)] | None = None


class StepOut(Output):
    """One step of a case."""

    version: int
    action: str
    to_state: str
    words: str
    at: datetime
    actor_name: str


class SanctionOut(Output):
    """A case, as far as it is."""

    id: UUID
    application_id: UUID
    office_id: str
    kind: str
    state: str
    facts: str
    opened_at: datetime
    hearing_until: datetime | None
    appeal_until: datetime | None
    disqualifies: bool
    revokes: bool
    ban_years: int
    ban_begins: datetime | None


class SanctionStory(SanctionOut):
    """A case with its steps, and what the asker may do."""

    steps: list[StepOut]
    allowed_actions: list[str]


@read("/sanction-cases", roles=PROPOSERS | APPLICANTS, province=True)
def list_cases(
    session: OfParty,
    year: Annotated[int | None, QueryParameter(ge=1990, le=2200, description="只看这一考核年度。")] = None,
) -> list[SanctionOut]:
    """The cases of the office, or against oneself; every office's for the center. The newest hundred."""
    return [SanctionOut.model_validate(case) for case in queries.cases(session, year)]


@read("/sanction-cases/{case_id:uuid}", roles=PROPOSERS | APPLICANTS, province=True)
def read_case(session: OfParty, case_id: FromPath[UUID]) -> SanctionStory:
    """One case with everything that happened in it."""
    sanction = queries.case(session, case_id)
    steps, open_now = queries.steps(session, case_id), allowed(session, sanction)
    return SanctionStory.of(sanction, steps=list(steps), allowed_actions=list(open_now))


@create("/sanction-cases", roles=PROPOSERS, province=True)
def propose(session: OfSupervisor, data: JSONBody[SanctionIn]) -> SanctionOut:
    """Put a suspicion before the level that decides."""
    evidence = [Evidence(piece.title, piece.document_id, piece.sha256) for piece in data.evidence]
    return _out(cases.propose(session, data.application_id, facts=data.facts, evidence=evidence, kind=data.kind))


@act("/sanction-cases/{case_id:uuid}/hear", roles=SUPERVISORS, province=True)
def hear(session: OfSupervisor, platform: ThePlatform, case_id: FromPath[UUID], data: JSONBody[Words]) -> SanctionOut:
    """Open a case: the person is told, and heard."""
    return _out(cases.hear(session, case_id, words=data.words, offices=platform.offices))


@act("/sanction-cases/{case_id:uuid}/drop", roles=SUPERVISORS, province=True)
def drop(session: OfSupervisor, case_id: FromPath[UUID], data: JSONBody[Words]) -> SanctionOut:
    """Not open a case."""
    return _out(cases.drop(session, case_id, words=data.words))


@act("/sanction-cases/{case_id:uuid}/clear", roles=SUPERVISORS, province=True)
def clear(session: OfSupervisor, case_id: FromPath[UUID], data: JSONBody[Words]) -> SanctionOut:
    """End a case without a sanction."""
    return _out(cases.clear(session, case_id, words=data.words))


@act("/sanction-cases/{case_id:uuid}/decide", roles=SUPERVISORS, province=True)
def decide(
    session: OfSupervisor, platform: ThePlatform, case_id: FromPath[UUID], data: JSONBody[DecisionIn]
) -> SanctionOut:
    """Decide on sanctions; they are carried out when the decision is final."""
    office = queries.case(session, case_id).office_id
    years = platform.offices.config(office).eligibility.ban_years if data.ban_years is None else data.ban_years
    measures = Measures(data.disqualifies, data.revokes, years)
    return _out(cases.decide(session, case_id, words=data.words, measures=measures, offices=platform.offices))


@act("/sanction-cases/{case_id:uuid}/carry-out", roles=SUPERVISORS, province=True)
def carry_out(session: OfSupervisor, platform: ThePlatform, case_id: FromPath[UUID]) -> SanctionOut:
    """Carry out a decision that nobody appealed against in time."""
    return _out(cases.carry_out(session, case_id, offices=platform.offices))


@act("/sanction-cases/{case_id:uuid}/uphold", roles=CENTER, province=True)
def uphold(session: OfProvince, platform: ThePlatform, case_id: FromPath[UUID], data: JSONBody[Words]) -> SanctionOut:
    """Decide on an appeal that the decision stands."""
    return _out(cases.uphold(session, case_id, words=data.words, offices=platform.offices))


@act("/sanction-cases/{case_id:uuid}/overturn", roles=CENTER, province=True)
def overturn(session: OfProvince, case_id: FromPath[UUID], data: JSONBody[Words]) -> SanctionOut:
    """Decide on an appeal that the decision does not stand."""
    return _out(cases.overturn(session, case_id, words=data.words))


@act("/sanction-cases/{case_id:uuid}/statement", roles=APPLICANTS)
def make_statement(session: OfPerson, case_id: FromPath[UUID], data: JSONBody[StatementIn]) -> SanctionOut:
    """Say what one has to say before the decision."""
    return _out(cases.state(session, case_id, words=data.words, finished=data.finished))


@act("/sanction-cases/{case_id:uuid}/appeal", roles=APPLICANTS)
def appeal(session: OfPerson, case_id: FromPath[UUID], data: JSONBody[Words]) -> SanctionOut:
    """Appeal to the level above."""
    return _out(cases.appeal(session, case_id, words=data.words))


def _out(sanction: SanctionCase) -> SanctionOut:
    return SanctionOut.model_validate(sanction)


router = Router("/", route_handlers=declared_in(__name__), tags=["违规处理"])
