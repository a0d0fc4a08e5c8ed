"""Reading the ledger: an office's certificates with the places of their papers, and its batches."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from core.applications.models import Application
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession, UnitSession
from core.errors import NotFound
from core.organizations.models import Unit
from core.plugin_api import Grade
from core.results.ledger.places import NOT_RECEIVED, BatchState, ItemState, PaperPlace
from core.results.models.awards import Certificate
from core.results.models.ledger import CertificateBatch, CertificateBatchItem
from core.seasons.models import SeasonTrade

PAGE_SIZE: Final = 50
AT_COUNTER: Final = "本人到发证机构领取"
_UNKNOWN: Final = NotFound("batch_unknown", "没有找到这个发证批次。请从发证登记册进入。")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger: what the certificate says, where its paper is, and how it came there."""

    certificate_id: UUID
    number: str
    holder: str
    tail: str
    unit: str
    grade: str
    trade: str
    issued_at: datetime
    place: PaperPlace
    batch_id: UUID | None
    serial: int | None
    handed_at: datetime | None
    received_at: datetime | None
    receiver: str
    note: str
    successor: str
    replaces: str
    revoked_at: datetime | None
    superseded_at: datetime | None
    item_state: str


@dataclass(frozen=True, slots=True)
class OfUnit:
    """The papers of a unit's people that lie at the office and are in no batch."""

    unit_id: UUID
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch with its unit's name, how many papers it holds, and how many of them wait for their holders."""

    batch: CertificateBatch
    unit: str
    papers: int
    waiting: int


def place_of() -> ColumnElement[str]:
    """Where a certificate's paper is; of ``Certificate`` with its present item and batch (``placed``)."""
    void = or_(Certificate.revoked_at.is_not(None), Certificate.superseded_at.is_not(None))
    waiting = CertificateBatchItem.state == "waiting"
    return case(
        (
            and_(Certificate.superseded_ground == "lost", Certificate.returned_at.is_(None)),
            literal(PaperPlace.LOST.value),
        ),
        (and_(void, Certificate.returned_at.is_not(None)), literal(PaperPlace.BACK.value)),
        (void, literal(PaperPlace.TO_RETURN.value)),
        (CertificateBatchItem.state == "received", literal(PaperPlace.RECEIVED.value)),
        (and_(waiting, CertificateBatch.state == "made"), literal(PaperPlace.BATCH.value)),
        (waiting, literal(PaperPlace.UNIT.value)),
        else_=literal(PaperPlace.STOCK.value),
    )


def placed(wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A statement over ``Certificate``, joined with its present item and its batch."""
    present = and_(
        CertificateBatchItem.certificate_id == Certificate.id, CertificateBatchItem.state.in_(["waiting", "received"])
    )
    return wanted.outerjoin(CertificateBatchItem, present).outerjoin(
        CertificateBatch, CertificateBatch.id == CertificateBatchItem.batch_id
    )


def entries(
    session: OfficeSession,
    year: int,
    *,
    place: PaperPlace | None = None,
    words: str = "",
    after: str = "",
    limit: int | None = None,
) -> list[Entry]:
    """The office's certificates of a year, by number after ``after``; of a place, or by number, name or unit."""
    wanted = _entries().where(Certificate.office_id == session.office_id, Certificate.year == year)
    if place is not None:
        wanted = wanted.where(place_of() == place.value)
    if words.strip():
        sought = f"%{_plain(words)}%"
        wanted = wanted.where(
            or_(
                Certificate.number.ilike(sought),
                Application.unit_name.ilike(sought),
                func.coalesce(Certificate.holder_name, Application.person_name).ilike(sought),
            )
        )
    return _read(session, wanted.where(Certificate.number > after).order_by(Certificate.number).limit(limit))


def counts(session: OfficeSession, year: int) -> dict[PaperPlace, int]:
    """How many papers of a year are in each place."""
    wanted = placed(select(place_of().label("place"), func.count()).select_from(Certificate))
    ours = wanted.where(Certificate.office_id == session.office_id, Certificate.year == year).group_by("place")
    found = {PaperPlace(place): count for place, count in session.execute(ours)}
    return {place: found.get(place, 0) for place in PaperPlace}


def in_stock(session: OfficeSession, year: int) -> list[OfUnit]:
    """The units whose people's papers of a year lie at the office in no batch, by name."""
    stock = place_of() == PaperPlace.STOCK.value
    wanted = placed(
        select(Application.unit_id, func.max(Unit.name).label("name"), func.count())
        .select_from(Certificate)
        .join(Application, Application.id == Certificate.application_id)
        .join(Unit, Unit.id == Application.unit_id)
    ).where(Certificate.office_id == session.office_id, Certificate.year == year, stock)
    rows = session.execute(wanted.group_by(Application.unit_id).order_by("name"))
    return [OfUnit(unit_id, name, count) for unit_id, name, count in rows]


def stock_of(session: OfficeSession, year: int, unit_id: UUID) -> Sequence[UUID]:
    """The certificates of a unit's people whose papers lie at the office in no batch, by number."""
    wanted = placed(
        select(Certificate.id).select_from(Certificate).join(Application, Application.id == Certificate.application_id)
    ).where(
        Certificate.office_id == session.office_id,
        Certificate.year == year,
        Application.unit_id == unit_id,
        place_of() == PaperPlace.STOCK.value,
    )
    return session.scalars(wanted.order_by(Certificate.number)).all()


def place(session: OfficeSession, certificate_id: UUID) -> PaperPlace:
    """Where the paper of one of the office's certificates is."""
    wanted = placed(select(place_of()).select_from(Certificate)).where(
        Certificate.id == certificate_id, Certificate.office_id == session.office_id
    )
    found = session.scalar(wanted)
    if found is None:
        raise NotFound("certificate_unknown", "没有找到这本证书。请核对证书编号。")
    return PaperPlace(found)


def batches(session: OfficeSession | UnitSession, year: int) -> list[BatchLine]:
    """The batches of a year that the session sees, the open ones first; a unit sees those handed over to it."""
    mine = (
        CertificateBatch.office_id == session.office_id
        if isinstance(session, OfficeSession)
        else and_(CertificateBatch.unit_id.is_not(None), CertificateBatch.state.in_(["handed_over", "settled"]))
    )
    waits = func.count().filter(CertificateBatchItem.state == "waiting")
    wanted = (
        select(CertificateBatch, func.coalesce(func.max(Unit.name), AT_COUNTER), func.count(), waits)
        .join(CertificateBatchItem, CertificateBatchItem.batch_id == CertificateBatch.id)
        .outerjoin(Unit, Unit.id == CertificateBatch.unit_id)
        .where(mine, CertificateBatch.year == year)
        .group_by(CertificateBatch.id)
        .order_by(CertificateBatch.state.in_(["settled", "cancelled"]), CertificateBatch.serial.desc())
    )
    return [BatchLine(batch, unit, papers, waiting) for batch, unit, papers, waiting in session.execute(wanted)]


def batch(session: OfficeSession | UnitSession, batch_id: UUID) -> CertificateBatch:
    """One batch of the office; for a unit, one that was handed over to it."""
    if isinstance(session, OfficeSession):
        return own_row(session, CertificateBatch, batch_id, _UNKNOWN)
    found = session.get(CertificateBatch, batch_id)
    if found is None or found.unit_id is None or found.handed_at is None:
        raise _UNKNOWN
    return found


def batch_entries(session: OfficeSession | UnitSession, batch_id: UUID) -> list[Entry]:
    """The certificates of a batch by number, each with what became of it there."""
    wanted = _columns(CertificateBatchItem, CertificateBatch)
    wanted = wanted.join(CertificateBatchItem, CertificateBatchItem.certificate_id == Certificate.id).join(
        CertificateBatch, CertificateBatch.id == CertificateBatchItem.batch_id
    )
    return _read(session, wanted.where(CertificateBatchItem.batch_id == batch_id).order_by(Certificate.number))


def unit_name(session: ScopedSession, batch: CertificateBatch) -> str:
    """The name of a batch's unit; for one holder, that they came to the office."""
    return AT_COUNTER if batch.unit_id is None else session.get_one(Unit, batch.unit_id).name


def not_received(year: int) -> Select[*tuple[Any, ...]]:
    """The offices of a year's certificates in force that their holders have not signed for, one row for each."""
    wanted = placed(select(Certificate.office_id).select_from(Certificate))
    return wanted.where(Certificate.year == year, place_of().in_([place.value for place in NOT_RECEIVED]))


def waits_at(office_id: str, places: Collection[PaperPlace]) -> Select[*tuple[Any, ...]]:
    """The years of an office's certificates whose papers are in these places, one row for each."""
    wanted = placed(select(Certificate.year).select_from(Certificate))
    return wanted.where(Certificate.office_id == office_id, place_of().in_([place.value for place in places]))


def batches_at_units() -> Select[int]:
    """The years of batches that lie at units with papers in force that nobody signed for; the policies leave those of
    the session.
    """
    to_sign_for = exists().where(
        CertificateBatchItem.batch_id == CertificateBatch.id,
        CertificateBatchItem.state == ItemState.WAITING.value,
        Certificate.id == CertificateBatchItem.certificate_id,
        Certificate.revoked_at.is_(None),
        Certificate.superseded_at.is_(None),
    )
    return select(CertificateBatch.year).where(
        CertificateBatch.unit_id.is_not(None), CertificateBatch.state == BatchState.HANDED_OVER.value, to_sign_for
    )


def _entries() -> Select[*tuple[Any, ...]]:
    return placed(_columns(CertificateBatchItem, CertificateBatch))


def _columns(item: type[CertificateBatchItem], of_batch: type[CertificateBatch]) -> Select[*tuple[Any, ...]]:
    before, after = aliased(Certificate), aliased(Certificate)
    return (
        select(
            Certificate.id,
            Certificate.number,
            func.coalesce(Certificate.holder_name, Application.person_name),
            func.coalesce(Certificate.holder_tail, Application.id_tail),
            Application.unit_name,
            Application.grade,
            func.coalesce(SeasonTrade.name, Application.trade),
            Certificate.issued_at,
            place_of(),
            of_batch.id,
            of_batch.serial,
            of_batch.handed_at,
            item.settled_at,
            func.coalesce(item.receiver, ""),
            func.coalesce(item.note, ""),
            func.coalesce(after.number, ""),
            func.coalesce(before.number, ""),
            Certificate.revoked_at,
            Certificate.superseded_at,
            func.coalesce(item.state, ""),
        )
        .select_from(Certificate)
        .join(Application, Application.id == Certificate.application_id)
        .outerjoin(before, before.id == Certificate.replaces_id)
        .outerjoin(after, after.replaces_id == Certificate.id)
        .outerjoin(
            SeasonTrade,
            (SeasonTrade.year == Certificate.year)
            & (SeasonTrade.grade == Application.grade)
            & (SeasonTrade.trade == Application.trade),
        )
    )


def _read(session: ScopedSession, wanted: Select[*tuple[Any, ...]]) -> list[Entry]:
    found = []
    for row in session.execute(wanted):
        told = list(row)
        told[5], told[8] = Grade(told[5]).label, PaperPlace(told[8])
        found.append(Entry(*told))
    return found


def _plain(words: str) -> str:
    """The words of a search without the signs that LIKE reads as more than themselves."""
    return words.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
