"""Reading notices: a person, a unit and an office each see their own."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from core.db.session import OfficeSession, PersonSession, ProvinceSession, ScopedSession, UnitSession
from core.errors import NotFound
from core.messages.models import Notice

PAGE_SIZE = 50


def notices(
    session: ScopedSession, *, unread: bool = False, before: UUID | None = None
) -> tuple[Sequence[Notice], UUID | None]:
    """A page of notices, the newest first, and the key that the next page starts before (None on the last)."""
    wanted = select(Notice).where(_theirs(session))
    if unread:
        wanted = wanted.where(Notice.read_at.is_(None))
    if before is not None:
        wanted = wanted.where(Notice.id < before)
    rows = session.scalars(wanted.order_by(Notice.id.desc()).limit(PAGE_SIZE + 1)).all()
    return rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None


def unread_count(session: ScopedSession) -> int:
    """How many notices wait to be read."""
    return session.scalar(select(func.count()).where(_theirs(session), Notice.read_at.is_(None))) or 0


def mark_read(session: ScopedSession, notice_id: UUID) -> Notice:
    """Note that a notice was read, the first time that it is."""
    notice = session.scalar(select(Notice).where(Notice.id == notice_id, _theirs(session)))
    if notice is None:
        raise NotFound("notice_not_found", "没有找到这条通知。请刷新页面后重试。")
    if notice.read_at is None:
        notice.read_at = session.now
        session.flush()
    return notice


def mark_all_read(session: ScopedSession, newest: UUID) -> int:
    """Note that every notice was read up to the newest one that the reader had before them; how many these were."""
    unread = update(Notice).where(_theirs(session), Notice.read_at.is_(None), Notice.id <= newest)
    return len(session.execute(unread.values(read_at=session.now).returning(Notice.id)).all())


def _theirs(session: ScopedSession) -> ColumnElement[bool]:
    if isinstance(session, PersonSession):
        return Notice.person_id == session.person_id
    if isinstance(session, UnitSession):
        return Notice.unit_id.in_(session.unit_ids)
    if isinstance(session, OfficeSession | ProvinceSession):
        return Notice.recipient_office_id == session.office_id
    raise NotFound("no_notices", "该角色没有通知。请换用其他角色查看。")
