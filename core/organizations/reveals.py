"""Showing an office the full mobile number of a unit's registration manager."""

from uuid import UUID

from core.db.session import OfficeSession
from core.errors import NotFound
from core.identity import reveals
from core.identity.reveals import PersonalField, Why
from core.organizations.models import ManagerForm
from core.security.keys import KeyProvider, Place


def reveal_mobile(session: OfficeSession, form_id: UUID, *, why: Why, most: int, keys: KeyProvider) -> str:
    """The mobile number of an annex form that the office was sent. Raises NotFound, Invalid without a reason."""
    form = session.get(ManagerForm, form_id)
    if form is None or form.office_id != session.office_id:
        raise NotFound("manager_form_not_found", "没有找到该登记表。请核对后重试。")
    return reveals.reveal(
        session,
        form.mobile,
        Place("manager_forms", "mobile", form.id),
        field=PersonalField.PHONE,
        subject=("manager_form", form.id),
        office_id=form.office_id,
        why=why,
        most=most,
        keys=keys,
    )
