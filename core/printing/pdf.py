"""Forms on paper: A4 PDFs by typst from the ``templates`` beside it, in a shipped Chinese font, as selectable text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import typst

from core.printing import qr_codes

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    """A finished PDF, and the name of its file."""

    content: bytes
    name: str


def pdf(form: str, data: Mapping[str, Any]) -> bytes:
    """A filled-in form. The template gets ``data`` as JSON: none of it is read as markup.

    Every form needs ``title`` (``heading`` where it is written in several lines), ``footer``, ``digest`` and ``code``,
    the text of the code in the footer; the last two are empty for none.
    """
    code = qr_codes.svg(data["code"], quiet=1) if data["code"] else ""
    told = json.dumps({"heading": [data["title"]], **data, "code": code}, ensure_ascii=False)
    made = typst.compile(TEMPLATES / f"{form}.typ", root=TEMPLATES, font_paths=fonts(), sys_inputs={"data": told})
    assert isinstance(made, bytes)  # noqa: S101 - one PDF is one file
    return made


@cache
def fonts() -> typst.Fonts:
    """Read once: the font is large."""
    folder = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])
