"""Safe-keeping (资料保管) as JSON."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from core.scheduling.exam_day import safekeeping
from core.scheduling.exam_day.safekeeping import CustodyForm, Kept
from core.scheduling.models.exam_day import CustodyEntry
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, ON_SITE
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Digest, Identified, Input, Line, Output, Reason, Text, Year, YearAsked


class CustodyIn(Input):
    """Something that is kept safe from now on."""

    year: Year
    kind: Kept
    title: Line
    keeper: Line
    place: Line
    keep_until: date
    digest: Digest = ""
    sitting_id: UUID | None = None
    site_id: UUID | None = None


class HandoverIn(Input):
    """To whom something goes."""

    to_keeper: Line
    to_place: Line
    reason: Text


class HandoverOut(Output):
    """From keeper to keeper."""

    from_keeper: str
    to_keeper: str
    to_place: str
    reason: str
    handed_at: datetime


class CustodyOut(Output):
    """Something that is or was kept, with the chain of its keepers."""

    id: UUID
    office_id: str
    kind: Kept
    title: str
    digest: str
    keeper: str
    place: str
    keep_until: date
    taken_at: datetime
    ended_at: datetime | None
    ended_how: str | None
    handovers: list[HandoverOut]


@create("/custody", roles=ON_SITE)
def take_into_custody(session: OfOffice, data: JSONBody[CustodyIn]) -> CustodyOut:
    """Write down something that is kept safe."""
    form = CustodyForm(**data.model_dump(exclude={"year"}))
    return _kept(session, [safekeeping.take_into_custody(session, data.year, form)])[0]


@read("/custody", roles=OFFICE_STAFF)
def list_custody(session: OfOffice, year: YearAsked) -> list[CustodyOut]:
    """The register of the office."""
    return _kept(session, safekeeping.custody_of(session, session.office_id, year))


@act("/custody/{custody_id:uuid}/hand-over", roles=ON_SITE)
def hand_over(session: OfOffice, custody_id: FromPath[UUID], data: JSONBody[HandoverIn]) -> Identified:
    """Give something to another keeper."""
    safekeeping.hand_over(session, custody_id, to_keeper=data.to_keeper, to_place=data.to_place, reason=data.reason)
    return Identified(id=custody_id)


@act("/custody/{custody_id:uuid}/end", roles=ON_SITE)
def end_custody(session: OfOffice, custody_id: FromPath[UUID], data: JSONBody[Reason]) -> Identified:
    """Say how the keeping ended."""
    return Identified(id=safekeeping.end_custody(session, custody_id, how=data.reason).id)


def _kept(session: OfOffice, entries: Sequence[CustodyEntry]) -> list[CustodyOut]:
    chains = safekeeping.handovers_of(session, [entry.id for entry in entries])
    return [CustodyOut.of(entry, handovers=chains[entry.id]) for entry in entries]


router = Router("/", route_handlers=declared_in(__name__), tags=["准考证、考试日与资料保管"])
