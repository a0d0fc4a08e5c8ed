"""Submission and review over JSON: what the rules say beforehand, submitting, and every verb of the reviewers."""

from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.api.applications.schemas import CaseOut, FindingOut, SeenIn, case_of, finding_of
from core.applications import forms
from core.applications.queries import application, findings, settlements
from core.applications.rules.document import RuleDocument
from core.documents.service import materials_of
from core.errors import NotFound
from core.identity.models import Person
from core.platform import Platform
from core.plugin_api import OfficeCode, ReviewStage, Severity
from core.reviews import service, settlements as settling, submission
from core.reviews.decisions.items import ItemVerdict, answered_items, items_to_judge
from core.reviews.decisions.undo import undo
from core.reviews.settlements import Answer
from core.reviews.submission import Judgement
from core.web.dependencies import OfOffice, OfPerson, OfReviewer, OfSupervisor, ThePlatform
from core.web.guards import APPLICANTS, CENTER, OFFICERS, REVIEWERS, SUPERVISORS, UNITS
from core.web.routes import act, declared_in, read
from core.web.schemas import Input, Line, Output, Text

AT_THE_DESK = REVIEWERS | CENTER
"""Who decides for an office; the center does a city's work for the units of the province itself."""


class ItemIn(Input):
    """The verdict on one item of the form or one material.

    A faulty one whose ``reason_code`` is ``missing`` is asked for: a paper without a file, or an answer left empty.
    A decision names every item of the case (``GET …/items``).
    """

    item: Line
    faulty: bool = False
    reason_code: Line = ""
    comment: Text = ""


class AnswerIn(Input, published="reviews_api_AnswerIn"):
    """The answer to one finding that asks."""

    finding_id: UUID
    satisfied: bool
    reason: Text
    evidence_document_id: UUID | None = None


class ApprovalIn(SeenIn):
    """Agreement, item by item, and an officer's answers to the findings that ask."""

    items: list[ItemIn] = Field(default_factory=list, max_length=100)
    answers: list[AnswerIn] = Field(default_factory=list, max_length=100)


class ConfirmationIn(SeenIn):
    """Confirmation on site, item by item."""

    items: list[ItemIn] = Field(default_factory=list, max_length=100)


class ItemOut(Output):
    """An item that the reviewer's decision has to name; ``absent`` for a required paper without a file."""

    item: str
    absent: bool


class ReturnIn(SeenIn):
    """Why an application goes back, and the verdict on each item: which are to be mended or added."""

    reason: Text
    items: list[ItemIn] = Field(max_length=100)


class DecisionIn(SeenIn, published="reviews_api_DecisionIn"):
    """A decision that has a reason."""

    reason: Text


class AnswersIn(Input):
    """Answers to findings that ask."""

    answers: list[AnswerIn] = Field(min_length=1, max_length=100)


class ForeseenFinding(Output):
    """What a rule would say if the application were submitted now."""

    rule: str
    source: str
    severity: Severity
    text: str
    missing: str


class Requirement(Output):
    """A paper that is asked for."""

    code: str
    name: str
    source: str
    required: bool
    deferrable: bool


class Foreseen(Output):
    """What submitting would lead to: findings, papers, the stages of review and the offices at them."""

    findings: list[ForeseenFinding]
    requirements: list[Requirement]
    route: list[ReviewStage]
    desks: dict[ReviewStage, OfficeCode]
    onsite_needed: bool
    may_be_submitted: bool


@read("/{application_id:uuid}/judgement", roles=APPLICANTS)
def foresee(session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]) -> Foreseen:
    """What the rules, and the plugins of the place, would say of the form as it is now. Nothing is written."""
    found = application(session, application_id)
    person = session.get_one(Person, found.person_id)
    form = forms.complete(
        submission.read_form(session, found, platform.offices), year=found.year, birth_date=person.birth_date
    )
    rules = _rules(platform, found.year)
    return _foreseen(submission.judge(session, found, form, offices=platform.offices, rules=rules))


@act("/{application_id:uuid}/submit", roles=APPLICANTS)
def submit(session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[SeenIn]) -> CaseOut:
    """Submit a draft, or a returned application again."""
    rules = _rules(platform, application(session, application_id).year)
    made = submission.submit(session, application_id, offices=platform.offices, rules=rules, version=data.version)
    return case_of(session, made)


@act("/{application_id:uuid}/approve", roles=UNITS | AT_THE_DESK)
def approve(
    session: OfReviewer, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[ApprovalIn]
) -> CaseOut:
    """Agree at the present stage."""
    made = service.approve(
        session,
        application_id,
        offices=platform.offices,
        version=data.version,
        items=_items(data.items),
        answers=_answers(data.answers),
    )
    return case_of(session, made)


@act("/{application_id:uuid}/return", roles=UNITS | AT_THE_DESK)
def return_for_correction(
    session: OfReviewer, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[ReturnIn]
) -> CaseOut:
    """Send the application back; only the faulty items are unlocked."""
    made = service.return_for_correction(
        session,
        application_id,
        offices=platform.offices,
        reason=data.reason,
        items=_items(data.items),
        version=data.version,
    )
    return case_of(session, made)


@act("/{application_id:uuid}/reject", roles=UNITS | AT_THE_DESK)
def reject(
    session: OfReviewer, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[DecisionIn]
) -> CaseOut:
    """Refuse the application, with a reason that the applicant reads."""
    made = service.reject(session, application_id, offices=platform.offices, reason=data.reason, version=data.version)
    return case_of(session, made)


@act("/{application_id:uuid}/confirm", roles=AT_THE_DESK)
def confirm(
    session: OfOffice, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[ConfirmationIn]
) -> CaseOut:
    """Confirm on site that the originals bear the application out."""
    made = service.confirm(
        session, application_id, offices=platform.offices, version=data.version, items=_items(data.items)
    )
    return case_of(session, made)


@act("/{application_id:uuid}/undo", roles=UNITS | AT_THE_DESK)
def undo_decision(
    session: OfReviewer, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[SeenIn]
) -> CaseOut:
    """Take one's own last decision back, within ten minutes and while nobody has acted on it."""
    return case_of(session, undo(session, application_id, offices=platform.offices, version=data.version))


@read("/{application_id:uuid}/items", roles=UNITS | AT_THE_DESK)
def list_items(session: OfReviewer, application_id: FromPath[UUID]) -> list[ItemOut]:
    """The items that a decision on this case has to name, in the order of the form."""
    found = application(session, application_id)
    there = {*answered_items(found), *materials_of(session, application_id)}
    return [ItemOut(item=item, absent=item not in there) for item in items_to_judge(session, found)]


@act("/{application_id:uuid}/clear", roles=AT_THE_DESK)
def clear(session: OfOffice, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[SeenIn]) -> CaseOut:
    """Give the final verdict on a provisional case."""
    made = service.clear(session, application_id, offices=platform.offices, version=data.version)
    return case_of(session, made)


@act("/{application_id:uuid}/reopen", roles=SUPERVISORS)
def reopen(
    session: OfSupervisor, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[DecisionIn]
) -> CaseOut:
    """Have a decided case reviewed again."""
    made = service.reopen(session, application_id, offices=platform.offices, reason=data.reason, version=data.version)
    return case_of(session, made)


@act("/{application_id:uuid}/settlements", roles=AT_THE_DESK)
def settle_findings(session: OfOffice, application_id: FromPath[UUID], data: JSONBody[AnswersIn]) -> list[FindingOut]:
    """Answer findings that ask, each with a reason and, where there is one, evidence."""
    settling.settle_findings(session, application_id, _answers(data.answers))
    answers = settlements(session, application_id)
    found = findings(session, application_id, application(session, application_id).round)
    return [finding_of(finding, answers.get(finding.id)) for finding in found]


@read("/{application_id:uuid}/findings/unsettled", roles=OFFICERS)
def list_unsettled(session: OfOffice, application_id: FromPath[UUID]) -> list[FindingOut]:
    """The findings that still keep the case from passing."""
    return [finding_of(finding, None) for finding in settling.unsettled(session, application(session, application_id))]


def _rules(platform: Platform, year: int) -> RuleDocument:
    rules = platform.rules.get(year)
    if rules is None:
        raise NotFound("season_unknown", f"没有{year}年度的考核安排，请选择其他年度。")
    return rules


def _answers(answers: list[AnswerIn]) -> list[Answer]:
    return [Answer(**answer.model_dump()) for answer in answers]


def _items(items: list[ItemIn]) -> list[ItemVerdict]:
    return [ItemVerdict(**item.model_dump()) for item in items]


def _foreseen(judgement: Judgement) -> Foreseen:
    return Foreseen(
        findings=[ForeseenFinding.model_validate(finding) for finding in judgement.findings],
        requirements=[Requirement.model_validate(requirement) for requirement in judgement.requirements],
        route=list(judgement.route),
        desks=judgement.desks,
        onsite_needed=judgement.onsite_needed,
        may_be_submitted=not judgement.blocking and not submission.lacking_papers(judgement),
    )


SUPERVISED = [reopen]
"""What the center does with any office's case."""

router = Router("/applications", route_handlers=declared_in(__name__), tags=["提交与审查"])
