"""What the reader of workbooks does not tell of a sheet: hidden rows and columns, and cells that show no value.

The archive has been measured: its parts are well-formed, and no cell lies far away.
"""

import io
import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from core.text.uploaded_tables import column_number, local_name

_YES: Final = frozenset({"1", "true"})
_MOST_COLUMNS: Final = 1024
_MOST_GROUPS: Final = 1000
"""Columns, and groups of them, that are looked at: no table reaches further (``Bounds``)."""
MOST_FAULTS: Final = 10_000
"""Cells without a value that are named; with more of them the sheet is refused as a whole."""
NO_RESULT: Final = "是公式，文件里没有保存计算结果。请在表格软件中打开文件、重新保存，或把公式粘贴为数值后上传"
ERROR_VALUE: Final = "是公式错误（{value}）。请改正公式或直接填写后上传"


@dataclass(slots=True)
class SheetParts:
    """One sheet: its hidden rows by number from 1, its hidden columns by place from 0, its cells without a value.

    ``faults`` says by row and column what is wrong with such a cell.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    faults: dict[tuple[int, int], str] = field(default_factory=dict)


class Package:
    """The parts of a workbook by the place of their sheet."""

    def __init__(self, measured: io.BytesIO) -> None:
        self._archive = zipfile.ZipFile(measured)
        self._names = {name.lower(): name for name in self._archive.namelist()}

    def parts(self, place: int) -> SheetParts:
        """What the part of the sheet at this place says; nothing where no table software made the archive."""
        found = SheetParts()
        try:
            sheet = self._elements("xl/workbook.xml", "sheet")[place]
            linked = next(value for key, value in sheet.items() if key.endswith(":id"))
            links = self._elements("xl/_rels/workbook.xml.rels", "Relationship")
            target = next(link["Target"] for link in links if link["Id"] == linked)
            inner = self._read(posixpath.join("xl", target).lstrip("/"))
        except (KeyError, IndexError, StopIteration):
            return found
        _Listener(found).listen(inner)
        return found

    def _read(self, name: str) -> bytes:
        return self._archive.read(self._names[name.lower()])

    def _elements(self, name: str, kind: str) -> list[dict[str, str]]:
        """The attributes of every element of a kind."""
        found: list[dict[str, str]] = []
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, given: found.append(given) if local_name(name) == kind else None
        parser.Parse(self._read(name), True)
        return found


class _Listener:
    """Goes through a sheet once; a row or cell that does not say where it is follows the one before."""

    def __init__(self, found: SheetParts) -> None:
        self._found = found
        self._row = self._column = 0
        self._type, self._value = "", ""
        self._is_formula = self._is_value = False
        self._groups = 0

    def listen(self, part: bytes) -> None:
        """Note what the part says."""
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._begun, self._ended
        parser.CharacterDataHandler = self._text
        parser.Parse(part, True)

    def _begun(self, name: str, given: Mapping[str, str]) -> None:
        kind = local_name(name)
        if kind == "c":
            where = given.get("r", "").strip()
            self._column = column_number(where) if where else self._column + 1
            self._type, self._value, self._is_formula = given.get("t", ""), "", False
        elif kind == "f":
            self._is_formula = True
        elif kind == "v":
            self._is_value = True
        elif kind == "row":
            self._row, self._column = int(given.get("r", self._row + 1)), 0
            if given.get("hidden") in _YES or given.get("ht") == "0":
                self._found.hidden_rows.add(self._row)
        elif (
            kind == "col" and self._groups < _MOST_GROUPS and (given.get("hidden") in _YES or given.get("width") == "0")
        ):
            self._groups += 1
            first, last = int(given.get("min", "1")), int(given.get("max", "1"))
            self._found.hidden_columns.update(range(first - 1, min(last, _MOST_COLUMNS)))

    def _ended(self, name: str) -> None:
        kind = local_name(name)
        if kind == "v":
            self._is_value = False
        elif kind == "c" and len(self._found.faults) <= MOST_FAULTS:
            place = (self._row, self._column - 1)
            if self._type == "e":
                self._found.faults[place] = ERROR_VALUE.format(value=self._value[:20])
            elif self._is_formula and not self._value and self._type != "str":
                self._found.faults[place] = NO_RESULT

    def _text(self, text: str) -> None:
        if self._is_value:
            self._value += text
