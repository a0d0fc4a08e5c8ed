"""The clauses of grades and paths: service, the grade below, education, assessments, and what officers settle."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from core.applications.rules.clauses import (
    PATH_LABELS,
    AcknowledgedClause,
    Case,
    Clause,
    FiledAssessmentsClause,
    NotRetiredClause,
    OpenTradeClause,
    Outcome,
    RetiringThisYearClause,
    Ruling,
    StaffCategoryClause,
)
from core.plugin_api import ApplicationPath, AssessmentResult, Education, Frontline, Grade
from core.text import dates

EDUCATION_LABELS: Mapping[Education, str] = {
    Education.JUNIOR: "初中及以下",
    Education.SENIOR: "高中（含中专、职高、技工学校）",
    Education.COLLEGE: "大专",
    Education.BACHELOR: "本科",
    Education.MASTER: "硕士及以上",
}
FRONTLINE_LABELS: Mapping[Frontline, str] = {
    Frontline.DESIGNATED_HOSPITAL: "定点医院领取一线医务人员临时性工作补贴人员",
    Frontline.AID_TEAM: "省级援助医疗队人员",
    Frontline.COMMENDED: "省级以上抗击疫情专项表彰人员",
}


class AboveHeldClause(Clause):
    """Whether the grade applied for is above the one held."""

    kind: Literal["above_held"]

    def examine(self, case: Case) -> Ruling:
        """Holds for newcomers and for a promotion."""
        held, grade = case.facts.current_grade, case.facts.grade
        if held is None:
            return Ruling(Outcome.HOLDS, "未填写现有等级，不存在重复申报。")
        if grade < held:
            return Ruling(Outcome.HOLDS, f"现有等级为{held.label}，申报{grade.label}属于晋级。")
        return Ruling(
            Outcome.FAILS,
            f"现有等级为{held.label}，申报的{grade.label}不高于现有等级。",
            "请核对申报等级和现有等级；确需申报的请说明理由。",
        )


class RegularisedClause(Clause):
    """Whether the applicant has become regular staff (转正定级) by a month of the exam year."""

    kind: Literal["regularised_by"]
    month: int = Field(ge=1, le=12)

    def examine(self, case: Case) -> Ruling:
        """Holds until the end of ``month`` of the exam year."""
        year, on = case.facts.year, case.facts.regularised_on
        if on is None:
            return Ruling(Outcome.OPEN, "未填写转正定级日期。", "请填写转正定级日期并上传转正定级材料。")
        if (on.year, on.month) <= (year, self.month):
            return Ruling(Outcome.HOLDS, f"转正定级日期为{dates.day(on)}，在{year}年{self.month}月底前。")
        return Ruling(
            Outcome.FAILS,
            f"转正定级日期为{dates.day(on)}，晚于{year}年{self.month}月底。",
            "请核对转正定级日期；确在此之后转正的，请于下一年度申报。",
        )


class ServiceClause(Clause):
    """Years of service: at least so many, or fewer than so many."""

    kind: Literal["service"]
    at_least: int = Field(default=0, ge=0)
    below: int | None = Field(default=None, ge=1)

    def examine(self, case: Case) -> Ruling:
        """Counts by the document's method."""
        years, first = case.service_years, case.facts.first_job_year
        if years is None:
            return Ruling(Outcome.OPEN, "未填写参加工作年份，无法计算工作年限。", "请填写参加工作年份。")
        counted = f"{first}年参加工作，到{case.facts.year}年工作年限按{years}年计算"
        if years < self.at_least:
            return Ruling(
                Outcome.FAILS, f"{counted}，不满{self.at_least}年。", "请核对参加工作年份，并上传档案中的证明材料。"
            )
        if self.below is not None and years >= self.below:
            return Ruling(
                Outcome.FAILS, f"{counted}，已满{self.below}年。", "工作年限已满的请核对是否可直接申报更高等级。"
            )
        bound = f"已满{self.at_least}年" if self.below is None else f"不满{self.below}年"
        return Ruling(Outcome.HOLDS, f"{counted}，{bound}。")


class HeldGradeClause(Clause):
    """Whether the grade below was passed, long enough ago and, where asked, in the same trade."""

    kind: Literal["held_grade"]
    grade: Grade
    years: int = Field(ge=0)
    same_trade: bool

    def examine(self, case: Case) -> Ruling:
        """Counts by the document's method for years in a grade."""
        facts = case.facts
        if facts.current_grade is None or facts.current_grade_year is None:
            return Ruling(
                Outcome.FAILS, f"未填写{self.grade.label}证书信息。", f"请填写{self.grade.label}证书的取得年份和工种。"
            )
        if facts.current_grade != self.grade:
            held = facts.current_grade.label
            return Ruling(Outcome.FAILS, f"现有等级为{held}，不是{self.grade.label}。", "请核对现有等级和申报等级。")
        named = facts.trade and facts.current_trade
        if self.same_trade and named and facts.current_trade != facts.trade:
            return Ruling(
                Outcome.FAILS,
                "现有等级的工种与申报工种不同。",
                f"请核对工种；因公车改革等转岗的可改选“{PATH_LABELS[ApplicationPath.TRADE_CHANGE]}”途径。",
            )
        years = case.counting.in_grade.years(facts.current_grade_year, facts.year)
        counted = f"{facts.current_grade_year}年取得{self.grade.label}证书，到{facts.year}年按{years}年计算"
        if years < self.years:
            return Ruling(Outcome.FAILS, f"{counted}，不满{self.years}年。", "请核对证书取得年份并上传证书。")
        if self.same_trade and not named:
            return Ruling(Outcome.OPEN, f"{counted}，未填写工种，无法核对是否为同一工种。", "请填写工种。")
        return Ruling(Outcome.HOLDS, f"{counted}，已满{self.years}年。")


class AppointedClause(Clause):
    """Whether the applicant has been appointed to a post of grade two; its certificate alone is not enough."""

    kind: Literal["appointed_to_grade_two"]

    def examine(self, case: Case) -> Ruling:
        """Holds where the applicant declares the appointment."""
        if case.facts.appointed_to_grade_two:
            return Ruling(Outcome.HOLDS, "已聘任到二级岗位。")
        return Ruling(Outcome.FAILS, "未填写聘任到二级岗位的情况。", "已聘任的请勾选并上传聘任文件。")


class WaivableClause(Clause):
    """A clause that an award may waive. It stays open, since an officer has to check the date of the award."""

    waived_by: tuple[str, ...] = ()

    def unless_waived(self, case: Case, failure: Ruling) -> Ruling:
        """``failure``, or an open question where an award that waives this clause is declared."""
        award = case.award(self.waived_by)
        if award is None:
            return failure
        return Ruling(
            Outcome.OPEN,
            f"{failure.text}申报了“{award}”，可不受此项限制，须核实该项为取得现有等级证书之后获得。",
            "请上传业绩成果证明材料。",
        )


class EducationClause(WaivableClause):
    """A level of education, with the exceptions in the text."""

    kind: Literal["education"]
    at_least: Education
    exception: str = ""

    def examine(self, case: Case) -> Ruling:
        """Holds from ``at_least`` upwards."""
        education = case.facts.education
        if education is None:
            return Ruling(Outcome.OPEN, "未填写学历。", "请填写学历并上传毕业证书。")
        if education >= self.at_least:
            return Ruling(Outcome.HOLDS, f"学历为{EDUCATION_LABELS[education]}。")
        failure = f"学历为{EDUCATION_LABELS[education]}，低于{EDUCATION_LABELS[self.at_least]}。{self.exception}"
        return self.unless_waived(case, Ruling(Outcome.FAILS, failure, "请核对学历；有更高学历的请上传毕业证书。"))


class AssessmentsClause(WaivableClause):
    """The latest annual assessments all passed, some of them excellent, or an award that counts as much."""

    kind: Literal["assessments"]
    years: int = Field(ge=1)
    excellent: int = Field(ge=0)
    instead_of_excellent: tuple[str, ...] = ()

    def examine(self, case: Case) -> Ruling:
        """Looks at the ``years`` years before the exam year."""
        last = case.facts.year - 1
        results = {assessment.year: assessment.result for assessment in case.facts.assessments}
        wanted = range(last - self.years + 1, last + 1)
        if unknown := [year for year in wanted if year not in results]:
            named = "、".join(f"{year}年" for year in unknown)
            failure = Ruling(Outcome.OPEN, f"缺少{named}年度考核结果。", f"请补填{named}年度考核结果。")
            return self.unless_waived(case, failure)
        passed = (AssessmentResult.EXCELLENT, AssessmentResult.PASS)
        if below := [year for year in wanted if results[year] not in passed]:
            named = "、".join(f"{year}年" for year in below)
            failure = Ruling(Outcome.FAILS, f"{named}年度考核结果不是合格及以上。", "请核对年度考核结果。")
            return self.unless_waived(case, failure)
        return self._with_excellence(case, sum(results[year] is AssessmentResult.EXCELLENT for year in wanted))

    def _with_excellence(self, case: Case, excellent: int) -> Ruling:
        passed = f"近{self.years}年年度考核均为合格及以上"
        if excellent >= self.excellent:
            return Ruling(Outcome.HOLDS, f"{passed}，其中优秀{excellent}次。")
        if award := case.award(self.instead_of_excellent):
            return Ruling(Outcome.HOLDS, f"{passed}，并获得“{award}”。")
        failure = f"{passed}，其中优秀{excellent}次，不足{self.excellent}次。"
        return self.unless_waived(case, Ruling(Outcome.FAILS, failure, "请核对年度考核结果。"))


class OfficerClause(Clause):
    """A question that no program can answer: an officer always settles it."""

    kind: Literal["officer"]
    question: str = Field(min_length=1)
    missing: str = ""

    def examine(self, case: Case) -> Ruling:  # noqa: ARG002 - the same for every case
        """Always open."""
        return Ruling(Outcome.OPEN, self.question, self.missing)


class FrontlineGroupClause(Clause):
    """Whether the applicant belongs to one of the three groups of the epidemic frontline exception."""

    kind: Literal["frontline_group"]

    def examine(self, case: Case) -> Ruling:
        """Holds where the applicant declares a group."""
        if case.facts.frontline is not None:
            return Ruling(Outcome.HOLDS, f"属于疫情防控一线人员（{FRONTLINE_LABELS[case.facts.frontline]}）。")
        return Ruling(Outcome.FAILS, "未填写所属疫情防控一线人员类别。", "请选择所属类别，或改选其他申报途径。")


class NotOfferedClause(Clause):
    """A grade that is not open by this path."""

    kind: Literal["not_offered"]
    instead: str = Field(min_length=1)

    def examine(self, case: Case) -> Ruling:  # noqa: ARG002 - the same for every case
        """Always fails."""
        return Ruling(Outcome.FAILS, f"{self.title}。", self.instead)


class AnyOfClause(Clause):
    """A disjunction: one of several clauses is enough."""

    kind: Literal["any_of"]
    clauses: tuple[str, ...] = Field(min_length=2)

    def examine(self, case: Case) -> Ruling:
        """The best of the verdicts; where all fail, with all the reasons."""
        verdicts = [case.clauses[clause].examine(case) for clause in self.clauses]
        for outcome in (Outcome.HOLDS, Outcome.OPEN):
            best = next((verdict for verdict in verdicts if verdict.outcome is outcome), None)
            if best is not None:
                return best
        return Ruling(
            Outcome.FAILS,
            "以下条件均未满足：" + "".join(verdict.text for verdict in verdicts),
            "请核对相关信息，符合其中一项即可。",
        )


AnyClause = Annotated[
    StaffCategoryClause
    | OpenTradeClause
    | NotRetiredClause
    | RetiringThisYearClause
    | AcknowledgedClause
    | FiledAssessmentsClause
    | AboveHeldClause
    | RegularisedClause
    | ServiceClause
    | HeldGradeClause
    | AppointedClause
    | EducationClause
    | AssessmentsClause
    | OfficerClause
    | FrontlineGroupClause
    | NotOfferedClause
    | AnyOfClause,
    Field(discriminator="kind"),
]
