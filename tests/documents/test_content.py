"""What is kept of a good file: pixels and nothing else of an image, a PDF as it came."""

import gc
import io
import warnings

import pytest
from PIL import Image

from core.documents.content import JPEG, PDF, PNG, Prepared, in_full, prepare
from core.documents.receiving import Download
from core.errors import Invalid
from core.tenancy.config.office import DocumentsTable
from tests.documents.files import pdf, photo, picture, png, png_chunk

LIMITS = DocumentsTable()


def _prepared(content: bytes, limits: DocumentsTable = LIMITS) -> tuple[Prepared, bytes]:
    prepared = prepare(io.BytesIO(content), limits)
    with prepared.content as file:
        kept = file.read()
    assert len(kept) == prepared.size
    return prepared, kept


def _image(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def test_a_pdf_is_kept_byte_for_byte() -> None:
    prepared, kept = _prepared(pdf(3))
    assert (prepared.media_type, kept) == (PDF, pdf(3))


@pytest.mark.parametrize("trailing", [b"", b"\r\n", b"\n\n  \n", b"\0" * 100])
def test_a_pdf_may_end_with_blanks(trailing: bytes) -> None:
    assert _prepared(pdf() + trailing)[1] == pdf() + trailing


@pytest.mark.parametrize(("orientation", "size"), [(1, (40, 30)), (3, (40, 30)), (6, (30, 40)), (8, (30, 40))])
def test_a_photo_is_turned_upright_and_loses_its_notes(orientation: int, size: tuple[int, int]) -> None:
    prepared, kept = _prepared(photo(orientation=orientation))
    image = _image(kept)
    assert (prepared.media_type, image.format, image.size) == (JPEG, "JPEG", size)
    assert dict(image.getexif()) == {}
    assert "测试甲0001".encode() not in kept


def test_the_red_half_is_where_the_photographer_saw_it() -> None:
    upright = _image(_prepared(photo(orientation=6))[1]).convert("RGB")
    top, bottom = upright.getpixel((15, 3)), upright.getpixel((15, 36))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)  # noqa: PT018
    assert (top[1] < 80, bottom[1] > 200) == (True, True)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_colour_space_of_a_jpeg_becomes_a_common_one(mode: str) -> None:
    image = _image(_prepared(picture("JPEG", mode=mode))[1])
    assert image.mode == ("L" if mode == "L" else "RGB")


@pytest.mark.parametrize(
    ("mode", "kept"), [("1", "L"), ("L", "L"), ("P", "RGB"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("LA", "RGBA")]
)
def test_every_colour_space_of_a_png_becomes_a_common_one(mode: str, kept: str) -> None:
    assert _image(_prepared(picture("PNG", mode=mode))[1]).mode == kept


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off() -> None:
    deep = Image.new("I;16", (8, 8), 0x8000)
    content = io.BytesIO()
    deep.save(content, "PNG")
    image = _image(_prepared(content.getvalue())[1])
    assert (image.mode, image.getpixel((4, 4))) == ("L", 128)


@pytest.mark.parametrize(
    "content",
    [
        picture("JPEG") + b"PK\x03\x04 an archive",
        picture("PNG") + b"<script>alert(1)</script>",
        picture("JPEG", comment=b"<script>alert(1)</script>"),
        png(4, 1, rows=b"\0" + b"\xff\0\0" * 4, extra=png_chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")),
        picture("PNG", icc_profile=b"<script>alert(1)</script>"),
    ],
    ids=["an appended archive", "an appended page", "a JPEG's remark", "a PNG's remark", "a colour profile"],
)
def test_what_an_image_carried_besides_its_pixels_is_gone(content: bytes) -> None:
    prepared, kept = _prepared(content)
    assert prepared.media_type in {JPEG, PNG}
    assert b"script" not in kept
    assert b"archive" not in kept


def test_redrawing_changes_neither_quality_nor_size_by_much() -> None:
    noise = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(noise, "JPEG", quality=60)
    kept = _prepared(noise.getvalue())[1]
    assert _image(kept).quantization == _image(noise.getvalue()).quantization  # type: ignore[attr-defined]
    assert len(kept) < 1.1 * len(noise.getvalue())


def test_an_office_may_allow_fewer_pixels() -> None:
    assert _prepared(picture(size=(100, 100)), DocumentsTable(max_pixels=10_000))
    with pytest.raises(Invalid) as refusal:
        _prepared(picture(size=(101, 100)), DocumentsTable(max_pixels=10_000))
    assert (refusal.value.code, refusal.value.detail) == (
        "document_pixels",
        "图片尺寸过大（超过1万像素）。请降低扫描或拍照的分辨率后重新上传。",
    )


def test_a_file_that_nobody_fetches_is_closed_when_it_is_let_go() -> None:
    kept = in_full([b"%PDF", b"-1.7"])
    behind = kept._file  # type: ignore[attr-defined]
    going_out = Download("测试.pdf", "application/pdf", 8, kept).chunks()
    # The browser has left: nobody has asked for the first piece.
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResourceWarning)
        del kept, going_out
        gc.collect()
    assert behind.closed
    assert [str(warning.message) for warning in said] == []
