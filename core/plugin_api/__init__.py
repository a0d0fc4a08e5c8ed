"""Everything that a plugin may import: the hook marker and the frozen values that hooks take and return.

Nothing here knows the database or the web. A value given to a hook is a copy: changing the world is the core's work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any, NewType

import pluggy

from core.plugin_api.documents import DocumentView, ScanResult, ScanVerdict
from core.plugin_api.messages import Channel, Delivered, Delivery, Gateway, NoticeView
from core.plugin_api.results import AwardView, MarkStatus, MarksView, ReviewResult, SubjectMark, Verdict
from core.plugin_api.scheduling import Apart, SeatingPolicy, SittingView
from core.plugin_api.self_checks import SelfCheck, SelfCheckLevel

# Names from other files that plugins import from here.
__all__ = ["Channel", "Delivered", "Delivery", "DocumentView", "Gateway", "NoticeView", "ScanResult", "ScanVerdict"]
__all__ += ["Apart", "AwardView", "MarkStatus", "MarksView", "ReviewResult", "SeatingPolicy", "SelfCheck"]
__all__ += ["SelfCheckLevel", "SittingView", "SubjectMark", "Verdict"]

hookimpl = pluggy.HookimplMarker("kaowu")
hookspec = pluggy.HookspecMarker("kaowu")
"""Marks the hooks themselves, in ``core/hooks/specs.py``; a plugin has no use for it."""

OfficeCode = NewType("OfficeCode", str)
"""An office's own code: its folder under ``tenants/``, such as ``henan/luoyang``. Areas are renamed; this is not."""


class Grade(IntEnum):
    """The five grades of technical posts; the lower number is the higher grade (五级 is the entry)."""

    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4
    FIVE = 5

    @property
    def label(self) -> str:
        """The official name, such as 三级."""
        return f"{'零一二三四五'[self.value]}级"


class OfficeLevel(StrEnum):
    """Where an office stands: the provincial center, the cities with Jiyuan, the counties that took over."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class ApplicationPath(StrEnum):
    """The way by which somebody applies for a grade."""

    LADDER = "ladder"
    DIRECT = "direct"
    TRADE_CHANGE = "trade_change"
    FRONTLINE = "frontline"


class ReviewStage(StrEnum):
    """The stages of review, in the only order in which a route may name them."""

    UNIT_REVIEW = "unit_review"
    DEPARTMENT_REVIEW = "department_review"
    QUALIFICATION_REVIEW = "qualification_review"
    ONSITE_CONFIRMATION = "onsite_confirmation"


class Severity(StrEnum):
    """What a finding does: refuse, ask an officer to settle it with reason and evidence, or inform."""

    BLOCKS = "blocks"
    ASKS = "asks"
    NOTES = "notes"


class DelegationMode(StrEnum):
    """Handed over: the receiver answers for its decisions. Entrusted (委托): the delegator supervises and answers."""

    HANDED_OVER = "handed_over"
    ENTRUSTED = "entrusted"


class WindowKind(StrEnum):
    """The dated parts of a season. Source: 2024 notice §3(1)-(6)."""

    UNIT_NAMES = "unit_names"
    REGISTRATION = "registration"
    UNIT_REVIEW = "unit_review"
    QUALIFICATION_REVIEW = "qualification_review"
    TRAINING = "training"
    COMPUTER_EXAM = "computer_exam"
    LEVEL_ONE_THEORY = "level_one_theory"
    COMPREHENSIVE_REVIEW = "comprehensive_review"
    RESULTS = "results"


class FilingKind(StrEnum):
    """What a city owes the provincial center. Source: 2024 notice §3(3) and last paragraph of §3."""

    EXAM_DATES = "exam_dates"
    REGISTRATION_SUMMARY = "registration_summary"


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span ``opens <= t < closes``, with time zones. ``opens`` is None where only a deadline holds."""

    kind: WindowKind
    opens: datetime | None
    closes: datetime
    grades: frozenset[Grade] = frozenset(Grade)

    def contains(self, moment: datetime) -> bool:
        """Whether ``moment`` lies inside."""
        return (self.opens is None or self.opens <= moment) and moment < self.closes


@dataclass(frozen=True, slots=True)
class ExamCalendar:
    """One office's windows of one season: at most one window for each kind and grade."""

    windows: tuple[Window, ...]

    def window(self, kind: WindowKind, grade: Grade | None = None) -> Window | None:
        """The window of ``kind`` that covers ``grade``; without a grade, the first of that kind."""
        for window in self.windows:
            if window.kind is kind and (grade is None or grade in window.grades):
                return window
        return None


@dataclass(frozen=True, slots=True)
class SeasonView:
    """The year's assessment as a plugin sees it. ``frame``, the calendar of the level above, bounds every answer."""

    year: int
    notice: str
    notice_date: date
    rule_document: str
    frame: ExamCalendar


@dataclass(frozen=True, slots=True)
class OfficeView:
    """An office as a plugin sees it. ``area_code`` is None for offices without an area (省直, 航空港区)."""

    code: OfficeCode
    name: str
    level: OfficeLevel
    area_code: str | None = None


@dataclass(frozen=True, slots=True)
class DelegationView:
    """A delegation in force for a case: who holds which stages, by what mode."""

    to_office: OfficeCode
    mode: DelegationMode
    stages: frozenset[ReviewStage]


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause's verdict on one application.

    ``rule`` is stable and prefixed by its author (``henan-2024.ladder``, ``luoyang.contract``); ``source`` names the
    document and clause; ``text`` tells the applicant what holds; ``missing`` what to supply, empty when nothing is.
    """

    rule: str
    source: str
    severity: Severity
    text: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class MaterialRequirement:
    """One paper to upload. A ``deferrable`` one may follow later on the unit's commitment (容缺后补)."""

    code: str
    name: str
    source: str
    required: bool = True
    deferrable: bool = False


@dataclass(frozen=True, slots=True)
class FilingDue:
    """A filing that an office owes the center: its kind, due moment and clause."""

    kind: FilingKind
    title: str
    due: datetime
    source: str


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A titled group of whole-number figures in an office's report."""

    code: str
    title: str
    figures: Mapping[str, int]


class StandardFigure(StrEnum):
    """The figures that stand in every office's report, and that a plugin may reckon with.

    ``submitted`` counts what was ever submitted; ``in_review`` what waits at any stage, returned cases included;
    ``delegated`` the submitted ones that a county has in hand by delegation.
    """

    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    PROVISIONAL = "provisional"
    QUALIFIED = "qualified"
    REJECTED = "rejected"
    DELEGATED = "delegated"


@dataclass(frozen=True, slots=True)
class MoveView:
    """An application has moved: ids and states only, never a person."""

    move_id: str
    application_id: str
    office: OfficeCode
    action: str
    from_state: str
    to_state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FilingMoveView:
    """A filing has been made, accepted or returned: ids and states only. ``version`` counts from 1."""

    move_id: str
    filing_id: str
    office: OfficeCode
    kind: FilingKind
    version: int
    action: str
    from_state: str
    to_state: str
    at: datetime


class Need(StrEnum):
    """The facts of an application that a plugin can ask for; it declares them as ``needs = {...}`` in its module."""

    UNIT = "unit"
    UNIT_AREA = "unit_area"
    STAFF_CATEGORY = "staff_category"
    BIRTH = "birth"
    SERVICE = "service"
    CURRENT_GRADE = "current_grade"
    EDUCATION = "education"
    ASSESSMENTS = "assessments"
    AWARDS = "awards"
    FRONTLINE = "frontline"
    RETIREMENT = "retirement"
    MATERIALS = "materials"
    ACKNOWLEDGEMENTS = "acknowledgements"


class StaffCategory(StrEnum):
    """Regular staff (在岗正式工作人员) or otherwise hired (其他聘用工作人员). Source: 2024 notice §1(1)."""

    REGULAR = "regular"
    HIRED = "hired"


class Sex(StrEnum):
    """As read from the identity number."""

    MALE = "male"
    FEMALE = "female"


class Education(IntEnum):
    """Levels of education, comparable; SENIOR covers 高中, 职高, 中专 and 技工学校."""

    JUNIOR = 1
    SENIOR = 2
    COLLEGE = 3
    BACHELOR = 4
    MASTER = 5


class AssessmentResult(StrEnum):
    """The result of a year's assessment (年度考核)."""

    EXCELLENT = "excellent"
    PASS = "pass"  # noqa: S105 - a grade, not a secret
    BASIC = "basic"
    FAIL = "fail"
    NOT_RATED = "not_rated"


class Frontline(StrEnum):
    """The three groups of the epidemic frontline exception. Source: 2024 notice §2(1)."""

    DESIGNATED_HOSPITAL = "designated_hospital"
    AID_TEAM = "aid_team"
    COMMENDED = "commended"


@dataclass(frozen=True, slots=True)
class Assessment:
    """One year's assessment; ``filed`` says whether the personnel department has put it on file (备案)."""

    year: int
    result: AssessmentResult
    filed: bool = True


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """All that rules may know of an application: no name, no identity number, no telephone number.

    Years are calendar years. ``current_*`` describe the grade held now and are None for newcomers.
    ``appointed_to_grade_two`` is about the post (聘任), not the certificate.
    """

    year: int
    notice_date: date
    office: OfficeCode
    grade: Grade
    path: ApplicationPath
    trade: str
    unit_area: str | None = None
    unit_name: str = ""
    unit_is_own_department: bool = False
    staff_category: StaffCategory = StaffCategory.REGULAR
    birth_date: date | None = None
    sex: Sex | None = None
    first_job_year: int | None = None
    regularised_on: date | None = None
    current_grade: Grade | None = None
    current_grade_year: int | None = None
    current_trade: str | None = None
    appointed_to_grade_two: bool = False
    education: Education | None = None
    assessments: tuple[Assessment, ...] = ()
    awards: tuple[str, ...] = ()
    frontline: Frontline | None = None
    retires_on: date | None = None
    materials: frozenset[str] = frozenset()
    acknowledgements: frozenset[str] = frozenset()
    delegations: tuple[DelegationView, ...] = ()


_FACT_NEEDS: Mapping[str, Need] = {
    "unit_name": Need.UNIT,
    "unit_is_own_department": Need.UNIT,
    "unit_area": Need.UNIT_AREA,
    "staff_category": Need.STAFF_CATEGORY,
    "birth_date": Need.BIRTH,
    "sex": Need.BIRTH,
    "first_job_year": Need.SERVICE,
    "regularised_on": Need.SERVICE,
    "current_grade": Need.CURRENT_GRADE,
    "current_grade_year": Need.CURRENT_GRADE,
    "current_trade": Need.CURRENT_GRADE,
    "appointed_to_grade_two": Need.CURRENT_GRADE,
    "education": Need.EDUCATION,
    "assessments": Need.ASSESSMENTS,
    "awards": Need.AWARDS,
    "frontline": Need.FRONTLINE,
    "retires_on": Need.RETIREMENT,
    "materials": Need.MATERIALS,
    "acknowledgements": Need.ACKNOWLEDGEMENTS,
}
_OPEN_FACTS = frozenset({"year", "notice_date", "office", "grade", "path", "trade", "delegations"})


class UndeclaredNeedError(Exception):
    """A plugin asked for a fact that its ``needs`` do not name."""


class ApplicationView:
    """An application as one plugin may see it: the open facts, and those behind the needs that it declared.

    Every field of :class:`ApplicationFacts` can be read by its name. The others are not merely hidden: they are not
    in the view at all.
    """

    __slots__ = ("_facts", "_needs")

    def __init__(self, facts: ApplicationFacts, needs: Iterable[Need | str] = ()) -> None:
        declared = frozenset(Need(need) for need in needs)
        visible = _OPEN_FACTS | {name for name, need in _FACT_NEEDS.items() if need in declared}
        object.__setattr__(self, "_needs", declared)
        object.__setattr__(self, "_facts", {name: getattr(facts, name) for name in visible})

    def __getattr__(self, name: str) -> Any:
        """A fact by its name; UndeclaredNeedError where it lies behind a need that was not declared."""
        if name.startswith("_"):
            raise AttributeError(name)
        facts: dict[str, Any] = object.__getattribute__(self, "_facts")
        if name in facts:
            return facts[name]
        need = _FACT_NEEDS.get(name)
        if need is None:
            raise AttributeError(f"an application has no fact {name!r}")
        raise UndeclaredNeedError(f"fact {name!r} lies behind need {need.value!r}, which this plugin does not declare")

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a view is a copy of what was true."""
        raise AttributeError("an application view cannot be changed")

    @property
    def is_regular_staff(self) -> bool:
        """Whether the applicant is regular staff; needs ``staff_category``."""
        return bool(self.staff_category is StaffCategory.REGULAR)

    def has_material(self, code: str) -> bool:
        """Whether a paper of this code has been uploaded; needs ``materials``."""
        return code in self.materials

    def delegate_for(self, stage: ReviewStage) -> OfficeCode | None:
        """The office that holds a delegation in force for this case at ``stage``, or None."""
        delegations: tuple[DelegationView, ...] = self.delegations
        return next((delegation.to_office for delegation in delegations if stage in delegation.stages), None)
