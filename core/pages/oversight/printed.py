"""The papers of oversight by pages: the history of a case and the receipt of a filing, as PDFs."""

from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.oversight.history_pdf import history_pdf, receipt_pdf
from core.web.dependencies import AnySession, OfReader
from core.web.guards import AUDITORS, OFFICE_STAFF, OFFICERS
from core.web.page.downloads import printed
from core.web.routes import look


@look("/cases/{application_id:uuid}/story/pdf", roles=OFFICE_STAFF | AUDITORS, province=True)
def history_file(session: OfReader, application_id: FromPath[UUID]) -> Response[bytes]:
    """Everything that happened to a case, to be printed and filed."""
    return printed(history_pdf(session, application_id))


@look("/filings/{filing_id:uuid}/receipt", roles=OFFICERS | AUDITORS, province=True)
def receipt_file(session: AnySession, filing_id: FromPath[UUID]) -> Response[bytes]:
    """The center's receipt, to be printed."""
    return printed(receipt_pdf(session, filing_id))
