"""The way of one certificate: issued, handed over, signed for, issued again, revoked, called back; oldest first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from core.db.session import OfficeSession
from core.results.awards.certificate_life import GROUND_LABELS, Ground
from core.results.ledger.queries import AT_COUNTER
from core.results.models.awards import Certificate, CertificateReissue
from core.results.models.ledger import CertificateBatch, CertificateBatchItem


@dataclass(frozen=True, slots=True)
class Happened:
    """One step of a certificate's way, with the officer where the row names one."""

    at: datetime
    text: str
    by: str = ""


def history(session: OfficeSession, certificate_id: UUID) -> list[Happened]:
    """Everything that has happened to a certificate that the session sees, oldest first."""
    certificate = session.get_one(Certificate, certificate_id)
    found = [*_of_itself(session, certificate), *_of_papers(session, certificate), *_of_requests(session, certificate)]
    return sorted(found, key=lambda step: step.at)


def _of_itself(session: OfficeSession, certificate: Certificate) -> list[Happened]:
    before, after = aliased(Certificate), aliased(Certificate)
    former = session.scalar(select(before.number).where(before.id == certificate.replaces_id))
    later = session.scalar(select(after.number).where(after.replaces_id == certificate.id))
    steps = [Happened(certificate.issued_at, f"发证，代替原证号{former}" if former else "发证")]
    if certificate.superseded_at is not None and certificate.superseded_ground is not None:
        ground = GROUND_LABELS[Ground(certificate.superseded_ground)]
        steps.append(Happened(certificate.superseded_at, f"换发（{ground}），新证号{later}"))
    if certificate.revoked_at is not None:
        steps.append(Happened(certificate.revoked_at, f"撤销：{certificate.revoked_reason}"))
    if certificate.returned_at is not None:
        steps.append(Happened(certificate.returned_at, "纸质证书收回"))
    return steps


def _of_papers(session: OfficeSession, certificate: Certificate) -> list[Happened]:
    wanted = (
        select(CertificateBatch, CertificateBatchItem)
        .join(CertificateBatchItem, CertificateBatchItem.batch_id == CertificateBatch.id)
        .where(CertificateBatchItem.certificate_id == certificate.id)
    )
    steps = []
    for batch, item in session.execute(wanted):
        where = f"第{batch.serial}批"
        if batch.unit_id is not None:
            steps.append(Happened(batch.made_at, f"编入{where}", batch.made_by_name))
            if batch.handed_at is not None:
                steps.append(
                    Happened(batch.handed_at, f"移交单位（{where}），{batch.receiver}领取", batch.handed_by_name)
                )
        if item.settled_at is not None:
            steps.append(Happened(item.settled_at, _settled(batch, item), item.settled_by_name))
    return steps


def _settled(batch: CertificateBatch, item: CertificateBatchItem) -> str:
    why = f"（{item.note}）" if item.note else ""
    match item.state:
        case "received":
            counter = f"，{AT_COUNTER}" if batch.unit_id is None else ""
            return f"{item.receiver}签领{why}{counter}"
        case "returned":
            return f"无人领取，退回{why}"
        case _:
            return f"移出第{batch.serial}批{why}"


def _of_requests(session: OfficeSession, certificate: Certificate) -> list[Happened]:
    wanted = select(CertificateReissue).where(CertificateReissue.certificate_id == certificate.id)
    steps = []
    for reissue in session.scalars(wanted):
        ground = GROUND_LABELS[Ground(reissue.ground)]
        steps.append(Happened(reissue.asked_at, f"提出换发、补办（{ground}）", reissue.asked_by_name))
        if reissue.decided_at is not None and reissue.state == "refused":
            steps.append(Happened(reissue.decided_at, f"不予换发：{reissue.remark}", reissue.decided_by_name))
    return steps
