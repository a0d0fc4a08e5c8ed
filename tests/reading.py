"""The content of a printed form or an exported table as its reader finds it: texts, codes, rows."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import zxingcpp
from python_calamine import CalamineWorkbook

from core.web.page.excel import HEADING_ROWS

_DOTS = 200 / 72
"""Pages are looked at with 200 dots to the inch, as an office's scanner would."""


def pages_of(content: bytes) -> list[str]:
    """The text of each page, without blanks and breaks of lines: where those are is the layout's choice."""
    document = pypdfium2.PdfDocument(content)
    try:
        return ["".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def codes_of(content: bytes) -> list[list[str]]:
    """The codes on each page, read from its picture."""
    document = pypdfium2.PdfDocument(content)
    try:
        pictures = [page.render(scale=_DOTS).to_pil() for page in document]
    finally:
        document.close()
    return [[barcode.text for barcode in zxingcpp.read_barcodes(picture)] for picture in pictures]


def table_of(content: bytes) -> list[list[Any]]:
    """The headings and the rows of an exported table, without its title and the line about its source."""
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return book.get_sheet_by_index(0).to_python()[HEADING_ROWS - 1 :]


def seen_by_pdfsig(content: bytes, folder: Path) -> str:
    """What pdfsig of poppler-utils says about the signatures of a PDF, in English."""
    program = shutil.which("pdfsig")
    assert program is not None, "pdfsig is missing: install poppler-utils (on Debian: apt-get install poppler-utils)"
    file = folder / "looked-at.pdf"
    file.write_bytes(content)
    done = subprocess.run([program, file], capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
    return done.stdout + done.stderr
