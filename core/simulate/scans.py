"""Made-up scans and photos: pictures that say what they stand for, so that nobody takes them for papers or people."""

import io
from functools import cache

from PIL import Image, ImageDraw

from core.documents.photo import PHOTO, SIZE


@cache
def scan(material: str) -> bytes:
    """A PNG with the material's code and the word SIMULATED; for a photo, a drawn figure of a photo's size."""
    picture = _figure() if material == PHOTO else Image.new("RGB", (160, 60), "white")
    ImageDraw.Draw(picture).text((8, 8), f"SIMULATED\n{material}", fill="black")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def _figure() -> Image.Image:
    """A head and shoulders of plain shapes on a blue ground."""
    picture = Image.new("RGB", SIZE, "#7fa8d6")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((40, 400, 373, 900), fill="#3b4a5c")
    draw.ellipse((116, 110, 297, 380), fill="#d9b08c")
    return picture
