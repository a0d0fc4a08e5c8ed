"""The applicant's own pages: the progress of the application, its start, and the check of conditions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications import copies, form_steps, queries, service, trades
from core.applications.consequences import is_suspended
from core.applications.forms import ApplicationDraft, read_draft, supposed
from core.applications.models import Application
from core.applications.progress import TONES, Parties, ProgressEvent, Turn, turn, until, way
from core.applications.rules import eligibility, wording
from core.applications.rules.clauses import CATEGORY_LABELS, PATH_LABELS
from core.applications.rules.conditions import EDUCATION_LABELS, FRONTLINE_LABELS
from core.applications.rules.document import RuleDocument
from core.applications.rules.eligibility import PathSuggestion
from core.applications.service import Applicant
from core.db.session import PersonSession, ScopedSession
from core.domain.workflow import FINAL, LIVE, STATE_LABELS, Action, By, State, allowed_actions
from core.errors import Invalid, NotFound
from core.identity.models import Person
from core.organizations import directory
from core.organizations.models import Unit
from core.pages.applications.to_do import closing_dates, registration_closes, to_do
from core.pages.season import season_asked
from core.platform import Platform
from core.plugin_api import ApplicationFacts, ApplicationPath, AssessmentResult, Finding, Grade, Severity, Sex
from core.reviews.absent import paper_names
from core.reviews.appeals.service import appeals_of, right_to_appeal
from core.reviews.inquiries.service import inquiries_of
from core.sanctions.queries import ban_now
from core.scheduling.plans.notices import exam_is_over
from core.seasons.queries import current_season, latest_season
from core.seasons.trade_lists import season_in_force, trades_in_force
from core.tenancy.models import Office
from core.web.dependencies import AnySession, OfPerson, ThePlatform
from core.web.guards import APPLICANTS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as lists show it."""

    mark: str
    tone: str
    text: str
    missing: str
    source: str


_WITH_APPLICANT = frozenset({State.DRAFT, State.RETURNED, State.PROVISIONAL})
"""The states in which an applicant has something to do; in an earlier season after a reopening."""
_ENDED = frozenset({State.WITHDRAWN, State.EXPIRED, State.REJECTED})
"""The states of an application that may be taken over into a new draft of the same season."""
_FINDING_TONES = {Severity.BLOCKS: "stopped", Severity.ASKS: "waits", Severity.NOTES: "done"}


def shown(finding: Finding, rules: RuleDocument) -> Shown:
    """The mark, tone and text of a finding, as its applicant reads it."""
    mark, told = eligibility.mark(finding), wording.for_applicant(finding, rules)
    return Shown(
        mark=mark,
        tone=_FINDING_TONES[told.severity],
        text=told.text.removeprefix(f"{mark}："),
        missing=told.missing,
        source=told.source,
    )


@page("/my", roles=APPLICANTS)
def my_page(request: AnyRequest, session: OfPerson, platform: ThePlatform) -> Response[Any]:
    """The applicant's application of the season; without one, how to begin."""
    season = None if latest_season(session) is None else season_asked(request, session)
    mine = queries.mine(session)
    current = [
        application
        for application in mine
        if season is not None and application.year == season.year and _goes_on(application)
    ]
    earlier = [
        application
        for application in mine
        if season is not None and application.year < season.year and State(application.state) in _WITH_APPLICANT
    ]
    if len(current) == 1 and not earlier:
        return see(f"/my/applications/{current[0].id}")
    return render(
        request,
        session,
        "applications/mine.html",
        season=season,
        barred=ban_now(session),
        closes=None if season is None else registration_closes(session, platform, season.year),
        begun=bool(current),
        earlier=earlier,
        mine=mine,
        labels=STATE_LABELS,
        tones=TONES,
    )


@page("/my/applications/{application_id:uuid}", roles=APPLICANTS)
def application_page(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """The progress of one application: whose turn it is, until when, and the next thing to do."""
    return render(request, session, "applications/standing.html", **standing_of(session, platform, application_id))


@form("/my/applications/{application_id:uuid}/withdraw", roles=APPLICANTS)
def withdraw(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[Any]:
    """Take the application back."""
    with attempt(request, session) as tried:
        service.withdraw(session, application_id, offices=platform.offices)
    if tried.refusal is None:
        return see(f"/my/applications/{application_id}")
    return render(
        request, session, "applications/standing.html", tried=tried, **standing_of(session, platform, application_id)
    )


@page("/my/start", roles=APPLICANTS)
def start_page(
    request: AnyRequest,
    session: OfPerson,
    unit: Annotated[str, QueryParameter(max_length=200, description="单位名称中的几个字。")] = "",
) -> Response[str]:
    """The choice of the unit, from the directory, by a part of its name."""
    return render(request, session, "applications/start.html", **_choice_of_units(session, unit))


@form("/my/start", roles=APPLICANTS)
def start(request: AnyRequest, session: OfPerson, data: Sent) -> Response[Any]:
    """Open a draft in the unit that was chosen."""
    asked = str(data.get("unit") or "")
    with attempt(request, session) as tried:
        made = _open_draft(session, str(data.get("unit_id") or ""))
        return see(f"/my/applications/{made.id}/form/person")
    return render(request, session, "applications/start.html", tried=tried, **_choice_of_units(session, asked))


@page("/my/start/copy/{application_id:uuid}", roles=APPLICANTS)
def copy_page(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[Any]:
    """What a copy of an earlier application takes over, and what is asked for again; for a banned person why not."""
    if ban_now(session) is not None:
        return see("/my/start")
    return _show_copy(request, session, platform, application_id)


@form("/my/start/copy/{application_id:uuid}", roles=APPLICANTS)
def copy_application(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[Any]:
    """Begin a draft with the answers and papers of an earlier application."""
    with attempt(request, session) as tried:
        year = current_season(session).year
        made = copies.copy(session, application_id, year=year, rules=platform.rules[year], keeping=platform.keeping)
        return see(f"/my/applications/{made.id}/form/person")
    return _show_copy(request, session, platform, application_id, tried=tried)


def _show_copy(
    request: AnyRequest, session: PersonSession, platform: Platform, source_id: UUID, *, tried: Attempt | None = None
) -> Response[str]:
    year = current_season(session).year
    rules = platform.rules[year]
    found = copies.foresee(session, source_id, year=year, rules=rules)
    papers = {material.code: material.name for material in rules.materials}
    return render(
        request,
        session,
        "applications/copy.html",
        tried=tried,
        year=year,
        source=found.source,
        state=STATE_LABELS[State(found.source.state)],
        answers=copies.names([item for item in form_steps.ITEM_LABELS if found.answers.get(item) not in _EMPTY]),
        papers=[papers[paper.material] for paper in found.papers],
        left=[*copies.names(found.left_items), *(papers[code] for code in found.left_papers)],
    )


_EMPTY: tuple[Any, ...] = (None, "", [], False)


@page("/eligibility")
def eligibility_page(request: AnyRequest, session: AnySession, platform: ThePlatform) -> Response[str]:
    """The grades and paths that are open to a person, with the obstacles, before any form is filled in."""
    season = latest_season(session)
    if season is None:
        raise NotFound("season_unknown", "尚未开放任何年度的考核。开放后可以在这里核对申报条件。")
    given = {name: value for name, value in request.query_params.items() if name in ApplicationDraft.model_fields}
    born = {name: request.query_params.get(name, "").strip() for name in ("birth_date", "sex")}
    shown_as: dict[str, str] = {}
    prospects: list[dict[str, Any]] = []
    with attempt(request, session) as tried:
        code = trades.read_answer(
            "current_trade",
            given.get("current_trade", "").strip(),
            trades_in_force(session, platform.offices.catalogue, season.year),
        )
        # What was understood by initials or a part of the name stands in the field.
        shown_as = {"current_trade": code} if code else {}
        draft = read_draft({**given, "current_trade": code, "trade": code})
        if given:
            if draft.first_job_year is None:
                raise Invalid("form_incomplete", "请填写参加工作年份。", at="first_job_year")
            birth_date, sex = _born(session, born)
            prospects = _prospects(session, platform, draft, season.year, birth_date=birth_date, sex=sex)
    return render(
        request,
        session,
        "applications/eligibility.html",
        tried=tried,
        season=season,
        given={**given, **shown_as, **born},
        sexes=[(sex.value, _SEX_LABELS[sex]) for sex in Sex],
        known_person=isinstance(session, PersonSession),
        prospects=prospects,
        **choices(session, platform, season.year),
    )


def choices(session: ScopedSession, platform: Platform, year: int) -> dict[str, Any]:
    """The choices of the form, as (value, text) pairs."""
    season = season_in_force(session, platform.offices.catalogue, year)
    grades = [(int(grade), grade.label) for grade in sorted(Grade, reverse=True)]
    return {
        "grades": grades,
        "paths": [(path.value, PATH_LABELS[path], _PATH_HELP[path]) for path in ApplicationPath],
        "categories": [(category.value, text) for category, text in CATEGORY_LABELS.items()],
        "frontlines": [(frontline.value, text) for frontline, text in FRONTLINE_LABELS.items()],
        "results": [(result.value, text) for result, text in RESULT_LABELS.items()],
        "educations": [(education.value, text) for education, text in EDUCATION_LABELS.items()],
        "trades": [(trade.code, f"{trade.code} {trade.name}") for trade in season.trades],
        "trade_initials": {trade.code: trades.trade_initials(trade.name) for trade in season.trades},
    }


RESULT_LABELS = {
    AssessmentResult.EXCELLENT: "优秀",
    AssessmentResult.PASS: "合格",
    AssessmentResult.BASIC: "基本合格",
    AssessmentResult.FAIL: "不合格",
    AssessmentResult.NOT_RATED: "未定等次",
}
_PATH_HELP = {
    ApplicationPath.LADDER: "已取得下一等级证书，满规定年限后晋升；首次申报五级也选这一项。",
    ApplicationPath.DIRECT: "没有下一等级证书，工作年限已满规定年限。",
    ApplicationPath.TRADE_CHANGE: "因公车改革等转岗，按现从事的工种申报。",
    ApplicationPath.FRONTLINE: "符合疫情防控一线人员规定的三类人员。",
}


_SEX_LABELS = {Sex.MALE: "男", Sex.FEMALE: "女"}


def _born(session: ScopedSession, given: dict[str, str]) -> tuple[date | None, Sex | None]:
    """Birth date and sex: of the person who has signed in, else as given; None where they are not."""
    if isinstance(session, PersonSession):
        person = session.get_one(Person, session.person_id)
        return person.birth_date, Sex(person.sex) if person.sex else None
    try:
        birth_date = date.fromisoformat(given["birth_date"]) if given["birth_date"] else None
        sex = Sex(given["sex"]) if given["sex"] else None
    except ValueError:
        raise Invalid("birth_unreadable", "出生日期或性别填写有误，请重新填写。", at="birth_date") from None
    return birth_date, sex


def _prospects(
    session: ScopedSession,
    platform: Platform,
    draft: ApplicationDraft,
    year: int,
    *,
    birth_date: date | None,
    sex: Sex | None,
) -> list[dict[str, Any]]:
    catalogue, rules = platform.offices.catalogue, platform.rules[year]
    season = season_in_force(session, catalogue, year)
    form_ = supposed(draft)
    facts = ApplicationFacts(
        year=year,
        notice_date=season.notice_date,
        office=catalogue.province.code,
        grade=form_.grade,
        path=form_.path,
        trade=draft.trade or "",
        staff_category=form_.staff_category,
        birth_date=birth_date,
        sex=sex,
        first_job_year=draft.first_job_year,
        regularised_on=draft.regularised_on,
        current_grade=draft.current_grade,
        current_grade_year=draft.current_grade_year,
        current_trade=draft.current_trade,
        education=draft.education,
    )
    open_trades = {grade: [trade.code for trade in season.trades_for(grade)] for grade in Grade}
    found = eligibility.suggest_paths(
        facts, rules, open_trades=open_trades, admitted=catalogue.province.config.eligibility.staff_categories
    )
    return [
        {
            "label": f"{prospect.grade.label}（{PATH_LABELS[prospect.path]}）",
            "grade": prospect.grade.label,
            "path": PATH_LABELS[prospect.path],
            "verdict": _verdict(prospect, draft),
            "findings": [shown(finding, rules) for finding in prospect.findings],
            "unmet": len(prospect.unmet),
        }
        for prospect in sorted(found, key=lambda prospect: (_ORDER[_verdict(prospect, draft)], prospect.grade))
    ]


_ORDER = {"open": 0, "asked": 1, "unanswered": 2, "doubtful": 3, "closed": 4}


def _verdict(prospect: PathSuggestion, draft: ApplicationDraft) -> str:
    """The answer to "可以申报吗" for one path.

    Open; asked, where an officer settles something; unanswered, where the trade of a certificate is not given;
    doubtful; or closed.
    """
    if prospect.severity is Severity.BLOCKS:
        return "closed"
    if prospect.unmet:
        return "doubtful"
    if draft.current_grade is not None and not draft.current_trade:
        return "unanswered"
    return "asked" if prospect.obstacles else "open"


def _goes_on(application: Application) -> bool:
    return State(application.state) in LIVE | {State.DRAFT}


def _open_draft(session: PersonSession, unit_id: str) -> Application:
    season = latest_season(session)
    if season is None:
        raise NotFound("season_unknown", "尚未开放任何年度的考核，暂时不能申报。请关注各地日程。")
    try:
        unit = UUID(unit_id)
    except ValueError:
        raise Invalid("unit_missing", "请从列表中选择所在单位。", at="unit_id") from None
    person = session.get_one(Person, session.person_id)
    applicant = Applicant(person.id, person.name, person.id_tail)
    return service.open_draft(session, applicant, year=season.year, unit_id=unit, draft=ApplicationDraft())


def _choice_of_units(session: PersonSession, named: str) -> dict[str, Any]:
    found, season = directory.units(session, named=named.strip()), latest_season(session)
    # Of a whole province the first fifty are of no use: a list that does not hold all waits for a part of the name.
    listed = found.rows if named.strip() or found.next_after is None else ()
    return {
        "unit": named,
        "units": [
            (unit.id, unit.name, place) for unit, place in zip(listed, directory.places(session, listed), strict=True)
        ],
        "asked": bool(named.strip()),
        "more": bool(listed) and found.next_after is not None,
        "barred": ban_now(session),
        "copyable": [] if season is None else copies.copyable(session, season.year),
        "labels": STATE_LABELS,
    }


def standing_of(session: PersonSession, platform: Platform, application_id: UUID) -> dict[str, Any]:
    """The data of the page of an application."""
    found = queries.application(session, application_id)
    rules = platform.rules[found.year]
    state = State(found.state)
    names = {**paper_names(queries.pinned_requirements(session, found), rules), **form_steps.ITEM_LABELS}
    parties, promised = parties_of(session, found), queries.deferrals(session, found.id)
    papers_are_in = bool(promised) and all(paper.state != "open" for paper in promised)
    present = turn(state, parties, papers_are_in=papers_are_in)
    events = [
        ProgressEvent(Action(move.action), State(move.to_state), move.reason, move.at)
        for move in queries.story(session, found.id)
    ]
    return {
        "of_year": found.year,
        "application": found,
        "grade": found.grade_label,
        "state": state,
        "label": STATE_LABELS[state],
        "tone": TONES[state],
        "turn": present,
        "barred": ban_now(session),
        "suspended": is_suspended(session, found.id),
        "exam_over": exam_is_over(session, found.id),
        "until": _until(found, present, session.now),
        "way": way(state, found.route, events, parties, papers_are_in=papers_are_in),
        "reason": next((event.reason for event in reversed(events) if event.reason), ""),
        "to_do": to_do(session, platform, found, names),
        "closing_dates": closing_dates(session, found),
        "names": names,
        "deferrals": promised,
        "appeal": next(iter(appeals_of(session, found.id)), None),
        "appeal_until": _may_appeal_until(session, found, platform),
        "inquiries": inquiries_of(session, found.id),
        "may_supplement": Action.SUPPLEMENT in allowed_actions(state, {By.APPLICANT}),
        "may_copy": state in _ENDED and found.year == current_season(session).year,
        "may_withdraw": Action.WITHDRAW in allowed_actions(state, {By.APPLICANT}),
    }


def _until(application: Application, present: Turn, now: datetime) -> str:
    """The date of the present turn in words; empty where nobody is awaited."""
    over = State(application.state) in FINAL | {State.QUALIFIED, State.REJECTED}
    return "" if over or application.due_at is None else until(present, application.due_at, now)


def _may_appeal_until(session: PersonSession, application: Application, platform: Platform) -> datetime | None:
    """Until when the applicant may appeal against the failed review; None where they may not, or have."""
    right = right_to_appeal(session, application, platform.offices)
    if right is None or session.now >= right.until:
        return None
    made = {appeal.move_id for appeal in appeals_of(session, application.id)}
    return None if right.decision.id in made else right.until


def parties_of(session: PersonSession, application: Application) -> Parties:
    """The unit, department and office of the case, by name."""
    department = None if application.department_id is None else session.get(Unit, application.department_id)
    return Parties(
        unit=application.unit_name,
        department="" if department is None else department.name,
        office=session.get_one(Office, application.handler_office_id).name,
    )
