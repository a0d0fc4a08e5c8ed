"""Acting for a colleague on leave: dates, scope, no loops, no chains, never wider or longer than their own role."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from core.db.session import Actor, OfficeSession, Role
from core.domain.permissions import POSTS, Permission
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.identity import deputies, roles, service
from core.identity.deputies import Leave
from core.identity.models import ActingGrant
from core.messages.models import Notice
from core.plugin_api import OfficeCode
from tests import factories
from tests.factories import CITY, COUNTY, NOW, OTHER_CITY

DAY = timedelta(days=1)
WEEK = Leave(NOW, NOW + 7 * DAY, "休假")


def staff(connection: Connection, login: str, role: Role = Role.CITY_REVIEWER, office: OfficeCode = CITY) -> Actor:
    """The holder of an account, at the sign-in."""
    made = factories.make_account(connection, login, role=role, office_id=office)
    return signed_in(connection, made.account_id)[0]


def signed_in(connection: Connection, account_id: UUID, *, after: timedelta = timedelta()) -> tuple[Actor, ...]:
    with factories.signin_session(connection, now=NOW + after) as session:
        return roles.actors_of(session, account_id)


def arrange(connection: Connection, who: Actor, absent: Actor, deputy: str, leave: Leave = WEEK) -> ActingGrant:
    assert absent.grant_id is not None
    with OfficeSession(connection, actor=who, now=NOW) as session:
        made = deputies.arrange(session, absent.grant_id, deputy_login=deputy, leave=leave)
        session.commit()
        return made


def told(connection: Connection) -> list[tuple[str, str]]:
    """What the office reads of arrangements."""
    with factories.office_session(connection, CITY) as session:
        wanted = select(Notice.title, Notice.body).where(Notice.kind.startswith("acting_")).order_by(Notice.id)
        return [(row.title, row.body) for row in session.execute(wanted)]


def test_the_colleague_is_told_who_acts_for_them_and_when_it_is_over(province: Connection) -> None:
    absent, head = staff(province, "absent"), staff(province, "head", Role.CITY_SUPERVISOR)
    deputy = staff(province, "deputy")
    made = arrange(province, head, absent, "deputy")
    [(title, body)] = told(province)
    assert title == f"{deputy.name}将代{absent.name}办理"
    assert body == "2024年3月25日起，至2024年4月1日止"
    with OfficeSession(province, actor=head, now=NOW + DAY) as session:
        deputies.end(session, made.id)
        session.commit()
    assert [title for title, _ in told(province)][1:] == [f"{deputy.name}代{absent.name}办理已结束"]


def refusal(connection: Connection, who: Actor, absent: Actor, deputy: str, leave: Leave = WEEK) -> str:
    """The code with which an arrangement is refused."""
    with pytest.raises(KaowuError) as refused:
        arrange(connection, who, absent, deputy, leave)
    return refused.value.code


def test_a_deputy_acts_in_the_colleagues_role_in_these_days_alone(province: Connection) -> None:
    absent, deputy = staff(province, "absent"), staff(province, "deputy", Role.SCHEDULER)
    leave = Leave(NOW + DAY, NOW + 3 * DAY, "休假", {Permission.CONFIRM})
    made = arrange(province, absent, absent, "deputy", leave)
    held = {days: signed_in(province, deputy.account_id, after=days * DAY) for days in range(4)}
    assert {days: len(actors) for days, actors in held.items()} == {0: 1, 1: 2, 2: 2, 3: 1}
    own, behalf = held[1]
    assert (own.role, own.on_behalf_of) == (Role.SCHEDULER, None)
    assert (behalf.role, behalf.office_id, behalf.account_id) == (Role.CITY_REVIEWER, CITY, deputy.account_id)
    assert (behalf.on_behalf_of, behalf.on_behalf_of_name) == (absent.account_id, absent.name)
    assert behalf.permissions == behalf.may_change == {Permission.CONFIRM}
    assert roles.choose(held[1], grant_id=made.id) == behalf


def test_the_offices_head_arranges_it_for_somebody_and_the_record_says_so(province: Connection) -> None:
    absent, head = staff(province, "absent"), staff(province, "head", Role.CITY_SUPERVISOR)
    staff(province, "deputy")
    made = arrange(province, head, absent, "deputy")
    assert (made.absent_name, made.deputy_name, made.made_by) == (absent.name, "测试账号", head.account_id)
    with OfficeSession(province, actor=head, now=NOW) as session:
        kinds = session.execute(
            text("SELECT payload ->> 'deputy' FROM record_entries WHERE kind = 'acting.arranged' AND office_id = :o"),
            {"o": CITY},
        ).scalars()
        assert str(made.deputy_id) in set(kinds)


def test_a_colleague_cannot_arrange_it_for_somebody_else_and_nobody_for_themselves(province: Connection) -> None:
    absent, other = staff(province, "absent"), staff(province, "other")
    head = staff(province, "head", Role.CITY_SUPERVISOR)
    stranger = staff(province, "stranger", Role.CITY_SUPERVISOR, OTHER_CITY)
    assert refusal(province, other, absent, "head") == "acting_not_yours"
    assert refusal(province, stranger, absent, "other") == "grant_not_found"
    assert refusal(province, head, absent, "head") == "acting_to_self"


def test_a_deputy_works_in_the_same_place(province: Connection) -> None:
    absent = staff(province, "absent")
    staff(province, "neighbour", office=OTHER_CITY)
    staff(province, "county", Role.COUNTY_REVIEWER, COUNTY)
    for login in ("neighbour", "county", "absent", "nobody"):
        assert refusal(province, absent, absent, login) == "acting_no_colleague"


@pytest.mark.parametrize("beyond", sorted(frozenset(Permission) - POSTS[Role.CITY_REVIEWER].may))
def test_it_is_never_wider_than_the_colleagues_own_role(province: Connection, beyond: Permission) -> None:
    absent = staff(province, "absent")
    staff(province, "deputy")
    wide = Leave(NOW, NOW + DAY, "休假", {Permission.REVIEW, beyond})
    assert refusal(province, absent, absent, "deputy", wide) == "acting_too_wide"


def test_a_row_written_past_the_service_is_no_wider_either(province: Connection) -> None:
    absent, deputy = staff(province, "absent"), staff(province, "deputy")
    made = arrange(province, absent, absent, "deputy")
    with OfficeSession(province, actor=absent, now=NOW) as session:
        values = {"id": made.id, "grant": absent.grant_id, "deputy": deputy.account_id, "by": absent.account_id}
        session.execute(text(COPY), values)
        deputies.end(session, made.id)
        session.commit()
    [_, behalf] = signed_in(province, deputy.account_id)
    assert behalf.permissions == {Permission.REVIEW}


@pytest.mark.parametrize("who", ["other", "stranger"])
def test_the_database_itself_lets_nobody_else_arrange_it(province: Connection, who: str) -> None:
    absent, deputy = staff(province, "absent"), staff(province, "deputy")
    office = OTHER_CITY if who == "stranger" else CITY
    somebody = staff(province, who, office=office)
    made = arrange(province, absent, absent, "deputy")
    values = {"id": made.id, "grant": absent.grant_id, "deputy": deputy.account_id, "by": somebody.account_id}
    with OfficeSession(province, actor=somebody, now=NOW) as session:
        if who == "stranger":
            assert session.execute(text(COPY), values).rowcount == 0  # type: ignore[attr-defined]
        else:
            with pytest.raises(DBAPIError, match="row-level security"):
                session.execute(text(COPY), values)


COPY = (
    "INSERT INTO acting_grants (id, grant_id, absent_name, deputy_id, deputy_name, permissions, reason, valid_from, "
    "valid_until, made_by, made_at) SELECT gen_random_uuid(), :grant, 'x', :deputy, 'x', "
    "ARRAY['review', 'staff', 'supervise'], 'x', valid_from, valid_until, :by, made_at "
    "FROM acting_grants WHERE id = :id"
)


def test_there_are_no_loops_and_no_chains(province: Connection) -> None:
    first, second = staff(province, "first"), staff(province, "second")
    third = staff(province, "third")
    arrange(province, first, first, "second")
    for absent, deputy in ((second, "first"), (second, "third"), (third, "first")):
        assert refusal(province, absent, absent, deputy) == "acting_chain"
    after = Leave(WEEK.valid_until, WEEK.valid_until + DAY, "休假")
    arrange(province, second, second, "first", after)
    assert refusal(province, third, third, "second", after) == "acting_chain"


def test_a_deputy_hands_nothing_on(province: Connection) -> None:
    absent, deputy = staff(province, "absent", Role.CITY_SUPERVISOR), staff(province, "deputy")
    staff(province, "third")
    arrange(province, absent, absent, "deputy")
    [_, behalf] = signed_in(province, deputy.account_id)
    assert refusal(province, behalf, absent, "third") == "acting_not_yours"
    assert refusal(province, behalf, deputy, "third") == "acting_not_yours"
    with OfficeSession(province, actor=behalf, now=NOW) as session, pytest.raises(Forbidden) as refused:
        roles.grant_role(session, deputy.account_id, role=Role.EXAMINER, office_id=CITY, valid_from=NOW)
    assert refused.value.code == "grant_to_self"


@pytest.mark.parametrize("by", ["role", "account", "deputy's role", "taken back"])
def test_it_ends_with_the_role_of_either_and_when_it_is_taken_back(province: Connection, by: str) -> None:
    absent, deputy = staff(province, "absent"), staff(province, "deputy")
    made = arrange(province, absent, absent, "deputy")
    assert len(signed_in(province, deputy.account_id)) == 2
    ended = {"role": absent.grant_id, "deputy's role": deputy.grant_id}.get(by)
    with factories.staffing_session(province, CITY) as session:
        if ended is not None:
            roles.end_role(session, ended)
        elif by == "account":
            service.end_account(session, absent.account_id)
        else:
            deputies.end(session, made.id)
            with pytest.raises(Conflict):
                deputies.end(session, made.id)
        session.commit()
    assert len(signed_in(province, deputy.account_id)) == (0 if by == "deputy's role" else 1)


@pytest.mark.parametrize(
    ("leave", "code"),
    [
        (Leave(NOW + DAY, NOW + DAY, "休假"), "acting_dates"),
        (Leave(NOW - 2 * DAY, NOW, "休假"), "acting_dates"),
        (Leave(NOW, NOW + DAY, " "), "reason_required"),
        (Leave(NOW, NOW + DAY, "休假", ()), "acting_too_wide"),
    ],
)
def test_dates_scope_and_reason_are_asked_for(province: Connection, leave: Leave, code: str) -> None:
    absent = staff(province, "absent")
    staff(province, "deputy")
    with pytest.raises(Invalid) as refused:
        arrange(province, absent, absent, "deputy", leave)
    assert refused.value.code == code


def test_an_office_does_not_see_who_acts_for_whom_elsewhere(province: Connection) -> None:
    absent = staff(province, "absent")
    staff(province, "deputy")
    made = arrange(province, absent, absent, "deputy")
    stranger = staff(province, "stranger", Role.CITY_SUPERVISOR, OTHER_CITY)
    with OfficeSession(province, actor=stranger, now=NOW) as session:
        assert deputies.arrangements(session) == []
        with pytest.raises(NotFound):
            deputies.end(session, made.id)
    with OfficeSession(province, actor=absent, now=NOW) as session:
        assert [arrangement.id for arrangement in deputies.arrangements(session)] == [made.id]
