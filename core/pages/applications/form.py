"""The application form in steps: each field is saved when it is left, and the last page is the declaration."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody

from core.applications import editions, form_steps, forms, queries, service
from core.applications.editions import Newer, edition_of
from core.applications.form_steps import CHECK, PAPERS, STEPS, Step
from core.applications.models import Application
from core.applications.rules import wording
from core.db.session import PersonSession, UnitSession
from core.documents import service as documents
from core.documents.models import Document
from core.documents.queries import current_documents
from core.domain.workflow import State
from core.errors import Invalid
from core.identity.models import Person
from core.pages.applications.acknowledgements import ACKNOWLEDGEMENTS, asked_of
from core.pages.applications.earlier_certificates import beside_the_form, comparison
from core.pages.applications.own_application import choices, shown, standing_of
from core.pages.applications.unit_papers import papers_of_draft
from core.pages.organizations.posts import posts_shown
from core.platform import Platform
from core.plugin_api import MaterialRequirement
from core.reviews import changes, submission
from core.reviews.absent import paper_names
from core.reviews.queries import faulty_items, remark
from core.reviews.submission import Judgement
from core.sanctions.queries import ban_now
from core.seasons.trade_lists import trades_in_force
from core.web.dependencies import OfPerson, ThePlatform
from core.web.guards import APPLICANTS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.page.uploads import chosen_file
from core.web.routes import form, form_with_file, page

_AT = "/my/applications/{application_id:uuid}"


@page(f"{_AT}/form/{{code:str}}", roles=APPLICANTS)
def step_page(
    request: AnyRequest,
    session: OfPerson,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    code: FromPath[str],
) -> Response[str]:
    """One page of the form."""
    application = _editable(session, application_id)
    return show_step(request, session, platform, application, this=form_steps.step(code))


@form(f"{_AT}/form/{{code:str}}", roles=APPLICANTS)
def save_step(
    request: AnyRequest,
    session: OfPerson,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    code: FromPath[str],
    data: Sent,
) -> Response[Any]:
    """Save the page, field by field or as a whole. An impossible answer stops only its own page."""
    application = queries.application(session, application_id)
    onward = f"/my/applications/{application_id}/{form_steps.after(code, application.unlocked_items)}"
    return keep_step(
        request,
        session,
        platform,
        application,
        this=form_steps.step(code),
        data=data,
        onward=onward,
        check=_check_editable,
    )


@page(f"{_AT}/papers", roles=APPLICANTS)
def papers_page(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """The checklist of required material, each with what has been uploaded."""
    return show_papers(request, session, platform, _editable(session, application_id))


@form_with_file(f"{_AT}/papers", roles=APPLICANTS)
def upload_paper(
    request: AnyRequest,
    session: OfPerson,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Keep a file as one paper, in place of the former one or as its next page."""
    application = _editable(session, application_id)
    material = str(data.get("material") or "")
    with attempt(request, session) as tried, chosen_file(data) as file:
        keep_paper(session, platform, application, material=material, file=file, adds="adds" in data)
        return see(f"/my/applications/{application_id}/papers#paper-{material}")
    return show_papers(request, session, platform, application, tried=tried, material=material, adds="adds" in data)


@form_with_file(f"{_AT}/supplement", roles=APPLICANTS)
def supply_paper(
    request: AnyRequest,
    session: OfPerson,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Supply a deferred paper (容缺后补)."""
    application, material = queries.application(session, application_id), str(data.get("material") or "")
    with attempt(request, session) as tried, chosen_file(data) as file:
        document = keep_paper(session, platform, application, material=material, file=file)
        service.supplement(
            session, application_id, material=material, document_id=document.id, offices=platform.offices
        )
        return see(f"/my/applications/{application_id}")
    found = standing_of(session, platform, application_id)
    return render(request, session, "applications/standing.html", tried=tried, **found)


@page(f"{_AT}/check", roles=APPLICANTS)
def check_page(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """Every answer for a last check, the findings of the rules, and the declaration."""
    return _show_check(request, session, platform, _editable(session, application_id))


@form(f"{_AT}/check", roles=APPLICANTS)
def submit(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, *, application_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Declare that all is true, and submit."""
    application = _editable(session, application_id)
    rules = platform.rules[application.year]
    with attempt(request, session) as tried:
        ticked = {name: data.get(name) == "true" for name in ACKNOWLEDGEMENTS}
        answers = {
            "declared_true": data.get("declared_true") == "true",
            "acknowledgements": [name for name, yes in ticked.items() if yes],
        }
        service.declare(session, application_id, answers, edition=str(data.get("edition") or ""))
        submission.submit(session, application_id, offices=platform.offices, rules=rules)
        return see(f"/my/applications/{application_id}?submitted=1")
    return _show_check(request, session, platform, application, tried=tried)


def _editable(session: PersonSession, application_id: UUID) -> Application:
    application = queries.application(session, application_id)
    _check_editable(application)
    return application


def _check_editable(application: Application) -> None:
    if application.state not in {State.DRAFT, State.RETURNED}:
        raise Invalid("not_editable", "申报已经提交，不能修改。如需修改，请先撤回，或等审核人员退回。")


def keep_step(
    request: AnyRequest,
    session: PersonSession | UnitSession,
    platform: Platform,
    application: Application,
    *,
    this: Step,
    data: dict[str, Any],
    onward: str,
    check: Callable[[Application], None],
) -> Response[Any]:
    """Save a page of the form for the applicant or their unit, and lead ``onward`` where nothing stands against it.

    ``check`` refuses an application that they may not change. A save of a single field is answered beside the form; a
    press of the button leads to the page with the refusal.
    """
    by_itself = "HX-Request" in request.headers
    if not by_itself:
        check(application)
    found: dict[str, str] = {}
    items = None if application.unlocked_items is None else frozenset(application.unlocked_items)
    given = form_steps.answers(this, data, year=application.year, items=items, held=application.form)
    with attempt(request, session) as tried:
        check(application)
        seen = str(data.get("over") or data.get("edition") or "")
        known = trades_in_force(session, platform.offices.catalogue, application.year)
        application, found = service.fill_in(session, application.id, given, edition=seen, known_trades=known)
    newer = _newer(session, platform, application, given=given, tried=tried)
    if by_itself:
        return render(
            request,
            session,
            "applications/saved.html",
            tried=tried,
            items=list(given),
            faults=found,
            newer=newer,
            edition=edition_of(application, given),
            understood=form_steps.trades_understood(
                application.form, given, choices(session, platform, application.year)
            ),
        )
    if tried.refusal is None and not found:
        return see(onward)
    if tried.refusal is None:
        tried.refusal = Invalid("form_malformed", f"有{len(found)}处需要改正。其他内容已保存。", fields=found)
    return show_step(request, session, platform, application, this=this, tried=tried, given=data, newer=newer)


def show_step(
    request: AnyRequest,
    session: PersonSession | UnitSession,
    platform: Platform,
    application: Application,
    *,
    this: Step,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
    newer: Newer | None = None,
) -> Response[str]:
    """One page of the form, for the applicant or their unit; ``newer`` is shown beside a page of an older edition."""
    draft = forms.read_draft(application.form)
    open_items = [
        item for item in this.items if application.unlocked_items is None or item in application.unlocked_items
    ]
    present = edition_of(application, open_items)
    earlier = beside_the_form(session, application) if this.code == "held" else {}
    values = form_steps.fields(draft) if given is None else form_steps.sent_fields(this, draft, _texts(given))
    if given is None and earlier.get("offered") and "current_grade" in open_items:
        values |= earlier["offered"].answers
    return render(
        request,
        session,
        f"applications/form_{this.code}.html",
        of_year=application.year,
        tried=tried,
        values=values,
        **earlier,
        edition=present if newer is None or given is None else given.get("edition", ""),
        newer=newer,
        step=this,
        posts=posts_shown(session, application) if this.code == "wish" else None,
        years=form_steps.assessed_years(application.year),
        older=form_steps.older_assessments(application.form, application.year),
        awards=platform.rules[application.year].award_names,
        **_frame(session, application),
        **choices(session, platform, application.year),
    )


def _newer(
    session: PersonSession | UnitSession,
    platform: Platform,
    application: Application,
    *,
    given: dict[str, Any],
    tried: Attempt,
) -> Newer | None:
    """The present answers, where the page that was sent saw an older edition."""
    if tried.refusal is None or tried.refusal.code != editions.STALE:
        return None
    known = {**choices(session, platform, application.year), "awards": platform.rules[application.year].award_names}
    return editions.newer(application, given, known)


def show_papers(
    request: AnyRequest,
    session: PersonSession | UnitSession,
    platform: Platform,
    application: Application,
    *,
    tried: Attempt | None = None,
    material: str = "",
    adds: bool = False,
) -> Response[str]:
    """The papers with what has been uploaded, for the applicant or their unit.

    ``material`` is the paper whose file was just refused, as its next page with ``adds``.
    """
    rules, asked = platform.rules[application.year], _asked_papers(session, platform, application)
    return render(
        request,
        session,
        "applications/papers.html",
        of_year=application.year,
        tried=tried,
        refused=material,
        added=adds,
        requirements=asked,
        guides={paper.code: paper.shows for paper in rules.materials},
        sources={paper.source: wording.public_source(paper.source, rules) for paper in asked},
        uploaded={document.material: document for document in current_documents(session, application.id)},
        account=session.actor.account_id,
        limits=platform.offices.config(application.local_office_id).documents,
        **_frame(session, application),
    )


def _asked_papers(
    session: PersonSession | UnitSession, platform: Platform, application: Application
) -> list[MaterialRequirement]:
    """The papers that a return asked for, and then those that the form asks for now.

    A unit sees those of a submission as they were pinned.
    """
    if isinstance(session, PersonSession):
        asked = list(_foreseen(session, platform, application).requirements)
    elif application.state == State.DRAFT:
        asked = list(papers_of_draft(session, platform, application))
    else:
        asked = [
            MaterialRequirement(**requirement) for requirement in queries.pinned_requirements(session, application)
        ]
    names = paper_names(queries.pinned_requirements(session, application), platform.rules[application.year])
    known = {requirement.code for requirement in asked}
    unlocked = application.unlocked_items or ()
    named = [item for item in unlocked if item in names and item not in known]
    listed = [*asked, *(MaterialRequirement(item, names[item], "审核人员退回时要求") for item in named)]
    return sorted(listed, key=lambda requirement: requirement.code not in unlocked)


def _show_check(
    request: AnyRequest,
    session: PersonSession,
    platform: Platform,
    application: Application,
    *,
    tried: Attempt | None = None,
) -> Response[str]:
    draft = forms.read_draft(application.form)
    person = session.get_one(Person, application.person_id)
    missing = {
        **{name: text for name, text in forms.gaps(draft).items() if name != "declared_true"},
        **forms.faults(draft, year=application.year, birth_date=person.birth_date),
    }
    asked_again = faulty_items(session, application) if application.state == State.RETURNED else ()
    left = changes.still_open(session, application, [item.item for item in asked_again])
    judgement = _foreseen(session, platform, application)
    lacking = submission.lacking_papers(judgement)
    missing |= {paper.code: f"请上传{paper.name}。" for paper in lacking}
    # A paper that is asked for above is no finding of its own.
    rules = platform.rules[application.year]
    asked = {rules.rule(f"material.{paper.code}") for paper in lacking}
    findings = [shown(finding, rules) for finding in judgement.findings if finding.rule not in asked]
    return render(
        request,
        session,
        "applications/check.html",
        of_year=application.year,
        tried=tried,
        draft=draft,
        edition=edition_of(application),
        values=form_steps.fields(draft),
        compared=comparison(session, application),
        missing=missing,
        left=[item.item for item in asked_again if item.item in left and item.item not in missing],
        names={**paper_names(queries.pinned_requirements(session, application), rules), **form_steps.ITEM_LABELS},
        findings=findings,
        blocking=[finding for finding in findings if finding.tone == "stopped"],
        acknowledgements=asked_of(judgement, platform.rules[application.year]),
        requirements=_asked_papers(session, platform, application),
        uploaded={document.material for document in current_documents(session, application.id)},
        years=form_steps.assessed_years(application.year),
        older=form_steps.older_assessments(application.form, application.year),
        awards=platform.rules[application.year].award_names,
        **_frame(session, application),
        **choices(session, platform, application.year),
    )


def _frame(session: PersonSession | UnitSession, application: Application) -> dict[str, Any]:
    """The data of every page of the form: the steps, the locked items, and the reviewer's remarks.

    A unit fills in the answers and uploads papers; the declaration and the submission are the applicant's own.
    """
    remarks = {item.item: item for item in faulty_items(session, application)} if application.unlocked_items else {}
    own, returned = isinstance(session, PersonSession), application.state == State.RETURNED
    titles = {**{step.code: step.title for step in STEPS}, PAPERS: "上传材料", CHECK: "核对提交"}
    theirs = frozenset(titles) - (frozenset() if own else {CHECK})
    open_pages = form_steps.pages(application.unlocked_items)
    return {
        "barred": ban_now(session) if isinstance(session, PersonSession) else None,
        "application": application,
        "address": f"/my/applications/{application.id}" if own else f"/unit/people/{application.id}",
        "back": (f"/my/applications/{application.id}", "我的申报")
        if own
        else (f"/unit/cases/{application.id}", application.person_name),
        "steps": [(code, titles[code]) for code in open_pages if code in theirs],
        "open_pages": open_pages,
        "own": own,
        "returned": returned,
        "where": form_steps.place_of,
        "unlocked": None if application.unlocked_items is None else frozenset(application.unlocked_items),
        "remarks": {name: remark(item) for name, item in remarks.items()},
    }


def _foreseen(session: PersonSession, platform: Platform, application: Application) -> Judgement:
    rules = platform.rules[application.year]
    return submission.foreseen(session, application, offices=platform.offices, rules=rules)


def _texts(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name != "_csrf"}


def keep_paper(
    session: PersonSession | UnitSession,
    platform: Platform,
    application: Application,
    *,
    material: str,
    file: UploadFile,
    adds: bool = False,
) -> Document:
    """Keep a file as one paper of an application, in place of the former one; or as its next page (``adds``)."""
    return documents.upload(
        session,
        application.id,
        material=material,
        file_name=file.filename,
        content=file.file,
        store=platform.documents,
        keys=platform.keys,
        limits=platform.offices.config(application.local_office_id).documents,
        scan=platform.offices.hooks(application.local_office_id).document_received,
        adds=adds,
    )
