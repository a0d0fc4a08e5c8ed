"""The reader of tables that people fill in: the header, the rows, and the file to fill in."""

import io
from typing import Final

import pytest
import xlsxwriter

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


RARE: Final = "测\U0002ebf0\U000323af\U00033479\ue863甲"
"""Characters of the extensions I, H and J, which the interpreter may not know yet, and one of private use."""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_no_character_is_cut_out_of_a_cell(encoding: str) -> None:
    filled = TABLE.read(f"名称\n\u200b{RARE}\ufeff \n".encode(encoding))
    assert filled.rows[0].cells["name"] == RARE


def test_no_character_is_cut_out_of_a_cell_of_excel() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet().write_column(0, 0, ["名称", f"\u200b{RARE} "])
    assert TABLE.read(file.getvalue()).rows[0].cells["name"] == RARE


def test_what_gb18030_has_meant_since_2022_is_read_as_that() -> None:
    written = "名称\n测".encode("gb18030") + bytes.fromhex("fe59fe51fe9f") + b"\n"
    assert TABLE.read(written).rows[0].cells["name"] == "测\u9fb4\U00020087䶮"


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
