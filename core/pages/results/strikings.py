"""Striking somebody off a list, and restoring them, by pages: the proposal, the second officer's decision, the undo."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications.form_steps import Fields
from core.applications.queries import application
from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.errors import NotFound
from core.pages.season import season_asked
from core.platform import Platform
from core.results.awards import list_queries, queries, striking
from core.results.awards.objections import objection_of
from core.results.awards.standing import strikings_about
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICERS, SUPERVISORS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

TONES = {"proposed": "waits", "granted": "stopped", "refused": "plain", "lapsed": "plain"}


@page("/awards/strikings", roles=OFFICERS)
def strikings_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The proposals of a year to strike somebody off a list or to restore them, the undecided ones first."""
    year = season_asked(request, session).year
    return render(
        request, session, "results/strikings.html", year=year, lines=list_queries.strikings(session, year), **_labels()
    )


@page("/awards/strikings/{striking_id:uuid}", roles=OFFICERS)
def striking_page(request: AnyRequest, session: OfOffice, striking_id: FromPath[UUID]) -> Response[str]:
    """One proposal with what the person said, and its decision."""
    return _striking(request, session, striking_id)


@form("/awards/strikings/{striking_id:uuid}/decide", roles=SUPERVISORS)
def decide(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, striking_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Strike or restore the person, or leave it as it is; with a reason that they read."""
    with attempt(request, session) as tried:
        remark = str(data.get("remark") or "")
        kind = striking.striking_of(session, striking_id).kind
        if data.get("verdict") != "granted":
            striking.refuse(session, striking_id, remark=remark, keys=platform.keys)
        elif kind == "strike":
            striking.strike(session, striking_id, remark=remark, keys=platform.keys)
        else:
            striking.restore(session, striking_id, remark=remark)
        return see(f"/awards/strikings/{striking_id}")
    return _striking(request, session, striking_id, tried=tried, given=data)


@form("/awards/strikings/{striking_id:uuid}/undo", roles=SUPERVISORS)
def undo(request: AnyRequest, session: OfOffice, platform: ThePlatform, striking_id: FromPath[UUID]) -> Response[Any]:
    """Take one's own decision back on its day."""
    with attempt(request, session) as tried:
        striking.undo(session, striking_id, keys=platform.keys)
        return see(f"/awards/strikings/{striking_id}")
    return _striking(request, session, striking_id, tried=tried)


@page("/awards/{publication_id:uuid}/lines/{position:int}", roles=OFFICERS)
def line_page(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    publication_id: FromPath[UUID],
    position: FromPath[int],
    objection: Annotated[UUID | None, QueryParameter(description="针对该人员的异议。")] = None,
) -> Response[str]:
    """The form to propose that a line is struck, or that somebody who was struck is restored."""
    return _line(request, session, platform, publication_id, position=position, objection_id=objection)


@form("/awards/{publication_id:uuid}/lines/{position:int}", roles=OFFICERS)
def propose(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    publication_id: FromPath[UUID],
    position: FromPath[int],
    data: Sent,
) -> Response[Any]:
    """Propose it: the person is told, and another officer decides."""
    reason, sent = str(data.get("reason") or ""), str(data.get("objection") or "")
    raised = UUID(sent) if sent else None
    with attempt(request, session) as tried:
        if data.get("kind") == "restore":
            made = striking.propose_back(session, publication_id, position, reason=reason)
        else:
            awards = platform.offices.config(session.office_id).awards
            made = striking.propose(
                session, publication_id, position, reason=reason, awards=awards, objection_id=raised
            )
        return see(f"/awards/strikings/{made.id}")
    return _line(
        request, session, platform, publication_id, position=position, objection_id=raised, tried=tried, given=data
    )


def _line(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    publication_id: UUID,
    *,
    position: int,
    objection_id: UUID | None = None,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    listed = queries.publication(session, publication_id)
    found = queries.lines(session, publication_id, after=min(position, 1_000_000) - 1, limit=1)
    if not found or found[0].position != position:
        raise NotFound("publication_line_unknown", "名单中没有这个序号。请从名单进入。")
    (line,) = found
    return render(
        request,
        session,
        "results/line.html",
        of_year=listed.year,
        tried=tried,
        publication=listed,
        line=line,
        raised=None if objection_id is None else objection_of(session, objection_id),
        open_one=next(
            (found for found in strikings_about(session, line.application_id) if found.state == "proposed"), None
        ),
        may_restore=list_queries.struck_of(session, line.application_id) is not None,
        hearing_days=platform.offices.config(session.office_id).awards.hearing_days,
        given=Fields(given or {}),
    )


def _striking(
    request: AnyRequest,
    session: OfficeSession,
    striking_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    found = striking.striking_of(session, striking_id)
    case = application(session, found.application_id)
    account = session.actor.account_id
    return render(
        request,
        session,
        "results/striking.html",
        of_year=case.year,
        tried=tried,
        striking=found,
        case=case,
        publication=queries.publication(session, found.publication_id),
        raised=None if found.objection_id is None else objection_of(session, found.objection_id),
        is_heard=found.heard_until is None or session.now >= found.heard_until,
        may_decide=Permission.SUPERVISE in session.actor.may_change and found.proposed_by != account,
        may_undo=striking.may_be_undone(session, found),
        given=Fields(given or {}),
        **_labels(),
    )


def _labels() -> dict[str, Any]:
    return {"kinds": striking.KIND_LABELS, "states": striking.STATE_LABELS, "tones": TONES}
