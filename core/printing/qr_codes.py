"""QR codes (ISO/IEC 18004): as pictures for papers in large numbers, as drawings for pages and forms."""

import io
from typing import Final

import numpy
import zxingcpp
from PIL import Image

_QUIET: Final = 4
"""Modules of white around a code, as the standard asks."""
_MASK: Final = 2
"""The mask, which the standard leaves open; to try all eight takes eight times as long and reads no better here."""


def png(text: str) -> bytes:
    """A code as a PNG with one pixel for each module."""
    written = io.BytesIO()
    Image.fromarray(numpy.asarray(_symbol(text).to_image(scale=1))).convert("1", dither=Image.Dither.NONE).save(
        written, "PNG"
    )
    return written.getvalue()


def svg(text: str, *, quiet: int = _QUIET) -> str:
    """A code as an SVG element without any style of its own, for a page or a form.

    Its size follows from ``viewBox`` (a module is 1) and from its place; ``quiet`` is its white border in modules.
    """
    dark = numpy.asarray(_symbol(text).to_image(scale=1, add_quiet_zones=False)) == 0
    size = len(dark) + 2 * quiet
    edges = numpy.diff(numpy.pad(dark, ((0, 0), (1, 1))).astype(numpy.int8), axis=1)
    begins, ends = numpy.argwhere(edges == 1), numpy.argwhere(edges == -1)
    path = "".join(
        f"M{begin + quiet} {row + quiet}h{end - begin}v1H{begin + quiet}z"
        for (row, begin), (_, end) in zip(begins.tolist(), ends.tolist(), strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size * 4}" height="{size * 4}">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    )


def _symbol(text: str) -> zxingcpp.Barcode:
    return zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=_MASK)
