"""Reveals: showing a number in full, which is masked everywhere else. Each has a reason, and is kept and recorded."""

from enum import StrEnum
from uuid import UUID

from core.audit import service as audit
from core.db.base import new_id
from core.db.session import OfficeSession, ProvinceSession
from core.errors import Invalid, NotFound
from core.identity.models import Reveal
from core.security.keys import KeyProvider, Place
from core.text.form_texts import checked_text

RevealingSession = OfficeSession | ProvinceSession


class PersonalField(StrEnum):
    """What can be shown in full."""

    ID_NUMBER = "id_number"
    PHONE = "phone"


def reveal(
    session: RevealingSession,
    sealed: bytes | None,
    place: Place,
    *,
    field: PersonalField,
    subject: tuple[str, UUID],
    office_id: str,
    reason: str,
    keys: KeyProvider,
) -> str:
    """The value in ``sealed``, for a reason. The caller has checked that the actor may see it.

    ``subject`` is the subject of the entry; the reason stays in the reveal, since it may name people. Raises Invalid
    without a reason, and NotFound where no value was filled in or it has been erased.
    """
    if not checked_text(reason):
        raise Invalid("reason_missing", "请写明查看完整号码的理由。查看情况将被记录。", at="reason")
    if not sealed:
        raise NotFound("nothing_to_reveal", "没有登记该号码，或已按保存期限删除。")
    made = Reveal(
        id=new_id(),
        office_id=session.office_id,
        account_id=session.actor.account_id,
        subject_type=subject[0],
        subject_id=subject[1],
        field=field.value,
        reason=reason.strip(),
        at=session.now,
    )
    session.add(made)
    session.flush()
    payload = {"reveal": str(made.id), "field": field.value}
    audit.record(
        session, "person.revealed", office_id=office_id, subject_type=subject[0], subject_id=subject[1], payload=payload
    )
    return keys.decrypt(sealed, place).decode()
