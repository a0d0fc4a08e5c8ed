"""Checking an uploaded file and preparing it for storage: an image is redrawn, a PDF is kept as it came.

No stated name, header or size is trusted. The type follows from the content; an image's dimensions are known before a
single pixel is decoded; what an image carried besides its pixels (place, time, device, thumbnails, appended archives)
does not survive the redrawing.
"""

import hashlib
import os
import re
import tempfile
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final, NoReturn

import filetype
from PIL import Image, ImageOps

from core.documents.pdf_inside import Broken, look_inside, needs_password
from core.errors import Invalid
from core.tenancy.config.office import DocumentsTable

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
_APNG: Final = "image/apng"
TYPE_NAMES: Final = {PDF: "PDF", JPEG: "JPG", PNG: "PNG"}

IN_MEMORY: Final = 1024 * 1024
"""Bytes of a file in memory; a larger one lies in a file without a name, which ends with its process."""

_READ_AT_ONCE: Final = 256 * 1024
_HEAD: Final = 1024
_TAIL: Final = 2048
_MOST_SCANS: Final = 64
_AT_ONCE = threading.BoundedSemaphore(2)
"""Decoded images are large (four bytes a pixel), so few are decoded at a time."""

_PDF_VERSION = re.compile(rb"%PDF-[12]\.\d")
_PDF_END = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")
_PDF_AROUND: Final = 1024
"""Bytes that may stand before a PDF or after its end. Source: PDF 1.7 implementation notes 13 and 18 (appendix H)."""
_OF_ANOTHER_KIND = re.compile(rb"[<>]|PK\x03\x04|^MZ|^#!|\*/")
"""What makes bytes around a PDF the beginning of a page, an archive or a program."""
_PDF_TABLE = re.compile(rb"\s*(xref\b|\d+\s+\d+\s+obj\b)")

_PRINT_AGAIN: Final = "请用“打印”中的“另存为PDF”重新生成后上传。"

# Our own limit is lower than the one at which Pillow warns, and is asked first.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file as it is kept: ``content`` stands at its beginning and is closed by the caller of ``prepare``."""

    media_type: str
    size: int
    sha256: str
    content: IO[bytes]


def prepare(content: IO[bytes], limits: DocumentsTable) -> Prepared:
    """``content``, a seekable file, as it will be kept.

    Raises Invalid, saying what to do, for an empty or too large file, a type that is not accepted, and an image or
    PDF that is damaged, too large to draw, moving, or locked with a password.
    """
    size = checked_size(content, limits.max_bytes)
    media_type = type_of(content)
    if media_type not in TYPE_NAMES or media_type not in limits.accepted_types:
        accepted = "、".join(name for kind, name in TYPE_NAMES.items() if kind in limits.accepted_types)
        refuse("type", f"文件内容不是可以接受的格式。请转换为{accepted}格式后重新上传。")
    if media_type == PDF:
        _check_pdf(content, size)
        return as_kept(PDF, content)
    return as_kept(media_type, _drawn_anew(content, media_type, limits.max_pixels))


def checked_size(content: IO[bytes], most: int) -> int:
    """The bytes of a file. Raises Invalid for an empty one and for more than ``most``."""
    size = content.seek(0, os.SEEK_END)
    if size == 0:
        refuse("empty", "文件是空的。请重新选择文件后上传。")
    if size > most:
        refuse_too_large(most)
    return size


def type_of(content: IO[bytes]) -> str | None:
    """The media type that the content shows; None for an unknown one."""
    content.seek(0)
    head = content.read(_HEAD + _PDF_AROUND)
    media_type = filetype.guess_mime(head)
    if media_type is None and _begins_as_pdf(head):
        return PDF
    # A still APNG is a picture like any other; opening it shows which it is.
    return PNG if media_type == _APNG else media_type


def refuse(fault: str, message: str) -> NoReturn:
    """Refuse an upload."""
    raise Invalid(f"document_{fault}", message, at="content")


def refuse_too_large(most: int) -> NoReturn:
    """Refuse a file of more than ``most`` bytes."""
    refuse("too_large", f"文件超过{most / (1024 * 1024):.3g}MB的上限。请压缩后重新上传。")


def temporary_file() -> IO[bytes]:
    """A file that no other process can open, and that is gone when it is closed or collected, or its process ends."""
    return _Temporary(max_size=IN_MEMORY)


class _Temporary(tempfile.SpooledTemporaryFile[bytes]):
    """Closes silently when it is collected: a browser may leave before the first byte of an answer is read."""

    def __del__(self) -> None:
        self.close()


def in_full(chunks: Iterable[bytes]) -> IO[bytes]:
    """The whole content in a file of its own, at its beginning: no byte leaves before the last one is checked."""
    file = temporary_file()
    try:
        file.writelines(chunks)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def from_start(content: IO[bytes]) -> Iterator[bytes]:
    """The whole content in chunks, wherever it was read to before."""
    content.seek(0)
    while chunk := content.read(_READ_AT_ONCE):
        yield chunk


def as_kept(media_type: str, content: IO[bytes]) -> Prepared:
    """``content`` with its size and its digest, at its beginning."""
    digest, size = hashlib.sha256(), 0
    for chunk in from_start(content):
        digest.update(chunk)
        size += len(chunk)
    content.seek(0)
    return Prepared(media_type, size, digest.hexdigest(), content)


@contextmanager
def opened_image(
    content: IO[bytes], media_type: str, most_pixels: int, *, least: tuple[int, int] | None = None
) -> Iterator[Image.Image]:
    """An uploaded image, checked and not yet decoded; whatever its decoder raises in the block becomes a refusal.

    A JPEG of which only ``least`` pixels are needed is decoded at a half, a quarter or an eighth of its size.
    """
    if media_type == JPEG and _occurrences(content, b"\xff\xda") > _MOST_SCANS:
        # A progressive image may ask for thousands of passes over every pixel.
        _refuse_damaged("图片")
    content.seek(0)
    try:
        # The kind is the one that was accepted: no other decoder sees the content.
        kind = TYPE_NAMES[media_type].replace("JPG", "JPEG")
        with _AT_ONCE, Image.open(content, formats=[kind]) as image:
            _check_image(image, media_type, most_pixels)
            if least is not None:
                image.draft("RGB", least)
            yield image
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        _refuse_pixels(most_pixels)
    except Exception:  # Whatever a decoder raises, the file is at fault.
        _refuse_damaged("图片")


def _drawn_anew(content: IO[bytes], media_type: str, most_pixels: int) -> IO[bytes]:
    """The image's pixels, upright and in a common colour space, in a new file of the same kind."""
    with opened_image(content, media_type, most_pixels) as image:
        return _saved(ImageOps.exif_transpose(image), image, media_type)


def _check_image(image: Image.Image, media_type: str, most_pixels: int) -> None:
    if image.width * image.height > most_pixels:
        _refuse_pixels(most_pixels)
    if media_type == PNG and getattr(image, "n_frames", 1) > 1:
        refuse("animated", "不能上传动态图片。请改为静态图片后重新上传。")


def _saved(upright: Image.Image, original: Image.Image, media_type: str) -> IO[bytes]:
    plain = plain_pixels(upright, alpha=media_type == PNG)
    kept = temporary_file()
    if media_type == PNG:
        plain.save(kept, "PNG")
        return kept
    # The original's own tables keep its quality and its size. Those of another colour space would not fit.
    tables = getattr(original, "quantization", {}) if original.mode in {"L", "RGB"} else {}
    if tables:
        plain.save(kept, "JPEG", qtables=tables)
    else:
        plain.save(kept, "JPEG", quality=90)
    return kept


def plain_pixels(image: Image.Image, *, alpha: bool) -> Image.Image:
    """Grey or colour with eight bits a channel and nothing attached; transparency where the kind has it."""
    image.load()
    if image.mode.startswith("I"):
        # Sixteen bits of grey: Pillow would cut them off instead of scaling them.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    transparent = image.has_transparency_data and alpha
    mode = "RGBA" if transparent else "L" if image.mode in {"1", "L"} else "RGB"
    converted = image.convert(mode)
    # A conversion to the same mode is a copy with everything attached; only the pixels go on.
    converted.info = {}
    return converted


def _check_pdf(content: IO[bytes], size: int) -> None:
    """Refuse a PDF that is cut short, has content of another kind around it, needs a password, or brings more along.

    A whole PDF begins with its version and ends with the address of its table of objects, counted from the version or
    from the first byte. Blanks and stray bytes around both are nothing to a reader. It is kept as it came.
    """
    content.seek(0)
    whole = content.read()
    begin = _PDF_VERSION.search(whole, 0, _PDF_AROUND + 8)
    ends = list(_PDF_END.finditer(whole, max(0, size - _TAIL - _PDF_AROUND)))
    if begin is None or not ends or not _is_stray(whole[ends[-1].end() :].strip(b"\0\t\n\f\r ")):
        _refuse_damaged("PDF")
    address = int(ends[-1][1])
    if not any(_PDF_TABLE.match(whole, at, at + 64) for at in {address, address + begin.start()} if at < size):
        _refuse_damaged("PDF")
    try:
        _check_inside(whole)
    except Broken:
        _refuse_damaged("PDF")


def _check_inside(whole: bytes) -> None:
    inside = look_inside(whole)
    if inside.is_encrypted and needs_password(whole):
        refuse("locked", "PDF设有打开密码，审核人员无法打开。请取消密码后重新上传（只限制打印、复制的不必取消）。")
    if inside.has_script:
        refuse("script", f"PDF中带有脚本程序（JavaScript），不能接收。{_PRINT_AGAIN}")
    if inside.starts_programs:
        refuse("launch", f"PDF中带有启动其他程序的动作，不能接收。{_PRINT_AGAIN}")
    if inside.has_files:
        refuse("has_files", f"PDF中附带了其他文件，不能接收。请把附带的文件另行上传。{_PRINT_AGAIN}")


def _begins_as_pdf(head: bytes) -> bool:
    """Whether a PDF begins within the first kilobyte, after nothing but blanks and stray bytes."""
    begin = _PDF_VERSION.search(head, 0, _PDF_AROUND + 8)
    return begin is not None and _is_stray(head[: begin.start()])


def _is_stray(around: bytes) -> bool:
    """Whether bytes around a PDF are few, and begin nothing of another kind."""
    return len(around) <= _PDF_AROUND and not _OF_ANOTHER_KIND.search(around)


def _refuse_pixels(most: int) -> NoReturn:
    refuse("pixels", f"图片尺寸过大（超过{most // 10_000}万像素）。请降低扫描或拍照的分辨率后重新上传。")


def _refuse_damaged(what: str) -> NoReturn:
    refuse("damaged_content", f"{what}不完整或已损坏，无法打开。请重新扫描或导出后再上传。")


def _occurrences(content: IO[bytes], wanted: bytes) -> int:
    """How often ``wanted`` stands in the file."""
    count, rest = 0, b""
    for chunk in from_start(content):
        window = rest + chunk
        count += window.count(wanted)
        rest = window[-(len(wanted) - 1) :]
    return count
