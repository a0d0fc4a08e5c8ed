"""Made-up scans: tiny pictures that say what they stand for, so that nobody takes them for papers."""

import io
from functools import cache

from PIL import Image, ImageDraw


@cache
def scan(material: str) -> bytes:
    """A PNG with the material's code and the word SIMULATED."""
    picture = Image.new("RGB", (160, 60), "white")
    ImageDraw.Draw(picture).text((8, 8), f"SIMULATED\n{material}", fill="black")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()
