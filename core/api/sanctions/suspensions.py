"""Suspensions as JSON: keeping a candidate out at once, until the case is decided."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation

from core.db.session import OfficeSession, PersonSession, ProvinceSession
from core.sanctions import suspensions
from core.web.dependencies import OfSupervisor, ThePlatform
from core.web.guards import APPLICANTS, PROPOSERS
from core.web.routes import create, declared_in, read
from core.web.schemas import Input, Output, Text


class SuspensionIn(Input):
    """Whom to suspend, and why; the person reads it."""

    application_id: UUID
    reason: Text


class SuspensionOut(Output):
    """A suspension, and the case that ends it; ``decide_until`` is the day by which it should be decided."""

    id: UUID
    application_id: UUID
    case_id: UUID
    office_id: str
    reason: str
    imposed_at: datetime
    decide_until: datetime
    lifted_at: datetime | None
    lift_reason: str


@read("/suspensions", roles=PROPOSERS | APPLICANTS, province=True)
def list_suspensions(
    session: NamedDependency[SkipValidation[PersonSession | OfficeSession | ProvinceSession]],
) -> list[SuspensionOut]:
    """The suspensions in force of the office's candidates, or one's own; every office's for the center."""
    return [SuspensionOut.model_validate(found) for found, _ in suspensions.suspensions(session)]


@create("/suspensions", roles=PROPOSERS, province=True)
def suspend(session: OfSupervisor, platform: ThePlatform, data: JSONBody[SuspensionIn]) -> SuspensionOut:
    """Suspend a candidate at once, with the case that is open against them or that this opens."""
    made = suspensions.suspend(session, data.application_id, reason=data.reason, offices=platform.offices)
    return SuspensionOut.model_validate(made)


router = Router("/", route_handlers=declared_in(__name__), tags=["违规处理"])
