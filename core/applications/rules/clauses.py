"""Clauses of a rule document, and those that apply to everybody; ``conditions`` has those of the grades.

A clause is data (thresholds, source, certainty) and one method, ``examine``, which gives the verdict on one case. The
effect on the applicant is decided in one place, ``eligibility.severity``: only a clause known for certain can refuse.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from core.applications.rules.retirement import Certainty, FrozenModel, Reach, RetirementTable
from core.plugin_api import ApplicationFacts, ApplicationPath, StaffCategory
from core.text import dates

CATEGORY_LABELS: Mapping[StaffCategory, str] = {
    StaffCategory.REGULAR: "在岗正式工作人员",
    StaffCategory.HIRED: "其他聘用工作人员",
}
PATH_LABELS: Mapping[ApplicationPath, str] = {
    ApplicationPath.LADDER: "逐级晋级",
    ApplicationPath.DIRECT: "按工作年限直接申报",
    ApplicationPath.TRADE_CHANGE: "转岗改报工种",
    ApplicationPath.FRONTLINE: "疫情防控一线",
}


class CountingMethod(StrEnum):
    """How years are counted from a first year to the exam year: the first one included, or only the elapsed ones."""

    INCLUSIVE = "inclusive_calendar_years"
    ELAPSED = "elapsed_calendar_years"

    def years(self, first: int, exam_year: int) -> int:
        """The number of years, as calendar years."""
        return exam_year - first + (self is CountingMethod.INCLUSIVE)


class Counting(FrozenModel):
    """How years of service and years in a grade are counted."""

    service: CountingMethod
    in_grade: CountingMethod
    source: str = Field(min_length=1)
    certainty: Certainty


class Outcome(StrEnum):
    """The outcome of a clause: it holds, it fails, the facts leave it open, or it only informs."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"
    INFORMS = "informs"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The outcome of one clause with its reason in Chinese, and the applicant's remedy."""

    outcome: Outcome
    text: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """The input of every clause. ``first_day_inside`` is the first day on which retirement no longer excludes."""

    facts: ApplicationFacts
    counting: Counting
    first_day_inside: date
    retirement: RetirementTable
    open_trades: Collection[str]
    admitted: Collection[StaffCategory]
    awards: Mapping[str, str]
    clauses: Mapping[str, Clause]

    @property
    def service_years(self) -> int | None:
        """Years of service by the document's counting; None where the first year is not known."""
        first = self.facts.first_job_year
        return None if first is None else self.counting.service.years(first, self.facts.year)

    @property
    def reach(self) -> Reach | None:
        """When the applicant reaches retirement age; None without birth date and sex."""
        if self.facts.birth_date is None or self.facts.sex is None:
            return None
        return self.retirement.reach(self.facts.birth_date, self.facts.sex)

    def award(self, codes: Collection[str]) -> str | None:
        """The name of the first declared award among ``codes``."""
        return next((self.awards[code] for code in sorted(self.facts.awards) if code in codes), None)


class Clause(FrozenModel, ABC):
    """The base of every clause. ``alternative`` names another sufficient clause, as a hint to the applicant.

    ``remark`` is what officers should know of the source; applicants do not see it.
    """

    id: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)*$")
    title: str = Field(min_length=1)
    source: str = Field(min_length=1)
    certainty: Certainty
    remark: str = ""
    alternative: str | None = None

    @property
    def cited(self) -> str:
        """The source as officers see it."""
        return f"{self.source}（{self.remark}）" if self.remark else self.source

    @abstractmethod
    def examine(self, case: Case) -> Ruling:
        """The verdict on ``case``."""


class StaffCategoryClause(Clause):
    """Whether the staff category is admitted."""

    kind: Literal["staff_category"]
    admitted: tuple[StaffCategory, ...] = Field(min_length=1)

    def examine(self, case: Case) -> Ruling:
        """Holds for an admitted category."""
        label = CATEGORY_LABELS[case.facts.staff_category]
        admitted = [category for category in self.admitted if category in case.admitted]
        if case.facts.staff_category in admitted:
            return Ruling(Outcome.HOLDS, f"人员类别为{label}，属于考核对象。")
        labels = "、".join(CATEGORY_LABELS[category] for category in admitted)
        return Ruling(
            Outcome.FAILS, f"人员类别为{label}，不属于考核对象。", f"考核对象为{labels}；人员类别填写有误的请改正。"
        )


class OpenTradeClause(Clause):
    """Whether the trade is open for the grade this year."""

    kind: Literal["open_trade"]

    def examine(self, case: Case) -> Ruling:
        """Holds for a trade in the season's list."""
        facts = case.facts
        if not facts.trade:
            return Ruling(Outcome.OPEN, "尚未选择申报工种。", "请选择申报工种。")
        if facts.trade in case.open_trades:
            return Ruling(Outcome.HOLDS, f"申报工种{facts.year}年度开展{facts.grade.label}考核。")
        return Ruling(
            Outcome.FAILS, f"申报工种{facts.year}年度未开展{facts.grade.label}考核。", "请在本年度开考工种中重新选择。"
        )


class NotRetiredClause(Clause):
    """Whether the applicant has retired, or passed retirement age, before the cut-off."""

    kind: Literal["not_retired"]

    def examine(self, case: Case) -> Ruling:
        """Fails for an applicant who has certainly left; stays open where the age in force is not certain."""
        limit, retires_on, reach = case.first_day_inside, case.facts.retires_on, case.reach
        if retires_on is not None and retires_on < limit:
            return Ruling(
                Outcome.FAILS,
                f"已于{dates.day(retires_on)}退休，早于{dates.day(limit)}，不列入考核范围。",
                "退休日期填写有误的请改正。",
            )
        if reach is None:
            return Ruling(Outcome.OPEN, "缺少出生日期或性别，无法核对退休年龄。", "请先完成实名信息。")
        if reach.latest < limit:
            return Ruling(
                Outcome.FAILS,
                f"已于{dates.day(reach.expected)}达到退休年龄，早于{dates.day(limit)}，不列入考核范围。",
                "出生日期与档案不符的，请先由单位人事部门更正。",
            )
        if reach.earliest < limit:
            return Ruling(
                Outcome.OPEN,
                f"预计{dates.day(reach.expected)}达到退休年龄，渐进式延迟退休的具体时间须核实。",
                "请单位人事部门确认退休时间。",
            )
        return Ruling(Outcome.HOLDS, f"在{dates.day(limit)}前未退休，也未达到退休年龄。")


class RetiringThisYearClause(Clause):
    """Whether an applicant who leaves within the exam year has acknowledged it; the unit consents by its review."""

    kind: Literal["retiring_this_year"]
    acknowledgement: str = Field(min_length=1)

    def examine(self, case: Case) -> Ruling:
        """Fails until acknowledged where the departure is certain."""
        facts, reach = case.facts, case.reach
        if facts.retires_on is None and reach is None:
            return Ruling(Outcome.OPEN, "缺少出生日期或退休日期，无法核对是否年内退休。", "请先完成实名信息。")
        certain, possible = self._leaving(case)
        if not possible:
            return Ruling(Outcome.HOLDS, f"{facts.year}年度内不办理退休，也不达到退休年龄。")
        if self.acknowledgement in facts.acknowledgements:
            return Ruling(
                Outcome.INFORMS,
                f"{facts.year}年度内将退休或达到退休年龄，本人已了解岗位空缺和聘用政策并自主决定申报。",
                "须报所在单位同意；单位审核通过即为同意。",
            )
        missing = "请充分了解单位岗位空缺和岗位聘用政策后，勾选确认自主决定申报。"
        if certain:
            return Ruling(Outcome.FAILS, f"{facts.year}年度内将退休或达到退休年龄，尚未确认自主决定申报。", missing)
        return Ruling(Outcome.OPEN, f"{facts.year}年度内可能达到退休年龄，退休时间须核实。", missing)

    @staticmethod
    def _leaving(case: Case) -> tuple[bool, bool]:
        """Whether the applicant leaves, certainly or possibly, between the cut-off and the end of the year."""
        first, last = case.first_day_inside, date(case.facts.year, 12, 31)
        declared = case.facts.retires_on
        if declared is not None and first <= declared <= last:
            return True, True
        reach = case.reach
        if reach is None:
            return False, False
        return first <= reach.earliest and reach.latest <= last, reach.earliest <= last and first <= reach.latest


class AcknowledgedClause(Clause):
    """A text that the applicant has to read and acknowledge first."""

    kind: Literal["acknowledged"]
    acknowledgement: str = Field(min_length=1)
    guidance: str = Field(min_length=1)

    def examine(self, case: Case) -> Ruling:
        """Holds once acknowledged."""
        if self.acknowledgement in case.facts.acknowledgements:
            return Ruling(Outcome.HOLDS, "申报引导内容已阅读并确认。")
        return Ruling(Outcome.FAILS, self.guidance, "请阅读以上内容，慎重考虑后勾选确认。")


class FiledAssessmentsClause(Clause):
    """Annual assessments that are not filed yet: they may follow later, and never refuse."""

    kind: Literal["filed_assessments"]

    def examine(self, case: Case) -> Ruling:
        """Informs of the unit's commitment where it is needed."""
        unfiled = sorted(assessment.year for assessment in case.facts.assessments if not assessment.filed)
        if not unfiled:
            return Ruling(Outcome.HOLDS, "没有未备案的年度考核结果。")
        years = "、".join(f"{year}年" for year in unfiled)
        return Ruling(
            Outcome.INFORMS,
            f"{years}年度考核结果未经组织人事部门备案，可容缺后补。",
            "须单位审核同意并作出承诺，备案后的年度考核结果在考试前上传完毕。",
        )
