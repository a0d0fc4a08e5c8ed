"""The ClamAV plugin against a daemon that speaks its protocol."""

import hashlib
import shutil
from pathlib import Path

import pytest

from core.hooks.office_hooks import OfficeHooks
from core.plugin_api import DocumentView, OfficeCode, ScanResult, ScanVerdict
from core.tenancy.catalogue import load_catalogue
from core.tenancy.plugins import build_hooks
from tests.plugins.clamd import EICAR, Clamd, listening
from tests.plugins.conftest import ROOT


def _hooks(tmp_path: Path, port: int) -> OfficeHooks:
    """An office of the invented province that has the plugin."""
    shutil.copytree(ROOT / "tests" / "offices", tmp_path / "offices")
    file = tmp_path / "offices" / "linshui" / "yunshan" / "tenant.toml"
    file.write_text(f'plugins = ["clamav"]\n{file.read_text("utf-8")}\n[plugin.clamav]\nport = {port}\n', "utf-8")
    registry = build_hooks(load_catalogue(tmp_path / "offices"))
    assert registry.faults == ()
    return registry.for_office(OfficeCode("linshui/yunshan"))


def _document(*chunks: bytes) -> DocumentView:
    content = b"".join(chunks)
    return DocumentView(
        "d-1", "a-1", "photo", "application/pdf", len(content), hashlib.sha256(content).hexdigest(), lambda: chunks
    )


def test_hook_document_received(tmp_path: Path, clamd: Clamd) -> None:
    hooks = _hooks(tmp_path, clamd.port)
    clean, infected = _document(b"%PDF", b"", b"-1.7"), _document(b"%PDF-1.7 ", EICAR)
    assert hooks.document_received(clean) == (ScanResult(ScanVerdict.CLEAN, "clamav"),)
    assert hooks.document_received(infected) == (ScanResult(ScanVerdict.INFECTED, "clamav", "Eicar-Test-Signature"),)
    assert clamd.received == [b"%PDF-1.7", b"%PDF-1.7 " + EICAR]


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR", b"stream: ", b"", b"stream: OK FOUND OK"])
def test_an_answer_that_is_no_verdict_is_none(tmp_path: Path, clamd: Clamd, answer: bytes) -> None:
    clamd.answer = answer or b" "
    [result] = _hooks(tmp_path, clamd.port).document_received(_document(b"%PDF"))
    assert (result.verdict, result.scanner) == (ScanVerdict.NOT_SCANNED, "clamav")


def test_a_daemon_that_is_away_leaves_files_not_scanned_and_refuses_nothing(tmp_path: Path) -> None:
    with listening() as daemon:
        port = daemon.port
    [result] = _hooks(tmp_path, port).document_received(_document(b"%PDF"))
    assert (result.verdict, result.remark[:22]) == (ScanVerdict.NOT_SCANNED, "clamd does not answer:")
