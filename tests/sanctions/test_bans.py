"""A ban holds in every office of the province, from its first moment until its last."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from core.clock import SHANGHAI
from core.db.session import ANONYMOUS, PublicSession, ScopedSession
from core.errors import Conflict, Invalid, NotFound
from core.messages.models import Notice
from core.sanctions.models import Ban
from core.sanctions.service import BanInForce, ban_in_force, impose_ban, lift_ban
from tests import factories
from tests.factories import CITY, NOW, OTHER_CITY

UNTIL = datetime(2026, 3, 25, 9, 30, tzinfo=SHANGHAI)


def _impose(connection: Connection, index: int, **given: object) -> Ban:
    person_id = factories.make_person(connection, index)
    with factories.office_session(connection, CITY) as session:
        ban = impose_ban(
            session,
            **{"person_id": person_id, "application_id": None, "reason": "提供虚假材料", "begins": NOW} | given,  # type: ignore[arg-type]
        )
        session.commit()
    return ban


def test_a_ban_is_known_in_every_office_but_its_reason_is_not(province: Connection) -> None:
    ban = _impose(province, 41)
    sessions: list[ScopedSession] = [
        factories.office_session(province, OTHER_CITY),
        factories.person_session(province, ban.person_id),
        factories.province_session(province),
        PublicSession(province, actor=ANONYMOUS, now=NOW),
    ]
    for session in sessions:
        with session:
            assert ban_in_force(session, ban.person_id, NOW) == BanInForce(UNTIL)
    with factories.office_session(province, OTHER_CITY) as session:
        assert session.get(Ban, ban.id) is None


def test_a_ban_holds_from_its_first_moment_until_two_years_later(province: Connection) -> None:
    ban = _impose(province, 42)
    moment = timedelta(microseconds=1)
    with factories.office_session(province, OTHER_CITY) as session:
        held = [
            ban_in_force(session, ban.person_id, at) is not None for at in (NOW - moment, NOW, UNTIL - moment, UNTIL)
        ]
    assert held == [False, True, True, False]


def test_the_longest_of_several_bans_counts(province: Connection) -> None:
    ban = _impose(province, 43)
    _impose(province, 43, years=3)
    with factories.office_session(province, OTHER_CITY) as session:
        assert ban_in_force(session, ban.person_id, NOW) == BanInForce(UNTIL.replace(year=2027))


def test_a_ban_from_a_leap_day_ends_on_the_first_of_march(province: Connection) -> None:
    ban = _impose(province, 44, begins=datetime(2024, 2, 29, 8, tzinfo=SHANGHAI))
    assert ban.ends == datetime(2026, 3, 1, 8, tzinfo=SHANGHAI)


def test_a_person_without_a_ban_has_none(province: Connection) -> None:
    person_id = factories.make_person(province, 45)
    with factories.office_session(province, CITY) as session:
        assert ban_in_force(session, person_id, NOW) is None


def test_a_lifted_ban_holds_no_longer_and_is_not_lifted_twice(province: Connection) -> None:
    ban = _impose(province, 46)
    later = NOW + timedelta(days=10)
    with factories.office_session(province, CITY, now=later) as session:
        assert lift_ban(session, ban.id).lifted_at == later
        with pytest.raises(Conflict):
            lift_ban(session, ban.id)
        assert ban_in_force(session, ban.person_id, later) is None
        assert ban_in_force(session, ban.person_id, later - timedelta(seconds=1)) == BanInForce(UNTIL)


def test_a_ban_that_has_run_out_is_not_lifted(province: Connection) -> None:
    ban = _impose(province, 47)
    with factories.office_session(province, CITY, now=UNTIL) as session, pytest.raises(Conflict):
        lift_ban(session, ban.id)


def test_an_office_lifts_only_its_own_bans(province: Connection) -> None:
    ban = _impose(province, 48)
    for session in (factories.office_session(province, OTHER_CITY), factories.province_session(province)):
        with session, pytest.raises(NotFound):
            lift_ban(session, ban.id)


def test_the_province_imposes_and_lifts_bans_of_its_own(province: Connection) -> None:
    person_id = factories.make_person(province, 49)
    with factories.province_session(province) as session:
        ban = impose_ban(session, person_id=person_id, application_id=None, reason="提供虚假材料", begins=NOW)
        assert ban_in_force(session, person_id, NOW) == BanInForce(UNTIL)
        assert lift_ban(session, ban.id).lifted_at == NOW


def test_the_person_is_told_why_and_when_it_is_lifted(province: Connection) -> None:
    ban = _impose(province, 50)
    with factories.office_session(province, CITY) as session:
        lift_ban(session, ban.id)
        session.commit()
    with factories.person_session(province, ban.person_id) as session:
        notices = session.scalars(select(Notice).order_by(Notice.id)).all()
    assert [notice.kind for notice in notices] == ["ban_imposed", "ban_lifted"]
    assert "提供虚假材料" in notices[0].body
    assert "2024年3月25日" in notices[0].body


@pytest.mark.parametrize(("changed", "field"), [({"reason": " "}, "reason"), ({"years": 0}, "years")])
def test_a_ban_needs_a_reason_and_at_least_a_year(province: Connection, changed: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        _impose(province, 51, **changed)
    assert set(refusal.value.fields) == {field}
