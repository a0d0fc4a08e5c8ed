"""Submitting an application: the window, the ban, the form, the rules, the route and the desk, all pinned at once.

The most local office of the unit's area is asked once for each submission. Review, and a replay years later, use what
is pinned here. Source: 2024 notice §2(3)-(5).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from core.applications import forms, trades
from core.applications.bans import check_not_banned
from core.applications.initials import initials
from core.applications.models import Application, FindingRecord, Submission
from core.applications.moves import Step, move, open_for_change
from core.applications.queries import mine
from core.applications.rules import eligibility, materials
from core.applications.rules.document import RuleDocument
from core.clock import last_day
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import PersonSession, ScopedSession, UnitSession
from core.delegation.queries import delegation_between, delegations_for
from core.delegation.service import transfer
from core.documents.service import materials_of
from core.domain.calendar import correction_ends, due_after, hard_end
from core.domain.workflow import LIVE, STATE_LABELS, Action, State
from core.errors import Conflict, Forbidden, Invalid
from core.identity.models import Person
from core.organizations.models import Unit
from core.plugin_api import (
    ApplicationFacts,
    ExamCalendar,
    Finding,
    Grade,
    MaterialRequirement,
    OfficeCode,
    ReviewStage,
    Severity,
    Sex,
    StaffCategory,
    Window,
    WindowKind,
)
from core.seasons.models import LateEntry
from core.seasons.queries import calendar_now, late_entry_for
from core.seasons.trade_lists import season_in_force, trades_in_force
from core.tenancy.offices import Offices
from core.text import dates


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """The limits of a judgement beside the rule document: admitted staff categories, trades open for the grade."""

    admitted: tuple[StaffCategory, ...]
    open_trades: tuple[str, ...]


_LIMITS = TypeAdapter(AdmissionLimits)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answers of rules and plugins on one submission."""

    facts: ApplicationFacts
    limits: AdmissionLimits
    findings: tuple[Finding, ...]
    requirements: tuple[MaterialRequirement, ...]
    route: tuple[ReviewStage, ...]
    desks: dict[ReviewStage, OfficeCode]
    onsite_needed: bool

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that refuse."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.BLOCKS)


def submit(
    session: PersonSession, application_id: UUID, *, offices: Offices, rules: RuleDocument, version: int | None = None
) -> Application:
    """Submit a draft, or a returned application again, at ``session.now``, the moment of receipt.

    Refused with an incomplete form or without a required paper, by name and with all that is missing at once; outside
    the window (unless let in late), under a ban, with a finding that blocks, and where the person has another live
    application this season, or a case of sanctions about one that is not. Nothing is saved then.
    """
    application = open_for_change(session, application_id, version=version)
    action = Action.RESUBMIT if application.state == State.RETURNED else Action.SUBMIT
    # Held, so that later reads of the session return these objects.
    person, unit = session.get_one(Person, application.person_id), session.get_one(Unit, application.unit_id)
    _check_unit(unit)
    draft = trades.with_codes(
        forms.read_draft(application.form),
        trades_in_force(session, offices.catalogue, application.year),
        leave={"trade"} | trades.locked(application.unlocked_items),
    )
    application.form = draft.model_dump(mode="json", exclude_none=True)
    _check_filled_in(session, application, person, offices=offices, rules=rules)
    form = forms.complete(draft, year=application.year, birth_date=person.birth_date)
    calendar = calendar_now(session, application.local_office_id, application.year)
    late_entry = _check_open(session, application, calendar, action)
    check_not_banned(session, session.person_id)
    _check_only_one(session, application)
    if action is Action.SUBMIT:
        _check_no_case(session, application)
    judgement = judge(session, application, form, offices=offices, rules=rules)
    _check_supplied(judgement)
    _check_judgement(judgement)
    pinned = _pin(session, application, form, judgement, rules, offices, late_entry)
    pinned |= {
        "person_name": person.name,
        "initials": initials(person.name),
        "unit_name": unit.name,
        "department_id": unit.parent_id,
    }
    _to_desk(session, application, judgement.desks[ReviewStage.QUALIFICATION_REVIEW])
    first, end = judgement.route[0], hard_end(calendar, form.grade)
    due = due_after(
        session.now,
        offices.config(application.local_office_id).review.due_days.of(first),
        limit=None if end is None or session.now >= end else end,
    )
    step = Step(action, due_at=due.at, late=_is_late(calendar, form.grade, session.now), changes=pinned)
    with in_words():
        move(session, application, step, offices=offices)
    return application


def read_form(session: ScopedSession, application: Application, offices: Offices) -> forms.ApplicationDraft:
    """The form so far with its trades as codes; an unknown trade stays as given."""
    known = trades_in_force(session, offices.catalogue, application.year)
    return trades.with_codes(forms.read_draft(application.form), known, leave=trades.FIELDS)


def judge(
    session: PersonSession | UnitSession,
    application: Application,
    form: forms.ApplicationForm,
    *,
    offices: Offices,
    rules: RuleDocument,
) -> Judgement:
    """Ask the rule document and the plugins of the most local office, without writing anything."""
    facts = facts_of(session, application, form, offices)
    hooks = offices.hooks(application.local_office_id)
    config = offices.config(application.local_office_id)
    requirements = hooks.required_materials(facts, standard=materials.required_materials(rules, facts))
    open_trades = season_in_force(session, offices.catalogue, application.year).trades_for(form.grade)
    # Of thousands only the one that is asked for is pinned with the case.
    asked = tuple(trade.code for trade in open_trades if trade.code == form.trade)
    limits = AdmissionLimits(config.eligibility.staff_categories, asked)
    standard = _rule_findings(facts, rules, requirements, limits)
    findings = hooks.eligibility_findings(facts, rule_document=rules.name, standard=standard)
    route = hooks.review_route(facts)
    desks = {stage: hooks.review_office(facts, stage) for stage in route if stage in _OFFICE_STAGES}
    return Judgement(facts, limits, findings, requirements, route, desks, config.review.needs_onsite(form.grade))


def foreseen(session: PersonSession, application: Application, *, offices: Offices, rules: RuleDocument) -> Judgement:
    """The judgement of rules and plugins on the present form, as if every acknowledgement were given."""
    given = tuple(sorted(rules.acknowledgements))
    form = forms.supposed(read_form(session, application, offices).model_copy(update={"acknowledgements": given}))
    return judge(session, application, form, offices=offices, rules=rules)


def judge_again(pinned: Submission, rules: RuleDocument) -> tuple[Finding, ...]:
    """The rule document's findings on what was pinned: those of the day, as long as ``rules`` is the pinned version."""
    facts = forms.load_facts(pinned.facts)
    requirements = tuple(MaterialRequirement(**requirement) for requirement in pinned.requirements)
    return _rule_findings(facts, rules, requirements, _LIMITS.validate_python(pinned.limits))


def _rule_findings(
    facts: ApplicationFacts, rules: RuleDocument, requirements: Sequence[MaterialRequirement], limits: AdmissionLimits
) -> tuple[Finding, ...]:
    """The rule document's findings on the conditions, then on the papers."""
    open_trades = {facts.grade: limits.open_trades}
    conditions = eligibility.judge(facts, rules, open_trades=open_trades, admitted=limits.admitted)
    return (*conditions, *materials.material_findings(rules, facts, requirements))


_OFFICE_STAGES = (ReviewStage.QUALIFICATION_REVIEW, ReviewStage.ONSITE_CONFIRMATION)


def facts_of(
    session: PersonSession | UnitSession, application: Application, form: forms.ApplicationForm, offices: Offices
) -> ApplicationFacts:
    """The present facts of an application for the rules: form, person, unit, and the papers uploaded so far."""
    person = session.get_one(Person, application.person_id)
    unit = session.get_one(Unit, application.unit_id)
    return forms.facts(
        form,
        year=application.year,
        notice_date=offices.catalogue.season(application.year).notice_date,
        office=OfficeCode(application.office_id),
        birth_date=person.birth_date,
        sex=Sex(person.sex) if person.sex else None,
        unit_area=unit.area_code,
        unit_name=unit.name,
        unit_is_own_department=unit.parent_id is None,
        materials=materials_of(session, application.id),
        delegations=delegations_for(
            session,
            office_id=application.office_id,
            local_office_id=application.local_office_id,
            grade=form.grade,
            trade=form.trade,
            unit_id=application.unit_id,
        ),
    )


def _check_unit(unit: Unit) -> None:
    """Refuse a submission to a unit that has ended and that no other carries on."""
    if unit.ended_at is not None and unit.successor_id is None:
        text = f"“{unit.name}”已撤销，不能再提交。请在“我的申报”中选择现在的单位重新填报；有疑问请联系单位人事部门。"
        raise Conflict("unit_is_gone", text)


def _check_open(
    session: PersonSession, application: Application, calendar: ExamCalendar, action: Action
) -> LateEntry | None:
    """The late entry that lets the person in, None where the window is open; Conflict where it is not."""
    grade = Grade(application.grade or Grade.FIVE)
    if action is Action.RESUBMIT:
        end = correction_ends(hard_end(calendar, grade), application.due_at)
        if end is not None and session.now >= end:
            raise Conflict("correction_over", f"修改后重新提交的期限已于{dates.day(last_day(end))}24:00截止。")
        return None
    window = calendar.window(WindowKind.REGISTRATION, grade)
    if window is not None and window.contains(session.now):
        return None
    late = late_entry_for(session, session.person_id, application.year, session.now)
    if late is None:
        raise Conflict("outside_window", _window_text(window, session.now))
    return late


def _window_text(window: Window | None, now: datetime) -> str:
    if window is None:
        return "本地区尚未公布网上报名时间，请关注当地工考管理机构的通知。"
    if window.opens is not None and now < window.opens:
        return f"网上报名尚未开始，将于{dates.minute(window.opens)}开始。请到时再提交，您填写的内容已保存。"
    return (
        f"网上报名已于{dates.day(last_day(window.closes))}24:00截止，不能提交。"
        "如有特殊情况，请由单位向当地工考管理机构说明。"
    )


def _check_only_one(session: PersonSession, application: Application) -> None:
    for other in mine(session, application.year):
        if other.id != application.id and State(other.state) in LIVE:
            raise _second_application(f"{other.reference}（{STATE_LABELS[State(other.state)]}）")


def _check_no_case(session: PersonSession, application: Application) -> None:
    """No second try beside a case of sanctions: it holds for the season, though its application was withdrawn."""
    said = session.scalar(select(func.case_of_season(application.id)))
    if said == "disqualified":
        raise Forbidden(
            "season_disqualified",
            "生效的处理决定已取消您本年度的申报资格，本年度不能再次提交申请。有异议的，请向作出决定的工考管理机构提出。",
        )
    if said is not None:
        raise Conflict(
            "season_under_case",
            "您本年度的另一份申请有事项尚未办结，办结前不能提交新的申请。请留意通知，或向受理的工考管理机构了解情况。",
        )


def _second_application(which: str) -> Conflict:
    return Conflict("second_application", f"您本年度已有一份有效申请{which}，每人每年只能申报一个。请先撤回原申请。")


def _check_judgement(judgement: Judgement) -> None:
    if judgement.blocking:
        raise Invalid(
            "not_eligible",
            "不符合申报条件："
            + "；".join(f"{finding.text}（依据：{finding.source}）" for finding in judgement.blocking),
            fields={finding.rule: finding.missing or finding.text for finding in judgement.blocking},
        )


def _check_filled_in(
    session: PersonSession, application: Application, person: Person, *, offices: Offices, rules: RuleDocument
) -> None:
    """Refuse an incomplete form with every gap and every missing paper at once."""
    draft = forms.read_draft(application.form)
    found = {**forms.gaps(draft), **forms.faults(draft, year=application.year, birth_date=person.birth_date)}
    if not found:
        return
    lacking = lacking_papers(foreseen(session, application, offices=offices, rules=rules))
    message = f"表单有{len(found)}处需要填写或改正"
    if lacking:
        message += f"，还有{len(lacking)}项材料没有上传（{_named(lacking)}）"
    raise Invalid("form_incomplete", f"{message}，请按提示办好后重新提交。", fields={**found, **_to_upload(lacking)})


def _check_supplied(judgement: Judgement) -> None:
    """Refuse a submission without a required paper that may not follow later. Source: 2024 notice §2(3)-(4)."""
    lacking = lacking_papers(judgement)
    if lacking:
        raise Invalid(
            "paper_missing",
            f"还有{len(lacking)}项必须提交的材料没有上传：{_named(lacking)}。请上传后重新提交。",
            fields=_to_upload(lacking),
        )


def _to_upload(lacking: Sequence[MaterialRequirement]) -> dict[str, str]:
    return {paper.code: f"请上传{paper.name}。" for paper in lacking}


def _named(lacking: Sequence[MaterialRequirement]) -> str:
    return "、".join(paper.name for paper in lacking)


def lacking_papers(judgement: Judgement) -> tuple[MaterialRequirement, ...]:
    """The papers without which a submission is refused: those that are required and may not follow later.

    Source of those that may (容缺后补): 2024 notice §2(4).
    """
    asked = [paper for paper in judgement.requirements if paper.required and not paper.deferrable]
    return tuple(paper for paper in asked if paper.code not in judgement.facts.materials)


def _pin(  # noqa: PLR0917 - the parts of a submission
    session: PersonSession,
    application: Application,
    form: forms.ApplicationForm,
    judgement: Judgement,
    rules: RuleDocument,
    offices: Offices,
    late_entry: LateEntry | None,
) -> dict[str, Any]:
    """Write the submission and its findings; the values are what changes in the application itself."""
    number = application.round + 1
    session.add(
        Submission(
            application_id=application.id,
            round=number,
            form=application.form,
            form_version=forms.FORM_VERSION,
            facts=forms.dump_facts(judgement.facts),
            limits=_LIMITS.dump_python(judgement.limits, mode="json"),
            rule_document=rules.name,
            rule_version=rules.version,
            plugin_versions={"plugins": list(offices.hooks(application.local_office_id).versions())},
            requirements=[asdict(requirement) for requirement in judgement.requirements],
            late_entry_id=late_entry.id if late_entry else None,
            received_at=session.now,
        )
    )
    session.add_all(_finding_rows(application.id, number, judgement.findings, rules))
    session.flush()
    return {
        "round": number,
        "asks": any(finding.severity is Severity.ASKS for finding in judgement.findings),
        "grade": int(form.grade),
        "trade": form.trade,
        "path": form.path.value,
        "route": [stage.value for stage in judgement.route],
        "desks": {stage.value: str(office) for stage, office in judgement.desks.items()},
        "onsite_needed": judgement.onsite_needed,
        "unlocked_items": None,
        "submitted_at": session.now,
    }


def _finding_rows(
    application_id: UUID, number: int, found: Sequence[Finding], rules: RuleDocument
) -> list[FindingRecord]:
    return [
        FindingRecord(
            id=new_id(),
            application_id=application_id,
            round=number,
            position=position,
            rule=finding.rule,
            source=finding.source,
            severity=finding.severity.value,
            text=finding.text,
            missing=finding.missing,
            origin=rules.name if finding.rule.startswith(f"{rules.name}.") else finding.rule.split(".", 1)[0],
        )
        for position, finding in enumerate(found)
    ]


def _to_desk(session: PersonSession, application: Application, office: OfficeCode) -> None:
    """Put the office that the route names for qualification review in charge of the case."""
    if application.handler_office_id == office:
        return
    delegation_id = None
    if office != application.office_id:
        delegation_id = delegation_between(session, application.office_id, office)
    try:
        transfer(session, application, office, delegation_id, "submitted")
    except DBAPIError as error:
        raise Conflict("desk_changed", "负责审查的工考管理机构刚刚发生变更，请稍后重新提交。") from error
    session.refresh(application, ["handler_office_id"])


def _is_late(calendar: ExamCalendar, grade: Grade, now: datetime) -> bool:
    window = calendar.window(WindowKind.REGISTRATION, grade)
    return window is None or now >= window.closes
