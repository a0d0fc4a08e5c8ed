"""A table of trades is read whole, as the province publishes it, or refused with every fault by its row."""

import pytest

from core.errors import Invalid
from core.plugin_api import Grade
from core.seasons.trade_table import read_trades
from core.tenancy.config.office import Trade

PRESENT = (Trade(code="HN-004", name="汽车驾驶员"), Trade(code="GZ-0007", name="测试工"))
GRADES = tuple(Grade)


def test_a_catalogue_of_thousands_is_read() -> None:
    lines = ["职业（工种）目录", "序号,职业编码,职业（工种）名称"]
    lines += [f"{at},6-{at // 100:02d}-{at % 100:02d},测试工种{at}" for at in range(1, 3001)]
    table = read_trades("\r\n".join(lines).encode("gb18030"), PRESENT, GRADES)
    assert (len(table.trades), table.faults, table.understood.header) == (3000, (), (2,))
    assert table.trades[-1] == Trade(code="6-30-00", name="测试工种3000", grades=GRADES[::-1])


@pytest.mark.parametrize(
    ("written", "grades"),
    [
        ("", (5, 4, 3, 2, 1)),
        ("全部", (5, 4, 3, 2, 1)),
        ("五级、四级", (5, 4)),
        ("5-3", (5, 4, 3)),
        ("五级至三级", (5, 4, 3)),
        ("初级工/中级工", (5, 4)),
        ("３", (3,)),
    ],
)
def test_grades_are_read_as_they_are_written(written: str, grades: tuple[int, ...]) -> None:
    table = read_trades(f"代码;工种;等级\nA-1;测试甲工;{written}\n".encode(), PRESENT, GRADES)
    assert (table.faults, tuple(int(grade) for grade in table.trades[0].grades)) == ((), grades)


def test_without_codes_known_trades_keep_theirs_and_new_ones_are_numbered() -> None:
    table = read_trades("工种\n汽车驾驶员\n测试新工\n".encode(), PRESENT, GRADES)
    assert [(trade.code, trade.name) for trade in table.trades] == [("HN-004", "汽车驾驶员"), ("GZ-0008", "测试新工")]


def test_every_fault_is_named_by_its_row() -> None:
    table = read_trades(
        "代码,工种,等级\nA-1,测试工,\nA-1,测试工,六级\n,无码工,\nB_1,坏码工,\nC-1,,\n".encode(), PRESENT, GRADES
    )
    assert [(fault.row, fault.text[:8]) for fault in table.faults] == [
        (3, "工种名称“测试工"),
        (3, "工种代码“A-1"),
        (3, "等级“六级”无法"),
        (4, "缺少工种代码"),
        (5, "工种代码“B_1"),
        (6, "缺少工种名称"),
    ]
    with pytest.raises(Invalid) as refused:
        read_trades("代码\nA-1\n".encode(), PRESENT, GRADES)
    assert refused.value.code == "trades_no_header"
