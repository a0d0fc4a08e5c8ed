"""Who is responsible for the assessment, and where nobody is. Source: 2024 notice §4(1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from core.clock import SHANGHAI
from core.db.session import ScopedSession
from core.responsibility.models import ResponsiblePerson
from core.responsibility.ranks import OWED_BY, Rank, in_force, missing
from core.tenancy.models import Office


@dataclass(frozen=True, slots=True)
class OfficeResponsible:
    """An office and those responsible there on a day. ``owed``: it has to name all three."""

    office: Office
    owed: bool
    held: Mapping[Rank, ResponsiblePerson] = field(default_factory=dict)

    @property
    def missing(self) -> list[Rank]:
        """The ranks that it has to name and nobody holds."""
        return missing(self.held) if self.owed else []


def responsible_for(
    session: ScopedSession, office_id: str, year: int, *, on: date | None = None
) -> dict[Rank, ResponsiblePerson]:
    """Rank → the person who is responsible for an office's season on a day, today where none is given."""
    return in_force(entries(session, office_id, year), on or today(session))


def entries(session: ScopedSession, office_id: str, year: int) -> Sequence[ResponsiblePerson]:
    """Everybody named for an office's season, in the order of entry."""
    wanted = select(ResponsiblePerson).where(ResponsiblePerson.office_id == office_id, ResponsiblePerson.year == year)
    return session.scalars(wanted.order_by(ResponsiblePerson.entered_at, ResponsiblePerson.id)).all()


def responsible_below(session: ScopedSession, year: int, *, below: str | None = None) -> list[OfficeResponsible]:
    """Every office, or one with those below it, and who is responsible there today; two statements."""
    wanted = select(ResponsiblePerson).where(ResponsiblePerson.year == year)
    found: dict[str, list[ResponsiblePerson]] = {}
    for entry in session.scalars(wanted.order_by(ResponsiblePerson.entered_at, ResponsiblePerson.id)):
        found.setdefault(entry.office_id, []).append(entry)
    offices = select(Office).order_by(Office.id)
    if below is not None:
        offices = offices.where((Office.id == below) | Office.id.startswith(f"{below}/", autoescape=True))
    return [
        OfficeResponsible(
            office, office.level in OWED_BY and not office.practice, in_force(found.get(office.id, []), today(session))
        )
        for office in session.scalars(offices)
    ]


def leaderless(session: ScopedSession, year: int) -> list[Office]:
    """The offices without a first responsible person, of those that the session sees."""
    return [found.office for found in responsible_below(session, year) if Rank.FIRST in found.missing]


def today(session: ScopedSession) -> date:
    """The day of the session in Shanghai."""
    return session.now.astimezone(SHANGHAI).date()
