"""Sessions of browsers: they end in time, get a new token when they may do more, and can be ended from elsewhere."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from core.db.session import OfficeSession, system_actor
from core.errors import NotFound, Unauthenticated
from core.identity import deputies, service
from core.identity.deputies import Leave
from core.identity.models import BrowserSession, RoleGrant
from core.identity.sign_in import service as sign_in, sessions
from core.identity.sign_in.sessions import Awaited
from tests.cases import CITY, OTHER_CITY
from tests.identity.conftest import CHOSEN, Front


def test_a_token_leads_to_the_account_and_is_stored_nowhere(front: Front) -> None:
    account_id = front.officer("qinghe.a1")
    issued = front.sign_in("qinghe.a1", CHOSEN)
    resolved = front.resolve(issued.token)
    assert (resolved.id, resolved.awaits, [actor.account_id for actor in resolved.actors]) == (
        issued.id,
        None,
        [account_id],
    )
    rows = front.in_session(lambda s: s.scalars(text("SELECT browser_sessions::text FROM browser_sessions")).all())
    assert not any(issued.token in row for row in rows)
    assert issued.token not in repr(issued)


def test_a_session_left_alone_for_half_an_hour_has_ended(front: Front) -> None:
    front.officer("qinghe.a2")
    issued = front.sign_in("qinghe.a2", CHOSEN)
    front.wait(minutes=29)
    front.resolve(issued.token)
    front.wait(minutes=29)
    front.resolve(issued.token)
    front.wait(minutes=30)
    _is_over(front, issued.token)


def test_a_session_in_constant_use_ends_after_twelve_hours(front: Front) -> None:
    front.officer("qinghe.a3")
    issued = front.sign_in("qinghe.a3", CHOSEN)
    for _ in range(35):
        front.wait(minutes=20)
        front.resolve(issued.token)
    front.wait(minutes=20)
    _is_over(front, issued.token)


def test_a_session_ends_with_its_account(front: Front) -> None:
    account_id = front.officer("qinghe.a4")
    issued = front.sign_in("qinghe.a4", CHOSEN)
    with OfficeSession(front.connection, actor=system_actor(CITY), now=front.now) as session, session.begin():
        service.end_account(session, account_id)
    _is_over(front, issued.token)


def test_choosing_a_password_gives_this_session_a_new_token_and_ends_the_others(front: Front) -> None:
    front.officer("qinghe.a5")
    here, elsewhere = front.sign_in("qinghe.a5", CHOSEN), front.sign_in("qinghe.a5", CHOSEN)
    new = front.in_session(
        lambda s: sign_in.change_password(s, front.mine(here), current=CHOSEN, new=CHOSEN[::-1], door=front.door)
    )
    _is_over(front, here.token)
    _is_over(front, elsewhere.token)
    assert front.resolve(new.token).id == here.id


def test_a_second_sign_in_elsewhere_leaves_the_first_alone_and_both_are_listed(front: Front) -> None:
    account_id = front.officer("qinghe.a6")
    first, second = front.sign_in("qinghe.a6", CHOSEN), front.sign_in("qinghe.a6", CHOSEN, address="192.0.2.99")
    listed = front.in_session(lambda s: sessions.open_sessions(s, account_id, lifetimes=front.door.lifetimes))
    assert [(session.id, session.address) for session in listed][:2] == [
        (second.id, "192.0.2.99"),
        (first.id, "192.0.2.7"),
    ]
    front.resolve(first.token)
    front.resolve(second.token)


def test_one_session_or_all_others_can_be_ended(front: Front) -> None:
    account_id = front.officer("qinghe.a7")
    one, two, three = (front.sign_in("qinghe.a7", CHOSEN) for _ in range(3))
    front.in_session(lambda s: sessions.end_session(s, account_id, two.id))
    _is_over(front, two.token)
    front.resolve(three.token)
    front.in_session(lambda s: sessions.end_sessions(s, account_id, but=one.id))
    _is_over(front, three.token)
    front.resolve(one.token)
    with pytest.raises(NotFound):
        front.in_session(lambda s: sessions.end_session(s, account_id, two.id))


def test_nobody_ends_the_session_of_another_account(front: Front) -> None:
    mine, theirs = front.officer("qinghe.a8"), front.officer("qinghe.a9")
    issued = front.sign_in("qinghe.a9", CHOSEN)
    assert theirs == issued.account_id
    with pytest.raises(NotFound):
        front.in_session(lambda s: sessions.end_session(s, mine, issued.id))
    front.resolve(issued.token)


def test_only_the_office_that_issued_the_account_ends_its_sessions(front: Front) -> None:
    account_id = front.officer("qinghe.b1")
    issued = front.sign_in("qinghe.b1", CHOSEN)
    with OfficeSession(front.connection, actor=system_actor(OTHER_CITY), now=front.now) as session, session.begin():
        assert sessions.end_sessions(session, account_id) == 0
    front.resolve(issued.token)
    with OfficeSession(front.connection, actor=system_actor(CITY), now=front.now) as session, session.begin():
        sessions.end_sessions(session, account_id)
    _is_over(front, issued.token)


def test_a_session_that_is_in_use_is_noted_once_a_minute_and_not_more_often(front: Front) -> None:
    front.officer("qinghe.b2")
    issued = front.sign_in("qinghe.b2", CHOSEN)
    begun = front.now
    front.wait(seconds=59)
    front.resolve(issued.token)
    seen = select(BrowserSession.seen_at).where(BrowserSession.id == issued.id)
    assert front.in_session(lambda s: s.scalar(seen)) == begun
    front.wait(seconds=1)
    front.resolve(issued.token)
    assert front.in_session(lambda s: s.scalar(seen)) == front.now


def test_a_session_that_awaits_a_password_says_so_each_time(front: Front) -> None:
    _, initial = front.issue("qinghe.b3")
    issued = front.sign_in("qinghe.b3", initial)
    assert front.resolve(issued.token).awaits is Awaited.PASSWORD_CHANGE


def _is_over(front: Front, token: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        front.resolve(token)
    assert refused.value.code == "session_not_valid"


def test_a_session_keeps_the_choice_to_act_for_a_colleague_on_leave(front: Front) -> None:
    absent, _ = front.officer("qinghe.absent"), front.officer("qinghe.deputy")
    with OfficeSession(front.connection, actor=system_actor(CITY), now=front.now) as session, session.begin():
        grant = session.scalars(select(RoleGrant.id).where(RoleGrant.account_id == absent)).one()
        leave = Leave(front.now, front.now + timedelta(hours=2), "休假")
        made = deputies.arrange(session, grant, deputy_login="qinghe.deputy", leave=leave)
    issued = front.sign_in("qinghe.deputy", CHOSEN)
    opened = front.resolve(issued.token)
    switched = front.in_session(lambda s: sessions.switch_role(s, opened.id, made.id))
    chosen = front.resolve(switched.token)
    assert chosen.grant_id == made.id
    assert [actor.on_behalf_of for actor in chosen.actors if actor.grant_id == made.id] == [absent]
