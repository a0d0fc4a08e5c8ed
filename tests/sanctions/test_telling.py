"""No notice about sanctions, bans and suspensions has a word of the case: it says that something waits, and where.

Every free text of the tests below holds the same rare word; it is looked for in everything that went out.
"""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core.sanctions import cases, papers
from core.sanctions.cases import Evidence, Measures
from core.sanctions.service import confirm_ban, lift_ban, refuse_ban, take_over_ban
from core.sanctions.suspensions import suspend
from tests import sanctioned
from tests.cases import CITY, COUNTY, Case, Season, at
from tests.results.awards.awarded import certified, passed

SAID = "伪造学历螭"
"""With a sign that no other text of the platform has."""
_EVERYTHING = text(
    "SELECT kind, title || body AS said, person_id IS NOT NULL AS personal FROM notices"
    " WHERE kind LIKE 'sanction%' OR kind LIKE 'ban%' OR kind LIKE 'suspension%' OR kind LIKE 'application.%'"
    " OR kind LIKE 'certificate%' OR kind LIKE 'ticket%' OR kind LIKE 'reminder.%'"
)


def told(season: Season) -> set[str]:
    """The kinds of all notices; none of them has a word of the case, and none to a person says what it is about."""
    with season.as_province() as session:
        rows = session.execute(_EVERYTHING).all()
    assert [row.said for row in rows if "螭" in row.said] == []
    accusing = ("违规", "违纪", "虚假", "处理决定", "禁止申报")
    about_cases = [row for row in rows if row.personal and row.kind.startswith(("sanction", "ban"))]
    assert [row.said for row in about_cases if any(word in row.said for word in accusing)] == []
    return {row.kind for row in rows}


def heard(season: Season, case: Case) -> UUID:
    with season.as_office(CITY) as session:
        found = cases.propose(session, case.id, facts=SAID, evidence=[Evidence(SAID, sha256="ab" * 32)]).id
    with season.as_office(CITY, "supervisor") as session:
        cases.hear(session, found, words=SAID, offices=season.offices, number=f"{SAID}1号")
    with season.as_person(case.person) as session:
        papers.receive(session, found)
        cases.state(session, found, words=SAID, finished=True)
    return found


def decided(season: Season, case: Case) -> UUID:
    found = heard(season, case)
    with season.as_office(CITY, "supervisor") as session:
        cases.decide(session, found, words=SAID, measures=Measures(), offices=season.offices)
    return found


def test_a_case_until_its_execution_and_the_lifting_of_the_ban(season: Season) -> None:
    case, _ = certified(season)
    found = decided(season, case)
    sanctioned.served(season, found)
    with season.as_office(CITY, "supervisor") as session:
        cases.hand_up(session, found, words=SAID)
    season.now += timedelta(days=40)
    sanctioned.carried_out(season, found)
    with season.as_person(case.person) as session:
        [ban] = session.execute(text("SELECT id FROM bans")).scalars()
    with season.as_province() as session:
        lift_ban(session, ban, reason=SAID)
    kinds = {"hear", "state", "finish", "decide", "serve", "hand_up", "carry_out", "unit"}
    assert {f"sanction_{kind}" for kind in kinds} <= told(season)
    assert {"ban_imposed", "ban_lifted", "certificate_revoked", "application.disqualify"} <= told(season)


@pytest.mark.parametrize("end", ["uphold", "overturn", "clear", "drop"])
def test_every_other_end_of_a_case(season: Season, end: str) -> None:
    case = passed(season)
    if end in {"uphold", "overturn"}:
        found = decided(season, case)
        with season.as_person(case.person) as session:
            cases.appeal(session, found, words=SAID)
        with season.as_province() as session:
            if end == "uphold":
                cases.uphold(session, found, words=SAID, offices=season.offices)
            else:
                cases.overturn(session, found, words=SAID)
    elif end == "clear":
        found = heard(season, case)
        with season.as_office(CITY, "supervisor") as session:
            cases.clear(session, found, words=SAID)
    else:
        with season.as_office(CITY) as session:
            found = cases.propose(session, case.id, facts=SAID).id
        with season.as_office(CITY, "supervisor") as session:
            cases.drop(session, found, words=SAID)
    assert f"sanction_{end}" in told(season)


def test_a_suspension_and_its_end(season: Season) -> None:
    season.now = at(3, 25)
    case = season.at_office(COUNTY)
    assert season.approve_at_office(case, COUNTY) == "qualified"
    with season.as_office(CITY, "supervisor") as session:
        made = suspend(session, case.id, reason=SAID, offices=season.offices)
        cases.drop(session, made.case_id, words=SAID)
    assert {"suspension_imposed", "suspension_lifted"} <= told(season)


def test_a_ban_of_earlier_years(season: Season) -> None:
    case = season.at_office()
    for second in (confirm_ban, lambda session, ban: refuse_ban(session, ban, reason=SAID)):
        assert case.person.person_id is not None
        with season.as_province() as session:
            given = {"instrument": f"{SAID}号", "begins": season.now - timedelta(days=90)}
            ban = take_over_ban(session, person_id=case.person.person_id, reason=SAID, **given)
        with season.as_province("second") as session:
            second(session, ban.id)
    assert {"ban_imposed", "ban_refused"} <= told(season)
