"""Working off the outbox: once where that can be known, unknown where it cannot, and each office for itself."""

import itertools
import threading
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, update

from core.db.database import Databases
from core.db.session import SystemSession
from core.errors import Conflict
from core.messages import outbox
from core.messages.delivery import MOST_ATTEMPTS, Outlet, claim, send_due
from core.messages.outbox import OutboxCount
from core.plugin_api import Delivered, Delivery, OfficeCode
from core.tenancy.models import Office
from tests.cases import CITY, OTHER_CITY, PROVINCE, at
from tests.messages.conftest import MOBILE, Post, answers, taken

SENT = ("sent", 1, "")
DOWN = Delivery(Delivered.LATER, "HTTP 503")


class Died(BaseException):
    """The worker's process ends here."""


def test_a_notice_goes_out_once_in_the_offices_words(post: Post) -> None:
    post.tell(body="请补正{title}。")
    post.work()
    post.work()
    (given,) = taken("plain")
    (message,) = post.messages()
    assert (given.message_id, given.address) == (str(message.id), MOBILE)
    assert given.text == f"【{CITY}】申请已退回。请补正{{title}}。"
    assert (message.state, message.channel, message.gateway, message.ended_at) == ("sent", "sms", "plain", post.clock())


def test_a_code_goes_out_to_an_address_and_is_forgotten(post: Post) -> None:
    post.send_code()
    post.work()
    assert taken("plain")[0].text == f"【{CITY}】验证码135790，用于注册账号，10分钟内有效，请勿告知他人。"
    (message,) = post.messages()
    assert (message.state, message.address, message.values) == ("sent", None, None)


def test_what_fails_is_tried_again_later_and_later_and_then_given_up(post: Post) -> None:
    answers("plain").extend([DOWN] * MOST_ATTEMPTS)
    post.tell()
    waits = []
    for _ in range(MOST_ATTEMPTS - 1):
        post.work()
        (message,) = post.messages()
        assert message.due_at is not None
        waits.append(message.due_at - post.clock())
        assert post.work() == 0
        post.clock.set(message.due_at)
        post.clock.set(post.clock().replace(hour=max(post.clock().hour, 7)))
    post.work()
    assert [wait / timedelta(minutes=1) for wait in waits] == [1, 4, 16, 64, 256]
    assert post.states() == [("failed", MOST_ATTEMPTS, "HTTP 503")]
    assert post.messages()[0].due_at is None
    assert len({sent.message_id for sent in taken("plain")}) == 1


def test_what_is_refused_is_not_tried_again(post: Post) -> None:
    answers("plain").append(Delivery(Delivered.REFUSED, "HTTP 400"))
    post.tell()
    post.work()
    post.clock.advance(timedelta(days=1))
    assert post.work() == 0
    assert post.states() == [("failed", 1, "HTTP 400")]


def test_a_gateway_that_breaks_leaves_the_message_unknown_and_tells_no_number(
    post: Post, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    answers("plain").append(ConnectionResetError(f"while sending to {MOBILE}"))
    post.tell()
    post.work()
    post.clock.advance(timedelta(days=1))
    assert post.work() == 0
    ((state, attempts, reason),) = post.states()
    assert (state, attempts) == ("unknown", 1)
    assert reason.startswith("raised ConnectionResetError (plain.py:")
    shown = capsys.readouterr()
    assert "plugin_failed" in shown.err + caplog.text
    assert MOBILE not in shown.out + shown.err + caplog.text + reason


def test_a_gateway_that_tells_repetitions_is_asked_again_under_the_same_id(post: Post) -> None:
    answers("telling").append(ConnectionResetError())
    post.tell(OTHER_CITY)
    post.work(OTHER_CITY)
    post.clock.advance(timedelta(minutes=1))
    post.work(OTHER_CITY)
    assert post.states(OTHER_CITY) == [("sent", 2, "")]
    first, second = taken("telling")
    assert first == second


@pytest.mark.parametrize(
    ("office", "gateway", "after"),
    [(CITY, "plain", ("unknown", 1, "the worker died while it was sending")), (OTHER_CITY, "telling", ("sent", 2, ""))],
)
def test_a_worker_that_dies_while_sending_sends_nothing_twice_unseen(
    open_post: Post, office: OfficeCode, gateway: str, after: tuple[str, int, str]
) -> None:
    open_post.tell(office)
    transactions = itertools.count(1)

    def dies_before_the_third() -> AbstractContextManager[SystemSession]:
        """The first tidies up, the second claims the message, the third would write down that it went out."""
        if next(transactions) == 3:
            raise Died
        return open_post.system(office)

    with pytest.raises(Died):
        send_due(office, begin=dies_before_the_third, outlet=open_post.outlet)
    assert len(taken(gateway)) == 1
    assert open_post.states(office) == [("sending", 1, "")]
    open_post.clock.advance(timedelta(minutes=4))
    assert open_post.work(office) == 0
    for _ in range(2):
        open_post.clock.advance(timedelta(minutes=2))
        open_post.work(office)
    assert open_post.states(office) == [after]
    assert len({sent.message_id for sent in taken(gateway)}) == 1


def test_the_attempt_is_committed_before_the_gateway_is_called(open_post: Post) -> None:
    open_post.tell()
    with open_post.system(CITY) as session:
        claim(session, open_post.outlet)
    assert taken("plain") == []
    assert open_post.states() == [("sending", 1, "")]


def test_many_workers_at_once_send_each_message_once(open_post: Post) -> None:
    for number in range(30):
        open_post.tell(event=str(number))
    workers = [threading.Thread(target=open_post.work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert open_post.states() == [SENT] * 30
    assert sorted(sent.message_id for sent in taken("plain")) == sorted(
        str(message.id) for message in open_post.messages()
    )


def test_what_another_worker_holds_is_passed_over(open_post: Post) -> None:
    open_post.tell(event="1")
    open_post.tell(event="2")
    with open_post.system(CITY) as slow:
        first = claim(slow, open_post.outlet)
        with open_post.system(CITY) as quick:
            second = claim(quick, open_post.outlet)
        with open_post.system(CITY) as third:
            assert claim(third, open_post.outlet) is None
    assert first != second


def test_at_night_codes_go_out_and_nothing_else(post: Post) -> None:
    post.clock.set(at(3, 25, 23))
    post.tell()
    post.send_code()
    post.work()
    assert [message.state for message in post.messages()] == ["queued", "sent"]
    post.clock.set(at(3, 26, 6, 59))
    assert post.work() == 0
    post.clock.set(at(3, 26, 7))
    post.work()
    assert [message.state for message in post.messages()] == ["sent", "sent"]


def test_a_code_that_came_too_late_is_dropped_and_forgotten(post: Post) -> None:
    answers("plain").append(DOWN)
    post.send_code()
    post.work()
    post.clock.advance(timedelta(minutes=10))
    assert post.work() == 0
    (message,) = post.messages()
    assert (message.state, message.last_error, message.values) == ("dropped", "too late to be of use", None)
    with post.operator() as session, pytest.raises(Conflict) as refused:
        outbox.send_again(session, message.id)
    assert refused.value.code == "message_not_open"


def test_a_failing_gateway_holds_up_its_own_office_alone(post: Post) -> None:
    answers("plain").extend([DOWN] * 9)
    for number in range(9):
        post.tell(CITY, event=str(number))
        post.tell(OTHER_CITY, event=str(number))
    assert post.work(CITY) == 3
    assert post.work(OTHER_CITY) == 9
    assert len(taken("plain")) == 3
    assert post.states(OTHER_CITY) == [SENT] * 9


def test_an_office_without_a_gateway_fails_visibly(post: Post) -> None:
    post.send_code(PROVINCE)
    post.work(PROVINCE)
    assert post.states(PROVINCE) == [("failed", 1, "no gateway serves sms here")]


def test_an_office_that_keeps_to_notices_sends_none(post: Post) -> None:
    quiet = replace(post.outlet, addresses_of=lambda *_: {})
    post.tell()
    post.outlet = quiet
    post.work()
    assert post.states() == [("dropped", 1, "no channel of the office reaches the person")]


def test_the_demo_sends_nothing_and_shows_what_it_would_have_said(post: Post) -> None:
    post.outlet = replace(post.outlet, sends=False)
    post.send_code()
    post.work()
    assert taken("plain") == []
    assert [state for state, *_ in post.states()] == ["shown"]
    with post.operator() as session:
        rows, _ = outbox.messages(session)
        (said,) = outbox.shown(session, rows, offices=post.outlet.offices, keys=post.outlet.keys).values()
    assert said.address == MOBILE
    assert "135790" in said.worded.text


def test_an_office_of_made_up_people_sends_nothing(open_post: Post, fresh_database: Databases) -> None:
    owner = create_engine(fresh_database.owner_url)
    with owner.begin() as connection:
        connection.execute(update(Office).where(Office.id == CITY).values(practice=True))
    owner.dispose()
    open_post.tell()
    open_post.send_code()
    open_post.tell(OTHER_CITY)
    open_post.work()
    open_post.work(OTHER_CITY)
    assert taken("plain") == []
    assert [state for state, *_ in open_post.states()] == ["shown", "shown"]
    # The office beside it sends as before.
    assert len(taken("telling")) == 1


def test_the_operator_decides_on_what_nobody_knows(post: Post) -> None:
    answers("plain").extend([Delivery(Delivered.UNKNOWN, "after the text"), Delivery(Delivered.UNKNOWN, "again")])
    post.tell(event="1")
    post.tell(event="2")
    post.work()
    first, second = post.messages()
    with post.operator() as session:
        assert outbox.counts(session) == [OutboxCount(CITY, "unknown", 2, first.created_at)]
        outbox.take_as_sent(session, first.id)
        outbox.send_again(session, second.id)
    post.work()
    assert [message.state for message in post.messages()] == ["sent", "sent"]
    assert len(taken("plain")) == 3
    with post.operator() as session:
        assert outbox.counts(session) == []
        with pytest.raises(Conflict) as refused:
            outbox.send_again(session, first.id)
    assert refused.value.code == "message_not_open"


def test_the_operator_reads_no_number_and_no_text(post: Post) -> None:
    post.send_code()
    with post.operator() as session:
        (row,), _ = outbox.messages(session)
    assert MOBILE.encode() not in (row.address or b"")
    assert b"135790" not in (row.values or b"")


def test_what_waits_is_found_office_by_office(post: Post) -> None:
    post.tell(CITY)
    post.tell(OTHER_CITY)
    with post.operator() as session:
        assert outbox.offices_with_work(session) == [CITY, OTHER_CITY]
    post.work(CITY)
    with post.operator() as session:
        assert outbox.offices_with_work(session) == [OTHER_CITY]


def test_an_outlet_shows_no_secret_where_a_program_is_debugged(post: Post) -> None:
    assert isinstance(post.outlet, Outlet)
    post.send_code()
    with post.system(CITY) as session:
        claimed = claim(session, post.outlet)
    assert MOBILE not in repr(claimed)
    assert "135790" not in repr(claimed)
