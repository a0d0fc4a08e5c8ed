"""The ways to what is open in a season beside its cases, on the first page of those who bring it to its end."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode

from core.db.session import OfficeSession, ScopedSession
from core.domain.workflow import STATE_LABELS, State
from core.oversight import earlier_queries
from core.oversight.earlier_queries import EarlierWork, Open, earlier_work
from core.web.ports import WorkOfSeason

_WAYS: Mapping[Open, tuple[str, str]] = MappingProxyType(
    {
        Open.AT_UNIT: ("等您审核的申请", "/unit?state=waiting"),
        Open.SANCTION: ("未办结的违规案件", "/sanctions"),
        Open.OBJECTION: ("待处理的异议", "/awards"),
        Open.LIST: ("未办结的合格人员名单", "/awards"),
        Open.SAMPLE: ("待抽查的案件", "/delegations"),
        Open.CHECK: ("待答复的成绩复查", "/marks/checks"),
        Open.CORRECTION: ("待决定的成绩更正", "/marks/corrections"),
        Open.MARKS: ("待复核的成绩表", "/marks"),
        Open.PANEL: ("未结束的综合评审", "/panels"),
        Open.SHEET: ("您未提交的评分表", "/sheets"),
        Open.FILING: ("待接收的备案", "/board/filings"),
    }
)


def work_of_earlier_seasons(session: ScopedSession) -> tuple[WorkOfSeason, ...]:
    """What waits for the actor in ended seasons, each with its year and the way into that season."""
    return tuple(_way(work) for work in earlier_work(session))


def work_beside_cases(session: OfficeSession, year: int) -> tuple[WorkOfSeason, ...]:
    """What waits for the actor in one season beside the cases of the desk: second halves of acts, lists, samples."""
    return tuple(_way(work) for work in earlier_queries.work_beside_cases(session, year))


def _way(work: EarlierWork) -> WorkOfSeason:
    if work.kind in _WAYS:
        label, address = _WAYS[work.kind]
    else:
        label = f"{STATE_LABELS[State(work.kind.value)]}的申请"
        address = f"/desk?{urlencode({'state': work.kind.value})}"
    mark = "&" if "?" in address else "?"
    return WorkOfSeason(work.year, f"{label}{work.count}件", f"{address}{mark}year={work.year}")
