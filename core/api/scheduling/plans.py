"""Seating plans as JSON: drawing up, review, moves by hand, publication, re-planning, and a candidate's seats."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.applications.queries import application as application_of
from core.errors import Invalid
from core.plugin_api import WindowKind
from core.scheduling.plans import review, service as plans
from core.scheduling.plans.health import health_of, open_matters
from core.scheduling.plans.movers import movers
from core.scheduling.plans.notices import seats_of_candidate
from core.scheduling.plans.office_problem import EXAMS
from core.scheduling.plans.seat_changes import Target, change_seat
from core.web.dependencies import OfCase, OfOffice, ThePlatform
from core.web.guards import APPLICANTS, OFFICE_STAFF, PLANNING, SCHEDULERS, UNITS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Identified, Input, Output, Text, Year, YearAsked


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


class RoomOut(Output, published="plans_api_RoomOut"):
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
    """Another seat for somebody, and why; with ``beside`` also beside people of the same unit."""

    sitting_id: UUID
    room_id: UUID
    seat: int = Field(ge=1, le=10_000)
    reason: Text
    beside: bool = False


class SeatOut(Output, published="plans_api_SeatOut"):
    """One's seat: when, where, which number."""

    seat_id: UUID
    starts_at: datetime
    ends_at: datetime
    subjects: list[str]
    site: str
    address: str
    room: str
    seat: int


class OpenOut(Output):
    """An open matter of a plan, and the next step; ``grave``: people would go astray by it."""

    text: str
    step: str
    grave: bool


class MoverOut(Output):
    """A candidate who moves by a plan; empty where there was, or is, no seat."""

    application_id: UUID
    reference: str
    name: str
    unit: str
    before: str
    after: str


@read("/plans", roles=PLANNING)
def list_plans(session: OfOffice, year: YearAsked) -> list[PlanOut]:
    """The plans of the office in a year, the newest first."""
    return [PlanOut.model_validate(plan) for plan in review.plans_of(session, session.office_id, year)]


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
    return [RoomOut.model_validate(room) for room in review.rooms_filled(session, review.plan_of(session, plan_id))]


@read("/plans/{plan_id:uuid}/rooms/{sitting_id:uuid}/{room_id:uuid}", roles=PLANNING)
def show_room(
    session: OfOffice, *, plan_id: FromPath[UUID], sitting_id: FromPath[UUID], room_id: FromPath[UUID]
) -> list[OccupantOut]:
    """Who sits in a room, by seat."""
    view = review.room_view(session, review.plan_of(session, plan_id), sitting_id, room_id)
    return [OccupantOut.of(occupant, seat=number) for number, occupant in view.occupants.items()]


@read("/plans/{plan_id:uuid}/open-matters", roles=PLANNING)
def list_open_matters(session: OfOffice, plan_id: FromPath[UUID]) -> list[OpenOut]:
    """What later acts have left open of a published plan, the gravest first."""
    plan = review.plan_of(session, plan_id)
    if plan.state != "published":
        return []
    found = open_matters(health_of(session, [plan.id])[plan.id], plan.id)
    return [OpenOut(text=matter.text, step=matter.step, grave=matter.grave) for matter in found]


@read("/plans/{plan_id:uuid}/movers", roles=PLANNING)
def list_movers(session: OfOffice, plan_id: FromPath[UUID]) -> list[MoverOut]:
    """The candidates whose seats differ from the plan before."""
    return [MoverOut.model_validate(mover) for mover in movers(session, review.plan_of(session, plan_id))]


@act("/plans/{plan_id:uuid}/publish", roles=SCHEDULERS)
def publish(session: OfOffice, platform: ThePlatform, plan_id: FromPath[UUID]) -> PlanOut:
    """Publish a draft; the plan before it is superseded, and candidates are told."""
    return PlanOut.model_validate(plans.publish(session, plan_id, offices=platform.offices))


@act("/plans/{plan_id:uuid}/drop", roles=SCHEDULERS)
def drop(session: OfOffice, plan_id: FromPath[UUID]) -> PlanOut:
    """Give a draft up."""
    return PlanOut.model_validate(plans.drop(session, plan_id))


@act("/seats/{seat_id:uuid}/move", roles=SCHEDULERS)
def move_by_hand(
    session: OfOffice, platform: ThePlatform, seat_id: FromPath[UUID], data: JSONBody[MoveIn]
) -> Identified:
    """Give a candidate another seat in a draft; the one who sits there gets theirs. Answers with the draft.

    A seat of the published plan is changed in a draft drawn up from it.
    """
    to = Target(data.sitting_id, data.room_id, data.seat, beside=data.beside)
    return Identified(id=change_seat(session, seat_id, to, reason=data.reason, offices=platform.offices).id)


@read("/applications/{application_id:uuid}/seats", roles=APPLICANTS | UNITS | OFFICE_STAFF)
def list_seats(session: OfCase, application_id: FromPath[UUID]) -> list[SeatOut]:
    """The seats that a candidate has by published plans."""
    application_of(session, application_id)
    return [SeatOut.model_validate(seat) for seat in seats_of_candidate(session, application_id)]


router = Router("/", route_handlers=declared_in(__name__), tags=["编排"])
