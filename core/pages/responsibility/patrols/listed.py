"""The patrols of an office and of those below it, what its members have to visit, and what was found at its places."""

from collections.abc import Mapping
from typing import Any

from litestar import Response

from core.applications.form_steps import Fields
from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, table_file
from core.responsibility.patrols import queries, service
from core.responsibility.patrols.kinds import TONES, FindingKind, FindingState, PatrolState, Severity, VisitState
from core.text import dates
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

LABELS: Mapping[str, Any] = {
    "patrol_state": lambda patrol: (PatrolState(patrol.state).label, TONES[patrol.state]),
    "visit_state": lambda visit: (VisitState(visit.state).label, TONES[visit.state]),
    "finding_state": lambda finding: (FindingState(finding.state).label, TONES[finding.state]),
    "kind_of": lambda finding: f"{FindingKind(finding.kind).label}（{Severity(finding.severity).label}）",
    "overdue": queries.is_overdue,
}
"""What the pages of patrols call a state, a kind, and an answer that is overdue."""


@page("/patrols", roles=OFFICE_STAFF)
def patrols_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """Everything about patrols that concerns the reader: to make, to answer, planned, made."""
    return _list(request, session)


@form("/patrols", roles=SUPERVISORS, shown_on="/patrols")
def plan_patrol(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Plan a patrol with its first place."""
    with attempt(request, session) as tried:
        made = service.plan_patrol(
            session,
            season_asked(request, session).year,
            purpose=fields.text(data, "purpose"),
            members=fields.identifiers(data, "members"),
            place=fields.text(data, "place"),
            day=fields.day(data, "day"),
        )
        return see(f"/patrols/{made.id}")
    return _list(request, session, tried=tried, given=data)


@table_file("/patrols/export", roles=OFFICE_STAFF)
def export_patrols(session: OfficeSession, table: TableAsked) -> Sheet:
    """The patrols of a year by office, a line for each place, as an Excel file."""
    year = table.season(session).year
    told = sorted(queries.patrols_of(session, year), key=lambda told: (told.patrol.office_id, told.patrol.number))
    rows = [
        (
            one.office_name,
            one.patrol.number,
            PatrolState(one.patrol.state).label,
            "、".join(member.name for member in one.members),
            visit.office_name,
            visit.place_name,
            dates.day(visit.visit.day),
            "" if visit.visit.arrived_at is None else dates.minute(visit.visit.arrived_at),
            VisitState(visit.visit.state).label,
            len(visit.findings),
            sum(finding.closed_at is None for finding in visit.findings),
            visit.visit.remarks,
        )
        for one in told
        for visit in one.visits
    ]
    columns = ("巡视机构", "次", "巡视状态", "巡视人员", "所属机构", "巡视点", "安排日期", "到达时间")
    return Sheet(f"{year}年度巡视情况", (*columns, "巡视点状态", "问题数", "未办结问题", "巡视情况"), rows)


def _list(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    told = queries.patrols_of(session, year)
    plans = Permission.SUPERVISE in session.actor.may_change
    mine = [
        visit
        for one in told
        if one.patrol.state == PatrolState.PLANNED and queries.is_member(session, one.members)
        for visit in one.visits
        if visit.visit.state in {VisitState.PLANNED, VisitState.ARRIVED}
    ]
    to_review = [
        (visit, finding)
        for one in told
        if plans and one.patrol.office_id == session.office_id
        for visit in one.visits
        for finding in visit.findings
        if finding.state == FindingState.ANSWERED
    ]
    return render(
        request,
        session,
        "responsibility/patrols/list.html",
        tried=tried,
        given=Fields(given or {}),
        ticked=fields.ticked(given, "members"),
        patrols=told,
        mine=mine,
        to_review=to_review,
        findings=queries.findings_to_answer(session, year),
        plans=plans,
        places=queries.places(session, year) if plans else [],
        colleagues=queries.colleagues(session) if plans else {},
        **LABELS,
    )
