"""The results of a unit's people: outcomes once published, lists and certificates, and the notices that name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from core.applications.models import Application
from core.applications.queries import of_units
from core.db.session import UnitSession
from core.domain.workflow import State
from core.errors import NotFound
from core.results.models.awards import Certificate, Publication, PublicationEntry
from core.results.models.marks import Outcome


class Only(StrEnum):
    """The filters of the list."""

    ALL = "all"
    PASSED = "passed"
    FAILED = "failed"
    CERTIFIED = "certified"
    REVOKED = "revoked"


ONLY_LABELS = {
    Only.ALL: "全部",
    Only.PASSED: "合格",
    Only.FAILED: "不合格",
    Only.CERTIFIED: "已发证",
    Only.REVOKED: "已撤销",
}


@dataclass(frozen=True, slots=True)
class UnitResult:
    """One of a unit's people: ``passed`` is None while nothing is published; their list is out until ``ends_at``."""

    application_id: UUID
    reference: str
    name: str
    id_tail: str
    unit: str
    grade: int
    trade: str
    passed: bool | None
    listed: str
    ends_at: datetime | None
    struck_reason: str
    certificate_id: UUID | None
    number: str
    issued_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str
    returned_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnitNotice:
    """A notice of those who passed that names people of the unit, and how many."""

    publication: Publication
    people: int


def unit_results(session: UnitSession, year: int, only: Only = Only.ALL) -> list[UnitResult]:
    """The unit's people of a year who sat or may sit the exam, by unit and name; unpublished outcomes are not seen."""
    rows = session.execute(_people(session, year).where(*_narrowed(only)))
    return [UnitResult(*list(row)) for row in rows]


def unit_notices(session: UnitSession, year: int) -> list[UnitNotice]:
    """The notices of a year that name people of the unit, the latest first."""
    wanted = (
        select(Publication, func.count())
        .join(PublicationEntry, PublicationEntry.publication_id == Publication.id)
        .join(Application, Application.id == PublicationEntry.application_id)
        .where(Publication.year == year, Publication.state == "closed", PublicationEntry.struck_at.is_(None))
        .where(of_units(session))
        .group_by(Publication.id)
        .order_by(Publication.closed_at.desc())
    )
    return [UnitNotice(publication, people) for publication, people in session.execute(wanted)]


def notice_lines(session: UnitSession, publication_id: UUID) -> tuple[Publication, Sequence[Any]]:
    """A closed list with those of its lines that are the unit's people; NotFound where there are none."""
    found = session.get(Publication, publication_id)
    wanted = (
        select(
            Application.id,
            Application.person_name,
            Application.id_tail,
            Application.unit_name,
            Application.grade,
            Application.trade,
        )
        .join(PublicationEntry, PublicationEntry.application_id == Application.id)
        .where(
            PublicationEntry.publication_id == publication_id, PublicationEntry.struck_at.is_(None), of_units(session)
        )
        .order_by(PublicationEntry.position)
    )
    lines = session.execute(wanted).all()
    if found is None or found.state != "closed" or not lines:
        raise NotFound("notice_unknown", "没有找到这份通知，或者其中没有本单位人员。请从“成绩和证书”中打开。")
    return found, lines


def _people(session: UnitSession, year: int) -> Select[*tuple[Any, ...]]:
    standing = and_(
        PublicationEntry.application_id == Application.id,
        PublicationEntry.struck_at.is_(None),
        PublicationEntry.released_at.is_(None),
    )
    struck = _struck().limit(1).scalar_subquery()
    examined = or_(
        Application.state == State.QUALIFIED, Outcome.application_id.is_not(None), Certificate.id.is_not(None)
    )
    return (
        select(
            Application.id,
            Application.reference,
            Application.person_name,
            Application.id_tail,
            Application.unit_name,
            func.coalesce(Application.grade, 0),
            func.coalesce(Application.trade, ""),
            Outcome.passed,
            func.coalesce(Publication.state, ""),
            Publication.ends_at,
            func.coalesce(struck, ""),
            Certificate.id,
            func.coalesce(Certificate.number, ""),
            Certificate.issued_at,
            Certificate.revoked_at,
            func.coalesce(Certificate.revoked_reason, ""),
            Certificate.returned_at,
        )
        .outerjoin(Outcome, and_(*_told()))
        .outerjoin(PublicationEntry, standing)
        .outerjoin(Publication, Publication.id == PublicationEntry.publication_id)
        .outerjoin(Certificate, and_(Certificate.application_id == Application.id, Certificate.superseded_at.is_(None)))
        .where(of_units(session), Application.year == year, examined)
        .order_by(Application.unit_name, Application.person_name, Application.reference)
    )


def _struck() -> Select[str]:
    """Why a person's line was struck, where that still binds them and they stand on no other list."""
    gone, other = aliased(PublicationEntry), aliased(PublicationEntry)
    stands = select(other.application_id).where(
        other.application_id == Application.id, other.struck_at.is_(None), other.released_at.is_(None)
    )
    return (
        select(gone.struck_reason)
        .where(
            gone.application_id == Application.id,
            gone.struck_at.is_not(None),
            gone.released_at.is_(None),
            ~stands.correlate(Application).exists(),
        )
        .order_by(gone.struck_at.desc())
        .correlate(Application)
    )


def _told() -> Sequence[ColumnElement[bool]]:
    """An outcome that a unit is told: published, and not annulled since."""
    return (Outcome.application_id == Application.id, Outcome.published_at.is_not(None), Outcome.annulled_at.is_(None))


def _narrowed(only: Only) -> Sequence[ColumnElement[bool]]:
    found: dict[Only, Sequence[ColumnElement[bool]]] = {
        Only.ALL: [],
        Only.PASSED: [Outcome.passed.is_(True), Certificate.revoked_at.is_(None), ~_struck().exists()],
        Only.FAILED: [Outcome.passed.is_(False)],
        Only.CERTIFIED: [Certificate.id.is_not(None), Certificate.revoked_at.is_(None)],
        Only.REVOKED: [Certificate.revoked_at.is_not(None)],
    }
    return found[only]
