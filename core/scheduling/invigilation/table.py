"""A table of invigilators, from Excel, CSV or pasted text: taken in as a whole, or refused with the faults by row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.db.session import OfficeSession
from core.errors import Invalid
from core.scheduling.invigilation.register import InvigilatorForm, add_invigilators, numbers_of, units_named
from core.seasons.queries import check_not_ended
from core.text import names
from core.text.filled_tables import Column, Filled, Row, RowFault, Table
from core.text.uploaded_tables import Bounds

MOST_ROWS: Final = 2000
BOUNDS: Final = Bounds("invigilators", MOST_ROWS)
COLUMNS: Final = (
    Column("number", "编号", "选填。没有编号的留空，按J001、J002……自动编号。", synonyms=("监考编号",)),
    Column("name", "姓名", required=True, synonyms=("监考姓名", "监考人员", "监考员")),
    Column(
        "unit",
        "所在单位",
        "单位名称与本平台一致的，自动回避本单位考生。",
        required=True,
        synonyms=("单位", "工作单位", "单位名称"),
    ),
    Column("avoids", "回避单位", "选填。其他须回避的单位，名称与本平台一致，用顿号隔开。", several=True),
)
TABLE: Final = Table(
    bounds=BOUNDS,
    columns=COLUMNS,
    headers=(frozenset({"name", "unit"}),),
    no_header="没有找到标题行。第一行须写明“姓名”“所在单位”，可以另有“编号”“回避单位”。",
    nobody="表中没有人员。请在标题行下面一人一行填写。",
    too_many="一次最多导入{most}人，这张表有{count}人。请分成几次。",
)
_TITLES: Final = {column.code: column.title for column in COLUMNS}
_BETWEEN: Final = re.compile(r"[、,，;；\n]+")


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of a table: how many were put on the register; none where a row has ``faults``."""

    added: int
    faults: Sequence[RowFault]


def read_file(content: bytes) -> Filled:
    """The table in a file or in pasted text; Invalid, saying what to do, for any other."""
    return TABLE.read(content)


def read_table(content: bytes) -> list[Row]:
    """The filled rows of a file or of pasted text alone."""
    return read_file(content).rows


def template() -> bytes:
    """The Excel file that an office fills in."""
    return TABLE.template("监考人员")


def import_invigilators(session: OfficeSession, year: int, rows: Sequence[Row], *, keep: bool = True) -> Imported:
    """Put all rows of a table on the register of a year, or none where a row has a fault.

    Without ``keep`` the rows are only checked.
    """
    check_not_ended(session, year)
    known = numbers_of(session, year)
    units = units_named(session, [name for row in rows for name in _names(row)])
    seen: set[str] = set()
    faults: list[RowFault] = []
    for row in rows:
        texts = _faults(row, known, seen, units)
        faults.extend(RowFault(row.number, row.cells.get("name", ""), text) for text in texts)
        seen.add(row.cells.get("number", ""))
    if faults or not keep:
        return Imported(0, faults)
    return Imported(len(add_invigilators(session, year, [form_of(row.cells, units) for row in rows])), ())


def form_of(cells: Mapping[str, str], units: Mapping[str, UUID]) -> InvigilatorForm:
    """The form of one invigilator from the cells of a row; ``units`` are the known units by name."""
    unit = cells.get("unit", "")
    avoids = tuple(units[name] for name in split_names(cells.get("avoids", "")))
    return InvigilatorForm(cells.get("number", ""), cells.get("name", ""), unit, units.get(unit), avoids)


def split_names(text: str) -> list[str]:
    """The names in a text that lists several, each once."""
    return list(dict.fromkeys(part.strip() for part in _BETWEEN.split(text) if part.strip()))


def _names(row: Row) -> list[str]:
    return [row.cells.get("unit", ""), *split_names(row.cells.get("avoids", ""))]


def _faults(row: Row, known: frozenset[str], seen: set[str], units: Mapping[str, UUID]) -> Iterator[str]:
    number = row.cells.get("number", "")
    if number in known:
        yield f"编号{number}已经登记"
    elif number and number in seen:
        yield f"编号{number}在表中重复"
    for code, text in row.faults.items():
        yield f"{_TITLES[code]}：{text}"
    for column in TABLE.lacking({**row.cells, **row.faults}):
        yield f"缺少{column.title}"
    try:
        names.stored(row.cells.get("name", "无"))
    except Invalid as refusal:
        yield refusal.detail.rstrip("。")
    unknown = [name for name in split_names(row.cells.get("avoids", "")) if name not in units]
    if unknown:
        yield f"没有叫“{'、'.join(unknown)}”的单位，回避单位须与本平台的单位名称一致"
