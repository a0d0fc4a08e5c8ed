"""The printed application form (申报表): the edition that it prints, its digest, and whether it is still the latest.

A form on paper is signed and stamped for the personnel file. It prints what a submission pinned, and its code names
the edition: the reference, the number of the submission, and a digest of everything that the form tells. A corrected
name or a further submission makes another digest, so the paper is found to be out of date.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from core.applications.models import Application, Submission
from core.applications.queries import application
from core.audit import service as audit
from core.db.session import OfficeSession, PersonSession, ScopedSession, UnitSession
from core.documents.models import Document
from core.domain.workflow import State
from core.errors import Forbidden, NotFound
from core.identity.models import Person
from core.organizations.models import Unit
from core.plugin_api import Sex
from core.security.keys import KeyProvider, Place
from core.security.signatures import PaperKeys, read_code

KIND: Final = "application_form"
"""The first field of the code on the paper."""
CODED: Final = 16
"""So much of the digest stands in the code: enough to tell editions of one case apart, and the code stays coarse."""
PHOTO: Final = "photo"
FormSession = PersonSession | UnitSession | OfficeSession
_GONE: Final = frozenset({State.WITHDRAWN, State.EXPIRED, State.DISQUALIFIED, State.REJECTED})


@dataclass(frozen=True, slots=True)
class Edition:
    """What the form of one submission tells; the identity number is in full, as the personnel file needs it."""

    application_id: UUID
    reference: str
    office_id: str
    year: int
    round: int
    received_at: datetime
    name: str
    identity: str
    sex: Sex
    birth_date: date
    unit: str
    department: str
    form: dict[str, Any]
    photo: Document | None

    @property
    def digest(self) -> str:
        """SHA-256 of everything that the form tells, in hexadecimal."""
        told = {
            "reference": self.reference,
            "round": self.round,
            "person": [self.name, self.identity, self.sex.value, self.birth_date.isoformat()],
            "unit": [self.unit, self.department],
            "form": self.form,
            "photo": "" if self.photo is None else self.photo.sha256,
        }
        return audit.digest_of(told).hex()

    def code(self, keys: PaperKeys) -> str:
        """The signed text of the code on the paper; it names nobody."""
        return keys.code(KIND, self.reference, str(self.round), self.digest[:CODED])


class Standing(StrEnum):
    """Whether a form on paper still tells what the platform holds."""

    LATEST = "latest"
    SUBMITTED_AGAIN = "submitted_again"
    CORRECTED = "corrected"
    ENDED = "ended"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Checked:
    """A code of ours, read: which edition it names, and how that stands as far as the reader may know."""

    reference: str
    round: int
    digest: str
    standing: Standing


def edition(session: FormSession, application_id: UUID, *, keys: KeyProvider) -> Edition:
    """The edition that was submitted last.

    NotFound before the first submission; Forbidden for an office that neither counts the case nor has it in hand.
    """
    found = application(session, application_id)
    if isinstance(session, OfficeSession) and session.office_id not in {found.office_id, found.handler_office_id}:
        raise Forbidden("not_in_charge", "本案目前不由您所在机构办理，不能打印申报表。请由负责的机构办理。")
    if not found.round:
        raise NotFound("form_not_submitted", "申报还没有提交，不能打印申报表。请先核对并提交。")
    wanted = select(Submission).where(Submission.application_id == found.id, Submission.round == found.round)
    pinned = session.scalars(wanted).one()
    person = session.get_one(Person, found.person_id)
    department = None if found.department_id is None else session.get(Unit, found.department_id)
    return Edition(
        application_id=found.id,
        reference=found.reference,
        office_id=found.handler_office_id,
        year=found.year,
        round=found.round,
        received_at=pinned.received_at,
        name=found.person_name,
        identity=keys.decrypt(person.id_number, Place("persons", "id_number", person.id)).decode(),
        sex=Sex(person.sex),
        birth_date=person.birth_date,
        unit=found.unit_name,
        department=found.unit_name if found.department_id is None else "" if department is None else department.name,
        form=pinned.form,
        photo=_photo(session, found, pinned.received_at),
    )


def edition_to_print(session: FormSession, application_id: UUID, *, keys: KeyProvider) -> Edition:
    """The same to be printed: the record says who printed which edition, since it shows the identity number."""
    printed = edition(session, application_id, keys=keys)
    found = application(session, application_id)
    audit.record_on(session, found, "application.form_printed", round=printed.round, digest=printed.digest)
    return printed


def check(session: ScopedSession, code: str, *, public_keys: tuple[str, ...], keys: KeyProvider) -> Checked | None:
    """The edition that a code names, and how it stands; None for a text that we did not sign.

    Anybody learns what the paper itself says; only who may see the case learns whether the paper is the latest.
    """
    fields = read_code(code, public_keys)
    if fields is None or len(fields) != 4 or fields[0] != KIND:
        return None
    _, reference, number, digest = fields
    read = Checked(reference, int(number), digest, Standing.UNSEEN)
    if not isinstance(session, PersonSession | UnitSession | OfficeSession):
        return read
    found = session.scalar(select(Application).where(Application.reference == reference))
    if found is None:
        return read
    return Checked(read.reference, read.round, read.digest, _standing(session, found, read, keys))


def _standing(session: FormSession, found: Application, read: Checked, keys: KeyProvider) -> Standing:
    if State(found.state) in _GONE:
        return Standing.ENDED
    if found.round > read.round:
        return Standing.SUBMITTED_AGAIN
    try:
        present = edition(session, found.id, keys=keys)
    except Forbidden:
        return Standing.UNSEEN
    return Standing.LATEST if present.digest[:CODED] == read.digest else Standing.CORRECTED


def _photo(session: FormSession, found: Application, at: datetime) -> Document | None:
    """The photo that was in force when the form was submitted, unless it has been erased."""
    wanted = select(Document).where(
        Document.application_id == found.id,
        Document.material == PHOTO,
        Document.uploaded_at <= at,
        or_(Document.superseded_at.is_(None), Document.superseded_at > at),
        Document.erased_at.is_(None),
    )
    return session.scalars(wanted.order_by(Document.uploaded_at.desc()).limit(1)).first()
