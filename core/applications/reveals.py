"""Showing an officer the full identity or telephone number of an applicant."""

from uuid import UUID

from core.applications.queries import application
from core.db.session import OfficeSession
from core.errors import Forbidden
from core.identity import reveals
from core.identity.models import Person
from core.identity.reveals import PersonalField, RevealingSession, Why
from core.security.keys import KeyProvider, Place


def reveal(
    session: RevealingSession, application_id: UUID, *, field: PersonalField, why: Why, most: int, keys: KeyProvider
) -> str:
    """The applicant's identity or telephone number in full; the case's record has an entry of it.

    The office that counts the case and the one in charge of it may, and the center. Raises NotFound for a case that is
    not visible, Forbidden for an office that was in charge once, and what :func:`core.identity.reveals.reveal` raises.
    """
    case = application(session, application_id)
    if isinstance(session, OfficeSession) and session.office_id not in {case.office_id, case.handler_office_id}:
        raise Forbidden("not_in_charge", "本案目前不由您所在机构办理，不能查看完整号码。请由负责的机构办理。")
    person = session.get_one(Person, case.person_id)
    sealed = person.id_number if field is PersonalField.ID_NUMBER else person.phone
    place = Place("persons", "id_number", person.id)
    if field is PersonalField.PHONE:
        place = Place("persons", "phone", person.id)
    return reveals.reveal(
        session,
        sealed,
        place,
        field=field,
        subject=("application", case.id),
        office_id=case.handler_office_id,
        why=why,
        most=most,
        keys=keys,
    )
