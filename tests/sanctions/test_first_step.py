"""Nobody begins an application during a ban, nor does a unit for them; after it, or its lifting, they do."""

from datetime import timedelta
from uuid import UUID

import pytest

from core.applications.forms import ApplicationDraft
from core.applications.models import Application
from core.applications.service import Applicant, open_draft
from core.db.session import PersonSession, UnitSession
from core.errors import Conflict, Forbidden
from core.sanctions.queries import ban_now
from core.sanctions.service import confirm_ban, lift_ban, take_over_ban
from tests.cases import YEAR, Case, Season

REASON = "以往查实的事由（测试）"


def banned(season: Season, case: Case) -> UUID:
    """A ban of a year that was decided on paper a month ago, confirmed by a second officer."""
    assert case.person.person_id is not None
    decided = {"instrument": "测试处〔2024〕5号", "begins": season.now - timedelta(days=30), "years": 1}
    with season.as_province() as session:
        ban = take_over_ban(session, person_id=case.person.person_id, reason=REASON, **decided)  # type: ignore[arg-type]
    with season.as_province("second") as session:
        confirm_ban(session, ban.id)
    return ban.id


def begin(session: PersonSession | UnitSession, case: Case) -> Application:
    assert case.person.person_id is not None
    applicant = Applicant(case.person.person_id, case.person.name, "0000")
    return open_draft(session, applicant, year=YEAR, unit_id=case.unit, draft=ApplicationDraft())


def test_a_banned_person_begins_nothing_and_a_unit_is_not_told_why(season: Season) -> None:
    case = season.draft()
    banned(season, case)
    with season.as_person(case.person) as session, pytest.raises(Forbidden) as refused:
        begin(session, case)
    assert (refused.value.code, "我的文书" in refused.value.detail) == ("banned", True)
    with season.as_unit(case.unit) as session, pytest.raises(Conflict) as to_unit:
        begin(session, case)
    assert to_unit.value.code == "person_banned"
    assert to_unit.value.fields is not None
    assert "id_number" in to_unit.value.fields
    assert not any(sign.isdigit() for sign in to_unit.value.detail)


def test_the_ban_that_holds_now_is_shown_until_it_ends_or_is_lifted(season: Season) -> None:
    case, other = season.draft(), season.draft()
    first, second = banned(season, case), banned(season, other)
    with season.as_person(case.person) as session:
        shown = ban_now(session)
        assert shown is not None
        assert (shown.id, shown.reason) == (first, REASON)
    with season.as_province() as session:
        lift_ban(session, second, reason="原决定被撤销")
    with season.as_person(other.person) as session:
        assert ban_now(session) is None
        assert begin(session, other).state == "draft"
    season.now += timedelta(days=366)
    with season.as_person(case.person) as session:
        assert ban_now(session) is None
