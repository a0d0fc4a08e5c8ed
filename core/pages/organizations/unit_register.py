"""Pages of an office: its units, what is known of each, new ones, names put right, and pairs that look alike."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, FromQuery, QueryParameter
from sqlalchemy import select

from core.applications.form_steps import Fields
from core.db.session import OfficeSession, ScopedSession
from core.errors import Invalid
from core.organizations import directory, duplicates, names, service, unit_acts
from core.organizations.models import ManagerForm, Unit
from core.organizations.queries import visible_unit
from core.organizations.unit_acts import ActState, Kind
from core.pages.season import season_asked
from core.plugin_api import WindowKind
from core.seasons.queries import calendar_now
from core.tenancy.config.office import Affiliation
from core.tenancy.models import Office, OfficeArea
from core.web.dependencies import OfOffice
from core.web.guards import OFFICERS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

AFFILIATIONS = {Affiliation.LOCAL: "地方", Affiliation.PROVINCIAL: "省直", Affiliation.CENTRAL: "中央驻豫"}
STATES = {ActState.PLANNED: "waits", ActState.DONE: "done", ActState.CANCELLED: "plain", ActState.FAILED: "stopped"}
ACT_NAMES = {
    "added": "登记",
    "corrected": "更正",
    "renamed": "更名",
    "merged": "合并",
    "split": "分立",
    "moved": "划转",
}


@page("/units", roles=OFFICERS)
def units_page(
    request: AnyRequest,
    session: OfOffice,
    named: Annotated[str, QueryParameter(name="q", max_length=200)] = "",
    after: FromQuery[UUID | None] = None,
) -> Response[str]:
    """The units of the office's area, a page at a time."""
    found = directory.units(session, office_id=session.office_id, named=named, after=after)
    ids = [unit.id for unit in found.rows]
    planned = unit_acts.acts_of(session, state=ActState.PLANNED)
    return render(
        request,
        session,
        "organizations/unit_register.html",
        units=found.rows,
        asked=named,
        first=after is not None,
        after=found.next_after,
        parents=_names_of(session, {unit.parent_id for unit in found.rows if unit.parent_id}),
        offices=_office_names(session, {unit.local_office_id for unit in found.rows}),
        managers=_managers(session, ids),
        coming=Counter(UUID(unit_id) for act in planned for unit_id in act.unit_ids),
        planned=len(planned),
    )


@page("/units/new", roles=OFFICERS)
def new_unit_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The form of a new unit."""
    return _show_new(request, session, {})


@form("/units/new", roles=OFFICERS)
def register_unit(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Register a unit of the office's area."""
    with attempt(request, session) as tried:
        place = chosen_place(session, fields.text(data, "place"))
        parent = unit_called(session, fields.text(data, "parent_id"), at="parent_id")
        made = service.register_unit(
            session,
            name=fields.text(data, "name"),
            affiliation=fields.text(data, "affiliation"),
            office_id=place.owner,
            local_office_id=place.office_id,
            area_code=place.area_code,
            parent_id=None if parent is None else parent.id,
            code=fields.text(data, "code"),
        )
        return see(f"/units/{made.id}")
    return _show_new(request, session, data, tried=tried)


@page("/units/alike", roles=OFFICERS)
def alike_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The pairs that look as if one unit had been registered twice."""
    return _show_alike(request, session)


@form("/units/alike", roles=OFFICERS)
def tell_apart(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Note that a pair is not the same unit."""
    with attempt(request, session) as tried:
        duplicates.tell_apart(session, fields.identifier(data, "first"), fields.identifier(data, "second"))
        return see("/units/alike")
    return _show_alike(request, session, tried=tried)


@page("/units/acts", roles=OFFICERS)
def acts_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The official acts on units: those to come, and the latest."""
    return _show_acts(request, session)


@form("/units/acts/{act_id:uuid}/cancel", roles=OFFICERS)
def cancel_act(request: AnyRequest, session: OfOffice, act_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Cancel a planned act before its day."""
    with attempt(request, session) as tried:
        unit_acts.cancel(session, act_id, reason=fields.text(data, "reason"))
        return see("/units/acts")
    return _show_acts(request, session, tried=tried)


@page("/units/{unit_id:uuid}", roles=OFFICERS)
def unit_page(request: AnyRequest, session: OfOffice, unit_id: FromPath[UUID]) -> Response[str]:
    """One unit: its names over time, its department, its manager, and the acts on it."""
    return show_unit(request, session, unit_id)


@form("/units/{unit_id:uuid}/name", roles=OFFICERS)
def correct_name(request: AnyRequest, session: OfOffice, unit_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Correct a name while the window for names is open."""
    with attempt(request, session) as tried:
        names.correct_name(
            session,
            unit_id,
            name=fields.text(data, "name"),
            window=_window(request, session, visible_unit(session, unit_id)),
        )
        return see(f"/units/{unit_id}")
    return show_unit(request, session, unit_id, tried=tried)


@form("/units/{unit_id:uuid}/code", roles=OFFICERS)
def give_code(request: AnyRequest, session: OfOffice, unit_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Write the unified social credit code down."""
    with attempt(request, session) as tried:
        service.give_code(session, unit_id, code=fields.text(data, "code"))
        return see(f"/units/{unit_id}")
    return show_unit(request, session, unit_id, tried=tried)


def show_unit(
    request: AnyRequest, session: OfficeSession, unit_id: UUID, *, tried: Attempt | None = None
) -> Response[str]:
    """The page of a unit, also after a refused form."""
    unit = visible_unit(session, unit_id)
    window = _window(request, session, unit)
    acts = unit_acts.acts_of(session, unit_id)
    below = select(Unit.id, Unit.name).where(Unit.parent_id == unit_id, Unit.ended_at.is_(None)).order_by(Unit.name)
    mine = session.office_id in {unit.office_id, unit.local_office_id}
    return render(
        request,
        session,
        "organizations/unit_page.html",
        tried=tried,
        unit=unit,
        parent=unit.parent_id and visible_unit(session, unit.parent_id),
        successor=unit.successor_id and visible_unit(session, unit.successor_id),
        before=session.scalars(select(Unit).where(Unit.successor_id == unit_id).order_by(Unit.name)).all(),
        offices=_office_names(session, {unit.office_id, unit.local_office_id}),
        affiliation=AFFILIATIONS[Affiliation(unit.affiliation)],
        names=directory.names(session, unit_id),
        act_names=ACT_NAMES,
        manager=_managers(session, [unit_id]).get(unit_id),
        below=session.execute(below).all(),
        lines=act_lines(session, acts),
        states=STATES,
        window=window,
        window_open=window is not None and window.contains(session.now),
        may_change=mine and unit.ended_at is None,
        kinds=list(Kind),
    )


def act_lines(session: ScopedSession, acts: Any) -> list[dict[str, Any]]:
    """The acts as a page shows them; their units are read in one statement."""
    others = [act.terms[name] for act in acts for name in ("parent_id", "successor_id") if act.terms.get(name)]
    named = {UUID(unit_id) for unit_id in (*others, *(unit_id for act in acts for unit_id in act.unit_ids))}
    # The session keeps only what is held: the sentences find the units there.
    held = session.scalars(select(Unit).where(Unit.id.in_(named))).all()
    lines = [
        {"act": act, "kind": Kind(act.kind), "state": ActState(act.state), "text": unit_acts.summary(session, act)}
        for act in acts
    ]
    del held
    return lines


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """Where a unit lies: the office that counts its cases, its most local office, and its area."""

    owner: str
    office_id: str
    area_code: str | None
    label: str

    @property
    def value(self) -> str:
        """As a choice of a form."""
        return f"{self.office_id} {self.area_code or ''}".strip()


def places(session: ScopedSession, *, below: str | None) -> list[UnitPlace]:
    """The offices and areas that ``below`` may put its units in: its own and its counties'; None for all of them."""
    wanted = select(Office, OfficeArea.area_code, OfficeArea.name).outerjoin(
        OfficeArea, (OfficeArea.office_id == Office.id) & OfficeArea.valid_until.is_(None)
    )
    if below is not None:
        wanted = wanted.where(
            (Office.id == below) | (Office.parent_id == below), (Office.level == "county") | (Office.id == below)
        )
    found = []
    for office, code, area in session.execute(wanted.order_by(Office.id, OfficeArea.area_code)):
        owner = (office.parent_id if office.level == "county" else None) or office.id
        found.append(UnitPlace(owner, office.id, code, f"{office.name}（{area} {code}）" if code else office.name))
    return found


def chosen_place(session: ScopedSession, value: str, *, below: str | None = None, anywhere: bool = False) -> UnitPlace:
    """The place that a form names; Invalid for another than those offered."""
    root = None if anywhere else below or getattr(session, "office_id", None)
    for place in places(session, below=root):
        if place.value == value:
            return place
    raise Invalid("place_unknown", "请选择单位所在的地区和受理机构。", at="place")


def unit_called(session: ScopedSession, name: str, *, at: str, office_id: str | None = None) -> Unit | None:
    """The unit of the office that is called so, None for an empty name; Invalid where there is none."""
    if not name:
        return None
    office = office_id or owner_of(session)
    found = directory.units_called(session, [name], office_id=office).get(name)
    if found is None:
        raise Invalid("unit_unknown", f"没有名为“{name}”的单位。请写单位全称，或先登记该单位。", at=at)
    return visible_unit(session, found)


def owner_of(session: ScopedSession) -> str:
    """The office that counts the cases of the session's office: a county's is its city."""
    office = session.get_one(Office, session.office_id)  # type: ignore[attr-defined]
    return office.parent_id if office.level == "county" and office.parent_id else office.id


def _show_new(
    request: AnyRequest, session: OfficeSession, data: dict[str, Any], *, tried: Attempt | None = None
) -> Response[str]:
    return render(
        request,
        session,
        "organizations/unit_new.html",
        tried=tried,
        given=Fields(data),
        places=[(place.value, place.label) for place in places(session, below=session.office_id)],
        affiliations=[(kind.value, label) for kind, label in AFFILIATIONS.items()],
    )


def _show_alike(request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None) -> Response[str]:
    return render(
        request, session, "organizations/unit_alike.html", tried=tried, pairs=duplicates.suggested(session)[:200]
    )


def _show_acts(request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None) -> Response[str]:
    lines = act_lines(session, unit_acts.acts_of(session))
    planned = [line for line in lines if line["state"] is ActState.PLANNED]
    return render(
        request,
        session,
        "organizations/unit_acts.html",
        tried=tried,
        planned=planned,
        past=[line for line in lines if line["state"] is not ActState.PLANNED],
        states=STATES,
    )


def _window(request: AnyRequest, session: OfficeSession, unit: Unit) -> Any:
    year = season_asked(request, session).year
    return calendar_now(session, unit.local_office_id, year).window(WindowKind.UNIT_NAMES)


def _names_of(session: ScopedSession, unit_ids: Any) -> dict[UUID, str]:
    return {row.id: row.name for row in session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids)))}


def _office_names(session: ScopedSession, codes: Any) -> dict[str, str]:
    return {row.id: row.name for row in session.execute(select(Office.id, Office.name).where(Office.id.in_(codes)))}


def _managers(session: ScopedSession, unit_ids: Any) -> dict[UUID, str]:
    wanted = select(ManagerForm.unit_id, ManagerForm.name).where(
        ManagerForm.unit_id.in_(unit_ids), ManagerForm.state == "accepted"
    )
    return {row.unit_id: row.name for row in session.execute(wanted)}
