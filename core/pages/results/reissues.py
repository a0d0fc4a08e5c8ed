"""Certificates issued again (更换、补办) by pages: the office's list, the proposal, the second person's decision."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.form_steps import Fields
from core.audit.dependents import Foreseen
from core.db.session import OfficeSession, PersonSession
from core.domain.permissions import Permission
from core.errors import Conflict, KaowuError
from core.platform import Platform
from core.results.awards import queries, reissues
from core.results.awards.certificate_life import GROUND_LABELS
from core.web.dependencies import OfOffice, OfPerson, ThePlatform
from core.web.guards import APPLICANTS, OFFICERS, SUPERVISORS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

_TONES = {"asked": "waits", "proposed": "waits", "granted": "done", "refused": "stopped"}


@page("/certificates/reissues", roles=OFFICERS)
def reissues_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """Certificates whose holder is called otherwise now, and the requests to issue one again, the open ones first."""
    return render(
        request,
        session,
        "results/reissues.html",
        outdated=[paper for paper in queries.outdated_papers(session) if not paper.asked],
        lines=reissues.reissues(session),
        **_labels(),
    )


@page("/certificates/own/{certificate_id:uuid}/reissue", roles=APPLICANTS)
def ask_page(request: AnyRequest, session: OfPerson, certificate_id: FromPath[UUID]) -> Response[str]:
    """The form for another certificate in the place of one's own."""
    return _form_page(request, session, certificate_id)


@form("/certificates/own/{certificate_id:uuid}/reissue", roles=APPLICANTS)
def ask(request: AnyRequest, session: OfPerson, certificate_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Ask for another certificate in the place of one's own."""
    with attempt(request, session) as tried:
        ground = reissues.ground_of(str(data.get("ground") or ""))
        reissues.ask(session, certificate_id, ground=ground, reason=str(data.get("reason") or ""))
        return see("/certificates/own")
    return _form_page(request, session, certificate_id, tried=tried, given=data)


@page("/certificates/{certificate_id:uuid}/reissue", roles=OFFICERS)
def propose_page(request: AnyRequest, session: OfOffice, certificate_id: FromPath[UUID]) -> Response[str]:
    """The form of a proposal to issue a certificate again."""
    return _form_page(request, session, certificate_id)


@form("/certificates/{certificate_id:uuid}/reissue", roles=OFFICERS)
def propose(request: AnyRequest, session: OfOffice, certificate_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Propose to issue a certificate again."""
    with attempt(request, session) as tried:
        ground = reissues.ground_of(str(data.get("ground") or ""))
        made = reissues.propose(session, certificate_id, ground=ground, reason=str(data.get("reason") or ""))
        return see(f"/certificates/reissues/{made.id}")
    return _form_page(request, session, certificate_id, tried=tried, given=data)


@page("/certificates/reissues/{reissue_id:uuid}", roles=OFFICERS)
def reissue_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, reissue_id: FromPath[UUID]
) -> Response[str]:
    """One request, what granting it would cause, and the next step."""
    return _reissue(request, session, platform, reissue_id)


@form("/certificates/reissues/{reissue_id:uuid}/support", roles=OFFICERS)
def support(request: AnyRequest, session: OfOffice, platform: ThePlatform, reissue_id: FromPath[UUID]) -> Response[Any]:
    """Propose what its holder has asked for."""
    with attempt(request, session) as tried:
        reissues.support(session, reissue_id)
        return see(f"/certificates/reissues/{reissue_id}")
    return _reissue(request, session, platform, reissue_id, tried=tried)


@form("/certificates/reissues/{reissue_id:uuid}/decide", roles=SUPERVISORS)
def decide(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, reissue_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Issue it again, or refuse that with a reason."""
    with attempt(request, session) as tried:
        if data.get("verdict") == "granted":
            reissues.grant(session, reissue_id, offices=platform.offices, paper_keys=platform.paper_keys)
        else:
            reissues.refuse(session, reissue_id, remark=str(data.get("remark") or ""))
        return see(f"/certificates/reissues/{reissue_id}")
    return _reissue(request, session, platform, reissue_id, tried=tried, given=data)


def _form_page(
    request: AnyRequest,
    session: PersonSession | OfficeSession,
    certificate_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    own = isinstance(session, PersonSession)
    return render(
        request,
        session,
        "results/reissue_form.html",
        tried=tried,
        own=own,
        paper=queries.paper(session, certificate_id),
        action=f"/certificates/{'own/' if own else ''}{certificate_id}/reissue",
        grounds=list(GROUND_LABELS.items()),
        given=Fields(given or {}),
    )


def _reissue(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    reissue_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    reissue = reissues.reissue(session, reissue_id)
    foreseen, hindrance, may_refuse = _foreseen(session, platform, reissue_id)
    return render(
        request,
        session,
        "results/reissue.html",
        tried=tried,
        reissue=reissue,
        paper=queries.paper(session, reissue.certificate_id),
        foreseen=foreseen,
        hindrance=hindrance,
        may_refuse=may_refuse,
        given=Fields(given or {}),
        **_labels(),
    )


def _foreseen(session: OfficeSession, platform: Platform, reissue_id: UUID) -> tuple[Foreseen | None, str, bool]:
    """What granting it would cause, or why that is refused; and whether this reader may refuse the request.

    What can no longer be granted is refused by the second person, or it would stay on the desk for ever.
    """
    state = reissues.reissue(session, reissue_id).state
    if state != "proposed" or Permission.SUPERVISE not in session.actor.may_change:
        return None, "", False
    try:
        found = reissues.foresee(session, reissue_id, offices=platform.offices, paper_keys=platform.paper_keys)
    except KaowuError as refusal:
        return None, refusal.detail, isinstance(refusal, Conflict)
    return found, "", True


def _labels() -> dict[str, Any]:
    return {
        "states": {state: (text, _TONES[state]) for state, text in reissues.STATE_LABELS.items()},
        "grounds": {ground.value: text for ground, text in GROUND_LABELS.items()},
    }
