"""Erasing personal texts around results once their time is over; marks, scores, outcomes and certificates stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONPATH

from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.results.models.archive import ArchiveHandover
from core.results.models.awards import CertificateReissue, Objection, Striking
from core.results.models.corrections import MarkCorrection, ScoreCheck
from core.results.models.evaluation import EvaluationPanel, EvaluationSheet, PanelCandidate, PanelMember, PanelRanking
from core.results.models.ledger import CertificateBatchItem
from core.results.models.marks import MarkImport

_NOBODY: Final = b""


def objectors_due(before: datetime) -> Select[UUID]:
    """Objections that were decided before the moment."""
    return (
        select(Objection.id).where(Objection.decided_at < before, Objection.contact != _NOBODY).order_by(Objection.id)
    )


def erase_objectors(session: KeeperSession, objection_ids: Sequence[UUID]) -> None:
    """Erase the objector's name and number, and the hash by which they ask; grounds and decision stay."""
    gone = {"contact": _NOBODY, "asked_by_hash": None}
    session.execute(update(Objection).where(Objection.id.in_(objection_ids)).values(gone))


def evaluations_due(before: datetime) -> Select[UUID]:
    """Panels that were closed or dissolved before the moment."""
    over = func.coalesce(EvaluationPanel.dissolved_at, EvaluationPanel.closed_at) < before
    wanted = select(EvaluationPanel.id).where(over, EvaluationPanel.minutes != ERASED)
    return wanted.order_by(EvaluationPanel.id)


def erase_evaluations(session: KeeperSession, panel_ids: Sequence[UUID]) -> None:
    """Replace minutes, members' names, reasons and remarks; scores with their accounts stay."""
    ended = update(EvaluationPanel).where(EvaluationPanel.id.in_(panel_ids))
    session.execute(ended.values(minutes=ERASED))
    session.execute(ended.where(EvaluationPanel.dissolved_reason != "").values(dissolved_reason=ERASED))
    told = update(PanelCandidate).where(PanelCandidate.panel_id.in_(panel_ids), PanelCandidate.works != "")
    session.execute(told.values(works=ERASED))
    ranked = update(PanelRanking).where(PanelRanking.panel_id.in_(panel_ids), PanelRanking.remark != "")
    session.execute(ranked.values(remark=ERASED))
    of_panels = update(PanelMember).where(PanelMember.panel_id.in_(panel_ids))
    session.execute(of_panels.values(name=ERASED))
    session.execute(of_panels.where(PanelMember.left_reason != "").values(left_reason=ERASED))
    remarked = update(EvaluationSheet).where(EvaluationSheet.panel_id.in_(panel_ids), EvaluationSheet.remark != "")
    session.execute(remarked.values(remark=ERASED))


def checks_due(before: datetime) -> Select[UUID]:
    """Score checks that were answered before the moment."""
    wanted = select(ScoreCheck.id).where(ScoreCheck.answered_at < before, ScoreCheck.reason != ERASED)
    return wanted.order_by(ScoreCheck.id)


def erase_checks(session: KeeperSession, check_ids: Sequence[UUID]) -> None:
    """Replace reason and answer; ground and verdict stay."""
    session.execute(update(ScoreCheck).where(ScoreCheck.id.in_(check_ids)).values(reason=ERASED, answer=ERASED))


def corrections_due(before: datetime) -> Select[UUID]:
    """Corrections that were decided before the moment."""
    wanted = select(MarkCorrection.id).where(MarkCorrection.decided_at < before, MarkCorrection.reason != ERASED)
    return wanted.order_by(MarkCorrection.id)


def erase_corrections(session: KeeperSession, correction_ids: Sequence[UUID]) -> None:
    """Replace reason, evidence and remark; the old and the new mark, and the accounts, stay."""
    gone = {"reason": ERASED, "evidence": ERASED, "remark": ""}
    session.execute(update(MarkCorrection).where(MarkCorrection.id.in_(correction_ids)).values(gone))


def reissues_due(before: datetime) -> Select[UUID]:
    """Requests to issue a certificate again that were decided before the moment."""
    wanted = select(CertificateReissue.id).where(
        CertificateReissue.decided_at < before, CertificateReissue.reason != ERASED
    )
    return wanted.order_by(CertificateReissue.id)


def erase_reissues(session: KeeperSession, reissue_ids: Sequence[UUID]) -> None:
    """Replace reason and remark; ground, accounts and both certificates stay."""
    gone = {"reason": ERASED, "remark": ""}
    session.execute(update(CertificateReissue).where(CertificateReissue.id.in_(reissue_ids)).values(gone))


def strikings_due(before: datetime) -> Select[UUID]:
    """Proposals to strike or restore somebody that were decided before the moment."""
    wanted = select(Striking.id).where(Striking.decided_at < before, Striking.reason != ERASED)
    return wanted.order_by(Striking.id)


def erase_strikings(session: KeeperSession, striking_ids: Sequence[UUID]) -> None:
    """Replace reason, statement and remark; the line, accounts and moments stay."""
    gone = {"reason": ERASED, "statement": "", "remark": ERASED}
    session.execute(update(Striking).where(Striking.id.in_(striking_ids)).values(gone))


def handouts_due(before: datetime) -> Select[UUID]:
    """Batches of certificates with reasons for proxies and returns that were noted before the moment."""
    noted = CertificateBatchItem.note.not_in(["", ERASED])
    wanted = select(CertificateBatchItem.batch_id).where(CertificateBatchItem.settled_at < before, noted)
    return wanted.distinct().order_by(CertificateBatchItem.batch_id)


def erase_handouts(session: KeeperSession, batch_ids: Sequence[UUID]) -> None:
    """Replace the reasons; who signed for which certificate, and when, stays."""
    noted = update(CertificateBatchItem).where(CertificateBatchItem.batch_id.in_(batch_ids))
    session.execute(noted.where(CertificateBatchItem.note != "").values(note=ERASED))


def handovers_due(before: datetime) -> Select[UUID]:
    """Lists of hand-overs with reasons for returns and withdrawals that were settled before the moment."""
    kept = ArchiveHandover.returned_reason.not_in(["", ERASED]) | ArchiveHandover.withdrawn_reason.not_in(["", ERASED])
    return select(ArchiveHandover.id).where(ArchiveHandover.settled_at < before, kept).order_by(ArchiveHandover.id)


def erase_handovers(session: KeeperSession, handover_ids: Sequence[UUID]) -> None:
    """Replace the reasons; who was given what, and who took it over, stays."""
    wanted = update(ArchiveHandover).where(ArchiveHandover.id.in_(handover_ids))
    for reason in (ArchiveHandover.returned_reason, ArchiveHandover.withdrawn_reason):
        session.execute(wanted.where(reason != "").values({reason: ERASED}))


def contradictions_due(before: datetime) -> Select[UUID]:
    """Tables decided before the moment, with reasons why they counted against the door list."""
    kept = cast(f'$[*] ? (@.reason != "{ERASED}")', JSONPATH)
    reasons = func.jsonb_path_exists(MarkImport.contradictions, kept)
    return select(MarkImport.id).where(MarkImport.decided_at < before, reasons).order_by(MarkImport.id)


def erase_contradictions(session: KeeperSession, import_ids: Sequence[UUID]) -> None:
    """Replace the reasons; the differences from the list stay."""
    kept = select(MarkImport.id, MarkImport.contradictions).where(MarkImport.id.in_(import_ids))
    for import_id, settled in session.execute(kept).all():
        gone = [contradiction | {"reason": ERASED} for contradiction in settled]
        session.execute(update(MarkImport).where(MarkImport.id == import_id).values(contradictions=gone))
