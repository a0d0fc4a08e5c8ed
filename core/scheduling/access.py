"""Who may arrange exams, and who may run them on site: every act asks this before anything else."""

from core.db.session import ScopedSession
from core.domain.permissions import EXAM_ANSWERABLE, EXAM_ARRANGERS, EXAM_STAFF, PERMISSION_LABELS, Permission
from core.errors import Forbidden


def may_schedule(session: ScopedSession) -> bool:
    """Whether the actor arranges exams."""
    return bool(session.actor.may_change & EXAM_ARRANGERS)


def may_be_on_site(session: ScopedSession) -> bool:
    """Whether the actor arranges exams or works at them."""
    return bool(session.actor.may_change & EXAM_STAFF)


def must_schedule(session: ScopedSession) -> None:
    """Forbidden for an actor who does not arrange exams."""
    if not may_schedule(session):
        raise _refusal(EXAM_ARRANGERS)


def must_be_on_site(session: ScopedSession) -> None:
    """Forbidden for an actor who neither arranges exams nor works at them."""
    if not may_be_on_site(session):
        raise _refusal(EXAM_STAFF)


def may_answer_for_exams(session: ScopedSession) -> bool:
    """Whether the actor answers for exams, at their office or above it."""
    return bool(session.actor.may_change & EXAM_ANSWERABLE)


def must_answer_for_exams(session: ScopedSession) -> None:
    """Forbidden for an actor who neither arranges nor supervises exams."""
    if not may_answer_for_exams(session):
        raise _refusal(EXAM_ANSWERABLE)


def _refusal(permissions: frozenset[Permission]) -> Forbidden:
    needed = "或".join(f"“{label}”" for permission, label in PERMISSION_LABELS.items() if permission in permissions)
    return Forbidden("not_permitted", f"办理此项须有{needed}权限。请由本机构有权限的人员办理。")
