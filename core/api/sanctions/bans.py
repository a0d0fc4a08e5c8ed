"""Bans as JSON: reading; by the province alone, taking over bans of earlier years, by two officers, and lifting."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation
from pydantic import Field

from core.db.session import OfficeSession, PersonSession
from core.sanctions import queries, service
from core.web.dependencies import OfProvince, ThePlatform
from core.web.guards import APPLICANTS, CENTER, SUPERVISORS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Moment, Output, Reason, Text


class BanIn(Input):
    """Who may not apply and why, by which decision on paper, from when and for how long."""

    person_id: UUID
    reason: Text
    instrument: Line
    begins: Moment
    years: Annotated[int, Field(ge=1, le=10)] | None = None


class BanOut(Output):
    """A ban that holds in every office; one of earlier years once it is confirmed."""

    id: UUID
    person_id: UUID
    office_id: str
    application_id: UUID | None
    case_id: UUID | None
    instrument: str
    reason: str
    begins: datetime
    ends: datetime
    decided_at: datetime
    confirmed_at: datetime | None
    lifted_at: datetime | None
    lift_reason: str


@read("/bans", roles=SUPERVISORS | APPLICANTS)
def list_bans(session: NamedDependency[SkipValidation[OfficeSession | PersonSession]]) -> list[BanOut]:
    """The bans that the office decided, or the asker's own."""
    return [BanOut.model_validate(ban) for ban in queries.bans(session)]


@create("/bans", roles=CENTER, province=True)
def take_over_ban(session: OfProvince, platform: ThePlatform, data: JSONBody[BanIn]) -> BanOut:
    """Enter a ban of earlier years by the number of its decision on paper; it waits for a second officer."""
    most = platform.offices.config(session.office_id).eligibility.ban_years
    years = data.years or most
    service.check_years(years, most=most)
    return BanOut.model_validate(service.take_over_ban(session, **data.model_dump(exclude={"years"}), years=years))


@act("/bans/{ban_id:uuid}/confirm", roles=CENTER, province=True)
def confirm_ban(session: OfProvince, ban_id: FromPath[UUID]) -> BanOut:
    """Confirm a ban of earlier years against its paper: it holds, and the person is told."""
    return BanOut.model_validate(service.confirm_ban(session, ban_id))


@act("/bans/{ban_id:uuid}/refuse", roles=CENTER, province=True)
def refuse_ban(session: OfProvince, ban_id: FromPath[UUID], data: JSONBody[Reason]) -> BanOut:
    """Refuse a ban that was entered, with the reason."""
    return BanOut.model_validate(service.refuse_ban(session, ban_id, reason=data.reason))


@act("/bans/{ban_id:uuid}/lift", roles=CENTER, province=True)
def lift_ban(session: OfProvince, ban_id: FromPath[UUID], data: JSONBody[Reason]) -> BanOut:
    """End a ban of any office before its time, with the reason."""
    return BanOut.model_validate(service.lift_ban(session, ban_id, reason=data.reason))


router = Router("/", route_handlers=declared_in(__name__), tags=["禁止申报"])
