"""A paper of several pages: the next picture stands below those that are there, in one file."""

import io
from typing import Any

import pytest
from PIL import Image

from core.documents.content import JPEG, PNG
from core.documents.pages import below
from core.errors import Invalid
from core.tenancy.config.office import DocumentsTable


def picture(size: tuple[int, int], colour: str, kind: str = "JPEG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    file.seek(0)
    return file


def joined(upper: tuple[int, int], lower: tuple[int, int], **limits: Any) -> Image.Image:
    pages = (picture(upper, "red"), JPEG), (picture(lower, "blue", "PNG"), PNG)
    with below(*pages, DocumentsTable(**limits)) as file:
        image = Image.open(io.BytesIO(file.read()))
        image.load()
        return image


def test_the_next_page_stands_below_those_that_are_there() -> None:
    image = joined((800, 600), (400, 300))
    assert image.format == "JPEG"
    assert image.size == (800, 600 + 300 + 24)
    colours = [image.getpixel((400, at)) for at in (100, 700)]
    assert [max(range(3), key=colour.__getitem__) for colour in colours] == [0, 2]  # type: ignore[union-attr]


def test_pages_of_a_telephone_become_legible_and_small() -> None:
    assert joined((3000, 4000), (4000, 3000)).width == 1800


def test_pages_that_one_file_cannot_hold_are_refused_with_what_to_do() -> None:
    with pytest.raises(Invalid) as refusal:
        joined((1000, 30000), (1000, 30000), max_pixels=40_000_000)
    assert refusal.value.code == "document_pages_too_many"
    assert "合成一个PDF" in refusal.value.detail
