"""Reading hand-overs: what is to be handed over, what was, and what nobody has received yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from core.applications.models import Application
from core.db.rows import own_row
from core.db.session import OfficeSession, UnitSession
from core.errors import NotFound
from core.organizations.models import Unit
from core.plugin_api import Grade
from core.results.archive.handover_states import AT_RECEIVER, HandoverState, Matter
from core.results.models.archive import ArchiveHandover, ArchiveHandoverItem
from core.results.models.awards import ArchivePackage, Certificate, Publication
from core.seasons.models import SeasonTrade

UNKNOWN: Final = NotFound("handover_unknown", "没有找到这份移交清单。请从“档案移交”或“档案接收”页面进入。")


@dataclass(frozen=True, slots=True)
class OfUnit:
    """How many lines a unit's next list has."""

    unit_id: UUID
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a unit's list: the person, the certificate, and the papers for their file."""

    number: str
    holder: str
    tail: str
    grade: str
    trade: str
    matter: Matter
    replaces: str


@dataclass(frozen=True, slots=True)
class Line:
    """A hand-over, and how many people its list names."""

    handover: ArchiveHandover
    people: int


def packages_to_hand(session: OfficeSession, year: int) -> Sequence[ArchivePackage]:
    """The packages of the office's season that no archive was given, the oldest first."""
    wanted = select(ArchivePackage).where(
        ArchivePackage.office_id == session.office_id, ArchivePackage.year == year, _package_waits()
    )
    return session.scalars(wanted.order_by(ArchivePackage.serial)).all()


def units_to_hand(session: OfficeSession, year: int) -> list[OfUnit]:
    """The units for whose people's files something is to be handed over, by name."""
    wanted = (
        select(Application.unit_id, func.max(Unit.name).label("name"), func.count())
        .select_from(Certificate)
        .join(Application, Application.id == Certificate.application_id)
        .join(Unit, Unit.id == Application.unit_id)
        .where(Certificate.office_id == session.office_id, Certificate.year == year, _paper_waits())
    )
    rows = session.execute(wanted.group_by(Application.unit_id).order_by("name"))
    return [OfUnit(unit_id, name, count) for unit_id, name, count in rows]


def items_to_hand(session: OfficeSession, year: int, unit_id: UUID) -> list[tuple[UUID, UUID, Matter]]:
    """The certificates, with their applications, that a unit's next list has, by number."""
    matter = case((Certificate.revoked_at.is_(None), literal("certificate")), else_=literal("revocation"))
    wanted = (
        select(Certificate.id, Certificate.application_id, matter)
        .join(Application, Application.id == Certificate.application_id)
        .where(
            Certificate.office_id == session.office_id,
            Certificate.year == year,
            Application.unit_id == unit_id,
            _paper_waits(),
        )
    )
    rows = session.execute(wanted.order_by(Certificate.number))
    return [(certificate, application, Matter(what)) for certificate, application, what in rows]


def handovers(session: OfficeSession | UnitSession, year: int) -> list[Line]:
    """The hand-overs of a year that the session sees: the open ones first, then the newest; a unit sees its own."""
    mine = (
        ArchiveHandover.office_id == session.office_id
        if isinstance(session, OfficeSession)
        else ArchiveHandover.unit_id.is_not(None)
    )
    wanted = (
        select(ArchiveHandover, func.count(ArchiveHandoverItem.certificate_id))
        .outerjoin(ArchiveHandoverItem, ArchiveHandoverItem.handover_id == ArchiveHandover.id)
        .where(mine, ArchiveHandover.year == year)
        .group_by(ArchiveHandover.id)
        .order_by(ArchiveHandover.state.not_in(_open()), ArchiveHandover.handed_at.desc(), ArchiveHandover.serial)
    )
    return [Line(handover, people) for handover, people in session.execute(wanted)]


def handover(session: OfficeSession | UnitSession, handover_id: UUID) -> ArchiveHandover:
    """One hand-over of the office; for a unit, one to it."""
    if isinstance(session, OfficeSession):
        return own_row(session, ArchiveHandover, handover_id, UNKNOWN)
    found = session.get(ArchiveHandover, handover_id)
    if found is None or found.unit_id is None:
        raise UNKNOWN
    return found


def entries(session: OfficeSession | UnitSession, handover_id: UUID) -> list[Entry]:
    """The lines of a unit's list, by number; none of a package."""
    before = aliased(Certificate)
    wanted: Select[*tuple[Any, ...]] = (
        select(
            Certificate.number,
            func.coalesce(Certificate.holder_name, Application.person_name),
            func.coalesce(Certificate.holder_tail, Application.id_tail),
            Application.grade,
            func.coalesce(SeasonTrade.name, Application.trade),
            ArchiveHandoverItem.matter,
            func.coalesce(before.number, ""),
        )
        .select_from(ArchiveHandoverItem)
        .join(Certificate, Certificate.id == ArchiveHandoverItem.certificate_id)
        .join(Application, Application.id == ArchiveHandoverItem.application_id)
        .outerjoin(before, before.id == Certificate.replaces_id)
        .outerjoin(
            SeasonTrade,
            (SeasonTrade.year == Certificate.year)
            & (SeasonTrade.grade == Application.grade)
            & (SeasonTrade.trade == Application.trade),
        )
        .where(ArchiveHandoverItem.handover_id == handover_id)
    )
    rows = session.execute(wanted.order_by(Certificate.number, ArchiveHandoverItem.matter))
    return [
        Entry(number, holder, tail, Grade(grade).label, trade, Matter(matter), replaces)
        for number, holder, tail, grade, trade, matter, replaces in rows
    ]


def packages_waiting(office_id: str) -> list[Select[*tuple[Any, ...]]]:
    """The years of an office's packages that no archive was given, or whose receipt nobody has noted."""
    given = select(ArchivePackage.year).where(ArchivePackage.office_id == office_id, _package_waits())
    noted = select(ArchiveHandover.year).where(
        ArchiveHandover.office_id == office_id,
        ArchiveHandover.package_id.is_not(None),
        ArchiveHandover.state == HandoverState.HANDED_OVER.value,
    )
    return [given, noted]


def papers_waiting(office_id: str) -> list[Select[*tuple[Any, ...]]]:
    """The years of units that are to be given papers, once the season is archived; and of lists that came back."""
    archived = exists().where(
        ArchivePackage.office_id == Certificate.office_id,
        ArchivePackage.year == Certificate.year,
        ArchivePackage.publication_id.is_(None),
        ArchivePackage.state == "made",
    )
    units = (
        select(Certificate.year, Application.unit_id)
        .join(Application, Application.id == Certificate.application_id)
        .where(Certificate.office_id == office_id, _paper_waits(), archived)
        .distinct()
        .subquery()
    )
    back = select(ArchiveHandover.year).where(
        ArchiveHandover.office_id == office_id, ArchiveHandover.state == HandoverState.RETURNED.value
    )
    return [select(units.c.year), back]


def lists_at_units() -> Select[int]:
    """The years of the lists whose receipt a unit has not noted; the policies leave those of the session's units."""
    return select(ArchiveHandover.year).where(
        ArchiveHandover.unit_id.is_not(None), ArchiveHandover.state == HandoverState.HANDED_OVER.value
    )


def years_to_archive(office_id: str) -> Select[int]:
    """The years in which an office has closed lists, and no package of the season that was ordered since."""
    since = exists().where(
        ArchivePackage.office_id == Publication.office_id,
        ArchivePackage.year == Publication.year,
        ArchivePackage.publication_id.is_(None),
        ArchivePackage.state != "failed",
        ArchivePackage.requested_at >= Publication.closed_at,
    )
    lists = select(Publication.year).where(Publication.office_id == office_id, Publication.state == "closed", ~since)
    return lists.distinct()


def not_handed_over(year: int) -> Select[*tuple[Any, ...]]:
    """The offices of a year's packages that no archive was given, one row for each."""
    return select(ArchivePackage.office_id).where(ArchivePackage.year == year, _package_waits())


def not_taken_over(year: int) -> Select[*tuple[Any, ...]]:
    """The offices of a year's hand-overs that nobody has received, one row for each."""
    return select(ArchiveHandover.office_id).where(ArchiveHandover.year == year, ArchiveHandover.state.in_(_open()))


def _open() -> list[str]:
    return sorted(state.value for state in AT_RECEIVER)


def _package_waits() -> ColumnElement[bool]:
    """Whether a package is a finished one of a season, and no archive was given it."""
    given = exists().where(
        ArchiveHandover.package_id == ArchivePackage.id, ArchiveHandover.state != HandoverState.WITHDRAWN.value
    )
    return and_(ArchivePackage.state == "made", ArchivePackage.publication_id.is_(None), ~given)


def _paper_waits() -> ColumnElement[bool]:
    """Whether something about a certificate is to go into its holder's file.

    Its papers while it is in force; that it was revoked, where the file has papers of the case. A certificate that was
    issued again has its papers; the line names the number before.
    """
    in_force = Certificate.revoked_at.is_(None) & Certificate.superseded_at.is_(None)
    live = ArchiveHandoverItem.released_at.is_(None)
    of_papers = (ArchiveHandoverItem.matter == Matter.CERTIFICATE.value) & live
    given = exists().where(ArchiveHandoverItem.certificate_id == Certificate.id, of_papers)
    in_file = exists().where(ArchiveHandoverItem.application_id == Certificate.application_id, of_papers)
    told = exists().where(
        ArchiveHandoverItem.certificate_id == Certificate.id,
        ArchiveHandoverItem.matter == Matter.REVOCATION.value,
        live,
    )
    return or_(in_force & ~given, Certificate.revoked_at.is_not(None) & in_file & ~told)
