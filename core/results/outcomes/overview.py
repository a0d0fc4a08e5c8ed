"""Reading results as a whole: an office its own candidates by name, the province every office in figures alone."""

from dataclasses import dataclass

from sqlalchemy import func, select

from core.applications.models import Application
from core.db.session import OfficeSession, ProvinceSession
from core.results.models.marks import Outcome
from core.results.outcomes.figures import Examined, rate
from core.tenancy.models import Office


@dataclass(frozen=True, slots=True)
class OfOffice:
    """The results of one office in figures, the year before beside them."""

    office_id: str
    name: str
    examined: int
    passed: int
    published: int
    before: int
    passed_before: int

    @property
    def rate(self) -> str:
        """The pass rate in percent."""
        return rate(self.passed, self.examined)

    @property
    def rate_before(self) -> str:
        """The pass rate of the year before."""
        return rate(self.passed_before, self.before)


def examined(session: OfficeSession, year: int) -> list[Examined]:
    """The candidates of the office with an outcome that stands, by unit and number."""
    wanted = (
        select(
            Application.reference,
            Application.person_name,
            Application.id_tail,
            Application.unit_name,
            Outcome.grade,
            Outcome.trade,
            Outcome.passed,
            Outcome.published_at.is_not(None),
            Outcome.reason,
            Outcome.basis,
        )
        .join(Application, Application.id == Outcome.application_id)
        .where(Outcome.office_id == session.office_id, Outcome.year == year, Outcome.annulled_at.is_(None))
        .order_by(Application.unit_name, Application.reference)
    )
    return [Examined(*row) for row in session.execute(wanted)]


def by_office(session: ProvinceSession, year: int) -> list[OfOffice]:
    """The results of every office in figures, by its code; offices of made-up people are left out."""
    this, passed = Outcome.year == year, Outcome.passed
    wanted = (
        select(
            Office.id,
            Office.name,
            func.count().filter(this),
            func.count().filter(this, passed),
            func.count(Outcome.published_at).filter(this),
            func.count().filter(~this),
            func.count().filter(~this, passed),
        )
        .join(Outcome, Outcome.office_id == Office.id)
        .where(~Office.practice, Outcome.year.in_([year, year - 1]), Outcome.annulled_at.is_(None))
        .group_by(Office.id, Office.name)
        .order_by(Office.id)
    )
    return [OfOffice(*row) for row in session.execute(wanted)]
