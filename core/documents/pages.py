"""Several pictures of one paper as one picture: the faces of a card or the pages of a certificate, below each other.

A phone takes one page at a time, and a paper is one file (``current_documents``): the next page goes under those that
are there.
"""

from typing import IO, Final

from PIL import Image, ImageOps

from core.documents.content import JPEG, PNG, opened_image, plain_pixels, temporary_file
from core.errors import Invalid
from core.tenancy.config.office import DocumentsTable

PICTURES: Final = frozenset({JPEG, PNG})
"""The kinds of files that pages can be added to, and that can be added."""

_WIDEST: Final = 1800
"""Pixels across: a page of A4 at about 215 points an inch, which print and handwriting are legible in."""
_NARROWEST: Final = 900
"""Pixels across below which a page is not made smaller to make room for another."""
_GAP: Final = 24
_STEP: Final = 0.85
_QUALITY: Final = 85


def below(upper: tuple[IO[bytes], str], lower: tuple[IO[bytes], str], limits: DocumentsTable) -> IO[bytes]:
    """A JPEG in which the second picture stands under the first; each is given with its media type.

    Raises Invalid for a damaged picture, and where one file cannot hold both legibly.
    """
    pages = [_drawn(*page, limits) for page in (upper, lower)]
    across = max(page.width for page in pages)
    while across >= min(_NARROWEST, max(page.width for page in pages)):
        joined = _one_above_the_other(pages, across)
        if joined.width * joined.height <= limits.max_pixels:
            file = temporary_file()
            joined.save(file, "JPEG", quality=_QUALITY)
            if file.tell() <= limits.max_bytes:
                file.seek(0)
                return file
            file.close()
        across = int(across * _STEP)
    message = "这份材料的页数太多，一个文件放不下。请把各页合成一个PDF后重新选择。"
    raise Invalid("document_pages_too_many", message, at="content")


def _drawn(content: IO[bytes], media_type: str, limits: DocumentsTable) -> Image.Image:
    """The picture upright on white, no wider than is useful."""
    with opened_image(content, media_type, limits.max_pixels) as image:
        plain = plain_pixels(ImageOps.exif_transpose(image), alpha=True)
    if plain.mode == "RGBA":
        plain = Image.alpha_composite(Image.new("RGBA", plain.size, "white"), plain)
    return _as_wide_as(plain.convert("RGB"), _WIDEST)


def _one_above_the_other(pages: list[Image.Image], across: int) -> Image.Image:
    drawn = [_as_wide_as(page, across) for page in pages]
    joined = Image.new("RGB", (across, sum(page.height for page in drawn) + _GAP * (len(drawn) - 1)), "white")
    top = 0
    for page in drawn:
        joined.paste(page, ((across - page.width) // 2, top))
        top += page.height + _GAP
    return joined


def _as_wide_as(page: Image.Image, across: int) -> Image.Image:
    if page.width <= across:
        return page
    return page.resize((across, max(1, round(page.height * across / page.width))), Image.Resampling.LANCZOS)
