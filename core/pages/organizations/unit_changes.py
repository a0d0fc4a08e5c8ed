"""Pages of the official acts on a unit: the form of each, what it reaches, and its confirmation.

An act of today is carried out when it is confirmed; one of a later day waits, and can be cancelled until then.
"""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath
from sqlalchemy import select

from core.applications.form_steps import Fields
from core.audit.dependents import rehearse
from core.db.session import OfficeSession, ProvinceSession
from core.errors import Invalid, NotFound
from core.organizations import directory, names, unit_acts
from core.organizations.models import Unit
from core.organizations.queries import unit_in_charge_of, visible_unit
from core.organizations.unit_acts import ENDING, Kind, Terms
from core.oversight.unit_changes import reach
from core.pages.organizations.unit_register import chosen_place, places, unit_called
from core.seasons.queries import current_season
from core.web.dependencies import OfOffice, OfProvince
from core.web.guards import CENTER, OFFICERS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

Session = OfficeSession | ProvinceSession
_TEXTS = {
    Kind.RENAME: "单位换了名称，仍是同一个单位。已经提交的申请保留提交时的名称。",
    Kind.MERGE: "两个以上单位合并为一个单位；原单位终止，未办结的申请由合并后的单位继续办理。",
    Kind.SPLIT: "一个单位分为几个单位；原单位终止，未办结的申请和下属单位归所列的第一个单位。",
    Kind.PLACE: "单位改由另一主管部门审核，或不再有主管部门。",
    Kind.MOVE: "单位改由另一地区的机构受理。在办的申请仍由原机构办完，以后的申请由新的机构受理。",
    Kind.END: "单位终止。还有未办结的申请、下属单位的，须选择承接单位。",
}


@page("/units/{unit_id:uuid}/acts/{kind:str}", roles=OFFICERS)
def act_page(request: AnyRequest, session: OfOffice, unit_id: FromPath[UUID], kind: FromPath[str]) -> Response[str]:
    """The form of an act on a unit."""
    given = {name: str(value) for name, value in request.query_params.items()}
    return _show(request, session, unit_id, _kind(kind), given=given)


@form("/units/{unit_id:uuid}/acts/{kind:str}", roles=OFFICERS)
def order_act(
    request: AnyRequest, session: OfOffice, *, unit_id: FromPath[UUID], kind: FromPath[str], data: Sent
) -> Response[Any]:
    """Show what the act reaches; once confirmed, carry it out or plan it."""
    return _order(request, session, unit_id, _kind(kind), data=data, after="/units")


@page("/supervision/units", roles=CENTER, province=True)
def supervised_units_page(request: AnyRequest, session: OfProvince) -> Response[str]:
    """Find a unit of any office, to move it to another one that counts cases."""
    asked = str(request.query_params.get("q") or "")[:200]
    found = directory.units(session, named=asked).rows if asked.strip() else []
    return render(
        request,
        session,
        "organizations/supervised_units.html",
        asked=asked,
        units=found,
        offices={place.office_id: place.label for place in places(session, below=None)},
        planned=[
            {"act": act, "text": unit_acts.summary(session, act)}
            for act in unit_acts.acts_of(session, state=unit_acts.ActState.PLANNED)
            if act.ordered_by_office_id == session.office_id
        ],
    )


@page("/supervision/units/{unit_id:uuid}/move", roles=CENTER, province=True)
def move_page(request: AnyRequest, session: OfProvince, unit_id: FromPath[UUID]) -> Response[str]:
    """The form of a move between two offices that count cases."""
    return _show(request, session, unit_id, Kind.MOVE, given={})


@form("/supervision/units/{unit_id:uuid}/move", roles=CENTER, province=True)
def order_move(request: AnyRequest, session: OfProvince, unit_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Move a unit from one office to another, or plan it for a later day."""
    return _order(request, session, unit_id, Kind.MOVE, data=data, after="/supervision/units")


@form("/supervision/units/acts/{act_id:uuid}/cancel", roles=CENTER, province=True)
def cancel_move(request: AnyRequest, session: OfProvince, act_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Cancel a move that the center has planned."""
    with attempt(request, session) as tried:
        unit_acts.cancel(session, act_id, reason=fields.text(data, "reason"))
        return see("/supervision/units")
    return render(
        request, session, "organizations/supervised_units.html", tried=tried, asked="", units=[], offices={}, planned=[]
    )


def _order(
    request: AnyRequest, session: Session, unit_id: UUID, kind: Kind, *, data: dict[str, Any], after: str
) -> Response[Any]:
    with attempt(request, session) as tried:
        terms = _terms(session, unit_id, kind, data)
        if fields.text(data, "confirmed") == "true":
            unit_acts.order(session, terms)
            return see(f"{after}/acts" if after == "/units" else after)
        rehearse(session, lambda: unit_acts.order(session, terms))
        return _to_confirm(request, session, unit_id=unit_id, terms=terms, data=data)
    return _show(request, session, unit_id, kind, given=data, tried=tried)


def _to_confirm(
    request: AnyRequest, session: Session, *, unit_id: UUID, terms: Terms, data: dict[str, Any]
) -> Response[str]:
    sent = [
        (name, str(value))
        for name, given in data.items()
        if name not in {"_csrf", "confirmed"}
        for value in (given if isinstance(given, list) else [given])
    ]
    planned = terms.valid_from > names.day_of(session)
    return render(
        request,
        session,
        "organizations/unit_act_confirm.html",
        unit=visible_unit(session, unit_id),
        kind=terms.kind,
        sentence=unit_acts.sentence(session, terms),
        instrument=terms.instrument,
        day=terms.valid_from,
        planned=planned,
        ends=terms.kind in ENDING,
        reached=reach(session, terms, current_season(session).year),
        sent=sent,
    )


def _terms(session: Session, unit_id: UUID, kind: Kind, data: dict[str, Any]) -> Terms:
    unit = unit_in_charge_of(session, unit_id)
    valid_from, instrument = _day(data), fields.text(data, "instrument")
    units: tuple[UUID, ...] = (unit_id,)
    more: dict[str, Any] = {}
    if kind in {Kind.RENAME, Kind.MERGE}:
        more["names"] = (fields.text(data, "name"),)
    if kind is Kind.MERGE:
        units = (unit_id, *_units_listed(session, unit, fields.text(data, "others")))
    if kind is Kind.SPLIT:
        more["names"] = tuple(_lines(fields.text(data, "parts")))
    if kind is Kind.MOVE:
        by_province = isinstance(session, ProvinceSession)
        place = chosen_place(session, fields.text(data, "place"), below=unit.office_id, anywhere=by_province)
        more |= {"office_id": place.owner, "local_office_id": place.office_id, "area_code": place.area_code}
    if kind in {Kind.PLACE, Kind.MOVE}:
        office = more.get("office_id") or unit.office_id
        parent = unit_called(session, fields.text(data, "parent_id"), at="parent_id", office_id=office)
        more["parent_id"] = None if parent is None else parent.id
    if kind is Kind.END:
        successor = unit_called(session, fields.text(data, "successor_id"), at="successor_id", office_id=unit.office_id)
        more["successor_id"] = None if successor is None else successor.id
    return Terms(kind=kind, unit_ids=units, valid_from=valid_from, instrument=instrument, **more)


def _units_listed(session: Session, unit: Unit, text: str) -> list[UUID]:
    called = _lines(text)
    known = directory.units_called(session, called, office_id=unit.office_id)
    if missing := [name for name in called if name not in known]:
        raise Invalid("unit_unknown", f"没有这些单位：{'、'.join(missing)}。请写单位全称，每行一个。", at="others")
    return [known[name] for name in called if known[name] != unit.id]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _day(data: dict[str, Any]) -> date:
    return fields.day(data, "valid_from")


def _kind(written: str) -> Kind:
    try:
        return Kind(written)
    except ValueError:
        raise NotFound("no_such_act_kind", "没有这种单位变更。请从单位页面进入。") from None


def _show(
    request: AnyRequest,
    session: Session,
    unit_id: UUID,
    kind: Kind,
    *,
    given: dict[str, Any],
    tried: Attempt | None = None,
) -> Response[str]:
    unit = unit_in_charge_of(session, unit_id)
    by_province = isinstance(session, ProvinceSession)
    offered = places(session, below=None if by_province else unit.office_id) if kind is Kind.MOVE else []
    below = select(Unit.name).where(Unit.office_id == unit.office_id, Unit.ended_at.is_(None), Unit.id != unit.id)
    known = session.scalars(below.order_by(Unit.name).limit(500)).all() if not by_province else []
    return render(
        request,
        session,
        "organizations/unit_act.html",
        tried=tried,
        unit=unit,
        parent=unit.parent_id and visible_unit(session, unit.parent_id),
        kind=kind,
        text=_TEXTS[kind],
        given=Fields({"valid_from": names.day_of(session).isoformat(), **given}),
        places=[(place.value, place.label) for place in offered],
        known=[(name, name) for name in known],
        back="/supervision/units" if by_province else f"/units/{unit_id}",
        across=by_province,
    )
