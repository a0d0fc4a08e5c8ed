"""The record of a patrol on paper (巡视记录表): who went where and when, what was found, and what became of it."""

from collections.abc import Sequence
from uuid import UUID

from core.db.session import ROLE_LABELS, ScopedSession
from core.printing.pdf import PrintedPaper, pdf
from core.responsibility.models import PatrolFinding, PatrolReply
from core.responsibility.patrols.kinds import FindingKind, FindingState, PatrolState, ReplyKind, Severity, VisitState
from core.responsibility.patrols.queries import PatrolTold, VisitTold, replies_of, tell
from core.tenancy.models import Office
from core.text.dates import day, minute


def record_pdf(session: ScopedSession, patrol_id: UUID) -> PrintedPaper:
    """The record of a patrol that the session sees, with room for the signatures and the seal."""
    told, title = tell(session, patrol_id), "巡视记录表"
    patrol = told.patrol
    office = session.get_one(Office, patrol.office_id)
    replies = replies_of(session, [finding.id for finding in told.findings])
    data = {
        "title": title,
        "heading": [f"{patrol.year}年度机关事业单位工勤技能岗位等级考核", title],
        "footer": f"{title}　{office.short_name}　{patrol.year}年第{patrol.number}次",
        "digest": "",
        "code": "",
        "office": office.name,
        "facts": _facts(told),
        "visits": [_visit(visit) for visit in told.visits],
        "findings": [
            [visit.place_name, _found(finding), finding.ordered or "—", _became(finding, replies[finding.id])]
            for visit in told.visits
            for finding in visit.findings
        ],
        "summary": patrol.summary or "—",
        "made_by": f"{ROLE_LABELS[session.actor.role]} {session.actor.name}",
        "made_at": minute(session.now),
    }
    return PrintedPaper(pdf("patrol", data), f"{title}-{office.short_name}-{patrol.year}-{patrol.number}.pdf")


def _facts(told: PatrolTold) -> list[tuple[str, str]]:
    patrol = told.patrol
    return [
        ("编号", f"{patrol.year}年第{patrol.number}次"),
        ("现状", PatrolState(patrol.state).label),
        ("巡视人员", "、".join(member.name for member in told.members) or "—"),
        ("安排", f"{patrol.planned_by_name}，{minute(patrol.planned_at)}"),
        ("重点和要求", patrol.purpose),
    ]


def _visit(told: VisitTold) -> list[str]:
    visit = told.visit
    arrived = "—" if visit.arrived_at is None else f"{minute(visit.arrived_at)}\n{visit.arrived_by_name}"
    return [
        f"{told.office_name}\n{told.place_name}",
        day(visit.day),
        arrived,
        f"{VisitState(visit.state).label}。{visit.remarks}",
        str(len(told.findings)),
    ]


def _found(finding: PatrolFinding) -> str:
    return f"{FindingKind(finding.kind).label}（{Severity(finding.severity).label}）：{finding.facts}"


def _became(finding: PatrolFinding, replies: Sequence[PatrolReply]) -> str:
    lines = [f"{minute(reply.at)} {ReplyKind(reply.kind).label}：{reply.text}" for reply in replies]
    return "\n".join([*lines, FindingState(finding.state).label])
