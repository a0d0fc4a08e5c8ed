"""Single certificates: revoked and taken back by their office; found and printed by their holders."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.form_steps import Fields
from core.audit import service as audit
from core.db.session import OfficeSession, PersonSession, UnitSession
from core.domain.permissions import Permission
from core.platform import Platform
from core.printing.pdf import PrintedPaper
from core.results.awards import certificates, queries
from core.results.awards.certificate_life import GROUND_LABELS
from core.results.awards.pdf import certificates_pdf, to_print
from core.results.awards.queries import Paper
from core.results.ledger import service
from core.results.ledger.history import history
from core.results.ledger.queries import place
from core.sanctions import case_queries
from core.sanctions.suspensions import suspensions
from core.web.dependencies import OfOffice, OfPerson, ThePlatform
from core.web.guards import APPLICANTS, OFFICERS, SUPERVISORS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page

READERS = SUPERVISORS | OFFICERS
_GROUNDS = {ground.value: text for ground, text in GROUND_LABELS.items()}


@page("/certificates/{certificate_id:uuid}", roles=READERS)
def certificate_page(request: AnyRequest, session: OfOffice, certificate_id: FromPath[UUID]) -> Response[str]:
    """One certificate, and the acts on it."""
    return _certificate(request, session, certificate_id)


@form("/certificates/{certificate_id:uuid}/revoke", roles=SUPERVISORS)
def revoke(request: AnyRequest, session: OfOffice, certificate_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Revoke it for good, where a corrected mark took its pass, or a final case of sanctions was not carried out."""
    reason = str(data.get("reason") or "")
    with attempt(request, session) as tried:
        certificates.revoke(session, certificate_id, reason=reason)
        return see(f"/certificates/{certificate_id}")
    return _certificate(request, session, certificate_id, tried=tried, reason=reason)


@form("/certificates/{certificate_id:uuid}/return", roles=SUPERVISORS)
def return_paper(request: AnyRequest, session: OfOffice, certificate_id: FromPath[UUID]) -> Response[Any]:
    """Note the return of its paper."""
    with attempt(request, session) as tried:
        certificates.return_paper(session, certificate_id)
        return see(f"/certificates/{certificate_id}")
    return _certificate(request, session, certificate_id, tried=tried)


@look("/certificates/{certificate_id:uuid}/pdf", roles=SUPERVISORS)
def certificate_pdf(session: OfOffice, platform: ThePlatform, certificate_id: FromPath[UUID]) -> Response[bytes]:
    """The paper, to be printed; the opening is recorded."""
    return certificate_file(session, platform, certificate_id)


@form("/certificates/{certificate_id:uuid}/hand-out", roles=OFFICERS)
def hand_out(request: AnyRequest, session: OfOffice, certificate_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Give its paper to the holder at the office, against signature."""
    with attempt(request, session) as tried:
        receiver, note = str(data.get("receiver") or ""), str(data.get("note") or "")
        service.give_to_holder(session, certificate_id, receiver=receiver, note=note)
        return see(f"/certificates/{certificate_id}")
    return _certificate(request, session, certificate_id, tried=tried, given=data)


@page("/certificates/own", roles=APPLICANTS)
def own_page(request: AnyRequest, session: OfPerson) -> Response[str]:
    """One's own certificates, and the way to another one in the place of each."""
    papers = queries.own_papers(session)
    return render(
        request,
        session,
        "results/own.html",
        papers=papers,
        states=_state,
        ground_labels=_GROUNDS,
        accused=bool(case_queries.cases(session) or suspensions(session)),
    )


@look("/certificates/own/{certificate_id:uuid}/pdf", roles=APPLICANTS)
def own_pdf(session: OfPerson, platform: ThePlatform, certificate_id: FromPath[UUID]) -> Response[bytes]:
    """One's own certificate as a file; a revoked one says so across it."""
    return certificate_file(session, platform, certificate_id)


def certificate_file(
    session: OfficeSession | PersonSession | UnitSession, platform: Platform, certificate_id: UUID
) -> Response[bytes]:
    """A certificate as a file, for a reader who may see it; the opening is recorded, with the digest of the file.

    One that holds is signed. Raises Unavailable where no certificate can sign it.
    """
    paper = queries.paper(session, certificate_id)
    office_id = certificates.office_of(session, certificate_id)
    address = platform.offices.config(office_id).awards.verification_address
    told = to_print(session, [paper], store=platform.documents, keys=platform.keys)
    content = certificates_pdf(told, address=address)
    if paper.in_force and not paper.practice:
        content = platform.pdf_signer.signed(content, reason=f"{paper.office}颁发等级证书", now=session.now)
    subject = audit.RecordSubject(office_id, "certificate", certificate_id)
    digest = hashlib.sha256(content).hexdigest()
    audit.record_on(session, subject, "certificate.opened", number=paper.number, sha256=digest)
    return printed(PrintedPaper(content, f"证书-{paper.number}.pdf"))


def _certificate(
    request: AnyRequest,
    session: OfficeSession,
    certificate_id: UUID,
    *,
    tried: Attempt | None = None,
    reason: str = "",
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    paper = queries.paper(session, certificate_id)
    issued_here = certificates.office_of(session, certificate_id) == session.office_id
    return render(
        request,
        session,
        "results/certificate.html",
        of_year=paper.year,
        tried=tried,
        paper=paper,
        state=_state(paper),
        may_decide=Permission.SUPERVISE in session.actor.may_change,
        may_revoke=certificates.is_to_be_revoked(session, certificate_id),
        may_propose=Permission.RUN_OFFICE in session.actor.may_change,
        ground_labels=_GROUNDS,
        place=place(session, certificate_id) if issued_here else None,
        history=history(session, certificate_id),
        given=Fields(given or {}),
        waits=certificates.revocation_waits(session, certificate_id),
        reason=reason,
    )


def _state(paper: Paper) -> tuple[str, str]:
    if paper.superseded_at is not None:
        return ("已换发", "plain")
    if paper.revoked_at is None:
        return ("有效", "done")
    return ("已撤销", "stopped") if paper.returned_at else ("已撤销，待收回", "stopped")
