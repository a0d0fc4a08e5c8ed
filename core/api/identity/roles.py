"""Roles over JSON: ending one, and acting for a colleague on leave."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from core.domain.permissions import Permission, Role
from core.identity import deputies, roles
from core.identity.deputies import Leave
from core.web.dependencies import AnySession, OfOffice
from core.web.guards import OFFICE_STAFF, STAFFERS, UNITS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Moment, Output, Text

COLLEAGUES = OFFICE_STAFF | STAFFERS | UNITS
"""Who has colleagues: everybody who works for an office or a unit."""


class EndedRoleOut(Output):
    """A role, and since when it holds no longer."""

    id: UUID
    account_id: UUID
    role: Role
    office_id: str | None
    unit_id: UUID | None
    valid_from: datetime
    valid_until: datetime


class ActingIn(Input):
    """Who acts for the holder of the role ``grant_id``, from when until when; without ``permissions`` in all of it."""

    grant_id: UUID
    deputy_login: Line
    valid_from: Moment
    valid_until: Moment
    reason: Text
    permissions: frozenset[Permission] | None = None


class ActingOut(Output):
    """Somebody acts for a colleague."""

    id: UUID
    grant_id: UUID
    absent_name: str
    deputy_name: str
    permissions: list[Permission]
    reason: str
    valid_from: datetime
    valid_until: datetime
    ended_at: datetime | None


@act("/roles/{grant_id:uuid}/end", roles=STAFFERS)
def end_role(session: OfOffice, grant_id: FromPath[UUID]) -> EndedRoleOut:
    """End a role that was given in this office or below; it works no more from the next request on."""
    return EndedRoleOut.model_validate(roles.end_role(session, grant_id))


@read("/acting", roles=COLLEAGUES)
def list_acting(session: AnySession) -> list[ActingOut]:
    """Who acts for whom, among the asker and their office; the latest first."""
    return [ActingOut.model_validate(arrangement) for arrangement in deputies.arrangements(session)]


@create("/acting", roles=COLLEAGUES)
def arrange_acting(session: AnySession, data: JSONBody[ActingIn]) -> ActingOut:
    """Let a colleague act for the holder of a role: one's own, or one of the office that one staffs."""
    leave = Leave(data.valid_from, data.valid_until, data.reason, data.permissions)
    return ActingOut.model_validate(
        deputies.arrange(session, data.grant_id, deputy_login=data.deputy_login, leave=leave)
    )


@act("/acting/{acting_id:uuid}/end", roles=COLLEAGUES)
def end_acting(session: AnySession, acting_id: FromPath[UUID]) -> ActingOut:
    """The colleague is here again."""
    return ActingOut.model_validate(deputies.end(session, acting_id))


router = Router("/", route_handlers=declared_in(__name__), tags=["角色与代办"])
