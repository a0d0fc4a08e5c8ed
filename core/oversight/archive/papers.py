"""The papers of a season as they were printed: of panels, sanctions, emergencies, patrols, staff held to account."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from core.applications.models import Application
from core.db.session import SystemSession
from core.errors import NotFound
from core.printing.pdf import PrintedPaper
from core.responsibility.accountability.pdf import decision_pdf, hearing_pdf
from core.responsibility.models import AccountabilityCase, Patrol
from core.responsibility.patrols.pdf import record_pdf
from core.results.evaluation.papers import minutes_pdf, summary_pdf
from core.results.models.evaluation import EvaluationPanel
from core.sanctions.models import SanctionCase
from core.sanctions.pdf import FORMS_OF, paper_pdf
from core.scheduling.emergencies.pdf import report_pdf
from core.scheduling.models.emergencies import Emergency
from core.tenancy.offices import Offices

Draw = Callable[[SystemSession, UUID], PrintedPaper]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that can be drawn: the thing it is of, its name within the package, and its title."""

    name: str
    title: str
    of: UUID
    draw: Draw


def papers(session: SystemSession, year: int, offices: Offices) -> Iterator[Paper]:
    """Every paper of the office's season, each drawn when its turn comes."""
    yield from _of_panels(session, year, offices)
    yield from _of_sanctions(session, year)
    for number, emergency in enumerate(session.scalars(_of(Emergency, session, year).order_by(Emergency.id)).all(), 1):
        yield Paper(f"emergencies/{number:03d}.pdf", "突发事件报告", emergency.id, _emergency)
    for patrol in session.scalars(_of(Patrol, session, year).order_by(Patrol.number)).all():
        yield Paper(f"patrols/{patrol.number:03d}.pdf", f"第{patrol.number}次巡视记录表", patrol.id, record_pdf)
    told = _of(AccountabilityCase, session, year).where(AccountabilityCase.told_at.is_not(None))
    for case in session.scalars(told.order_by(AccountabilityCase.number)).all():
        name = f"accountability/{case.number:03d}"
        yield Paper(f"{name}-hearing.pdf", f"责任追究{case.number}号告知书", case.id, hearing_pdf)
        if case.decided_at is not None:
            yield Paper(f"{name}-decision.pdf", f"责任追究{case.number}号决定书", case.id, decision_pdf)


def _of_panels(session: SystemSession, year: int, offices: Offices) -> Iterator[Paper]:
    def summary(session: SystemSession, of: UUID) -> PrintedPaper:
        return summary_pdf(session, session.get_one(EvaluationPanel, of), offices=offices)

    def minutes(session: SystemSession, of: UUID) -> PrintedPaper:
        return minutes_pdf(session, session.get_one(EvaluationPanel, of))

    closed = _of(EvaluationPanel, session, year).where(EvaluationPanel.state == "closed")
    for number, panel in enumerate(session.scalars(closed.order_by(EvaluationPanel.name)).all(), 1):
        yield Paper(f"panels/{number:03d}-summary.pdf", f"{panel.name}评审汇总表", panel.id, summary)
        yield Paper(f"panels/{number:03d}-minutes.pdf", f"{panel.name}会议纪要", panel.id, minutes)


def _of_sanctions(session: SystemSession, year: int) -> Iterator[Paper]:
    cases = (
        select(SanctionCase.id, Application.reference)
        .join(Application, Application.id == SanctionCase.application_id)
        .where(SanctionCase.office_id == session.office_id, Application.year == year)
        .order_by(Application.reference, SanctionCase.id)
    )
    for number, (case_id, reference) in enumerate(session.execute(cases).all(), 1):
        for form, title in (form for forms in FORMS_OF.values() for form in forms):
            name = f"sanctions/{number:03d}-{form}.pdf"
            yield Paper(name, f"{reference}违规案件{title}", case_id, _sanction(form))


def drawn(session: SystemSession, paper: Paper) -> bytes | None:
    """The paper as PDF; None where it was never made."""
    try:
        return paper.draw(session, paper.of).content
    except NotFound as refused:
        if refused.code in _NEVER_MADE:
            return None
        raise


_NEVER_MADE: Final = frozenset({"no_such_paper"})


def _sanction(form: str) -> Draw:
    return lambda session, of: paper_pdf(session, session.get_one(SanctionCase, of), form)


def _emergency(session: SystemSession, of: UUID) -> PrintedPaper:
    return report_pdf(session, of, pictures=0)


def _of(model: Any, session: SystemSession, year: int) -> Select[Any]:
    return select(model).where(model.office_id == session.office_id, model.year == year)
