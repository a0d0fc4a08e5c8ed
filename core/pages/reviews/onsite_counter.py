"""Pages of the counter: a batch found by a scanned code, received, its originals, and what goes back."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.form_steps import Fields
from core.db.session import OfficeSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.domain.workflow import STATE_LABELS
from core.errors import NotFound
from core.organizations.models import Unit
from core.pages.reviews.onsite_slots import BATCH_TONES, show_onsite
from core.reviews import onsite, originals, rosters
from core.reviews.models import Original, Roster
from core.reviews.onsite_day import calling, counter
from core.reviews.onsite_day.counter import InBulk
from core.reviews.onsite_day.pdf import give_back_pdf, receipt_pdf
from core.web.dependencies import OfOffice
from core.web.guards import REVIEWERS
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page


@form("/onsite/find", roles=REVIEWERS)
def find_batch(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Open the batch of a scanned or typed code; an old edition is said on its page."""
    found = None
    with attempt(request, session) as tried:
        found = counter.find(session, fields.text(data, "code"))
    if found is None or found.batch_id is None:
        said = "" if found is None else f"{found.unit}：{found.said}" if found.unit else found.said
        return show_onsite(request, session, tried=tried, said=said)
    if not found.said:
        return see(f"/onsite/batches/{found.batch_id}")
    return _show(request, session, found.batch_id, said=found.said)


@page("/onsite/batches/{batch_id:uuid}", roles=REVIEWERS)
def batch_page(request: AnyRequest, session: OfOffice, batch_id: FromPath[UUID]) -> Response[str]:
    """One batch: its people, what was brought, and what is to be done next."""
    return _show(request, session, batch_id)


@form("/onsite/batches/{batch_id:uuid}/receive", roles=REVIEWERS)
def receive(request: AnyRequest, session: OfOffice, batch_id: FromPath[UUID]) -> Response[Any]:
    """Give the receipt; an appointment of the unit that has begun is served with it."""
    with attempt(request, session) as tried:
        batch = onsite.receive_batch(session, batch_id)
        calling.serve_unit(session, batch.unit_id)
        return see(f"/onsite/batches/{batch_id}")
    return _show(request, session, batch_id, tried=tried)


@form("/onsite/batches/{batch_id:uuid}/return", roles=REVIEWERS)
def give_batch_back(request: AnyRequest, session: OfOffice, batch_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Return the whole batch with a remark."""
    with attempt(request, session) as tried:
        onsite.return_batch(session, batch_id, remark=fields.text(data, "remark"))
        return see(f"/onsite/batches/{batch_id}")
    return _show(request, session, batch_id, tried=tried, given=data)


@form("/onsite/batches/{batch_id:uuid}/close", roles=REVIEWERS)
def close(request: AnyRequest, session: OfOffice, batch_id: FromPath[UUID]) -> Response[Any]:
    """Close the batch, once all is decided and nothing is in custody."""
    with attempt(request, session) as tried:
        onsite.close_batch(session, batch_id)
        return see(f"/onsite/batches/{batch_id}")
    return _show(request, session, batch_id, tried=tried)


@form("/onsite/batches/{batch_id:uuid}/missing", roles=REVIEWERS)
def note_missing(request: AnyRequest, session: OfOffice, batch_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Note what is missing of a case, or that it was brought since."""
    with attempt(request, session) as tried:
        counter.note_missing(session, batch_id, fields.identifier(data, "case"), remark=fields.text(data, "missing"))
        return see(f"/onsite/batches/{batch_id}")
    return _show(request, session, batch_id, tried=tried, given=data)


@form("/onsite/batches/{batch_id:uuid}/originals", roles=REVIEWERS)
def take_originals(request: AnyRequest, session: OfOffice, batch_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Take the originals of the ticked people into custody."""
    made = None
    with attempt(request, session) as tried:
        ticked = set(fields.identifiers(data, "case"))
        but = {case.id for case in onsite.listed_cases(session, batch_id)} - ticked
        made = counter.receive_all(
            session,
            batch_id,
            titles=fields.text(data, "titles").splitlines(),
            but=but,
            received_from=fields.text(data, "received_from"),
        )
        if not made.refused:
            return see(f"/onsite/batches/{batch_id}")
    return _show(request, session, batch_id, tried=tried, given=data, made=made)


@form("/onsite/batches/{batch_id:uuid}/give-back", roles=REVIEWERS)
def give_originals_back(request: AnyRequest, session: OfOffice, batch_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Give the ticked originals back."""
    with attempt(request, session) as tried:
        ticked = set(fields.identifiers(data, "original"))
        held = originals.held_originals(session, application_ids=onsite.cases_of(session, batch_id))
        but = {paper.id for paper in held} - ticked
        counter.return_all(session, batch_id, but=but, returned_to=fields.text(data, "returned_to"))
        return see(f"/onsite/batches/{batch_id}")
    return _show(request, session, batch_id, tried=tried, given=data)


@form("/onsite/batches/{batch_id:uuid}/lost", roles=REVIEWERS)
def note_loss(request: AnyRequest, session: OfOffice, batch_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Note that an original cannot be found; its person is told."""
    with attempt(request, session) as tried:
        original = session.get(Original, fields.identifier(data, "original"))
        if original is None or original.application_id not in set(onsite.cases_of(session, batch_id)):
            raise NotFound("no_such_original", "没有找到由本机构保管的这份原件。请核对编号。")
        originals.note_loss(session, original.id, remark=fields.text(data, "lost_remark"))
        return see(f"/onsite/batches/{batch_id}")
    return _show(request, session, batch_id, tried=tried, given=data)


@look("/onsite/batches/{batch_id:uuid}/receipt", roles=REVIEWERS)
def print_receipt(session: OfOffice, batch_id: FromPath[UUID]) -> Response[bytes]:
    """The receipt on paper."""
    return printed(receipt_pdf(session, counter.batch_of(session, batch_id)))


@look("/onsite/batches/{batch_id:uuid}/sign-for", roles=REVIEWERS)
def print_give_back(session: OfOffice, batch_id: FromPath[UUID]) -> Response[bytes]:
    """The list on which originals are signed for."""
    return printed(give_back_pdf(session, counter.batch_of(session, batch_id)))


def _show(
    request: AnyRequest,
    session: OfficeSession,
    batch_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
    said: str = "",
    made: InBulk | None = None,
) -> Response[str]:
    batch = counter.batch_of(session, batch_id)
    cases = onsite.listed_cases(session, batch_id)
    ids = [case.id for case in cases]
    roster = session.get_one(Roster, batch.roster_id)
    held = originals.held_originals(session, application_ids=ids)
    return render(
        request,
        session,
        "reviews/onsite_batch.html",
        tried=tried,
        of_year=batch.year,
        batch=batch,
        unit=session.get_one(Unit, batch.unit_id),
        roster=roster,
        newer=rosters.is_superseded(session, roster),
        state=onsite.LABELS[onsite.BatchState(batch.state)],
        tone=BATCH_TONES[batch.state],
        cases=cases,
        people={case.id: case.person_name for case in cases},
        labels=STATE_LABELS,
        originals=originals.originals_by_case(session, ids),
        held=held,
        missing=counter.missing_of(session, batch_id),
        files=files_of(session, Subject.BATCH, [batch.id])[batch.id],
        titles=counter.usual_titles(session, ids),
        given=Fields(given or {}),
        said=said,
        made=made,
        elsewhere=[case for case in cases if case.handler_office_id != session.office_id],
    )
