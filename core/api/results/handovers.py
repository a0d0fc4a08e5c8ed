"""Hand-overs of what is archived (档案移交), as JSON."""

from datetime import date, datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from core.results.archive import handover, handover_queries
from core.results.archive.handover_states import HandoverState, Matter
from core.web.dependencies import OfOffice, OfUnit
from core.web.guards import OFFICERS, SUPERVISORS, UNITS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Output, Text

_READERS = SUPERVISORS | OFFICERS


class ToArchiveIn(Input):
    """A package, who takes it over, and on what and in how many pieces it is given."""

    package_id: UUID
    receiving_body: Text
    contents: Text


class ToUnitsIn(Input):
    """The units that are given the papers of their people."""

    unit_ids: list[UUID]


class ReceiptIn(Input):
    """Who took over, and on which day."""

    receiver: Text
    received_on: date


class HandoverReasonIn(Input):
    """Why a list is returned or withdrawn, or a receipt taken back."""

    reason: Text


class HandoverOut(Output):
    """A list by which something was handed over, and what became of it."""

    id: UUID
    year: int
    serial: int
    package_id: UUID | None
    unit_id: UUID | None
    receiving_body: str
    contents: str
    state: HandoverState
    handed_at: datetime
    handed_by_name: str
    received_on: date | None
    receiver: str
    returned_reason: str
    withdrawn_reason: str


class HandoverEntryOut(Output):
    """A line of a unit's list: a person's certificate, and what goes into their file."""

    number: str
    holder: str
    tail: str
    grade: str
    trade: str
    matter: Matter
    replaces: str


@create("/archive-handovers", roles=SUPERVISORS)
def hand_to_archive(session: OfOffice, data: JSONBody[ToArchiveIn]) -> HandoverOut:
    """Hand a package of a season to an archive."""
    made = handover.hand_to_archive(
        session, data.package_id, receiving_body=data.receiving_body, contents=data.contents
    )
    return HandoverOut.model_validate(made)


@create("/seasons/{year:int}/archive-handovers", roles=OFFICERS)
def hand_to_units(session: OfOffice, year: FromPath[int], data: JSONBody[ToUnitsIn]) -> list[HandoverOut]:
    """Hand each of these units the papers of its people, for their personnel files."""
    made = handover.hand_to_units(session, year, data.unit_ids)
    return [HandoverOut.model_validate(one) for one in made]


@read("/seasons/{year:int}/archive-handovers", roles=_READERS)
def list_handovers(session: OfOffice, year: FromPath[int]) -> list[HandoverOut]:
    """The hand-overs of the office's year, the open ones first."""
    return [HandoverOut.model_validate(line.handover) for line in handover_queries.handovers(session, year)]


@read("/archive-handovers/{handover_id:uuid}/entries", roles=_READERS)
def list_entries(session: OfOffice, handover_id: FromPath[UUID]) -> list[HandoverEntryOut]:
    """The lines of a unit's list; none of a package."""
    handover_queries.handover(session, handover_id)
    return [HandoverEntryOut.model_validate(entry) for entry in handover_queries.entries(session, handover_id)]


@act("/archive-handovers/{handover_id:uuid}/receipt", roles=_READERS)
def note_receipt(session: OfOffice, handover_id: FromPath[UUID], data: JSONBody[ReceiptIn]) -> HandoverOut:
    """Note who signed for a list on paper."""
    noted = handover.note_receipt(session, handover_id, receiver=data.receiver, received_on=data.received_on)
    return HandoverOut.model_validate(noted)


@act("/archive-handovers/{handover_id:uuid}/receipt-error", roles=_READERS)
def take_receipt_back(session: OfOffice, handover_id: FromPath[UUID], data: JSONBody[HandoverReasonIn]) -> HandoverOut:
    """Take back a receipt that was noted by mistake."""
    return HandoverOut.model_validate(handover.take_receipt_back(session, handover_id, reason=data.reason))


@act("/archive-handovers/{handover_id:uuid}/withdrawal", roles=_READERS)
def withdraw(session: OfOffice, handover_id: FromPath[UUID], data: JSONBody[HandoverReasonIn]) -> HandoverOut:
    """Withdraw a list; what stands on it may be handed over on another."""
    return HandoverOut.model_validate(handover.withdraw(session, handover_id, reason=data.reason))


@read("/unit/seasons/{year:int}/archive-handovers", roles=UNITS)
def list_of_unit(session: OfUnit, year: FromPath[int]) -> list[HandoverOut]:
    """The lists that were handed over to my units."""
    return [HandoverOut.model_validate(line.handover) for line in handover_queries.handovers(session, year)]


@act("/unit/archive-handovers/{handover_id:uuid}/receipt", roles=UNITS)
def receive(session: OfUnit, handover_id: FromPath[UUID], data: JSONBody[ReceiptIn]) -> HandoverOut:
    """Say that my unit has what is on a list."""
    noted = handover.note_receipt(session, handover_id, receiver=data.receiver, received_on=data.received_on)
    return HandoverOut.model_validate(noted)


@act("/unit/archive-handovers/{handover_id:uuid}/return", roles=UNITS)
def return_to_office(session: OfUnit, handover_id: FromPath[UUID], data: JSONBody[HandoverReasonIn]) -> HandoverOut:
    """Give a list back with the reason."""
    return HandoverOut.model_validate(handover.return_to_office(session, handover_id, reason=data.reason))


router = Router("/", route_handlers=declared_in(__name__), tags=["考核结果"])
