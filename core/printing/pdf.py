"""Forms on paper: A4 PDFs by typst from the ``templates`` beside it, in a shipped Chinese font, as selectable text."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import manimgx_fonts_cjk
import typst
from litestar import Response

from core.printing import qr_codes

_TEMPLATES = Path(__file__).parent / "templates"


def pdf(form: str, data: Mapping[str, Any]) -> bytes:
    """A form filled in. ``data`` is told to the template as JSON: nothing in it is ever read as markup.

    Every form needs ``title`` (``heading`` where it is written in several lines), ``footer``, ``digest`` and ``code``,
    which is what the code in the footer says; the last two are empty for none.
    """
    code = qr_codes.svg(data["code"], quiet=1) if data["code"] else ""
    told = json.dumps({"heading": [data["title"]], **data, "code": code}, ensure_ascii=False)
    made = typst.compile(_TEMPLATES / f"{form}.typ", root=_TEMPLATES, font_paths=fonts(), sys_inputs={"data": told})
    assert isinstance(made, bytes)  # noqa: S101 - one PDF is one file
    return made


def printed(content: bytes, name: str) -> Response[bytes]:
    """A PDF on its way out, to be looked at and printed."""
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/pdf", headers=headers)


@cache
def fonts() -> typst.Fonts:
    """Read once: the font is large."""
    folder = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])
