"""The settings of an office: the frozen models that the merged TOML files on its path must satisfy.

A key outside these models is refused. `docs/configuration.md` describes every key and is held against this file;
``province.toml`` of a real province spells them all out. Settings of the machine (database, secrets, folders) are in
`core.settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from core.clock import SHANGHAI
from core.domain.calendar import KindDates, closing, opening
from core.domain.message_templates import OF_EVERY_TEXT, TEMPLATES, unknown_placeholders
from core.plugin_api import (
    Channel,
    DelegationMode,
    FilingKind,
    Grade,
    OfficeLevel,
    ReviewStage,
    StaffCategory,
    WindowKind,
)
from core.tenancy.config.attachments import AttachmentsTable
from core.tenancy.config.awards import AwardsTable, SanctionsTable
from core.tenancy.config.exams import ExamDayTable, TicketsTable
from core.tenancy.config.results import ResultsTable
from core.tenancy.config.seating import SeatingTable
from core.tenancy.config.types import (
    AreaNumber,
    Count,
    Day,
    GradeNumber,
    Moment,
    Percent,
    PluginName,
    Switch,
    Table,
    Text,
    Year,
)


def _template_name(value: str) -> str:
    """The name of a known message template."""
    if value in TEMPLATES:
        return value
    raise ValueError(f"there is no text {value!r}; there are: {', '.join(TEMPLATES)}")


TemplateName = Annotated[str, AfterValidator(_template_name)]


class Affiliation(StrEnum):
    """Whose a unit is: of its area, of the province (省直), of the centre of the state (中央驻豫)."""

    LOCAL = "local"
    PROVINCIAL = "provincial"
    CENTRAL = "central"


class Onsite(StrEnum):
    """Who must come for on-site confirmation: every applicant, or those whom a reviewer or a rule asks to come."""

    ALWAYS = "always"
    WHEN_ASKED = "when_asked"


class BanStart(StrEnum):
    """The start of a ban's years: the season of the offence, or the day of the decision."""

    SEASON = "season"
    DECISION = "decision"


class AreaCode(Table):
    """A GB/T 2260 code that the office is responsible for, from a day to a last day (inclusive)."""

    code: AreaNumber
    valid_from: Day = Field(alias="from")
    valid_until: Day | None = Field(default=None, alias="until")
    name: Text | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the office had this code on ``day``."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class ContactTable(Table):
    """How to reach the office. A value that is not known is left out."""

    unit: Text | None = None
    address: Text | None = None
    telephone: Text | None = None
    website: Text | None = None


class OfficeTable(Table):
    """The identity of the office. Never inherited."""

    name: Text
    short_name: Text
    area_codes: tuple[AreaCode, ...] = ()
    tile: tuple[Count, Count] | None = None
    practice: Switch = False
    contact: ContactTable = ContactTable()


class DueDaysTable(Table):
    """The working days within which each stage should decide; a late decision is shown and has no other effect."""

    unit_review: Count = 3
    department_review: Count = 3
    qualification_review: Count = 5
    onsite_confirmation: Count = 5

    def of(self, stage: ReviewStage) -> int:
        """The working days of ``stage``."""
        days: int = getattr(self, stage.value)
        return days


class ReviewTable(Table):
    """Which stages review, in which order, and how long they take."""

    route: tuple[ReviewStage, ...] = tuple(ReviewStage)
    required_stages: tuple[ReviewStage, ...] = (
        ReviewStage.UNIT_REVIEW,
        ReviewStage.DEPARTMENT_REVIEW,
        ReviewStage.QUALIFICATION_REVIEW,
    )
    onsite: Onsite = Onsite.WHEN_ASKED
    onsite_always_grades: tuple[GradeNumber, ...] = ()
    correction_days: Count = 3
    verdict_days_before_exam: Count = 3
    appeal_days: Count = Field(default=15, ge=1)
    appeal_answer_days: Count = Field(default=15, ge=1)
    return_reasons: tuple[Text, ...] = ()
    due_days: DueDaysTable = DueDaysTable()

    @model_validator(mode="after")
    def _stages_fit_together(self) -> ReviewTable:
        order = list(ReviewStage)
        if list(self.route) != sorted(set(self.route), key=order.index):
            raise ValueError(f"route must name each stage once, in this order: {', '.join(order)}")
        lost = [stage.value for stage in self.required_stages if stage not in self.route]
        if lost:
            raise ValueError(f"route leaves out {', '.join(lost)}, which the province requires")
        asked = self.onsite is Onsite.ALWAYS or self.onsite_always_grades
        if asked and ReviewStage.ONSITE_CONFIRMATION not in self.route:
            raise ValueError("on-site confirmation is demanded, but route does not name onsite_confirmation")
        return self

    def needs_onsite(self, grade: Grade) -> bool:
        """Whether every applicant for ``grade`` is confirmed on site."""
        return self.onsite is Onsite.ALWAYS or grade in self.onsite_always_grades


class EligibilityTable(Table):
    """The categories of staff that are admitted; the conditions stand in the season's rule document."""

    staff_categories: tuple[StaffCategory, ...] = Field(default=tuple(StaffCategory), min_length=1)
    ban_years: Count = 2
    ban_start: BanStart = BanStart.DECISION


class DocumentsTable(Table):
    """Limits of the files of one application.

    With ``require_scan`` only the applicant opens a file that no scanner has found clean.
    """

    max_bytes: Count = 5 * 1024 * 1024
    max_pixels: Count = 40_000_000
    max_count: Count = 40
    require_scan: bool = False
    accepted_types: tuple[Text, ...] = Field(default=("image/jpeg", "image/png", "application/pdf"), min_length=1)


class QuietHoursTable(Table):
    """The part of the day, Shanghai time, in which only codes are sent; none where both ends are equal."""

    begins: time = time(22)
    ends: time = time(7)

    def cover(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in the quiet hours, which go over midnight where ``ends`` is the earlier time."""
        clock = moment.astimezone(SHANGHAI).time()
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


class WordingTable(Table):
    """The office's own wording of a message; a part that is left out keeps its built-in wording."""

    sms: Text | None = None
    subject: Text | None = None
    email: Text | None = None


class MessagesTable(Table):
    """How the office sends messages. ``reminder_days`` are calendar days before a deadline.

    ``answer_reminder_days`` are working days before the office itself owes an answer or a decision.
    """

    channels: tuple[Channel, ...] = (Channel.IN_APP,)
    signature: Text | None = None
    announcement: Text | None = None
    reminder_days: tuple[Count, ...] = (3, 1)
    answer_reminder_days: tuple[Count, ...] = (2,)
    quiet_hours: QuietHoursTable = QuietHoursTable()
    templates: dict[TemplateName, WordingTable] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _texts_mention_what_they_have(self) -> MessagesTable:
        for name, wording in self.templates.items():
            for part, text in wording:
                strange = unknown_placeholders(text, TEMPLATES[name]) if text else []
                if strange:
                    known = ", ".join(sorted(TEMPLATES[name].placeholders | OF_EVERY_TEXT))
                    raise ValueError(f"templates.{name}.{part} mentions {', '.join(strange)}; there are: {known}")
        return self

    @model_validator(mode="after")
    def _in_app_stays(self) -> MessagesTable:
        if Channel.IN_APP not in self.channels:
            raise ValueError("channels must name in_app: every notice is kept there")
        return self


class RetentionTable(Table):
    """The days for which each class of personal data is kept after its last use; 0 erases it at once.

    A class with None is kept for good. Qualified and disqualified applications have no class, and attachments no end:
    the archive's time for such papers is not known yet. The classes from ``objectors`` on are about exams and results.
    """

    drafts: Count | None = 180
    closed_applications: Count | None = 730
    persons: Count | None = 1095
    read_notices: Count | None = 365
    outbox: Count | None = 30
    manager_forms: Count | None = 730
    attachments: Count | None = None
    superseded_attachments: Count | None = 365
    sessions: Count | None = 90
    sign_in_attempts: Count = 30
    phone_codes: Count = 1
    idempotency_keys: Count = 1
    factor_removals: Count | None = 1095
    identity_corrections: Count | None = 1095
    objectors: Count | None = 365
    accommodations: Count | None = 365
    invigilators: Count | None = 730
    custody_keepers: Count | None = 1095
    incidents: Count | None = 1095
    openings: Count | None = 365
    evaluations: Count | None = 1825
    result_cases: Count | None = 1095
    sanctions: Count | None = 1825
    review_appeals: Count | None = 1095
    inquiries: Count | None = 1095
    paper_parts: Count = 7
    responsibility: Count | None = 1825
    exports: Count = 7


class SupervisionTable(Table):
    """The share of a county's decisions that the city checks, and the numbers that an officer is shown in full.

    Source: 2024 notice §2(5), 事中事后监管.
    """

    sample_percent: Percent = 10
    sample_percent_entrusted: Percent = 20
    sample_minimum: Count = 5
    reveals_per_hour: Count = 30


class PolicyTable(Table):
    """The dates that offices below may set, and the second factor that officers must have."""

    county_dates: tuple[WindowKind, ...] = ()
    officers_need_totp: Switch = False


class FilingTable(Table):
    """The due date of a filing at the provincial center, and its clause."""

    due: Moment
    source: Text

    def due_at(self) -> datetime:
        """The first moment at which the filing is late."""
        return closing(self.due)


class GradeTable(Table):
    """The subjects of a grade's exam."""

    subjects: tuple[Text, ...] = Field(min_length=1)


class Trade(Table):
    """A trade (工种) open in a season, by the installation's own code; for all grades unless it says which."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]+$")]
    name: Text
    grades: tuple[GradeNumber, ...] = tuple(Grade)


class SeasonTable(Table):
    """A year's assessment, as the province's notice opens it."""

    notice: Text
    notice_title: Text
    notice_date: Day
    rule_document: Text
    grades: dict[GradeNumber, GradeTable] = Field(min_length=1)
    trades: tuple[Trade, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _trades_are_told_apart(self) -> SeasonTable:
        for list_name, seen in (
            ("code", [trade.code for trade in self.trades]),
            ("name", [trade.name for trade in self.trades]),
        ):
            twice = sorted({entry for entry in seen if seen.count(entry) > 1})
            if twice:
                raise ValueError(f"trades: {list_name} {', '.join(twice)} stands twice")
        return self

    def trades_for(self, grade: Grade) -> tuple[Trade, ...]:
        """The trades open for ``grade``; none where the season does not examine it."""
        return tuple(trade for trade in self.trades if grade in trade.grades) if grade in self.grades else ()


class GradeDates(Table):
    """The dates of a grade that differ from those of their kind."""

    opens: Moment | None = None
    closes: Moment | None = None


class WindowTable(Table):
    """The dates of one kind of window; without ``opens`` only a deadline holds."""

    opens: Moment | None = None
    closes: Moment
    grades: dict[GradeNumber, GradeDates] = Field(default_factory=dict)

    def dates(self) -> KindDates:
        """The same dates as the pure calendar takes them."""
        exceptions = {grade: (window.opens, window.closes) for grade, window in self.grades.items()}
        return KindDates(closes=self.closes, opens=self.opens, exceptions=exceptions)


class DelegationTable(Table):
    """The delegation of stages from the city to this county. Source: 2024 notice §2(5)."""

    mode: DelegationMode
    instrument: Text
    stages: tuple[ReviewStage, ...] = Field(min_length=1)
    grades: tuple[GradeNumber, ...] | None = Field(default=None, min_length=1)
    trades: tuple[Text, ...] | None = Field(default=None, min_length=1)
    valid_from: Moment = Field(alias="from")
    valid_until: Moment | None = Field(default=None, alias="until")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> DelegationTable:
        ends = self.effective_until()
        if ends is not None and ends <= self.effective_from():
            raise ValueError("until lies before from")
        theirs = {ReviewStage.QUALIFICATION_REVIEW, ReviewStage.ONSITE_CONFIRMATION}
        others = [stage.value for stage in self.stages if stage not in theirs]
        if others:
            raise ValueError(f"stages: {', '.join(others)} belongs to units and departments, not to an office")
        return self

    def effective_from(self) -> datetime:
        """The moment from which the county is in charge."""
        return opening(self.valid_from)

    def effective_until(self) -> datetime | None:
        """The first moment at which the county is no longer in charge; None while no end is set."""
        return None if self.valid_until is None else closing(self.valid_until)


class OfficeConfig(Table):
    """The effective configuration of one office: its own file laid over those above it."""

    office: OfficeTable
    plugins: tuple[PluginName, ...] = ()
    plugin: dict[PluginName, dict[str, Any]] = Field(default_factory=dict)
    review: ReviewTable = ReviewTable()
    eligibility: EligibilityTable = EligibilityTable()
    documents: DocumentsTable = DocumentsTable()
    attachments: AttachmentsTable = AttachmentsTable()
    messages: MessagesTable = MessagesTable()
    retention: RetentionTable = RetentionTable()
    supervision: SupervisionTable = SupervisionTable()
    policy: PolicyTable = PolicyTable()
    tickets: TicketsTable = TicketsTable()
    exam_day: ExamDayTable = ExamDayTable()
    seating: SeatingTable = SeatingTable()
    results: ResultsTable = ResultsTable()
    awards: AwardsTable = AwardsTable()
    sanctions: SanctionsTable = SanctionsTable()
    filings: dict[Year, dict[FilingKind, FilingTable]] = Field(default_factory=dict)
    season: dict[Year, SeasonTable] = Field(default_factory=dict)
    calendar: dict[Year, dict[WindowKind, WindowTable]] = Field(default_factory=dict)
    delegation: DelegationTable | None = None


NEVER_INHERITED = frozenset({"office", "delegation"})
"""Tables about one office only."""

_PROVINCE = frozenset({OfficeLevel.PROVINCE})
SETTABLE_BY: Mapping[str, frozenset[OfficeLevel]] = {
    "season": _PROVINCE,
    "filings": _PROVINCE,
    "retention": _PROVINCE,
    "office.practice": frozenset({OfficeLevel.CITY}),
    "review.required_stages": _PROVINCE,
    "eligibility.ban_years": _PROVINCE,
    "eligibility.ban_start": _PROVINCE,
    "results.pass_mark": _PROVINCE,
    "results.carry_over_years": _PROVINCE,
    "results.marks_told": _PROVINCE,
    "awards.number_pattern": _PROVINCE,
    "awards.serial_digits": _PROVINCE,
    "awards.verification_address": _PROVINCE,
    "awards.correction_restarts": _PROVINCE,
    "sanctions.appeal_days": _PROVINCE,
    "review.appeal_days": _PROVINCE,
    "review.appeal_answer_days": _PROVINCE,
    "policy.county_dates": frozenset({OfficeLevel.PROVINCE, OfficeLevel.CITY}),
    "delegation": frozenset({OfficeLevel.COUNTY}),
}
"""The levels that may set a key; every level may set a key that is not listed."""
