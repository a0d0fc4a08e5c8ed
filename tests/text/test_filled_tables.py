"""The reader of tables that people fill in: the header, the rows, and the file to fill in."""

from typing import Final

import pytest

from core.errors import Invalid
from core.text.filled_tables import ROW_MARK, Column, Table
from core.text.uploaded_tables import Bounds

TABLE: Final = Table(
    bounds=Bounds("things", 3),
    columns=(ROW_MARK, Column("name", "名称", required=True, synonyms=("物品",)), Column("count", "数量")),
    headers=(frozenset({"name"}),),
    no_header="没有标题。",
    nobody="没有内容。",
    too_many="最多{most}行，现有{count}行。",
)


def refusal(content: bytes) -> tuple[str, str]:
    with pytest.raises(Invalid) as refused:
        TABLE.read(content)
    return refused.value.code, refused.value.detail


def test_the_header_is_found_by_any_title_of_a_column_within_ten_rows() -> None:
    filled = TABLE.read(("\n" * 9 + "＊物品（全称）,备注,数量\n,新,\n测试物品,,2\n").encode())
    assert (filled.codes, filled.ignored) == (("name", "count"), ("备注",))
    assert [(row.number, row.cells) for row in filled.rows] == [(12, {"name": "测试物品", "count": "2"})]
    assert refusal(("\n" * 10 + "物品\n测试物品\n").encode()) == ("things_no_header", "没有标题。")


def test_the_row_of_the_example_and_rows_with_a_number_alone_are_left_out() -> None:
    filled = TABLE.read("序号,名称\n示例,测试甲\n2,\n3,测试乙\n".encode())
    assert [(row.number, row.cells) for row in filled.rows] == [(4, {"name": "测试乙"})]
    example = TABLE.template("物品", choices={"count": ["1"]}, example={"row_mark": "示例", "name": "测试甲"})
    assert refusal(example) == ("things_nobody", "没有内容。")


def test_more_titles_have_the_meaning_that_the_caller_gives() -> None:
    assert TABLE.read("叫法\n测试甲\n".encode(), more={"叫法": "name"}).rows[0].cells == {"name": "测试甲"}


def test_a_message_that_counts_all_rows_counts_those_that_are_not_kept() -> None:
    assert refusal(("名称\n" + "测试甲\n" * 7).encode()) == ("things_too_many", "最多3行，现有7行。")


def test_required_columns_that_are_lacking_are_named() -> None:
    assert [column.title for column in TABLE.lacking({"count"})] == ["名称"]
