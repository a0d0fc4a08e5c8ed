"""Bans over JSON: imposing, lifting, reading."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation
from pydantic import Field

from core.db.session import OfficeSession, PersonSession
from core.sanctions import queries, service
from core.seasons.queries import current_season
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import APPLICANTS, SUPERVISORS
from core.web.routes import act, create, read
from core.web.schemas import Input, Moment, Output, Text


class BanIn(Input):
    """Who may not apply and why; from when and for how long the office's rules say, unless it is given."""

    person_id: UUID
    application_id: UUID | None = None
    reason: Text
    begins: Moment | None = None
    years: Annotated[int, Field(ge=1, le=10)] | None = None


class BanOut(Output):
    """A ban that holds in every office."""

    id: UUID
    person_id: UUID
    office_id: str
    application_id: UUID | None
    reason: str
    begins: datetime
    ends: datetime
    decided_at: datetime
    lifted_at: datetime | None


@read("/bans", roles=SUPERVISORS | APPLICANTS)
def list_bans(session: NamedDependency[SkipValidation[OfficeSession | PersonSession]]) -> list[BanOut]:
    """The bans that the office decided, or the asker's own."""
    return [BanOut.model_validate(one) for one in queries.bans(session)]


@create("/bans", roles=SUPERVISORS)
def impose_ban(session: OfOffice, platform: ThePlatform, data: JSONBody[BanIn]) -> BanOut:
    """Bar a person from applying, in every office; they are told why."""
    rules = platform.offices.config(session.office_id).eligibility
    year = current_season(session).year
    service.check_years(data.years or rules.ban_years, most=rules.ban_years)
    ban = service.impose_ban(
        session,
        person_id=data.person_id,
        application_id=data.application_id,
        reason=data.reason,
        begins=data.begins or service.ban_begins(rules.ban_start, year=year, decided_at=session.now),
        years=data.years or rules.ban_years,
    )
    return BanOut.model_validate(ban)


@act("/bans/{ban_id:uuid}/lift", roles=SUPERVISORS)
def lift_ban(session: OfOffice, ban_id: FromPath[UUID]) -> BanOut:
    """End a ban of the office's own before its time."""
    return BanOut.model_validate(service.lift_ban(session, ban_id))


router = Router("/", route_handlers=[list_bans, impose_ban, lift_ban], tags=["禁止申报"])
