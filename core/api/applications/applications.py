"""Applications over JSON: drafting, reading, withdrawing, deferring and supplementing."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.api.applications.schemas import (
    CaseOut,
    CasePage,
    CommitmentIn,
    DeferralOut,
    DraftIn,
    FindingOut,
    FormIn,
    MoveOut,
    RevealIn,
    SeenIn,
    StateCount,
    SupplementIn,
    case_of,
    finding_of,
    move_of,
    page_of,
)
from core.applications import queries, reveals, service, trades
from core.applications.queries import Filter
from core.applications.service import Applicant, Named, claim_applicant
from core.db.session import PersonSession, UnitSession
from core.domain.workflow import STATE_LABELS, State
from core.errors import Invalid
from core.identity.models import Person
from core.identity.registration.service import refuse_invented
from core.identity.reveals import Why
from core.platform import Platform
from core.plugin_api import Grade
from core.seasons.trade_lists import trades_in_force
from core.web.dependencies import OfCase, OfPerson, OfPersonOrUnit, OfReader, OfSupervisor, OfUnit, ThePlatform
from core.web.guards import APPLICANTS, AUDITORS, OFFICE_STAFF, REVIEWERS, SUPERVISORS, UNITS
from core.web.routes import act, create, declared_in, read, replace
from core.web.schemas import RevealedOut, YearAsked

READERS = APPLICANTS | UNITS | OFFICE_STAFF | AUDITORS
WORKERS = APPLICANTS | UNITS | OFFICE_STAFF


@read("/", roles=READERS)
def list_applications(
    session: OfReader,
    year: YearAsked,
    *,
    standing: Annotated[State | None, QueryParameter(name="state", description="案件的状态。")] = None,
    grade: FromQuery[Grade | None] = None,
    unit_id: FromQuery[UUID | None] = None,
    after: FromQuery[UUID | None] = None,
) -> CasePage:
    """The cases that are the asker's, a page at a time."""
    only = Filter(standing, None if grade is None else int(grade), unit_id)
    return page_of(queries.queue(session, year, only, after=after))


@read("/counts", roles=WORKERS)
def count_applications(session: OfCase, year: YearAsked) -> list[StateCount]:
    """How many of the asker's cases stand in each state."""
    counts = queries.counts_by_state(session, year)
    return [
        StateCount(state=state, state_label=STATE_LABELS[state], count=counts[state])
        for state in State
        if state in counts
    ]


@create("/", roles=APPLICANTS | UNITS)
def open_draft(session: OfPersonOrUnit, platform: ThePlatform, data: JSONBody[DraftIn]) -> CaseOut:
    """Begin an application."""
    applicant = _applicant(session, data, platform)
    draft = trades.with_codes(data.form, trades_in_force(session, platform.offices.catalogue, data.year))
    made = service.open_draft(session, applicant, year=data.year, unit_id=data.unit_id, draft=draft)
    return case_of(session, made)


@read("/{application_id:uuid}", roles=READERS)
def show_application(session: OfReader, application_id: FromPath[UUID]) -> CaseOut:
    """One case, with what the asker may do with it."""
    return case_of(session, queries.application(session, application_id))


@replace("/{application_id:uuid}/form", roles=APPLICANTS | UNITS)
def save_draft(
    session: OfPersonOrUnit, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[FormIn]
) -> CaseOut:
    """Replace the form of a draft, or the unlocked items of a returned application."""
    found = queries.application(session, application_id)
    known = trades_in_force(session, platform.offices.catalogue, found.year)
    draft = trades.with_codes(data.form, known, leave=trades.locked(found.unlocked_items))
    return case_of(session, service.save_draft(session, application_id, draft, edition=data.edition))


@act("/{application_id:uuid}/withdraw", roles=APPLICANTS)
def withdraw(
    session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[SeenIn]
) -> CaseOut:
    """Take the application back."""
    made = service.withdraw(session, application_id, offices=platform.offices, version=data.version)
    return case_of(session, made)


@act("/{application_id:uuid}/supplement", roles=APPLICANTS | UNITS)
def supplement(
    session: OfPersonOrUnit, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[SupplementIn]
) -> CaseOut:
    """Supply a deferred paper."""
    made = service.supplement(
        session, application_id, material=data.material, document_id=data.document_id, offices=platform.offices
    )
    return case_of(session, made)


@create("/{application_id:uuid}/deferrals", roles=UNITS)
def commit_to_deferral(session: OfUnit, application_id: FromPath[UUID], data: JSONBody[CommitmentIn]) -> DeferralOut:
    """The unit commits to supply a paper before the exam."""
    deferral = service.commit_to_deferral(
        session,
        application_id,
        material=data.material,
        commitment=data.commitment,
        due_at=data.due_at,
        exam_begins=queries.exam_of(session, queries.application(session, application_id)),
    )
    return DeferralOut.model_validate(deferral)


@read("/{application_id:uuid}/deferrals", roles=READERS)
def list_deferrals(session: OfReader, application_id: FromPath[UUID]) -> list[DeferralOut]:
    """The commitments of a case."""
    queries.application(session, application_id)
    return [DeferralOut.model_validate(deferral) for deferral in queries.deferrals(session, application_id)]


@read("/{application_id:uuid}/moves", roles=READERS)
def list_moves(session: OfReader, application_id: FromPath[UUID]) -> list[MoveOut]:
    """Every move of a case, oldest first."""
    queries.application(session, application_id)
    return [move_of(move) for move in queries.story(session, application_id)]


@read("/{application_id:uuid}/findings", roles=READERS)
def list_findings(session: OfReader, application_id: FromPath[UUID]) -> list[FindingOut]:
    """What the rules and plugins found in the present round, and how officers answered."""
    application = queries.application(session, application_id)
    answers = queries.settlements(session, application_id)
    found = queries.findings(session, application_id, application.round)
    return [finding_of(finding, answers.get(finding.id)) for finding in found]


@act("/{application_id:uuid}/reveal", roles=REVIEWERS | SUPERVISORS)
def reveal(
    session: OfSupervisor, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[RevealIn]
) -> RevealedOut:
    """Show the applicant's identity or telephone number in full, with a reason; everywhere else it is masked."""
    shown = reveals.reveal(
        session,
        application_id,
        field=data.field,
        why=Why(data.ground, data.reason),
        most=platform.offices.config(session.office_id).supervision.reveals_per_hour,
        keys=platform.keys,
    )
    return RevealedOut(value=shown)


def _applicant(session: PersonSession | UnitSession, draft: DraftIn, platform: Platform) -> Applicant:
    """The person who asks, or the one whom a unit names."""
    if isinstance(session, PersonSession):
        if draft.applicant is not None:
            raise Invalid("applicant_is_asker", "本人申报不用填写申报人信息。请删去后重新提交。")
        person = session.get_one(Person, session.person_id)
        return Applicant(person.id, person.name, person.id_tail)
    if draft.applicant is None:
        raise Invalid("applicant_missing", "单位代为填报的，请填写申报人的姓名和身份证号码。")
    named = draft.applicant
    refuse_invented(named.id_number.strip(), simulation=platform.settings.simulation)
    return claim_applicant(session, Named(named.name, named.id_number, named.phone), keys=platform.keys)


SUPERVISED = [list_applications, show_application, list_moves, list_findings, list_deferrals, reveal]
"""What the center and its auditors may do with every office's cases."""

router = Router("/applications", route_handlers=declared_in(__name__), tags=["申报"])
