"""Who may arrange exams, and who may run them on site: asked by every act before anything else."""

from __future__ import annotations

from core.db.session import ScopedSession
from core.domain.permissions import PERMISSION_LABELS, Permission
from core.errors import Forbidden


def must_schedule(session: ScopedSession) -> None:
    """Forbidden for whoever does not arrange exams."""
    _must(session, Permission.SCHEDULE)


def must_be_on_site(session: ScopedSession) -> None:
    """Forbidden for whoever neither arranges exams nor works at them."""
    _must(session, Permission.SCHEDULE, Permission.EXAMINE)


def _must(session: ScopedSession, *one_of: Permission) -> None:
    if not session.actor.may_change & set(one_of):
        needed = "或".join(f"“{PERMISSION_LABELS[one]}”" for one in one_of)
        raise Forbidden("not_permitted", f"办理此项须有{needed}权限。请由本机构有权限的人员办理。")
