"""The table that a unit downloads, fills in and sends back: lists to choose from, notes, and one example."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Final

import xlsxwriter

from core.applications.roster.table import COLUMNS, EXAMPLE, MARK, MOST_ROWS

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXAMPLE: Final = {
    "name": "测试甲",
    "id_number": "（18位身份证号码）",
    "first_job_year": "2019",
    "regularised_on": "2020-07-01",
}


def template(choices: Mapping[str, Sequence[str]]) -> bytes:
    """An Excel file with the columns of the table. ``choices`` are the texts to choose from, by column.

    Every cell is text, so that identity numbers keep their last digits. The example's row is marked and not imported.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet, lists = book.add_worksheet("人员名单"), book.add_worksheet("可选项")
        text, title, must = (
            book.add_format({"num_format": "@", **more})
            for more in (
                {},
                {"bold": True, "bg_color": "#E9EDF2", "border": 1},
                {"bold": True, "bg_color": "#FFF3D6", "border": 1},
            )
        )
        grey = book.add_format({"num_format": "@", "italic": True, "font_color": "#5C6878"})
        sheet.set_column(0, len(COLUMNS), 16, text)
        sheet.write(0, 0, MARK, title)
        sheet.write(1, 0, EXAMPLE, grey)
        sheet.write_comment(0, 0, "写不写都可以。写着“示例”的行不会导入。")
        for at, column in enumerate(COLUMNS, start=1):
            sheet.write(0, at, column.title, must if column.required else title)
            sheet.write_comment(0, at, f"{'必填。' if column.required else ''}{column.note}")
            known = choices.get(column.code, ())
            sheet.write(1, at, _EXAMPLE.get(column.code) or _example(column.code, known), grey)
            if known:
                lists.write_column(0, at, [column.title, *known])
                lists.set_column(at, at, 24)
                letter = chr(ord("A") + at)
                source = f"='可选项'!${letter}$2:${letter}${len(known) + 1}"
                sheet.data_validation(
                    1,
                    at,
                    MOST_ROWS,
                    at,
                    {
                        "validate": "list",
                        "source": source,
                        "error_title": "不在可选范围内",
                        "error_message": "请从下拉列表中选择。",
                    },
                )
        sheet.freeze_panes(1, 2)
        sheet.set_landscape()
        sheet.repeat_rows(0)
    return file.getvalue()


def _example(code: str, known: Sequence[str]) -> str:
    """The first choice; the example holds no grade yet, so that what belongs to one stays empty."""
    return "" if code.startswith("current_") or not known else known[0]
