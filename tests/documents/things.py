"""Things that files belong to, made by the services, and files for them."""

import io
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.db.session import ScopedSession
from core.delegation.models import Delegation
from core.documents import attachments
from core.documents.attachment_subjects import Subject
from core.documents.attachments import Offered
from core.documents.models import Attachment
from core.documents.receiving import Keeping
from core.organizations.managers import file_manager_form
from core.sanctions import cases as sanctions
from tests import cases
from tests.cases import CITY, Case, Season
from tests.documents.files import pdf
from tests.factories import manager_details
from tests.sanctioned import heard


def keeping(season: Season) -> Keeping:
    """Where and how a season keeps its files."""
    return Keeping(season.store, cases.KEYS, season.offices)


def offered(kind: str, content: bytes | None = None, **more: Any) -> Offered:
    """A whole PDF, or any other content, in a capacity."""
    return Offered(kind, "扫描件.pdf", io.BytesIO(pdf() if content is None else content), **more)


def attach(
    session: ScopedSession,
    season: Season,
    subject: Subject,
    subject_id: UUID,
    kind: str,
    *,
    content: bytes | None = None,
    **more: Any,
) -> Attachment:
    """Add a file."""
    file = offered(kind, content, **more)
    return attachments.attach(session, subject, subject_id, file, keeping=keeping(season))


def opened(session: ScopedSession, season: Season, file: UUID) -> bytes:
    """The content of a file, as it goes out."""
    return b"".join(attachments.open_file(session, file, keeping(season)).chunks())


def manager_form(season: Season, unit: UUID, *, digest: str = "") -> UUID:
    """An annex form that a unit has filed."""
    with season.as_unit(unit) as session:
        filed = file_manager_form(session, unit, details=manager_details(), keys=cases.KEYS, stamped_scan_sha256=digest)
        return filed.id


def sanction(season: Season, case: Case, *, hear: bool = True) -> UUID:
    """A case of sanctions, of which the person was told unless it is only proposed."""
    with season.as_office(CITY) as session:
        made = sanctions.propose(session, case.id, facts="提供虚假学历（测试）").id
    if hear:
        heard(season, made)
    return made


def delegation(season: Season) -> UUID:
    """The delegation in force."""
    with season.as_office(CITY) as session:
        return session.scalars(select(Delegation.id).where(Delegation.state == "in_force")).one()
