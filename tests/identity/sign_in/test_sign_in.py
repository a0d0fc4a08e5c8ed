"""Signing in: one answer for everybody who may not, waits that grow, and what has to be done first."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text

from core.audit.models import RecordEntry
from core.db.session import Actor, OfficeSession, Role, system_actor
from core.errors import Invalid, KaowuError, TooMany, Unauthenticated
from core.identity import service
from core.identity.models import FailedAttempts, Password
from core.identity.registration import service as registration
from core.identity.sign_in import attempts, passwords, service as sign_in
from core.identity.sign_in.hashing import Hasher
from core.identity.sign_in.sessions import Awaited
from tests import factories
from tests.cases import CITY, OTHER_CITY
from tests.factories import KEYS
from tests.identity.conftest import CHOSEN, Front


def test_a_known_and_an_unknown_name_are_refused_alike_at_the_same_cost(front: Front) -> None:
    front.officer("qinghe.wang")
    before = front.hasher.verified
    known = front.refusal("qinghe.wang")
    between = front.hasher.verified
    unknown = front.refusal("qinghe.nobody")
    assert (type(known), known.code, known.detail) == (type(unknown), unknown.code, unknown.detail)
    assert (between - before, front.hasher.verified - between) == (1, 1)


def test_an_unknown_name_is_made_to_wait_just_as_a_known_one(front: Front) -> None:
    front.officer("qinghe.li")
    waits: dict[str, list[object]] = {"qinghe.li": [], "qinghe.none": []}
    for address, (name, seen) in enumerate(waits.items()):
        start = front.now
        for _ in range(14):
            refused = front.refusal(name, address=f"192.0.2.{address}")
            seen.append((refused.code, refused.detail, getattr(refused, "retry_after", None)))
            if isinstance(refused, TooMany):
                front.wait_out(refused)
        front.now = start
    assert waits["qinghe.li"] == waits["qinghe.none"]


def test_every_spelling_of_a_number_is_one_name_with_and_without_an_account(front: Front) -> None:
    number = factories.id_number(90)
    spellings = [number, f" {number}", f"{number[:6]} {number[6:]}", f"{number}\u200b", f"{number[:17]}{number[17:]}\t"]
    for nobody in (True, False):
        if not nobody:
            front.in_session(
                lambda s: registration.open_account(
                    s, id_number=number, name="测试甲0090", phone="19900000090", keys=KEYS
                )
            )
        codes = [front.refusal(spelling, address=f"192.0.2.{nobody + 1}").code for spelling in spellings]
        assert codes == ["sign_in_refused"] * 4 + ["too_many_attempts"]


def test_what_a_dummy_is_compared_with_is_hashed_as_dearly_as_a_real_password() -> None:
    hasher = Hasher(passes=3, memory_kib=128, lanes=1)
    assert not hasher.verify(None, CHOSEN)
    dummy, real = hasher._nobodys, hasher.hash(CHOSEN)
    assert dummy.split("$")[1:4] == real.split("$")[1:4] == ["argon2id", "v=19", "m=128,t=3,p=1"]


def test_an_ended_account_or_one_without_role_is_refused_as_an_unknown_one(front: Front) -> None:
    account_id = front.officer("qinghe.ended")
    with OfficeSession(front.connection, actor=system_actor(CITY), now=front.now) as session, session.begin():
        service.end_account(session, account_id)
    ended, unknown = front.refusal("qinghe.ended", CHOSEN), front.refusal("qinghe.never", CHOSEN)
    assert (ended.code, ended.detail) == (unknown.code, unknown.detail)


def test_waits_grow_after_the_third_failure_and_the_tenth_locks_for_half_an_hour(front: Front) -> None:
    front.officer("qinghe.zhao")
    waits = []
    for _ in range(10):
        assert front.refusal("qinghe.zhao").code == "sign_in_refused"
        again = front.refusal("qinghe.zhao", CHOSEN) if len(waits) >= 3 else None
        waits.append(again.retry_after if isinstance(again, TooMany) else 0)
        front.wait(seconds=waits[-1])
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 1800]
    assert front.sign_in("qinghe.zhao", CHOSEN).awaits is None


def test_the_right_password_neither_opens_a_lock_nor_lengthens_the_wait(front: Front) -> None:
    front.officer("qinghe.sun")
    _fail(front, "qinghe.sun", 10)
    first = front.refusal("qinghe.sun", CHOSEN)
    front.wait(minutes=10)
    second = front.refusal("qinghe.sun", CHOSEN)
    assert isinstance(first, TooMany) and isinstance(second, TooMany)  # noqa: PT018
    assert (first.retry_after, second.retry_after) == (1800, 1200)


def test_a_success_resets_the_failed_attempts(front: Front) -> None:
    front.officer("qinghe.zhou")
    for _ in range(3):
        _fail(front, "qinghe.zhou", 3)
        front.sign_in("qinghe.zhou", CHOSEN)


def test_failures_are_forgotten_after_a_day(front: Front) -> None:
    front.officer("qinghe.wu")
    _fail(front, "qinghe.wu", 9)
    front.wait(hours=24)
    _fail(front, "qinghe.wu", 3)
    assert front.sign_in("qinghe.wu", CHOSEN).awaits is None


def test_one_address_that_tries_many_names_is_made_to_wait_and_others_are_not(front: Front) -> None:
    front.officer("qinghe.zheng")
    refused = [front.refusal(f"qinghe.guess{number}").code for number in range(32)]
    assert refused == ["sign_in_refused"] * 31 + ["too_many_attempts"]
    assert front.refusal("qinghe.zheng", CHOSEN).code == "too_many_attempts"
    assert front.sign_in("qinghe.zheng", CHOSEN, address="198.51.100.4").awaits is None


def test_signing_in_oneself_does_not_wash_away_what_the_address_has_tried(front: Front) -> None:
    front.officer("qinghe.feng")
    for number in range(30):
        front.refusal(f"qinghe.other{number}")
        if number % 10 == 9:
            front.sign_in("qinghe.feng", CHOSEN)
    front.refusal("qinghe.other30")
    assert front.refusal("qinghe.other31").code == "too_many_attempts"


def test_neither_name_nor_address_is_kept_with_the_attempts(front: Front) -> None:
    front.refusal("qinghe.secretive")
    rows = front.in_session(
        lambda s: s.execute(text("SELECT failed_attempts::text FROM failed_attempts")).scalars().all()
    )
    assert len(rows) == 2
    assert not any("secretive" in row or "192.0.2.7" in row for row in rows)


def test_the_office_that_issued_an_account_unlocks_it_and_no_other_can(front: Front) -> None:
    account_id = front.officer("qinghe.chen")
    _fail(front, "qinghe.chen", 10)
    for office, answer in ((OTHER_CITY, "too_many_attempts"), (CITY, "")):
        with OfficeSession(front.connection, actor=system_actor(office), now=front.now) as session, session.begin():
            attempts.unlock(session, account_id)
        if answer:
            assert front.refusal("qinghe.chen", CHOSEN).code == answer
    assert front.sign_in("qinghe.chen", CHOSEN).account_id == account_id


def test_a_lock_is_entered_in_the_record(front: Front) -> None:
    account_id = front.officer("qinghe.wei")
    _fail(front, "qinghe.wei", 10)
    with OfficeSession(front.connection, actor=system_actor("linshui"), now=front.now) as session:  # type: ignore[arg-type]
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(account_id))).all()
    assert "sign_in.locked" in kinds


def test_with_an_initial_password_the_first_thing_is_to_choose_another(front: Front) -> None:
    _, initial = front.issue("qinghe.jiang")
    issued = front.sign_in("qinghe.jiang", initial)
    assert issued.awaits is Awaited.PASSWORD_CHANGE
    mine = front.mine(issued)
    chosen = front.in_session(lambda s: sign_in.change_password(s, mine, current=initial, new=CHOSEN, door=front.door))
    assert chosen.awaits is None
    assert front.sign_in("qinghe.jiang", CHOSEN).awaits is None
    assert front.refusal("qinghe.jiang", initial).code == "sign_in_refused"


def test_the_initial_password_cannot_be_kept(front: Front) -> None:
    _, initial = front.issue("qinghe.shen")
    mine = front.mine(front.sign_in("qinghe.shen", initial))
    with pytest.raises(Invalid) as refused:
        front.in_session(lambda s: sign_in.change_password(s, mine, current=initial, new=initial, door=front.door))
    assert refused.value.code == "password_same"


def test_a_new_initial_password_replaces_the_one_that_was_chosen(front: Front) -> None:
    account_id = front.officer("qinghe.han")
    with OfficeSession(front.connection, actor=system_actor(CITY), now=front.now) as session, session.begin():
        initial = passwords.give_initial_password(session, account_id, hasher=front.hasher)
    assert front.refusal("qinghe.han", CHOSEN).code == "sign_in_refused"
    assert front.sign_in("qinghe.han", initial).awaits is Awaited.PASSWORD_CHANGE


def test_another_office_can_neither_read_a_hash_nor_give_a_password(front: Front) -> None:
    account_id = front.officer("qinghe.yang")
    for office in (CITY, OTHER_CITY):
        with OfficeSession(front.connection, actor=system_actor(office), now=front.now) as session:
            assert session.scalars(select(Password)).all() == []
    with (
        OfficeSession(front.connection, actor=system_actor(OTHER_CITY), now=front.now) as session,
        pytest.raises(Exception, match="row-level security"),
    ):
        passwords.give_initial_password(session, account_id, hasher=front.hasher)


def test_a_hash_with_other_settings_is_renewed_when_the_password_is_known(front: Front) -> None:
    account_id = front.officer("qinghe.zhu")
    old = Hasher(passes=2, memory_kib=64).hash(CHOSEN)
    front.in_session(lambda s: passwords.replace_hash(s, account_id, old))
    front.sign_in("qinghe.zhu", CHOSEN)
    held = front.in_session(lambda s: passwords.current_password(s, account_id))
    assert held is not None
    assert held.hash.split("$")[3] == "m=64,t=1,p=1"
    assert front.sign_in("qinghe.zhu", CHOSEN).account_id == account_id


def test_an_officer_enrols_first_where_the_office_requires_a_second_factor(strict_front: Front) -> None:
    officer, manager = _actor(Role.CITY_REVIEWER), _actor(Role.UNIT_MANAGER)
    strict = strict_front.door.offices
    assert sign_in.needs_second_factor([manager, officer], strict)
    assert not sign_in.needs_second_factor([manager], strict)
    strict_front.officer("qinghe.strict")
    assert strict_front.sign_in("qinghe.strict", CHOSEN).awaits is Awaited.ENROLMENT


def test_attempts_are_counted_before_the_outcome_so_that_many_at_once_gain_nothing(front: Front) -> None:
    subject = attempts.subject("account", "many-at-once", attempts.BY_ACCOUNT, keys=KEYS)
    for _ in range(4):
        front.in_session(lambda s: attempts.reserve(s, subject))
    with pytest.raises(TooMany):
        front.in_session(lambda s: attempts.reserve(s, subject))
    counted = front.in_session(lambda s: s.get_one(FailedAttempts, subject.digest).count)
    assert counted == 4


def _actor(role: Role) -> Actor:
    return Actor(uuid4(), "测试账号", role, office_id=None if role is Role.UNIT_MANAGER else CITY)


def _fail(front: Front, name: str, times: int) -> None:
    """Fail so often in a row, each as soon as it is let in."""
    for number in range(times):
        refused: KaowuError = front.refusal(name)
        assert isinstance(refused, Unauthenticated)
        if number + 1 < times:
            front.wait(seconds=attempts.BY_ACCOUNT.delays[number])
