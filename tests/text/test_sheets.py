"""Tables whose cells hold more than they seem to: refused by every import before anything copies what they hold."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from core.applications.roster import table as roster_table
from core.errors import Invalid
from core.results.marks import table as mark_table
from core.scheduling.invigilation import table as invigilator_table
from core.text.sheets import read_sheets
from core.text.uploaded_tables import LONGEST_CELL, Bounds

BOUNDS: Final = Bounds("table", 1000)
IMPORTS: Final[Mapping[str, Callable[[bytes], object]]] = {
    "roster": roster_table.read_rows,
    "invigilators": invigilator_table.read_table,
    "marks": lambda content: mark_table.read_table(content, ("岗位技能",)),
}
LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LONG: Final = "长" * (LONGEST_CELL + 1)
FULL: Final = "满" * LONGEST_CELL


def _linked(kind: str, target: str) -> str:
    return f'<Relationships><Relationship Id="r" Type="{LINKS}/{kind}" Target="{target}"/></Relationships>'


def book(rows: str, *, texts: str = "", sheets: str = '<sheet name="a" sheetId="1" r:id="r"/>') -> bytes:
    """A workbook of these rows, which stand before the list of shared texts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("_rels/.rels", _linked("officeDocument", "xl/workbook.xml"))
        package.writestr("xl/workbook.xml", f'<workbook xmlns:r="{LINKS}"><sheets>{sheets}</sheets></workbook>')
        package.writestr("xl/_rels/workbook.xml.rels", _linked("worksheet", "worksheets/sheet1.xml"))
        package.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
        if texts:
            package.writestr("xl/sharedStrings.xml", texts)
    return file.getvalue()


def shared(*texts: str, said: str = "1") -> str:
    """The list of shared texts."""
    return f'<sst uniqueCount="{said}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'


def row(*cells: str) -> str:
    """One row of cells."""
    return f"<row>{''.join(cells)}</row>"


def named(place: str) -> str:
    """A cell that names a shared text."""
    return f'<c t="s"><v>{place}</v></c>'


def grid(content: bytes) -> list[list[str]]:
    """The rows of the first sheet."""
    return list(next(read_sheets(content, BOUNDS)).rows)


def refusal(content: bytes, read: Callable[[bytes], object] = grid) -> str:
    """The code by which a table is refused."""
    with pytest.raises(Invalid) as refused:
        read(content)
    return refused.value.code


HALF: Final = LONG[: len(LONG) // 2 + 1]
TOO_LONG: Final = {
    "shared by many cells": book(row(named("0") * 26) * 10, texts=shared(LONG)),
    "shared by none": book(row(named("0")), texts=shared("短", LONG)),
    "shared in runs": book(
        row(named("0")), texts=f"<sst><si><r><t>{HALF}</t></r><r><t>{HALF}</t></r></si></sst>"
    ),
    "inline": book(row(f'<c t="inlineStr"><is><t>{LONG}</t></is></c>')),
    "inline in runs": book(row(f'<c t="inlineStr"><is><r><t>{HALF}</t></r><r><t>{HALF}</t></r></is></c>')),
    "kept by a formula": book(row(f'<c t="str"><f>A2</f><v>{LONG}</v></c>')),
    "without a type": book(row(f"<c><v>{LONG}</v></c>")),
    "csv": f"姓名,{LONG}\n".encode(),
    "csv beyond the reader's own limit": f'姓名,"{"长" * 200_000}"\n'.encode(),
}  # fmt: skip


@pytest.mark.parametrize("reader", IMPORTS)
@pytest.mark.parametrize("shape", TOO_LONG)
def test_a_cell_longer_than_excel_allows_is_refused_by_every_import(reader: str, shape: str) -> None:
    with pytest.raises(Invalid, match=r"超过32767个字。请.*重新保存后上传") as refused:
        IMPORTS[reader](TOO_LONG[shape])
    assert refused.value.code == f"{reader}_cell_too_long"


@pytest.mark.parametrize(
    "place", ["0", "00", " 0", "0\n", "x", "&#48;", "0<!-- -->1", "0<?x?>1", "<![CDATA[0]]>", "1<!-- -->0"]
)
@pytest.mark.parametrize("reader", IMPORTS)
def test_what_many_cells_copy_is_added_up_however_they_name_it(reader: str, place: str) -> None:
    content = book(row(named(place) * 100) * 7, texts=shared(FULL, FULL, *["短"] * 20))
    with pytest.raises(Invalid, match="万字。请只保留要导入的行和列") as refused:
        IMPORTS[reader](content)
    assert refused.value.code == f"{reader}_too_much_text"


def test_what_stands_in_the_cells_themselves_is_added_up_as_well() -> None:
    own = f'<c t="inlineStr"><is><t>{FULL}</t></is></c>'
    assert refusal(book(row(own * 90) * 2)) == "table_too_much_text"
    mixed = book(row(own * 76) + row(named("0") * 77), texts=shared(FULL))
    assert refusal(mixed) == "table_too_much_text"


def test_a_full_cell_and_short_texts_that_many_share_are_read() -> None:
    content = book(row(named("1"), named("0") * 99) * 9, texts=shared("短", FULL))
    assert grid(content) == [[FULL, *["短"] * 99]] * 9


def test_the_reader_numbers_shared_texts_as_they_are_counted() -> None:
    texts = "<sst><si/><si><t>乙</t></si><si><rPh><t>yi</t></rPh></si><si><r><t>丙</t></r><r><t>丁</t></r></si></sst>"
    assert grid(book(row(*map(named, "0123")), texts=texts)) == [["", "乙", "", "丙丁"]]


@pytest.mark.parametrize("said", ["100001", str(2**64 - 1)])
def test_a_list_that_says_to_hold_countless_texts_is_refused(said: str) -> None:
    assert refusal(book(row(named("0")), texts=shared("短", said=said))) == "table_too_many_texts"


def test_a_list_that_holds_countless_texts_is_refused() -> None:
    assert refusal(book(row(named("0")), texts=f"<sst>{'<si/>' * 100_001}</sst>")) == "table_too_many_texts"


@pytest.mark.parametrize(
    "texts",
    [
        "<sst><si><si><t>短</t></si></si></sst>",
        "<x><si><t>短</t></si><sst><si><t>长</t></si></sst></x>",
        "<sst><sst><si><t>短</t></si></sst></sst>",
        '<?xml version="1.0" encoding="nobody-knows"?><sst><si><t>x</t></si></sst>',
    ],
)
def test_a_list_that_could_be_counted_in_two_ways_is_not_read(texts: str) -> None:
    assert refusal(book(row(named("0")), texts=texts)) == "table_unreadable"


def test_cells_within_cells_and_a_second_list_are_not_read() -> None:
    assert refusal(book(row(f"<c>{named('0')}</c>"), texts=shared("短"))) == "table_unreadable"
    file = io.BytesIO(book(row(named("0")), texts=shared("短")))
    with zipfile.ZipFile(file, "a") as package:
        package.writestr("other/sharedStrings.xml", shared("长"))
    assert refusal(file.getvalue()) == "table_unreadable"


def test_a_workbook_with_countless_sheets_is_refused() -> None:
    assert refusal(book("", sheets='<sheet name="a" sheetId="1" r:id="r"/>' * 1001)) == "table_too_many_sheets"


def beside(rows: str, more: str) -> bytes:
    """A workbook of these rows with something beside them on the sheet."""
    return book(f"{rows}</sheetData>{more}<sheetData>")


def test_countless_merged_cells_are_refused_before_any_is_read() -> None:
    merged = '<mergeCell ref="A1:CV1000"/>' * 3001
    assert refusal(beside(row("<c/>"), f"<mergeCells>{merged}</mergeCells>")) == "table_merged_too_far"


def test_countless_groups_of_hidden_columns_cost_nothing() -> None:
    groups = '<col min="1" max="16384" hidden="1"/>' * 50_000
    sheet = next(read_sheets(beside(row("<c><v>1</v></c>"), f"<cols>{groups}</cols>"), BOUNDS))
    assert sheet.hidden_columns == frozenset(range(1024))


def test_a_sheet_full_of_formulas_without_results_is_refused_as_a_whole() -> None:
    sheet = next(read_sheets(book(row("<c><f>A1</f></c>" * 100) * 101), BOUNDS))
    assert sheet.refusal is not None
    assert sheet.refusal.code == "table_without_values"
