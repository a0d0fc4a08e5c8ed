"""A ban holds in every office of the province, from its first moment until its last."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError

from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import ANONYMOUS, Actor, ProvinceSession, PublicSession, Role, ScopedSession
from core.errors import Conflict, Forbidden, Invalid
from core.messages.models import Notice
from core.sanctions.models import Ban
from core.sanctions.service import confirm_ban, lift_ban, refuse_ban, take_over_ban
from core.sanctions.telling import OWN_PAGE
from tests import factories
from tests.factories import CITY, NOW, OTHER_CITY, PROVINCE

DECIDED = {"reason": "提供虚假材料", "instrument": "测试处〔2024〕1号", "begins": NOW}
_SECOND = Actor(new_id(), "测试复核员", Role.PROVINCIAL_OFFICER, office_id=PROVINCE)
UNTIL = datetime(2026, 3, 25, 9, 30, tzinfo=SHANGHAI)


def _impose(connection: Connection, index: int, **given: object) -> Ban:
    person_id = factories.make_person(connection, index)
    with factories.province_session(connection) as session:
        ban = take_over_ban(session, **DECIDED | {"person_id": person_id} | given)  # type: ignore[arg-type]
        session.commit()
    return _confirm(connection, ban)


def _confirm(connection: Connection, ban: Ban) -> Ban:
    """Have a second officer confirm it."""
    with ProvinceSession(connection, actor=_SECOND, now=NOW) as session:
        confirmed = confirm_ban(session, ban.id)
        session.commit()
    return confirmed


def banned_until(session: ScopedSession, person_id: UUID, at: datetime) -> datetime | None:
    """Until when a person may not apply, as every session learns it; None where no ban is in force."""
    until: datetime | None = session.scalar(text("SELECT person_ban_until(:p, :at)"), {"p": person_id, "at": at})
    return until


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
            assert banned_until(session, ban.person_id, NOW) == UNTIL
    with factories.office_session(province, OTHER_CITY) as session:
        assert session.get(Ban, ban.id) is None


def test_a_ban_holds_from_its_first_moment_until_two_years_later(province: Connection) -> None:
    ban = _impose(province, 42)
    moment = timedelta(microseconds=1)
    with factories.office_session(province, OTHER_CITY) as session:
        held = [
            banned_until(session, ban.person_id, at) is not None for at in (NOW - moment, NOW, UNTIL - moment, UNTIL)
        ]
    assert held == [False, True, True, False]


def test_the_longest_of_several_bans_counts(province: Connection) -> None:
    ban = _impose(province, 43)
    _impose(province, 43, years=3)
    with factories.office_session(province, OTHER_CITY) as session:
        assert banned_until(session, ban.person_id, NOW) == UNTIL.replace(year=2027)


def test_a_ban_from_a_leap_day_ends_on_the_first_of_march(province: Connection) -> None:
    ban = _impose(province, 44, begins=datetime(2024, 2, 29, 8, tzinfo=SHANGHAI))
    assert ban.ends == datetime(2026, 3, 1, 8, tzinfo=SHANGHAI)


def test_a_person_without_a_ban_has_none(province: Connection) -> None:
    person_id = factories.make_person(province, 45)
    with factories.office_session(province, CITY) as session:
        assert banned_until(session, person_id, NOW) is None


def test_a_lifted_ban_holds_no_longer_and_is_not_lifted_twice(province: Connection) -> None:
    ban = _impose(province, 46)
    later = NOW + timedelta(days=10)
    with factories.province_session(province, now=later) as session:
        with pytest.raises(Invalid, match="解除禁止申报的理由"):
            lift_ban(session, ban.id, reason=" ")
        lifted = lift_ban(session, ban.id, reason="原决定被撤销")
        assert (lifted.lifted_at, lifted.lift_reason) == (later, "原决定被撤销")
        with pytest.raises(Conflict):
            lift_ban(session, ban.id, reason="再次")
        assert banned_until(session, ban.person_id, later) is None
        assert banned_until(session, ban.person_id, later - timedelta(seconds=1)) == UNTIL


def test_a_ban_that_has_run_out_is_not_lifted(province: Connection) -> None:
    ban = _impose(province, 47)
    with factories.province_session(province, now=UNTIL) as session, pytest.raises(Conflict):
        lift_ban(session, ban.id, reason="原决定被撤销")


@pytest.mark.parametrize("case_id", [None, uuid4()])
def test_no_office_bars_anybody_by_itself(province: Connection, case_id: UUID | None) -> None:
    person_id = factories.make_person(province, 48)
    with factories.office_session(province, CITY) as session:
        session.add(
            Ban(
                person_id=person_id,
                office_id=CITY,
                case_id=case_id,
                instrument="测试处〔2024〕9号",
                reason="测试",
                begins=NOW,
                ends=UNTIL,
                decided_at=NOW,
                decided_by=session.actor.account_id,
            )
        )
        with pytest.raises(DBAPIError, match="row-level security"):
            session.flush()


def test_no_office_lifts_a_ban_and_the_province_none_without_a_reason(province: Connection) -> None:
    ban = _impose(province, 49)
    lifted = update(Ban).where(Ban.id == ban.id).values(lifted_at=NOW)
    with factories.office_session(province, CITY) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(lifted)
    with factories.province_session(province) as session, pytest.raises(DBAPIError, match="lifted_for_a_reason"):
        session.execute(lifted)


def test_the_person_is_told_that_something_waits_and_where(province: Connection) -> None:
    ban = _impose(province, 50)
    with factories.province_session(province) as session:
        lift_ban(session, ban.id, reason="原决定被撤销")
        session.commit()
    with factories.person_session(province, ban.person_id) as session:
        notices = session.scalars(select(Notice).order_by(Notice.id)).all()
    assert [notice.kind for notice in notices] == ["ban_imposed", "ban_lifted"]
    assert [notice.body for notice in notices] == [OWN_PAGE, OWN_PAGE]
    with factories.person_session(province, ban.person_id) as session:
        own = session.get_one(Ban, ban.id)
        assert (own.reason, own.lift_reason) == ("提供虚假材料", "原决定被撤销")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"instrument": " "}, "instrument"),
        ({"begins": NOW + timedelta(days=1)}, "begins"),
        ({"years": 0}, "years"),
    ],
)
def test_a_ban_of_earlier_years_needs_a_reason_a_number_and_at_least_a_year(
    province: Connection, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        _impose(province, 51, **changed)
    assert set(refusal.value.fields) == {field}


def test_a_ban_of_earlier_years_holds_once_a_second_officer_has_confirmed_it(province: Connection) -> None:
    person_id = factories.make_person(province, 52)
    with factories.province_session(province) as session:
        ban = take_over_ban(session, person_id=person_id, **DECIDED)  # type: ignore[arg-type]
        session.commit()
    with factories.province_session(province) as session:
        assert banned_until(session, person_id, NOW) is None
        with pytest.raises(Conflict, match="尚未核对"):
            lift_ban(session, ban.id, reason="测试")
    with factories.person_session(province, person_id) as session:
        assert session.get(Ban, ban.id) is None
        assert session.scalars(select(Notice)).all() == []
    proposer = Actor(ban.decided_by, "测试录入员", Role.PROVINCIAL_OFFICER, office_id=PROVINCE)
    with (
        ProvinceSession(province, actor=proposer, now=NOW) as session,
        pytest.raises(Forbidden, match="录入人不能核对"),
    ):
        confirm_ban(session, ban.id)
    confirmed = _confirm(province, ban)
    assert (confirmed.confirmed_by, confirmed.confirmed_by_name) == (_SECOND.account_id, _SECOND.name)
    with factories.province_session(province) as session:
        assert banned_until(session, person_id, NOW) == UNTIL
        with pytest.raises(Conflict, match="已经核对"):
            confirm_ban(session, ban.id)


def test_a_refused_entry_never_holds_and_the_center_is_told(province: Connection) -> None:
    person_id = factories.make_person(province, 53)
    with factories.province_session(province) as session:
        ban = take_over_ban(session, person_id=person_id, **DECIDED)  # type: ignore[arg-type]
        session.commit()
    with ProvinceSession(province, actor=_SECOND, now=NOW) as session:
        with pytest.raises(Invalid, match="不予补录的理由"):
            refuse_ban(session, ban.id, reason=" ")
        refuse_ban(session, ban.id, reason="文号与原件不符")
        session.commit()
        assert session.scalars(select(Notice.kind).where(Notice.kind == "ban_refused")).one()
        assert session.get_one(Ban, ban.id).lift_reason == "文号与原件不符"
        assert banned_until(session, person_id, NOW) is None
        with pytest.raises(Conflict):
            confirm_ban(session, ban.id)


def test_the_database_lets_nobody_enter_a_ban_as_confirmed(province: Connection) -> None:
    person_id = factories.make_person(province, 54)
    with factories.province_session(province) as session:
        session.add(
            Ban(
                person_id=person_id,
                office_id=PROVINCE,
                instrument="测试处〔2024〕9号",
                reason="测试",
                begins=NOW,
                ends=UNTIL,
                decided_at=NOW,
                decided_by=session.actor.account_id,
                confirmed_at=NOW,
            )
        )
        with pytest.raises(DBAPIError, match="row-level security"):
            session.flush()
