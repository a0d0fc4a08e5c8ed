"""Exam sites of an office: rooms, the readiness checklist, the offices that a site serves, and the closing of a site.

Source: 2024 notice §4(3): power, standard rooms and monitoring of the whole exam are to be secured beforehand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from core.audit import service as audit
from core.audit.dependents import Change, changed
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession
from core.domain.consequences import Fact
from core.errors import Conflict, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.scheduling.access import must_be_on_site, must_schedule
from core.scheduling.models.sites import ExamRoom, ExamSite, SiteOffice, SiteSignOff
from core.scheduling.models.sittings import Sitting, SittingRoom
from core.seasons.queries import check_not_ended, season
from core.tenancy.models import Office
from core.text.labels import Labelled


class SiteItem(Labelled):
    """What has to be in order before a site may be used."""

    POWER = "power", "电力保障（双路供电或备用电源）"
    MONITORING = "monitoring", "考试现场监控全覆盖、录像可用"
    NETWORK = "network", "考试网络畅通、与外网隔离"
    STANDARD_ROOM = "standard_room", "考场符合标准化建设要求"


ITEM_NAMES: Mapping[SiteItem, str] = {item: item.label for item in SiteItem}
"""The checklist in words. Source: 2024 notice §4(3)."""


@dataclass(frozen=True, slots=True)
class SiteForm:
    """The data of a site; it may be used from ``opens_on`` to ``closes_on``, both days included."""

    code: str
    name: str
    address: str
    opens_on: date
    closes_on: date
    area_code: str | None = None
    directions: str = ""


@dataclass(frozen=True, slots=True)
class RoomForm:
    """The data of a room: the number of its machines, and how many of them stay free for failures."""

    name: str
    machines: int
    reserve_machines: int = 0
    accessible: bool = False


def register_site(session: OfficeSession, year: int, form: SiteForm, rooms: Iterable[RoomForm] = ()) -> ExamSite:
    """Register a site of the office, which it serves itself. It is not ready until its checklist is signed off.

    Invalid for a form that is not complete, Conflict where the office has another site of that code.
    """
    must_schedule(session)
    season(session, year)
    check_not_ended(session, year)
    _check(form)
    site = ExamSite(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        registered_at=session.now,
        registered_by=session.actor.account_id,
        **asdict(form),
    )
    session.add(site)
    taken = Conflict("site_code_taken", f"本机构{year}年度已有代码为{form.code}的考点。请换一个代码。")
    with in_words(uq_exam_sites_office_id_year_code=taken):
        session.flush()
    _serve(session, site, session.office_id)
    audit.record_on(session, site, "site.registered", code=site.code)
    add_rooms(session, site.id, rooms)
    return site


def change_site(session: OfficeSession, site_id: UUID, form: SiteForm) -> ExamSite:
    """Correct the data of a site; its code stays. Conflict where a sitting would lie outside its days.

    Another name or address reaches everybody who was told the former one, also those of other offices.
    """
    must_schedule(session)
    site = own_site(session, site_id)
    check_not_ended(session, site.year)
    _check(form)
    outside = session.scalar(
        select(func.count())
        .select_from(SittingRoom)
        .where(SittingRoom.site_id == site.id, SittingRoom.withdrawn_at.is_(None))
        .where(~_day_of_sitting().between(form.opens_on, form.closes_on))
    )
    if outside:
        raise Conflict("sittings_outside", "已有场次安排在新的开放日期之外。请先调整这些场次。")
    before = (site.name, site.address)
    for name, value in asdict(form).items():
        if name != "code":
            setattr(site, name, value)
    session.flush()
    audit.record_on(session, site, "site.changed", digest=audit.digest_of(asdict(form)).hex())
    if before != (site.name, site.address):
        reason = f"考点信息更正（原为{before[0]}，{before[1]}）"
        changed(session, Change(Fact.SITE, reason, sites=(site.id,)))
    return site


def add_rooms(session: OfficeSession, site_id: UUID, rooms: Iterable[RoomForm]) -> list[ExamRoom]:
    """Add rooms to a site; Conflict for a name that the site has already."""
    must_schedule(session)
    site = own_site(session, site_id)
    check_not_ended(session, site.year)
    made = [
        ExamRoom(id=new_id(), office_id=site.office_id, site_id=site.id, **asdict(_checked(room))) for room in rooms
    ]
    session.add_all(made)
    with in_words():
        session.flush()
    if made:
        machines = sum(room.machines for room in made)
        audit.record_on(session, site, "site.rooms_added", rooms=len(made), machines=machines)
    return made


def retire_room(session: OfficeSession, room_id: UUID) -> ExamRoom:
    """Retire a room; Conflict while a coming sitting uses it."""
    must_schedule(session)
    room = own_room(session, room_id, locked=True)
    if session.scalar(_coming(session).where(SittingRoom.room_id == room_id).limit(1)) is not None:
        raise Conflict("room_in_use", "该考场还有未举行的场次。请先从这些场次中撤出该考场。")
    room.retired_at = session.now
    session.flush()
    site = own_site(session, room.site_id)
    audit.record_on(session, site, "site.room_retired", room=str(room.id))
    changed(session, Change(Fact.ROOM, f"{site.name}{room.name}停用", rooms=(room.id,)))
    return room


def sign_off(session: OfficeSession, site_id: UUID, item: SiteItem, *, passed: bool, remark: str = "") -> ExamSite:
    """Sign one item of the checklist. The site is ready while the latest signature of every item says "passed".

    Invalid for a failure without an explanation. A site that is no longer ready keeps its sittings and gets no new
    ones.
    """
    must_be_on_site(session)
    site = own_site(session, site_id, locked=True)
    check_not_ended(session, site.year)
    if not passed and not remark.strip():
        raise Invalid("remark_required", "检查不合格的，请写明问题。", at="remark")
    session.add(
        SiteSignOff(
            id=new_id(),
            office_id=site.office_id,
            site_id=site.id,
            item=item.value,
            passed=passed,
            remark=remark.strip(),
            signed_at=session.now,
            signed_by=session.actor.account_id,
            signed_name=session.actor.name,
        )
    )
    session.flush()
    ready = all(signed is not None and signed.passed for signed in checklist(session, site_id).values())
    site.ready_at = (site.ready_at or session.now) if ready else None
    session.flush()
    audit.record_on(session, site, "site.signed_off", item=item.value, passed=passed, ready=ready)
    return site


def serve_office(session: OfficeSession, site_id: UUID, served_office_id: str) -> None:
    """Open a site to another office; a repetition changes nothing. NotFound for an unknown office."""
    must_schedule(session)
    site = own_site(session, site_id)
    check_not_ended(session, site.year)
    if session.get(Office, served_office_id) is None:
        raise NotFound("office_unknown", "没有这个考核管理机构，请重新选择。")
    if _serve(session, site, served_office_id):
        audit.record_on(session, site, "site.opened_to_office", office=served_office_id)


def stop_serving(session: OfficeSession, site_id: UUID, served_office_id: str) -> None:
    """Close a site to an office; Conflict while the office has a coming sitting there."""
    must_schedule(session)
    site = own_site(session, site_id)
    row = session.get(SiteOffice, (site_id, served_office_id))
    if row is None or served_office_id == site.office_id:
        raise Conflict("not_served", "该机构没有使用本考点，或者就是考点所属机构，无需停止。")
    used = _coming(session).where(SittingRoom.site_id == site_id, SittingRoom.office_id == served_office_id)
    if session.scalar(used.limit(1)) is not None:
        raise Conflict("site_in_use", "该机构在本考点还有未举行的场次。请与其商定调整后再停止使用。")
    session.delete(row)
    session.flush()
    audit.record_on(session, site, "site.closed_to_office", office=served_office_id)


def close_site(session: OfficeSession, site_id: UUID, *, reason: str) -> list[UUID]:
    """Close a site, at any time; returns the coming sittings that lose rooms, for re-planning.

    Every other office that it served is told, and so are the candidates and invigilators. Seats there stay with their
    plan until it is re-planned; their tickets are not printed any more.
    """
    must_schedule(session)
    site = own_site(session, site_id, locked=True)
    if not reason.strip():
        raise Invalid("reason_required", "请写明停用考点的原因。", at="reason")
    if site.closed_at is not None:
        raise Conflict("site_closed", "该考点已经停用。")
    affected = sorted(set(session.scalars(_coming(session).where(SittingRoom.site_id == site_id)).all()))
    site.closed_at, site.closed_reason, site.ready_at = session.now, reason.strip(), None
    session.flush()
    for served in served_offices(session, site_id):
        if served.id != site.office_id:
            notify(
                session,
                Recipient(office_id=served.id),
                event_key=f"site.closed:{site.id}",
                office_id=site.office_id,
                kind="site_closed",
                title=f"考点停用：{site.name}",
                body=f"{site.name}（{site.address}）因故停用：{site.closed_reason}。请尽快调整安排在该考点的场次和座位。",
            )
    audit.record_on(session, site, "site.closed", sittings=[str(sitting_id) for sitting_id in affected])
    changed(session, Change(Fact.ROOM, f"{site.name}停用（{site.closed_reason}）", sites=(site.id,)))
    return affected


def own_site(session: OfficeSession, site_id: UUID, *, locked: bool = False) -> ExamSite:
    """A site of the session's own office; NotFound for other sites."""
    refusal = NotFound("site_not_found", "没有找到该考点，或者它不属于本机构。请核对后重试。")
    return own_row(session, ExamSite, site_id, refusal, locked=locked)


def own_room(session: OfficeSession, room_id: UUID, *, locked: bool = False) -> ExamRoom:
    """A room of the session's own office; NotFound for other rooms."""
    refusal = NotFound("room_not_found", "没有找到该考场。请核对后重试。")
    return own_row(session, ExamRoom, room_id, refusal, locked=locked)


def sites_for(session: ScopedSession, office_id: str, year: int) -> Sequence[ExamSite]:
    """Every site that serves an office, its own first, by code, including closed ones."""
    served = select(SiteOffice.site_id).where(SiteOffice.served_office_id == office_id)
    wanted = select(ExamSite).where(ExamSite.id.in_(served), ExamSite.year == year)
    return session.scalars(wanted.order_by(ExamSite.office_id != office_id, ExamSite.code)).all()


def rooms_of(session: ScopedSession, site_ids: Iterable[UUID]) -> Sequence[ExamRoom]:
    """The rooms of sites that are not retired, in the order in which they were added."""
    wanted = select(ExamRoom).where(ExamRoom.site_id.in_(list(site_ids)), ExamRoom.retired_at.is_(None))
    return session.scalars(wanted.order_by(ExamRoom.number)).all()


def served_offices(session: ScopedSession, site_id: UUID) -> Sequence[Office]:
    """The offices that a site serves."""
    wanted = select(Office).join(SiteOffice, SiteOffice.served_office_id == Office.id)
    return session.scalars(wanted.where(SiteOffice.site_id == site_id).order_by(Office.id)).all()


def checklist(session: ScopedSession, site_id: UUID) -> dict[SiteItem, SiteSignOff | None]:
    """The latest signature of every item; None for an item without a signature."""
    latest = select(SiteSignOff).where(SiteSignOff.site_id == site_id).ext(distinct_on(SiteSignOff.item))
    found = {row.item: row for row in session.scalars(latest.order_by(SiteSignOff.item, SiteSignOff.id.desc()))}
    return {item: found.get(item.value) for item in SiteItem}


def _day_of_sitting() -> ColumnElement[date]:
    return cast(func.timezone("Asia/Shanghai", SittingRoom.starts_at), Date)


def _coming(session: ScopedSession) -> Select[UUID]:
    """The sittings that still use rooms and have not ended."""
    used = select(SittingRoom.sitting_id).join(Sitting, Sitting.id == SittingRoom.sitting_id)
    return used.where(
        SittingRoom.withdrawn_at.is_(None), Sitting.cancelled_at.is_(None), SittingRoom.ends_at > session.now
    )


def _serve(session: OfficeSession, site: ExamSite, served_office_id: str) -> bool:
    row = {
        "site_id": site.id,
        "served_office_id": served_office_id,
        "office_id": site.office_id,
        "opened_at": session.now,
        "opened_by": session.actor.account_id,
    }
    options = {"preserve_rowcount": True}
    added = session.connection().execute(insert(SiteOffice).on_conflict_do_nothing(), row, execution_options=options)
    return added.rowcount == 1


def _check(form: SiteForm) -> None:
    missing = {name: "请填写" for name in ("code", "name", "address") if not getattr(form, name).strip()}
    if missing:
        raise Invalid("site_incomplete", "请填写考点的代码、名称和地址。", fields=missing)
    if form.opens_on > form.closes_on:
        raise Invalid("site_days", "考点的开放日期不能晚于结束日期。", at="closes_on")


def _checked(room: RoomForm) -> RoomForm:
    if not room.name.strip():
        raise Invalid("room_incomplete", "请填写考场名称。", fields={"name": "请填写"})
    if not 0 <= room.reserve_machines < room.machines:
        raise Invalid("room_machines", "机位数须大于备用机数，备用机数不能是负数。", at="machines")
    return room
