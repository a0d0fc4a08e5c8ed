"""Who may call a route, by role: a first gate. What they see and do there, session and service decide."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from core.db.session import ROLE_LABELS, Role
from core.errors import Forbidden

REVIEWERS = frozenset({Role.COUNTY_REVIEWER, Role.CITY_REVIEWER})
SUPERVISORS = frozenset({Role.CITY_SUPERVISOR, Role.PROVINCIAL_OFFICER})
OFFICERS = REVIEWERS | SUPERVISORS
OFFICE_STAFF = OFFICERS | {Role.SCHEDULER, Role.EXAMINER, Role.OPERATOR}
UNITS = frozenset({Role.UNIT_MANAGER, Role.DEPARTMENT_REVIEWER})
APPLICANTS = frozenset({Role.APPLICANT})
CENTER = frozenset({Role.PROVINCIAL_OFFICER})
AUDITORS = frozenset({Role.PROVINCIAL_AUDITOR})
EVERYBODY = frozenset(Role) - {Role.SYSTEM}


def allow(roles: frozenset[Role]) -> Guard:
    """A guard that lets only these roles through, and tells the others who can help."""

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        role: Role = connection.user.role
        if role not in roles:
            able = "、".join(label for one, label in ROLE_LABELS.items() if one in roles)
            raise Forbidden(
                "role_not_allowed", f"“{ROLE_LABELS[role]}”不能办理此项。可以办理的是：{able}。请换用相应的账号。"
            )

    return guard
