"""Papers of an application: what is accepted, how the bytes are kept, who gets them back."""

import hashlib
import io
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from core.audit.models import RecordEntry
from core.db.session import ScopedSession
from core.documents import service
from core.documents.models import Document
from core.documents.queries import current_documents
from core.documents.receiving import Download
from core.documents.service import materials_of, upload
from core.documents.storage import DocumentStore, name_of
from core.errors import Invalid, NotFound, Unavailable
from core.plugin_api import DocumentView, ScanResult
from core.simulate.scans import scan
from core.tenancy.config.office import DocumentsTable
from tests import factories
from tests.documents.files import pdf, picture
from tests.factories import KEYS, NOW

PDF, PNG, JPEG = pdf(), picture("PNG"), picture("JPEG")
LIMITS = DocumentsTable(max_bytes=4096, max_count=2)


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path / "documents")


@pytest.fixture
def person_id(province: Connection) -> UUID:
    return factories.make_person(province, 31)


@pytest.fixture
def application_id(province: Connection, person_id: UUID) -> UUID:
    return factories.make_draft(province, person_id, factories.make_unit(province).id)


def _upload(
    session: ScopedSession,
    application_id: UUID,
    store: DocumentStore,
    content: bytes = PDF,
    *,
    material: str = "diploma",
    file_name: str = "学历.pdf",
    limits: DocumentsTable = LIMITS,
) -> Document:
    return upload(
        session,  # type: ignore[arg-type]
        application_id,
        material=material,
        file_name=file_name,
        content=io.BytesIO(content),
        store=store,
        keys=KEYS,
        limits=limits,
        scan=nobody_looks,
    )


def nobody_looks(_document: DocumentView) -> tuple[ScanResult, ...]:
    return ()


def _download(session: ScopedSession, document: Document, store: DocumentStore) -> Download:
    return service.download(session, document.id, store=store, keys=KEYS, limits=LIMITS)


def _content(session: ScopedSession, document: Document, store: DocumentStore) -> bytes:
    return b"".join(_download(session, document, store).chunks())


def _files(store: DocumentStore) -> list[Path]:
    return sorted(path for path in store.folder.rglob("*") if path.is_file())


def test_what_was_uploaded_comes_back_and_both_are_recorded(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    with factories.person_session(province, person_id) as session:
        document = _upload(session, application_id, store)
        session.commit()
    assert (document.media_type, document.size, document.uploaded_at) == ("application/pdf", len(PDF), NOW)
    assert document.sha256 == hashlib.sha256(PDF).hexdigest()
    with factories.person_session(province, person_id) as session:
        found = _download(session, document, store)
        session.flush()
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(application_id))).all()
    assert (found.file_name, found.media_type, b"".join(found.chunks())) == ("学历.pdf", "application/pdf", PDF)
    assert set(kinds) >= {"document.uploaded", "document.downloaded"}


def test_the_bytes_are_encrypted_where_they_lie(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    with factories.person_session(province, person_id) as session:
        document = _upload(session, application_id, store)
        session.commit()
    [path] = _files(store)
    assert path.parent.name == str(application_id)
    assert path.name.startswith(document.sha256)
    assert PDF not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")])
def test_the_type_follows_from_the_content_and_not_from_the_name(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID, content: bytes, kind: str
) -> None:
    with factories.person_session(province, person_id) as session:
        assert _upload(session, application_id, store, content, file_name="证件.exe").media_type == kind


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "document_empty"),
        (PDF + b" " * 4096, "document_too_large"),
        (b"MZ" + b"\0" * 64, "document_type"),
        (b"GIF89a" + b"\0" * 64, "document_type"),
        (b"plain text", "document_type"),
    ],
)
def test_a_file_that_is_not_accepted_is_refused_and_nothing_is_left_behind(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID, content: bytes, code: str
) -> None:
    with factories.person_session(province, person_id) as session:
        with pytest.raises(Invalid) as refusal:
            _upload(session, application_id, store, content, file_name="学历.pdf")
        assert materials_of(session, application_id) == frozenset()
    assert refusal.value.code == code
    assert _files(store) == []


def test_an_office_may_accept_fewer_types(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    only_pdf = DocumentsTable(accepted_types=("application/pdf",))
    with factories.person_session(province, person_id) as session, pytest.raises(Invalid, match="转换为PDF格式"):
        _upload(session, application_id, store, PNG, limits=only_pdf)


def test_a_later_file_supersedes_the_earlier_one_of_the_same_material(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    with factories.person_session(province, person_id) as session:
        earlier = _upload(session, application_id, store)
        photo = _upload(session, application_id, store, scan("photo"), material="photo")
        later = _upload(session, application_id, store, PNG)
        session.commit()
    with factories.person_session(province, person_id) as session:
        current = {document.id for document in current_documents(session, application_id)}
        assert materials_of(session, application_id) == {"diploma", "photo"}
        assert _content(session, earlier, store) == PDF
    assert current == {photo.id, later.id}
    assert earlier.superseded_at == NOW


def test_the_same_scan_for_two_materials_is_two_papers(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    with factories.person_session(province, person_id) as session:
        papers = [_upload(session, application_id, store, material=code) for code in ("diploma", "contract")]
        contents = [_content(session, paper, store) for paper in papers]
    assert contents == [PDF, PDF]


def test_the_number_of_files_is_limited_but_replacing_one_is_always_possible(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    with factories.person_session(province, person_id) as session:
        for material in ("diploma", "identity_card"):
            _upload(session, application_id, store, material=material)
        with pytest.raises(Invalid) as refusal:
            _upload(session, application_id, store, material="contract")
        _upload(session, application_id, store, PNG, material="identity_card")
        assert materials_of(session, application_id) == {"diploma", "identity_card"}
    assert refusal.value.code == "document_too_many"


@pytest.mark.parametrize(
    ("given", "kept"), [("C:\\扫描\\学历.pdf", "学历.pdf"), ("../../etc/学历\x00\n.pdf", "学历.pdf"), ("", "未命名")]
)
def test_a_file_name_keeps_no_folder_and_no_control_character(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID, given: str, kept: str
) -> None:
    with factories.person_session(province, person_id) as session:
        assert _upload(session, application_id, store, file_name=given).file_name == kept


def test_nobody_reaches_the_papers_of_an_application_that_is_not_theirs(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    with factories.person_session(province, person_id) as session:
        document = _upload(session, application_id, store)
        session.commit()
    stranger = factories.make_person(province, 32)
    with factories.person_session(province, stranger) as session:
        with pytest.raises(NotFound):
            _download(session, document, store)
        with pytest.raises(NotFound):
            _upload(session, application_id, store, PNG)
        assert materials_of(session, application_id) == frozenset()
    assert len(_files(store)) == 1


def test_a_rolled_back_upload_leaves_no_file(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    with factories.person_session(province, person_id) as session:
        document = _upload(session, application_id, store)
        assert store.size(name_of(document))
        session.rollback()
    assert _files(store) == []


def test_an_upload_that_is_never_committed_leaves_no_file(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    with factories.person_session(province, person_id) as session:
        _upload(session, application_id, store)
    assert _files(store) == []


def test_a_savepoint_that_is_undone_takes_its_own_file_along_and_no_other(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    with factories.person_session(province, person_id) as session:
        kept = _upload(session, application_id, store)
        savepoint = session.begin_nested()
        undone = _upload(session, application_id, store, scan("photo"), material="photo")
        savepoint.rollback()
        session.commit()
    assert (store.size(name_of(kept)) is None, store.size(name_of(undone)) is None) == (False, True)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(
    province: Connection, tmp_path: Path, person_id: UUID, application_id: UUID
) -> None:
    (tmp_path / "documents").write_bytes(b"a file where the folder should be")
    with factories.person_session(province, person_id) as session:
        with pytest.raises(OSError, match="documents"):
            _upload(session, application_id, DocumentStore(tmp_path / "documents"))
        session.rollback()
        assert materials_of(session, application_id) == frozenset()


def test_a_damaged_or_missing_file_is_never_handed_out(
    province: Connection, store: DocumentStore, person_id: UUID, application_id: UUID
) -> None:
    with factories.person_session(province, person_id) as session:
        document = _upload(session, application_id, store)
        other = _upload(session, application_id, store, material="contract")
        session.commit()
        paths = {path.name: path for path in _files(store)}
        mine, others = (paths[f"{file.sha256}-{file.id}"] for file in (document, other))
        mine.write_bytes(others.read_bytes())
        with pytest.raises(Unavailable) as damaged:
            _download(session, document, store)
        store.delete(name_of(other))
        with pytest.raises(Unavailable) as missing:
            _download(session, other, store)
    assert (damaged.value.code, missing.value.code) == ("document_damaged", "document_missing")
