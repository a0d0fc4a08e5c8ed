"""Handing certificates over: batches for units, signatures of holders, what comes back uncollected.

The office makes a handout of a unit's papers, prints the sheet for signatures, and hands both over; unit or office then
notes who signed. A paper is in one place at a time: PostgreSQL keeps a certificate from being in two batches at once.
"""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.refusals import in_words
from core.db.rows import own_row
from core.db.session import OfficeSession, ProvinceSession, UnitSession
from core.errors import Conflict, Invalid, NotFound
from core.messages.service import Recipient, Telling, notify, notify_each
from core.results.ledger.places import BATCH_LABELS, BatchState, PaperPlace
from core.results.ledger.queries import place, stock_of
from core.results.models.awards import Certificate
from core.results.models.ledger import CertificateBatch, CertificateBatchItem
from core.text.form_texts import checked_text, required_text

_UNKNOWN: Final = NotFound("batch_unknown", "没有找到这个发证批次。请从发证登记册进入。")
_LONGEST_NAME: Final = 50


def make_batches(session: OfficeSession, year: int, unit_ids: Collection[UUID]) -> list[CertificateBatch]:
    """Put the papers of each unit's people that lie at the office into a batch of their own.

    Raises Invalid where no unit is named, Conflict where a unit has no paper left: another officer was first.
    """
    if not unit_ids:
        raise Invalid("units_missing", "请选择要移交证书的单位。", at="unit")
    _one_by_one(session, year)
    made = []
    for unit_id in sorted(unit_ids, key=str):
        papers = stock_of(session, year, unit_id)
        if not papers:
            raise Conflict("no_papers_in_stock", "所选单位已没有在库待发的证书，可能刚被同事编入批次。请刷新页面查看。")
        made.append(_made(session, year, unit_id, papers))
    return made


def cancel(session: OfficeSession, handout_id: UUID) -> CertificateBatch:
    """Take a batch back before it is handed over; its papers are in stock again."""
    handout = _in_state(session, handout_id, BatchState.MADE)
    handout.state = BatchState.CANCELLED.value
    _settle(session, handout, _waiting(session, handout), "dropped", note="批次撤销")
    audit.record_on(session, handout, "certificates.batch_cancelled")
    return handout


def hand_over(session: OfficeSession, handout_id: UUID, *, receiver: str) -> CertificateBatch:
    """Hand a batch over to somebody of its unit, by name. The unit is told, and so are the holders.

    Raises Conflict, naming them, where certificates have been revoked or issued again since the handout was made.
    """
    handout = _in_state(session, handout_id, BatchState.MADE)
    named = _name(receiver, "请填写单位经办人姓名。", at="receiver")
    void = _void(session, handout)
    if void:
        raise Conflict(
            "batch_outdated", f"证书{'、'.join(void[:5])}已撤销或换发，不能移交。请撤销这个批次，重新编批后移交。"
        )
    handout.state, handout.receiver = BatchState.HANDED_OVER.value, named
    handout.handed_at, handout.handed_by, handout.handed_by_name = (
        session.now,
        session.actor.account_id,
        session.actor.name,
    )
    session.flush()
    audit.record_on(session, handout, "certificates.handed_over", count=len(_waiting(session, handout)))
    _tell(session, handout)
    return handout


def give_to_holder(session: OfficeSession, certificate_id: UUID, *, receiver: str, note: str = "") -> CertificateBatch:
    """Give the paper to its holder at the office, or to whom the holder sent (``note`` says why), against signature."""
    certificate = own_row(
        session, Certificate, certificate_id, NotFound("certificate_unknown", "没有找到这本证书。请核对证书编号。")
    )
    _one_by_one(session, certificate.year)
    found = place(session, certificate_id)
    if found is not PaperPlace.STOCK:
        raise Conflict("paper_not_in_stock", f"这本证书的纸质证书目前“{found.label}”，不能当面发放。请刷新页面查看。")
    named = _name(receiver, "请填写签领人姓名。", at="receiver")
    handout = _made(session, certificate.year, None, [certificate_id], receiver=named)
    _settle(
        session,
        handout,
        [certificate_id],
        "received",
        receiver=named,
        note=_proxy(session, certificate_id, named, note),
    )
    handout.state = BatchState.SETTLED.value
    session.flush()
    audit.record_on(session, handout, "certificates.received", certificates=[certificate.number])
    return handout


def note_received(
    session: OfficeSession | UnitSession,
    handout_id: UUID,
    certificate_ids: Collection[UUID],
    *,
    receiver: str = "",
    note: str = "",
) -> CertificateBatch:
    """Note that holders have signed; for a single paper another ``receiver``, with a ``note`` why.

    Raises Conflict where a paper does not wait for its holder or its certificate is not in force any more.
    """
    handout = _in_state(session, handout_id, BatchState.HANDED_OVER)
    chosen = _chosen(session, handout, certificate_ids)
    if receiver.strip() and len(chosen) > 1:
        raise Invalid("one_receiver_for_many", "代领须逐本登记。请只选择一本证书，再填写代领人。", at="receiver")
    void = _void(session, handout, chosen)
    if void:
        raise Conflict(
            "certificate_not_in_force", f"证书{'、'.join(void[:5])}已撤销或换发，不能签领。请将纸质证书退回发证机构。"
        )
    for certificate_id, holder in _holders(session, chosen).items():
        named = _name(receiver or holder, "请填写签领人姓名。", at="receiver")
        why = _proxy(session, certificate_id, named, note)
        _settle(session, handout, [certificate_id], "received", receiver=named, note=why)
    _close_if_done(session, handout)
    audit.record_on(session, handout, "certificates.received", certificates=_numbers(session, chosen))
    return handout


def note_returned(
    session: OfficeSession, handout_id: UUID, certificate_ids: Collection[UUID], *, reason: str
) -> CertificateBatch:
    """Note that papers were not collected and came back; they are in stock again.

    The paper of a revoked or superseded certificate is called back with the certificate itself (``return_paper``).
    """
    handout = _in_state(session, handout_id, BatchState.HANDED_OVER)
    chosen = _chosen(session, handout, certificate_ids)
    why = required_text(reason, "请写明退回的原因，例如“本人已调离，无人代领”。")
    void = _void(session, handout, chosen)
    if void:
        raise Conflict(
            "returned_with_the_certificate", f"证书{'、'.join(void[:5])}已撤销或换发。请监管人员在证书页面登记收回。"
        )
    _settle(session, handout, chosen, "returned", note=why)
    _close_if_done(session, handout)
    audit.record_on(session, handout, "certificates.uncollected", certificates=_numbers(session, chosen))
    return handout


def reopen(session: OfficeSession, handout_id: UUID, certificate_id: UUID, *, reason: str) -> CertificateBatch:
    """Take back a signature that was noted by mistake: the paper waits for its holder again."""
    why = required_text(reason, "请写明撤销签领登记的原因。")
    handout = own_row(session, CertificateBatch, handout_id, _UNKNOWN, locked=True)
    paper = session.get(
        CertificateBatchItem, (handout_id, certificate_id), with_for_update=True, populate_existing=True
    )
    if paper is None or paper.state != "received":
        raise Conflict("not_received", "这本证书没有签领登记。请刷新页面查看。")
    paper.state, paper.settled_at, paper.settled_by, paper.settled_by_name = "waiting", None, None, ""
    paper.receiver, paper.note = "", ""
    handout.state = BatchState.HANDED_OVER.value
    session.flush()
    numbers = _numbers(session, [certificate_id])
    audit.record_on(session, handout, "certificates.receipt_taken_back", certificates=numbers, reason=why)
    return handout


def paper_is_back(session: OfficeSession | ProvinceSession, certificate_id: UUID) -> None:
    """End the wait for a holder where the paper of a void certificate has come back, or is lost."""
    found = session.scalar(
        select(CertificateBatchItem).where(
            CertificateBatchItem.certificate_id == certificate_id, CertificateBatchItem.state == "waiting"
        )
    )
    if found is None:
        return
    handout = session.get_one(CertificateBatch, found.batch_id)
    _settle(session, handout, [certificate_id], "dropped", note="证书已失效，不再发放")
    _close_if_done(session, handout)


def _made(
    session: OfficeSession, year: int, unit_id: UUID | None, papers: Sequence[UUID], *, receiver: str = ""
) -> CertificateBatch:
    """A batch of these papers; with a ``receiver`` it is handed over with its making."""
    last = select(func.max(CertificateBatch.serial)).where(
        CertificateBatch.office_id == session.office_id, CertificateBatch.year == year
    )
    handout = CertificateBatch(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        serial=(session.scalar(last) or 0) + 1,
        unit_id=unit_id,
        state=(BatchState.HANDED_OVER if receiver else BatchState.MADE).value,
        made_at=session.now,
        made_by=session.actor.account_id,
        made_by_name=session.actor.name,
        handed_at=session.now if receiver else None,
        handed_by=session.actor.account_id if receiver else None,
        handed_by_name=session.actor.name if receiver else "",
        receiver=receiver,
    )
    taken = Conflict("no_papers_in_stock", "这些证书刚被同事编入批次。请刷新页面查看。")
    with in_words(uq_certificate_batch_items_one_place=taken), session.begin_nested():
        session.add(handout)
        session.flush()
        session.add_all(
            CertificateBatchItem(batch_id=handout.id, certificate_id=paper, office_id=session.office_id)
            for paper in papers
        )
        session.flush()
    if unit_id is not None:
        audit.record_on(session, handout, "certificates.batched", count=len(papers))
    return handout


def _in_state(session: OfficeSession | UnitSession, handout_id: UUID, state: BatchState) -> CertificateBatch:
    """A batch that the session may act on, locked, in this state; Conflict in any other."""
    if isinstance(session, OfficeSession):
        handout = own_row(session, CertificateBatch, handout_id, _UNKNOWN, locked=True)
    else:
        wanted = select(CertificateBatch).where(
            CertificateBatch.id == handout_id, CertificateBatch.unit_id.is_not(None)
        )
        locked = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
        if locked is None or locked.handed_at is None:
            raise _UNKNOWN
        handout = locked
    if handout.state != state.value:
        label = BATCH_LABELS[BatchState(handout.state)]
        raise Conflict("batch_elsewhere", f"这个批次目前为“{label}”，不能进行此项操作。请刷新页面查看。")
    return handout


def _waiting(session: OfficeSession | UnitSession, handout: CertificateBatch) -> list[UUID]:
    wanted = select(CertificateBatchItem.certificate_id).where(
        CertificateBatchItem.batch_id == handout.id, CertificateBatchItem.state == "waiting"
    )
    return list(session.scalars(wanted))


def _chosen(
    session: OfficeSession | UnitSession, handout: CertificateBatch, certificate_ids: Collection[UUID]
) -> list[UUID]:
    """The papers that were chosen; Invalid for none, Conflict where one of them does not wait any more."""
    if not certificate_ids:
        raise Invalid("certificates_missing", "请勾选证书。", at="certificate")
    if set(certificate_ids) - set(_waiting(session, handout)):
        raise Conflict("paper_not_waiting", "所选证书中有的已签领或已退回。请刷新页面后重新勾选。")
    return sorted(certificate_ids, key=str)


def _void(
    session: OfficeSession | UnitSession, handout: CertificateBatch, chosen: Collection[UUID] | None = None
) -> list[str]:
    """The numbers of a batch's waiting certificates that are not in force any more."""
    among = _waiting(session, handout) if chosen is None else chosen
    wanted = select(Certificate.number).where(
        Certificate.id.in_(among), Certificate.revoked_at.is_not(None) | Certificate.superseded_at.is_not(None)
    )
    return list(session.scalars(wanted.order_by(Certificate.number)))


def _settle(
    session: OfficeSession | UnitSession | ProvinceSession,
    handout: CertificateBatch,
    chosen: Collection[UUID],
    state: str,
    *,
    receiver: str = "",
    note: str = "",
) -> None:
    settled = update(CertificateBatchItem).where(
        CertificateBatchItem.batch_id == handout.id,
        CertificateBatchItem.certificate_id.in_(chosen),
        CertificateBatchItem.state == "waiting",
    )
    session.flush()
    session.execute(
        settled.values(
            state=state,
            settled_at=session.now,
            settled_by=session.actor.account_id,
            settled_by_name=session.actor.name,
            receiver=receiver,
            note=note,
        )
    )


def _close_if_done(session: OfficeSession | UnitSession | ProvinceSession, handout: CertificateBatch) -> None:
    waits = select(CertificateBatchItem.certificate_id).where(
        CertificateBatchItem.batch_id == handout.id, CertificateBatchItem.state == "waiting"
    )
    if handout.state == BatchState.HANDED_OVER.value and session.scalar(waits.limit(1)) is None:
        handout.state = BatchState.SETTLED.value
        session.flush()


def _holders(session: OfficeSession | UnitSession, chosen: Collection[UUID]) -> dict[UUID, str]:
    wanted = (
        select(Certificate.id, func.coalesce(Certificate.holder_name, Application.person_name))
        .join(Application, Application.id == Certificate.application_id)
        .where(Certificate.id.in_(chosen))
        .order_by(Certificate.number)
    )
    return dict(session.execute(wanted).all())


def _proxy(session: OfficeSession | UnitSession, certificate_id: UUID, receiver: str, note: str) -> str:
    """Why another person signs; empty for the holder. Invalid without a reason."""
    if receiver == _holders(session, [certificate_id])[certificate_id]:
        return ""
    return required_text(note, "签领人不是持证人本人的，请写明代领的原因和关系。", field="note")


def _name(text: str, missing: str, *, at: str) -> str:
    named = " ".join(checked_text(text, field=at).split())
    if not named:
        raise Invalid("receiver_missing", missing, at=at)
    if len(named) > _LONGEST_NAME:
        raise Invalid("receiver_too_long", f"姓名最多{_LONGEST_NAME}字。", at=at)
    return named


def _numbers(session: OfficeSession | UnitSession, chosen: Collection[UUID]) -> list[str]:
    wanted = select(Certificate.number).where(Certificate.id.in_(chosen)).order_by(Certificate.number)
    return list(session.scalars(wanted))


def _one_by_one(session: OfficeSession, year: int) -> None:
    """Let those who make batches of a year wait for each other: a paper is in one of them."""
    one_at_a_time(session, f"certificate_batches/{session.office_id}/{year}")


def _tell(session: OfficeSession, handout: CertificateBatch) -> None:
    """Tell the unit that it holds papers, and the holders where to collect them."""
    wanted = (
        select(Application.id, Application.person_id, Application.unit_name)
        .join(Certificate, Certificate.application_id == Application.id)
        .join(CertificateBatchItem, CertificateBatchItem.certificate_id == Certificate.id)
        .where(CertificateBatchItem.batch_id == handout.id, CertificateBatchItem.state == "waiting")
    )
    people = session.execute(wanted).all()
    event = f"certificates_handed_over:{handout.id}"
    notify(
        session,
        Recipient(unit_id=handout.unit_id),
        event_key=event,
        office_id=handout.office_id,
        kind="certificates_handed_over",
        title="等级证书已移交本单位",
        body=f"第{handout.serial}批，共{len(people)}本，由{handout.receiver}领取。请发给本人签领，并在“证书签领”中登记；"
        "签字的签领表请拍照上传，无人领取的退回发证机构。",
    )
    body = "您的纸质证书已移交您所在单位，请向单位人事部门领取并签字。"
    notify_each(
        session,
        [Telling(row.person_id, row.id, "纸质证书可以领取", body) for row in people],
        event_key=event,
        office_id=handout.office_id,
        kind="certificates_handed_over",
    )
