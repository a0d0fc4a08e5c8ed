"""A table of trades, from Excel or CSV, as the province publishes its catalogue: read whole, every fault by its row."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from core.plugin_api import Grade
from core.tenancy.config.office import Trade
from core.text.filled_tables import Column, Row, RowFault, Table
from core.text.understood import Understood
from core.text.uploaded_tables import Bounds

MOST_ROWS: Final = 10_000
BOUNDS: Final = Bounds("trades", MOST_ROWS)
COLUMNS: Final = (
    Column(
        "code",
        "工种代码",
        "大写字母、数字和“-”。没有这一列的，已有的工种沿用原代码，新的自动编号。",
        synonyms=("代码", "编码", "工种编码", "工种编号", "职业编码", "职业（工种）编码", "编号"),
    ),
    Column(
        "name", "工种名称", required=True, synonyms=("工种", "名称", "职业（工种）", "职业（工种）名称", "职业工种")
    ),
    Column(
        "grades",
        "等级",
        "选填。可申报的等级，例如“五级、四级、三级”或“5-1”；不填为本年度全部等级。",
        synonyms=("开考等级", "申报等级", "可申报等级", "技术等级", "等级设置"),
        several=True,
    ),
)
TABLE: Final = Table(
    bounds=BOUNDS,
    columns=COLUMNS,
    headers=(frozenset({"name"}),),
    no_header="没有找到标题行。表中须有“工种名称”一列，可以另有“工种代码”“等级”，请补上后重新上传。",
    nobody="表中没有工种。请在标题行下面一行一个工种填写后重新上传。",
    too_many="一次最多导入{most}个工种，这张表有{count}个。请核对文件。",
)
_BETWEEN: Final = re.compile(r"[、,;\s/]+")
_RANGE: Final = re.compile(r"([1-5一二三四五])级?(?:-|~|至|到)([1-5一二三四五])级?")
_GRADES: Final = {
    **{str(int(grade)): grade for grade in Grade},
    **{"一二三四五"[int(grade) - 1]: grade for grade in Grade},
    **dict(zip(("高级技师", "技师", "高级工", "中级工", "初级工"), sorted(Grade), strict=True)),
}
_OWN_CODE: Final = re.compile(r"GZ-(\d+)")


@dataclass(frozen=True, slots=True)
class TradeTable:
    """A table as it was read; with ``faults`` nothing of it can be taken."""

    trades: tuple[Trade, ...]
    faults: tuple[RowFault, ...]
    understood: Understood


def read_trades(content: bytes, present: Collection[Trade], open_grades: Collection[Grade]) -> TradeTable:
    """The trades in a file. ``present`` are those that hold now, ``open_grades`` those of the season.

    Raises Invalid, saying what to do, for a file that is no such table.
    """
    filled = TABLE.read(content)
    reader = _Reader(present, tuple(sorted(open_grades, reverse=True)), has_codes="code" in filled.codes)
    for row in filled.rows:
        reader.take(row)
    return TradeTable(tuple(reader.trades), tuple(reader.faults), filled.understood)


class _Reader:
    """Goes through the rows once and collects trades and faults."""

    def __init__(self, present: Collection[Trade], grades: tuple[Grade, ...], *, has_codes: bool) -> None:
        self._grades, self._has_codes = grades, has_codes
        self._codes = {trade.name: trade.code for trade in present}
        own = [int(found[1]) for trade in present if (found := _OWN_CODE.fullmatch(trade.code))]
        self._last = max(own, default=0)
        self._rows: dict[str, int] = {}
        self.trades: list[Trade] = []
        self.faults: list[RowFault] = []

    def take(self, row: Row) -> None:
        """Take the trade of a row, or note its faults."""
        name = row.cells.get("name", "")
        code = unicodedata.normalize("NFKC", row.cells.get("code", "")).replace(" ", "").upper()
        texts = [*row.faults.values(), *self._faults(row, name, code)]
        grades = _grades(row.cells.get("grades", ""), self._grades)
        if grades is None:
            texts.append(f"等级“{row.cells['grades'][:20]}”无法识别，请写成“五级、四级”或“5-1”")
        if not texts:
            try:
                self.trades.append(Trade(code=code or self._code_of(name), name=name, grades=grades or ()))
            except ValidationError:
                texts.append(f"工种代码“{code[:20]}”只能用大写字母、数字和“-”")
        self.faults.extend(RowFault(row.number, name or code, text) for text in texts)

    def _faults(self, row: Row, name: str, code: str) -> Iterator[str]:
        if not name:
            yield "缺少工种名称"
        if self._has_codes and not code and "code" not in row.faults:
            yield "缺少工种代码"
        for word, text in (("名称", name), ("代码", code)):
            first = self._rows.setdefault(f"{word}{text}", row.number) if text else row.number
            if first != row.number:
                yield f"工种{word}“{text}”与第{first}行重复"

    def _code_of(self, name: str) -> str:
        if name in self._codes:
            return self._codes[name]
        self._last += 1
        return f"GZ-{self._last:04d}"


def _grades(text: str, all_of_them: tuple[Grade, ...]) -> tuple[Grade, ...] | None:
    """The grades in a text, those of the season alone; None where it cannot be read."""
    plain = unicodedata.normalize("NFKC", text).replace("—", "-").replace("–", "-").strip()
    if not plain or plain in {"全部", "所有", "各等级"}:
        return all_of_them
    if span := _RANGE.fullmatch(plain.replace(" ", "")):
        first, last = sorted((_GRADES[span[1]], _GRADES[span[2]]))
        found = {grade for grade in Grade if first <= grade <= last}
    else:
        words = [word.removesuffix("级") or word for word in _BETWEEN.split(plain) if word]
        if any(word not in _GRADES for word in words):
            return None
        found = {_GRADES[word] for word in words}
    return tuple(grade for grade in all_of_them if grade in found)
