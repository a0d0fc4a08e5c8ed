"""The pages of the application form: the answers on each page, and how a page's fields become answers.

A browser sends texts; an empty text takes the answer away. Trades are picked from a list by typing;
``core.applications.trades`` reads the text.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from core.applications.forms import ApplicationDraft
from core.errors import NotFound
from core.text import dates
from core.text.written_dates import read_date

ASSESSED_YEARS: Final = 5
"""How many years of annual assessments the form asks for: as many as the strictest grade needs."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the form."""

    code: str
    title: str
    items: tuple[str, ...]


STEPS: Final = (
    Step("person", "基本情况", ("staff_category", "first_job_year", "regularised_on", "education", "retires_on")),
    Step("held", "现有等级", ("current_grade", "current_grade_year", "current_trade", "appointed_to_grade_two")),
    Step("wish", "申报等级和工种", ("grade", "path", "trade", "frontline")),
    Step("record", "年度考核和业绩", ("assessments", "awards")),
)
ITEM_LABELS: Final[Mapping[str, str]] = {
    "staff_category": "人员类别",
    "first_job_year": "参加工作年份",
    "regularised_on": "转正定级日期",
    "education": "学历",
    "retires_on": "预计退休日期",
    "current_grade": "现有技术等级",
    "current_grade_year": "取得证书的年份",
    "current_trade": "证书上的工种",
    "appointed_to_grade_two": "聘任到二级岗位",
    "grade": "申报等级",
    "path": "申报途径",
    "trade": "申报工种",
    "frontline": "疫情防控一线人员类别",
    "assessments": "年度考核结果",
    "awards": "业绩和奖项",
    "declared_true": "真实性声明",
    "acknowledgements": "确认事项",
}
"""The labels of the answers, for applicants and reviewers; the names of papers are in the rule document."""
PAPERS: Final = "papers"
CHECK: Final = "check"
_ORDER: Final = (*(page.code for page in STEPS), PAPERS, CHECK)
_LISTS: Final = frozenset({"awards"})
_YEARS: Final = frozenset({"first_job_year", "current_grade_year"})
_OF_YEARS: Final = ("assessment_", "filed_")
_TICKS: Final = frozenset({"appointed_to_grade_two"})


def step(code: str) -> Step:
    """The page of this code; NotFound for another."""
    found = next((page for page in STEPS if page.code == code), None)
    if found is None:
        raise NotFound("no_such_step", "申报表没有这一页。请从“我的申报”重新进入。")
    return found


def step_of(item: str) -> str:
    """The code of the page that asks for an answer or a paper."""
    for page in STEPS:
        if item in page.items:
            return page.code
    return CHECK if item in {"declared_true", "acknowledgements"} else PAPERS


def address_of(item: str) -> str:
    """The page that asks for an answer or a paper, below the address of its application."""
    return address(step_of(item))


def place_of(item: str) -> str:
    """The same address with the field, or the part of a paper, on that page."""
    mark = f"paper-{item}" if step_of(item) == PAPERS else item
    return f"{address_of(item)}#{mark}"


def address(code: str) -> str:
    """A page of the form, below the address of its application."""
    return code if code in {PAPERS, CHECK} else f"form/{code}"


def pages(items: Collection[str] | None = None) -> tuple[str, ...]:
    """The pages in their order; after a return only those with an unlocked item, and always the last one."""
    if items is None:
        return _ORDER
    concerned = {CHECK, *map(step_of, items)}
    return tuple(code for code in _ORDER if code in concerned)


def after(code: str, items: Collection[str] | None = None) -> str:
    """The address of the following page; after a return the next page with an unlocked item."""
    later = _ORDER[_ORDER.index(code) + 1 :]
    return address(next(page for page in later if page in pages(items)))


def assessed_years(year: int) -> tuple[int, ...]:
    """The years whose assessments the form asks for, the latest first."""
    return tuple(range(year - 1, year - 1 - ASSESSED_YEARS, -1))


def answers(
    page: Step,
    sent: Mapping[str, Any],
    *,
    year: int,
    items: frozenset[str] | None = None,
    held: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """The answers of one page as sent, None for an empty one; ``items`` narrows them to the unlocked ones.

    ``held`` is the form so far: assessments of years that the page does not ask about stay as a program sent them.
    """
    given: dict[str, Any] = {}
    for item in page.items:
        if items is not None and item not in items:
            continue
        if item == "assessments":
            given[item] = [*_assessments(sent, year), *older_assessments(held, year)]
        elif item in _LISTS:
            given[item] = _several(sent.get(item))
        elif item in _TICKS:
            given[item] = sent.get(item) == "true"
        else:
            given[item] = _typed(item, str(sent.get(item) or "").strip()) or None
    return given


def _typed(item: str, text: str) -> str:
    """A text as the form reads it: of a date the year where a year is asked, a day in whatever habit."""
    found = read_date(text) if item in _YEARS | _DAYS else None
    if found is None or (item in _DAYS and found.day is None):
        return text
    return str(found.year) if item in _YEARS else found.first_day.isoformat()


def older_assessments(form: Mapping[str, Any], year: int) -> list[dict[str, Any]]:
    """The annual assessments of years that the page does not ask about."""
    return [
        assessment for assessment in form.get("assessments") or () if assessment["year"] not in assessed_years(year)
    ]


class Fields(dict[str, Any]):
    """The values of a page's fields; None for an empty one."""

    def __missing__(self, _name: str) -> None:
        """Nothing has been filled in under this name."""


def fields(draft: ApplicationDraft) -> Fields:
    """The values of the fields for a draft, by the names of the fields: the inverse of :func:`answers`."""
    shown = Fields(draft.model_dump(mode="json", exclude_none=True))
    for assessment in draft.assessments:
        shown[f"assessment_{assessment.year}"] = assessment.result.value
        shown[f"filed_{assessment.year}"] = assessment.filed
    return shown


def sent_fields(page: Step, draft: ApplicationDraft, sent: Mapping[str, Any]) -> Fields:
    """The values of a page's fields after a refusal, as sent; an unticked box is absent."""
    shown = fields(draft)
    for name in [field for field in shown if field in page.items or field.startswith(_OF_YEARS)]:
        del shown[name]
    shown.update(sent)
    for name in _LISTS & sent.keys():
        shown[name] = _several(sent[name])
    return shown


def written(item: str, value: Any, known: Mapping[str, Any]) -> str:
    """An answer of the form as text; ``known`` has the choices of the form as (value, text) tuples.

    ``known["awards"]``, where given, has the names of the awards by code.
    """
    if value is None or value in ("", []):
        return "未填写"
    if item == "assessments":
        results = dict(known["results"])
        filed = {True: "已备案", False: "未备案"}
        return "；".join(
            f"{rated['year']}年{results[rated['result']]}（{filed[bool(rated['filed'])]}）" for rated in value
        )
    if item in _DAYS:
        return dates.day(date.fromisoformat(str(value)))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        texts = known.get("awards", {})
        return "、".join(str(texts.get(code, code)) for code in value)
    names = {str(choice[0]): choice[1] for choice in known.get(_CHOSEN.get(item, ""), ())}
    return str(names.get(str(value), value))


def trades_understood(kept: Mapping[str, Any], given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, str]:
    """The trades that were kept under another text than was given, such as initials: label and text of each."""
    texts = dict(known["trades"])
    return {
        ITEM_LABELS[name]: texts[kept[name]]
        for name in ("current_trade", "trade")
        if given.get(name) and kept.get(name) in texts and given[name] not in {kept[name], texts[kept[name]]}
    }


_DAYS: Final = frozenset({"regularised_on", "retires_on"})
_CHOSEN: Final[Mapping[str, str]] = {
    "staff_category": "categories",
    "education": "educations",
    "current_grade": "grades",
    "grade": "grades",
    "path": "paths",
    "trade": "trades",
    "current_trade": "trades",
    "frontline": "frontlines",
}


def _several(value: Any) -> list[str]:
    if value is None or value == "":
        return []
    return [str(item) for item in value if item] if isinstance(value, list) else [str(value)]


def _assessments(sent: Mapping[str, Any], year: int) -> list[dict[str, Any]]:
    return [
        {"year": assessed, "result": result, "filed": sent.get(f"filed_{assessed}") == "true"}
        for assessed in assessed_years(year)
        if (result := str(sent.get(f"assessment_{assessed}") or ""))
    ]
