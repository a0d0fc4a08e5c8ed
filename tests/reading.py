"""The content of a printed form as a reader of the PDF finds it: its text, and the codes on it."""

import pypdfium2
import zxingcpp

_DOTS = 200 / 72
"""Pages are looked at with 200 dots to the inch, as an office's scanner would."""


def pages_of(content: bytes) -> list[str]:
    """The text of each page, without blanks and breaks of lines: where those are is the layout's choice."""
    document = pypdfium2.PdfDocument(content)
    try:
        return ["".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def codes_of(content: bytes) -> list[list[str]]:
    """The codes on each page, read from its picture."""
    document = pypdfium2.PdfDocument(content)
    try:
        pictures = [page.render(scale=_DOTS).to_pil() for page in document]
    finally:
        document.close()
    return [[barcode.text for barcode in zxingcpp.read_barcodes(picture)] for picture in pictures]
