"""Lets ClamAV scan every uploaded file, for an office or a whole province that runs its daemon (clamd)."""

import re
import socket
import struct

from pydantic import BaseModel, Field

from core.plugin_api import DocumentView, ScanResult, ScanVerdict, hookimpl


class Settings(BaseModel):
    """The address of the daemon, on this machine or a private network: the connection is not encrypted."""

    host: str = "127.0.0.1"
    port: int = Field(default=3310, ge=1, le=65535)
    seconds: float = Field(default=1.5, gt=0, lt=2)


@hookimpl
def document_received(document: DocumentView, *, settings: Settings) -> list[ScanResult]:
    """ClamAV's verdict; "not scanned" while it cannot be asked, so that registration goes on."""
    try:
        said = _said_of(document, settings)
    except OSError as error:
        return [ScanResult(ScanVerdict.NOT_SCANNED, "clamav", f"clamd does not answer: {error}")]
    known = re.fullmatch(r"stream: (?:OK|(?P<found>.+) FOUND)", said)
    if known is None:
        return [ScanResult(ScanVerdict.NOT_SCANNED, "clamav", said[:200])]
    return [ScanResult(ScanVerdict.INFECTED if known["found"] else ScanVerdict.CLEAN, "clamav", known["found"] or "")]


def _said_of(document: DocumentView, settings: Settings) -> str:
    with socket.create_connection((settings.host, settings.port), timeout=settings.seconds) as clamd:
        clamd.sendall(b"zINSTREAM\0")
        for chunk in filter(None, document.chunks()):
            clamd.sendall(struct.pack("!I", len(chunk)) + chunk)
        clamd.sendall(struct.pack("!I", 0))
        return clamd.makefile("rb").read(4096).rstrip(b"\0").decode("utf-8", "replace").strip()
