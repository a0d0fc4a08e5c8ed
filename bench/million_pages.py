"""The pages of a province with a million applications, and the posts that ask for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from core.simulate.demo.season import COUNTY, EXAMINING, PLANNING, YEAR


@dataclass(frozen=True, slots=True)
class Asked:
    """One page as an account asks for it; ``account_id`` is None for the public."""

    post: str
    title: str
    address: str
    account_id: UUID | None = None
    sent: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The measurement of a page."""

    statements: int
    median: float
    worst: float
    rows: int

    def cells(self) -> tuple[str, ...]:
        """The same for a table."""
        return str(self.statements), f"{self.median:.1f}", f"{self.worst:.1f}", str(self.rows)


_DESK: Final = {
    "first page": "/desk",
    "search by initials": "/desk?q=csj",
    "search by name": "/desk?q={name}",
    "search by last digits": "/desk?q=0417",
    "search by unit": "/desk?q=模拟",
    "search by number": "/desk?q=2025000012",
    "one grade": "/desk?grade=4",
    "those through": "/desk?state=qualified",
    "one's own claims": "/desk?claimed=mine",
    "a case": "/desk/cases/{in_hand}",
    "its story": "/cases/{in_hand}/story",
    "the season": "/season",
    "late entries": "/season/late",
    "notices": "/notices",
}
_UNIT: Final = {
    "first page": "/unit",
    "those that wait": "/unit?waiting=1",
    "one state": "/unit?state=qualified",
    "search by name": "/unit?q=测试甲",
    "rosters": "/unit/rosters",
    "units": "/unit/units",
}
_SUPERVISED: Final = {
    "cases": "/supervision/cases",
    "cases of a state": "/supervision/cases?state=rejected",
    "search by name": "/supervision/cases?q={name}",
    "search by number": "/supervision/cases?q=202500001",
    "a case": "/supervision/cases/{case}",
}
_LISTS: Final = {"lists": "/awards", "a list": "/awards/{own_list}"}
_EXAM: Final = {
    "plans": "/plans",
    "a plan": "/plans/{plan}",
    "sittings": "/exams/sittings",
    "tickets": "/exams/papers",
    "exam day": "/exams/day",
    "accommodations": "/accommodations",
    "training": "/exams/training",
}
_PAGES: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("county reviewer", "yiyang.online", _DESK),
    ("city reviewer", "luoyang.online", _DESK),
    ("unit manager", "@unit_manager", _UNIT),
    ("department reviewer", "@department_reviewer", _UNIT),
    (
        "city supervisor",
        "luoyang.supervisor",
        {"the season": "/season", "delegations": "/delegations", "filings": "/filings", **_SUPERVISED, **_LISTS},
    ),
    ("scheduler", "jiaozuo.scheduler", _EXAM),
    (
        "examiner",
        "hebi.examiner",
        {
            "marks": "/marks",
            "a table of marks": "/marks/imports/{marks}",
            "checks": "/marks/checks",
            "corrections": "/marks/corrections",
            "panels": "/panels",
            "exam day": "/exams/day",
            "a sitting's door": "/exams/day/{sitting}",
        },
    ),
    (
        "center",
        "henan.center",
        {
            "board": "/board",
            "a city on it": "/board/offices/henan/luoyang",
            "progress of exams": "/board/exams",
            "filings": "/board/filings",
            **_SUPERVISED,
            "cases of an office": "/supervision/cases?office=henan/luoyang",
            "cases of an office and a state": "/supervision/cases?office=henan/luoyang&state=rejected",
            "record": "/record",
        },
    ),
    (
        "auditor",
        "henan.auditor",
        {
            "record": "/record",
            "record of an office": "/record?office=henan/luoyang",
            "record of a kind": "/record?kind=application.approve",
            "record of a case": "/record?subject={case}",
            "record of a day": "/record?since=2025-03-25&until=2025-03-25",
        },
    ),
    (
        "applicant",
        "@applicant",
        {
            "one's applications": "/my",
            "one of them": "/my/applications/{own}",
            "exam": "/my/applications/{own}/exam",
            "results": "/my/applications/{own}/results",
            "certificates": "/certificates/own",
            "notices": "/notices",
        },
    ),
    (
        "anybody",
        "",
        {
            "front page": "/",
            "calendars": "/calendar",
            "lists": "/published",
            "a list": "/published/{list}",
            "a list further on": "/published/{list}?after=100000",
        },
    ),
)


def pages(superuser: psycopg.Connection) -> Iterator[Asked]:
    """Every page of every post, the places in the addresses filled in."""
    known = _known(superuser)
    for post, login, listed in _PAGES:
        account = None if not login else _account(superuser, login)
        mine = known | ({"in_hand": known["county_case"]} if post.startswith("county") else {"in_hand": known["case"]})
        for title, address in listed.items():
            yield Asked(post, title, address.format(**mine), account)
    sent = {"number": known["number"], "name": known["holder"]}
    yield Asked("anybody", "a certificate", "/api/v1/certificates/verify", sent=sent)


def _known(superuser: psycopg.Connection) -> dict[str, str]:
    of_city = f"FROM applications WHERE year = {YEAR} AND handler_office_id = "
    waits = "AND state = 'qualification_review' ORDER BY due_at DESC LIMIT 1"
    wanted = {
        "case": f"SELECT id {of_city} 'henan/luoyang' {waits}",
        "county_case": f"SELECT id {of_city} '{COUNTY}' {waits}",
        "name": f"SELECT person_name {of_city} 'henan/luoyang' {waits}",
        "own": f"SELECT id {_APPLICANT}",
        "plan": f"SELECT id FROM plans WHERE year = {YEAR} AND office_id = '{PLANNING}'",
        "marks": f"SELECT id FROM mark_imports WHERE year = {YEAR} AND office_id = '{EXAMINING}'",
        "sitting": f"SELECT id FROM sittings WHERE year = {YEAR} AND office_id = '{EXAMINING}' LIMIT 1",
        "list": "SELECT id FROM publications WHERE state = 'published' LIMIT 1",
        "own_list": "SELECT id FROM publications WHERE office_id = 'henan/luoyang' LIMIT 1",
        "number": "SELECT number FROM certificates ORDER BY number DESC LIMIT 1",
        "holder": "SELECT a.person_name FROM certificates c JOIN applications a ON a.id = c.application_id "
        "ORDER BY c.number DESC LIMIT 1",
    }
    return {name: str(_value(superuser, statement)) for name, statement in wanted.items()}


_APPLICANT: Final = (
    f"FROM applications WHERE year = {YEAR} AND office_id = '{EXAMINING}' AND person_id IN "
    "(SELECT person_id FROM accounts) ORDER BY person_name LIMIT 1"
)


def _account(superuser: psycopg.Connection, login: str) -> UUID:
    if login == "@applicant":
        found = _value(superuser, f"SELECT id FROM accounts WHERE person_id = (SELECT person_id {_APPLICANT})")
    elif login.startswith("@"):
        of = "unit_id" if login == "@unit_manager" else "department_id"
        found = _value(
            superuser,
            f"SELECT g.account_id FROM role_grants g JOIN applications a ON a.{of} = g.unit_id "
            f"WHERE g.role = '{login[1:]}' AND g.valid_until IS NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
        )
    else:
        found = _value(superuser, f"SELECT id FROM accounts WHERE login = '{login}'")
    assert isinstance(found, UUID)  # noqa: S101 - the demonstration has them
    return found


def _value(superuser: psycopg.Connection, statement: str) -> Any:
    row = superuser.execute(statement).fetchone()  # type: ignore[call-overload]
    assert row is not None, statement  # noqa: S101 - the demonstration has them
    return row[0]
