"""Files as people send them: made here, byte by byte where no library would make them so."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

EXIF_ORIENTATION = 0x0112
EXIF_ARTIST = 0x013B


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    """A small picture with a red left half, so that which way is up can be seen."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    content = io.BytesIO()
    image.convert(mode).save(content, kind, **options)
    return content.getvalue()


def photo(*, orientation: int = 6, artist: str = "测试甲0001", size: tuple[int, int] = (40, 30)) -> bytes:
    """A JPEG as a telephone makes it: turned, with a note of how, and with the name of its owner."""
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    exif[EXIF_ARTIST] = artist
    return picture("JPEG", size, exif=exif, quality=90)


def pdf(pages: int = 1, *, trailer: bytes = b"") -> bytes:
    """A whole PDF with empty pages; ``trailer`` is added to its trailer's entries."""
    kids = b" ".join(b"%d 0 R" % (3 + number) for number in range(pages))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"] * pages,
    ]
    made, offsets = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        made
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(bodies) + 1, table, len(bodies) + 1, trailer, len(made))
    )


def png_chunk(name: bytes, content: bytes) -> bytes:
    """One chunk of a PNG with its checksum."""
    return struct.pack("!I", len(content)) + name + content + struct.pack("!I", zlib.crc32(name + content))


def png(width: int, height: int, *, rows: bytes = b"", depth: int = 8, colour: int = 2, extra: bytes = b"") -> bytes:
    """A PNG that claims these dimensions; ``rows`` is its picture data before compression, ``extra`` more chunks."""
    header = struct.pack("!IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", zlib.compress(rows, 9)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG whose header claims other dimensions than its picture has."""
    whole = bytearray(picture("JPEG"))
    frame = whole.index(b"\xff\xc0")
    whole[frame + 5 : frame + 9] = struct.pack("!HH", height, width)
    return bytes(whole)


def jpeg_with_scans(number: int) -> bytes:
    """A JPEG that asks for its picture to be drawn over and over."""
    whole = picture("JPEG", progressive=True)
    first = whole.index(b"\xff\xda")
    second = whole.index(b"\xff\xda", first + 2)
    return whole[:first] + whole[first:second] * number + whole[second:]


def moving_png() -> bytes:
    """An APNG of three frames."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    content = io.BytesIO()
    frames[0].save(content, "PNG", save_all=True, append_images=frames[1:])
    return content.getvalue()
