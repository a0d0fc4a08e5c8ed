"""What scanners say, and who may open what nobody has looked at."""

import io
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.db.session import ScopedSession, SystemSession, system_actor
from core.documents import service
from core.documents.attachment_subjects import Subject
from core.documents.models import Document
from core.documents.scanning import Scan, scan_waiting, verdict_of
from core.documents.storage import name_of
from core.errors import Forbidden, Invalid
from core.plugin_api import DocumentView, OfficeCode, ScanResult, ScanVerdict
from core.tenancy.catalogue import load_catalogue
from core.tenancy.config.office import DocumentsTable
from core.tenancy.offices import Offices
from core.tenancy.plugins import build_hooks
from tests.cases import CITY, KEYS, Case, Season
from tests.documents import things
from tests.documents.files import pdf
from tests.plugins.clamd import Clamd
from tests.plugins.conftest import ROOT

CLEAN, INFECTED, NOT_SCANNED = ScanVerdict.CLEAN, ScanVerdict.INFECTED, ScanVerdict.NOT_SCANNED
STRICT = DocumentsTable(require_scan=True)


def says(*verdicts: ScanVerdict) -> Scan:
    return lambda _document: [ScanResult(verdict, f"scanner{n}") for n, verdict in enumerate(verdicts)]


def _upload(season: Season, case: Case, scan: Scan, content: bytes = pdf()) -> UUID:
    with season.as_person(case.person) as session:
        return service.upload(
            session,
            case.id,
            material="diploma",
            file_name="学历.pdf",
            content=io.BytesIO(content),
            store=season.store,
            keys=KEYS,
            limits=STRICT,
            scan=scan,
        ).id


def _opened(session: ScopedSession, season: Season, document_id: UUID, limits: DocumentsTable = STRICT) -> bytes:
    found = service.download(session, document_id, store=season.store, keys=KEYS, limits=limits)
    return b"".join(found.chunks())


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ([], NOT_SCANNED),
        ([NOT_SCANNED], NOT_SCANNED),
        ([CLEAN, NOT_SCANNED], CLEAN),
        ([CLEAN, INFECTED], INFECTED),
        ([NOT_SCANNED, INFECTED], INFECTED),
    ],
)
def test_one_scanner_that_finds_something_is_enough(verdicts: Iterable[ScanVerdict], worst: ScanVerdict) -> None:
    assert verdict_of(ScanResult(verdict, "scanner") for verdict in verdicts) is worst


def test_a_scanner_reads_what_is_kept(season: Season) -> None:
    seen = []

    def scan(document: DocumentView) -> list[ScanResult]:
        seen.append((document.material, document.size, b"".join(document.chunks()), b"".join(document.chunks())))
        return []

    _upload(season, season.draft(), scan)
    assert seen == [("diploma", len(pdf()), pdf(), pdf())]


def test_an_infected_file_is_refused_and_leaves_nothing_behind(season: Season) -> None:
    case = season.draft()
    before = list(season.store.files())
    with pytest.raises(Invalid) as refusal:
        _upload(season, case, says(INFECTED))
    assert refusal.value.code == "document_infected"
    assert list(season.store.files()) == before


@pytest.mark.parametrize(("verdict", "opens"), [(CLEAN, True), (NOT_SCANNED, False)])
def test_what_was_not_scanned_is_held_from_reviewers_where_the_office_says_so(
    season: Season, verdict: ScanVerdict, *, opens: bool
) -> None:
    case = season.draft()
    document_id = _upload(season, case, says(verdict))
    season.submit(case)
    with season.as_person(case.person) as session:
        assert _opened(session, season, document_id) == pdf()
    with season.as_unit(case.unit) as session:
        assert _opened(session, season, document_id, DocumentsTable()) == pdf()
        if opens:
            assert _opened(session, season, document_id) == pdf()
        else:
            with pytest.raises(Forbidden) as refusal:
                _opened(session, season, document_id)
            assert refusal.value.code == "document_not_scanned"


@pytest.fixture
def with_clamav(tmp_path: Path, clamd: Clamd) -> Offices:
    """The invented province whose city has the plugin."""
    shutil.copytree(ROOT / "tests" / "offices", tmp_path / "offices")
    file = tmp_path / "offices" / "linshui" / "qinghe" / "tenant.toml"
    text = file.read_text("utf-8")
    named = text if "plugins = [" in text else f"plugins = []\n{text}"
    file.write_text(
        named.replace("plugins = [", 'plugins = ["clamav", ', 1) + f"\n[plugin.clamav]\nport = {clamd.port}\n"
    )
    catalogue = load_catalogue(tmp_path / "offices")
    registry = build_hooks(catalogue)
    assert registry.faults == ()
    return Offices(catalogue, registry)


def _scan_round(season: Season, offices: Offices) -> int:
    @contextmanager
    def working_for(office: str) -> Iterator[SystemSession]:
        actor = system_actor(OfficeCode(office))
        with SystemSession(season.connection, actor=actor, now=season.now) as session, session.begin():
            yield session

    return scan_waiting(working_for, CITY, offices=offices, store=season.store, keys=KEYS)


def _verdicts(season: Season, case: Case) -> dict[str, str]:
    with season.as_person(case.person) as session:
        found = session.scalars(select(Document).where(Document.application_id == case.id))
        return {document.material: document.scan_verdict for document in found}


def test_what_waited_is_scanned_when_the_daemon_is_back(season: Season, clamd: Clamd, with_clamav: Offices) -> None:
    case = season.draft()
    document_id = _upload(season, case, says())
    season.submit(case)
    clamd.answer = b"clamd is loading its signatures"
    assert _scan_round(season, with_clamav) == 0
    assert set(_verdicts(season, case).values()) == {NOT_SCANNED}

    clamd.answer = None
    assert _scan_round(season, with_clamav) == 4
    assert _scan_round(season, with_clamav) == 0
    assert set(_verdicts(season, case).values()) == {CLEAN}
    with season.as_unit(case.unit) as session:
        assert _opened(session, season, document_id) == pdf()
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(case.id))).all()
    assert "document.scanned" in kinds


def test_a_file_found_infected_later_is_opened_by_nobody(season: Season, clamd: Clamd, with_clamav: Offices) -> None:
    case = season.draft()
    document_id = _upload(season, case, says())
    season.submit(case)
    clamd.answer = b"stream: Late-Signature FOUND"
    assert _scan_round(season, with_clamav) >= 1
    opening = [season.as_person(case.person), season.as_unit(case.unit)]
    for one in opening:
        with one as session, pytest.raises(Forbidden) as refusal:
            _opened(session, season, document_id, DocumentsTable())
        assert refusal.value.code == "document_infected"


def test_evidence_that_waited_is_scanned_as_papers_are(season: Season, clamd: Clamd, with_clamav: Offices) -> None:
    form_id = things.manager_form(season, season.add_unit())
    with season.as_office(CITY) as session:
        made = things.attach(session, season, Subject.MANAGER_FORM, form_id, "annex")
    assert made.scan_verdict == NOT_SCANNED
    clamd.answer = b"stream: Late-Signature FOUND"
    assert _scan_round(season, with_clamav) == 1
    with season.as_office(CITY) as session:
        with pytest.raises(Forbidden, match="未通过安全检查"):
            things.opened(session, season, made.id)
        told = session.scalars(select(RecordEntry).where(RecordEntry.kind == "attachment.scanned")).one()
    assert told.payload["verdict"] == "infected"


def test_an_office_without_a_scanner_asks_nobody(season: Season) -> None:
    season.submitted()
    assert _scan_round(season, season.offices) == 0


def test_a_damaged_file_that_waits_holds_up_no_other(season: Season, with_clamav: Offices) -> None:
    case = season.draft()
    document_id = _upload(season, case, says())
    season.submit(case)
    with season.as_person(case.person) as session:
        season.store.delete(name_of(session.get_one(Document, document_id)))
    _scan_round(season, with_clamav)
    assert _verdicts(season, case) == {
        "identity_card": CLEAN,
        "photo": CLEAN,
        "regularisation": CLEAN,
        "diploma": NOT_SCANNED,
    }


def test_a_round_ends_when_nothing_can_be_looked_at(season: Season, clamd: Clamd, with_clamav: Offices) -> None:
    for _ in range(4):
        season.submitted()
    clamd.answer = b"INSTREAM size limit exceeded. ERROR"
    assert _scan_round(season, with_clamav) == 0
    assert len(clamd.received) == 5
