"""Who may call a route, by permission: a first gate. Session and service decide on rows and acts."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from core.db.session import ROLE_LABELS, Actor
from core.domain.permissions import EXAM_ANSWERABLE, EXAM_ARRANGERS, EXAM_STAFF, PERMISSION_LABELS, Permission, holders
from core.errors import Forbidden, Unauthenticated

APPLICANTS = frozenset({Permission.APPLY})
UNITS = frozenset({Permission.REVIEW_FOR_UNIT, Permission.REVIEW_FOR_DEPARTMENT})
REVIEWERS = frozenset({Permission.REVIEW, Permission.CONFIRM})
SUPERVISORS = frozenset({Permission.SUPERVISE})
SCHEDULERS = EXAM_ARRANGERS
PLANNING = SCHEDULERS | {Permission.RUN_OFFICE}
"""The schedulers, and the officers who read their plans."""
STAFFERS = frozenset({Permission.STAFF})
OFFICERS = frozenset({Permission.RUN_OFFICE})
EXAMINERS = frozenset({Permission.EXAMINE})
EXAM_WATCHERS = EXAMINERS | SUPERVISORS
ON_SITE = EXAM_STAFF
ANSWER_FOR_EXAMS = EXAM_ANSWERABLE
EXAM_READERS = PLANNING | ON_SITE
"""Who reads everything about an exam: plans as well as the exam day."""
PROPOSERS = OFFICERS | SUPERVISORS
"""Who may propose a sanction."""
CENTER = frozenset({Permission.LEAD_PROVINCE})
AUDITORS = frozenset({Permission.AUDIT})
OPERATORS = frozenset({Permission.OPERATE})
OFFICE_STAFF = REVIEWERS | SUPERVISORS | OFFICERS | ON_SITE
"""The roles that work with cases of an office; operators do not."""
EVERYBODY = frozenset(Permission) - {Permission.CARRY_OUT_DUE}

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def allow(permissions: frozenset[Permission]) -> Guard:
    """A guard that admits actors with one of these permissions, and names the roles that have them to all others."""
    able = holders(permissions)

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        actor: Actor | None = connection.scope.get("user")
        if actor is None:
            raise Unauthenticated("not_signed_in", "请先登录，再办理此项。")
        if actor.role not in able:
            named = "、".join(label for role, label in ROLE_LABELS.items() if role in able)
            own = ROLE_LABELS[actor.role]
            raise Forbidden("role_not_allowed", f"“{own}”不能办理此项。可以办理的是：{named}。请换用相应的账号。")
        held = actor.permissions if connection.scope.get("method") in _READS else actor.may_change
        if not held & permissions:
            _refuse_scope(permissions)

    return guard


def _refuse_scope(permissions: frozenset[Permission]) -> None:
    needed = "、".join(label for permission, label in PERMISSION_LABELS.items() if permission in permissions)
    raise Forbidden(
        "outside_scope", f"代办范围或登录凭证的权限不包括此项，须有“{needed}”权限。请由本人办理，或换用权限相符的凭证。"
    )
