"""Packages for the archive (归档材料): everything about one list in one file that can be checked without Kaowu.

A package is a ZIP of PDFs (the notice, the certificates), of JSON (the list with marks and certificates, its editions,
the objections, who was struck or restored), an index, and a manifest with the SHA-256 of each, signed by the paper
keys. A job makes it; its digest goes on the record. A whole season's is made likewise (:mod:`core.oversight.archive`).
Source: 2024 notice §3(6), 归档材料.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, Final, Protocol
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import OfficeSession, SystemSession
from core.documents.storage import DocumentStorage
from core.errors import Conflict, NotFound, Unavailable
from core.jobs import make_package_soon
from core.messages.service import Recipient, notify
from core.results.archive import storage as packages
from core.results.archive.file import Item, PackageFile
from core.results.awards import list_queries, queries
from core.results.awards.publication import digest_of
from core.results.awards.queries import Paper
from core.results.models.awards import ArchivePackage, Publication
from core.results.models.marks import Mark, Outcome
from core.security.ciphers import CHUNK, Damaged
from core.security.keys import KeyProvider
from core.security.signatures import PaperKeys
from core.tenancy.models import Office

PART: Final = 500
"""Certificates in one PDF."""

Begin = Callable[[], AbstractContextManager[SystemSession]]
Write = Callable[[IO[bytes], UUID], None]
"""Writes the package of a row into a file."""


class ToPrint(Protocol):
    """Fills in what is read of certificates for printing alone."""

    def __call__(
        self, session: SystemSession, papers: Sequence[Paper], *, store: DocumentStorage, keys: KeyProvider
    ) -> list[Paper]:
        """The certificates with numbers and photos."""


@dataclass(frozen=True)
class Press:
    """The tools that make a package: the drawing of papers, the store, and the keys that seal and sign it."""

    to_print: ToPrint
    draw_certificates: Callable[[list[Paper]], bytes]
    draw_notice: Callable[[OfficeSession, Publication], bytes]
    store: DocumentStorage
    keys: KeyProvider
    paper_keys: PaperKeys


def request_package(session: OfficeSession, publication_id: UUID, *, keys: KeyProvider) -> ArchivePackage:
    """Order a package of a closed list; its row shows the progress. Conflict while another is being made."""
    publication = queries.publication(session, publication_id)
    if publication.state != "closed":
        raise Conflict("publication_not_closed", "名单尚未公布为合格人员名单，不能归档。")
    under_way = [
        package for package in queries.packages(session, publication_id) if package.state in {"waiting", "making"}
    ]
    if under_way:
        raise Conflict("package_under_way", "归档材料正在生成，请稍候。生成后可在本页下载。")
    package_id = new_id()
    package = ArchivePackage(
        id=package_id,
        office_id=session.office_id,
        year=publication.year,
        publication_id=publication.id,
        state="waiting",
        done=0,
        total=2 + len(COURSE) + _parts(queries.certificate_count(session, publication_id)),
        requested_at=session.now,
        requested_by=session.actor.account_id,
        sealed_key=packages.new_package_key(package_id, keys),
    )
    session.add(package)
    session.flush()
    audit.record_on(session, package, "archive.requested")
    make_package_soon(session, session.office_id, package.id)
    return package


def make_package(package_id: UUID, *, begin: Begin, press: Press) -> None:
    """Make the ordered package of a list."""
    make(package_id, partial(_write, begin=begin, press=press), begin=begin, press=press)


def make(package_id: UUID, write: Write, *, begin: Begin, press: Press) -> None:
    """Make an ordered package: file by file, each in its own transaction, so that progress shows."""
    try:
        with tempfile.TemporaryFile() as file:
            write(file, package_id)
            size, digest = file.tell(), _digest(file)
            with begin() as session:
                package = session.get_one(ArchivePackage, package_id)
                packages.write(package, _chunks(file), store=press.store, keys=press.keys)
                package.state, package.made_at = "made", session.now
                package.size, package.sha256, package.done = size, digest, package.total
                session.flush()
                audit.record_on(session, package, "archive.made")
                _tell(session, package)
    except BaseException as error:
        with begin() as session:
            package = session.get_one(ArchivePackage, package_id)
            package.state, package.failure = "failed", type(error).__name__
        raise


def counted(items: Iterable[Item], package_id: UUID, *, begin: Begin) -> Iterator[Item]:
    """The items one by one; each that was written shows in the progress of its package."""
    for item in items:
        yield item
        with begin() as session:
            package = session.get_one(ArchivePackage, package_id)
            package.done = min(package.done + 1, package.total)


def open_package(
    session: OfficeSession, package_id: UUID, *, store: DocumentStorage, keys: KeyProvider
) -> tuple[ArchivePackage, Iterator[bytes]]:
    """A finished package, in chunks; the download is recorded."""
    package = session.get(ArchivePackage, package_id)
    if package is None or package.office_id != session.office_id or package.state != "made":
        raise NotFound("package_unknown", "没有找到这份归档材料，或尚未生成完毕。")
    try:
        chunks = packages.read(package, store=store, keys=keys)
    except (FileNotFoundError, Damaged) as error:
        raise Unavailable("package_missing", "归档文件暂时无法读取，请重新生成。") from error
    audit.record_on(session, package, "archive.downloaded")
    return package, chunks


def _write(file: IO[bytes], package_id: UUID, *, begin: Begin, press: Press) -> None:
    with begin() as session:
        package = session.get_one(ArchivePackage, package_id)
        package.state, package.done = "making", 0
        listed = package.publication_id
        assert listed is not None  # noqa: S101 - a package of a season is made elsewhere
        publication = queries.publication(session, listed)
        made_at = session.now.astimezone(SHANGHAI).isoformat()
        about = {**_about(session, publication), "package": str(package_id), "made_at": made_at}
        office = session.get_one(Office, publication.office_id).name
        title = f"{publication.year}年度第{publication.version}份合格人员名单归档目录"
    with PackageFile(file) as made:
        for item in counted(list_items(listed, begin=begin, press=press), package_id, begin=begin):
            made.add(item)
        made.finish(about, title=title, footer=office, keys=press.paper_keys)


def list_items(publication_id: UUID, *, begin: Begin, press: Press, folder: str = "") -> Iterator[Item]:
    """What a package holds of one closed list."""
    with begin() as session:
        publication = queries.publication(session, publication_id)
        notice = press.draw_notice(session, publication)
        listed, course = _list(session, publication), _course(session, publication)
        count = queries.certificate_count(session, publication_id)
    yield Item(f"{folder}notice.pdf", "合格人员通知", f"{len(listed)}人", notice)
    yield Item(f"{folder}list.json", "合格人员名单和成绩", f"{len(listed)}人", _json(listed))
    for name, told in course.items():
        yield Item(f"{folder}{name}.json", _TITLES[name], f"{len(told)}条", _json(told))
    for part in range(_parts(count)):
        with begin() as session:
            listed_papers = queries.papers_of_list(session, publication_id, skip=part * PART, limit=PART)
            papers = press.to_print(session, listed_papers, store=press.store, keys=press.keys)
        if papers:
            name = f"{folder}certificates-{part * PART + 1:05d}.pdf"
            yield Item(name, "等级证书", f"{len(papers)}本", press.draw_certificates(papers))


def _list(session: OfficeSession, publication: Publication) -> list[dict[str, Any]]:
    """Every line with its outcome and the marks behind it."""
    marks: dict[UUID, list[dict[str, Any]]] = {}
    wanted = select(Mark).where(Mark.office_id == session.office_id, Mark.year == publication.year)
    for mark in session.scalars(wanted.order_by(Mark.application_id, Mark.subject)):
        marks.setdefault(mark.application_id, []).append(
            {"subject": mark.subject, "mark": None if mark.mark is None else str(mark.mark), "status": mark.status}
        )
    outcomes = select(Outcome.application_id, Outcome.reason).where(
        Outcome.office_id == session.office_id, Outcome.year == publication.year
    )
    reasons = {row.application_id: row.reason for row in session.execute(outcomes)}
    return [
        {
            **{key: value for key, value in row._mapping.items() if key not in {"application_id", "certificate_id"}},
            "marks": marks.get(row.application_id, []),
            "outcome": reasons.get(row.application_id, ""),
        }
        for row in queries.lines(session, publication.id)
    ]


COURSE: Final = {
    "editions": ("edition", "state", "entry_count", "published_at", "ends_at", "edition_reason", "changes", "digest"),
    "objections": ("receipt", "position", "grounds", "received_at", "state", "decided_at", "reason", "remedy"),
    "strikings": (
        *("kind", "state", "reason", "proposed_at", "proposed_by_name", "heard_until", "statement", "stated_at"),
        *("decided_at", "decided_by_name", "remark"),
    ),
}
"""The files that tell how the list came about, each with what it says of a row; no objector is named."""
_TITLES: Final = {"editions": "名单各版", "objections": "异议和处理", "strikings": "取消和恢复公示资格"}


def _course(session: OfficeSession, publication: Publication) -> Mapping[str, list[dict[str, Any]]]:
    """The editions, the objections with their answers, and who was struck or restored, by the name of the file."""
    rows: Mapping[str, Sequence[Any]] = {
        "editions": list_queries.editions_of(session, publication),
        "objections": list_queries.objections_of(session, publication),
        "strikings": list_queries.strikings_of(session, publication),
    }
    return {
        name: [{column: _plain(getattr(row, column)) for column in COURSE[name]} for row in found]
        for name, found in rows.items()
    }


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _about(session: OfficeSession, publication: Publication) -> Mapping[str, Any]:
    named = list_queries.named_in_notice(session, publication)
    return {
        "office": publication.office_id,
        "year": publication.year,
        "version": publication.version,
        "edition": publication.edition,
        "list_digest": publication.digest.hex(),
        "notice_digest": digest_of([line.application_id for line in named]).hex(),
        "notice_number": publication.notice_number,
    }


def _parts(count: int) -> int:
    return -(-count // PART)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode()


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _tell(session: OfficeSession, package: ArchivePackage) -> None:
    notify(
        session,
        Recipient(office_id=package.office_id),
        event_key=f"archive:{package.id}",
        office_id=package.office_id,
        kind="archive_made",
        title="归档材料已生成",
        body=f"归档材料已生成，校验值{package.sha256}。请下载并妥善保管。",
    )
