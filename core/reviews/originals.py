"""Custody of originals: which officer received and returned a paper, and to whom. Source: 2024 notice §2(5), 及时退回.

The office that received an original keeps it until its return, even when another office has taken over the case.
"""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession
from core.domain.workflow import State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.reviews.models import Original
from core.text import dates
from core.text.form_texts import required_text

_CHECKED_AGAINST_ORIGINALS: Final = frozenset(
    {State.QUALIFICATION_REVIEW, State.ONSITE_CONFIRMATION, State.PROVISIONAL}
)


_HELD: Final = (Original.returned_at.is_(None), Original.lost_at.is_(None))


def receive_original(session: OfficeSession, application_id: UUID, *, title: str, received_from: str) -> Original:
    """Take an original paper into custody: only the office in charge, and only while it is reviewing the case."""
    application = _application(session, application_id)
    if application.handler_office_id != session.office_id:
        raise Forbidden("not_in_charge", "本案目前不由本机构办理，不能收取原件。请申报人到负责办理的机构提交。")
    if application.state not in _CHECKED_AGAINST_ORIGINALS:
        raise Conflict("not_in_review", "本案目前不在审查环节，不需要收取原件。请将原件当场退还。")
    if not title.strip():
        raise Invalid("title_required", "请写明收取的是哪一份原件。", at="title")
    if not received_from.strip():
        raise Invalid("received_from_required", "请写明原件由谁交来。", at="received_from")
    original = Original(
        id=new_id(),
        application_id=application_id,
        office_id=session.office_id,
        title=title.strip(),
        received_at=session.now,
        received_by=session.actor.account_id,
        received_from=received_from.strip(),
    )
    session.add(original)
    session.flush()
    audit.record_on(session, original, "original.received")
    _tell(session, original, application, f"已收到您的原件“{original.title}”，核对后将及时退还。")
    return original


def return_original(session: OfficeSession, original_id: UUID, *, returned_to: str) -> Original:
    """Give an original back: only by the office that keeps it, and only once."""
    refusal = NotFound("no_such_original", "没有找到由本机构保管的这份原件。请核对编号。")
    original = own_row(session, Original, original_id, refusal, locked=True)
    if original.returned_at is not None:
        raise Conflict("already_returned", f"这份原件已于{dates.short_day(original.returned_at)}退还，无需重复登记。")
    if not returned_to.strip():
        raise Invalid("returned_to_required", "请写明原件退给了谁。", at="returned_to")
    original.returned_at, original.returned_by = session.now, session.actor.account_id
    original.returned_to = returned_to.strip()
    session.flush()
    audit.record_on(session, original, "original.returned")
    application = _application(session, original.application_id)
    _tell(session, original, application, f"您的原件“{original.title}”已退还，请核对。")
    return original


def note_loss(session: OfficeSession, original_id: UUID, *, remark: str) -> Original:
    """Note that an original in custody cannot be found; its person is told. Conflict where it is not in custody."""
    refusal = NotFound("no_such_original", "没有找到由本机构保管的这份原件。请核对编号。")
    original = own_row(session, Original, original_id, refusal, locked=True)
    if original.returned_at is not None or original.lost_at is not None:
        raise Conflict("not_in_custody", "这份原件已退还或已登记遗失，不能再登记遗失。请刷新页面。")
    original.lost_remark = required_text(remark, "请写明遗失的情况和处理办法，申报人将看到。", field="remark")
    original.lost_at, original.lost_by = session.now, session.actor.account_id
    session.flush()
    audit.record_on(session, original, "original.lost")
    application = _application(session, original.application_id)
    _tell(session, original, application, f"您的原件“{original.title}”在本机构遗失。{original.lost_remark}")
    return original


def held_originals(session: OfficeSession, *, application_ids: Collection[UUID] | None = None) -> Sequence[Original]:
    """The originals that this office holds, those held longest first; of all cases or of some."""
    wanted = select(Original).where(Original.office_id == session.office_id, *_HELD)
    if application_ids is not None:
        wanted = wanted.where(Original.application_id.in_(application_ids))
    return session.scalars(wanted.order_by(Original.received_at, Original.id)).all()


def originals_of(session: ScopedSession, application_id: UUID) -> Sequence[Original]:
    """Every original of a case, returned ones included, oldest first."""
    wanted = select(Original).where(Original.application_id == application_id)
    return session.scalars(wanted.order_by(Original.received_at, Original.id)).all()


def originals_by_case(session: ScopedSession, application_ids: Collection[UUID]) -> dict[UUID, list[Original]]:
    """Every original of some cases, in one statement; a case without any has an empty list."""
    wanted = select(Original).where(Original.application_id.in_(application_ids))
    found: dict[UUID, list[Original]] = {application_id: [] for application_id in application_ids}
    for row in session.scalars(wanted.order_by(Original.received_at, Original.id)):
        found[row.application_id].append(row)
    return found


def _application(session: OfficeSession, application_id: UUID) -> Application:
    found = session.get(Application, application_id, populate_existing=True)
    if found is None:
        raise NotFound("no_such_application", "没有找到这份申请，或您无权查看。请核对申请编号。")
    return found


def _tell(session: OfficeSession, original: Original, application: Application, body: str) -> None:
    act = "returned" if original.returned_at else "lost" if original.lost_at else "received"
    notify(
        session,
        Recipient(person_id=application.person_id),
        event_key=f"original:{original.id}:{act}",
        office_id=session.office_id,
        kind=f"original.{act}",
        title="申报材料原件",
        body=body,
        application_id=application.id,
    )
