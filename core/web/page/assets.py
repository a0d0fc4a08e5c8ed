"""What a browser loads besides a page: style sheets and scripts, each under an address that names its content.

Our own files stand in ``core/web/static``; the design base, htmx and the charts come from ``node_modules``, and of
these only the files named here are served. Templates write ``asset("kaowu.css")``: the address holds the digest of the
file, so a browser may keep it for good and never sees an old one. Everything is read and compressed once per process.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import structlog
from litestar import Response, get
from litestar.params import FromPath, HeaderParameter

from core.errors import NotFound
from core.settings import ROOT
from core.web.security_headers import VERSION

STATIC: Final = Path(__file__).parents[1] / "static"
PREFIX: Final = "/static"
_PACKAGES: Final = ROOT / "node_modules"
_FROM_PACKAGES: Final = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "echarts.js": "echarts/dist/echarts.simple.min.js",
    # Signatures of tickets where the browser has no Ed25519, and codes before the camera where it reads none.
    "ed25519.js": "@noble/ed25519/index.js",
    "jsqr.js": "jsqr/dist/jsQR.js",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    address: str
    media_type: str
    content: bytes
    packed: bytes


def asset(name: str) -> str:
    """The address of the file ``name``; for templates. Raises KeyError for a name that is not served."""
    return _assets()[name].address


@get(f"{PREFIX}/{{name:str}}", sync_to_thread=False, opt={"exclude_from_auth": True}, include_in_schema=False)
def serve_asset(
    name: FromPath[str], accepted: Annotated[str, HeaderParameter(name="Accept-Encoding")] = ""
) -> Response[bytes]:
    """One file, compressed for those who take it so."""
    found = _assets().get(name)
    if found is None:
        raise NotFound("no_such_file", "没有这个文件。如页面刚刚更新过，请刷新页面。")
    if "gzip" in accepted:
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(found.packed, media_type=found.media_type, headers=headers)
    return Response(found.content, media_type=found.media_type, headers={"Vary": "Accept-Encoding"})


@cache
def _assets() -> dict[str, Asset]:
    files = {path.name: path for path in sorted(STATIC.iterdir())}
    files |= {name: _PACKAGES / path for name, path in _FROM_PACKAGES.items()}
    missing = [name for name, path in files.items() if not path.exists()]
    if missing:
        # Pages can be read and used without style and script, so the start is not refused.
        log.error("front_end_files_missing", files=missing, remedy="run `make setup`")
    return {name: _read(name, path) for name, path in files.items()}


def _read(name: str, path: Path) -> Asset:
    content = path.read_bytes() if path.exists() else b""
    return Asset(
        address=f"{PREFIX}/{name}?{VERSION}={hashlib.sha256(content).hexdigest()[:16]}",
        media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        content=content,
        packed=gzip.compress(content, mtime=0),
    )
