"""The questions of these tests: a call of every hook for the invented province, and its default answer."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from core.hooks.office_hooks import OfficeHooks
from core.plugin_api import (
    Apart,
    ApplicationFacts,
    ApplicationPath,
    AwardView,
    Channel,
    DelegationMode,
    DelegationView,
    DocumentView,
    FilingDue,
    FilingKind,
    FilingMoveView,
    Finding,
    Grade,
    MarksView,
    MaterialRequirement,
    MoveView,
    NoticeView,
    OfficeCode,
    OfficeView,
    ReportSection,
    ReviewStage,
    SeasonView,
    SeatingPolicy,
    Severity,
    SittingView,
    StaffCategory,
    SubjectMark,
    Verdict,
)
from core.tenancy.catalogue import Catalogue

LINSHUI, QINGHE, HEYUAN, YUNSHAN = (
    OfficeCode(code) for code in ("linshui", "linshui/qinghe", "linshui/qinghe/heyuan", "linshui/yunshan")
)
RULES: Final = "henan-2024"
LADDER: Final = Finding("henan-2024.ladder", "豫人社工考〔2013〕1号", Severity.NOTES, "符合逐级申报条件")
PHOTO: Final = MaterialRequirement("photo", "照片", "豫人社函〔2024〕46号")
ASSESSMENTS: Final = MaterialRequirement("annual_assessments", "年度考核表", "豫人社函〔2024〕46号", deferrable=True)
FIGURES: Final = {"submitted": 20, "in_review": 3, "provisional": 1, "qualified": 14, "rejected": 2, "delegated": 5}
MOVE: Final = MoveView(
    "m-1", "a-1", QINGHE, "approve", "unit_review", "qualification_review", datetime(2024, 4, 1, tzinfo=UTC)
)
FILING_MOVE: Final = FilingMoveView(
    "m-2", "f-1", QINGHE, FilingKind.EXAM_DATES, 1, "accept", "filed", "accepted", datetime(2024, 5, 20, tzinfo=UTC)
)
DOCUMENT: Final = DocumentView("d-1", "a-1", "photo", "image/png", 3, "00" * 32, lambda: [b"PNG"])
NOTICE: Final = NoticeView("n-1", QINGHE, Channel.SMS, "13800000001", "", "【清河市考核办】申请已退回。")
SITTING: Final = SittingView(
    "sitting",
    "linshui/qinghe",
    2024,
    datetime(2024, 7, 6, 9, tzinfo=UTC),
    datetime(2024, 7, 6, 11, tzinfo=UTC),
    frozenset({"岗位技能"}),
    frozenset({4}),
    frozenset(),
    SeatingPolicy(5, Apart.CROSS, 2),
)
_MARKS: Final = (SubjectMark("岗位技能", Decimal(80)), SubjectMark("职业道德", Decimal(59)))
MARKS: Final = MarksView(2024, 4, "LS-1", ("岗位技能", "职业道德"), _MARKS, Decimal(60))
AWARD: Final = AwardView(QINGHE, "990100", 2024, 4, "LS-1", 7, standard="9901002024400007")
HEYUAN_TOOK_OVER: Final = DelegationView(
    HEYUAN, DelegationMode.HANDED_OVER, frozenset({ReviewStage.QUALIFICATION_REVIEW, ReviewStage.ONSITE_CONFIRMATION})
)


def facts(**changes: Any) -> ApplicationFacts:
    """An applicant for grade four in Qinghe, whose county Heyuan took over the review."""
    applicant = ApplicationFacts(
        year=2024,
        notice_date=date(2024, 3, 15),
        office=QINGHE,
        grade=Grade.FOUR,
        path=ApplicationPath.LADDER,
        trade="LS-1",
        unit_name="河源市测试第一中学",
        staff_category=StaffCategory.HIRED,
        birth_date=date(1980, 1, 1),
        delegations=(HEYUAN_TOOK_OVER,),
    )
    return replace(applicant, **changes)


def season_and_office(catalogue: Catalogue, code: OfficeCode) -> tuple[SeasonView, OfficeView]:
    """The arguments of hooks about a season."""
    return catalogue.season_view(code, 2024), catalogue.get(code).view(date(2024, 3, 21))


def dues(catalogue: Catalogue, code: OfficeCode) -> list[FilingDue]:
    """The filings that the province's file demands of a city."""
    tables = catalogue.get(code).config.filings[2024]
    return [FilingDue(kind, kind.value, table.due_at(), table.source) for kind, table in tables.items()]


def ask(hook: str, hooks: OfficeHooks, catalogue: Catalogue, **changes: Any) -> Any:
    """Put one hook's standard question to an office; ``changes`` are those of the applicant."""
    application = facts(**changes)
    season, office = season_and_office(catalogue, hooks.office)
    questions = {
        "exam_calendar": lambda: hooks.exam_calendar(season, office, calendar=catalogue.calendar(office.code, 2024)),
        "review_route": lambda: hooks.review_route(application),
        "review_office": lambda: hooks.review_office(application, ReviewStage.QUALIFICATION_REVIEW),
        "seating_policy": lambda: hooks.seating_policy(SITTING),
        "outcome": lambda: hooks.outcome(MARKS),
        "certificate_number": lambda: hooks.certificate_number(AWARD, taken={"TAKEN-001"}),
        "notice_due": lambda: hooks.notice_due(NOTICE),
        "eligibility_findings": lambda: hooks.eligibility_findings(application, rule_document=RULES, standard=[LADDER]),
        "required_materials": lambda: hooks.required_materials(application, standard=[PHOTO, ASSESSMENTS]),
        "filings_due": lambda: hooks.filings_due(season, office, standard=dues(catalogue, office.code)),
        "report_sections": lambda: hooks.report_sections(season, office, FIGURES),
        "document_received": lambda: hooks.document_received(DOCUMENT),
        "application_moved": lambda: hooks.application_moved(MOVE),
        "filing_moved": lambda: hooks.filing_moved(FILING_MOVE),
    }
    return questions[hook]()


def default(hook: str, catalogue: Catalogue, code: OfficeCode) -> Any:
    """The answer without any plugin."""
    return {
        "exam_calendar": catalogue.calendar(code, 2024),
        "review_route": tuple(ReviewStage),
        "review_office": HEYUAN,
        "seating_policy": SITTING.standard,
        "outcome": Verdict(False, "职业道德59分，未达到60分。"),
        "certificate_number": AWARD.standard,
        "notice_due": None,
        "eligibility_findings": (LADDER,),
        "required_materials": (PHOTO, ASSESSMENTS),
        "filings_due": tuple(dues(catalogue, code)),
        "report_sections": (ReportSection("standard", "基本情况", MappingProxyType(FIGURES)),),
        "document_received": (),
        "application_moved": (),
        "filing_moved": (),
    }[hook]
