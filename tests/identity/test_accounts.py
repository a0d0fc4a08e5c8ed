"""Accounts, roles and tokens."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from core.audit.models import RecordEntry
from core.db.session import Actor, Role
from core.errors import Conflict, Forbidden, Invalid, KaowuError, Unauthenticated
from core.identity import queries, roles, service
from core.identity.models import ApiToken
from tests import factories
from tests.factories import CITY, COUNTY, NOW, OTHER_CITY, PROVINCE

DAY = timedelta(days=1)


def _token(connection: Connection, actor: Actor, *, lasting: timedelta | None = None) -> str:
    with factories.signin_session(connection) as session:
        token = service.create_token(session, actor.account_id, expires_at=NOW + lasting if lasting else None)
        session.commit()
    return token


def _resolve(connection: Connection, token: str, *, after: timedelta = timedelta()) -> tuple[Actor, ...]:
    with factories.signin_session(connection, now=NOW + after) as session:
        return service.resolve_token(session, token)


def test_a_token_tells_who_acts_for_which_office_in_which_role(province: Connection) -> None:
    reviewer = factories.make_account(province, "linjiang-01", role=Role.CITY_REVIEWER, office_id=CITY)
    assert _resolve(province, _token(province, reviewer)) == (reviewer,)


def test_an_applicant_signs_in_as_their_person(province: Connection) -> None:
    person_id = factories.make_person(province, 11)
    applicant = factories.make_account(province, "applicant-11", role=Role.APPLICANT, person_id=person_id)
    assert _resolve(province, _token(province, applicant)) == (applicant,)


def test_each_role_that_holds_now_is_an_actor_of_its_own(province: Connection) -> None:
    reviewer = factories.make_account(province, "linjiang-02", role=Role.CITY_REVIEWER, office_id=CITY)
    with factories.staffing_session(province, CITY) as session:
        for role, begins, ends in (
            (Role.SCHEDULER, NOW, None),
            (Role.EXAMINER, NOW + DAY, None),
            (Role.CITY_REVIEWER, NOW - 2 * DAY, NOW),
        ):
            roles.grant_role(
                session, reviewer.account_id, role=role, office_id=CITY, valid_from=begins, valid_until=ends
            )
        session.commit()
    token = _token(province, reviewer)
    assert {actor.role for actor in _resolve(province, token)} == {Role.CITY_REVIEWER, Role.SCHEDULER}
    assert {actor.role for actor in _resolve(province, token, after=DAY)} == {
        Role.CITY_REVIEWER,
        Role.SCHEDULER,
        Role.EXAMINER,
    }


def test_only_the_digest_of_a_token_is_kept(province: Connection) -> None:
    reviewer = factories.make_account(province, "linjiang-03", role=Role.CITY_REVIEWER, office_id=CITY)
    token = _token(province, reviewer)
    with factories.signin_session(province) as session:
        kept = session.scalars(select(ApiToken).where(ApiToken.account_id == reviewer.account_id)).one()
    assert len(kept.token_hash) == 32
    assert token.encode() not in kept.token_hash


def test_an_unknown_token_is_nobody(province: Connection) -> None:
    with pytest.raises(Unauthenticated):
        _resolve(province, "no-such-token")


def test_a_token_ends_at_its_moment(province: Connection) -> None:
    reviewer = factories.make_account(province, "linjiang-04", role=Role.CITY_REVIEWER, office_id=CITY)
    token = _token(province, reviewer, lasting=DAY)
    assert _resolve(province, token, after=DAY - timedelta(seconds=1)) == (reviewer,)
    with pytest.raises(Unauthenticated):
        _resolve(province, token, after=DAY)


def test_a_role_that_has_not_begun_lets_nobody_in(province: Connection) -> None:
    reviewer = factories.make_account(
        province, "linjiang-05", role=Role.CITY_REVIEWER, office_id=CITY, valid_from=NOW + DAY
    )
    token = _token(province, reviewer)
    with pytest.raises(Unauthenticated):
        _resolve(province, token)
    assert _resolve(province, token, after=DAY) == (reviewer,)


def test_an_account_that_ends_takes_its_tokens_and_roles_along(province: Connection) -> None:
    reviewer = factories.make_account(province, "linjiang-06", role=Role.CITY_REVIEWER, office_id=CITY)
    token = _token(province, reviewer)
    with factories.staffing_session(province, CITY) as session:
        service.end_account(session, reviewer.account_id)
        session.commit()
    with factories.staffing_session(province, CITY) as session:
        lines = [line for line in queries.account_lines(session) if line.login == "linjiang-06"]
        with pytest.raises(Conflict):
            service.end_account(session, reviewer.account_id)
        with pytest.raises(Conflict):
            service.create_token(session, reviewer.account_id)
    assert [(line.role, line.ended_at) for line in lines] == [(None, NOW)]
    with pytest.raises(Unauthenticated):
        _resolve(province, token)
    with factories.signin_session(province) as session:
        kept = session.scalars(select(ApiToken).where(ApiToken.account_id == reviewer.account_id)).one()
    assert kept.revoked_at == NOW


def test_an_office_does_not_see_or_end_the_accounts_of_another(province: Connection) -> None:
    reviewer = factories.make_account(province, "linjiang-07", role=Role.CITY_REVIEWER, office_id=CITY)
    with factories.staffing_session(province, OTHER_CITY) as session:
        assert "linjiang-07" not in {line.login for line in queries.account_lines(session)}
        with pytest.raises(KaowuError) as refusal:
            service.end_account(session, reviewer.account_id)
    assert refusal.value.code == "account_not_found"


def test_a_login_is_taken_even_where_the_account_that_has_it_is_not_visible(province: Connection) -> None:
    factories.make_account(province, "taken", role=Role.CITY_REVIEWER, office_id=OTHER_CITY)
    with pytest.raises(Conflict, match="taken") as refusal:
        factories.make_account(province, "taken", role=Role.CITY_REVIEWER, office_id=CITY)
    assert refusal.value.code == "login_taken"


@pytest.mark.parametrize(
    ("role", "office_id", "code"),
    [
        (Role.CITY_REVIEWER, None, "grant_place"),
        (Role.UNIT_MANAGER, CITY, "grant_place"),
        (Role.SYSTEM, CITY, "grant_place"),
        (Role.APPLICANT, CITY, "grant_place"),
        (Role.PROVINCIAL_AUDITOR, CITY, "grant_level"),
        (Role.COUNTY_REVIEWER, CITY, "grant_level"),
    ],
)
def test_a_role_fits_its_place(province: Connection, role: Role, office_id: str | None, code: str) -> None:
    reviewer = factories.make_account(province, "linjiang-08", role=Role.SCHEDULER, office_id=CITY)
    with factories.staffing_session(province, CITY) as session, pytest.raises(Invalid) as refusal:
        roles.grant_role(session, reviewer.account_id, role=role, office_id=office_id, valid_from=NOW)
    assert refusal.value.code == code


@pytest.mark.parametrize("elsewhere", [OTHER_CITY, PROVINCE])
def test_an_office_fills_posts_of_its_own_and_below_and_nowhere_else(province: Connection, elsewhere: str) -> None:
    reviewer = factories.make_account(province, "linjiang-09", role=Role.SCHEDULER, office_id=CITY)
    with factories.staffing_session(province, CITY) as session:
        roles.grant_role(session, reviewer.account_id, role=Role.COUNTY_REVIEWER, office_id=COUNTY, valid_from=NOW)
        with pytest.raises(Forbidden):
            roles.grant_role(session, reviewer.account_id, role=Role.SCHEDULER, office_id=elsewhere, valid_from=NOW)


def test_a_role_ends_after_it_begins(province: Connection) -> None:
    with pytest.raises(Invalid) as refusal:
        factories.make_account(
            province, "linjiang-10", role=Role.SCHEDULER, office_id=CITY, valid_from=NOW, valid_until=NOW
        )
    assert refusal.value.code == "grant_dates"


def test_every_act_on_an_account_is_recorded_without_its_name_or_token(province: Connection) -> None:
    reviewer = factories.make_account(province, "linjiang-11", role=Role.CITY_REVIEWER, office_id=CITY)
    token = _token(province, reviewer)
    with factories.staffing_session(province, CITY) as session:
        entries = session.scalars(
            select(RecordEntry).where(RecordEntry.subject_id == str(reviewer.account_id)).order_by(RecordEntry.id)
        ).all()
    assert [entry.kind for entry in entries] == ["account.issued", "role.granted", "token.created"]
    assert not any(token in str(entry.payload) or "测试" in str(entry.payload) for entry in entries)
