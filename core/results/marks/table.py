"""A table of marks, from Excel or CSV: the meaning of its columns and rows, without asking the database.

Two shapes are read: a column for each subject, or a row for each subject with the columns 科目 and 成绩. Titles other
than the usual ones are named by a mapping.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any, Final

from core.plugin_api import MarkStatus
from core.text.filled_tables import Column, Row, Table
from core.text.understood import Understood
from core.text.uploaded_tables import Bounds

MOST_ROWS: Final = 30_000
BOUNDS: Final = Bounds("marks", MOST_ROWS, bytes=6 * 1024 * 1024, unpacked=80 * 1024 * 1024, letters=20_000_000)
HUNDRED: Final = Decimal(100)

NUMBER, NAME, SUBJECT, MARK, STATUS = "number", "name", "subject", "mark", "status"
COLUMNS: Final = (
    Column(
        NUMBER,
        "申报编号",
        synonyms=("准考证号", "准考证号码", "准考证编号", "准考证", "考号", "考生编号", "考生号", "报名编号", "编号"),
    ),
    Column(NAME, "姓名", synonyms=("考生姓名", "名字")),
    Column(SUBJECT, "科目", synonyms=("考试科目", "科目名称")),
    Column(MARK, "成绩", synonyms=("分数", "得分", "考试成绩")),
    Column(STATUS, "考试情况", synonyms=("状态", "考试状态", "缺考情况")),
)
USUAL_TITLES: Final = {column.code: (column.title, *column.synonyms) for column in COLUMNS}
TABLE: Final = Table(
    bounds=BOUNDS,
    columns=COLUMNS,
    headers=(frozenset({NUMBER}),),
    no_header="没有找到标题行。表中须有“申报编号”或“准考证号”一列，标题在前10行内。"
    "标题不同的，请在“表中的标题不同”中写明后重新上传。",
    nobody="表中没有成绩。请在标题行下面逐行填写后重新上传。考生全部缺考、并已在入场登记中登记缺考的，"
    "无需导入，直接认定结果。",
    too_many="一次最多导入{most}行，这张表超过了。请分成几个文件。",
)
_WORDS: Final[Mapping[str, MarkStatus]] = {
    "": MarkStatus.SCORED,
    "正常": MarkStatus.SCORED,
    "缺考": MarkStatus.ABSENT,
    "缺席": MarkStatus.ABSENT,
    "作废": MarkStatus.VOID,
    "成绩作废": MarkStatus.VOID,
    "违纪": MarkStatus.VIOLATION,
    "违规": MarkStatus.VIOLATION,
    "成绩无效": MarkStatus.VIOLATION,
}
_POINTS: Final = re.compile(r"(\d{1,4}(\.\d+)?)分?")
_PRECISE: Final = Context(prec=15)
"""What table software keeps of a number: 85.30000000000001 is 85.3."""
_OF_MARKS: Final = ("", "成绩", "分数", "得分")
"""How the title of a subject's column may end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One subject in one row: the mark and the status of the exam as they are written.

    ``implied`` entries come from a row with one status for all subjects, those of other grades included.
    """

    subject: str
    mark: str = field(repr=False)
    status: str = ""
    implied: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """One filled row: its number as the table software shows it, the candidate, and its subjects."""

    number: int
    candidate: str
    name: str = field(repr=False)
    entries: tuple[Entry, ...]
    faults: tuple[str, ...] = ()
    """Cells that could not be read."""


@dataclass(frozen=True, slots=True)
class MarkTable:
    """The rows of a table, whether it names the candidates, and how it was understood."""

    rows: tuple[TableRow, ...]
    has_names: bool
    understood: Understood

    @property
    def ignored(self) -> tuple[str, ...]:
        """The titles of its columns that mean nothing here."""
        return self.understood.ignored


def packed(table: MarkTable) -> dict[str, Any]:
    """The rows of a table as JSON values, to be shown before they are handed in."""
    rows = [
        [
            row.number,
            row.candidate,
            row.name,
            [[entry.subject, entry.mark, entry.status, entry.implied] for entry in row.entries],
            row.faults,
        ]
        for row in table.rows
    ]
    return {"rows": rows, "has_names": table.has_names}


def unpacked(known: Mapping[str, Any]) -> MarkTable:
    """The table that ``packed`` packed, without how it was understood."""
    rows = tuple(
        TableRow(number, candidate, name, tuple(Entry(*entry) for entry in entries), tuple(faults))
        for number, candidate, name, entries, faults in known["rows"]
    )
    return MarkTable(rows, known["has_names"], Understood("", (), ()))


class WrongMark(ValueError):
    """A text that is no mark; the message is Chinese and for the examiner."""


def read_table(content: bytes, subjects: Sequence[str], titles: Mapping[str, str] | None = None) -> MarkTable:
    """The table in a file. ``titles`` maps a title of the file to its meaning: a subject, or a code of ``COLUMNS``.

    Raises Invalid, saying what to do, for a file that is no such table, is too large, lacks a column, or has no row.
    """
    named = {f"{subject}{suffix}": subject for subject in subjects for suffix in _OF_MARKS} | dict(titles or {})
    table = TABLE.read(content, lambda codes: _check_columns(codes, subjects), named)
    rows = tuple(_table_row(row, table.codes) for row in table.rows)
    return MarkTable(rows, NAME in table.codes, table.understood)


def read_mark(entry: Entry) -> tuple[Decimal | None, MarkStatus]:
    """The mark and the status of an entry. Raises WrongMark where they contradict each other, or both are missing."""
    text = _plain(entry.mark)
    said, written = _status(entry.status), _WORDS.get(text)
    if written is None:
        mark = _points(text)
        if said is not MarkStatus.SCORED:
            raise WrongMark(f"注明“{entry.status}”，又有成绩{text}，两者只能有一个")
        return mark, MarkStatus.SCORED
    if MarkStatus.SCORED not in {said, written} and said is not written:
        raise WrongMark(f"“{entry.mark}”与“{entry.status}”不一致")
    status = said if written is MarkStatus.SCORED else written
    if status is MarkStatus.SCORED:
        raise WrongMark("没有填写成绩，也没有注明缺考、作废或违纪")
    return None, status


def _check_columns(found: Sequence[str], subjects: Sequence[str]) -> None:
    in_rows = {SUBJECT, MARK} <= set(found)
    if not in_rows and not set(found) & set(subjects):
        BOUNDS.refuse(
            "columns_missing", f"没有找到成绩列。请用科目名称作标题（{'、'.join(subjects)}），或设“科目”“成绩”两列。"
        )
    if in_rows and set(found) & set(subjects):
        BOUNDS.refuse("columns_mixed", "“科目”“成绩”两列与按科目分列不能同时使用。请只保留一种。")


def _table_row(row: Row, codes: Sequence[str]) -> TableRow:
    number = _plain(row.cells.get(NUMBER, "")).upper()
    faults = tuple(f"{USUAL_TITLES.get(code, (code,))[0]}：{text}" for code, text in row.faults.items())
    return TableRow(row.number, number, row.cells.get(NAME, ""), _entries(row.cells, codes), faults)


def _entries(cells: Mapping[str, str], codes: Sequence[str]) -> tuple[Entry, ...]:
    status = cells.get(STATUS, "")
    if SUBJECT in codes:
        return (Entry(cells.get(SUBJECT, ""), cells.get(MARK, ""), status),)
    subjects = [code for code in codes if code not in USUAL_TITLES]
    written = [Entry(subject, cells[subject], status) for subject in subjects if subject in cells]
    if not written and _status_or_none(status) not in {None, MarkStatus.SCORED}:
        # A candidate who was absent, or whose exam is void, is so in every subject.
        return tuple(Entry(subject, "", status, implied=True) for subject in subjects)
    return tuple(written)


def _points(text: str) -> Decimal:
    found = _POINTS.fullmatch(text)
    if not found:
        raise WrongMark(f"“{text[:20]}”不是成绩")
    mark = _PRECISE.create_decimal(found[1])
    if mark > HUNDRED:
        raise WrongMark(f"成绩{text}不在0至100之间")
    if mark != mark.quantize(Decimal("0.1")):
        raise WrongMark(f"成绩{text}最多一位小数")
    return mark.quantize(Decimal("0.1"))


def _status(text: str) -> MarkStatus:
    found = _status_or_none(text)
    if found is None:
        raise WrongMark(f"“{text[:20]}”不是考试情况，可填：正常、缺考、作废、违纪")
    return found


def _status_or_none(text: str) -> MarkStatus | None:
    return _WORDS.get(_plain(text))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")
