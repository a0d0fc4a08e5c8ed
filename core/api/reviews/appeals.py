"""Appeals (申诉) against a failed eligibility review, as JSON."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from core.applications.queries import application
from core.reviews.appeals import service as appeals
from core.web.dependencies import OfPerson, OfSupervisor, ThePlatform
from core.web.guards import APPLICANTS, SUPERVISORS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Output, Text


class AppealOut(Output):
    """An appeal against the decision that an application is not eligible, and its answer."""

    id: UUID
    application_id: UUID
    office_id: str
    decided_by_office_id: str
    superior_office_id: str
    grounds: str
    state: str
    asked_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None


class AppealIn(Input):
    """The grounds of an appeal."""

    grounds: Text


class AppealAnswerIn(Input):
    """The answer to an appeal, with its reason; the person and the first office read it."""

    answer: Text


@create("/applications/{application_id:uuid}/appeals", roles=APPLICANTS)
def make_appeal(
    session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[AppealIn]
) -> AppealOut:
    """Appeal against the failed review of one's own application."""
    made = appeals.appeal(session, application_id, grounds=data.grounds, offices=platform.offices)
    return AppealOut.model_validate(made)


@read("/applications/{application_id:uuid}/appeals", roles=APPLICANTS)
def list_own_appeals(session: OfPerson, application_id: FromPath[UUID]) -> list[AppealOut]:
    """The appeals in one's own application, the latest first."""
    case = application(session, application_id)
    return [AppealOut.model_validate(made) for made in appeals.appeals_of(session, case.id)]


@read("/appeals", roles=SUPERVISORS, province=True)
def list_appeals(session: OfSupervisor) -> list[AppealOut]:
    """The appeals that this office answers, the open ones first."""
    return [AppealOut.model_validate(made) for made, _case in appeals.appeals(session)]


@act("/appeals/{appeal_id:uuid}/uphold", roles=SUPERVISORS, province=True)
def uphold(session: OfSupervisor, appeal_id: FromPath[UUID], data: JSONBody[AppealAnswerIn]) -> AppealOut:
    """Uphold the decision."""
    return AppealOut.model_validate(appeals.uphold(session, appeal_id, answer=data.answer))


@act("/appeals/{appeal_id:uuid}/reopen", roles=SUPERVISORS, province=True)
def reopen(
    session: OfSupervisor, platform: ThePlatform, appeal_id: FromPath[UUID], data: JSONBody[AppealAnswerIn]
) -> AppealOut:
    """Have the case reviewed again."""
    made = appeals.reopen_by_appeal(session, appeal_id, answer=data.answer, offices=platform.offices)
    return AppealOut.model_validate(made)


router = Router("/", route_handlers=declared_in(__name__), tags=["审查申诉"])
