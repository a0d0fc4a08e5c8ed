"""On-site confirmation over JSON: rosters, batches, originals in custody, and overturning a sampled decision."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from core.applications.queries import application
from core.reviews import onsite, originals, rosters, supervision
from core.reviews.models import OnsiteBatch, Roster
from core.reviews.onsite import BatchState
from core.reviews.rosters import RosterKind
from core.web.dependencies import OfOffice, OfReader, OfReviewer, OfUnit, ThePlatform
from core.web.guards import APPLICANTS, AUDITORS, CENTER, OFFICE_STAFF, REVIEWERS, SUPERVISORS, UNITS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Digest, Input, Line, OfficeId, Output, Reason, Remark, Year, YearAsked

AT_THE_DESK = REVIEWERS | CENTER


class RosterIn(Input):
    """Which of the two rosters, of which year."""

    kind: RosterKind
    year: Year


class RosterOut(Output):
    """One version of a roster, as it is printed and stamped; ``digest`` stands on the paper."""

    id: UUID
    unit_id: UUID
    office_id: str
    year: int
    kind: RosterKind
    version: int
    rows: list[dict[str, Any]]
    digest: str
    made_at: datetime
    superseded: bool


class BatchIn(Input):
    """A roster with its stamped scan; ``office_id`` where the cases lie at more than one office."""

    roster_id: UUID
    stamped_scan_sha256: Digest
    office_id: OfficeId | None = None


class BatchOut(Output):
    """What a unit handed in at once, and the office's receipt."""

    id: UUID
    unit_id: UUID
    office_id: str
    roster_id: UUID
    year: int
    state: BatchState
    handed_in_at: datetime
    receipt_number: str | None
    decided_at: datetime | None
    remark: str


class BatchDetail(BatchOut):
    """A batch with its cases."""

    application_ids: list[UUID]


class OriginalIn(Input):
    """An original paper and who brought it."""

    title: Line
    received_from: Line


class OriginalBack(Input):
    """Who took an original back."""

    returned_to: Line


class OriginalOut(Output):
    """An original paper: who has it, or whom it went back to."""

    id: UUID
    application_id: UUID
    office_id: str
    title: str
    received_at: datetime
    received_from: str
    returned_at: datetime | None
    returned_to: str


class ItemOut(Output):
    """A sampled case and what the supervising officer made of it."""

    id: UUID
    sample_id: UUID
    application_id: UUID
    verdict: str
    remark: str
    decided_at: datetime | None


@create("/rosters", roles=UNITS)
def make_roster(session: OfUnit, data: JSONBody[RosterIn]) -> RosterOut:
    """The version to print: the latest one where nothing has changed since, otherwise a new one."""
    return _roster(session, rosters.make_roster(session, data.kind, data.year))


@read("/rosters/{roster_id:uuid}", roles=UNITS | AT_THE_DESK)
def show_roster(session: OfReviewer, roster_id: FromPath[UUID]) -> RosterOut:
    """One version of a roster."""
    return _roster(session, rosters.roster(session, roster_id))


@read("/units/{unit_id:uuid}/rosters", roles=UNITS | AT_THE_DESK)
def list_rosters(session: OfReviewer, unit_id: FromPath[UUID], year: YearAsked) -> list[RosterOut]:
    """Every version that was made for a unit, the latest of each kind first."""
    found = rosters.rosters_of(session, unit_id, year)
    latest = {roster.kind: max(other.version for other in found if other.kind == roster.kind) for roster in found}
    return [RosterOut.of(roster, superseded=roster.version < latest[roster.kind]) for roster in found]


@create("/batches", roles=UNITS)
def hand_in_batch(session: OfUnit, data: JSONBody[BatchIn]) -> BatchDetail:
    """Hand in the cases of the unit's latest on-site roster, with the stamped scan."""
    batch = onsite.hand_in_batch(
        session, data.roster_id, stamped_scan_sha256=data.stamped_scan_sha256, office_id=data.office_id
    )
    return _batch(session, batch)


@read("/batches", roles=UNITS | AT_THE_DESK)
def list_batches(
    session: OfReviewer,
    year: YearAsked,
    standing: Annotated[BatchState | None, QueryParameter(name="state", description="批次的状态。")] = None,
) -> list[BatchOut]:
    """The unit's batches, or those that the office has or had, oldest first."""
    return [BatchOut.model_validate(batch) for batch in onsite.batches(session, year, state=standing)]


@act("/batches/{batch_id:uuid}/receive", roles=AT_THE_DESK)
def receive_batch(session: OfOffice, batch_id: FromPath[UUID]) -> BatchDetail:
    """Give the receipt."""
    return _batch(session, onsite.receive_batch(session, batch_id))


@act("/batches/{batch_id:uuid}/return", roles=AT_THE_DESK)
def return_batch(session: OfOffice, batch_id: FromPath[UUID], data: JSONBody[Remark]) -> BatchDetail:
    """Give the batch back to the unit with a remark."""
    return _batch(session, onsite.return_batch(session, batch_id, remark=data.remark))


@act("/batches/{batch_id:uuid}/close", roles=AT_THE_DESK)
def close_batch(session: OfOffice, batch_id: FromPath[UUID]) -> BatchDetail:
    """Close a received batch."""
    return _batch(session, onsite.close_batch(session, batch_id))


@create("/applications/{application_id:uuid}/originals", roles=AT_THE_DESK)
def receive_original(session: OfOffice, application_id: FromPath[UUID], data: JSONBody[OriginalIn]) -> OriginalOut:
    """Take an original paper into custody."""
    original = originals.receive_original(session, application_id, title=data.title, received_from=data.received_from)
    return OriginalOut.model_validate(original)


@read("/applications/{application_id:uuid}/originals", roles=APPLICANTS | UNITS | OFFICE_STAFF | AUDITORS)
def list_originals(session: OfReader, application_id: FromPath[UUID]) -> list[OriginalOut]:
    """Every original of a case."""
    application(session, application_id)
    return [OriginalOut.model_validate(original) for original in originals.originals_of(session, application_id)]


@read("/originals", roles=AT_THE_DESK)
def list_held_originals(session: OfOffice) -> list[OriginalOut]:
    """The originals that the office has in its hands, those held longest first."""
    return [OriginalOut.model_validate(original) for original in originals.held_originals(session)]


@act("/originals/{original_id:uuid}/return", roles=AT_THE_DESK)
def return_original(session: OfOffice, original_id: FromPath[UUID], data: JSONBody[OriginalBack]) -> OriginalOut:
    """Give an original back."""
    original = originals.return_original(session, original_id, returned_to=data.returned_to)
    return OriginalOut.model_validate(original)


@act("/sample-items/{item_id:uuid}/overturn", roles=SUPERVISORS)
def overturn(session: OfOffice, platform: ThePlatform, item_id: FromPath[UUID], data: JSONBody[Reason]) -> ItemOut:
    """Find a sampled decision wrong: the case is reviewed again."""
    item = supervision.overturn(session, item_id, offices=platform.offices, reason=data.reason)
    return ItemOut.model_validate(item)


def _roster(session: OfReviewer, roster: Roster) -> RosterOut:
    return RosterOut.of(roster, superseded=rosters.is_superseded(session, roster))


def _batch(session: OfReviewer, batch: OnsiteBatch) -> BatchDetail:
    return BatchDetail.of(batch, application_ids=onsite.cases_of(session, batch.id))


router = Router("/", route_handlers=declared_in(__name__), tags=["现场确认与监管"])
