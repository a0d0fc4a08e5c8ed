"""The sheets of a panel's member: handed in for good, or excused because the member steps back (回避).

Until a member's own sheet on a candidate is in, PostgreSQL shows the member no other scores of that candidate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from core.applications.models import Application
from core.audit import service as audit
from core.db.session import OfficeSession
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.results.evaluation.queries import criteria_of, totals_by_candidate
from core.results.evaluation.scoring_rules import Combined, Criterion, combined, faults, total
from core.results.models.evaluation import (
    EvaluationPanel,
    EvaluationScore,
    EvaluationSheet,
    PanelCandidate,
    PanelIdentity,
)
from core.text.form_texts import required_text


@dataclass(frozen=True, slots=True)
class SheetView:
    """A sheet as its member sees it. ``name`` and ``unit`` are empty on a panel that scores anonymously."""

    id: UUID
    year: int
    panel: str
    number: int
    trade: str
    name: str = field(repr=False)
    unit: str = field(repr=False)
    material: Mapping[str, Any] = field(repr=False)
    works: str = field(repr=False)
    state: str
    criteria: tuple[Criterion, ...]
    scores: Mapping[str, Decimal]
    total: Decimal | None
    remark: str


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A candidate as the office sees them while a panel works: ``result`` follows from the sheets handed in.

    ``reference`` and ``name`` are empty for a member who judges numbers alone.
    """

    id: UUID
    number: int
    reference: str
    name: str = field(repr=False)
    trade: str
    works: str = field(repr=False)
    submitted: int
    excused: int
    void: int
    outstanding: int
    result: Combined | None


def own_sheets(session: OfficeSession, year: int) -> list[SheetView]:
    """The actor's own sheets of a year, by panel and number."""
    return [_view(row) for row in _rows(session, EvaluationPanel.year == year)]


def own_sheet(session: OfficeSession, sheet_id: UUID) -> SheetView:
    """One of the actor's own sheets; NotFound for any other."""
    rows = _rows(session, EvaluationSheet.id == sheet_id)
    if not rows:
        raise _not_own()
    return _view(rows[0])


def submit_sheet(session: OfficeSession, sheet_id: UUID, scores: Mapping[str, Decimal]) -> None:
    """Hand in a sheet for good. Raises Invalid, by criterion, for scores that are missing or out of range."""
    if session.actor.on_behalf_of is not None:
        raise Forbidden("not_by_deputy", "评分须由评委本人完成，不能代办。")
    sheet, panel = _open_sheet(session, sheet_id)
    if sheet.account_id != session.actor.account_id:
        raise _not_own()
    wrong = faults(scores, criteria_of(panel))
    if wrong:
        raise Invalid("scores_wrong", "".join(wrong.values()), fields=wrong)
    rows = [
        {"sheet_id": sheet.id, "criterion": code, "office_id": sheet.office_id, "score": score}
        for code, score in scores.items()
    ]
    session.execute(insert(EvaluationScore), rows)
    _end(session, sheet, "submitted")
    listed = sorted((code, str(score)) for code, score in scores.items())
    audit.record_on(session, sheet, "sheet.submitted", digest=audit.digest_of([str(sheet.id), listed]).hex())


def excuse_sheet(session: OfficeSession, sheet_id: UUID, *, reason: str) -> None:
    """Step back from a candidate (回避), with a reason: the member, or the office for a member who cannot come."""
    reason = required_text(reason, "请写明回避的原因。")
    sheet, _panel = _open_sheet(session, sheet_id)
    _end(session, sheet, "excused", remark=reason)
    audit.record_on(session, sheet, "sheet.excused", member=str(sheet.account_id))


def panel_candidates(session: OfficeSession, panel: EvaluationPanel) -> list[CandidateLine]:
    """The candidates of a panel with their progress; dispersion once every sheet on a candidate is in.

    Members of an anonymous panel that scores see the numbers alone: PostgreSQL keeps the identities from them.
    """
    wanted = (
        select(PanelCandidate, Application.reference, Application.person_name)
        .outerjoin(PanelIdentity, PanelIdentity.candidate_id == PanelCandidate.id)
        .outerjoin(Application, Application.id == PanelIdentity.application_id)
        .where(PanelCandidate.panel_id == panel.id)
        .order_by(PanelCandidate.number)
    )
    counts = _counts(session, panel)
    totals = totals_by_candidate(session, panel)
    lines = []
    for candidate, reference, name in session.execute(wanted):
        submitted, excused, void, waiting = (
            counts.get((candidate.id, state), 0) for state in ("submitted", "excused", "void", "open")
        )
        lines.append(
            CandidateLine(
                id=candidate.id,
                number=candidate.number,
                reference=reference or "",
                name=name or "",
                trade=candidate.trade,
                works=candidate.works,
                submitted=submitted,
                excused=excused,
                void=void,
                outstanding=waiting,
                result=None if waiting or not totals[candidate.id] else combined(totals[candidate.id]),
            )
        )
    return lines


def _counts(session: OfficeSession, panel: EvaluationPanel) -> dict[tuple[UUID, str], int]:
    wanted = (
        select(EvaluationSheet.candidate_id, EvaluationSheet.state, func.count().label("sheets"))
        .where(EvaluationSheet.panel_id == panel.id)
        .group_by(EvaluationSheet.candidate_id, EvaluationSheet.state)
    )
    return {(row.candidate_id, row.state): row.sheets for row in session.execute(wanted)}


_Found = tuple[EvaluationSheet, EvaluationPanel, PanelCandidate, Application | None, dict[str, Decimal]]


def _rows(session: OfficeSession, condition: object) -> Sequence[_Found]:
    wanted = (
        select(EvaluationSheet, EvaluationPanel, PanelCandidate, Application)
        .join(EvaluationPanel, EvaluationPanel.id == EvaluationSheet.panel_id)
        .join(PanelCandidate, PanelCandidate.id == EvaluationSheet.candidate_id)
        .outerjoin(PanelIdentity, (PanelIdentity.candidate_id == PanelCandidate.id) & ~EvaluationPanel.anonymous)
        .outerjoin(Application, Application.id == PanelIdentity.application_id)
        .where(EvaluationSheet.office_id == session.office_id)
        .where(EvaluationSheet.account_id == session.actor.account_id, condition)  # type: ignore[arg-type]
        .order_by(EvaluationPanel.name, PanelCandidate.number)
    )
    rows = session.execute(wanted).all()
    scores: dict[UUID, dict[str, Decimal]] = {row[0].id: {} for row in rows}
    kept = select(EvaluationScore).where(EvaluationScore.sheet_id.in_(list(scores)))
    for score in session.scalars(kept):
        scores[score.sheet_id][score.criterion] = score.score
    return [(sheet, panel, candidate, case, scores[sheet.id]) for sheet, panel, candidate, case in rows]


def _view(found: _Found) -> SheetView:
    sheet, panel, candidate, case, scores = found
    criteria = criteria_of(panel)
    return SheetView(
        id=sheet.id,
        year=panel.year,
        panel=panel.name,
        number=candidate.number,
        trade=candidate.trade,
        name="" if case is None else case.person_name,
        unit="" if case is None else case.unit_name,
        material=candidate.material,
        works=candidate.works,
        state=sheet.state,
        criteria=criteria,
        scores=scores,
        total=total(scores, criteria) if sheet.state == "submitted" else None,
        remark=sheet.remark,
    )


def _open_sheet(session: OfficeSession, sheet_id: UUID) -> tuple[EvaluationSheet, EvaluationPanel]:
    wanted = select(EvaluationSheet).where(
        EvaluationSheet.id == sheet_id, EvaluationSheet.office_id == session.office_id
    )
    if session.scalar(wanted) is None:
        raise _not_own()
    # A sheet that is excused or void cannot be locked: the policy of its changes does not show it.
    sheet = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if sheet is None or sheet.state != "open":
        raise Conflict("sheet_ended", "这张评分表已经提交、回避或作废，不能再改。")
    return sheet, session.get_one(EvaluationPanel, sheet.panel_id)


def _end(session: OfficeSession, sheet: EvaluationSheet, state: str, *, remark: str = "") -> None:
    sheet.state, sheet.remark, sheet.ended_at = state, remark, session.now
    session.flush()


def _not_own() -> NotFound:
    return NotFound("sheet_not_found", "没有找到这张评分表，或不是您的评分表。请从“我的评分表”进入。")
