"""What the pages of a case show to either side: its papers with their service, and its steps."""

from typing import Any
from uuid import UUID

from core.clock import SHANGHAI
from core.sanctions import case_queries as queries
from core.sanctions.paper_kinds import PaperKind, ServiceWay
from core.sanctions.pdf import FORMS_OF
from core.sanctions.procedure import CASE_ACTION_LABELS, CaseAction, CaseState
from core.sanctions.steps import CaseSession
from core.text import dates

TONES = {
    CaseState.PROPOSED: "waits",
    CaseState.HEARING: "waits",
    CaseState.DECIDED: "waits",
    CaseState.APPEALED: "waits",
    CaseState.FINAL: "stopped",
    CaseState.DROPPED: "done",
    CaseState.CLEARED: "done",
    CaseState.OVERTURNED: "done",
}


def papers_shown(session: CaseSession, case_id: UUID) -> list[dict[str, Any]]:
    """Each paper with its number, its forms as PDF, and how it stands with its service."""
    return [
        {
            "label": PaperKind(paper.paper).label,
            "number": paper.number,
            "forms": FORMS_OF[PaperKind(paper.paper)],
            "days": paper.days,
            "served": "" if paper.served_at is None else _served(ServiceWay(paper.way), paper.served_at),
        }
        for paper in queries.papers(session, case_id)
    ]


def _served(way: ServiceWay, at: Any) -> str:
    day = dates.day(at.astimezone(SHANGHAI))
    return f"{way.label}，{day}视为送达" if way is ServiceWay.PUBLIC_NOTICE else f"{way.label}，{day}送达"


def steps_shown(session: CaseSession, case_id: UUID) -> list[dict[str, Any]]:
    """The steps of a case as a page tells its course."""
    return [
        {"title": CASE_ACTION_LABELS[CaseAction(step.action)], "text": step.words, "at": step.at, "tone": "done"}
        for step in queries.steps(session, case_id)
    ]
