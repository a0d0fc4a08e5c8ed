"""Answers that are files: to be saved, or to be viewed in a sandbox."""

from collections.abc import Iterator, Mapping
from typing import Protocol
from urllib.parse import quote

from litestar import Response
from litestar.response import Stream

from core.printing.pdf import PrintedPaper

FILE_HEADERS: Mapping[str, str] = {
    # An uploaded file runs nothing, loads nothing, and has an opaque origin.
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PDF_HEADERS: Mapping[str, str] = {
    **FILE_HEADERS,
    # The readers of browsers of 2020 stay empty in a sandbox. A reader runs a PDF in a process of its own, without the
    # origin of the page; a PDF with a script or a start of a program is refused when it is received.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; "
    "frame-ancestors 'self'",
}
"""The headers of a PDF that is looked at: beside the form of its case, or in a window of its own."""


class StoredFile(Protocol):
    """A file to be sent: its name, type and size, and its bytes in chunks."""

    @property
    def file_name(self) -> str:
        """The name under which it came."""
        ...

    @property
    def media_type(self) -> str:
        """What it is, such as ``image/jpeg``."""
        ...

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Its content, opened piece by piece."""
        ...


def saved(file: StoredFile) -> Stream:
    """The file to be saved under its name."""
    return _sent(file, "attachment")


def shown(file: StoredFile) -> Stream:
    """The file to be looked at in the browser: a picture in a sandbox, a PDF in the browser's reader."""
    return _sent(file, "inline")


def printed(paper: PrintedPaper) -> Response[bytes]:
    """A PDF, to be looked at and printed."""
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(paper.name, safe='')}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(paper.content, media_type="application/pdf", headers=headers)


def attached(content: bytes, name: str, media_type: str) -> Response[bytes]:
    """Content made for this request, to be saved under a name."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


def _sent(file: StoredFile, disposition: str) -> Stream:
    read = disposition == "inline" and file.media_type == "application/pdf"
    headers = {
        **(PDF_HEADERS if read else FILE_HEADERS),
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.file_name, safe='')}",
        "Content-Length": str(file.size),
    }
    return Stream(file.chunks(), media_type=file.media_type, headers=headers)
