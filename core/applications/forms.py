"""Pure: the application form. A draft may be empty; a complete form has everything that the rules need.

The form refuses only impossible answers. Whether a person meets a condition is for the rules to say.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from core.errors import Invalid
from core.plugin_api import (
    ApplicationFacts,
    ApplicationPath,
    Assessment,
    DelegationView,
    Education,
    Frontline,
    Grade,
    OfficeCode,
    Sex,
    StaffCategory,
)

FORM_VERSION: Final = "2024.1"
"""Pinned by each submission; it changes whenever a field is added, dropped or read differently."""

YOUNGEST_WORKER: Final = 14

_Year = Annotated[int, Field(ge=1900, le=2200)]
_Trade = Annotated[str, Field(min_length=1, max_length=64)]
_Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]


def _once_each(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(codes)))


def _by_year(assessments: tuple[Assessment, ...]) -> tuple[Assessment, ...]:
    return tuple(sorted(assessments, key=lambda assessment: assessment.year))


_Codes = Annotated[tuple[_Code, ...], Field(max_length=40), AfterValidator(_once_each)]


class _Answers(BaseModel):
    """The answers that may stay empty in a complete form, because they do not concern everybody."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    regularised_on: date | None = None
    current_grade: Grade | None = None
    current_grade_year: _Year | None = None
    current_trade: _Trade | None = None
    appointed_to_grade_two: bool = False
    assessments: Annotated[tuple[Assessment, ...], Field(max_length=40), AfterValidator(_by_year)] = ()
    awards: _Codes = ()
    frontline: Frontline | None = None
    retires_on: date | None = None
    acknowledgements: _Codes = ()


class ApplicationDraft(_Answers):
    """A form as far as it has been filled in. An empty text counts as not filled in."""

    grade: Grade | None = None
    path: ApplicationPath | None = None
    trade: _Trade | None = None
    staff_category: StaffCategory | None = None
    first_job_year: _Year | None = None
    education: Education | None = None
    declared_true: bool = False

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, content: Any) -> Any:
        if not isinstance(content, Mapping):
            return content
        return {name: value for name, value in content.items() if value is not None and value != ""}


class ApplicationForm(_Answers):
    """A complete form, declared to be true. The unit is given beside it, by its id."""

    grade: Grade
    path: ApplicationPath
    trade: _Trade
    staff_category: StaffCategory
    first_job_year: _Year
    education: Education
    declared_true: Literal[True]

    def draft(self) -> ApplicationDraft:
        """The same answers as a draft, to be corrected after a return."""
        return ApplicationDraft.model_validate(self.model_dump())

    @classmethod
    def of(cls, draft: ApplicationDraft) -> Self:
        """The form that a draft holds which has everything; ``complete`` has made sure of that."""
        return cls.model_validate(draft.model_dump())


_REQUIRED: Final[Mapping[str, str]] = {
    "grade": "请选择申报等级。",
    "path": "请选择申报途径。",
    "trade": "请选择申报工种。",
    "staff_category": "请选择人员类别：在岗正式工作人员或其他聘用工作人员。",
    "first_job_year": "请填写参加工作年份。",
    "education": "请选择学历。",
    "declared_true": "请勾选声明：对所提交申报材料的真实性负责。",
}

_MALFORMED: Final[Mapping[str, str]] = {
    "grade": "申报等级应为五级至一级中的一项，请重新选择。",
    "path": "申报途径不在可选范围内，请重新选择。",
    "trade": "工种代码无效，请从列表中重新选择。",
    "staff_category": "人员类别不在可选范围内，请重新选择。",
    "first_job_year": "参加工作年份应为四位数年份，例如2010，请改正。",
    "education": "学历不在可选范围内，请重新选择。",
    "declared_true": "真实性声明只能勾选或不勾选，请重新勾选。",
    "regularised_on": "转正定级日期应写作“年-月-日”，例如2011-07-01，请改正。",
    "current_grade": "现有等级应为五级至一级中的一项，请重新选择。",
    "current_grade_year": "现有等级证书年份应为四位数年份，例如2018，请改正。",
    "current_trade": "现有等级的工种代码无效，请从列表中重新选择。",
    "appointed_to_grade_two": "是否已聘任到二级岗位只能选择是或否，请重新选择。",
    "assessments": "年度考核应逐年填写年份、结果和是否备案，最多40条，请改正。",
    "awards": "奖项代码无效，请从列表中重新选择。",
    "frontline": "疫情防控一线人员类别不在可选范围内，请重新选择。",
    "retires_on": "退休日期应写作“年-月-日”，例如2024-10-01，请改正。",
    "acknowledgements": "确认事项无效，请刷新页面后重新勾选。",
}


def read_draft(content: Mapping[str, Any]) -> ApplicationDraft:
    """The draft in ``content``. Raises Invalid with a message for each unreadable field."""
    try:
        return ApplicationDraft.model_validate(content)
    except ValidationError as error:
        fields = {
            str(name): _MALFORMED.get(str(name), "表单没有这一项，请删除后重新提交。")
            for name in (fault["loc"][0] for fault in error.errors())
        }
        raise _invalid("form_malformed", fields) from error


def complete(draft: ApplicationDraft, *, year: int, birth_date: date | None = None) -> ApplicationForm:
    """The complete form of the exam year ``year``.

    Raises Invalid with a message for each field that is empty or cannot be true. ``birth_date`` is the one in the
    identity number.
    """
    found = {**gaps(draft), **faults(draft, year=year, birth_date=birth_date)}
    if found:
        raise _invalid("form_incomplete", found)
    return ApplicationForm.of(draft)


def gaps(draft: ApplicationDraft) -> dict[str, str]:
    """A message for each required answer that the draft does not have yet."""
    return {name: message for name, message in _REQUIRED.items() if not getattr(draft, name)}


def faults(draft: ApplicationDraft, *, year: int, birth_date: date | None = None) -> dict[str, str]:
    """A message for each answer that cannot be true, alone or together with the others."""
    found: dict[str, str] = {}
    for name, message in (*_implausible_years(draft, year, birth_date), *_contradictions(draft)):
        found.setdefault(name, message)
    return found


def supposed(draft: ApplicationDraft) -> ApplicationForm:
    """The draft as a form, with usual answers for missing ones: only to ask the rules in advance."""
    usual = {
        "grade": Grade.FIVE,
        "path": ApplicationPath.LADDER,
        "trade": draft.current_trade or "",
        "staff_category": StaffCategory.REGULAR,
        "first_job_year": None,
        "education": None,
        "declared_true": False,
    }
    given = {name: value for name in ApplicationDraft.model_fields if (value := getattr(draft, name)) is not None}
    return ApplicationForm.model_construct(**{**usual, **given})


def facts(
    form: ApplicationForm,
    *,
    year: int,
    notice_date: date,
    office: OfficeCode,
    birth_date: date | None,
    sex: Sex | None,
    unit_area: str | None,
    unit_name: str,
    unit_is_own_department: bool,
    materials: Iterable[str] = (),
    delegations: Iterable[DelegationView] = (),
) -> ApplicationFacts:
    """The facts of an application for the rules: the form with the data of season, person and unit."""
    answers = {name: getattr(form, name) for name in type(form).model_fields if name != "declared_true"}
    return ApplicationFacts(
        **{**answers, "acknowledgements": frozenset(form.acknowledgements)},
        year=year,
        notice_date=notice_date,
        office=office,
        birth_date=birth_date,
        sex=sex,
        unit_area=unit_area,
        unit_name=unit_name,
        unit_is_own_department=unit_is_own_department,
        materials=frozenset(materials),
        delegations=tuple(delegations),
    )


_FACTS: Final = TypeAdapter(ApplicationFacts)


def dump_facts(known: ApplicationFacts) -> dict[str, Any]:
    """Facts as JSON values, to be kept with a submission; equal facts give equal values."""
    content: dict[str, Any] = _FACTS.dump_python(known, mode="json")
    for name in ("materials", "acknowledgements"):
        content[name] = sorted(content[name])
    for delegation in content["delegations"]:
        delegation["stages"] = sorted(delegation["stages"])
    return content


def load_facts(content: Mapping[str, Any]) -> ApplicationFacts:
    """The facts that ``dump_facts`` wrote, so that a case can be judged again years later."""
    return _FACTS.validate_python(dict(content))


def _implausible_years(draft: ApplicationDraft, year: int, birth_date: date | None) -> Iterator[tuple[str, str]]:
    """Years that lie in the future, before a working life, or in the wrong order.

    A first year that is wrong itself is reported alone: nothing can be measured by it.
    """
    first = draft.first_job_year
    fault = _fault_of_the_first_year(first, year, birth_date) if first is not None else None
    if fault is not None:
        yield "first_job_year", fault
        first = None
    if draft.regularised_on is not None:
        yield from _out_of_order("regularised_on", "转正定级日期", draft.regularised_on.year, first=first, last=year)
    if draft.current_grade_year is not None:
        yield from _out_of_order(
            "current_grade_year", "现有等级证书年份", draft.current_grade_year, first=first, last=year
        )
    if draft.retires_on is not None:
        yield from _out_of_order("retires_on", "退休日期", draft.retires_on.year, first=first, last=None)
    for assessment in draft.assessments:
        yield from _out_of_order(
            "assessments", f"{assessment.year}年度考核的年份", assessment.year, first=first, last=year - 1
        )
    years = [assessment.year for assessment in draft.assessments]
    if len(set(years)) < len(years):
        yield "assessments", "同一年度的考核结果填写了两次，请删去一条。"


def _fault_of_the_first_year(first: int, year: int, birth_date: date | None) -> str | None:
    if first > year:
        return f"参加工作年份{first}晚于考核年度{year}，请改正。"
    if birth_date is not None and first - birth_date.year < YOUNGEST_WORKER:
        return f"参加工作年份{first}时不满{YOUNGEST_WORKER}周岁，请核对参加工作年份和身份证号码。"
    return None


def _out_of_order(
    name: str, label: str, value: int, *, first: int | None, last: int | None
) -> Iterator[tuple[str, str]]:
    if last is not None and value > last:
        yield name, f"{label}应在{last}年及以前，请改正。"
    if first is not None and value < first:
        yield name, f"{label}早于参加工作年份{first}，请核对两项。"


def _contradictions(draft: ApplicationDraft) -> Iterator[tuple[str, str]]:
    """Answers that cannot be true together."""
    yield from _contradictions_of_the_grade_held(draft)
    if draft.path is ApplicationPath.FRONTLINE and draft.frontline is None:
        yield "frontline", "按疫情防控一线途径申报的，请选择所属人员类别。"
    if draft.path is ApplicationPath.TRADE_CHANGE and draft.trade is not None and draft.current_trade == draft.trade:
        yield "path", "现有工种与申报工种相同，不属于转岗改报，请改选其他申报途径。"


def _contradictions_of_the_grade_held(draft: ApplicationDraft) -> Iterator[tuple[str, str]]:
    held = draft.current_grade
    if held is None:
        for name in ("current_grade_year", "current_trade"):
            if getattr(draft, name) is not None:
                yield "current_grade", "填写了证书年份或工种，但未填写现有等级，请补填现有等级，或删去证书年份和工种。"
        if draft.appointed_to_grade_two:
            yield "appointed_to_grade_two", "已聘任到二级岗位的，请先填写现有等级证书。"
        return
    if draft.current_grade_year is None:
        yield "current_grade_year", f"请填写取得{held.label}证书的年份。"
    if draft.current_trade is None:
        yield "current_trade", f"请选择{held.label}证书上的工种。"
    if draft.appointed_to_grade_two and held > Grade.TWO:
        yield "appointed_to_grade_two", f"现有等级为{held.label}，不能已聘任到二级岗位，请核对两项。"
    if draft.grade is not None and held < draft.grade and draft.current_trade == draft.trade:
        yield "current_grade", f"现有等级{held.label}高于同一工种的申报等级{draft.grade.label}，请核对两项。"


def _invalid(code: str, fields: dict[str, str]) -> Invalid:
    return Invalid(code, f"表单有{len(fields)}处需要填写或改正，请按提示修改后重新提交。", fields=fields)
