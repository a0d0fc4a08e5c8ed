"""Signed PDFs, looked at by another program than the one that signs: pdfsig of poppler-utils."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import system_clock
from core.errors import ConfigurationError, Unavailable
from core.printing.pdf import pdf
from core.security.pdf_signatures import PdfSigner, create_pdf_certificates
from tests.reading import seen_by_pdfsig

NOW = system_clock()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("keys")
    create_pdf_certificates(made, now=NOW)
    return made


def page() -> bytes:
    """A PDF of one page."""
    given = {"title": "名册", "footer": "", "digest": "", "code": "", "unit": "测试单位", "year": 2024, "version": 1}
    return pdf("roster", {**given, "made_at": "2024年3月25日", "columns": ["序号"], "rows": [["1"]]})


def test_a_signature_holds_for_another_program_and_a_changed_byte_breaks_it(folder: Path, tmp_path: Path) -> None:
    signed = PdfSigner(folder).signed(page(), reason="测试", now=NOW)
    said = seen_by_pdfsig(signed, tmp_path)
    assert "Signature is Valid." in said
    assert "ETSI.CAdES.detached" in said
    assert "Total document signed" in said
    assert "Certificate issuer isn't Trusted." in said
    changed = bytearray(signed)
    changed[signed.index(b"/Title") + 1] ^= 1
    assert "Digest Mismatch." in seen_by_pdfsig(bytes(changed), tmp_path)
    assert "does not contain any signatures" in seen_by_pdfsig(page(), tmp_path)


def test_a_newer_certificate_signs_at_once_and_older_signatures_hold(tmp_path: Path) -> None:
    kept, other = tmp_path / "kept", tmp_path / "other"
    create_pdf_certificates(kept, now=NOW)
    signer = PdfSigner(kept)
    before = signer.signed(page(), reason="测试", now=NOW)
    create_pdf_certificates(other, now=NOW)
    (kept / "pdf-2.pem").write_bytes((other / "pdf-1.pem").read_bytes())
    assert signer.authority == (other / "pdf-ca.pem").read_bytes()
    for signed in (before, signer.signed(page(), reason="测试", now=NOW)):
        assert "Signature is Valid." in seen_by_pdfsig(signed, tmp_path)


def test_nothing_is_signed_with_a_certificate_that_does_not_hold(folder: Path, tmp_path: Path) -> None:
    signer = PdfSigner(folder)
    for moment in (signer.holds_until, NOW - timedelta(days=2)):
        with pytest.raises(Unavailable, match="更换签名证书"):
            signer.signed(page(), reason="测试", now=moment)
    with pytest.raises(Unavailable, match="kaowu keys create"):
        PdfSigner(tmp_path).signed(page(), reason="测试", now=NOW)


def test_certificates_are_made_once_for_the_service_alone(folder: Path) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert set(before) == {"pdf-1.pem", "pdf-ca.pem"}
    create_pdf_certificates(folder, now=NOW)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "pdf-1.pem").write_text("none")
    with pytest.raises(ConfigurationError, match=r"pdf-1\.pem"):
        PdfSigner(tmp_path).signed(page(), reason="测试", now=NOW)
