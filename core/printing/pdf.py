"""Forms on paper: A4 PDFs by typst from the ``templates`` beside it, in Chinese fonts, as selectable text."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.printing import qr_codes
from core.printing.fonts import compiled

TEMPLATES = Path(__file__).parent / "templates"
_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}" '
    'height="{height}"><image width="{width}" height="{height}" image-rendering="optimizeSpeed" '
    'xlink:href="data:image/{kind};base64,{content}"/></svg>'
)


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    """A finished PDF, and the name of its file."""

    content: bytes
    name: str


def pdf(form: str, data: Mapping[str, Any], *, pictures: int = 0) -> bytes:
    """A filled-in form with so many ``pictures``. The template gets ``data`` as JSON: none of it is read as markup.

    Every form needs ``title`` (``heading`` where it is written in several lines), ``footer``, ``digest`` and ``code``,
    the text of the code in the footer; the last two are empty for none. Raises as ``compiled`` does.
    """
    code = qr_codes.svg(data["code"], quiet=1) if data["code"] else ""
    told = json.dumps({"heading": [data["title"]], **data, "code": code}, ensure_ascii=False)
    return compiled(TEMPLATES / f"{form}.typ", root=TEMPLATES, sys_inputs={"data": told}, pictures=pictures)


def picture(content: bytes, kind: str, width: int, height: int) -> str:
    """A picture for a template: inside an SVG it goes into the PDF as it is, and may be told as a text."""
    return _PICTURE.format(width=width, height=height, kind=kind, content=base64.b64encode(content).decode())
