"""Is in order, answers every hook of the decide and collect kinds, and counts what it is told."""

from collections.abc import Mapping

from core.plugin_api import (
    ApplicationView,
    AwardView,
    ExamCalendar,
    FilingDue,
    FilingKind,
    FilingMoveView,
    Finding,
    MaterialRequirement,
    MoveView,
    OfficeCode,
    ReportSection,
    ReviewStage,
    SeasonView,
    Severity,
    WindowKind,
    hookimpl,
)

needs = {"staff_category"}

told: list[str] = []


@hookimpl
def exam_calendar(season: SeasonView) -> ExamCalendar | None:
    frame = season.frame.window(WindowKind.COMPUTER_EXAM)
    return ExamCalendar((frame,)) if frame else None


@hookimpl
def review_route() -> tuple[ReviewStage, ...] | None:
    return tuple(ReviewStage)[:3]


@hookimpl
def review_office(application: ApplicationView) -> OfficeCode | None:
    owner: OfficeCode = application.office
    return owner


@hookimpl
def certificate_number(award: AwardView) -> str | None:
    return f"STEADY-{award.serial:04d}"


@hookimpl
def eligibility_findings(application: ApplicationView) -> list[Finding]:
    return [Finding("zoo.steady", "zoo", Severity.NOTES, str(application.staff_category))]


@hookimpl
def required_materials() -> list[MaterialRequirement]:
    return [MaterialRequirement("steady", "例", "zoo")]


@hookimpl
def filings_due(season: SeasonView) -> list[FilingDue]:
    frame = season.frame.window(WindowKind.REGISTRATION)
    return [FilingDue(FilingKind.EXAM_DATES, "考试时间", frame.closes, "zoo")] if frame else []


@hookimpl
def report_sections(figures: Mapping[str, int]) -> list[ReportSection]:
    return [ReportSection("steady", "例", {"twice": 2 * figures["submitted"]})]


@hookimpl
def application_moved(move: MoveView) -> None:
    told.append(move.move_id)


@hookimpl
def filing_moved(move: FilingMoveView) -> None:
    told.append(move.move_id)
