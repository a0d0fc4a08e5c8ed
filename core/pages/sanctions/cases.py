"""Pages of sanction cases: proposal, hearing, decision and appeal; and the applicant's own cases."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody, QueryParameter

from core.applications.form_steps import Fields
from core.applications.models import Application
from core.applications.queries import application as application_of
from core.audit.dependents import rehearse
from core.db.session import PersonSession, ProvinceSession
from core.documents.attachment_queries import files_of, open_kinds, standing_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.documents.queries import current_documents
from core.domain.workflow import ADMITTED, State
from core.errors import Invalid, KaowuError, NotFound
from core.pages.offered_files import offered_if_chosen
from core.pages.season import season_asked
from core.platform import Platform
from core.sanctions import case_queries as queries, cases
from core.sanctions.carrying_out import DecidingSession, may_be_annulled, measures_in_words
from core.sanctions.cases import Evidence, Measures
from core.sanctions.models import SanctionCase
from core.sanctions.procedure import (
    CASE_ACTION_LABELS,
    CASE_KIND_LABELS,
    CASE_STATE_LABELS,
    OPEN,
    CaseAction,
    CaseKind,
    CaseState,
)
from core.sanctions.suspensions import in_force, may_suspend, suspensions
from core.scheduling.plans.notices import exam_is_over
from core.tenancy.queries import offices
from core.web.dependencies import OfPerson, OfSupervisor, ThePlatform
from core.web.guards import APPLICANTS, PROPOSERS, SUPERVISORS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page

TONES = {
    CaseState.PROPOSED: "waits",
    CaseState.HEARING: "waits",
    CaseState.DECIDED: "waits",
    CaseState.APPEALED: "waits",
    CaseState.FINAL: "stopped",
    CaseState.DROPPED: "done",
    CaseState.CLEARED: "done",
    CaseState.OVERTURNED: "done",
}
_OWN_ACTIONS = {"statement": CaseAction.STATE, "appeal": CaseAction.APPEAL}


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
    """Hear, drop, clear, decide, carry out, uphold or overturn."""
    with attempt(request, session) as tried:
        _take(session, platform, case_id, verb=verb, data=data)
        return see(f"/sanctions/{case_id}")
    return _case(request, session, platform, case_id, tried=tried)


@page("/sanctions/own", roles=APPLICANTS)
def own_cases_page(request: AnyRequest, session: OfPerson) -> Response[str]:
    """The applicant's own cases."""
    rows, suspended = queries.cases(session), suspensions(session)
    return render(
        request,
        session,
        "sanctions/own_cases.html",
        rows=rows,
        suspended=suspended,
        exam_over={suspension.id for suspension, case in suspended if exam_is_over(session, case.id)},
        labels=CASE_STATE_LABELS,
        tones=TONES,
    )


@page("/sanctions/own/{case_id:uuid}", roles=APPLICANTS)
def own_case_page(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, case_id: FromPath[UUID]
) -> Response[str]:
    """One of the applicant's own cases: the facts, and the deadlines for a statement and an appeal."""
    return _own_case(request, session, platform, case_id)


@form_with_file("/sanctions/own/{case_id:uuid}/{said:str}", roles=APPLICANTS)
def speak(
    request: AnyRequest,
    session: OfPerson,
    platform: ThePlatform,
    *,
    case_id: FromPath[UUID],
    said: FromPath[str],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Add a statement or appeal, with an optional paper."""
    words = str(data.get("words") or "")
    with attempt(request, session) as tried, offered_if_chosen(data, said) as paper:
        match _OWN_ACTIONS.get(said):
            case CaseAction.STATE:
                cases.state(session, case_id, words=words)
            case CaseAction.APPEAL:
                cases.appeal(session, case_id, words=words)
            case _:
                raise NotFound("no_such_step", "没有这项操作。请从案件页面办理。")
        if paper is not None:
            attach(session, Subject.SANCTION, case_id, paper, keeping=platform.keeping)
        return see(f"/sanctions/own/{case_id}")
    return _own_case(request, session, platform, case_id, tried=tried, words=words)


def _take(session: DecidingSession, platform: Platform, case_id: UUID, *, verb: str, data: dict[str, Any]) -> None:
    words, known = str(data.get("words") or ""), platform.offices
    match verb:
        case "hear":
            cases.hear(session, case_id, words=words, offices=known)
        case "drop":
            cases.drop(session, case_id, words=words)
        case "clear":
            cases.clear(session, case_id, words=words)
        case "decide":
            cases.decide(
                session, case_id, words=words, measures=_measures(session, platform, case_id, data), offices=known
            )
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
    request: AnyRequest, session: DecidingSession, platform: Platform, case_id: UUID, *, tried: Attempt | None = None
) -> Response[str]:
    sanction = queries.case(session, case_id)
    application = session.get_one(Application, sanction.application_id)
    open_now = cases.allowed(session, sanction)
    config = platform.offices.config(sanction.office_id)
    application = session.get_one(Application, sanction.application_id)
    return render(
        request,
        session,
        "sanctions/case.html",
        of_year=application.year,
        tried=tried,
        case=sanction,
        application=application,
        office={office.id: office.name for office in offices(session)}[sanction.office_id],
        label=CASE_STATE_LABELS[CaseState(sanction.state)],
        tone=TONES[CaseState(sanction.state)],
        kind=CASE_KIND_LABELS[CaseKind(sanction.kind)],
        foreseen=_foreseen(session, platform, sanction, open_now),
        steps=_steps(session, case_id),
        evidence=queries.evidence(session, case_id),
        files=files_of(session, Subject.SANCTION, [case_id])[case_id],
        may_attach=bool(open_kinds(session, standing_of(session, Subject.SANCTION, case_id))),
        measures=measures_in_words(sanction),
        open_now=open_now,
        labels=CASE_ACTION_LABELS,
        ban_years=config.eligibility.ban_years,
        suspension=in_force(session, application.id),
        may_suspend=sanction.state in OPEN
        and State(application.state) in ADMITTED
        and may_suspend(session, application),
    )


def _foreseen(
    session: DecidingSession, platform: Platform, sanction: SanctionCase, open_now: Sequence[CaseAction]
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


def _own_case(
    request: AnyRequest,
    session: PersonSession,
    platform: Platform,
    case_id: UUID,
    *,
    tried: Attempt | None = None,
    words: str = "",
) -> Response[str]:
    sanction = queries.case(session, case_id)
    return render(
        request,
        session,
        "sanctions/own_case.html",
        tried=tried,
        case=sanction,
        label=CASE_STATE_LABELS[CaseState(sanction.state)],
        tone=TONES[CaseState(sanction.state)],
        steps=_steps(session, case_id),
        evidence=queries.evidence(session, case_id),
        files=files_of(session, Subject.SANCTION, [case_id])[case_id],
        may_attach=bool(open_kinds(session, standing_of(session, Subject.SANCTION, case_id))),
        limits=limits_of(platform.offices.config(sanction.office_id)),
        measures=measures_in_words(sanction),
        may_state=sanction.state == CaseState.HEARING and _before(session, sanction.hearing_until),
        may_appeal=sanction.state == CaseState.DECIDED and _before(session, sanction.appeal_until),
        words=words,
    )


def _before(session: PersonSession, until: Any) -> bool:
    return until is not None and session.now < until


def _steps(session: PersonSession | DecidingSession, case_id: UUID) -> list[dict[str, Any]]:
    return [
        {"title": CASE_ACTION_LABELS[CaseAction(step.action)], "text": step.words, "at": step.at, "tone": "done"}
        for step in queries.steps(session, case_id)
    ]


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
