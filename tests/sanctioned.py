"""Sanctions that have been decided before a test begins: the way to a disqualification is the same everywhere."""

from datetime import date, timedelta
from uuid import UUID

from core.clock import SHANGHAI
from core.sanctions import cases, papers
from core.sanctions.cases import Measures
from core.sanctions.paper_kinds import ServiceWay
from tests.cases import CITY, Case, Season

DISQUALIFIES = Measures(disqualifies=True, revokes=False, ban_years=0)


def served(season: Season, case_id: UUID, day: date | None = None) -> None:
    """Hand over the paper that waits in a case, today or on an earlier day."""
    today = season.now.astimezone(SHANGHAI).date()
    with season.as_office(CITY, "supervisor") as session:
        papers.serve(session, case_id, way=ServiceWay.IN_PERSON, day=day or today)


def heard(season: Season, case_id: UUID) -> None:
    """Open the hearing of a case that was proposed, and hand its notice over."""
    with season.as_office(CITY, "supervisor") as session:
        cases.hear(session, case_id, words="立案", offices=season.offices)
    served(season, case_id)


def decided(season: Season, case_id: UUID, measures: Measures = DISQUALIFIES) -> None:
    """Decide a case whose time to be heard is over, and hand the decision over."""
    with season.as_office(CITY, "supervisor") as session:
        cases.decide(session, case_id, words="属实", measures=measures, offices=season.offices)
    served(season, case_id)


def carried_out(season: Season, case_id: UUID) -> None:
    """Carry out a decision that is final, as the third person: an officer of the center."""
    with season.as_province() as session:
        cases.carry_out(session, case_id, offices=season.offices)


def decided_before(season: Season, case: Case, reason: str, measures: Measures = DISQUALIFIES) -> UUID:
    """A case that was proposed, heard and decided some time ago: its decision may be carried out now."""
    now = season.now
    season.now = now - timedelta(days=60)
    with season.as_office(CITY) as session:
        found = cases.propose(session, case.id, facts=reason).id
    heard(season, found)
    season.now = now - timedelta(days=45)
    decided(season, found, measures)
    season.now = now
    return found


def disqualified(season: Season, case: Case, reason: str = "材料虚假") -> None:
    """Disqualify a case by carrying a decision out."""
    carried_out(season, decided_before(season, case, reason))
