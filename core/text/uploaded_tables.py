"""What a table that somebody uploads may be, measured before anything reads it (``sheets.py``).

Bounded are its size, what it unpacks to, how far its cells reach, and what they hold once each text that several cells
share has been copied into every one of them. Of an archive only well-formed XML is handed on, so that what counts the
cells and what reads them read the same.
"""

import io
import re
import zipfile
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn
from xml.parsers import expat

from core.errors import Invalid

_WHERE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ROW: Final = re.compile(r"[0-9]{1,7}")
_PLACE: Final = re.compile(r"[0-9]{1,9}")
_READ: Final = (".xml", ".rels")
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What an archive is met with that is damaged, encrypted, or packed in another way.
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
_MOST_SHEETS: Final = 1000
_ANY: Final = -1
LONGEST_CELL: Final = 32_767
"""Letters that one cell may hold. Source: Excel specifications and limits, total characters that a cell can contain."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a table may be at the most. ``code`` begins the codes of all that is refused of it.

    ``bytes`` is what is sent, ``unpacked`` the bytes that an archive holds, ``letters`` what its cells hold together.
    """

    code: str
    rows: int
    bytes: int = 2 * 1024 * 1024
    unpacked: int = 30 * 1024 * 1024
    columns: int = 100
    letters: int = 5_000_000

    def refuse(self, code: str, message: str) -> NoReturn:
        """Refuse the file, saying what to do."""
        raise Invalid(f"{self.code}_{code}", message, at="file")

    def refuse_long_cell(self) -> NoReturn:
        """Refuse the file for a cell with more letters than table software can keep in one."""
        self.refuse(
            "cell_too_long", f"表中有单元格的文字超过{LONGEST_CELL}个字。请找到并删短这段文字，重新保存后上传。"
        )


def measured(content: bytes, bounds: Bounds) -> io.BytesIO:
    """The archive again, of what was measured: one that says less of itself than it holds would unpack without end.

    Refuses what unpacks to too much, whose cells reach so far that no memory would hold them, or which hold too much.
    Pictures, macros and the binary sheets of other formats stay behind: nobody has measured them.
    """
    left, measured, texts = bounds.unpacked, io.BytesIO(), _Texts(bounds)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(measured, "w") as copy:
            for entry in package.infolist():
                left -= entry.file_size
                if left < 0:
                    bounds.refuse("unpacks_too_large", "文件解开后过大。请只保留一张表，不要带图片，重新保存后上传。")
                # Which of them is the sheet, the archive says itself, wherever it likes.
                if not _is_readable(entry.filename):
                    continue
                inner = _unpacked(package, entry)
                if _Part(bounds, texts).is_measured(inner):
                    copy.writestr(entry.filename, inner)
    except _DAMAGED:
        bounds.refuse("unreadable", "文件已损坏或加了密码，无法读取。请在表格软件中打开、另存为“.xlsx”后再上传。")
    texts.check()
    measured.seek(0)
    return measured


def _unpacked(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """As much of an entry as it says that it holds: asked for all, it would unpack to its end before it is cut."""
    if entry.compress_type not in _PACKED:
        raise NotImplementedError("table software packs in no other way, and others cannot be unpacked in parts")
    with package.open(entry) as inner:
        return inner.read(entry.file_size)


def _is_readable(name: str) -> bool:
    """Whether a part of an archive may belong to an .xlsx; ``content.xml`` is the sheet of another format (.ods)."""
    small = name.lower()
    return small.endswith(_READ) and small.rsplit("/", 1)[-1] != "content.xml"


class _Texts:
    """What the cells of a workbook hold, worked out before the reader copies a shared text into each that names it."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._shared, self._named, self._letters = array("I"), array("q"), 0
        self._has_list, self._most = False, bounds.rows * bounds.columns

    def begin_list(self, said: str) -> None:
        """The list of shared texts begins, ``said`` to hold so many: the reader makes room for them at once."""
        if self._has_list:
            self._bounds.refuse("unreadable", "文件不是表格软件保存的，无法读取。请在表格软件中另存为“.xlsx”后再上传。")
        self._has_list = True
        digits = said.strip().lstrip("0")
        if digits.isdecimal() and (len(digits) > 9 or int(digits) > self._most):
            self._too_many()

    def share(self, letters: int) -> None:
        """Note the next text of the list."""
        self._shared.append(letters)
        if len(self._shared) > self._most:
            self._too_many()

    def hold(self, letters: int) -> None:
        """Note what stands in a cell itself."""
        self._letters += letters
        if self._letters > self._bounds.letters:
            self._too_much()

    def name(self, pieces: Sequence[str]) -> None:
        """Note that a cell names a shared text by its place. Written unusually, it may be read as any place."""
        if pieces:
            plain = len(pieces) == 1 and _PLACE.fullmatch(pieces[0])
            self._named.append(int(pieces[0]) if plain else _ANY)

    def check(self) -> None:
        """Refuse the workbook where its cells hold too much once the shared texts stand in them."""
        shared, longest = self._shared, max(self._shared, default=0)
        copied = sum(longest if at == _ANY else shared[at] for at in self._named if at < len(shared))
        if self._letters + copied > self._bounds.letters:
            self._too_much()

    def _too_many(self) -> NoReturn:
        self._bounds.refuse("too_many_texts", f"文件中不同的文字超过{self._most}条。请只保留一张表，重新保存后上传。")

    def _too_much(self) -> NoReturn:
        most = self._bounds.letters // 10_000
        self._bounds.refuse(
            "too_much_text", f"表中全部文字合计超过{most}万字。请只保留要导入的行和列，删去其他文字后重新保存上传。"
        )


def local_name(name: str) -> str:
    """The name of an element without the prefix of its namespace."""
    return name.rpartition(":")[2]


class _Part:
    """One part of an archive: how far its cells reach, counted as the reader counts, and what they hold.

    A row or cell that does not say where it is follows the one before.
    """

    def __init__(self, bounds: Bounds, texts: _Texts) -> None:
        self._bounds, self._texts = bounds, texts
        self._row = self._column = self._rows = self._columns = self._cells = self._sheets = self._merged = 0
        self._root = self._within = ""
        self._is_odd = self._is_shared = False
        self._letters, self._pieces = 0, list[str]()

    def is_measured(self, part: bytes) -> bool:
        """Whether a part is well-formed and could be measured; Invalid where its cells reach too far, hold too much."""
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._element, self._ended
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = self._text, self._doctype
        try:
            parser.Parse(part, True)
        except (expat.ExpatError, LookupError):
            # Not well-formed, or in an encoding that nobody knows.
            return False
        return not self._is_odd

    def _element(self, name: str, given: dict[str, str]) -> None:
        kind = local_name(name)
        if kind == "row":
            self._row = self._number(_ROW, given["r"]) if "r" in given else self._row + 1
            self._column = 0
        elif kind in {"c", "si"}:
            # One within the other ends where the outer one does for some readers, and not for others.
            self._is_odd |= bool(self._within) or (kind == "si" and self._root != "sst")
            self._within, self._letters = kind, 0
            self._is_shared = kind == "c" and given.get("t") == "s"
            if kind == "c":
                self._cell(given.get("r"))
        elif kind == "v":
            self._pieces = []
        elif kind == "sst":
            self._is_odd |= bool(self._root)
            self._texts.begin_list(given.get("uniqueCount", ""))
        elif kind == "sheet":
            self._sheet()
        elif kind == "mergeCell":
            self._merge()
        self._root = self._root or kind

    def _ended(self, name: str) -> None:
        kind = local_name(name)
        if kind == "v" and self._is_shared:
            self._texts.name(self._pieces)
        elif kind == "c":
            self._texts.hold(self._letters)
            self._within, self._is_shared = "", False
        elif kind == "si":
            self._texts.share(self._letters)
            self._within = ""

    def _text(self, text: str) -> None:
        if not self._within:
            return
        self._letters += len(text)
        if self._letters > LONGEST_CELL:
            self._bounds.refuse_long_cell()
        if self._is_shared:
            self._pieces.append(text)

    def _sheet(self) -> None:
        self._sheets += 1
        if self._sheets > _MOST_SHEETS:
            self._bounds.refuse(
                "too_many_sheets", f"文件中的工作表超过{_MOST_SHEETS}张。请只保留一张表，重新保存后上传。"
            )

    def _merge(self) -> None:
        self._merged += 1
        if self._merged > 2 * self._bounds.rows + _MOST_SHEETS:
            self._bounds.refuse("merged_too_far", "合并单元格太多、太大。请取消合并、只保留表格本身后重新保存。")

    def _cell(self, where: str | None) -> None:
        row, self._column = self._row, self._column + 1
        if where is not None:
            row, self._column = self._number(_WHERE, where, 2), max(self._column, column_number(where))
        self._cells += 1
        self._rows, self._columns = max(self._rows, row), max(self._columns, self._column)
        most = self._bounds
        far = self._columns > most.columns or self._rows > most.rows * 10
        if far or max(self._rows * self._columns, self._cells) > most.rows * most.columns:
            self._too_far()

    def _number(self, shape: re.Pattern[str], text: str, group: int = 0) -> int:
        found = shape.fullmatch(text.strip())
        return self._too_far() if found is None else int(found[group])

    def _too_far(self) -> NoReturn:
        self._bounds.refuse("reaches_too_far", "表中有内容写在很远的单元格。请删除表格以外的行和列后重新保存。")

    def _doctype(self, *_: object) -> None:
        self._bounds.refuse("unreadable", "文件不是表格软件保存的，无法读取。请在表格软件中另存为“.xlsx”后再上传。")


def column_number(where: str) -> int:
    """The number of the column that a cell such as ``AB12`` is in."""
    column = 0
    for letter in where.strip().upper().rstrip("0123456789"):
        column = column * 26 + ord(letter) - 64
    return column
