"""Taking a lost second factor away, by pages: proposing it, and deciding as the second officer."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.form_steps import Fields
from core.db.session import OfficeSession
from core.errors import NotFound
from core.identity import factor_removals as service
from core.identity.factor_removals import RemovalGround
from core.tenancy.queries import offices
from core.web.dependencies import OfOffice
from core.web.guards import OFFICERS, STAFFERS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

GROUNDS = [(ground.value, ground.label) for ground in RemovalGround]
_PAGE = "/staff/second-factors"
_STATES = {
    "granted": ("已停用", "done"),
    "refused": ("不同意", "stopped"),
    "withdrawn": ("已撤回", "plain"),
    "expired": ("已过期", "plain"),
}


@page("/staff/second-factors", roles=STAFFERS | OFFICERS)
def removals_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """What waits for a second officer, and how earlier proposals ended: of the office and of those below."""
    return _removals(request, session)


@page("/staff/{account_id:uuid}/second-factor", roles=STAFFERS | OFFICERS)
def proposal_page(request: AnyRequest, session: OfOffice, account_id: FromPath[UUID]) -> Response[str]:
    """Propose it on a page of its own, which the form of a unit's manager leads to."""
    return _proposal(request, session, account_id)


@form("/staff/{account_id:uuid}/second-factor", roles=STAFFERS | OFFICERS)
def propose_removal(request: AnyRequest, session: OfOffice, account_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Propose it; the owner is told, and another officer decides."""
    with attempt(request, session) as tried:
        ground = fields.one_of(RemovalGround, data, "ground")
        service.propose(session, account_id, ground=ground, reason=fields.text(data, "reason"))
        return see(_PAGE)
    return _proposal(request, session, account_id, tried=tried, given=data)


@form("/staff/second-factors/{removal_id:uuid}/{act:str}", roles=STAFFERS | OFFICERS)
def settle_removal(
    request: AnyRequest, session: OfOffice, *, removal_id: FromPath[UUID], act: FromPath[str], data: Sent
) -> Response[Any]:
    """Agree, leave the factor in place with a reason, or take one's own proposal back."""
    with attempt(request, session) as tried:
        if act == "grant":
            service.grant(session, removal_id)
        elif act == "refuse":
            service.refuse(session, removal_id, remark=fields.text(data, "remark"))
        elif act == "withdraw":
            service.withdraw(session, removal_id)
        else:
            raise NotFound("no_such_action", "没有这个操作，请使用页面上的按钮。")
        return see(_PAGE)
    return _removals(request, session, tried=tried)


def _removals(request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None) -> Response[str]:
    found = service.removals(session)
    return render(
        request,
        session,
        "identity/factor_removals.html",
        tried=tried,
        waiting=[removal for removal in found if service.is_open(removal, session)],
        over=[removal for removal in found if not service.is_open(removal, session)],
        decides={removal.id for removal in found if service.may_decide(session, removal)},
        grounds=dict(GROUNDS),
        states=_STATES,
        names={office.id: office.name for office in offices(session)},
        me=session.actor.account_id,
    )


def _proposal(
    request: AnyRequest,
    session: OfficeSession,
    account_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    return render(
        request,
        session,
        "identity/factor_removal.html",
        tried=tried,
        account=service.account_in_care(session, account_id),
        removal=service.open_removal(session, account_id),
        grounds=GROUNDS,
        given=Fields(given or {}),
    )
