"""Uploading the photo: cropped in the browser, or by the server, which shows its crop and asks first."""

import base64
import binascii
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody

from core.applications import queries
from core.applications.models import Application
from core.db.session import PersonSession, UnitSession
from core.documents.content import JPEG
from core.documents.photo import PHOTO, Cropped, crop
from core.documents.queries import check_awaited
from core.domain.workflow import State
from core.errors import Invalid
from core.pages.applications.form import keep_paper, show_papers
from core.platform import Platform
from core.web.dependencies import OfPerson, OfUnit, ThePlatform
from core.web.guards import APPLICANTS, UNITS
from core.web.page.rendering import AnyRequest, attempt, render, see
from core.web.page.uploads import chosen_file
from core.web.routes import form_with_file


@form_with_file("/my/applications/{application_id:uuid}/photo", roles=APPLICANTS)
def upload_photo(
    request: AnyRequest,
    session: OfPerson,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Keep the photo, or show what would be kept of it."""
    application, address = _open(session, application_id), f"/my/applications/{application_id}"
    return _upload(request, session, platform, application=application, address=address, data=data)


@form_with_file("/unit/people/{application_id:uuid}/photo", roles=UNITS)
def upload_photo_of_a_person(
    request: AnyRequest,
    session: OfUnit,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """The same on behalf of a person, for a draft or a returned application."""
    application, address = _open(session, application_id), f"/unit/people/{application_id}"
    return _upload(request, session, platform, application=application, address=address, data=data)


def _open(session: PersonSession | UnitSession, application_id: UUID) -> Application:
    """The application, where its photo may be changed: by its applicant and by their unit alike."""
    application = queries.application(session, application_id)
    if application.state not in {State.DRAFT, State.RETURNED}:
        raise Invalid("not_editable", "申报已经提交，不能更换照片。如需更换，本人可先撤回，或由审核人员退回修改。")
    return application


def _upload(
    request: AnyRequest,
    session: PersonSession | UnitSession,
    platform: Platform,
    *,
    application: Application,
    address: str,
    data: Mapping[str, Any],
) -> Response[Any]:
    limits = platform.offices.config(application.local_office_id).documents
    with attempt(request, session) as tried, _sent(data) as file:
        check_awaited(session, application.id, PHOTO)
        cropped = crop(file.file, limits)
        if cropped.cut:
            return _ask(request, session, application, address=address, cropped=cropped, name=file.filename)
        keep_paper(session, platform, application, material=PHOTO, file=file)
        return see(f"{address}/papers#paper-{PHOTO}")
    return show_papers(request, session, platform, application, tried=tried, material=PHOTO)


def _sent(data: Mapping[str, Any]) -> AbstractContextManager[UploadFile]:
    """The chosen file, or the crop that the page of the question sent back."""
    shown = data.get("cropped")
    if not isinstance(shown, str):
        return chosen_file(data)
    try:
        content = base64.b64decode(shown, validate=True)
    except binascii.Error:
        raise Invalid("document_photo_lost", "裁剪后的照片没有传完整。请重新选择照片。", at="file") from None
    return chosen_file({"file": UploadFile(JPEG, str(data.get("name") or "照片.jpg"), content)})


def _ask(
    request: AnyRequest,
    session: PersonSession | UnitSession,
    application: Application,
    *,
    address: str,
    cropped: Cropped,
    name: str,
) -> Response[str]:
    """The page that shows the crop. Nothing is stored before the answer: the crop travels in the page."""
    with cropped.save() as file:
        shown = base64.b64encode(file.read()).decode()
    return render(
        request,
        session,
        "applications/photo.html",
        of_year=application.year,
        address=address,
        own=isinstance(session, PersonSession),
        shown=shown,
        name=name[:200],
    )
