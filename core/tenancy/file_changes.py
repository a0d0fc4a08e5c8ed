"""Changes of the offices' files, on the record: a start with other files than the last start writes an entry."""

from datetime import datetime

from sqlalchemy import Engine, select

from core.audit import service as audit
from core.audit.models import RecordEntry
from core.db.session import AuditorSession, SystemSession, system_actor
from core.tenancy.catalogue import Catalogue
from core.tenancy.models import Office

_SUBJECT = "configuration"


def note_configuration(engine: Engine, catalogue: Catalogue, *, now: datetime) -> int:
    """Write an entry for each office whose own file has changed since the last entry; return how many.

    An office that is not loaded yet has no record; an office that a fault closes keeps its last entry.
    """
    with AuditorSession(engine, actor=system_actor(catalogue.province.code), now=now) as session:
        loaded = set(session.scalars(select(Office.id)))
        noted = _noted(session)
    changed = 0
    for office in catalogue.offices():
        digest = audit.digest_of(office.sources[-1].table).hex()
        before = noted.get(office.code)
        if office.code not in loaded or digest == before:
            continue
        with SystemSession(engine, actor=system_actor(office.code), now=now) as writing, writing.begin():
            subject = audit.RecordSubject(office.code, _SUBJECT, office.code)
            audit.record_on(writing, subject, "configuration.changed", digest=digest, before=before)
        changed += 1
    return changed


def _noted(session: AuditorSession) -> dict[str, str]:
    """The digest that was noted last, by office."""
    entries = session.execute(
        select(RecordEntry.office_id, RecordEntry.payload["digest"].astext.label("digest"))
        .where(RecordEntry.subject_type == _SUBJECT)
        .order_by(RecordEntry.at, RecordEntry.id)
    )
    return {entry.office_id: entry.digest for entry in entries}
