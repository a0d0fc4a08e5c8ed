"""Roles: who grants and ends what, that the database says the same by itself, and that time alone ends a role."""

from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import ProgrammingError

from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Actor, OfficeSession
from core.domain.permissions import (
    OFFICE_ROLES,
    PERMISSION_LABELS,
    POSTS,
    UNIT_ROLES,
    Holding,
    Permission,
    Role,
    holders,
)
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity import roles
from core.identity.models import RoleGrant
from core.plugin_api import OfficeCode, OfficeLevel
from tests import factories
from tests.factories import CITY, COUNTY, NOW, OTHER_CITY, PROVINCE

DAY = timedelta(days=1)
LEVEL_OF = {PROVINCE: OfficeLevel.PROVINCE, CITY: OfficeLevel.CITY, COUNTY: OfficeLevel.COUNTY}
GRANT = text(
    "INSERT INTO role_grants (id, account_id, role, office_id, unit_id, granted_by_office_id, valid_from) "
    "VALUES (gen_random_uuid(), :account, :role, :office, :unit, :by, now())"
)


def database_takes(session: OfficeSession, account: UUID, role: Role, office: str | None, unit: UUID | None) -> bool:
    """Whether the database itself lets this office grant this role, whatever the service says."""
    values = {"account": account, "role": role, "office": office, "unit": unit, "by": session.office_id}
    try:
        with session.begin_nested():
            session.execute(GRANT, values)
    except ProgrammingError as refused:
        assert "row-level security" in str(refused)  # noqa: PT017 - no other refusal is meant
        return False
    return True


def staff(office: OfficeCode, role: Role) -> Actor:
    return Actor(new_id(), "测试经办人", role, office_id=office)


def test_the_table_says_something_of_every_role_and_every_permission_is_somebodys() -> None:
    assert set(POSTS) == set(Role)
    assert set(PERMISSION_LABELS) == set(Permission)
    assert frozenset().union(*(post.may for post in POSTS.values())) == set(Permission)
    assert all(bool(post.levels) == (post.held is Holding.OFFICE) for post in POSTS.values())
    assert UNIT_ROLES | OFFICE_ROLES | {Role.APPLICANT, Role.SYSTEM} == set(Role)


def test_an_auditor_and_an_operator_share_no_permission_with_anybody() -> None:
    assert holders({Permission.AUDIT}) == {Role.PROVINCIAL_AUDITOR}
    assert holders({Permission.OPERATE}) == {Role.OPERATOR}
    assert (len(POSTS[Role.PROVINCIAL_AUDITOR].may), len(POSTS[Role.OPERATOR].may)) == (1, 1)


@pytest.mark.parametrize("office", [PROVINCE, CITY, COUNTY, OTHER_CITY])
def test_the_database_lets_an_office_grant_exactly_what_the_table_says(
    province: Connection, office: OfficeCode
) -> None:
    account = factories.make_account(province, f"granted-{office}", role=Role.SCHEDULER, office_id=office).account_id
    granter = Role.PROVINCIAL_OFFICER if office == PROVINCE else Role.CITY_SUPERVISOR
    taken, meant = set(), set()
    with OfficeSession(province, actor=staff(office, granter), now=NOW) as session:
        for role, (place, level) in product(Role, LEVEL_OF.items()):
            if database_takes(session, account, role, place, None):
                taken.add((role, place))
            below = f"{place}/".startswith(f"{office}/")
            from_above = Permission.STAFF not in POSTS[role].may or place != office or office == PROVINCE
            if below and from_above and level in POSTS[role].levels:
                meant.add((role, place))
    assert taken == meant
    assert (len(meant) > 0) == (office != OTHER_CITY)


@pytest.mark.parametrize("role", sorted(Role))
def test_who_may_not_staff_grants_nothing_whatever_office_they_work_in(province: Connection, role: Role) -> None:
    account = factories.make_account(province, f"by-{role}", role=Role.SCHEDULER, office_id=CITY).account_id
    unit = factories.make_unit(province, f"测试单位{role}").id
    with OfficeSession(province, actor=staff(CITY, role), now=NOW) as session:
        in_office = database_takes(session, account, Role.EXAMINER, CITY, None)
        in_unit = database_takes(session, account, Role.UNIT_MANAGER, None, unit)
    assert in_office == (Permission.STAFF in POSTS[role].may)
    assert in_unit == (Permission.RUN_OFFICE in POSTS[role].may)


def test_an_office_fills_no_post_in_the_unit_of_another(province: Connection) -> None:
    unit = factories.make_unit(province, "测试外地单位", office_id=OTHER_CITY).id
    account = factories.make_account(province, "unit-elsewhere", role=Role.SCHEDULER, office_id=CITY).account_id
    with factories.staffing_session(province, CITY) as session:
        assert not database_takes(session, account, Role.UNIT_MANAGER, None, unit)


def test_nobody_raises_themselves(province: Connection) -> None:
    with factories.staffing_session(province, CITY) as session:
        own = session.actor.account_id
        with pytest.raises(Forbidden) as refused:
            roles.grant_role(session, own, role=Role.CITY_REVIEWER, office_id=CITY, valid_from=NOW)
        assert refused.value.code == "grant_to_self"
        assert not database_takes(session, own, Role.CITY_REVIEWER, CITY, None)


def test_a_citys_supervisors_come_from_the_province(province: Connection) -> None:
    account = factories.make_account(province, "promoted", role=Role.CITY_REVIEWER, office_id=CITY).account_id
    with factories.staffing_session(province, CITY) as session, pytest.raises(Forbidden) as refused:
        roles.grant_role(session, account, role=Role.CITY_SUPERVISOR, office_id=CITY, valid_from=NOW)
    assert refused.value.code == "grant_from_above"
    with factories.staffing_session(province, PROVINCE) as session:
        roles.grant_role(session, account, role=Role.CITY_SUPERVISOR, office_id=CITY, valid_from=NOW)


def test_a_role_that_is_ended_holds_no_longer_and_the_record_says_since_when(province: Connection) -> None:
    reviewer = factories.make_account(province, "ends", role=Role.CITY_REVIEWER, office_id=CITY)
    with factories.signin_session(province) as session:
        [held] = roles.actors_of(session, reviewer.account_id)
    assert held.grant_id is not None
    with factories.staffing_session(province, CITY, now=NOW + DAY) as session:
        ended = roles.end_role(session, held.grant_id)
        assert ended.valid_until == NOW + DAY
        with pytest.raises(Conflict):
            roles.end_role(session, held.grant_id)
        session.flush()
        last = session.scalars(
            select(RecordEntry.payload).where(RecordEntry.kind == "role.ended").order_by(RecordEntry.id)
        ).all()[-1]
        session.commit()
    assert (last["grant"], last["until"]) == (str(held.grant_id), (NOW + DAY).isoformat())
    with factories.signin_session(province, now=NOW + DAY) as session:
        assert roles.actors_of(session, reviewer.account_id) == ()
    with factories.signin_session(province, now=NOW + DAY - timedelta(seconds=1)) as session:
        assert roles.actors_of(session, reviewer.account_id) == (reviewer,)


def test_a_role_that_never_began_is_ended_before_it_does(province: Connection) -> None:
    reviewer = factories.make_account(province, "later", role=Role.CITY_REVIEWER, office_id=CITY, valid_from=NOW + DAY)
    with factories.staffing_session(province, CITY) as session:
        grant = session.scalars(select(RoleGrant).where(RoleGrant.account_id == reviewer.account_id)).one()
        roles.end_role(session, grant.id)
        session.commit()
    with factories.signin_session(province, now=NOW + DAY) as session:
        assert roles.actors_of(session, reviewer.account_id) == ()


def test_nobody_ends_a_role_of_another_office_or_their_own(province: Connection) -> None:
    reviewer = factories.make_account(province, "neighbour", role=Role.CITY_REVIEWER, office_id=OTHER_CITY)
    with factories.signin_session(province) as session:
        [held] = roles.actors_of(session, reviewer.account_id)
    assert held.grant_id is not None
    with factories.staffing_session(province, CITY) as session, pytest.raises(NotFound):
        roles.end_role(session, held.grant_id)
    boss = factories.make_account(province, "boss", role=Role.CITY_SUPERVISOR, office_id=CITY)
    with factories.signin_session(province) as session:
        [own] = roles.actors_of(session, boss.account_id)
    assert own.grant_id is not None
    with OfficeSession(province, actor=own, now=NOW) as session:
        with pytest.raises(Forbidden) as refused:
            roles.end_role(session, own.grant_id)
        assert refused.value.code == "grant_to_self"
        changed = session.execute(
            text("UPDATE role_grants SET valid_until = now() WHERE id = :id"), {"id": own.grant_id}
        )
        assert changed.rowcount == 0  # type: ignore[attr-defined]


def test_of_several_roles_the_one_that_is_meant_is_chosen() -> None:
    first = staff(CITY, Role.CITY_REVIEWER)
    second = Actor(first.account_id, first.name, Role.SCHEDULER, office_id=CITY, grant_id=new_id())
    third = Actor(first.account_id, first.name, Role.SCHEDULER, office_id=COUNTY, grant_id=new_id())
    held = (first, second, third)
    assert roles.choose(held, role="city_reviewer") is first
    assert roles.choose(held, role="scheduler", place=COUNTY) is third
    assert roles.choose(held, grant_id=second.grant_id) is second
    with pytest.raises(Invalid) as unclear:
        roles.choose(held, role="scheduler")
    with pytest.raises(Forbidden) as not_held:
        roles.choose(held, role="examiner")
    assert (unclear.value.code, not_held.value.code) == ("role_unclear", "role_not_held")
