"""A hundred files that must not be accepted, each with the code of its refusal, as people and attackers send them."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from PIL import Image

from tests.documents.files import jpeg_claiming, jpeg_with_scans, moving_png, pdf, picture, png, png_chunk

MB = 1024 * 1024
EMPTY, LARGE, TYPE, DAMAGED, PIXELS, MOVING, LOCKED = (
    f"document_{fault}" for fault in ("empty", "too_large", "type", "damaged_content", "pixels", "animated", "locked")
)


class Malformed(NamedTuple):
    """A file, made when it is needed, and why it is refused."""

    name: str
    code: str
    make: Callable[[], bytes]


def _saved(kind: str, mode: str = "RGB") -> Callable[[], bytes]:
    return lambda: picture(kind, mode=mode)


def _zip(content: bytes, *, name: str = "word/document.xml", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def _cut(whole: Callable[[], bytes], part: float) -> Callable[[], bytes]:
    return lambda: whole()[: int(len(whole()) * part)]


def _without(whole: Callable[[], bytes], wanted: bytes, instead: bytes = b"") -> Callable[[], bytes]:
    return lambda: whole().replace(wanted, instead)


def _noise() -> bytes:
    """A JPEG with enough in it to be cut in many places."""
    return _drawn("JPEG")


def _scan() -> bytes:
    return _drawn("PNG")


def _drawn(kind: str) -> bytes:
    content = io.BytesIO()
    Image.effect_noise((320, 240), 90).convert("RGB").save(content, kind)
    return content.getvalue()


def wrong_types() -> Iterator[Malformed]:
    """What is neither JPEG, PNG nor PDF, whatever it calls itself."""
    yield Malformed("nothing", EMPTY, lambda: b"")
    for kind in ("GIF", "BMP", "TIFF", "WEBP", "ICO", "PPM", "TGA", "JPEG2000", "DDS", "SGI", "PCX"):
        yield Malformed(f"a {kind} picture", TYPE, _saved(kind))
    texts = {
        "plain text": b"just some words",
        "a web page": b"<!doctype html><script>alert(1)</script>",
        "a web page that mentions PDF": b"<html>%PDF-1.7\n" + pdf(),
        "an SVG picture": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "a script": b"#!/bin/sh\nrm -rf /\n",
        "a Windows program": b"MZ" + b"\0" * 510,
        "a Linux program": b"\x7fELF" + b"\0" * 510,
        "PostScript": b"%!PS-Adobe-3.0\nshowpage\n",
        "rich text": rb"{\rtf1\ansi hello}",
        "an old Word document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "a RAR archive": b"Rar!\x1a\x07\x00" + b"\0" * 64,
        "a 7z archive": b"7z\xbc\xaf\x27\x1c" + b"\0" * 64,
        "an MP4 film": b"\0\0\0\x18ftypmp42" + b"\0" * 64,
        "an iPhone picture": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64,
        "an AVIF picture": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" + b"\0" * 64,
        "a Photoshop picture": b"8BPS\0\x01" + b"\0" * 64,
        "Java classes": b"\xca\xfe\xba\xbe" + b"\0" * 64,
        "a SQLite database": b"SQLite format 3\0" + b"\0" * 64,
        "one byte": b"\x89",
        "zeros": b"\0" * 4096,
        "the first two bytes of a JPEG": b"\xff\xd8",
        "a PDF in upper case text": b"PDF-1.7\n" + pdf()[8:],
        "a PDF as base64": b"JVBERi0xLjcKJeLjz9MKMSAwIG9iago8PCAvVHlwZSAvQ2F0YWxvZyA+Pg==",
    }
    for name, content in texts.items():
        yield Malformed(name, TYPE, lambda content=content: content)  # type: ignore[misc]


def archives() -> Iterator[Malformed]:
    """Archives, small ones that unpack to very much among them."""
    yield Malformed("a Word document", TYPE, lambda: _zip(b"<w:document/>"))
    yield Malformed("a zip bomb", TYPE, lambda: _zip(b"\0" * (64 * MB)))
    yield Malformed("a zip bomb in a zip bomb", TYPE, lambda: _zip(_zip(b"\0" * (32 * MB)), name="inner.zip"))
    yield Malformed("a zip that leads out of its folder", TYPE, lambda: _zip(b"x", name="../../etc/passwd"))
    yield Malformed("a gzip bomb", TYPE, lambda: gzip.compress(b"\0" * (64 * MB)))
    yield Malformed("a bare stream of zeros, packed", TYPE, lambda: zlib.compress(b"\0" * (64 * MB), 9))


def truncated() -> Iterator[Malformed]:
    """Files that break off, as a broken connection or a full card leaves them."""
    for percent in (5, 20, 40, 60, 80, 95):
        yield Malformed(f"a JPEG cut at {percent} %", DAMAGED, _cut(_noise, percent / 100))
        yield Malformed(f"a PNG cut at {percent} %", DAMAGED, _cut(_scan, percent / 100))
        yield Malformed(f"a PDF cut at {percent} %", DAMAGED, _cut(lambda: pdf(20), percent / 100))
    yield Malformed("a PDF without its last line", DAMAGED, _without(pdf, b"%%EOF\n"))
    yield Malformed("a PDF without the place of its table", DAMAGED, _without(pdf, b"startxref"))
    yield Malformed("a PDF without a table", DAMAGED, _without(pdf, b"\nxref\n", b"\nxxxx\n"))
    yield Malformed("a PDF whose middle is gone", DAMAGED, lambda: pdf(40)[:200] + pdf(40)[-400:])
    yield Malformed("only the head of a PDF", DAMAGED, lambda: b"%PDF-1.7\n")
    yield Malformed("only the head of a PNG", DAMAGED, lambda: b"\x89PNG\r\n\x1a\n")
    yield Malformed("only the head of a JPEG", DAMAGED, lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0")


def broken_pictures() -> Iterator[Malformed]:
    """Pictures that lie, or that ask for more than they are."""
    rows = b"\0" + b"\xff\0\0" * 4
    yield Malformed("a PNG sent as text", DAMAGED, _without(_scan, b"\r\n", b"\n"))
    yield Malformed("a PNG with a wrong checksum", DAMAGED, lambda: _scan().replace(b"IDAT", b"IDAT\0", 1))
    yield Malformed("a PNG without picture data", DAMAGED, lambda: png(4, 4))
    yield Malformed("a PNG of no width", DAMAGED, lambda: png(0, 4, rows=rows))
    yield Malformed("a PNG of no height", DAMAGED, lambda: png(4, 0, rows=rows))
    yield Malformed("a PNG of an unknown depth", DAMAGED, lambda: png(4, 1, rows=rows, depth=7))
    yield Malformed("a PNG of an unknown colour", DAMAGED, lambda: png(4, 1, rows=rows, colour=5))
    yield Malformed("a PNG with colours but no palette", DAMAGED, lambda: png(4, 1, depth=8, colour=3))
    yield Malformed("a PNG whose data is no stream", DAMAGED, lambda: _scan()[:60] + b"\xaa" * 2000)
    yield Malformed(
        "a PNG with an endless chunk", DAMAGED, lambda: _scan()[:33] + struct.pack("!I", 0x7FFFFFFF) + b"IDAT"
    )
    yield Malformed("a PNG with a length below zero", DAMAGED, lambda: _scan()[:33] + b"\xff\xff\xff\xffIDAT")
    yield Malformed("a PNG with a bomb for a remark", DAMAGED, lambda: png(4, 1, rows=rows, extra=_text_bomb()))
    yield Malformed("a PNG with a bomb for a profile", DAMAGED, lambda: png(4, 1, extra=_profile_bomb()))
    yield Malformed("a PNG with the header twice", DAMAGED, lambda: b"\x89PNG\r\n\x1a\n" + png(4, 1, rows=rows))
    yield Malformed("a JPEG without tables", DAMAGED, _without(_noise, b"\xff\xdb", b"\xff\xef"))
    yield Malformed("a JPEG without a frame", DAMAGED, _without(_noise, b"\xff\xc0", b"\xff\xef"))
    yield Malformed("a JPEG of no size", DAMAGED, lambda: jpeg_claiming(0, 0))
    yield Malformed("a JPEG that claims to be taller", DAMAGED, lambda: jpeg_claiming(40, 20_000)[:500])
    yield Malformed("a JPEG of nothing but markers", DAMAGED, lambda: b"\xff\xd8" + b"\xff\xe1\0\x04ab" * 1000)
    yield Malformed("a JPEG drawn a thousand times", DAMAGED, lambda: jpeg_with_scans(1000))
    yield Malformed("an animated PNG", MOVING, moving_png)


def _text_bomb() -> bytes:
    return png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * (80 * MB), 9))


def _profile_bomb() -> bytes:
    return png_chunk(b"iCCP", b"profile\0\0" + zlib.compress(b"\0" * (80 * MB), 9))


def huge() -> Iterator[Malformed]:
    """Small files that would fill the memory when they are opened, and files that are simply too large."""
    for side in (6_400, 10_000, 14_000, 20_000, 65_000, 2_000_000):
        yield Malformed(f"a PNG {side} pixels wide and high", PIXELS, lambda side=side: png(side, side))  # type: ignore[misc]
    for side in (6_400, 20_000, 65_000):
        yield Malformed(f"a JPEG {side} pixels wide and high", PIXELS, lambda side=side: jpeg_claiming(side, side))  # type: ignore[misc]
    yield Malformed("a PNG one pixel high and endlessly wide", PIXELS, lambda: png(2**31 - 1, 1))
    yield Malformed("a PNG bomb with real rows", PIXELS, lambda: png(8_000, 8_000, rows=b"\0" * (8_000 * 24_001)))
    yield Malformed("a PDF of 6 MB", LARGE, lambda: pdf(trailer=b"% " + b"x" * (6 * MB) + b"\n"))
    yield Malformed("a JPEG followed by 6 MB", LARGE, lambda: picture("JPEG") + b"\0" * (6 * MB))
    yield Malformed("6 MB of zeros", LARGE, lambda: b"\0" * (6 * MB))


def polyglots() -> Iterator[Malformed]:
    """Files that are two things at once."""
    yield Malformed("a PDF and a zip", DAMAGED, lambda: pdf() + _zip(b"x"))
    yield Malformed("a PDF and a web page", DAMAGED, lambda: pdf() + b"<script>alert(1)</script>")
    yield Malformed(
        "a web page that begins as a PDF", DAMAGED, lambda: b"%PDF-1.7\n<html><script>alert(1)</script></html>"
    )
    yield Malformed("a script that begins as a PDF", DAMAGED, lambda: b"%PDF-1.7 */alert(1)//")
    yield Malformed("a zip that begins as a PDF", DAMAGED, lambda: b"%PDF-1.7\n" + _zip(b"x"))
    yield Malformed("a program that begins as a JPEG", DAMAGED, lambda: b"\xff\xd8\xff\xe0" + b"MZ" + b"\0" * 600)
    yield Malformed("a script that begins as a PNG", DAMAGED, lambda: b"\x89PNG\r\n\x1a\n<?php system($_GET[0]);")
    yield Malformed("a PDF that points outside itself", DAMAGED, lambda: _pointing(pdf(), 10**9))
    yield Malformed("a PDF that points at its beginning", DAMAGED, lambda: _pointing(pdf(), 0))
    yield Malformed("a PDF of a version that there is not", DAMAGED, _without(pdf, b"%PDF-1.7", b"%PDF-9.x"))
    yield Malformed("a PDF with a password", LOCKED, lambda: pdf(trailer=b"/Encrypt 9 0 R "))
    yield Malformed("a PDF with a password, all at once", LOCKED, lambda: pdf(trailer=b"/Encrypt<</Filter/Standard>>"))


def _pointing(whole: bytes, place: int) -> bytes:
    head, _, _ = whole.rpartition(b"startxref")
    return head + b"startxref\n%d\n%%%%EOF\n" % place


FILES = [*wrong_types(), *archives(), *truncated(), *broken_pictures(), *huge(), *polyglots()]
