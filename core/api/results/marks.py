"""Marks, outcomes, checks and corrections over JSON: who examined takes them in, who was examined reads their own."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from litestar import Router
from litestar.di import Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from core.api.received import TheReceived, provide_received, provide_replay_of_upload
from core.applications.queries import application
from core.errors import Invalid
from core.plugin_api import Grade, MarkStatus
from core.results.candidate import own_results
from core.results.corrections import score_checks
from core.results.corrections import service as corrections
from core.results.corrections.score_checks import Ground
from core.results.corrections.service import Corrected
from core.results.marks import service as marks
from core.results.marks.contradictions import Contradiction
from core.results.marks.table import BOUNDS
from core.results.outcomes import service as outcomes
from core.web.dependencies import OfOffice, OfPerson, OfReader, ThePlatform
from core.web.guards import APPLICANTS, AUDITORS, EXAM_WATCHERS, EXAMINERS, OFFICE_STAFF, SUPERVISORS, UNITS
from core.web.routes import act, create, read, take_file
from core.web.schemas import Digest, Input, Line, Output, Reason, Remark, Text, Year, YearAsked

Points = Annotated[Decimal, Field(ge=0, le=100, max_digits=5)]


class MarkImportOut(Output):
    """A table of marks that was handed in, and what a second person made of it."""

    id: UUID
    year: int
    file_name: str
    sha256: str
    digest: str
    rows: int
    figures: list[Any]
    state: str
    proposed_at: datetime
    proposed_by_name: str
    decided_at: datetime | None
    decided_by_name: str | None
    remark: str
    contradictions: list[Any]


class DiffersOut(Output):
    """Where a table and the door list contradict each other."""

    application_id: UUID
    reference: str
    subject: str
    how: Contradiction


class SettledIn(Input):
    """Why a table counts for a candidate although the door list says otherwise."""

    application_id: UUID
    reason: Text


class ConfirmIn(Input):
    """The digest that the second person's own copy of the table came to, and what settles each contradiction."""

    digest: Digest
    reasons: Annotated[list[SettledIn], Field(max_length=30_000)] = Field(default_factory=list)


class WorkOutIn(Input):
    """Of which year and grades the outcomes are to be worked out; of all grades where none is named."""

    year: Year
    grades: Annotated[list[Grade], Field(max_length=5)] = Field(default_factory=lambda: list(Grade))


class WorkedOutOut(Output):
    """How many have passed and failed; ``kept`` were published before and stay as they are."""

    passed: int
    failed: int
    kept: int


class MarkOut(Output):
    """A candidate's mark in one subject; ``by_the_list`` where the door list alone says that they were absent."""

    subject: str
    mark: Decimal | None
    status: MarkStatus
    by_the_list: bool
    known_at: datetime


class OutcomeOut(Output):
    """Whether somebody has passed, and why; before publication it is the office's alone."""

    passed: bool
    reason: str
    basis: dict[str, Any]
    published_at: datetime | None


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


class ResultsOut(Output):
    """What is known of a candidate's results."""

    marks: list[MarkOut]
    outcome: OutcomeOut | None
    checks: list[CheckOut]


class CheckIn(Input):
    """Which result is to be checked, on which ground, and why."""

    subject: Line
    ground: Ground
    reason: Text


class AnswerIn(Input):
    """What the check found; person and unit read it."""

    answer: Text


class CorrectionIn(Input):
    """What a mark is to become, why, and on what evidence."""

    subject: Line
    mark: Points | None = None
    status: MarkStatus = MarkStatus.SCORED
    reason: Text
    evidence: Text


class UpholdIn(Input):
    """The answer of a check that found the result wrong, and what it is to become."""

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


@read("/mark-imports", roles=EXAM_WATCHERS)
def list_imports(session: OfOffice, year: YearAsked) -> list[MarkImportOut]:
    """Every table of marks that was handed in, the latest first."""
    return [MarkImportOut.model_validate(one) for one in marks.imports(session, year)]


@take_file("/mark-imports", roles=EXAMINERS)
def propose_import(
    session: OfOffice,
    received: TheReceived,
    *,
    year: YearAsked,
    file_name: Annotated[str, QueryParameter(min_length=1, max_length=200, description="原文件名，供人辨认。")],
) -> MarkImportOut:
    """Hand a table in: the body is the file (.xlsx or CSV). With a wrong row nothing is kept and each is named."""
    content = received.content.read(BOUNDS.bytes + 1)
    made = marks.propose_import(session, content, year=year, file_name=file_name)
    if made.made is None:
        named = {f"row_{one.row}": f"第{one.row}行（{one.candidate}）：{one.text}" for one in made.reading.faults[:200]}
        text = f"{len(made.reading.faults)}处有误，没有导入任何成绩。请改正后重新上传。"
        raise Invalid("marks_faulty", text, fields=named)
    return MarkImportOut.model_validate(made.made)


@act("/mark-imports/{import_id:uuid}/confirm", roles=EXAMINERS)
def confirm_import(session: OfOffice, import_id: FromPath[UUID], data: JSONBody[ConfirmIn]) -> MarkImportOut:
    """Take the marks in, as the second person; with a reason for everybody whom the door list contradicts."""
    reasons = {one.application_id: one.reason for one in data.reasons}
    return MarkImportOut.model_validate(marks.confirm_import(session, import_id, digest=data.digest, reasons=reasons))


@read("/mark-imports/{import_id:uuid}/contradictions", roles=EXAM_WATCHERS)
def list_contradictions(session: OfOffice, import_id: FromPath[UUID]) -> list[DiffersOut]:
    """Where a table that waits for the second person says otherwise than the door lists."""
    return [
        DiffersOut(
            application_id=one.differs.application_id,
            reference=one.reference,
            subject=one.differs.subject,
            how=one.differs.how,
        )
        for one in marks.contradicting(session, import_id)
    ]


@act("/mark-imports/{import_id:uuid}/withdraw", roles=EXAM_WATCHERS)
def withdraw_import(session: OfOffice, import_id: FromPath[UUID], data: JSONBody[Reason]) -> MarkImportOut:
    """Send a table back; a confirmed one takes a supervisor, and goes only before publication."""
    return MarkImportOut.model_validate(marks.withdraw_import(session, import_id, reason=data.reason))


@act("/outcomes/work-out", roles=EXAMINERS)
def work_out(session: OfOffice, platform: ThePlatform, data: JSONBody[WorkOutIn]) -> WorkedOutOut:
    """Say of every candidate of the office whether they have passed."""
    found = outcomes.work_out(session, year=data.year, offices=platform.offices, grades=data.grades)
    return WorkedOutOut.model_validate(found)


@read("/applications/{application_id:uuid}/results", roles=APPLICANTS | UNITS | OFFICE_STAFF | AUDITORS)
def read_results(session: OfReader, application_id: FromPath[UUID]) -> ResultsOut:
    """A candidate's marks, outcome and checks, as far as the reader may see them."""
    return ResultsOut.model_validate(own_results.results_of(session, application_id))


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
    """The checks that the office was asked for, the open ones first."""
    return [CheckOut.model_validate(one) for one, _case in score_checks.checks(session, year)]


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
    """The corrections of a year, those that wait for a decision first."""
    return [CorrectionOut.model_validate(one) for one, _case in corrections.corrections(session, year)]


@act("/mark-corrections/{correction_id:uuid}/grant", roles=SUPERVISORS)
def grant_correction(
    session: OfOffice, platform: ThePlatform, correction_id: FromPath[UUID], data: JSONBody[Remark]
) -> CorrectionOut:
    """Change the mark, and work the outcome out anew."""
    made = corrections.grant_correction(session, correction_id, offices=platform.offices, remark=data.remark)
    return CorrectionOut.model_validate(made)


@act("/mark-corrections/{correction_id:uuid}/refuse", roles=SUPERVISORS)
def refuse_correction(session: OfOffice, correction_id: FromPath[UUID], data: JSONBody[Remark]) -> CorrectionOut:
    """Leave the mark as it is, saying why."""
    return CorrectionOut.model_validate(corrections.refuse_correction(session, correction_id, remark=data.remark))


_uploads = Router(
    "/",
    route_handlers=[propose_import],
    dependencies={"received": Provide(provide_received), "replay": Provide(provide_replay_of_upload)},
)
router = Router(
    "/",
    route_handlers=[
        _uploads,
        list_imports,
        list_contradictions,
        confirm_import,
        withdraw_import,
        work_out,
        read_results,
        ask_for_check,
        list_checks,
        dismiss_check,
        uphold_check,
        ask_for_correction,
        list_corrections,
        grant_correction,
        refuse_correction,
    ],
    tags=["成绩"],
)
