"""The register of declared relations (回避) by pages: one's own for everybody of an office, all for supervisors."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications import relations
from core.applications.form_steps import Fields
from core.applications.relations import RelationKind
from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.identity.queries import account_by_login, account_lines
from core.pages.table_export import Sheet, TableAsked, table_file
from core.text import dates
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

_COLUMNS = ("回避人", "关系", "回避的人员或单位", "说明", "登记人", "登记时间", "终止时间", "终止原因")


@page("/relations", roles=OFFICE_STAFF)
def relations_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """Whom one avoids; for supervisors whom everybody of the office avoids."""
    return _show(request, session)


@form("/relations", roles=OFFICE_STAFF)
def declare_relation(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Declare a relation, as a supervisor also that of a colleague."""
    with attempt(request, session) as tried:
        login = fields.text(data, "login").split(" ", 1)[0]
        relations.declare(
            session,
            fields.one_of(RelationKind, data, "kind"),
            account_id=account_by_login(session, login).id if login else None,
            reference=fields.text(data, "reference"),
            unit=fields.text(data, "unit"),
            note=fields.text(data, "note"),
        )
        return see("/relations")
    return _show(request, session, tried=tried, given=data)


@form("/relations/{relation_id:uuid}/end", roles=SUPERVISORS)
def end_relation(request: AnyRequest, session: OfOffice, relation_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """End a relation with a reason."""
    with attempt(request, session) as tried:
        relations.end(session, relation_id, reason=fields.text(data, "reason"))
        return see("/relations")
    return _show(request, session, tried=tried, given=data)


@table_file("/relations/export", roles=OFFICE_STAFF)
def export_relations(session: OfficeSession, _table: TableAsked) -> Sheet:
    """The relations that the reader may see, as an Excel file."""
    rows = [
        (
            found.account_name,
            RelationKind(found.kind).label,
            found.about,
            found.note,
            found.declared_by_name,
            dates.minute(found.declared_at),
            "" if found.ended_at is None else dates.minute(found.ended_at),
            found.ended_reason,
        )
        for found in relations.relations(session)
    ]
    return Sheet("回避关系登记表", _COLUMNS, rows)


def _show(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    supervises = Permission.SUPERVISE in session.actor.may_change
    colleagues = sorted({(line.login, f"{line.login} {line.name}") for line in account_lines(session) if line.role})
    return render(
        request,
        session,
        "applications/relations.html",
        tried=tried,
        relations=relations.relations(session),
        label=lambda kind: RelationKind(kind).label,
        kinds=[(kind.value, kind.label) for kind in RelationKind],
        colleagues=colleagues if supervises else [],
        supervises=supervises,
        own=session.actor.account_id,
        given=Fields(given or {}),
    )
