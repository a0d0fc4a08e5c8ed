"""QR codes say what they were given, as a picture and as a drawing, read back by a reader of such codes."""

import io
import re

import numpy
import pytest
import zxingcpp
from PIL import Image

from core.printing import qr_codes
from core.security.signatures import read_code
from tests.cases import PAPER_KEYS

TEXTS = ["1", "https://kaowu.example/verify?code=Ab-_9", "测试甲 第1考场", "x" * 1500]


def _read(points: "numpy.ndarray[tuple[int, int], numpy.dtype[numpy.uint8]]") -> str:
    """The text that a reader finds in a picture with one pixel for each module."""
    found = zxingcpp.read_barcode(numpy.kron(points, numpy.ones((4, 4), dtype=numpy.uint8)))
    assert found is not None
    return found.text


def _drawn(svg: str) -> "numpy.ndarray[tuple[int, int], numpy.dtype[numpy.uint8]]":
    """The drawing's modules, dark ones 0: every bar of its path, laid on white."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    points = numpy.full((size, size), 255, dtype=numpy.uint8)
    for left, top, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1H(\d+)z", svg):
        assert left == back
        points[int(top), int(left) : int(left) + int(width)] = 0
    return points


@pytest.mark.parametrize("text", TEXTS)
def test_a_picture_of_a_code_reads_as_it_was_written(text: str) -> None:
    assert _read(numpy.asarray(Image.open(io.BytesIO(qr_codes.png(text))).convert("L"))) == text


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("quiet", [1, 4])
def test_a_drawing_of_a_code_reads_as_it_was_written(text: str, quiet: int) -> None:
    points = _drawn(qr_codes.svg(text, quiet=quiet))
    assert (points[:quiet] == 255).all()
    assert (points[:, -quiet:] == 255).all()
    assert (points[quiet] == 0).any()
    assert _read(numpy.pad(points, 4 - quiet, constant_values=255)) == text


def test_a_drawing_carries_no_style_and_no_script() -> None:
    assert re.sub(r'(?<=d=")[^"]+', "", qr_codes.svg("1")) == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" width="116" height="116">'
        '<path fill="#fff" d=""/><path d=""/></svg>'
    )


def test_a_signed_code_survives_paper() -> None:
    fields = ("ticket", "20244103000001", "测试甲0001", "123X", "06220900 K01 第1考场 17")
    points = numpy.asarray(Image.open(io.BytesIO(qr_codes.png(PAPER_KEYS.code(*fields)))).convert("L"))
    assert read_code(_read(points), PAPER_KEYS.public) == fields
