"""Pages of seating plans: drawing up, review, moves by hand, publication."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.session import OfficeSession
from core.domain.calendar import KIND_NAMES
from core.errors import Invalid
from core.pages.scheduling.confirmation import to_confirm
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, table_file
from core.plugin_api import WindowKind
from core.scheduling.access import may_schedule
from core.scheduling.accommodations.service import needs_named
from core.scheduling.invigilation import register as invigilators
from core.scheduling.models.plans import Plan
from core.scheduling.plans import review, service as plans
from core.scheduling.plans.health import Open, health_of, open_matters
from core.scheduling.plans.movers import movers
from core.scheduling.plans.office_problem import EXAMS
from core.scheduling.plans.seat_changes import Target, change_seat
from core.text import dates
from core.text.form_texts import whole_number
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import PLANNING, SCHEDULERS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

STATES = {
    "draft": ("草案", "waits"),
    "published": ("已发布", "done"),
    "superseded": ("已被替代", "plain"),
    "dropped": ("已作废", "stopped"),
}
STEPS = {
    "waiting": "等待编排",
    "assigning": "正在分配考点和场次",
    "seating": "正在编排考场和座位",
    "ready": "编排完成",
    "short": "座位不足",
}
FIGURES = {
    "candidates": "考生",
    "seats": "座位",
    "rooms": "启用考场（场次×考场）",
    "rooms_bound": "至少需要的考场",
    "neighbours": "同单位相邻",
    "unavoidable": "其中无法避免",
    "trades_split": "分在多个场次的工种",
}
"""The figures of a plan for officers, in the order of the goals."""


@page("/plans", roles=PLANNING)
def plans_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The plans of the office this season, and the form for a new one."""
    return _plans(request, session)


@form("/plans", roles=SCHEDULERS)
def draw_up(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Have a draft drawn up, from the published plan where re-planning is chosen."""
    year = season_asked(request, session).year
    with attempt(request, session) as tried:
        exam, reason = _exam(data), str(data.get("reason") or "")
        if data.get("anew"):
            plan = plans.plan_anew(session, year, exam, offices=platform.offices, reason=reason)
        else:
            plan = plans.draw_up_later(session, year, exam, offices=platform.offices)
        return see(f"/plans/{plan.id}")
    return _plans(request, session, tried=tried, given=data)


@page("/plans/{plan_id:uuid}", roles=PLANNING)
def plan_page(request: AnyRequest, session: OfOffice, plan_id: FromPath[UUID]) -> Response[str]:
    """One plan: its progress, figures, shortages and rooms."""
    return _plan(request, session, plan_id)


@form("/plans/{plan_id:uuid}/publish", roles=SCHEDULERS)
def publish(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, plan_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Publish a draft; candidates are told. One that replaces another is confirmed with what it will cause."""
    back = f"/plans/{plan_id}"
    with attempt(request, session) as tried:
        act = partial(plans.publish, session, plan_id, offices=platform.offices)
        plan = review.plan_of(session, plan_id)
        about = f"{plan.year}年度{KIND_NAMES[WindowKind(plan.exam)]}，{plan.reason or '重新编排'}"
        if plan.replaces_id and (
            asked := to_confirm(request, session, data, act=act, title="发布方案", about=about, back=back)
        ):
            return asked
        act()
        return see(back)
    return _plan(request, session, plan_id, tried=tried)


@table_file("/plans/{plan_id:uuid}/movers/export", roles=PLANNING)
def export_movers(session: OfficeSession, table: TableAsked) -> Sheet:
    """The candidates who move by a plan as an Excel file."""
    plan = review.plan_of(session, UUID(table.path["plan_id"]))
    rows = [(mover.reference, mover.name, mover.unit, mover.before, mover.after) for mover in movers(session, plan)]
    columns = ("申报编号", "姓名", "单位", "原座位", "新座位")
    return Sheet(f"{plan.year}年度座位调整名单", columns, rows)


@form("/plans/{plan_id:uuid}/drop", roles=SCHEDULERS)
def drop(request: AnyRequest, session: OfOffice, plan_id: FromPath[UUID]) -> Response[Any]:
    """Drop a draft."""
    with attempt(request, session) as tried:
        plans.drop(session, plan_id)
        return see("/plans")
    return _plan(request, session, plan_id, tried=tried)


@page("/plans/{plan_id:uuid}/rooms/{sitting_id:uuid}/{room_id:uuid}", roles=PLANNING)
def room_page(
    request: AnyRequest,
    session: OfOffice,
    *,
    plan_id: FromPath[UUID],
    sitting_id: FromPath[UUID],
    room_id: FromPath[UUID],
) -> Response[str]:
    """The seat chart of one room."""
    return _room(request, session, review.plan_of(session, plan_id), sitting_id, room_id=room_id)


@form("/plans/{plan_id:uuid}/rooms/{sitting_id:uuid}/{room_id:uuid}", roles=SCHEDULERS)
def move_by_hand(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    plan_id: FromPath[UUID],
    sitting_id: FromPath[UUID],
    room_id: FromPath[UUID],
    data: Sent,
) -> Response[Any]:
    """Move a candidate of this room to another seat, or swap two; of the published plan in a draft drawn up from it."""
    plan = review.plan_of(session, plan_id)
    with attempt(request, session) as tried:
        to_sitting, to_room = _place(data, sitting_id, room_id)
        to = Target(to_sitting, to_room, _number(data, "seat"), beside=bool(data.get("beside")))
        seat_id, reason = _uuid(data, "seat_id", "请选择要调整的考生"), str(data.get("reason") or "")
        changed = change_seat(session, seat_id, to, reason=reason, offices=platform.offices)
        if changed.id != plan_id:
            return see(f"/plans/{changed.id}#movers")
        return see(f"/plans/{plan_id}/rooms/{to_sitting}/{to_room}")
    return _room(request, session, plan, sitting_id, room_id=room_id, tried=tried, given=data)


def _plans(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    found = review.plans_of(session, session.office_id, year)
    return render(
        request,
        session,
        "scheduling/plans.html",
        tried=tried,
        given=given or {},
        plans=found,
        published={plan.exam for plan in found if plan.state == "published"},
        exams=[(exam.value, KIND_NAMES[exam]) for exam in EXAMS],
        may_change=may_schedule(session),
        **_LABELS,
    )


def _plan(request: AnyRequest, session: OfficeSession, plan_id: UUID, *, tried: Attempt | None = None) -> Response[str]:
    plan = review.plan_of(session, plan_id)
    return render(
        request,
        session,
        "scheduling/plan.html",
        of_year=plan.year,
        tried=tried,
        plan=plan,
        figures=[(label, plan.figures[name]) for name, label in FIGURES.items() if name in plan.figures],
        rooms=review.rooms_filled(session, plan),
        duties=len(invigilators.duties_of(session, plan.id)),
        open_matters=_open_matters(session, plan),
        movers=movers(session, plan) if plan.state == "draft" and plan.step == "ready" else [],
        may_change=may_schedule(session),
        **_LABELS,
    )


def _open_matters(session: OfficeSession, plan: Plan) -> list[Open]:
    if plan.state != "published":
        return []
    return open_matters(health_of(session, [plan.id])[plan.id], plan.id)


def _room(
    request: AnyRequest,
    session: OfficeSession,
    plan: Plan,
    sitting_id: UUID,
    *,
    room_id: UUID,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    view = review.room_view(session, plan, sitting_id, room_id)
    people = [
        (str(occupant.seat_id), f"{number}号 {occupant.name}（{occupant.reference}）")
        for number, occupant in view.occupants.items()
    ]
    places = [(f"{room.sitting_id} {room.room_id}", _place_named(room)) for room in review.rooms_filled(session, plan)]
    return render(
        request,
        session,
        "scheduling/room.html",
        of_year=plan.year,
        tried=tried,
        given=given or {},
        plan=plan,
        view=view,
        people=people,
        places=places,
        here_place=f"{sitting_id} {room_id}",
        needs_named=needs_named,
        may_change=may_schedule(session) and plan.state in {"draft", "published"},
        **_LABELS,
    )


def _place_named(filled: review.RoomFilled) -> str:
    return f"{dates.short_minute(filled.starts_at)} {filled.site} {filled.room}（{filled.people}/{filled.seats}）"


def _exam(data: dict[str, Any]) -> WindowKind:
    try:
        exam = WindowKind(str(data.get("exam") or ""))
    except ValueError:
        exam = WindowKind.TRAINING
    if exam not in EXAMS:
        raise Invalid("exam_unknown", "请选择考试。", fields={"exam": "请选择考试"})
    return exam


def _place(data: dict[str, Any], sitting_id: UUID, room_id: UUID) -> tuple[UUID, UUID]:
    try:
        first, second = (UUID(part) for part in str(data.get("place") or f"{sitting_id} {room_id}").split())
    except ValueError:
        raise Invalid("place_unknown", "请选择考场。", fields={"place": "请选择考场"}) from None
    return first, second


def _uuid(data: dict[str, Any], name: str, message: str) -> UUID:
    try:
        return UUID(str(data.get(name) or ""))
    except ValueError:
        raise Invalid(f"{name}_missing", f"{message}。", fields={name: message}) from None


def _number(data: dict[str, Any], name: str) -> int:
    number = whole_number(data.get(name))
    if number is None:
        raise Invalid("seat_missing", "请填写座位号。", fields={name: "请填写数字"})
    return number


_LABELS: dict[str, Any] = {"states": STATES, "steps": STEPS, "exam_names": KIND_NAMES, "kinds": WindowKind}
