"""Registering with a code by telephone, and getting back in when the password is lost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from core.db.session import ANONYMOUS, OfficeSession, PersonSession, Role, SignInSession, system_actor
from core.domain.identity_number import simulated
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from core.identity import service
from core.identity.models import Account
from core.identity.registration import phone_codes, reset, service as registration
from core.identity.registration.phone_codes import Purpose, SentCode
from core.identity.roles import actors_of
from core.identity.sign_in.attempts import Sender
from core.identity.sign_in.sessions import Awaited
from core.messages.models import Notice, OutboxMessage
from core.plugin_api import Sex
from core.security.keys import Place
from tests import factories
from tests.cases import CITY, OTHER_CITY, PROVINCE
from tests.factories import KEYS
from tests.identity.conftest import CHOSEN, HERE, Front
from tests.phone_codes import code_in_outbox, wrong

SENDER = Sender(HERE.address)
OTHER = "一盏灯 三条河 七座桥"


def _form(index: int = 71, **changed: str) -> dict[str, str]:
    given = {
        "id_number": factories.id_number(index),
        "name": f"测试甲{index:04d}",
        "phone": f"199{index:08d}",
        "password": CHOSEN,
    }
    return given | changed


def _begin(front: Front, *, sender: Sender = SENDER, **form: str) -> SentCode:
    return front.in_session(lambda s: registration.begin(s, **form, sender=sender, door=front.door))


def _again(front: Front, sent: SentCode, *, sender: Sender = SENDER) -> SentCode:
    return front.in_session(lambda s: registration.send_again(s, sent.id, sender=sender, door=front.door))


def _code(front: Front, sent: SentCode) -> str:
    """The code in the message that went out."""
    return code_in_outbox(front.connection, sent.id, front.now, PROVINCE)


def _confirm(front: Front, sent: SentCode, code: str) -> registration.Registered:
    front.in_session(lambda s: phone_codes.count_try(s, sent.id, Purpose.REGISTRATION))
    return front.in_session(lambda s: registration.confirm(s, sent.id, code, origin=HERE, door=front.door))[0]


def test_before_the_code_is_given_back_there_is_no_account(simulating: Front) -> None:
    front, form = simulating, _form()
    sent = _begin(front, **form)
    before = front.in_session(lambda s: s.scalars(select(Account.name)).all())
    registered = _confirm(front, sent, _code(front, sent))
    assert form["name"] not in before
    signed_in = front.sign_in(form["id_number"], CHOSEN)
    assert (signed_in.account_id, signed_in.awaits) == (registered.account_id, None)


def test_a_code_is_good_once_for_one_thing_and_for_ten_minutes(simulating: Front) -> None:
    front = simulating
    sent = _begin(front, **_form(72))
    code = _code(front, sent)
    with pytest.raises(Invalid):
        front.in_session(lambda s: phone_codes.count_try(s, sent.id, Purpose.RESET))
    _confirm(front, sent, code)
    with pytest.raises(Invalid):
        _confirm(front, sent, code)
    late = _begin(front, **_form(73))
    late_code = _code(front, late)
    front.wait(minutes=10)
    with pytest.raises(Invalid):
        _confirm(front, late, late_code)


def test_after_five_wrong_tries_the_right_code_is_worth_nothing(simulating: Front) -> None:
    front = simulating
    sent = _begin(front, **_form(74))
    code = _code(front, sent)
    for _ in range(5):
        with pytest.raises(Invalid):
            _confirm(front, sent, wrong(code))
    with pytest.raises(Invalid):
        _confirm(front, sent, code)


def test_neither_code_nor_what_was_filled_in_can_be_read_in_the_database(simulating: Front) -> None:
    front, form = simulating, _form(75)
    sent = _begin(front, **form)
    code = _code(front, sent)
    [row] = front.in_session(
        lambda s: s.execute(text("SELECT code_hash, sealed FROM phone_codes WHERE id = :id"), {"id": sent.id}).all()
    )
    for secret in (code, form["id_number"], form["phone"], form["name"], CHOSEN):
        assert secret.encode() not in row.code_hash + row.sealed


def test_whether_a_person_is_registered_is_told_only_to_who_proves_a_number(simulating: Front) -> None:
    front, form = simulating, _form(76)
    first = _begin(front, **form)
    _confirm(front, first, _code(front, first))
    front.wait(minutes=1)
    again = _begin(front, **form)
    with pytest.raises(Conflict) as refused:
        _confirm(front, again, _code(front, again))
    assert refused.value.code == "person_registered"
    front.wait(minutes=1)
    under_another_name = _begin(front, **{**form, "name": "测试冒名"})
    with pytest.raises(Conflict) as refused:
        _confirm(front, under_another_name, _code(front, under_another_name))
    assert refused.value.code == "person_name_differs"


def test_a_real_season_refuses_invented_people_and_a_simulation_takes_them(front: Front, simulating: Front) -> None:
    with pytest.raises(Invalid) as refused:
        registration.refuse_invented(simulated(5, front.now.date().replace(year=1980), Sex.MALE), simulation=False)
    assert refused.value.code == "identity_number_simulated"
    assert _begin(simulating, **_form(77)).id


def test_a_weak_password_is_refused_before_any_message_goes_out(simulating: Front) -> None:
    front = simulating
    with pytest.raises(Invalid) as refused:
        _begin(front, **_form(78, password="测试甲0078"))
    assert refused.value.code == "password_short"
    with pytest.raises(Invalid) as refused:
        _begin(front, **_form(78, password=_form(78)["phone"]))
    assert refused.value.code == "password_easy"
    assert list(refused.value.fields) == ["password"]


def test_every_fault_of_a_registration_is_named_at_once(simulating: Front) -> None:
    with pytest.raises(Invalid) as refused:
        _begin(simulating, **_form(85, id_number="1", phone="12", name=" ", password="abc"))
    assert set(refused.value.fields) == {"id_number", "phone", "name", "password"}


def test_refused_registrations_count_nothing(simulating: Front) -> None:
    front = simulating
    for _ in range(10):
        with pytest.raises(Invalid):
            _begin(front, **_form(86, password="12345678"))
    assert _begin(front, **_form(86)).id


def test_a_code_is_sent_again_after_a_minute_and_the_one_before_is_worth_nothing(simulating: Front) -> None:
    front, form = simulating, _form(87)
    first = _begin(front, **form)
    with pytest.raises(TooMany) as waiting:
        _again(front, first)
    assert waiting.value.retry_after == 60
    front.wait(minutes=20)
    second = _again(front, first)
    with pytest.raises(Invalid):
        _confirm(front, first, _code(front, first))
    assert _sent_to(front, second) == form["phone"]
    _confirm(front, second, _code(front, second))
    assert front.sign_in(form["id_number"], CHOSEN).awaits is None


def test_an_hour_later_the_form_is_filled_in_again(simulating: Front) -> None:
    front = simulating
    sent = _begin(front, **_form(88))
    front.wait(minutes=59)
    sent = _again(front, sent)
    front.wait(minutes=1)
    for _ in range(2):
        with pytest.raises(Invalid) as refused:
            _again(front, sent)
        assert refused.value.code == "code_form_gone"


def test_a_used_code_is_not_sent_again(simulating: Front) -> None:
    front = simulating
    sent = _begin(front, **_form(89))
    _confirm(front, sent, _code(front, sent))
    front.wait(minutes=2)
    with pytest.raises(Invalid) as refused:
        _again(front, sent)
    assert refused.value.code == "code_form_gone"


def test_one_device_asks_for_codes_to_forty_numbers_and_then_waits(simulating: Front) -> None:
    front, device = simulating, Sender(HERE.address, "测试设备")
    for number in range(40):
        assert _begin(front, sender=device, **_form(100 + number)).id
    with pytest.raises(TooMany) as refused:
        _begin(front, sender=device, **_form(140))
    assert refused.value.retry_after == 600
    assert "换一台设备" in refused.value.detail
    assert _begin(front, sender=Sender(HERE.address, "另一台"), **_form(140)).id


def test_who_asks_for_codes_to_a_strangers_number_leaves_the_stranger_some(simulating: Front) -> None:
    front, form = simulating, _form(83)
    stranger = Sender("198.51.100.9", "测试设备")
    for minutes in (1, 1, 5, 10, 10):
        assert _begin(front, sender=stranger, **form).id
        front.wait(minutes=minutes)
    with pytest.raises(TooMany) as refused:
        _begin(front, sender=stranger, **form)
    assert refused.value.retry_after == timedelta(minutes=50).total_seconds()
    assert _begin(front, **form).id


def test_ever_new_devices_at_one_address_leave_the_owner_of_a_number_some(simulating: Front) -> None:
    front, form = simulating, _form(90)
    for number in range(10):
        assert _begin(front, sender=Sender("198.51.100.9", f"测试设备{number}"), **form).id
    with pytest.raises(TooMany) as refused:
        _begin(front, sender=Sender("198.51.100.9", "又一台"), **form)
    assert refused.value.retry_after == timedelta(hours=1).total_seconds()
    assert _begin(front, **form).id


def test_nobody_locks_a_number_from_many_addresses_for_longer_than_ten_minutes(simulating: Front) -> None:
    front, form = simulating, _form(84)
    for number in range(40):
        sender = Sender(f"198.51.100.{number}")
        try:
            assert _begin(front, sender=sender, **form).id
        except TooMany as refused:
            front.wait_out(refused)
            assert _begin(front, sender=sender, **form).id
    with pytest.raises(TooMany) as refused_here:
        _begin(front, **form)
    assert refused_here.value.retry_after <= timedelta(minutes=10).total_seconds()
    front.wait_out(refused_here.value)
    assert _begin(front, **form).id


def test_a_reset_is_sent_again_alike_whether_there_is_an_account_or_not(simulating: Front) -> None:
    front, form = simulating, _form(91)
    sent = _begin(front, **form)
    _confirm(front, sent, _code(front, sent))
    for id_number, told in ((form["id_number"], True), (factories.id_number(92), False)):
        asked = _ask_reset(front, id_number)
        with pytest.raises(TooMany) as waiting:
            _reset_again(front, asked)
        front.wait_out(waiting.value)
        again = _reset_again(front, asked)
        with OfficeSession(front.connection, actor=system_actor(PROVINCE), now=front.now) as session:
            keys = session.scalars(select(OutboxMessage.event_key)).all()
        assert (f"code:{again.id}" in keys) is told


@pytest.mark.parametrize("name", ["测" * 101, "测试\x07甲", " "])
def test_a_name_that_is_none_is_refused_before_it_costs_anything(simulating: Front, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        _begin(simulating, **_form(name=name))
    assert "name" in refused.value.fields


def test_the_proved_number_takes_the_place_of_the_one_that_a_unit_had_named(simulating: Front) -> None:
    front, form = simulating, _form(79)
    with SignInSession(front.connection, actor=ANONYMOUS, now=front.now) as session, session.begin():
        service.claim_person(session, id_number=form["id_number"], name=form["name"], phone="19811112222", keys=KEYS)
    sent = _begin(front, **form)
    _confirm(front, sent, _code(front, sent))
    assert _sent_to(front, _ask_reset(front, form["id_number"])) == form["phone"]


def test_an_applicant_resets_the_password_by_identity_number_and_mobile(simulating: Front) -> None:
    front, form = simulating, _form(80)
    sent = _begin(front, **form)
    registered = _confirm(front, sent, _code(front, sent))
    before = front.sign_in(form["id_number"], CHOSEN)
    asked = _ask_reset(front, form["id_number"])
    _give_back(front, asked, _code(front, asked), OTHER)
    with pytest.raises(Unauthenticated):
        front.resolve(before.token)
    assert front.refusal(form["id_number"], CHOSEN).code == "sign_in_refused"
    assert front.sign_in(form["id_number"], OTHER).account_id == registered.account_id
    actor = front.in_session(lambda s: actors_of(s, registered.account_id))[0]
    with PersonSession(front.connection, actor=actor, now=front.now) as session:
        kinds = session.scalars(select(Notice.kind).where(Notice.person_id == registered.person_id)).all()
    assert list(kinds) == ["password_reset"]


def test_a_reset_leaves_the_authenticator_app_in_place(simulating: Front) -> None:
    front, form = simulating, _form(82)
    sent = _begin(front, **form)
    _confirm(front, sent, _code(front, sent))
    front.enrol(front.sign_in(form["id_number"], CHOSEN))
    asked = _ask_reset(front, form["id_number"])
    _give_back(front, asked, _code(front, asked), OTHER)
    assert front.sign_in(form["id_number"], OTHER).awaits is Awaited.SECOND_FACTOR


def test_a_reset_is_answered_alike_where_there_is_no_account_and_sends_nothing(simulating: Front) -> None:
    front = simulating
    asked = _ask_reset(front, factories.id_number(81))
    assert asked.expires_at == front.now + timedelta(minutes=10)
    with OfficeSession(front.connection, actor=system_actor(PROVINCE), now=front.now) as session:
        keys = session.scalars(select(OutboxMessage.event_key)).all()
    assert f"code:{asked.id}" not in keys
    for code_id in (asked.id, uuid4()):
        with pytest.raises(Invalid) as refused:
            _give_back(front, SentCode(code_id, front.now), "123456", OTHER)
        assert refused.value.code == "code_refused"


def test_a_member_of_staff_cannot_reset_by_telephone(simulating: Front) -> None:
    account_id = simulating.officer("qinghe.phone")
    assert account_id
    asked = _ask_reset(simulating, "qinghe.phone")
    with pytest.raises(Invalid):
        _give_back(simulating, asked, "123456", OTHER)


def test_the_issuing_office_gives_a_new_password_ends_sessions_and_unlocks(front: Front) -> None:
    account_id = front.officer("qinghe.lost")
    before = front.sign_in("qinghe.lost", CHOSEN)
    for _ in range(3):
        front.refusal("qinghe.lost")
    with _supervisor(front) as session, session.begin():
        initial = reset.give_new_password(session, account_id, hasher=front.hasher)
    with pytest.raises(Unauthenticated):
        front.resolve(before.token)
    assert front.sign_in("qinghe.lost", initial).awaits is Awaited.PASSWORD_CHANGE
    with _supervisor(front) as session:
        told = session.scalars(select(Notice.title).where(Notice.kind == "password_reset")).all()
    assert list(told) == ["账号密码已重置"]


def test_nobody_resets_for_another_office_for_themselves_or_without_the_permission(front: Front) -> None:
    account_id = front.officer("qinghe.care")
    other = OfficeSession(front.connection, actor=system_actor(OTHER_CITY), now=front.now)
    with other as session, pytest.raises(NotFound):
        reset.unlock(session, account_id)
    reviewer = factories.make_account(front.connection, "qinghe.plain", role=Role.CITY_REVIEWER, office_id=CITY)
    with OfficeSession(front.connection, actor=reviewer, now=front.now) as session, pytest.raises(Forbidden):
        reset.unlock(session, account_id)
    with OfficeSession(front.connection, actor=reviewer, now=front.now) as session, pytest.raises(Forbidden):
        reset.unlock(session, reviewer.account_id)


def _supervisor(front: Front) -> OfficeSession:
    actor = factories.make_account(
        front.connection, f"qinghe.super{uuid4().hex}", role=Role.CITY_SUPERVISOR, office_id=CITY
    )
    return OfficeSession(front.connection, actor=actor, now=front.now)


def _ask_reset(front: Front, id_number: str) -> SentCode:
    return front.in_session(lambda s: reset.begin(s, id_number, sender=SENDER, door=front.door))


def _reset_again(front: Front, sent: SentCode) -> SentCode:
    return front.in_session(lambda s: reset.send_again(s, sent.id, sender=SENDER, door=front.door))


def _give_back(front: Front, sent: SentCode, code: str, new: str) -> None:
    front.in_session(lambda s: phone_codes.count_try(s, sent.id, Purpose.RESET))
    front.in_session(lambda s: reset.confirm(s, sent.id, code, new=new, door=front.door))


def _sent_to(front: Front, sent: SentCode) -> str:
    with OfficeSession(front.connection, actor=system_actor(PROVINCE), now=front.now) as session:
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.event_key == f"code:{sent.id}")).one()
        return KEYS.decrypt(row.address or b"", Place("outbox", "address", row.id)).decode()
