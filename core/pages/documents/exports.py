"""One's own exports of large tables: how far each is, until when it is kept, its file, and giving it up."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response
from litestar.params import FromPath
from litestar.response import Stream

from core.documents.exports import UNDER_WAY, cancel_export, exports_of, open_export
from core.platform import Platform
from core.web.dependencies import AnySession, ThePlatform
from core.web.guards import AUDITORS, OFFICE_STAFF, PLANNING, STAFFERS, UNITS
from core.web.page.excel import MEDIA_TYPE, file_name
from core.web.page.rendering import AnyRequest, Attempt, attempt, render, see
from core.web.routes import form, look, page

EXPORTERS = OFFICE_STAFF | PLANNING | STAFFERS | UNITS | AUDITORS
"""Everybody who is offered a table to export."""
_WORDS = {
    "waiting": ("等待生成", "waits"),
    "working": ("正在生成", "waits"),
    "failed": ("生成中断，稍后自动重试", "waits"),
    "ready": ("已生成", "done"),
    "stopped": ("已停止", "stopped"),
}


@page("/exports", roles=EXPORTERS)
def exports_page(request: AnyRequest, session: AnySession, platform: ThePlatform) -> Response[str]:
    """The exports of the account in its present role, the newest first."""
    return _show(request, session, platform)


@form("/exports/{export_id:uuid}/cancel", roles=EXPORTERS)
def cancel(
    request: AnyRequest, session: AnySession, platform: ThePlatform, *, export_id: FromPath[UUID]
) -> Response[Any]:
    """Give a table up that is not made yet."""
    with attempt(request, session) as tried:
        cancel_export(session, export_id)
        return see("/exports")
    return _show(request, session, platform, tried=tried)


@look("/exports/{export_id:uuid}/file", roles=EXPORTERS)
def export_file(session: AnySession, platform: ThePlatform, export_id: FromPath[UUID]) -> Stream:
    """The file of a table that is made, to be saved; as often as wanted while it is kept."""
    export, chunks = open_export(session, export_id, store=platform.documents, keys=platform.keys)
    name = file_name(export.title, export.finished_at or export.asked_at)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(export.size),
        "Cache-Control": "no-store",
    }
    return Stream(chunks, media_type=MEDIA_TYPE, headers=headers)


def _show(
    request: AnyRequest, session: AnySession, platform: Platform, *, tried: Attempt | None = None
) -> Response[str]:
    found = exports_of(session)
    days = platform.offices.config(platform.offices.catalogue.province.code).retention.exports
    return render(
        request,
        session,
        "documents/exports.html",
        tried=tried,
        exports=[(export, *_WORDS[export.state], export.asked_at + timedelta(days=days)) for export in found],
        under_way=UNDER_WAY,
        working=any(export.state in UNDER_WAY for export in found),
        days=days,
    )
