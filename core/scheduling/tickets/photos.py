"""The candidates' photos for printing: read from the document store, scaled down, and left out where missing."""

import io
import warnings
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Executor
from typing import Final
from uuid import UUID

import structlog
from PIL import Image, ImageOps
from sqlalchemy import select

from core.db.session import ScopedSession
from core.documents import vault
from core.documents.models import Document
from core.documents.photo import PHOTO
from core.documents.storage import DocumentStorage
from core.plugin_api.documents import ScanVerdict
from core.security.ciphers import Damaged
from core.security.keys import KeyProvider

_LEAST: Final = (200, 280)
_MOST: Final = (300, 420)
"""In points. On a ticket the photo is 34 mm wide: 150 to 225 points an inch."""
_QUALITY: Final = 80

log = structlog.get_logger(__name__)


def photo_papers(session: ScopedSession, application_ids: Collection[UUID]) -> list[Document]:
    """The current photo of each application that has one; infected ones are left out."""
    return list(
        session.scalars(
            select(Document).where(
                Document.application_id.in_(application_ids),
                Document.material == PHOTO,
                Document.superseded_at.is_(None),
                Document.erased_at.is_(None),
                Document.scan_verdict != ScanVerdict.INFECTED,
            )
        )
    )


def printable(
    papers: Iterable[Document], *, store: DocumentStorage, keys: KeyProvider, executor: Executor
) -> Mapping[UUID, bytes]:
    """Small JPEGs by application. Missing or damaged files and other formats are left out: the ticket says so."""

    def small(paper: Document) -> tuple[UUID, bytes | None]:
        try:
            return paper.application_id, shrink(b"".join(vault.read(paper, store=store, keys=keys)))
        except (FileNotFoundError, Damaged) as error:
            log.warning("photo_not_printed", document=str(paper.id), exc_info=error)
            return paper.application_id, None

    return {who: photo for who, photo in executor.map(small, papers) if photo is not None}


def shrink(content: bytes) -> bytes | None:
    """A picture as a JPEG of at most 300 by 420 points; None for other content or a picture of unreasonable size.

    A large JPEG is decoded at a half, a quarter or an eighth of its size, which its transform gives without cost.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
            picture.draft("RGB", _LEAST)
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail(_MOST)
            written = io.BytesIO()
            upright.save(written, "JPEG", quality=_QUALITY)
            return written.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
