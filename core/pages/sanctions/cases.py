"""Pages of sanction cases for offices: proposal, hearing, service of the papers, decision, appeal and execution."""

from collections.abc import Collection
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody, QueryParameter

from core.applications.form_steps import Fields
from core.applications.models import Application
from core.applications.queries import application as application_of
from core.applications.relations import must_avoid
from core.audit.dependents import rehearse
from core.db.session import OfficeSession, ProvinceSession
from core.documents.attachment_queries import files_of, open_kinds, standing_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.documents.queries import current_documents
from core.domain.permissions import Permission
from core.domain.workflow import ADMITTED, State
from core.errors import Conflict, Invalid, KaowuError, NotFound
from core.pages.offered_files import offered_if_chosen
from core.pages.sanctions.shown import TONES, papers_shown, steps_shown
from core.pages.season import season_asked
from core.platform import Platform
from core.sanctions import case_queries as queries, cases, papers
from core.sanctions.carrying_out import may_be_annulled, measures_in_words
from core.sanctions.cases import Evidence, Measures
from core.sanctions.models import SanctionCase
from core.sanctions.paper_kinds import BY_OFFICE, ServiceWay
from core.sanctions.pdf import paper_pdf
from core.sanctions.procedure import (
    CASE_ACTION_LABELS,
    CASE_KIND_LABELS,
    CASE_STATE_LABELS,
    OPEN,
    CaseAction,
    CaseKind,
    CaseState,
    next_state,
)
from core.sanctions.steps import DecidingSession, allowed, barred, clock_of
from core.sanctions.suspensions import in_force, may_suspend, suspensions
from core.tenancy.queries import offices
from core.web.dependencies import OfSupervisor, ThePlatform
from core.web.guards import PROPOSERS, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, look, page


@page("/sanctions", roles=PROPOSERS, province=True)
def cases_page(request: AnyRequest, session: OfSupervisor) -> Response[str]:
    """The visible cases, the newest first."""
    rows = queries.cases(session, season_asked(request, session).year)
    return render(
        request,
        session,
        "sanctions/cases.html",
        rows=[(row, session.get_one(Application, row.application_id)) for row in rows],
        names={office.id: office.name for office in offices(session)},
        labels=CASE_STATE_LABELS,
        tones=TONES,
        suspended={suspension.case_id: suspension for suspension, _ in suspensions(session)},
    )


@page("/sanctions/new", roles=PROPOSERS, province=True)
def propose_page(  # noqa: PLR0917 - what the address names
    request: AnyRequest,
    session: OfSupervisor,
    platform: ThePlatform,
    application_id: Annotated[UUID, QueryParameter(name="application")],
    kind: Annotated[str, QueryParameter(max_length=20)] = "",
) -> Response[str]:
    """The form for facts and evidence of a new case."""
    return _propose(request, session, platform, application_id, given={"kind": kind})


@form_with_file("/sanctions/new", roles=PROPOSERS, province=True)
def propose(
    request: AnyRequest, session: OfSupervisor, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Propose a case with its evidence to the level that decides."""
    application_id = uuid_of(data.get("application"))
    kind, title = "lead" if data.get("lead") else "evidence", str(data.get("title") or "")
    with attempt(request, session) as tried, offered_if_chosen(data, kind, title=title) as paper:
        outside = _evidence(data, with_file=paper is not None)
        case_kind = CaseKind.ERROR if data.get("kind") == CaseKind.ERROR else CaseKind.VIOLATION
        facts = str(data.get("facts") or "")
        made = cases.propose(session, application_id, facts=facts, evidence=outside, kind=case_kind)
        if paper is not None:
            attach(session, Subject.SANCTION, made.id, paper, keeping=platform.keeping)
        return see(f"/sanctions/{made.id}")
    return _propose(request, session, platform, application_id, given=data, tried=tried)


@page("/sanctions/{case_id:uuid}", roles=PROPOSERS, province=True)
def case_page(
    request: AnyRequest, session: OfSupervisor, platform: ThePlatform, case_id: FromPath[UUID]
) -> Response[str]:
    """One case with its evidence, its steps, and the actions open to the actor."""
    return _case(request, session, platform, case_id)


@form("/sanctions/{case_id:uuid}/{verb:str}", roles=SUPERVISORS, province=True)
def take_step(
    request: AnyRequest,
    session: OfSupervisor,
    platform: ThePlatform,
    *,
    case_id: FromPath[UUID],
    verb: FromPath[str],
    data: Sent,
) -> Response[Any]:
    """Hear, drop, clear, decide, hand up, carry out, uphold or overturn."""
    with attempt(request, session) as tried:
        _take(session, platform, case_id, verb=verb, data=data)
        return see(f"/sanctions/{case_id}")
    return _case(request, session, platform, case_id, tried=tried, given=data)


@form_with_file("/sanctions/{case_id:uuid}/service", roles=SUPERVISORS, province=True)
def record_service(
    request: AnyRequest,
    session: OfSupervisor,
    platform: ThePlatform,
    *,
    case_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Record how and when a paper was served, with the scan of its receipt."""
    with attempt(request, session) as tried, offered_if_chosen(data, "receipt") as scan:
        way, day = fields.one_of(ServiceWay, data, "way"), fields.day(data, "day")
        papers.serve(session, case_id, way=way, day=day)
        if scan is not None:
            attach(session, Subject.SANCTION, case_id, scan, keeping=platform.keeping)
        return see(f"/sanctions/{case_id}")
    return _case(request, session, platform, case_id, tried=tried, given=data)


@look("/sanctions/{case_id:uuid}/papers/{form_name:str}", roles=PROPOSERS, province=True)
def print_paper(session: OfSupervisor, case_id: FromPath[UUID], form_name: FromPath[str]) -> Response[bytes]:
    """A paper of the case as PDF, to be sealed and served, or the receipt to be signed."""
    return printed(paper_pdf(session, queries.case(session, case_id), form_name))


def _take(session: DecidingSession, platform: Platform, case_id: UUID, *, verb: str, data: dict[str, Any]) -> None:
    words, number, known = str(data.get("words") or ""), str(data.get("number") or ""), platform.offices
    match verb:
        case "hear":
            cases.hear(session, case_id, words=words, offices=known, number=number)
        case "drop":
            cases.drop(session, case_id, words=words)
        case "clear":
            cases.clear(session, case_id, words=words)
        case "decide":
            measures = _measures(session, platform, case_id, data)
            cases.decide(session, case_id, words=words, measures=measures, offices=known, number=number)
        case "hand_up" if isinstance(session, OfficeSession):
            cases.hand_up(session, case_id, words=words)
        case "carry_out":
            cases.carry_out(session, case_id, offices=known)
        case "uphold" if isinstance(session, ProvinceSession):
            cases.uphold(session, case_id, words=words, offices=known)
        case "overturn" if isinstance(session, ProvinceSession):
            cases.overturn(session, case_id, words=words)
        case _:
            raise NotFound("no_such_step", "没有这项操作，或须由上一级机构办理。请从案件页面办理。")


def _measures(session: DecidingSession, platform: Platform, case_id: UUID, data: dict[str, Any]) -> Measures:
    office = queries.case(session, case_id).office_id
    years = platform.offices.config(office).eligibility.ban_years if data.get("bans") else 0
    return Measures(bool(data.get("disqualifies")), bool(data.get("revokes")), years)


def _propose(  # noqa: PLR0917 - the data of the page
    request: AnyRequest,
    session: DecidingSession,
    platform: Platform,
    application_id: UUID,
    given: dict[str, Any],
    tried: Attempt | None = None,
) -> Response[str]:
    case = application_of(session, application_id)
    rules = platform.rules.get(case.year)
    return render(
        request,
        session,
        "sanctions/propose.html",
        of_year=case.year,
        tried=tried,
        case=case,
        given=Fields(given),
        may_annul=may_be_annulled(session, case),
        documents=current_documents(session, application_id),
        limits=limits_of(platform.offices.config(case.office_id)),
        materials={} if rules is None else {material.code: material.name for material in rules.materials},
    )


def _case(
    request: AnyRequest,
    session: DecidingSession,
    platform: Platform,
    case_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    sanction = queries.case(session, case_id)
    open_now, for_others, awaited = _possible(session, sanction)
    config = platform.offices.config(sanction.office_id)
    application = session.get_one(Application, sanction.application_id)
    return render(
        request,
        session,
        "sanctions/case.html",
        of_year=application.year,
        tried=tried,
        avoids=must_avoid(session, application.id),
        case=sanction,
        application=application,
        office={office.id: office.name for office in offices(session)}[sanction.office_id],
        label=CASE_STATE_LABELS[CaseState(sanction.state)],
        tone=TONES[CaseState(sanction.state)],
        kind=CASE_KIND_LABELS[CaseKind(sanction.kind)],
        foreseen=_foreseen(session, platform, sanction, open_now),
        steps=steps_shown(session, case_id),
        evidence=queries.evidence(session, case_id),
        files=files_of(session, Subject.SANCTION, [case_id])[case_id],
        may_attach=bool(open_kinds(session, standing_of(session, Subject.SANCTION, case_id))),
        measures=measures_in_words(sanction),
        accuses=Permission.SUPERVISE in session.actor.may_change,
        open_now=open_now,
        for_others=for_others,
        awaited=awaited,
        papers=papers_shown(session, case_id),
        to_serve=papers.waiting(session, sanction) if CaseAction.SERVE in allowed(session, sanction) else None,
        ways=[(way.value, way.label) for way in BY_OFFICE],
        limits=limits_of(config),
        given=Fields(given or {}),
        labels=CASE_ACTION_LABELS,
        ban_years=config.eligibility.ban_years,
        suspension=in_force(session, application.id),
        may_suspend=sanction.state in OPEN
        and State(application.state) in ADMITTED
        and may_suspend(session, application),
    )


def _possible(session: DecidingSession, sanction: SanctionCase) -> tuple[list[CaseAction], list[str], list[str]]:
    """The steps that the actor may take now; why the others wait for another person, and why for a later time."""
    clock, state = clock_of(session, sanction), CaseState(sanction.state)
    possible: list[CaseAction] = []
    for_others: list[str] = []
    awaited: list[str] = []
    for action in allowed(session, sanction):
        if action is CaseAction.SERVE:
            continue
        if why := barred(session, sanction, action):
            for_others.append(why)
            continue
        try:
            next_state(action, state, clock, now=session.now)
            possible.append(action)
        except Conflict as early:
            awaited.append(early.detail)
    return possible, list(dict.fromkeys(for_others)), list(dict.fromkeys(awaited))


def _foreseen(
    session: DecidingSession, platform: Platform, sanction: SanctionCase, open_now: Collection[CaseAction]
) -> str:
    """What carrying the decision out would cause, or why it is refused; empty where that is not the next step."""
    known = platform.offices
    try:
        if CaseAction.CARRY_OUT in open_now:
            return rehearse(session, lambda: cases.carry_out(session, sanction.id, offices=known)).sentence
        if CaseAction.UPHOLD in open_now and isinstance(session, ProvinceSession):
            return rehearse(session, lambda: cases.uphold(session, sanction.id, words="预演", offices=known)).sentence
    except KaowuError as refused:
        return refused.detail
    return ""


def _evidence(data: dict[str, Any], *, with_file: bool) -> list[Evidence]:
    """The ticked papers of the application, and one external paper by its digest.

    The title belongs to the uploaded file if there is one, unless a digest is given as well.
    """
    ticked = data.get("documents") or []
    found = [
        Evidence(str(data.get(f"title-{document}") or "申报材料"), document_id=uuid_of(document))
        for document in (ticked if isinstance(ticked, list) else [ticked])
    ]
    title, digest = str(data.get("title") or "").strip(), str(data.get("sha256") or "").strip().lower()
    if digest or (title and not with_file):
        found.append(Evidence(title, sha256=digest))
    return found


def uuid_of(value: Any) -> UUID:
    """An id from a form; Invalid where it is none."""
    try:
        return UUID(str(value))
    except ValueError:
        raise Invalid("application_unknown", "没有找到这份申请。请从案件或审查页面进入。") from None
