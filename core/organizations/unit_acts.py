"""Official acts on units, carried out today or planned for a later day, and cancelled before it.

An act of today is carried out by the officer who orders it. A later one waits; the system carries it out on its day,
as if it were ordered then, and tells why where it cannot be. Of one unit no two acts are planned for one day, nor one
after the day on which it ends: their order would decide the outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.audit.dependents import rehearse
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import OfficeSession, ProvinceSession, ScopedSession, SystemSession
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.messages.service import Recipient, notify
from core.organizations import names, service
from core.organizations.models import Unit, UnitAct
from core.organizations.queries import unit_in_charge_of, visible_unit
from core.tenancy.models import Office
from core.text import dates, names as written
from core.text.form_texts import required_text
from core.text.labels import Labelled

MOST_UNITS: Final = 50
FARTHEST: Final = timedelta(days=2 * 366)
"""An act is planned for two years ahead at most: a later date is a slip."""


class Kind(Labelled):
    """What an act does to its units."""

    RENAME = "rename", "更名"
    MERGE = "merge", "合并"
    SPLIT = "split", "分立"
    PLACE = "place", "变更主管部门"
    MOVE = "move", "划转"
    END = "end", "撤销"


class ActState(Labelled):
    """Where an act stands."""

    PLANNED = "planned", "待生效"
    DONE = "done", "已生效"
    CANCELLED = "cancelled", "已取消"
    FAILED = "failed", "未能生效"


ENDING: Final = frozenset({Kind.MERGE, Kind.SPLIT, Kind.MOVE, Kind.END})
"""The acts after which the unit is there no longer."""


@dataclass(frozen=True, slots=True)
class Terms:
    """An act: its units, its day, its paper, and what its kind needs besides.

    ``names`` has the new name, that of the merged unit, or those of the parts. ``office_id``, ``local_office_id`` and
    ``area_code`` are where a unit moves to; ``parent_id`` is its department from then on, and ``successor_id`` the unit
    that takes over what an ended one leaves.
    """

    kind: Kind
    unit_ids: tuple[UUID, ...]
    valid_from: date
    instrument: str
    names: tuple[str, ...] = ()
    office_id: str = ""
    local_office_id: str = ""
    area_code: str | None = None
    parent_id: UUID | None = None
    successor_id: UUID | None = None


def order(session: OfficeSession | ProvinceSession, terms: Terms) -> UnitAct:
    """Carry an act out, or plan it where its day is to come; units and offices concerned are told.

    Raises what the act raises, for a planned one too: it is tried out. Conflict where an act of one of the units is
    planned already that would meet this one.
    """
    if terms.valid_from > names.day_of(session) + FARTHEST:
        raise Invalid("day_too_far", "生效日期在两年以后，请核对批准文件上的日期。", at="valid_from")
    if not 0 < len(terms.unit_ids) <= MOST_UNITS:
        raise Invalid("units_of_act", f"请选择1到{MOST_UNITS}个单位。", at="unit_ids")
    units = [unit_in_charge_of(session, unit_id) for unit_id in terms.unit_ids]
    for unit in sorted(units, key=lambda unit: unit.id):
        one_at_a_time(session, f"unit-acts:{unit.id}")
    _check_alone(session, terms)
    act = _row(session, units, terms)
    planned = terms.valid_from > names.day_of(session)
    if planned:
        rehearse(session, lambda: perform(session, terms, on=names.day_of(session)))
    else:
        act.became = [str(unit_id) for unit_id in perform(session, terms)]
        _settle(session, act, ActState.DONE)
    session.add(act)
    session.flush()
    if planned:
        audit.record_on(session, act, "unit.act_planned", instrument=act.instrument, terms=act.terms)
    _tell(session, act, f"{summary(session, act)}。文号：{act.instrument}。")
    return act


def cancel(session: OfficeSession | ProvinceSession, act_id: UUID, *, reason: str) -> UnitAct:
    """Cancel a planned act before its day, as the office that ordered it or the one above; it is told with the reason.

    Forbidden for any other office, also where the units are its own.
    """
    act = _planned(session, act_id)
    orderer = session.get_one(Office, act.ordered_by_office_id)
    if session.office_id not in {orderer.id, orderer.parent_id}:
        raise Forbidden("act_of_another", "这项单位变更由其他机构登记，请由该机构或其上级机构取消。")
    act.remark = required_text(reason, "请写明取消的理由，有关单位将看到。", field="reason")
    _settle(session, act, ActState.CANCELLED)
    session.flush()
    audit.record_on(session, act, "unit.act_cancelled")
    _tell(session, act, f"原定{dates.day(act.valid_from)}生效的{Kind(act.kind).label}已取消。理由：{act.remark}")
    return act


def carry_out_due(session: SystemSession) -> int:
    """Carry out the planned acts of the session's office whose day has come, in their order; how many were settled.

    An act that is refused now, such as for a name that is taken by now, has failed: its office is told why.
    """
    due = session.scalars(
        select(UnitAct)
        .where(
            UnitAct.office_id == session.office_id,
            UnitAct.state == ActState.PLANNED,
            UnitAct.valid_from <= names.day_of(session),
        )
        .order_by(UnitAct.valid_from, UnitAct.ordered_at, UnitAct.id)
        .with_for_update(skip_locked=True)
    ).all()
    for act in due:
        try:
            with session.begin_nested():
                act.became = [str(unit_id) for unit_id in perform(session, terms_of(act))]
                _settle(session, act, ActState.DONE)
                session.flush()
        except KaowuError as refusal:
            session.refresh(act)
            act.remark = refusal.detail
            _settle(session, act, ActState.FAILED)
            session.flush()
            audit.record_on(session, act, "unit.act_failed", code=refusal.code)
            _tell(session, act, f"原定{dates.day(act.valid_from)}的{Kind(act.kind).label}未能生效：{act.remark}")
        else:
            _tell(session, act, f"{summary(session, act)}。文号：{act.instrument}。")
    return len(due)


def perform(session: OfficeSession | ProvinceSession, terms: Terms, *, on: date | None = None) -> list[UUID]:
    """Carry an act out, as of its day or as of ``on``; the units that come out of it."""
    day, unit_id = on or terms.valid_from, terms.unit_ids[0]
    paper: dict[str, Any] = {"valid_from": day, "instrument": terms.instrument}
    if terms.kind is Kind.MOVE:
        moved = service.move_to_office(
            session,
            unit_id,
            office_id=terms.office_id,
            local_office_id=terms.local_office_id,
            area_code=terms.area_code,
            parent_id=terms.parent_id,
            **paper,
        )
        return [moved.id]
    if not isinstance(session, OfficeSession):
        raise Invalid("act_of_office", "这项变更由单位的受理机构办理，省中心在此只办理跨机构划转。")
    if terms.kind is Kind.MERGE:
        return [service.merge(session, terms.unit_ids, name=_only(terms), **paper).id]
    if terms.kind is Kind.SPLIT:
        return [part.id for part in service.split(session, unit_id, names_of_parts=terms.names, **paper)]
    if terms.kind is Kind.PLACE:
        return [service.place_under(session, unit_id, parent_id=terms.parent_id, **paper).id]
    if terms.kind is Kind.END:
        service.end_unit(session, unit_id, successor_id=terms.successor_id, **paper)
        return [] if terms.successor_id is None else [terms.successor_id]
    return [names.rename(session, unit_id, name=_only(terms), **paper).unit_id]


def terms_of(act: UnitAct) -> Terms:
    """The terms of an act as it was ordered."""
    kept = act.terms
    ids = {name: UUID(kept[name]) if kept[name] else None for name in ("parent_id", "successor_id")}
    return Terms(
        kind=Kind(act.kind),
        unit_ids=tuple(UUID(unit_id) for unit_id in act.unit_ids),
        valid_from=act.valid_from,
        instrument=act.instrument,
        names=tuple(kept["names"]),
        office_id=kept["office_id"],
        local_office_id=kept["local_office_id"],
        area_code=kept["area_code"],
        **ids,
    )


def acts_of(session: ScopedSession, unit_id: UUID | None = None, *, state: ActState | None = None) -> Sequence[UnitAct]:
    """The acts that the session sees, of one unit or of all, those to come first and then the latest; 200 at most."""
    wanted = select(UnitAct)
    if unit_id is not None:
        wanted = wanted.where(UnitAct.unit_ids.contains([str(unit_id)]) | UnitAct.became.contains([str(unit_id)]))
    if state is not None:
        wanted = wanted.where(UnitAct.state == state)
    coming = UnitAct.state != ActState.PLANNED
    return session.scalars(wanted.order_by(coming, UnitAct.valid_from.desc(), UnitAct.id.desc()).limit(200)).all()


def summary(session: ScopedSession, act: UnitAct) -> str:
    """An act in a sentence, such as 自2026年5月1日起，“测试甲局”“测试乙局”合并为“测试局”."""
    return sentence(session, terms_of(act))


def sentence(session: ScopedSession, terms: Terms) -> str:
    """The same of an act that has not been ordered."""
    called = "".join(f"“{visible_unit(session, unit_id).name}”" for unit_id in terms.unit_ids)
    return f"自{dates.day(terms.valid_from)}起，{called}{_outcome(session, terms)}"


def _outcome(session: ScopedSession, terms: Terms) -> str:
    given = "".join(f"“{name}”" for name in terms.names)
    if terms.kind is Kind.PLACE:
        parent = terms.parent_id and visible_unit(session, terms.parent_id).name
        return f"的主管部门变更为“{parent}”" if parent else "不再有主管部门，自为主管部门"
    if terms.kind is Kind.MOVE:
        return "划转到其他地区或受理机构"
    if terms.kind is Kind.END:
        successor = terms.successor_id and visible_unit(session, terms.successor_id).name
        return f"撤销，未办结事项由“{successor}”承接" if successor else "撤销"
    return {Kind.RENAME: "更名为", Kind.MERGE: "合并为", Kind.SPLIT: "分立为"}[terms.kind] + given


def _only(terms: Terms) -> str:
    return terms.names[0] if terms.names else ""


def _row(session: OfficeSession | ProvinceSession, units: Sequence[Unit], terms: Terms) -> UnitAct:
    return UnitAct(
        id=new_id(),
        office_id=units[0].office_id,
        ordered_by_office_id=session.office_id,
        kind=terms.kind.value,
        unit_ids=[str(unit_id) for unit_id in dict.fromkeys(terms.unit_ids)],
        terms={
            "names": [written.body(name) for name in terms.names],
            "office_id": terms.office_id,
            "local_office_id": terms.local_office_id,
            "area_code": terms.area_code,
            "parent_id": terms.parent_id and str(terms.parent_id),
            "successor_id": terms.successor_id and str(terms.successor_id),
        },
        valid_from=terms.valid_from,
        instrument=names.checked_instrument(terms.instrument),
        state=ActState.PLANNED.value,
        ordered_at=session.now,
        ordered_by=session.actor.account_id,
        ordered_by_name=session.actor.name,
        settled_by_name="",
        remark="",
        became=[],
    )


def _check_alone(session: ScopedSession, terms: Terms) -> None:
    """Refuse an act that would meet a planned one of the same units."""
    named = {str(unit_id) for unit_id in (*terms.unit_ids, terms.parent_id, terms.successor_id) if unit_id}
    planned = select(UnitAct).where(UnitAct.unit_ids.overlap(sorted(named)), UnitAct.state == ActState.PLANNED)
    for other in session.scalars(planned.order_by(UnitAct.valid_from)):
        earlier = Kind(other.kind) if other.valid_from < terms.valid_from else terms.kind
        if other.valid_from == terms.valid_from or earlier in ENDING:
            text = (
                f"{summary(session, other)}，这项变更还未生效，与本次办理相冲突。请先在“待生效的变更”中取消，再办理。"
            )
            raise Conflict("act_planned", text, at="valid_from")


def _planned(session: ScopedSession, act_id: UUID) -> UnitAct:
    act = session.get(UnitAct, act_id, with_for_update=True, populate_existing=True)
    if act is None:
        raise NotFound("no_such_act", "没有找到这项单位变更。请从“单位变更”重新进入。")
    if act.state != ActState.PLANNED:
        raise Conflict("act_settled", f"这项单位变更{ActState(act.state).label}，不能取消。请刷新页面。")
    return act


def _settle(session: ScopedSession, act: UnitAct, state: ActState) -> None:
    act.state, act.settled_at, act.settled_by_name = state.value, session.now, session.actor.name


def _tell(session: ScopedSession, act: UnitAct, body: str) -> None:
    """Tell the units, those that came out of the act, and the offices in whose areas they lie."""
    unit_ids = [UUID(unit_id) for unit_id in dict.fromkeys([*act.unit_ids, *act.became])]
    offices = {visible_unit(session, unit_id).local_office_id for unit_id in unit_ids}
    told = [Recipient(unit_id=unit_id) for unit_id in unit_ids]
    told += [Recipient(office_id=office) for office in sorted(offices | {act.office_id, act.ordered_by_office_id})]
    for recipient in told:
        notify(
            session,
            recipient,
            event_key=f"unit_act:{act.id}:{act.state}",
            office_id=act.office_id,
            kind="unit_act",
            title=f"单位{Kind(act.kind).label}",
            body=body,
        )
