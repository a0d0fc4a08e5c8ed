"""Looking at an uploaded paper in the browser."""

from uuid import UUID

from litestar.params import FromPath
from litestar.response import Stream

from core.documents import queries, service
from core.web.dependencies import AnySession, ThePlatform
from core.web.guards import APPLICANTS, OFFICE_STAFF, UNITS
from core.web.page.downloads import shown
from core.web.routes import look


@look("/documents/{document_id:uuid}", roles=APPLICANTS | UNITS | OFFICE_STAFF)
def document(session: AnySession, platform: ThePlatform, document_id: FromPath[UUID]) -> Stream:
    """The file, to be looked at where it can run nothing. That it was read is recorded."""
    local = queries.offices_of(session, queries.visible_document(session, document_id).application_id).local
    limits = platform.offices.config(local).documents
    return shown(service.download(session, document_id, store=platform.documents, keys=platform.keys, limits=limits))
