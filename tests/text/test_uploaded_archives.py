"""Archives that say of themselves what is not so: none makes us unpack or hold more than was measured."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from core.applications.roster import table as roster_table
from core.errors import Invalid
from core.text.uploaded_tables import measured

_BOOK = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": '<Relationships><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="{sheet}"/></Relationships>',
}


def _book(cells: str, *, at: str = "worksheets/sheet1.xml") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, text in _BOOK.items():
            package.writestr(name, text.replace("{sheet}", at))
        package.writestr(f"xl/{at}", f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ('<c r="XFD1048576"><v>1</v></c>', "worksheets/sheet1.xml"),
        ("<c r='XFD1048576'><v>1</v></c>", "worksheets/sheet1.xml"),
        ('<c t="n" r = "xfd9"><v>1</v></c>', "worksheets/sheet1.xml"),
        ('<x:c r="A1048576"><v>1</v></x:c>', "worksheets/sheet1.xml"),
        ('<c r="XFD1048576"><v>1</v></c>', "elsewhere/sheet.xml"),
        ('<c t=">" r="XFD1048576"><v>1</v></c>', "worksheets/sheet1.xml"),
        ("<c/>" * 100 + "<c><v>1</v></c>", "worksheets/sheet1.xml"),
        ('</row><row r="1048576"><c><v>1</v></c>', "worksheets/sheet1.xml"),
        ('<c r="CV9"/></row><row r="9999"><c><v>1</v></c>', "worksheets/sheet1.xml"),
        ('<c r="&#65;99999999"><v>1</v></c>', "worksheets/sheet1.xml"),
    ],
)
def test_a_cell_that_lies_far_away_is_found_however_it_is_written(cell: str, at: str) -> None:
    with pytest.raises(Invalid) as refused:
        roster_table.read_rows(_book(f'<c r="A1"><v>1</v></c>{cell}', at=at))
    assert refused.value.code == "roster_reaches_too_far"


@pytest.mark.parametrize(
    ("inside", "name"),
    [
        ("<worksheet><sheetData><row><c></sheetData></worksheet>", "xl/worksheets/sheet1.xml"),
        ("<worksheet/>", "xl/worksheets/sheet1.bin"),
        ('<office:document-content><table:table-row table:number-rows-repeated="1048576"/>', "content.xml"),
    ],
)
def test_what_could_not_be_measured_is_not_read(inside: str, name: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(name, inside)
    with zipfile.ZipFile(measured(file.getvalue(), roster_table.BOUNDS)) as copy:
        assert copy.namelist() == []


def test_a_part_that_defines_words_of_its_own_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY r "XFD1048576">]><x><c r="&r;"/></x>')
    with pytest.raises(Invalid) as refused:
        measured(file.getvalue(), roster_table.BOUNDS)
    assert refused.value.code == "roster_unreadable"


def _entry(whole: bytes, said: int) -> bytes:
    """An archive of one entry that says to hold less than it does."""
    name, packer = b"xl/workbook.xml", zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(whole) + packer.flush()
    about = struct.pack("<HHHHIIIHH", 0, 8, 0, 33, zlib.crc32(whole[:said]), len(packed), said, len(name), 0)
    entry = b"PK\x03\x04" + struct.pack("<H", 20) + about + name + packed
    listed = b"PK\x01\x02" + struct.pack("<HH", 20, 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    return entry + listed + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(listed), len(entry), 0)


def test_of_an_archive_that_says_less_than_it_holds_only_what_it_says_is_unpacked() -> None:
    content = _entry(b"<workbook/>" + b" " * 64_000_000, said=100)
    tracemalloc.start()
    try:
        with zipfile.ZipFile(measured(content, roster_table.BOUNDS)) as copy:
            assert copy.read("xl/workbook.xml") == b"<workbook/>" + b" " * 89
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 4_000_000


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_packed_as_no_table_software_packs_is_refused(method: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as package:
        package.writestr("xl/workbook.xml", b" " * 1000)
    with pytest.raises(Invalid, match="损坏"):
        measured(file.getvalue(), roster_table.BOUNDS)


def test_an_entry_whose_packing_is_damaged_is_refused() -> None:
    content = bytearray(_entry(b"<workbook/>" * 100, said=1100))
    content[30 + len("xl/workbook.xml")] = 0xFF
    with pytest.raises(Invalid, match="损坏"):
        measured(bytes(content), roster_table.BOUNDS)
