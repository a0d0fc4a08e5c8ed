"""Corrections of names and identity numbers by pages: the person's, the unit's, and the office's desk of them."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody, QueryParameter
from sqlalchemy import select

from core.applications import queries as cases
from core.applications.form_steps import Fields
from core.applications.identity import corrections, queries
from core.applications.identity.corrections import About, AskingSession, Wanted
from core.applications.identity.queries import CorrectionLine
from core.applications.identity.steps import KIND_LABELS, STATE_LABELS, Kind, State, kind_of
from core.applications.models import Application
from core.applications.queries import Filter
from core.audit.dependents import Foreseen
from core.db.session import OfficeSession, PersonSession, UnitSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.domain.identity_number import mask
from core.domain.permissions import Permission
from core.errors import KaowuError, NotFound
from core.pages.offered_files import offered_if_chosen
from core.pages.season import season_asked
from core.platform import Platform
from core.web.dependencies import OfOffice, OfPerson, OfUnit, ThePlatform
from core.web.guards import APPLICANTS, OFFICERS, SUPERVISORS, UNITS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page

_TONES = {State.ASKED: "waits", State.EXAMINED: "waits", State.GRANTED: "done", State.REFUSED: "stopped"}
_KINDS = [
    (Kind.SLIP.value, KIND_LABELS[Kind.SLIP], "写错字、多字、少字"),
    (Kind.CHANGED.value, KIND_LABELS[Kind.CHANGED], "户口簿上的姓名已经改变，原姓名作为曾用名保留"),
    (Kind.NUMBER.value, KIND_LABELS[Kind.NUMBER], ""),
]
Named = Annotated[str, QueryParameter(max_length=100, description="申报编号、姓名或身份证末四位。")]


@page("/my/identity", roles=APPLICANTS)
def own_page(request: AnyRequest, session: OfPerson, platform: ThePlatform) -> Response[str]:
    """My name and number as registered, my corrections, and the form for one."""
    return _own(request, session, platform)


@form_with_file("/my/identity", roles=APPLICANTS)
def ask_for_oneself(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Ask for a correction of my name or number, with a photo of the evidence."""
    with attempt(request, session) as tried:
        _ask(session, platform, corrections.about_myself(session, platform.keys), data)
        return see("/my/identity")
    return _own(request, session, platform, tried=tried, given=data)


@page("/unit/identity", roles=UNITS)
def unit_page(request: AnyRequest, session: OfUnit, platform: ThePlatform, q: Named = "") -> Response[str]:
    """The corrections of the unit's people, and the way to ask for one: the person is looked up first."""
    year = season_asked(request, session).year
    people = cases.queue(session, year, Filter(text=q.strip()), size=20).rows if q.strip() else []
    lines = queries.unit_corrections(session, platform.keys)
    return render(request, session, "applications/identity_unit.html", q=q, people=people, **_listed(session, lines))


@page("/unit/people/{application_id:uuid}/identity", roles=UNITS)
def unit_person_page(
    request: AnyRequest, session: OfUnit, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """The form for a correction of one of the unit's people."""
    return _unit_person(request, session, platform, application_id)


@form_with_file("/unit/people/{application_id:uuid}/identity", roles=UNITS)
def ask_for_person(
    request: AnyRequest,
    session: OfUnit,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Ask for it, or put the unit's own slip right at once."""
    with attempt(request, session) as tried:
        _ask(session, platform, corrections.about_case(session, application_id, platform.keys), data)
        return see("/unit/identity")
    return _unit_person(request, session, platform, application_id, tried=tried, given=data)


@page("/identity", roles=OFFICERS)
def desk_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """The corrections before the office, the open ones first, and a form to ask for one."""
    return _desk(request, session, platform)


@form_with_file("/identity", roles=OFFICERS)
def ask_by_officer(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Ask for a correction of a person, named by the case or by the number on the card."""
    with attempt(request, session) as tried:
        _ask(session, platform, _about(session, platform, str(data.get("person") or "")), data)
        return see("/identity")
    return _desk(request, session, platform, tried=tried, given=data)


@page("/identity/{identity_correction_id:uuid}", roles=OFFICERS)
def correction_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, identity_correction_id: FromPath[UUID]
) -> Response[str]:
    """One correction with both values in full, what granting it would cause, and the next step."""
    return _correction(request, session, platform, identity_correction_id)


@form("/identity/{identity_correction_id:uuid}/examine", roles=OFFICERS)
def examine(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, identity_correction_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Note what the comparison with the evidence found."""
    with attempt(request, session) as tried:
        corrections.examine(session, identity_correction_id, examination=str(data.get("examination") or ""))
        return see(f"/identity/{identity_correction_id}")
    return _correction(request, session, platform, identity_correction_id, tried=tried, given=data)


@form("/identity/{identity_correction_id:uuid}/decide", roles=SUPERVISORS)
def decide(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, identity_correction_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Grant it, or refuse it with a reason."""
    remark = str(data.get("remark") or "")
    with attempt(request, session) as tried:
        if data.get("verdict") == "granted":
            corrections.grant(session, identity_correction_id, keys=platform.keys, remark=remark)
        else:
            corrections.refuse(session, identity_correction_id, remark=remark)
        return see(f"/identity/{identity_correction_id}")
    return _correction(request, session, platform, identity_correction_id, tried=tried, given=data)


def _ask(session: AskingSession, platform: Platform, about: About, data: Mapping[str, Any]) -> None:
    wanted = Wanted(
        kind_of(str(data.get("kind") or "")),
        str(data.get("value") or ""),
        str(data.get("reason") or ""),
        str(data.get("evidence") or ""),
    )
    with offered_if_chosen(data, "evidence") as paper:
        amendment = corrections.ask(session, about, wanted, keys=platform.keys)
        if paper is not None and not amendment.at_once:
            attach(session, Subject.IDENTITY, amendment.id, paper, keeping=platform.keeping)


def _about(session: OfficeSession, platform: Platform, named: str) -> About:
    """The person whom an officer names by a reference or by an identity number."""
    found = session.scalar(select(Application.id).where(Application.reference == named.strip()))
    if found is not None:
        return corrections.about_case(session, found, platform.keys)
    try:
        return corrections.about_number(session, named, platform.keys)
    except KaowuError as refusal:
        raise type(refusal)(refusal.code, refusal.detail, fields={"person": refusal.detail}) from None


def _own(
    request: AnyRequest,
    session: PersonSession,
    platform: Platform,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    about = corrections.about_myself(session, platform.keys)
    lines = queries.own_corrections(session, platform.keys)
    context = {**_listed(session, lines), **_form(platform, about, given)}
    return render(request, session, "applications/identity_own.html", tried=tried, **context)


def _unit_person(
    request: AnyRequest,
    session: UnitSession,
    platform: Platform,
    application_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    about = corrections.about_case(session, application_id, platform.keys)
    return render(
        request,
        session,
        "applications/identity_person.html",
        tried=tried,
        application=cases.application(session, application_id),
        at_once=corrections.is_own_slip(session, about),
        **_form(platform, about, given),
    )


def _desk(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    lines = queries.office_corrections(session, platform.keys)
    limits = limits_of(platform.offices.config(session.office_id))
    shown = {**_listed(session, lines), "kind_choices": _KINDS, "limits": limits, "given": Fields(given or {})}
    return render(request, session, "applications/identity_desk.html", tried=tried, **shown)


def _correction(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    correction_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    amendment = queries.correction(session, correction_id)
    ours = amendment.office_id == session.office_id
    line = queries.line_of(amendment, platform.keys)
    was, becomes = (
        corrections.open_in_full(session, correction_id, platform.keys)
        if ours
        else queries.identities(amendment, platform.keys)
    )
    foreseen, hindrance = _foreseen(session, platform, correction_id) if ours else (None, "")
    return render(
        request,
        session,
        "applications/identity_case.html",
        tried=tried,
        was=was,
        becomes=becomes,
        ours=ours,
        foreseen=foreseen,
        hindrance=hindrance,
        given=Fields(given or {}),
        mask=mask,
        line=line,
        **_listed(session, [line]),
    )


def _foreseen(session: OfficeSession, platform: Platform, correction_id: UUID) -> tuple[Foreseen | None, str]:
    """What granting it would cause, for somebody who may; or why this reader cannot decide it."""
    amendment = queries.correction(session, correction_id)
    if amendment.state != State.EXAMINED or Permission.SUPERVISE not in session.actor.may_change:
        return None, ""
    try:
        return corrections.foresee(session, correction_id, platform.keys), ""
    except (KaowuError, NotFound) as refusal:
        return None, refusal.detail


def _listed(session: PersonSession | UnitSession | OfficeSession, lines: list[CorrectionLine]) -> dict[str, Any]:
    return {
        "lines": lines,
        "files": files_of(session, Subject.IDENTITY, [line.correction.id for line in lines]),
        "states": {state.value: (STATE_LABELS[state], _TONES[state]) for state in State},
        "kinds": {kind.value: text for kind, text in KIND_LABELS.items()},
        "open_states": [State.ASKED.value, State.EXAMINED.value],
    }


def _form(platform: Platform, about: About, given: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "name": about.identity.name,
        "number": mask(about.identity.id_number),
        "kind_choices": _KINDS,
        "limits": limits_of(platform.offices.config(about.office_id)),
        "given": Fields(given or {}),
    }
