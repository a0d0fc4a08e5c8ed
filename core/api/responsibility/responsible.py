"""Responsible persons over JSON: who is named for which rank, and where nobody is."""

from datetime import date, datetime
from uuid import UUID

from litestar import Router
from litestar.params import JSONBody

from core.db.session import OfficeSession
from core.responsibility import queries, service
from core.responsibility.models import ResponsiblePerson
from core.responsibility.ranks import Rank
from core.web.dependencies import AnySession, OfOffice
from core.web.guards import AUDITORS, OFFICE_STAFF, OFFICERS
from core.web.routes import create, declared_in, read
from core.web.schemas import Input, Line, Output, Year, YearAsked


class ResponsibleIn(Input):
    """A person who is responsible in a rank from a day on."""

    year: Year
    rank: Rank
    name: Line
    post: Line
    telephone: Line
    from_day: date


class ResponsibleOut(Output):
    """A person named for a rank."""

    id: UUID
    office_id: str
    year: int
    rank: Rank
    rank_label: str
    name: str
    post: str
    telephone: str
    from_day: date
    entered_at: datetime


class OfficeResponsibleOut(Output):
    """An office, those responsible there today, and the ranks that nobody holds."""

    office: str
    name: str
    responsible: list[ResponsibleOut]
    missing: list[Rank]


@create("/responsible-persons", roles=OFFICERS)
def name_responsible(session: OfOffice, data: JSONBody[ResponsibleIn]) -> ResponsibleOut:
    """Name the person who is responsible in a rank of the office from a day on."""
    entry = service.name_responsible(
        session, data.year, data.rank, name=data.name, post=data.post, telephone=data.telephone, from_day=data.from_day
    )
    return _out(entry)


@read("/responsible-persons", roles=OFFICE_STAFF | AUDITORS)
def list_responsible(session: AnySession, year: YearAsked) -> list[OfficeResponsibleOut]:
    """Who is responsible today at the office and at those below it; at every office for the center and auditors."""
    below = session.office_id if isinstance(session, OfficeSession) else None
    return [
        OfficeResponsibleOut(
            office=place.office.id,
            name=place.office.name,
            responsible=[_out(place.held[rank]) for rank in Rank if rank in place.held],
            missing=place.missing,
        )
        for place in queries.responsible_below(session, year, below=below)
    ]


def _out(entry: ResponsiblePerson) -> ResponsibleOut:
    return ResponsibleOut.of(entry, rank_label=Rank(entry.rank).label)


router = Router("/", route_handlers=declared_in(__name__), tags=["责任与应急"])
