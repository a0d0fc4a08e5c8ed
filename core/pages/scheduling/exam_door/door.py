"""The door of a sitting: its page, the notes and lists of phones, and what a phone needs to open it offline.

``worker.js`` lies below ``/exams/day/``, so that it may answer for the doors alone. It keeps the page without anybody
in it (``shell``) and its styles and scripts; the list is kept by the page itself (``door-store.js``).
"""

import hashlib
import json
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter
from pydantic import ValidationError

from core.api.scheduling.door_notes import NoteOut, NotesIn
from core.db.session import OfficeSession
from core.errors import Invalid
from core.pages.scheduling.exam_door.lists import as_text, kept_by_phone
from core.platform import Platform
from core.scheduling.exam_day import door, door_lists
from core.scheduling.exam_day.door_device import door_list
from core.scheduling.sittings.service import own_sitting
from core.scheduling.void_tickets import void_tickets
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import ON_SITE
from core.web.page import form_fields as fields
from core.web.page.assets import STATIC, asset
from core.web.page.page_header import answer
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page

Site = Annotated[UUID | None, QueryParameter(description="考点；不填时为该场次的全部考点。")]

_SHELL: Final = "/exams/day/shell"
_KEPT: Final = (
    "tabler.css",
    "kaowu.css",
    "mark.svg",
    "door.js",
    "door-store.js",
    "door-codes.js",
    "door-view.js",
    "ed25519.js",
    "jsqr.js",
)
"""The files that an offline door is made of."""
_WORKER_POLICY: Final = "default-src 'none'; connect-src 'self'"
# Only the pages of a door may use the camera.
_CAMERA: Final = {"Permissions-Policy": "camera=(self)"}


@page("/exams/day/{sitting_id:uuid}", roles=ON_SITE)
def door_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, sitting_id: FromPath[UUID], site: Site = None
) -> Response[str]:
    """The door of a sitting on a phone: scan, number or list, also without a connection."""
    return _door(request, session, platform, sitting_id, site_id=site)


@look("/exams/day/{sitting_id:uuid}/list", roles=ON_SITE)
def fetch_list(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, sitting_id: FromPath[UUID], site: Site = None
) -> Response[dict[str, Any]]:
    """The list of a door as a phone keeps it: fetched again when the connection is back."""
    return Response(kept_by_phone(request, session, platform, door_list(session, sitting_id, site_id=site)))


@form("/exams/day/{sitting_id:uuid}/arrivals", roles=ON_SITE)
def take_notes(session: OfOffice, sitting_id: FromPath[UUID], data: Sent) -> Response[list[dict[str, Any]]]:
    """Take the notes of a phone at this door: ``notes`` as JSON, answered note by note."""
    try:
        sent = NotesIn.model_validate_json('{"notes":' + fields.text(data, "notes") + "}")
    except ValidationError:
        raise Invalid("notes_malformed", "登记内容无法识别，没有保存。请刷新页面后重新登记。") from None
    here = [note for note in sent.values() if note.sitting_id == sitting_id]
    answers = door.note_arrivals(session, here) if here else []
    return Response([NoteOut.model_validate(answer).model_dump(mode="json") for answer in answers])


@form("/exams/day/{sitting_id:uuid}/close", roles=ON_SITE)
def close_attendance(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, sitting_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Note the candidates who have not come as absent."""
    site_id = fields.identifier(data, "site") if fields.text(data, "site") else None
    with attempt(request, session) as tried:
        door_lists.close_attendance(session, sitting_id, site_id=site_id, reason=fields.text(data, "reason"))
        return see(f"/exams/day/{sitting_id}" + (f"?site={site_id}" if site_id else ""))
    return _door(request, session, platform, sitting_id, site_id=site_id, tried=tried)


@look(_SHELL, roles=ON_SITE)
def door_shell(request: AnyRequest) -> Response[str]:
    """The page of a door without anybody in it, for the worker to keep."""
    made = answer(request, "scheduling/exam_door/shell.html", 200, {})
    made.headers.update(_CAMERA)
    return made


@look("/exams/day/worker.js", roles=ON_SITE)
def door_worker(request: AnyRequest) -> Response[str]:
    """The service worker of the doors; its version changes with each file that it keeps."""
    files = [asset(name) for name in _KEPT]
    shell = answer(request, "scheduling/exam_door/shell.html", 200, {}).content
    version = hashlib.sha256("\n".join([*files, shell]).encode()).hexdigest()[:16]
    told = {"version": version, "shell": _SHELL, "files": files}
    script = f"const BUILD = {json.dumps(told)};\n{(STATIC / 'door-worker.js').read_text()}"
    headers = {"Content-Security-Policy": _WORKER_POLICY, "Cache-Control": "no-cache"}
    return Response(script, media_type="text/javascript; charset=utf-8", headers=headers)


def _door(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    sitting_id: UUID,
    *,
    site_id: UUID | None = None,
    tried: Attempt | None = None,
) -> Response[str]:
    sitting = own_sitting(session, sitting_id)
    listed = door_list(session, sitting_id, site_id=site_id)
    made = render(
        request,
        session,
        "scheduling/door.html",
        of_year=sitting.year,
        tried=tried,
        sitting=sitting,
        listed=listed,
        people=[entry.who for entry in listed.people],
        void=void_tickets(session, sitting_id),
        kept=as_text(kept_by_phone(request, session, platform, listed)),
    )
    made.headers.update(_CAMERA)
    return made
