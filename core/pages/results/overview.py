"""Results as a whole by pages: an office's pass rates and who missed what; for the province every office in figures."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final
from urllib.parse import quote

from litestar import Response
from litestar.params import QueryParameter

from core.db.session import OfficeSession, ProvinceSession
from core.errors import Invalid
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, table_file
from core.plugin_api import Grade
from core.results.awards.queries import trade_names
from core.results.outcomes import figures, overview
from core.results.outcomes.figures import By, Examined
from core.seasons.queries import subjects_by_grade
from core.text.labels import Labelled
from core.web.dependencies import OfOffice, OfProvince
from core.web.guards import CENTER, EXAM_WATCHERS
from core.web.page.rendering import AnyRequest, render
from core.web.routes import page

ByAsked = Annotated[str, QueryParameter(name="by", max_length=10, description="按什么统计。")]
KeyAsked = Annotated[str, QueryParameter(name="key", max_length=200, description="只看这一项的人员。")]
OnlyAsked = Annotated[str, QueryParameter(name="only", max_length=100, description="只看哪些人员。")]
_SHOWN: Final = 200
_FIGURES = ("应考", "合格", "不合格", "缺考", "违纪、作废", "合格率", "上年合格率", "上年应考")


class Only(Labelled):
    """Which candidates are listed; beside these, those who missed one subject."""

    ALL = "", "全部"
    PASSED = "passed", "合格"
    FAILED = "failed", "不合格"


@page("/marks/results", roles=EXAM_WATCHERS)
def results_page(
    request: AnyRequest, session: OfOffice, *, by: ByAsked = "grade", key: KeyAsked = "", only: OnlyAsked = ""
) -> Response[str]:
    """Pass rates by grade, trade or unit with last year's beside them, who missed what, and the candidates by name."""
    year, chosen = season_asked(request, session).year, _by(by)
    now = overview.examined(session, year)
    before = overview.examined(session, year - 1)
    keyed = _key_of(session, year, chosen)
    listed = [candidate for candidate in now if not key or keyed(candidate) == key]
    subjects = figures.by_subject(listed)
    people = [candidate for candidate in listed if _is_meant(candidate, only)]
    way = f"/marks/results?by={chosen.value}&key={quote(key)}"
    return render(
        request,
        session,
        "results/overview.html",
        year=year,
        by=chosen,
        key=key,
        only=only,
        ways=[(choice.label, f"/marks/results?by={choice.value}", choice is chosen) for choice in By],
        lines=figures.figures(now, before, keyed),
        whole=figures.whole(now, before),
        subjects=subjects,
        narrowed=[(choice.label, f"{way}&only={choice.value}", choice.value == only) for choice in Only]
        + [(f"{line.subject}未过", f"{way}&only={quote(line.subject)}", line.subject == only) for line in subjects],
        people=people[:_SHOWN],
        more=max(0, len(people) - _SHOWN),
        total=len(people),
        lacks=_lacks,
        grades={int(grade): grade.label for grade in Grade},
        trades=trade_names(session, year),
    )


@table_file("/marks/results/export", roles=EXAM_WATCHERS)
def export_people(session: OfficeSession, table: TableAsked) -> Sheet:
    """The candidates with marks and outcomes as an Excel file."""
    year, asked = table.season(session).year, table.texts("by", "key", "only")
    chosen = _by(asked["by"] or By.GRADE.value)
    keyed, trades = _key_of(session, year, chosen), trade_names(session, year)
    subjects = list(dict.fromkeys(name for of_grade in subjects_by_grade(session, year).values() for name in of_grade))
    columns = (
        "编号",
        "姓名",
        "身份证末四位",
        "单位",
        "等级",
        "工种",
        *subjects,
        "结果",
        "未过科目",
        "认定依据",
        "是否公布",
    )
    people = [
        candidate
        for candidate in overview.examined(session, year)
        if (not asked["key"] or keyed(candidate) == asked["key"]) and _is_meant(candidate, asked["only"])
    ]
    rows = [_row(candidate, subjects, trades.get((candidate.grade, candidate.trade))) for candidate in people]
    filters = "，".join(filter(None, (asked["key"], asked["only"] and _only_label(asked["only"]))))
    return Sheet(f"{year}年度考核结果", columns, rows, filters)


@table_file("/marks/results/figures", roles=EXAM_WATCHERS)
def export_figures(session: OfficeSession, table: TableAsked) -> Sheet:
    """The pass rates by grade, trade or unit as an Excel file."""
    year, chosen = table.season(session).year, _by(table.texts("by")["by"] or By.GRADE.value)
    now, before = overview.examined(session, year), overview.examined(session, year - 1)
    lines = [*figures.figures(now, before, _key_of(session, year, chosen)), figures.whole(now, before)]
    rows = [
        (
            line.key,
            line.examined,
            line.passed,
            line.failed,
            line.absent,
            line.violation,
            line.rate,
            line.rate_before,
            line.before,
        )
        for line in lines
    ]
    return Sheet(f"{year}年度合格率（按{chosen.label}）", (chosen.label, *_FIGURES), rows)


@page("/board/results", roles=CENTER, province=True)
def province_page(request: AnyRequest, session: OfProvince) -> Response[str]:
    """The results of every office in figures, with last year's beside them."""
    year = season_asked(request, session).year
    return render(
        request, session, "results/overview_province.html", year=year, offices=overview.by_office(session, year)
    )


@table_file("/board/results/export", roles=CENTER, province=True)
def export_province(session: ProvinceSession, table: TableAsked) -> Sheet:
    """The same figures as an Excel file."""
    year = table.season(session).year
    columns = ("机构", "应考", "合格", "合格率", "已公布", "上年应考", "上年合格", "上年合格率")
    rows = [
        (
            line.name,
            line.examined,
            line.passed,
            line.rate,
            line.published,
            line.before,
            line.passed_before,
            line.rate_before,
        )
        for line in overview.by_office(session, year)
    ]
    return Sheet(f"{year}年度各机构考核结果", columns, rows)


def _key_of(session: OfficeSession, year: int, by: By) -> Callable[[Examined], str]:
    """What a candidate is counted under. Trades are named as this year names them: a code keeps its trade."""
    trades = {
        code: name for (_, code), name in {**trade_names(session, year - 1), **trade_names(session, year)}.items()
    }
    match by:
        case By.GRADE:
            return lambda candidate: Grade(candidate.grade).label
        case By.TRADE:
            return lambda candidate: trades.get(candidate.trade, candidate.trade)
        case By.UNIT:
            return lambda candidate: candidate.unit


def _is_meant(candidate: Examined, only: str) -> bool:
    match only:
        case "":
            return True
        case "passed":
            return candidate.passed
        case "failed":
            return not candidate.passed
        case subject:
            return subject in candidate.lacks


def _only_label(only: str) -> str:
    return Only(only).label if only in frozenset(Only) else f"{only}未过"


def _lacks(candidate: Examined) -> str:
    """What somebody missed, in words."""
    return "；".join(f"{subject}{lack.label}" for subject, lack in candidate.lacks.items())


def _row(candidate: Examined, subjects: Sequence[str], trade: str | None) -> tuple[str, ...]:
    marks = figures.marks_in_words(candidate)
    told = (candidate.reference, candidate.name, candidate.tail, candidate.unit, Grade(candidate.grade).label)
    passed, published = "合格" if candidate.passed else "不合格", "已公布" if candidate.published else "未公布"
    points = (marks.get(subject, "") for subject in subjects)
    return (*told, trade or candidate.trade, *points, passed, _lacks(candidate), candidate.reason, published)


def _by(text: str) -> By:
    if text not in frozenset(By):
        raise Invalid("filter_unknown", "没有这个筛选，请从页面上的筛选中选择。")
    return By(text)
