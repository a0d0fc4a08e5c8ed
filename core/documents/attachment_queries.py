"""Reading the rows of attachments, and the state of the things that they belong to."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, TableClause, Text, Uuid, column, literal, null, select, table

from core.db.session import ProvinceSession, ScopedSession, UnitSession
from core.documents.attachment_subjects import THINGS, Adding, Kind, Party, Subject, kinds_of
from core.documents.models import Attachment
from core.errors import NotFound

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """The facts about a thing that its files need. ``digest`` is None where it has no paper of its own."""

    subject: Subject
    id: UUID
    office_id: str
    standing: str
    other_office_id: str | None
    unit_id: UUID | None
    application_id: UUID | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A file in a list: with its kind, and whether a later one supersedes it."""

    file: Attachment
    kind: Kind
    superseded: bool


def standing_of(session: ScopedSession, subject: Subject, subject_id: UUID) -> Standing:
    """The facts about a thing; NotFound where the session does not see it, or it has no files."""
    found = session.execute(_standing(subject).where(column("id", Uuid) == subject_id)).one_or_none()
    if found is None:
        raise NotFound("subject_not_found", "没有找到这项内容，或您无权查看。请从相应的页面重新进入。")
    return Standing(subject, *found)


def subject_called(name: str) -> Subject:
    """The kind of thing of that name; NotFound where there is none."""
    if name not in frozenset(Subject):
        raise NotFound("subject_unknown", "没有这类材料。请从相应的页面重新进入。")
    return Subject(name)


def open_kinds(session: ScopedSession, thing: Standing) -> tuple[Kind, ...]:
    """The capacities in which the session may add a file to a thing now."""
    return tuple(kind for kind in kinds_of(thing.subject) if any(_holds(session, thing, rule) for rule in kind.adding))


def files_of(session: ScopedSession, subject: Subject, ids: Collection[UUID]) -> Mapping[UUID, Sequence[Listed]]:
    """The files of things of one kind that the session sees, thing by thing, as they were added; one statement."""
    wanted = select(Attachment).where(Attachment.subject_id.in_(ids), Attachment.subject_type == subject.value)
    found = session.scalars(wanted.order_by(Attachment.id)).all()
    gone = {file.supersedes for file in found}
    listed: dict[UUID, list[Listed]] = {subject_id: [] for subject_id in ids}
    for file in found:
        listed[file.subject_id].append(Listed(file, file.capacity, file.id in gone))
    return listed


def latest_files(session: ScopedSession, office_id: str, *, before: UUID | None, limit: int) -> Sequence[Listed]:
    """The files of an office's things, the newest first; those that are superseded are left out."""
    later = select(Attachment.supersedes).where(Attachment.supersedes.is_not(None))
    wanted = select(Attachment).where(Attachment.office_id == office_id, Attachment.id.not_in(later))
    if before is not None:
        wanted = wanted.where(Attachment.id < before)
    found = session.scalars(wanted.order_by(Attachment.id.desc()).limit(limit))
    return [Listed(file, file.capacity, superseded=False) for file in found]


def visible_attachment(session: ScopedSession, attachment_id: UUID) -> Attachment:
    """The file's row, if the session sees it; NotFound otherwise, and once it was erased."""
    found = session.get(Attachment, attachment_id)
    if found is None:
        raise NotFound("document_not_found", "没有找到该材料。请刷新页面后重试。")
    if found.erased_at is not None:
        raise NotFound("document_erased", "该材料已按保存期限删除，不能再查看。确需核对的，请查看办理记录。")
    return found


def every_attachment(session: ScopedSession) -> Iterator[Attachment]:
    """Every visible file that is not erased, superseded ones included."""
    last = UUID(int=0)
    while True:
        kept = select(Attachment).where(Attachment.id > last, Attachment.erased_at.is_(None))
        page = session.scalars(kept.order_by(Attachment.id).limit(_PAGE)).all()
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1].id
        session.expunge_all()


def _standing(subject: Subject) -> Select[Any]:
    """The columns of ``Standing`` from the thing's own table, in whichever capability."""
    thing = THINGS[subject]
    held: dict[str, Any] = {
        name: column(name, kind)
        for name, kind in (
            (thing.office, Text),
            (thing.standing, Text),
            (thing.other_office, Text),
            (thing.unit, Uuid),
            (thing.application, Uuid),
            (thing.digest, Text),
        )
        if name is not None
    }
    of: TableClause = table(thing.table, column("id", Uuid), *held.values())

    def one(name: str | None, otherwise: ColumnElement[Any]) -> ColumnElement[Any]:
        return otherwise if name is None else of.c[name]

    return select(
        of.c.id,
        of.c[thing.office],
        one(thing.standing, literal("")),
        one(thing.other_office, null()),
        one(thing.unit, null()),
        one(thing.application, null()),
        one(thing.digest, null()),
    )


def _holds(session: ScopedSession, thing: Standing, rule: Adding) -> bool:
    """Whether the session fits the rule: its party, one of its permissions, and one of its states of the thing."""
    if rule.standings and thing.standing not in rule.standings:
        return False
    if rule.permissions and not rule.permissions & session.actor.may_change:
        return False
    office = session.settings()["kaowu.office_id"]
    match rule.party:
        case Party.OFFICE:
            above = thing.subject is Subject.SANCTION and isinstance(session, ProvinceSession)
            return above or office == thing.office_id
        case Party.OTHER_OFFICE:
            return office == thing.other_office_id
        case Party.UNIT:
            return isinstance(session, UnitSession) and thing.unit_id in session.unit_ids
        case Party.PERSON:
            # Only the person sees the thing in such a session.
            return session.scope == "person"
        case Party.ANYBODY:
            # Only with the objection itself, by :func:`core.documents.attachments.attach_unseen`.
            return False
