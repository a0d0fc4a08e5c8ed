"""Who may see which case, as a literal table, and the cases and sessions to hold the database against it.

The check asks PostgreSQL alone: plain selects without a condition, in a session of each scope.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
from core.db.base import Base
from core.db.session import ScopedSession
from core.delegation import service as delegation
from core.delegation.queries import delegation_between
from core.delegation.scope import Scope
from core.delegation.service import CaseChoice, Terms
from core.plugin_api import DelegationMode, ReviewStage
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, Case, Season, at

EXPECTED: Mapping[str, set[str]] = {
    "applicant": {"draft", "submitted"},
    "other applicant": {"elsewhere"},
    "unit": {"submitted"},
    "other unit": {"elsewhere"},
    "department": {"submitted"},
    "owning city": {"submitted", "delegated", "taken_back"},
    "other city": {"elsewhere"},
    "county": {"delegated", "taken_back"},
    "province as an office": set(),
    "province": {"draft", "submitted", "delegated", "taken_back", "elsewhere"},
    "auditor": {"draft", "submitted", "delegated", "taken_back", "elsewhere"},
    "sign-in": set(),
    "operator": set(),
    "public": set(),
}
"""Role → the cases that it sees. The county handles one case and once handled another; drafts are their makers' own."""

Opening = Callable[[], AbstractContextManager[ScopedSession]]


def cases_of_every_kind(season: Season) -> dict[str, Case]:
    """A case of each kind in the table, made by the services."""
    season.now = at(3, 25)
    cases = {"taken_back": season.at_office(COUNTY)}
    take_back(season, CaseChoice.MOVE)
    season.now += timedelta(hours=1)
    hand_over(season, CaseChoice.STAY)
    cases["delegated"] = season.at_office(COUNTY)
    cases["submitted"] = season.submitted(department=True)
    cases["draft"] = season.draft(person=cases["submitted"].person)
    cases["elsewhere"] = season.at_office(OTHER_CITY)
    return cases


def take_back(season: Season, choice: CaseChoice) -> None:
    """The city ends the county's delegation."""
    with season.as_office(CITY, "supervisor") as session:
        found = delegation_between(session, CITY, COUNTY)
        assert found is not None
        delegation.take_back(session, found, cases=choice, reason="测试收回")


def hand_over(season: Season, choice: CaseChoice) -> UUID:
    """The city hands both stages over to the county, from now on."""
    stages = frozenset({ReviewStage.QUALIFICATION_REVIEW, ReviewStage.ONSITE_CONFIRMATION})
    terms = Terms(
        "测试〔2024〕2号", DelegationMode.HANDED_OVER, Scope(stages, None, None, None), season.now, open_cases=choice
    )
    with season.as_office(CITY, "supervisor") as session:
        made = delegation.propose(session, COUNTY, terms)
        delegation.take_effect(session, made.id)
        return made.id


def openings(season: Season, cases: Mapping[str, Case]) -> dict[str, Opening]:
    """The session of each role."""
    submitted, elsewhere = cases["submitted"], cases["elsewhere"]
    department = submitted.department
    assert department is not None
    return {
        "applicant": lambda: season.as_person(submitted.person),
        "other applicant": lambda: season.as_person(elsewhere.person),
        "unit": lambda: season.as_unit(submitted.unit),
        "other unit": lambda: season.as_unit(elsewhere.unit),
        "department": lambda: season.as_unit(department, submitted.unit),
        "owning city": lambda: season.as_office(CITY),
        "other city": lambda: season.as_office(OTHER_CITY),
        "county": lambda: season.as_office(COUNTY),
        "province as an office": lambda: season.as_office(PROVINCE),
        "province": season.as_province,
        "auditor": season.as_auditor,
        "sign-in": season.signing_in,
        "operator": season.as_operator,
        "public": season.as_public,
    }


def visible(season: Season, cases: Mapping[str, Case]) -> dict[str, set[str]]:
    """Role → the cases that PostgreSQL shows it now."""
    names = {case.id: name for name, case in cases.items()}
    seen = {}
    for role, opening in openings(season, cases).items():
        with opening() as session:
            seen[role] = {names[found] for found in session.scalars(select(Application.id))}
    return seen


def strays(season: Season, cases: Mapping[str, Case]) -> set[tuple[str, str, str]]:
    """(role, table, case) of every row about a case that a role sees without seeing the case itself."""
    names = {case.id: name for name, case in cases.items()}
    tables = [table for table in Base.metadata.sorted_tables if "application_id" in table.columns]
    found = set()
    for role, opening in openings(season, cases).items():
        with opening() as session:
            for table in tables:
                ids = session.scalars(select(table.c.application_id).where(table.c.application_id.is_not(None)))
                found |= {
                    (role, table.name, names[office_id]) for office_id in ids if names[office_id] not in EXPECTED[role]
                }
    return found
