"""Seating plans over JSON: draw up, review, adjust, publish, plan anew; accommodations; invigilators; one's seat."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.api.scheduling.schemas import Counted
from core.applications.queries import application as application_of
from core.errors import Invalid
from core.plugin_api import WindowKind
from core.scheduling.accommodations import service as accommodations
from core.scheduling.allocation.problem import SeatNeed
from core.scheduling.invigilation import register as invigilators
from core.scheduling.invigilation.register import InvigilatorForm
from core.scheduling.models.accommodations import AccommodationRequest
from core.scheduling.plans import review
from core.scheduling.plans import service as plans
from core.scheduling.plans.notices import live_seats
from core.scheduling.plans.office_problem import EXAMS
from core.web.dependencies import OfCase, OfOffice, OfPerson, ThePlatform
from core.web.guards import APPLICANTS, OFFICE_STAFF, PLANNING, SCHEDULERS, UNITS
from core.web.routes import act, create, read
from core.web.schemas import Identified, Input, Line, Output, Text, Year, YearAsked


class PlanIn(Input):
    """An exam to plan. With a ``reason`` the published plan is drawn up anew: only whoever must move is moved."""

    year: Year
    exam: WindowKind
    reason: Text = ""


class PlanOut(Output):
    """A plan: how far it is, how good it is, and what is short where it could not be drawn up."""

    id: UUID
    year: int
    exam: str
    state: str
    step: str
    done: int
    seed: int
    reason: str
    figures: dict[str, Any]
    shortages: list[Any]
    replaces_id: UUID | None
    made_at: datetime
    published_at: datetime | None
    superseded_at: datetime | None


class RoomOut(Output):
    """A room of a sitting in a plan, with how many sit there of how many who may."""

    sitting_id: UUID
    starts_at: datetime
    room_id: UUID
    site: str
    room: str
    people: int
    seats: int


class OccupantOut(Output):
    """Who sits on a seat of a plan; ``beside`` whether a neighbour is of the same unit."""

    seat: int
    seat_id: UUID
    application_id: UUID
    reference: str
    name: str
    unit: str
    beside: bool


class MoveIn(Input):
    """Another seat for somebody, and why."""

    sitting_id: UUID
    room_id: UUID
    seat: int = Field(ge=1, le=10_000)
    reason: Text


class SeatOut(Output):
    """One's seat: when, where, which number."""

    seat_id: UUID
    starts_at: datetime
    ends_at: datetime
    subjects: list[str]
    site: str
    address: str
    room: str
    seat: int


class AskIn(Input):
    """What somebody needs, and why; the evidence is the paper ``accommodation.evidence``, uploaded before."""

    needs: list[SeatNeed] = Field(max_length=10)
    reason: Text


class DecisionIn(Input):
    """What is granted of a request, nothing where it is refused, and the reason."""

    granted: list[SeatNeed] = Field(max_length=10)
    decision: Text


class RequestOut(Output):
    """A request for accommodations and the answer to it."""

    id: UUID
    application_id: UUID
    needs: list[str]
    reason: str
    document_id: UUID
    state: str
    granted: list[str]
    decision: str
    asked_at: datetime
    decided_at: datetime | None


class InvigilatorIn(Input):
    """Somebody for the register; ``unit_id`` where their unit takes part, ``avoids`` units to keep away from."""

    number: Line
    name: Line
    unit_name: Line
    unit_id: UUID | None = None
    avoids: list[UUID] = Field(default=[], max_length=50)


class InvigilatorsIn(Input):
    """People for the register of a year."""

    year: Year
    people: list[InvigilatorIn] = Field(max_length=2_000)


class InvigilatorOut(Output):
    """Somebody on the register."""

    id: UUID
    number: str
    name: str
    unit_name: str
    unit_id: UUID | None


@read("/plans", roles=PLANNING)
def list_plans(session: OfOffice, year: YearAsked) -> list[PlanOut]:
    """The plans of the office in a year, the newest first."""
    return [PlanOut.model_validate(one) for one in review.plans_of(session, session.office_id, year)]


@create("/plans", roles=SCHEDULERS)
def draw_up(session: OfOffice, platform: ThePlatform, data: JSONBody[PlanIn]) -> PlanOut:
    """Have a draft drawn up by a job, or anew from the published plan at once."""
    if data.exam not in EXAMS:
        raise Invalid("exam_unknown", "请选择上机考试或一级理论考试。", fields={"exam": "请选择考试"})
    if data.reason:
        made = plans.plan_anew(session, data.year, data.exam, offices=platform.offices, reason=data.reason)
    else:
        made = plans.draw_up_later(session, data.year, data.exam, offices=platform.offices)
    return PlanOut.model_validate(made)


@read("/plans/{plan_id:uuid}", roles=PLANNING)
def show_plan(session: OfOffice, plan_id: FromPath[UUID]) -> PlanOut:
    """One plan of the office."""
    return PlanOut.model_validate(review.plan_of(session, plan_id))


@read("/plans/{plan_id:uuid}/rooms", roles=PLANNING)
def list_rooms(session: OfOffice, plan_id: FromPath[UUID]) -> list[RoomOut]:
    """The rooms that a plan opens."""
    return [RoomOut.model_validate(one) for one in review.rooms_filled(session, review.plan_of(session, plan_id))]


@read("/plans/{plan_id:uuid}/rooms/{sitting_id:uuid}/{room_id:uuid}", roles=PLANNING)
def show_room(
    session: OfOffice, *, plan_id: FromPath[UUID], sitting_id: FromPath[UUID], room_id: FromPath[UUID]
) -> list[OccupantOut]:
    """Who sits in a room, by seat."""
    view = review.room_view(session, review.plan_of(session, plan_id), sitting_id, room_id)
    return [
        OccupantOut(
            seat=number,
            seat_id=one.seat_id,
            application_id=one.application_id,
            reference=one.reference,
            name=one.name,
            unit=one.unit,
            beside=one.beside,
        )
        for row in view.rows
        for number, one in row
        if one is not None
    ]


@act("/plans/{plan_id:uuid}/publish", roles=SCHEDULERS)
def publish(session: OfOffice, platform: ThePlatform, plan_id: FromPath[UUID]) -> PlanOut:
    """Publish a draft; the plan before it is superseded, and candidates are told."""
    return PlanOut.model_validate(plans.publish(session, plan_id, offices=platform.offices))


@act("/plans/{plan_id:uuid}/drop", roles=SCHEDULERS)
def drop(session: OfOffice, plan_id: FromPath[UUID]) -> PlanOut:
    """Give a draft up."""
    return PlanOut.model_validate(plans.drop(session, plan_id))


@act("/plans/{plan_id:uuid}/invigilators", roles=SCHEDULERS)
def assign_invigilators(session: OfOffice, plan_id: FromPath[UUID]) -> Counted:
    """Assign invigilators to every room of a plan."""
    return Counted(count=invigilators.assign_invigilators(session, plan_id))


@act("/seats/{seat_id:uuid}/move", roles=SCHEDULERS)
def move_by_hand(
    session: OfOffice, platform: ThePlatform, seat_id: FromPath[UUID], data: JSONBody[MoveIn]
) -> Identified:
    """Give a candidate another seat in a draft, checked against every constraint."""
    moved = review.move_by_hand(
        session,
        seat_id,
        sitting_id=data.sitting_id,
        room_id=data.room_id,
        seat=data.seat,
        reason=data.reason,
        offices=platform.offices,
    )
    return Identified(id=moved.id)


@read("/applications/{application_id:uuid}/seats", roles=APPLICANTS | UNITS | OFFICE_STAFF)
def list_seats(session: OfCase, application_id: FromPath[UUID]) -> list[SeatOut]:
    """The seats that a candidate has by published plans."""
    application_of(session, application_id)
    return [SeatOut.model_validate(one) for one in live_seats(session, application_id)]


@create("/applications/{application_id:uuid}/accommodations", roles=APPLICANTS)
def ask_for_accommodations(session: OfPerson, application_id: FromPath[UUID], data: JSONBody[AskIn]) -> RequestOut:
    """Ask for accommodations."""
    return _request(accommodations.ask(session, application_id, needs=set(data.needs), reason=data.reason))


@read("/applications/{application_id:uuid}/accommodations", roles=APPLICANTS)
def list_own_accommodations(session: OfPerson, application_id: FromPath[UUID]) -> list[RequestOut]:
    """One's requests and what became of them."""
    application_of(session, application_id)
    return [_request(one) for one in accommodations.requests_of(session, application_id)]


@read("/accommodations", roles=PLANNING)
def list_accommodations(session: OfOffice, year: YearAsked) -> list[RequestOut]:
    """The requests at the office, those that wait first."""
    return [_request(one) for one, _, _ in accommodations.requests_at(session, year)]


@act("/accommodations/{request_id:uuid}/decide", roles=SCHEDULERS)
def decide_accommodation(session: OfOffice, request_id: FromPath[UUID], data: JSONBody[DecisionIn]) -> RequestOut:
    """Grant or refuse a request."""
    decided = accommodations.decide(session, request_id, granted=set(data.granted), decision=data.decision)
    return _request(decided)


@create("/invigilators", roles=SCHEDULERS)
def add_invigilators(session: OfOffice, data: JSONBody[InvigilatorsIn]) -> Counted:
    """Put people on the register of a year."""
    forms = [InvigilatorForm(**{**one.model_dump(), "avoids": tuple(one.avoids)}) for one in data.people]
    return Counted(count=len(invigilators.add_invigilators(session, data.year, forms)))


@read("/invigilators", roles=PLANNING)
def list_invigilators(session: OfOffice, year: YearAsked) -> list[InvigilatorOut]:
    """The register of a year."""
    return [InvigilatorOut.model_validate(one) for one in invigilators.register_of(session, year)]


@act("/invigilators/{invigilator_id:uuid}/end", roles=SCHEDULERS)
def end_invigilator(session: OfOffice, invigilator_id: FromPath[UUID]) -> InvigilatorOut:
    """Take somebody off the register."""
    return InvigilatorOut.model_validate(invigilators.end_invigilator(session, invigilator_id))


def _request(request: AccommodationRequest) -> RequestOut:
    return RequestOut.model_validate(request)


router = Router(
    "/",
    route_handlers=[
        list_plans,
        draw_up,
        show_plan,
        list_rooms,
        show_room,
        publish,
        drop,
        assign_invigilators,
        move_by_hand,
        list_seats,
        ask_for_accommodations,
        list_own_accommodations,
        list_accommodations,
        decide_accommodation,
        add_invigilators,
        list_invigilators,
        end_invigilator,
    ],
    tags=["编排"],
)
