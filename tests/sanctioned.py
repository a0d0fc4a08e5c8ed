"""Sanctions that have been decided before a test begins: the way to a disqualification is the same everywhere."""

from datetime import timedelta
from uuid import UUID

from core.sanctions import cases
from core.sanctions.cases import Measures
from tests.cases import CITY, Case, Season

DISQUALIFIES = Measures(disqualifies=True, revokes=False, ban_years=0)


def decided_before(season: Season, case: Case, reason: str, measures: Measures = DISQUALIFIES) -> UUID:
    """A case that was proposed, heard and decided some time ago: its decision may be carried out now."""
    now = season.now
    season.now = now - timedelta(days=60)
    with season.as_office(CITY) as session:
        found = cases.propose(session, case.id, facts=reason).id
    with season.as_office(CITY, "supervisor") as session:
        cases.hear(session, found, words="立案", offices=season.offices)
    season.now = now - timedelta(days=45)
    with season.as_office(CITY, "supervisor") as session:
        cases.decide(session, found, words="属实", measures=measures, offices=season.offices)
    season.now = now
    return found


def disqualified(season: Season, case: Case, reason: str = "材料虚假") -> None:
    """Disqualify a case by carrying a decision out."""
    found = decided_before(season, case, reason)
    with season.as_office(CITY, "supervisor") as session:
        cases.carry_out(session, found, offices=season.offices)
