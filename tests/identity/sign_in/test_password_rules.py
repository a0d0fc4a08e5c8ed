"""Which passwords are refused, and that nothing is demanded but length and that nobody guesses them."""

import time

import pytest

from core.errors import Invalid
from core.identity.sign_in.password_rules import check


@pytest.mark.parametrize(
    "password",
    [
        *("12345678", "88888888", "password1", "P@ssw0rd", "qwertyuiop", "1qaz2wsx", "a123456789", "abcd1234"),
        *("woaini1314", "5201314520", "woaini5201314", "wang123456", "kaowu123456", "henan2024", "luoyang2024"),
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(password, staff=False)
    assert refused.value.code == "password_easy"
    assert set(refused.value.fields) == {"new_password"}


@pytest.mark.parametrize(
    "password",
    ["测试甲0001测试甲0001", "ceshijia0001", "luoyang.online1", "19900000000", "410105198505061234", "19850506"],
)
def test_what_others_know_of_the_person_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(password, staff=False, context=("luoyang.online", "测试甲0001", "19900000000", "410105198505061234"))
    assert refused.value.code == "password_easy"


@pytest.mark.parametrize(("staff", "least"), [(False, 8), (True, 12)])
def test_eight_signs_do_for_applicants_and_twelve_for_staff(least: int, *, staff: bool) -> None:
    long_enough = "猫铁灯河山鱼书窗雨桥船鹤"[:least]
    check(long_enough, staff=staff)
    with pytest.raises(Invalid) as refused:
        check(long_enough[1:], staff=staff)
    assert refused.value.code == "password_short"


@pytest.mark.parametrize("password", ["correct horse battery", "天蓝色 自行车 与雨伞", "nur kleine buchstaben"])
def test_neither_digits_nor_capitals_nor_signs_are_demanded(password: str) -> None:
    check(password, staff=False)


def test_a_hundred_and_twenty_eight_signs_are_the_most() -> None:
    check("长话短说的一百二十八个字。" * 9, staff=True)
    with pytest.raises(Invalid) as refused:
        check("长话短说" * 33, staff=True)
    assert refused.value.code == "password_long"


def test_no_password_of_a_stranger_keeps_us_busy_for_seconds() -> None:
    began = time.process_time()
    check("4@8({[<369!1|0$5+7%2" * 6, staff=False)
    assert time.process_time() - began < 1
