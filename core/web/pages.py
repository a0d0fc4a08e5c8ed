"""Pages for everybody: the front page says what this is and when each office takes applications."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, get
from litestar.response import Template
from sqlalchemy import select

from core.clock import SHANGHAI, last_day
from core.db.session import ScopedSession
from core.plugin_api import ExamCalendar, Grade, OfficeCode, OfficeLevel, Window, WindowKind
from core.seasons import queries
from core.seasons.models import Season
from core.tenancy.queries import offices
from core.web.dependencies import AnySession

SHOWN = (
    (WindowKind.REGISTRATION, "网上报名"),
    (WindowKind.UNIT_REVIEW, "单位初审"),
    (WindowKind.QUALIFICATION_REVIEW, "资格审查"),
    (WindowKind.COMPUTER_EXAM, "人机对话考试"),
    (WindowKind.LEVEL_ONE_THEORY, "一级理论考试"),
)
_LEVEL_LABELS = {OfficeLevel.PROVINCE: "省级", OfficeLevel.CITY: "市级", OfficeLevel.COUNTY: "县（市）级"}


@dataclass(frozen=True, slots=True)
class Span:
    """The dates of one kind as the table shows them, and whether they are running now."""

    label: str
    text: str
    running: bool


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One office with its dates."""

    id: str
    name: str
    level: str
    level_label: str
    spans: tuple[Span, ...]


@get("/", sync_to_thread=True, opt={"exclude_from_auth": True}, include_in_schema=False)
def front_page(request: Request[Any, Any, Any], session: AnySession) -> Template:
    """What Kaowu is, every office with its dates of the newest season, and how programs call it."""
    season = session.scalars(select(Season).order_by(Season.year.desc()).limit(1)).first()
    rows = [] if season is None else _rows(session, season.year)
    return Template("front.html", context={"season": season, "rows": rows, "kinds": SHOWN, "base": request.base_url})


def _rows(session: ScopedSession, year: int) -> list[OfficeRow]:
    calendars = queries.calendars_now(session, year)
    return [
        OfficeRow(
            id=one.id,
            name=one.name,
            level=one.level,
            level_label=_LEVEL_LABELS[OfficeLevel(one.level)],
            spans=tuple(_span(calendars[OfficeCode(one.id)], kind, label, session.now) for kind, label in SHOWN),
        )
        for one in offices(session)
    ]


def _span(calendar: ExamCalendar, kind: WindowKind, label: str, now: datetime) -> Span:
    windows = [window for window in calendar.windows if window.kind is kind]
    everybody = frozenset[Grade]().union(*(window.grades for window in windows))
    texts = [_dates(window) + ("" if window.grades == everybody else f"（{_grades(window)}）") for window in windows]
    return Span(label, "；".join(texts) or "待公布", running=any(window.contains(now) for window in windows))


def _dates(window: Window) -> str:
    end = last_day(window.closes)
    if window.opens is None:
        return f"{end.month}月{end.day}日前"
    begin = window.opens.astimezone(SHANGHAI).date()
    text = f"{begin.month}月{begin.day}日"
    return text if end == begin else f"{text}至{end.month}月{end.day}日"


def _grades(window: Window) -> str:
    return "、".join(grade.label for grade in sorted(window.grades, reverse=True))
