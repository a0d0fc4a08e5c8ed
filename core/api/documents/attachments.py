"""Attachments of other records (delegations, rosters, objections), as JSON: adding, listing, downloading."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import Provide
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from core.api.received import TheReceived, provide_received_attachment, provide_replay_of_upload
from core.documents import attachments
from core.documents.attachment_queries import files_of, standing_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import Offered
from core.documents.content import JPEG, PDF, PNG
from core.plugin_api import ScanVerdict
from core.web.dependencies import AnySession, ThePlatform
from core.web.guards import APPLICANTS, AUDITORS, OFFICE_STAFF, UNITS
from core.web.page.downloads import saved, shown
from core.web.routes import declared_in, read, read_file, take_file
from core.web.schemas import Output

READERS = APPLICANTS | UNITS | OFFICE_STAFF | AUDITORS
FILE_TYPES = (PDF, JPEG, PNG)

Of = Annotated[Subject, QueryParameter(description="材料属于哪类事项。")]
OfId = Annotated[UUID, QueryParameter(description="该事项的编号。")]
KindAsked = Annotated[str, QueryParameter(max_length=40, description="材料类别，例如instrument、stamped、evidence。")]


class AttachmentOut(Output):
    """What is known about a file; a superseded one stays, with the reason in the one that took its place."""

    id: UUID
    subject_type: Subject
    subject_id: UUID
    kind: str
    title: str
    file_name: str
    media_type: str
    size: int
    received_sha256: str
    sha256: str
    uploaded_at: datetime
    supersedes: UUID | None
    reason: str
    scan_verdict: ScanVerdict
    erased_at: datetime | None
    superseded: bool


@take_file("/attachments", roles=READERS - AUDITORS, province=True)
def add_attachment(
    session: AnySession,
    platform: ThePlatform,
    *,
    subject: Of,
    subject_id: OfId,
    kind: KindAsked,
    received: TheReceived,
    file_name: Annotated[str, QueryParameter(min_length=1, max_length=200, description="原文件名，供人辨认。")],
    title: Annotated[str, QueryParameter(max_length=100, description="材料名称；不填的，用类别的名称。")] = "",
    supersedes: FromQuery[UUID | None] = None,
    reason: Annotated[str, QueryParameter(max_length=500, description="更正有误文件的原因。")] = "",
) -> AttachmentOut:
    """Add a file: the request's body is the file. With ``supersedes`` it takes the place of a wrong one."""
    offered = Offered(kind, file_name, received.content, title=title, supersedes=supersedes, reason=reason)
    made = attachments.attach(session, subject, subject_id, offered, keeping=platform.keeping)
    return AttachmentOut.of(made, superseded=False)


@read("/attachments", roles=READERS, province=True)
def list_attachments(session: AnySession, *, subject: Of, subject_id: OfId) -> list[AttachmentOut]:
    """The files of a thing, as they were added."""
    standing_of(session, subject, subject_id)
    listed = files_of(session, subject, [subject_id])[subject_id]
    return [AttachmentOut.of(line.file, superseded=line.superseded) for line in listed]


@read_file("/attachments/{attachment_id:uuid}", roles=READERS - AUDITORS, types=FILE_TYPES, province=True)
def download_attachment(session: AnySession, platform: ThePlatform, attachment_id: FromPath[UUID]) -> Stream:
    """The file itself, to be saved. That it was read is recorded."""
    return saved(attachments.open_file(session, attachment_id, platform.keeping))


@read_file("/attachments/{attachment_id:uuid}/preview", roles=READERS - AUDITORS, types=FILE_TYPES, province=True)
def preview_attachment(session: AnySession, platform: ThePlatform, attachment_id: FromPath[UUID]) -> Stream:
    """The file to be looked at in the browser, where it can run nothing. That it was read is recorded."""
    return shown(attachments.open_file(session, attachment_id, platform.keeping))


router = Router(
    "/",
    route_handlers=declared_in(__name__),
    dependencies={"received": Provide(provide_received_attachment), "replay": Provide(provide_replay_of_upload)},
    tags=["其他材料"],
)
