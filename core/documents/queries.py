"""Reading the rows of files, without their bytes."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, column, func, select, table

from core.db.session import CaseSession, ScopedSession
from core.documents.models import Attachment, Document, KeptFile
from core.domain.workflow import NOT_LIVE, State
from core.errors import Conflict, NotFound
from core.plugin_api import ScanVerdict

ACCOMMODATION_EVIDENCE = "accommodation.evidence"
"""The paper behind a request for accommodations, which no reviewer of the case considers."""

_PAGE = 500

# Applications come later than documents in the list of capabilities; a few columns of theirs are all that is needed.
_applications = table(
    "applications",
    column("id", Uuid),
    column("reference", Text),
    column("person_id", Uuid),
    column("unit_name", Text),
    column("office_id", Text),
    column("local_office_id", Text),
    column("state", Text),
    column("unlocked_items", ARRAY(Text)),
)
_deferrals = table("deferrals", column("application_id", Uuid), column("material", Text), column("state", Text))


@dataclass(frozen=True, slots=True)
class CaseOffices:
    """The offices of an application: the one that counts it, and the most local one, whose limits hold."""

    owner: str
    local: str


@dataclass(frozen=True, slots=True)
class CaseHolder:
    """Whose application it is, in which unit, and its number."""

    person_id: UUID
    unit_name: str
    reference: str


def holder_of_case(session: ScopedSession, application_id: UUID) -> CaseHolder:
    """The holder of an application that the session sees."""
    wanted = _applications.c
    found = session.execute(
        select(wanted.person_id, wanted.unit_name, wanted.reference).where(wanted.id == application_id)
    ).one()
    return CaseHolder(*found)


def offices_of(session: ScopedSession, application_id: UUID) -> CaseOffices:
    """The offices of an application; NotFound where the session does not see it."""
    found = session.execute(
        select(_applications.c.office_id, _applications.c.local_office_id).where(_applications.c.id == application_id)
    ).one_or_none()
    if found is None:
        raise NotFound("application_not_found", "没有找到该申报。请核对后重试。")
    return CaseOffices(found.office_id, found.local_office_id)


def check_awaited(session: CaseSession, application_id: UUID, material: str) -> None:
    """Make sure that the application still takes this paper, and lock it so until the transaction ends.

    A draft takes any paper; a returned application those that the reviewer found faulty and those that were missing;
    every other one only a deferred paper that is not cleared yet. A paper that reviewers have seen is not replaced:
    Conflict. Evidence for accommodations is taken at any time. NotFound where the session may not change the
    application.
    """
    found = session.execute(
        select(_applications.c.state, _applications.c.unlocked_items)
        .where(_applications.c.id == application_id)
        .with_for_update(read=True)
    ).one_or_none()
    if found is None:
        raise NotFound("application_not_found", "没有找到该申报。请核对后重试。")
    if material == ACCOMMODATION_EVIDENCE and found.state not in NOT_LIVE:
        return
    if found.state == State.DRAFT or _is_deferred(session, application_id, material):
        return
    if found.state != State.RETURNED:
        raise Conflict(
            "papers_closed", "申报已经提交，材料不能更换。需要更换的，请先撤回，或等审核人员退回；容缺的材料可以补交。"
        )
    held = {document.material for document in current_documents(session, application_id)}
    if found.unlocked_items is not None and material in held - set(found.unlocked_items):
        raise Conflict("paper_locked", "该项材料没有被退回，不能更换。请只更换审核人员指出的材料。")


def visible_document(session: ScopedSession, document_id: UUID) -> Document:
    """The document, if its application is visible; NotFound otherwise."""
    document = session.get(Document, document_id)
    if document is None:
        raise NotFound("document_not_found", "没有找到该材料。请刷新页面后重试。")
    if document.erased_at is not None:
        raise NotFound("document_erased", "该材料已按保存期限删除，不能再查看。确需核对的，请查看本案办理记录。")
    return document


def current_documents(session: ScopedSession, application_id: UUID) -> tuple[Document, ...]:
    """The files of an application that no later one supersedes, in the order in which they were uploaded."""
    return tuple(
        session.scalars(
            select(Document)
            .where(Document.application_id == application_id, Document.superseded_at.is_(None))
            .order_by(Document.uploaded_at, Document.id)
        )
    )


def _is_deferred(session: CaseSession, application_id: UUID, material: str) -> bool:
    wanted = select(_deferrals.c.material).where(
        _deferrals.c.application_id == application_id,
        _deferrals.c.material == material,
        _deferrals.c.state.in_(("open", "supplemented")),
    )
    return bool(session.scalar(select(wanted.exists())))


def every_document(session: ScopedSession) -> Iterator[tuple[str, Document]]:
    """Every visible document that is not erased, superseded ones included, with its case's reference."""
    last = UUID(int=0)
    while True:
        page = session.execute(
            select(_applications.c.reference, Document)
            .join(_applications, _applications.c.id == Document.application_id)
            .where(Document.id > last, Document.erased_at.is_(None))
            .order_by(Document.id)
            .limit(_PAGE)
        ).all()
        yield from ((reference, document) for reference, document in page)
        if len(page) < _PAGE:
            return
        last = page[-1][1].id
        session.expunge_all()


def known_ids(session: ScopedSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of ``ids`` that belong to a file that is not erased, of a case or of another thing."""
    papers = select(Document.id).where(Document.id.in_(ids), Document.erased_at.is_(None))
    others = select(Attachment.id).where(Attachment.id.in_(ids), Attachment.erased_at.is_(None))
    return set(session.scalars(papers.union_all(others)))


def waiting_for_a_scan(session: ScopedSession, owner: str, *, most: int) -> Sequence[tuple[KeptFile, str]]:
    """Some of an office's files that are not scanned yet, each with the office whose scanners look at it.

    Only the current papers of a case. In random order, so that files that a scanner can never take (too large for it)
    delay no others.
    """
    papers = session.execute(
        select(Document, _applications.c.local_office_id)
        .join(_applications, _applications.c.id == Document.application_id)
        .where(
            _applications.c.office_id == owner,
            Document.scan_verdict == ScanVerdict.NOT_SCANNED,
            Document.superseded_at.is_(None),
            Document.erased_at.is_(None),
        )
        .order_by(func.random())
        .limit(most)
    ).all()
    others = session.scalars(
        select(Attachment)
        .where(
            Attachment.office_id == owner,
            Attachment.scan_verdict == ScanVerdict.NOT_SCANNED,
            Attachment.erased_at.is_(None),
        )
        .order_by(func.random())
        .limit(most)
    )
    both = zip_longest([(paper, local) for paper, local in papers], [(other, owner) for other in others])
    return [waiting for pair in both for waiting in pair if waiting is not None]
