"""Reading panels of the comprehensive review: members, quotas, the scores of numbers, and who is short of members."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from core.applications.models import Application
from core.db.rows import own_row
from core.db.session import OfficeSession
from core.errors import Conflict, NotFound
from core.results.evaluation.scoring_rules import Criterion, total
from core.results.models.evaluation import (
    EvaluationPanel,
    EvaluationScore,
    EvaluationSheet,
    PanelCandidate,
    PanelDraw,
    PanelIdentity,
    PanelMember,
    PanelRanking,
    TradeQuota,
)
from core.results.models.marks import Outcome
from core.tenancy.offices import Offices


def panels(session: OfficeSession, year: int) -> Sequence[EvaluationPanel]:
    """The office's panels of a year, by name, and of one name the latest first."""
    ours = (EvaluationPanel.office_id == session.office_id) & (EvaluationPanel.year == year)
    order = EvaluationPanel.name, EvaluationPanel.id.desc()
    return session.scalars(select(EvaluationPanel).where(ours).order_by(*order)).all()


def panel(session: OfficeSession, panel_id: UUID, *, lock: bool = False) -> EvaluationPanel:
    """One of the office's panels, with ``lock`` until the transaction ends; NotFound for any other."""
    refusal = NotFound("panel_not_found", "没有找到这个评审组。请返回列表重新选择。")
    return own_row(session, EvaluationPanel, panel_id, refusal, locked=lock)


def panel_forming(session: OfficeSession, panel_id: UUID) -> EvaluationPanel:
    """A panel that has not begun, locked; Conflict for another."""
    found = panel(session, panel_id, lock=True)
    if found.state != "forming":
        raise Conflict("panel_begun", "评审已经开始，不能再调整评审组。评委不能继续的，请办理退出和替补。")
    return found


def panel_scoring(session: OfficeSession, panel_id: UUID) -> EvaluationPanel:
    """A panel that scores, locked; Conflict for another."""
    found = panel(session, panel_id, lock=True)
    if found.state != "scoring":
        raise Conflict("panel_not_scoring", "评审组不在评审中，不能办理此项。请刷新页面。")
    return found


def members(session: OfficeSession, panel_id: UUID, *, sitting: bool = False) -> Sequence[PanelMember]:
    """The members of a panel, the chair first and those who left last; ``sitting``: without the latter."""
    wanted = select(PanelMember).where(PanelMember.panel_id == panel_id)
    if sitting:
        wanted = wanted.where(PanelMember.left_at.is_(None))
    order = PanelMember.left_at.isnot(None), PanelMember.chairs.desc(), PanelMember.name
    return session.scalars(wanted.order_by(*order)).all()


def member(session: OfficeSession, panel_id: UUID, account_id: UUID) -> PanelMember:
    """A member who sits in the panel; NotFound for anybody else."""
    found = session.get(PanelMember, (panel_id, account_id))
    if found is None or found.left_at is not None:
        raise NotFound("member_not_found", "评审组中没有这位评委。请刷新页面。")
    return found


def quotas(session: OfficeSession, year: int) -> Sequence[TradeQuota]:
    """The quotas of a year, by trade."""
    ours = (TradeQuota.office_id == session.office_id) & (TradeQuota.year == year)
    return session.scalars(select(TradeQuota).where(ours).order_by(TradeQuota.trade)).all()


def ranked_trades(session: OfficeSession, year: int) -> frozenset[str]:
    """The trades of a year whose ranking is confirmed."""
    wanted = (
        select(func.unnest(EvaluationPanel.trades))
        .join(PanelRanking, PanelRanking.panel_id == EvaluationPanel.id)
        .where(EvaluationPanel.office_id == session.office_id, EvaluationPanel.year == year)
        .where(EvaluationPanel.state == "closed", PanelRanking.state == "confirmed")
    )
    return frozenset(session.scalars(wanted))


def seed_of(session: OfficeSession, panel_id: UUID) -> str | None:
    """The seed of a panel's draws; None while PostgreSQL keeps it secret."""
    return session.scalar(select(PanelDraw.seed).where(PanelDraw.panel_id == panel_id))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who got a number: the key by which it was drawn, and the number of the application."""

    number: int
    application_id: UUID
    reference: str


def identities(session: OfficeSession, panel_id: UUID) -> list[Identity]:
    """Who stands behind the numbers, in their order; nobody for members of an anonymous panel that scores."""
    wanted = (
        select(PanelCandidate.number, PanelIdentity.application_id, Application.reference)
        .join(PanelIdentity, PanelIdentity.candidate_id == PanelCandidate.id)
        .join(Application, Application.id == PanelIdentity.application_id)
        .where(PanelCandidate.panel_id == panel_id)
        .order_by(PanelCandidate.number)
    )
    return [Identity(*row) for row in session.execute(wanted)]


def criteria_of(panel: EvaluationPanel) -> tuple[Criterion, ...]:
    """The lines of the panel's sheet."""
    return tuple(
        Criterion(criterion["code"], criterion["name"], criterion["weight"], criterion["maximum"])
        for criterion in panel.criteria
    )


def totals_by_candidate(session: OfficeSession, panel: EvaluationPanel) -> dict[UUID, list[Decimal]]:
    """For every candidate, the totals of the sheets that were handed in and that the reader may see."""
    wanted = (
        select(EvaluationSheet.candidate_id, EvaluationScore.sheet_id, EvaluationScore.criterion, EvaluationScore.score)
        .join(EvaluationScore, EvaluationScore.sheet_id == EvaluationSheet.id)
        .where(EvaluationSheet.panel_id == panel.id, EvaluationSheet.state == "submitted")
    )
    sheets: defaultdict[tuple[UUID, UUID], dict[str, Decimal]] = defaultdict(dict)
    for row in session.execute(wanted):
        sheets[row.candidate_id, row.sheet_id][row.criterion] = row.score
    listed = select(PanelCandidate.id).where(PanelCandidate.panel_id == panel.id)
    found: dict[UUID, list[Decimal]] = {row: [] for row in session.scalars(listed)}
    criteria = criteria_of(panel)
    for (candidate_id, _sheet), scores in sheets.items():
        found[candidate_id].append(total(scores, criteria))
    return found


def published_behind(session: OfficeSession, panel_id: UUID) -> bool:
    """Whether results that rest on the scores of a panel are published."""
    resting = (
        select(Outcome.application_id)
        .join(PanelIdentity, PanelIdentity.application_id == Outcome.application_id)
        .where(PanelIdentity.panel_id == panel_id, Outcome.published_at.is_not(None))
    )
    return session.scalar(resting.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Shortage:
    """Candidates with fewer sheets than they should have.

    ``below``: fewer than the office's rules ask for, so that the panel cannot end; ``wanted``: fewer than the panel
    gave them when it began, ``below`` included.
    """

    below: frozenset[UUID]
    wanted: frozenset[UUID]


def shortage(session: OfficeSession, panel: EvaluationPanel, offices: Offices) -> Shortage:
    """Which candidates of a panel lack members, since somebody stepped back or left."""
    fewest = offices.config(session.office_id).results.evaluation.members
    in_force = EvaluationSheet.state.in_(("open", "submitted"))
    wanted = (
        select(
            EvaluationSheet.candidate_id,
            func.count().filter(in_force).label("now"),
            func.count().filter(~PanelMember.substitute).label("begun"),
        )
        .join(
            PanelMember,
            (PanelMember.panel_id == EvaluationSheet.panel_id) & (PanelMember.account_id == EvaluationSheet.account_id),
        )
        .where(EvaluationSheet.panel_id == panel.id)
        .group_by(EvaluationSheet.candidate_id)
    )
    rows = session.execute(wanted).all()
    return Shortage(
        below=frozenset(row.candidate_id for row in rows if row.now < fewest),
        wanted=frozenset(row.candidate_id for row in rows if row.now < max(fewest, row.begun)),
    )
