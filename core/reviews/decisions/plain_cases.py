"""Cases that may be decided together with others: nothing asks, nothing is missing, nobody else is reading them."""

from core.applications.models import Application
from core.applications.queries import deferrals, pinned_requirements
from core.db.session import OfficeSession, UnitSession
from core.documents.service import materials_of
from core.errors import Conflict
from core.reviews.claims import holder
from core.reviews.settlements import unsettled


def left_out(session: UnitSession | OfficeSession, application: Application) -> str | None:
    """Why a case needs to be decided by itself, for the officer; None where it may be decided with others."""
    asking = unsettled(session, application)
    if asking:
        return f"有{len(asking)}条审查意见需要核实"
    there = materials_of(session, application.id)
    absent = [
        requirement["name"]
        for requirement in pinned_requirements(session, application)
        if requirement["required"] and requirement["code"] not in there
    ]
    if absent:
        return f"缺{'、'.join(absent)}"
    if any(deferral.state in {"open", "supplemented"} for deferral in deferrals(session, application.id)):
        return "有容缺后补的材料"
    claim = holder(session, application.id) if isinstance(session, OfficeSession) else None
    if claim is not None and claim.account_id != session.actor.account_id:
        return f"{claim.account_name}已领取，正在办理"
    return None


def check_plain(session: UnitSession | OfficeSession, application: Application) -> None:
    """Conflict where a case may not be decided together with others."""
    why = left_out(session, application)
    if why is not None:
        raise Conflict("not_in_bulk", f"{why}，不能批量办理。请打开这份申请单独办理。")
