"""Score checks (复查) and corrections of marks (成绩更正), as JSON."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from core.api.results.marks import Points
from core.applications.queries import application
from core.plugin_api import MarkStatus
from core.results.corrections import score_checks, service as corrections
from core.results.corrections.score_checks import Ground
from core.results.corrections.service import Corrected
from core.web.dependencies import OfOffice, OfPerson, ThePlatform
from core.web.guards import APPLICANTS, EXAM_WATCHERS, EXAMINERS, SUPERVISORS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Output, Remark, Text, YearAsked


class CheckOut(Output):
    """A request to check a result, and its answer."""

    id: UUID
    application_id: UUID
    subject: str
    ground: Ground
    reason: str
    state: str
    asked_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None


class CheckIn(Input):
    """The subject to be checked, the ground, and the reason."""

    subject: Line
    ground: Ground
    reason: Text


class AnswerIn(Input, published="results_marks_api_AnswerIn"):
    """The answer to a check; person and unit read it."""

    answer: Text


class CorrectionIn(Input, published="results_marks_api_CorrectionIn"):
    """The new mark, the reason, and the evidence."""

    subject: Line
    mark: Points | None = None
    status: MarkStatus = MarkStatus.SCORED
    reason: Text
    evidence: Text


class UpholdIn(Input):
    """The answer of a check that found the result wrong, and the new mark."""

    mark: Points | None = None
    status: MarkStatus = MarkStatus.SCORED
    answer: Text
    evidence: Text


class CorrectionOut(Output):
    """A correction of a mark: asked for by one person, decided by another."""

    id: UUID
    application_id: UUID
    subject: str
    from_mark: Decimal | None
    from_status: MarkStatus
    to_mark: Decimal | None
    to_status: MarkStatus
    reason: str
    evidence: str
    state: str
    asked_at: datetime
    asked_by_name: str
    decided_at: datetime | None
    decided_by_name: str | None
    remark: str


@create("/applications/{application_id:uuid}/score-checks", roles=APPLICANTS)
def ask_for_check(
    session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[CheckIn]
) -> CheckOut:
    """Ask for a check of one's own result."""
    rules = platform.offices.config(application(session, application_id).office_id).results
    made = score_checks.ask_for_check(
        session, application_id, data.subject, ground=data.ground, reason=data.reason, rules=rules
    )
    return CheckOut.model_validate(made)


@read("/score-checks", roles=EXAM_WATCHERS)
def list_checks(session: OfOffice, year: YearAsked) -> list[CheckOut]:
    """The score checks of the office, the open ones first."""
    return [CheckOut.model_validate(check) for check, _case in score_checks.checks(session, year)]


@act("/score-checks/{check_id:uuid}/dismiss", roles=EXAMINERS)
def dismiss_check(session: OfOffice, check_id: FromPath[UUID], data: JSONBody[AnswerIn]) -> CheckOut:
    """Answer that the result is right."""
    return CheckOut.model_validate(score_checks.dismiss_check(session, check_id, answer=data.answer))


@act("/score-checks/{check_id:uuid}/uphold", roles=EXAMINERS)
def uphold_check(session: OfOffice, check_id: FromPath[UUID], data: JSONBody[UpholdIn]) -> CheckOut:
    """Answer that the result is wrong, and ask for its correction."""
    corrected = Corrected(data.mark, data.status)
    made = score_checks.uphold_check(session, check_id, corrected, answer=data.answer, evidence=data.evidence)
    return CheckOut.model_validate(made)


@create("/applications/{application_id:uuid}/mark-corrections", roles=EXAMINERS)
def ask_for_correction(
    session: OfOffice, application_id: FromPath[UUID], data: JSONBody[CorrectionIn]
) -> CorrectionOut:
    """Ask for a correction of a mark."""
    made = corrections.ask_for_correction(
        session,
        application_id,
        data.subject,
        Corrected(data.mark, data.status),
        reason=data.reason,
        evidence=data.evidence,
    )
    return CorrectionOut.model_validate(made)


@read("/mark-corrections", roles=EXAM_WATCHERS)
def list_corrections(session: OfOffice, year: YearAsked) -> list[CorrectionOut]:
    """The corrections of a year, the undecided ones first."""
    return [CorrectionOut.model_validate(correction) for correction, _case in corrections.corrections(session, year)]


@act("/mark-corrections/{correction_id:uuid}/grant", roles=SUPERVISORS)
def grant_correction(
    session: OfOffice, platform: ThePlatform, correction_id: FromPath[UUID], data: JSONBody[Remark]
) -> CorrectionOut:
    """Change the mark, and work the outcome out again."""
    made = corrections.grant_correction(session, correction_id, offices=platform.offices, remark=data.remark)
    return CorrectionOut.model_validate(made)


@act("/mark-corrections/{correction_id:uuid}/refuse", roles=SUPERVISORS)
def refuse_correction(
    session: OfOffice, platform: ThePlatform, correction_id: FromPath[UUID], data: JSONBody[Remark]
) -> CorrectionOut:
    """Leave the mark as it is, with a reason."""
    made = corrections.refuse_correction(session, correction_id, offices=platform.offices, remark=data.remark)
    return CorrectionOut.model_validate(made)


router = Router("/", route_handlers=declared_in(__name__), tags=["成绩"])
