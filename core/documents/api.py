"""Papers over JSON and as files: uploading to an application, listing, downloading."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from litestar import Response, Router
from litestar.params import FromPath, QueryParameter, RawBody

from core.documents import queries, service
from core.web.dependencies import AnySession, OfPersonOrUnit, ThePlatform
from core.web.guards import APPLICANTS, AUDITORS, OFFICE_STAFF, UNITS
from core.web.routes import read, take_file
from core.web.schemas import Output

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


@take_file("/applications/{application_id:uuid}/documents", roles=APPLICANTS | UNITS)
def upload_document(
    session: OfPersonOrUnit,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    body: RawBody,
    material: Annotated[str, QueryParameter(pattern=r"^[a-z][a-z0-9_.]{0,63}$", description="材料代码，见材料清单。")],
    file_name: Annotated[str, QueryParameter(min_length=1, max_length=200, description="原文件名，供人辨认。")],
) -> DocumentOut:
    """Upload a paper, in place of the one before: the request's body is the file. Its content says what kind it is."""
    document = service.upload(
        session,
        application_id,
        material=material,
        file_name=file_name,
        content=body,
        store=platform.documents,
        keys=platform.keys,
        limits=platform.offices.config(service.office_of(session, application_id)).documents,
    )
    return DocumentOut.model_validate(document)


@read("/applications/{application_id:uuid}/documents", roles=READERS)
def list_documents(session: AnySession, application_id: FromPath[UUID]) -> list[DocumentOut]:
    """The papers of an application that no later one has replaced."""
    service.office_of(session, application_id)
    return [DocumentOut.model_validate(one) for one in queries.current_documents(session, application_id)]


@read("/documents/{document_id:uuid}", roles=READERS - AUDITORS)
def download_document(session: AnySession, platform: ThePlatform, document_id: FromPath[UUID]) -> Response[bytes]:
    """The file itself. That it was read is recorded."""
    file = service.download(session, document_id, store=platform.documents, keys=platform.keys)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.file_name)}",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)


router = Router("/", route_handlers=[upload_document, list_documents, download_document], tags=["材料"])
