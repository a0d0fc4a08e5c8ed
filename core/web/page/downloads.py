"""A file on its way out: to be saved, or to be looked at where it can do nothing to the page that shows it."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from litestar import Response
from litestar.response import Stream

from core.documents.receiving import Download

FILE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        # An uploaded file runs nothing, loads nothing, and has an origin that is nobody's.
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
)


def saved(file: Download) -> Stream:
    """The file to be saved under its name."""
    return _sent(file, "attachment")


def shown(file: Download) -> Stream:
    """The file to be looked at in the browser, in a sandbox."""
    return _sent(file, "inline")


def attached(content: bytes, name: str, media_type: str) -> Response[bytes]:
    """Something made for this request, to be saved under a name."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


def _sent(file: Download, disposition: str) -> Stream:
    headers = {
        **FILE_HEADERS,
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.file_name, safe='')}",
        "Content-Length": str(file.size),
    }
    return Stream(file.chunks(), media_type=file.media_type, headers=headers)
