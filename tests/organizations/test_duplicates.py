"""Units that look alike are suggested with the reason, until an officer tells them apart."""

import pytest
from sqlalchemy import Connection

from core.errors import Conflict, Forbidden, Invalid
from core.organizations import duplicates, service
from core.organizations.organization_codes import check_sign, stored_code
from tests import factories
from tests.factories import CITY, OTHER_CITY

CODE = "1241000041579036X" + check_sign("1241000041579036X")


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("临江市测试林业局（本级）", "临江市测试林业局(本级)", "名称相同"),
        ("测试县水利服务中心", "临江市测试县水利服务中心", "后一部分"),
        ("临江市测试房产管理局", "临江市测试房屋管理局", "只差一个字"),
        ("临江市测试房产管理局", "临江市测试房产管理总局", "只差一个字"),
        ("临江市测试第一中学", "临江市测试第二中学", ""),
        ("临江市测试东区医院", "临江市测试西区医院", ""),
        ("测试局", "测试厅", ""),
    ],
)
def test_names_that_look_alike_are_suggested_and_those_of_a_row_are_not(
    province: Connection, one: str, other: str, why: str
) -> None:
    factories.make_unit(province, one)
    factories.make_unit(province, other)
    with factories.office_session(province, CITY) as session:
        found = [pair.why for pair in duplicates.suggested(session)]
    assert [why in text for text in found] == [True] * bool(why)


def test_two_units_of_one_code_are_suggested_until_they_are_told_apart(province: Connection) -> None:
    first, second = factories.make_unit(province, "测试甲局"), factories.make_unit(province, "测试乙中心")
    with factories.office_session(province, CITY) as session:
        for unit in (first, second):
            service.give_code(session, unit.id, code=f" {CODE.lower()} ")
        assert [(pair.first.id, pair.second.id, pair.why) for pair in duplicates.suggested(session)] == [
            (*sorted((first.id, second.id)), "统一社会信用代码相同")
        ]
        duplicates.tell_apart(session, second.id, first.id)
        assert duplicates.suggested(session) == []
        with pytest.raises(Conflict):
            duplicates.tell_apart(session, first.id, second.id)
        with pytest.raises(Invalid):
            duplicates.tell_apart(session, first.id, first.id)
        session.commit()
    with factories.office_session(province, OTHER_CITY) as session, pytest.raises(Forbidden):
        duplicates.tell_apart(session, first.id, second.id)


def test_a_code_is_checked_by_its_last_sign() -> None:
    assert stored_code("91350100M000100Y43") == "91350100M000100Y43"
    assert stored_code(" ") is None
    for wrong in ("91350100M000100Y44", "9135", "91350100M000100O43"):
        with pytest.raises(Invalid) as refusal:
            stored_code(wrong)
        assert refusal.value.code == "unit_code_invalid"
