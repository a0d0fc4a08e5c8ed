"""Looking at an uploaded paper in the browser."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.documents import service
from core.web.dependencies import AnySession, ThePlatform
from core.web.guards import APPLICANTS, AUDITORS, OFFICE_STAFF, UNITS
from core.web.routes import look


@look("/documents/{document_id:uuid}", roles=APPLICANTS | UNITS | OFFICE_STAFF | AUDITORS)
def document(session: AnySession, platform: ThePlatform, document_id: FromPath[UUID]) -> Response[Any]:
    """The file, to be shown and not to be run: whatever it holds, it is an image or a PDF in a sandbox."""
    found = service.download(session, document_id, store=platform.documents, keys=platform.keys)
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(found.file_name)}",
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(found.content, media_type=found.media_type, headers=headers)


PAGES = [document]
