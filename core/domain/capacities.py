"""Pure: the permission that each capacity in the workflow needs."""

from collections.abc import Mapping

from core.domain.permissions import Permission
from core.domain.workflow import By, State

_CAPACITIES: Mapping[By, Permission] = {
    By.APPLICANT: Permission.APPLY,
    By.UNIT: Permission.REVIEW_FOR_UNIT,
    By.DEPARTMENT: Permission.REVIEW_FOR_DEPARTMENT,
    By.OFFICE: Permission.REVIEW,
    By.SYSTEM: Permission.CARRY_OUT_DUE,
    By.SUPERVISOR: Permission.SUPERVISE,
    By.CITY_OR_PROVINCE: Permission.SUPERVISE,
}


def permission_for(by: By, state: State) -> Permission:
    """The permission that an actor needs to act in the capacity ``by`` on a case in ``state``."""
    if by is By.OFFICE and state is State.ONSITE_CONFIRMATION:
        return Permission.CONFIRM
    return _CAPACITIES[by]
