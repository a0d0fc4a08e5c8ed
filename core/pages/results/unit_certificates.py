"""A unit's share in the ledger of certificates: the batches handed over to it, and the signatures of its people."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.session import UnitSession
from core.pages.results.ledger import BATCH_TONES, batch_parts, chosen_ids
from core.pages.season import season_asked
from core.printing.pdf import PrintedPaper
from core.results.ledger import queries, service
from core.results.ledger.pdf import sheet_pdf
from core.results.ledger.places import BATCH_LABELS, BatchState
from core.web.dependencies import OfUnit
from core.web.guards import UNITS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page


@page("/unit/certificates", roles=UNITS)
def batches_page(request: AnyRequest, session: OfUnit) -> Response[str]:
    """The batches that were handed over to my units."""
    year = season_asked(request, session).year
    return render(
        request,
        session,
        "results/unit_batches.html",
        year=year,
        batches=queries.batches(session, year),
        states={state.value: (BATCH_LABELS[state], BATCH_TONES[state]) for state in BatchState},
    )


@page("/unit/certificates/{handout_id:uuid}", roles=UNITS)
def batch_page(request: AnyRequest, session: OfUnit, handout_id: FromPath[UUID]) -> Response[str]:
    """One batch: its papers, and who has signed."""
    return _batch(request, session, handout_id)


@look("/unit/certificates/{handout_id:uuid}/pdf", roles=UNITS)
def print_sheet(session: OfUnit, handout_id: FromPath[UUID]) -> Response[bytes]:
    """The sheet for signatures of a batch."""
    batch = queries.batch(session, handout_id)
    paper = sheet_pdf(session, batch, queries.batch_entries(session, handout_id))
    return printed(PrintedPaper(paper, f"证书签收表-{batch.year}-第{batch.serial}批.pdf"))


@form("/unit/certificates/{handout_id:uuid}/received", roles=UNITS)
def note_received(request: AnyRequest, session: OfUnit, handout_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Note which of my people have signed."""
    with attempt(request, session) as tried:
        receiver, note = str(data.get("receiver") or ""), str(data.get("note") or "")
        service.note_received(session, handout_id, chosen_ids(data, "certificate"), receiver=receiver, note=note)
        return see(f"/unit/certificates/{handout_id}")
    return _batch(request, session, handout_id, tried=tried, given=data)


def _batch(
    request: AnyRequest,
    session: UnitSession,
    handout_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    batch = queries.batch(session, handout_id)
    return render(
        request,
        session,
        "results/batch.html",
        of_year=batch.year,
        tried=tried,
        batch=batch,
        unit=queries.unit_name(session, batch),
        runs=False,
        by_unit=True,
        **batch_parts(session, handout_id, given),
    )
