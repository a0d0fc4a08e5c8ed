"""Reading lists and certificates: by the public, by the office, and by people their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, column as named, func, select, table
from sqlalchemy.orm import aliased

from core.applications.models import Application
from core.db.session import OfficeSession, PersonSession, ScopedSession, UnitSession
from core.errors import NotFound
from core.plugin_api import Grade
from core.results.models.awards import ArchivePackage, Certificate, CertificateReissue, Publication, PublicationEntry
from core.seasons.models import SeasonTrade
from core.tenancy.models import Office

PAGE_SIZE: Final = 50
_SHOWN = ("publication_id", "position", "shown_name", "shown_tail", "shown_unit", "grade", "trade")
PUBLIC = table("published_entries", *(named(name) for name in _SHOWN))


@dataclass(frozen=True, slots=True)
class PublicLine:
    """A line of a published list as the public reads it: masked as the list says, and without any id."""

    position: int
    name: str
    tail: str
    unit: str
    grade: str
    trade: str


@dataclass(frozen=True, slots=True)
class Paper:
    """The text of a certificate, and whether it still holds."""

    id: UUID
    number: str
    name: str
    tail: str
    unit: str
    grade: str
    trade: str
    office: str
    year: int
    issued_at: datetime
    code: str
    revoked_at: datetime | None
    revoked_reason: str
    returned_at: datetime | None
    practice: bool = False
    """Whether a practice office issued it: then it certifies nothing, and says so."""
    superseded_at: datetime | None = None
    ground: str | None = None
    replaces: str | None = None
    """The number of the certificate whose place it has taken (原证号)."""
    successor: str | None = None
    former_name: str | None = None
    present_name: str = ""
    present_tail: str = ""
    asked: bool = False
    """Whether a reissue is open."""
    application_id: UUID | None = None
    identity: str = field(default="", repr=False)
    """The identity number in full, and the holder's photo: filled in for printing alone."""
    photo: bytes = field(default=b"", repr=False)

    @property
    def in_force(self) -> bool:
        """Whether it is neither revoked nor superseded."""
        return self.revoked_at is None and self.superseded_at is None

    @property
    def outdated(self) -> bool:
        """Whether it is in force and its holder's name or number has been corrected since: it is to be exchanged."""
        return self.in_force and (self.name, self.tail) != (self.present_name, self.present_tail)


def lists_out(session: ScopedSession) -> Sequence[Publication]:
    """The lists whose period is running now, the newest first, as on the public page; none of a practice office."""
    wanted = (
        select(Publication)
        .join(Office, Office.id == Publication.office_id)
        .where(
            ~Office.practice,
            Publication.state == "published",
            Publication.published_at <= session.now,
            Publication.ends_at > session.now,
        )
    )
    return session.scalars(wanted.order_by(Publication.published_at.desc(), Publication.id)).all()


def public_lines(
    session: ScopedSession, publication: Publication, *, after: int = 0, limit: int = PAGE_SIZE
) -> list[PublicLine]:
    """A page of a published list after the line ``after``, as the public reads it."""
    trades = trade_names(session, publication.year)
    wanted = select(PUBLIC).where(PUBLIC.c.publication_id == publication.id, PUBLIC.c.position > after)
    return [
        PublicLine(
            row.position,
            row.shown_name,
            row.shown_tail,
            row.shown_unit,
            Grade(row.grade).label,
            trades.get((row.grade, row.trade), row.trade),
        )
        for row in session.execute(wanted.order_by(PUBLIC.c.position).limit(limit))
    ]


def publications(session: OfficeSession, year: int) -> Sequence[Publication]:
    """The office's lists of a year, the newest first."""
    wanted = select(Publication).where(Publication.office_id == session.office_id, Publication.year == year)
    return session.scalars(wanted.order_by(Publication.version.desc(), Publication.edition.desc())).all()


def publication(session: OfficeSession, publication_id: UUID) -> Publication:
    """One list of the office."""
    found = session.get(Publication, publication_id)
    if found is None or found.office_id != session.office_id:
        raise NotFound("publication_unknown", "没有找到这份名单。请从名单列表进入。")
    return found


def lines(session: OfficeSession, publication_id: UUID, *, after: int = 0, limit: int | None = None) -> Sequence[Any]:
    """The lines of a list as its office reads them, each with its certificate where there is one."""
    wanted = (
        select(
            PublicationEntry.position,
            PublicationEntry.application_id,
            PublicationEntry.struck_at,
            PublicationEntry.struck_reason,
            PublicationEntry.released_at,
            Application.reference,
            Application.person_name,
            Application.id_tail,
            Application.unit_name,
            Application.grade,
            Application.trade,
            Certificate.id.label("certificate_id"),
            Certificate.number,
            Certificate.issued_at,
            Certificate.revoked_at,
            Certificate.revoked_reason,
        )
        .join(Application, Application.id == PublicationEntry.application_id)
        .outerjoin(
            Certificate,
            (Certificate.application_id == PublicationEntry.application_id) & Certificate.superseded_at.is_(None),
        )
        .where(
            PublicationEntry.publication_id == publication_id,
            PublicationEntry.office_id == session.office_id,
            PublicationEntry.position > after,
        )
        .order_by(PublicationEntry.position)
    )
    return session.execute(wanted if limit is None else wanted.limit(limit)).all()


def certificate_count(session: OfficeSession, publication_id: UUID) -> int:
    """How many people a list has led to a certificate; one that was issued again counts once."""
    wanted = select(func.count()).where(
        Certificate.publication_id == publication_id,
        Certificate.office_id == session.office_id,
        Certificate.superseded_at.is_(None),
    )
    return session.scalar(wanted) or 0


def papers_of_list(session: OfficeSession, publication_id: UUID, *, skip: int, limit: int) -> list[Paper]:
    """A part of a list's valid certificates, by their numbers, to be printed together."""
    wanted = (
        _papers()
        .where(
            Certificate.publication_id == publication_id,
            Certificate.office_id == session.office_id,
            Certificate.revoked_at.is_(None),
            Certificate.superseded_at.is_(None),
        )
        .order_by(Certificate.number)
    )
    return _read(session, wanted.offset(skip).limit(limit))


def paper(session: OfficeSession | PersonSession | UnitSession, certificate_id: UUID) -> Paper:
    """One certificate that the session may see."""
    found = _read(session, _papers().where(Certificate.id == certificate_id))
    if not found:
        raise NotFound("certificate_unknown", "没有找到这本证书。请核对证书编号。")
    return found[0]


def own_papers(session: PersonSession) -> list[Paper]:
    """A person's own certificates, the newest first."""
    wanted = _papers().where(Application.person_id == session.person_id).order_by(Certificate.issued_at.desc())
    return _read(session, wanted)


def packages(session: OfficeSession, publication_id: UUID) -> Sequence[ArchivePackage]:
    """The packages for the archive of a list, the newest first."""
    wanted = select(ArchivePackage).where(
        ArchivePackage.office_id == session.office_id, ArchivePackage.publication_id == publication_id
    )
    return session.scalars(wanted.order_by(ArchivePackage.id.desc())).all()


def trade_names(session: ScopedSession, year: int) -> Mapping[tuple[int, str], str]:
    """The names of a year's trades, by grade and code."""
    rows = session.execute(
        select(SeasonTrade.grade, SeasonTrade.trade, SeasonTrade.name).where(SeasonTrade.year == year)
    )
    return {(row.grade, row.trade): row.name for row in rows}


def outdated_papers(session: OfficeSession) -> list[Paper]:
    """The office's certificates in force that name their holder otherwise than the case does now: to be exchanged."""
    called = func.coalesce(Certificate.holder_name, Application.person_name)
    tailed = func.coalesce(Certificate.holder_tail, Application.id_tail)
    wanted = _papers().where(
        Certificate.office_id == session.office_id,
        Certificate.revoked_at.is_(None),
        Certificate.superseded_at.is_(None),
        (called != Application.person_name) | (tailed != Application.id_tail),
    )
    return _read(session, wanted.order_by(Certificate.number))


def _papers() -> Select[*tuple[Any, ...]]:
    before, after = aliased(Certificate), aliased(Certificate)
    is_open = CertificateReissue.state.in_(["asked", "proposed"])
    asked = select(CertificateReissue.id).where(CertificateReissue.certificate_id == Certificate.id, is_open)
    return (
        select(
            Certificate.id,
            Certificate.application_id,
            Certificate.number,
            func.coalesce(Certificate.holder_name, Application.person_name).label("holder"),
            func.coalesce(Certificate.holder_tail, Application.id_tail).label("tail"),
            Application.person_name,
            Application.id_tail,
            Application.unit_name,
            Application.grade,
            Application.trade,
            SeasonTrade.name.label("trade_name"),
            Office.name.label("office"),
            Office.practice,
            Certificate.year,
            Certificate.issued_at,
            Certificate.code,
            Certificate.revoked_at,
            Certificate.revoked_reason,
            Certificate.returned_at,
            Certificate.superseded_at,
            Certificate.superseded_ground,
            Certificate.former_name,
            before.number.label("replaces"),
            after.number.label("successor"),
            asked.exists().label("asked"),
        )
        .join(Application, Application.id == Certificate.application_id)
        .outerjoin(before, before.id == Certificate.replaces_id)
        .outerjoin(after, after.replaces_id == Certificate.id)
        .join(Office, Office.id == Certificate.office_id)
        .outerjoin(
            SeasonTrade,
            (SeasonTrade.year == Certificate.year)
            & (SeasonTrade.grade == Application.grade)
            & (SeasonTrade.trade == Application.trade),
        )
    )


def _read(session: ScopedSession, wanted: Select[*tuple[Any, ...]]) -> list[Paper]:
    return [
        Paper(
            id=row.id,
            number=row.number,
            name=row.holder,
            tail=row.tail,
            unit=row.unit_name,
            grade=Grade(row.grade).label,
            trade=row.trade_name or row.trade,
            office=row.office,
            year=row.year,
            issued_at=row.issued_at,
            code=row.code,
            revoked_at=row.revoked_at,
            revoked_reason=row.revoked_reason,
            returned_at=row.returned_at,
            practice=row.practice,
            superseded_at=row.superseded_at,
            ground=row.superseded_ground,
            replaces=row.replaces,
            successor=row.successor,
            former_name=row.former_name,
            present_name=row.person_name,
            present_tail=row.id_tail,
            asked=row.asked,
            application_id=row.application_id,
        )
        for row in session.execute(wanted)
    ]
