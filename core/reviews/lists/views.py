"""The desk as an officer keeps it: filters, order and columns under a name, one of them the default."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update

from core.db.base import new_id
from core.db.session import OfficeSession
from core.errors import Conflict, Invalid
from core.reviews.models import DeskView
from core.text.form_texts import required_text

MOST_VIEWS: Final = 20
"""More than an officer tells apart."""
_LONGEST_NAME: Final = 20


def views(session: OfficeSession) -> Sequence[DeskView]:
    """The actor's views at this office, by name."""
    return session.scalars(select(DeskView).where(*_mine(session)).order_by(DeskView.name)).all()


def save_view(
    session: OfficeSession, name: str, *, filters: Mapping[str, str], columns: Sequence[str], is_default: bool
) -> DeskView:
    """Keep filters, order and columns under a name; one of the same name is replaced.

    Raises Invalid without a name, Conflict where there are MOST_VIEWS others.
    """
    called = required_text(name, "请写下名称，例如“三级、快到期的”。", field="name")
    if len(called) > _LONGEST_NAME:
        raise Invalid("view_name_long", f"名称最多{_LONGEST_NAME}个字，请缩短。", at="name")
    if is_default:
        session.execute(update(DeskView).where(*_mine(session)).values(is_default=False))
    view = session.scalar(select(DeskView).where(*_mine(session), DeskView.name == called))
    if view is None:
        _check_number(session)
        view = DeskView(id=new_id(), office_id=session.office_id, account_id=session.actor.account_id, name=called)
        session.add(view)
    view.is_default, view.filters, view.columns = is_default, dict(filters), list(columns)
    view.saved_at = session.now
    session.flush()
    return view


def remove_view(session: OfficeSession, view_id: UUID) -> None:
    """Take a view away; nothing where there is none."""
    session.execute(delete(DeskView).where(*_mine(session), DeskView.id == view_id))


def _check_number(session: OfficeSession) -> None:
    held = session.scalar(select(func.count()).select_from(DeskView).where(*_mine(session)))
    if (held or 0) >= MOST_VIEWS:
        raise Conflict("views_full", f"最多保存{MOST_VIEWS}个，请先删除不用的，或以已有的名称保存。")


def _mine(session: OfficeSession) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return DeskView.account_id == session.actor.account_id, DeskView.office_id == session.office_id
