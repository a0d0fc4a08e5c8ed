"""Papers over JSON and as files: uploading to an application, listing, downloading."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import Provide
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from core.api.received import TheReceived, provide_received, provide_replay_of_upload
from core.db.session import ScopedSession
from core.documents import queries, service
from core.documents.content import JPEG, PDF, PNG
from core.documents.receiving import Download
from core.platform import Platform
from core.plugin_api import ScanVerdict
from core.web.dependencies import AnySession, OfPersonOrUnit, ThePlatform
from core.web.guards import APPLICANTS, AUDITORS, OFFICE_STAFF, UNITS
from core.web.page.downloads import saved, shown
from core.web.routes import declared_in, read, read_file, take_file
from core.web.schemas import Output

PAPER_TYPES = (PDF, JPEG, PNG)
READERS = APPLICANTS | UNITS | OFFICE_STAFF | AUDITORS


class DocumentOut(Output):
    """What is known about a file."""

    id: UUID
    application_id: UUID
    material: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    uploaded_at: datetime
    scan_verdict: ScanVerdict


@take_file("/applications/{application_id:uuid}/documents", roles=APPLICANTS | UNITS)
def upload_document(
    session: OfPersonOrUnit,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    received: TheReceived,
    material: Annotated[
        str, QueryParameter(pattern=rf"^{service.MATERIAL}$(?!\n)", description="材料代码，见材料清单。")
    ],
    file_name: Annotated[str, QueryParameter(min_length=1, max_length=200, description="原文件名，供人辨认。")],
) -> DocumentOut:
    """Upload a paper, in place of the one before: the request's body is the file. Its content says what kind it is."""
    local = queries.offices_of(session, application_id).local
    document = service.upload(
        session,
        application_id,
        material=material,
        file_name=file_name,
        content=received.content,
        store=platform.documents,
        keys=platform.keys,
        limits=platform.offices.config(local).documents,
        scan=platform.offices.hooks(local).document_received,
    )
    return DocumentOut.model_validate(document)


@read("/applications/{application_id:uuid}/documents", roles=READERS)
def list_documents(session: AnySession, application_id: FromPath[UUID]) -> list[DocumentOut]:
    """The papers of an application that no later one has replaced."""
    queries.offices_of(session, application_id)
    return [DocumentOut.model_validate(document) for document in queries.current_documents(session, application_id)]


@read_file("/documents/{document_id:uuid}", roles=READERS - AUDITORS, types=PAPER_TYPES)
def download_document(session: AnySession, platform: ThePlatform, document_id: FromPath[UUID]) -> Stream:
    """The file itself, to be saved. That it was read is recorded."""
    return saved(_file(session, platform, document_id))


@read_file("/documents/{document_id:uuid}/preview", roles=READERS - AUDITORS, types=PAPER_TYPES)
def preview_document(session: AnySession, platform: ThePlatform, document_id: FromPath[UUID]) -> Stream:
    """The file to be looked at in the browser, where it can run nothing. That it was read is recorded."""
    return shown(_file(session, platform, document_id))


def _file(session: ScopedSession, platform: Platform, document_id: UUID) -> Download:
    local = queries.offices_of(session, queries.visible_document(session, document_id).application_id).local
    limits = platform.offices.config(local).documents
    return service.download(session, document_id, store=platform.documents, keys=platform.keys, limits=limits)


router = Router(
    "/",
    route_handlers=declared_in(__name__),
    dependencies={"received": Provide(provide_received), "replay": Provide(provide_replay_of_upload)},
    tags=["材料"],
)
