"""The photo of an application: what is kept of a good one, and what a bad one is told."""

import io
import os
import struct
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from core.documents.content import JPEG
from core.documents.photo import LEAST, MOST_BYTES, SIZE, crop, prepare_photo
from core.errors import Invalid
from core.simulate.scans import scan
from core.tenancy.config.office import DocumentsTable
from tests.documents.conftest import Desk
from tests.documents.files import EXIF_ARTIST, EXIF_ORIENTATION, jpeg_claiming, pdf, png

LIMITS = DocumentsTable()
_GPS = 0x8825


def _figure(size: tuple[int, int] = SIZE, ground: str = "white") -> Image.Image:
    """A head and shoulders, in the middle of a picture of any size."""
    width, height = size
    picture = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((width * 0.1, height * 0.7, width * 0.9, height * 1.5), fill="#2e3a4a")
    draw.ellipse((width * 0.28, height * 0.2, width * 0.72, height * 0.66), fill="#d9b08c")
    return picture


def _as(kind: str, picture: Image.Image, **options: Any) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def _noted(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION], exif[EXIF_ARTIST] = orientation, "测试甲0001"
    exif.get_ifd(_GPS)[1] = "N"
    return exif


def _kept(content: bytes) -> Image.Image:
    prepared = prepare_photo(io.BytesIO(content), LIMITS)
    assert prepared.media_type == JPEG
    with prepared.content as file:
        image = Image.open(io.BytesIO(file.read()))
        image.load()
    return image


@pytest.mark.parametrize("ground", ["white", "#438edb", "#d9001b"], ids=["white", "blue", "red"])
@pytest.mark.parametrize("size", [SIZE, LEAST, (2 * SIZE[0], 2 * SIZE[1]), (4284, 5998)])
def test_a_photo_of_any_ground_is_kept_in_one_size(size: tuple[int, int], ground: str) -> None:
    kept = _kept(_as("JPEG", _figure(size, ground)))
    assert (kept.size, kept.mode, kept.format) == (SIZE, "RGB", "JPEG")
    assert kept.getpixel((10, 10)) == pytest.approx(Image.new("RGB", (1, 1), ground).getpixel((0, 0)), abs=4)


def test_a_simulated_photo_would_be_taken() -> None:
    assert _kept(scan("photo")).size == SIZE


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_photo_stands_upright_and_tells_neither_place_nor_owner(orientation: int) -> None:
    turns = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    upright = _figure((826, 1158))
    upright.paste("#d9001b", (0, 0, 826, 60))
    sent = _as("JPEG", upright.transpose(turns[orientation]), exif=_noted(orientation))
    kept = _kept(sent)
    red, _green, blue = kept.getpixel((200, 10))  # type: ignore[misc]
    assert (red > 180, blue < 80) == (True, True)
    assert dict(kept.getexif()) == {}
    assert not {"exif", "icc_profile", "comment"} & set(kept.info)


def test_what_is_transparent_becomes_white() -> None:
    picture = _figure().convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, SIZE[0], 60))
    assert _kept(_as("PNG", picture)).getpixel((5, 5)) == pytest.approx((255, 255, 255), abs=4)


def _dim(share: float) -> Image.Image:
    return ImageEnhance.Brightness(_figure()).enhance(share)


def _noise(size: tuple[int, int]) -> bytes:
    return os.urandom(size[0] * size[1] * 3)


REFUSED: list[tuple[str, Callable[[], bytes], str, str]] = [
    ("two by two", lambda: _as("PNG", Image.new("RGB", (2, 2), "red")), "photo_small", "2 × 2像素"),
    ("a little small", lambda: _as("JPEG", _figure((290, 406))), "photo_small", "不小于413 × 579像素"),
    ("a narrow strip", lambda: _as("PNG", _figure((100, 4000))), "photo_small", "太小"),
    ("lying", lambda: _as("JPEG", _figure((1600, 1200))), "photo_shape", "竖幅"),
    ("of a camera", lambda: _as("JPEG", _figure((1200, 1600))), "photo_shape", "裁剪"),
    ("one colour", lambda: _as("PNG", Image.new("RGB", SIZE, "#808080")), "photo_blank", "只有一种颜色"),
    ("black", lambda: _as("PNG", Image.new("RGB", SIZE, "black")), "photo_blank", "只有一种颜色"),
    ("dark", lambda: _as("JPEG", _dim(0.15)), "photo_dark", "太暗"),
    ("bright", lambda: _as("JPEG", Image.eval(_figure(), lambda value: 240 + value // 20)), "photo_bright", "太亮"),
    ("pale", lambda: _as("JPEG", Image.eval(_figure(), lambda value: 110 + value // 20)), "photo_flat", "明暗"),
    ("a PDF", pdf, "photo_type", "JPG或PNG"),
    ("a telephone's HEIC", lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(2000), "photo_type", "兼容性最佳"),
    ("empty", lambda: b"", "empty", "文件是空的"),
    ("too large", lambda: b"\xff" * (MOST_BYTES + 1), "too_large", "30MB"),
    ("a bomb", lambda: png(30_000, 30_000), "pixels", "尺寸过大"),
    ("a larger bomb", lambda: jpeg_claiming(60_000, 60_000), "pixels", "尺寸过大"),
    ("cut short", lambda: _as("JPEG", _figure())[:2000], "damaged_content", "已损坏"),
]


@pytest.mark.parametrize(
    ("content", "fault", "told"), [line[1:] for line in REFUSED], ids=[line[0] for line in REFUSED]
)
def test_a_photo_that_cannot_serve_is_told_why(content: Callable[[], bytes], fault: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        prepare_photo(io.BytesIO(content()), LIMITS)
    assert refused.value.code == f"document_{fault}"
    assert told in refused.value.detail


@pytest.mark.parametrize(
    ("size", "cut"),
    [((413, 579), False), ((295, 413), False), ((358, 502), False), ((390, 567), True), ((900, 1200), True)],
)
def test_only_a_crop_that_somebody_may_want_to_see_is_told(size: tuple[int, int], cut: bool) -> None:
    cropped = crop(io.BytesIO(_as("PNG", _figure(size))), LIMITS)
    assert (cropped.cut, cropped.photo.size) == (cut, SIZE)


def test_the_middle_of_a_large_photo_is_proposed() -> None:
    picture = Image.new("RGB", (4000, 3000), "#d9001b")
    picture.paste(_figure((2140, 3000)), (930, 0))
    cropped = crop(io.BytesIO(_as("JPEG", picture)), LIMITS)
    assert cropped.photo.getpixel((2, 2)) == pytest.approx((255, 255, 255), abs=6)


def test_a_photo_is_taken_over_the_limit_of_other_papers() -> None:
    content = Image.frombytes("RGB", (1652, 2316), _noise((1652, 2316)))
    content.paste(_figure((1652, 2316)).crop((0, 0, 1652, 1600)))
    sent = _as("PNG", content)
    assert len(sent) < MOST_BYTES
    small = DocumentsTable(max_bytes=1024)
    with prepare_photo(io.BytesIO(sent), small).content as kept:
        assert len(kept.read()) < 500_000


def test_a_photo_has_the_name_of_what_it_is_now(desk: Desk) -> None:
    sent = desk.send(scan("photo"), material="photo", file_name="测试甲.照片.PNG").json()
    assert (sent["file_name"], sent["media_type"]) == ("测试甲.照片.jpg", "image/jpeg")
    bad = desk.send(_as("PNG", Image.new("RGB", (2, 2))), material="photo", file_name="照片.png")
    assert (bad.status_code, bad.json()["error"]) == (422, "document_photo_small")


def test_a_claim_of_another_size_is_no_way_around(desk: Desk) -> None:
    claiming = bytearray(_as("PNG", Image.new("RGB", (2, 2), "red")))
    claiming[16:24] = struct.pack("!II", *SIZE)
    assert (
        desk.send(bytes(claiming), material="photo", file_name="照片.png").json()["error"] == "document_damaged_content"
    )
