"""Every PDF of the corpus is accepted as it came, or refused by name."""

import io
import tempfile
from pathlib import Path

import pypdfium2
import pytest

from core.documents.content import PDF, prepare
from core.errors import Invalid
from core.tenancy.config.office import DocumentsTable
from tests.corpus.make import make
from tests.corpus.pdfs import PDFS, SentPdf
from tests.corpus.tables import TABLES

LIMITS = DocumentsTable()
READABLE = [sent for sent in PDFS if not sent.refused]


@pytest.mark.parametrize("sent", PDFS, ids=lambda sent: sent.name)
def test_a_pdf_is_kept_as_it_came_or_refused_by_name(sent: SentPdf) -> None:
    content = sent.make()
    if sent.refused:
        with pytest.raises(Invalid, match="请") as refused:
            prepare(io.BytesIO(content), LIMITS)
        assert refused.value.code == sent.refused
        return
    prepared = prepare(io.BytesIO(content), LIMITS)
    with prepared.content as kept:
        assert (prepared.media_type, kept.read()) == (PDF, content)


@pytest.mark.parametrize("sent", READABLE, ids=lambda sent: sent.name)
def test_what_is_accepted_opens_in_a_reader_without_a_password(sent: SentPdf) -> None:
    assert len(pypdfium2.PdfDocument(sent.make())) == 1


def test_the_script_writes_every_file_with_its_expected_reading() -> None:
    with tempfile.TemporaryDirectory() as folder:
        count = make(Path(folder))
        files = {file.name for file in Path(folder).iterdir()}
    assert count == len(TABLES) + len(PDFS)
    assert len(files) == 2 * count
    assert all(f"{sent.name}.expected.json" in files for sent in (*TABLES, *PDFS))
