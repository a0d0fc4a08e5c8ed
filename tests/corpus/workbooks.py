"""Workbooks part by part, as Excel 2007 to 365, WPS, LibreOffice and programs write them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class Formula:
    """A formula with the value that was kept with it; without one where a program wrote the file."""

    text: str
    value: Any = None


@dataclass(frozen=True)
class Fault:
    """An error value such as ``#N/A``."""

    text: str


@dataclass(frozen=True)
class Page:
    """One sheet: its rows, and all that is not a cell."""

    rows: Sequence[Sequence[Any]]
    name: str = "Sheet1"
    merged: Sequence[str] = ()
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[str] = ()
    state: str = ""
    filtered: str = ""


@dataclass(frozen=True)
class Maker:
    """The software that writes: what it says of itself, and its habits."""

    name: str
    application: str
    inline: bool = False
    strict: bool = False
    prefix: str = ""
    places: bool = True
    iso_dates: bool = False
    more: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)


EXCEL_2007 = Maker("excel2007", "Microsoft Excel")
EXCEL_365 = Maker(
    "excel365",
    "Microsoft Excel",
    more=' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac xr"'
    ' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
    ' xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision"',
)
EXCEL_STRICT = Maker("strict", "Microsoft Excel", strict=True, iso_dates=True)
WPS = Maker(
    "wps",
    "WPS 表格",
    more=' xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"',
    parts={"customXml/item1.xml": "<s:customData xmlns:s='http://www.wps.cn/officeDocument/2013/wpsCustomData'/>"},
)
LIBREOFFICE = Maker("libreoffice", "LibreOffice/7.6.4.1$Linux_X86_64")
PROGRAM = Maker("program", "", inline=True, places=False)
PREFIXED = Maker("prefixed", "", inline=True, prefix="x:")


def letters(at: int) -> str:
    """The letters of a column by its place from 0."""
    return (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)


def workbook(maker: Maker, *pages: Page) -> bytes:
    """A workbook of these sheets, as this software writes it."""
    shared: dict[str, int] = {}
    p, main = maker.prefix, STRICT if maker.strict else TRANSITIONAL
    links = STRICT_LINKS if maker.strict else LINKS
    space = f'xmlns{":" + p[:-1] if p else ""}="{main}"'
    sheets = [_sheet(maker, page, shared, space) for page in pages]
    listed = "".join(
        f'<{p}sheet name="{escape(page.name)}" sheetId="{at}" r:id="rId{at}"'
        + (f' state="{page.state}"' if page.state else "")
        + "/>"
        for at, page in enumerate(pages, start=1)
    )
    joined = "".join(
        f'<Relationship Id="rId{at}" Type="{links}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _ in enumerate(pages, start=1)
    )
    others = (("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml"))
    joined += "".join(
        f'<Relationship Id="rId{len(pages) + at}" Type="{links}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(others, start=1)
    )
    texts = "".join(f'<{p}si><{p}t xml:space="preserve">{escape(text)}</{p}t></{p}si>' for text in shared)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:

        def write(name: str, text: str) -> None:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}')

        write("[Content_Types].xml", _types(len(pages)))
        root = f'<Relationship Id="rId1" Type="{links}/officeDocument" Target="xl/workbook.xml"/>'
        write("_rels/.rels", f'<Relationships xmlns="{PACKAGE_LINKS}">{root}</Relationships>')
        if maker.application:
            write("docProps/app.xml", f"<Properties><Application>{maker.application}</Application></Properties>")
        for name, text in maker.parts.items():
            write(name, text)
        write(
            "xl/workbook.xml", f'<{p}workbook {space} xmlns:r="{links}"><{p}sheets>{listed}</{p}sheets></{p}workbook>'
        )
        write("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE_LINKS}">{joined}</Relationships>')
        write("xl/styles.xml", _styles(p, space))
        write(
            "xl/sharedStrings.xml",
            f'<{p}sst {space} count="{len(shared)}" uniqueCount="{len(shared)}">{texts}</{p}sst>',
        )
        for at, sheet in enumerate(sheets, start=1):
            write(f"xl/worksheets/sheet{at}.xml", sheet)
    return file.getvalue()


def _types(sheets: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{kind}.worksheet+xml"/>'
        for at in range(1, sheets + 1)
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{parts}</Types>'
    )


def _styles(p: str, space: str) -> str:
    """Style 0 is general, 1 a day, 2 text."""
    styles = "".join(f'<{p}xf numFmtId="{number}" fontId="0" fillId="0" borderId="0"/>' for number in (0, 14, 49))
    return (
        f"<{p}styleSheet {space}><{p}fonts><{p}font/></{p}fonts><{p}fills><{p}fill/></{p}fills>"
        f"<{p}borders><{p}border/></{p}borders><{p}cellXfs>{styles}</{p}cellXfs></{p}styleSheet>"
    )


def _sheet(maker: Maker, page: Page, shared: dict[str, int], space: str) -> str:
    p = maker.prefix
    rows = ""
    for number, cells in enumerate(page.rows, start=1):
        told = f' r="{number}"' if maker.places else ""
        told += ' hidden="1"' if number in page.hidden_rows else ""
        inside = "".join(
            _cell(maker, value, f"{letters(at)}{number}", shared)
            for at, value in enumerate(cells)
            if value is not None or not maker.places
        )
        rows += f"<{p}row{told}>{inside}</{p}row>"
    columns = ""
    for letter in page.hidden_columns:
        at = ord(letter) - 64
        columns += f'<{p}col min="{at}" max="{at}" width="0" hidden="1" customWidth="1"/>'
    columns = f"<{p}cols>{columns}</{p}cols>" if columns else ""
    filtered = f'<{p}autoFilter ref="{page.filtered}"/>' if page.filtered else ""
    merged = "".join(f'<{p}mergeCell ref="{area}"/>' for area in page.merged)
    merged = f'<{p}mergeCells count="{len(page.merged)}">{merged}</{p}mergeCells>' if merged else ""
    return (
        f"<{p}worksheet {space}{maker.more}>{columns}<{p}sheetData>{rows}</{p}sheetData>"
        f"{filtered}{merged}</{p}worksheet>"
    )


def _cell(maker: Maker, value: Any, place: str, shared: dict[str, int]) -> str:
    p = maker.prefix
    at = f' r="{place}"' if maker.places else ""
    if value is None:
        return f"<{p}c{at}/>"
    if isinstance(value, Formula):
        return _formula(maker, value, at)
    if isinstance(value, Fault):
        return f'<{p}c{at} t="e"><{p}v>{value.text}</{p}v></{p}c>'
    if isinstance(value, date):
        style, day = ('s="1" t="d"', value.isoformat()) if maker.iso_dates else ('s="1"', (value - _EPOCH).days)
        return f"<{p}c{at} {style}><{p}v>{day}</{p}v></{p}c>"
    if isinstance(value, (int, float)):
        return f"<{p}c{at}><{p}v>{value!r}</{p}v></{p}c>"
    if maker.inline:
        text = f'<{p}t xml:space="preserve">{escape(value)}</{p}t>'
        return f'<{p}c{at} t="inlineStr"><{p}is>{text}</{p}is></{p}c>'
    return f'<{p}c{at} s="2" t="s"><{p}v>{shared.setdefault(value, len(shared))}</{p}v></{p}c>'


def _formula(maker: Maker, formula: Formula, at: str) -> str:
    p = maker.prefix
    always = ' aca="false"' if maker is LIBREOFFICE else ""
    text = f"<{p}f{always}>{escape(formula.text)}</{p}f>"
    if isinstance(formula.value, str):
        return f'<{p}c{at} t="str">{text}<{p}v>{escape(formula.value)}</{p}v></{p}c>'
    value = f"<{p}v>{formula.value!r}</{p}v>" if formula.value is not None else f"<{p}v></{p}v>"
    return f"<{p}c{at}>{text}{value}</{p}c>"
