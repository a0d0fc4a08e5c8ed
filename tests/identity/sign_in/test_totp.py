"""The second factor: a code is good once, a recovery code too, and the secret lies encrypted."""

import pyotp
import pytest
from sqlalchemy import text

from core.errors import Conflict, Forbidden, Invalid, TooMany
from core.identity.sign_in import service as sign_in, totp
from core.identity.sign_in.sessions import Awaited, IssuedSession
from tests.factories import KEYS
from tests.identity.conftest import CHOSEN, Front


@pytest.fixture
def enrolled(front: Front) -> tuple[Front, str, tuple[str, ...]]:
    """An officer with an authenticator app, a minute later."""
    front.officer("qinghe.app")
    _, secret, codes = front.enrol(front.sign_in("qinghe.app", CHOSEN))
    front.wait(minutes=1)
    return front, secret, codes


def _halfway(front: Front) -> IssuedSession:
    issued = front.sign_in("qinghe.app", CHOSEN)
    assert issued.awaits is Awaited.SECOND_FACTOR
    return issued


def test_after_the_password_the_code_is_asked_for_and_the_session_gets_a_new_token(
    enrolled: tuple[Front, str, tuple[str, ...]],
) -> None:
    front, secret, _ = enrolled
    halfway = _halfway(front)
    through = front.code(halfway, pyotp.TOTP(secret).at(front.now))
    assert (through.id, through.awaits) == (halfway.id, None)
    assert through.token != halfway.token


def test_a_code_is_refused_the_second_time_even_within_its_half_minute(
    enrolled: tuple[Front, str, tuple[str, ...]],
) -> None:
    front, secret, _ = enrolled
    code = pyotp.TOTP(secret).at(front.now)
    front.code(_halfway(front), code)
    with pytest.raises(Invalid, match="已经用过"):
        front.code(_halfway(front), code)
    front.wait(seconds=30)
    front.code(_halfway(front), pyotp.TOTP(secret).at(front.now))


def test_the_code_that_confirmed_the_app_does_not_sign_in(front: Front) -> None:
    front.officer("qinghe.app")
    _, secret, _ = front.enrol(front.sign_in("qinghe.app", CHOSEN))
    with pytest.raises(Invalid):
        front.code(_halfway(front), pyotp.TOTP(secret).at(front.now))


@pytest.mark.parametrize(("seconds", "accepted"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_phones_clock_may_be_off_by_half_a_minute(
    enrolled: tuple[Front, str, tuple[str, ...]], seconds: int, *, accepted: bool
) -> None:
    front, secret, _ = enrolled
    front.wait(minutes=5)
    code = pyotp.TOTP(secret).at(int(front.now.timestamp()) + seconds)
    if accepted:
        assert front.code(_halfway(front), code).awaits is None
    else:
        with pytest.raises(Invalid):
            front.code(_halfway(front), code)


def test_a_recovery_code_is_good_once(enrolled: tuple[Front, str, tuple[str, ...]]) -> None:
    front, _, codes = enrolled
    assert len(set(codes)) == 10
    assert front.code(_halfway(front), codes[3].upper()).awaits is None
    with pytest.raises(Invalid):
        front.code(_halfway(front), codes[3])
    assert front.code(_halfway(front), codes[4]).awaits is None


def test_fresh_recovery_codes_take_the_place_of_those_before(enrolled: tuple[Front, str, tuple[str, ...]]) -> None:
    front, _, codes = enrolled
    account_id = _halfway(front).account_id
    fresh = front.in_session(lambda s: totp.renew_recovery_codes(s, account_id))
    with pytest.raises(Invalid):
        front.code(_halfway(front), codes[0])
    assert front.code(_halfway(front), fresh[0]).awaits is None


def test_ten_wrong_codes_lock_the_second_factor(enrolled: tuple[Front, str, tuple[str, ...]]) -> None:
    front, secret, _ = enrolled
    halfway = _halfway(front)
    for wait in (0, 0, 0, 1, 2, 4, 8, 16, 32, 60):
        with pytest.raises(Invalid):
            front.code(halfway, "000000")
        front.wait(seconds=wait)
    with pytest.raises(TooMany):
        front.code(halfway, pyotp.TOTP(secret).at(front.now))


def test_neither_secret_nor_recovery_code_can_be_read_in_the_database(
    enrolled: tuple[Front, str, tuple[str, ...]],
) -> None:
    front, secret, codes = enrolled
    [row] = front.in_session(
        lambda s: s.execute(text("SELECT secret, array_to_string(recovery_codes, '') FROM second_factors")).all()
    )
    assert secret.encode() not in row[0]
    assert not any(code.replace("-", "").encode().hex() in row[1] for code in codes)


def test_a_second_tab_shows_the_same_secret_until_it_counts_and_then_none(front: Front) -> None:
    account_id = front.officer("qinghe.tabs")
    one, two = (front.in_session(lambda s: totp.begin_enrolment(s, account_id, keys=KEYS)) for _ in range(2))
    assert one == two
    front.enrol(front.sign_in("qinghe.tabs", CHOSEN))
    with pytest.raises(Conflict):
        front.in_session(lambda s: totp.begin_enrolment(s, account_id, keys=KEYS))


def test_a_secret_counts_only_after_its_first_code(front: Front) -> None:
    account_id = front.officer("qinghe.later")
    front.in_session(lambda s: totp.begin_enrolment(s, account_id, keys=KEYS))
    assert front.sign_in("qinghe.later", CHOSEN).awaits is None
    with pytest.raises(Invalid):
        front.in_session(lambda s: totp.confirm_enrolment(s, account_id, "000000", keys=KEYS))
    assert front.sign_in("qinghe.later", CHOSEN).awaits is None


def test_it_can_be_given_up_where_no_office_demands_it(enrolled: tuple[Front, str, tuple[str, ...]]) -> None:
    front, secret, _ = enrolled
    mine = front.mine(front.code(_halfway(front), pyotp.TOTP(secret).at(front.now)))
    front.in_session(lambda s: sign_in.give_up_second_factor(s, mine, password=CHOSEN, door=front.door))
    assert front.sign_in("qinghe.app", CHOSEN).awaits is None


def test_an_officer_whose_office_demands_it_cannot_give_it_up(strict_front: Front) -> None:
    strict_front.officer("qinghe.app")
    issued = strict_front.sign_in("qinghe.app", CHOSEN)
    assert issued.awaits is Awaited.ENROLMENT
    enrolled, _, _ = strict_front.enrol(issued)
    assert enrolled.awaits is None
    mine = strict_front.mine(enrolled)
    with pytest.raises(Forbidden):
        strict_front.in_session(
            lambda s: sign_in.give_up_second_factor(s, mine, password=CHOSEN, door=strict_front.door)
        )
