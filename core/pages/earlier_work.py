"""The ways to what waits for an officer: in the menu, on the first page, and on the page of the season's work."""

from collections.abc import Mapping
from types import MappingProxyType

from core.db.session import OfficeSession, ProvinceSession, Role, ScopedSession, UnitSession
from core.oversight import earlier_queries
from core.oversight.earlier_queries import EarlierWork, Open, earlier_work
from core.oversight.years.unfinished import unfinished
from core.seasons.queries import current_of, lives
from core.web.ports import WorkOfSeason

_WAYS: Mapping[Open, tuple[str, str]] = MappingProxyType(
    {
        Open.QUALIFICATION_REVIEW: ("待资格审查的申请", "/desk?state=qualification_review"),
        Open.ONSITE_CONFIRMATION: ("待现场确认的申请", "/desk?state=onsite_confirmation"),
        Open.PROVISIONAL: ("补齐材料、待最终结论的容缺申请", "/desk?state=provisional"),
        Open.APPEAL: ("待答复的审查申诉", "/supervision/appeals"),
        Open.INQUIRY: ("待答复的咨询", "/inquiries"),
        Open.IDENTITY: ("待办理的姓名、身份证号更正", "/identity"),
        Open.FORM: ("待办理的管理人员登记表", "/manager-forms"),
        Open.AT_UNIT: ("等您审核的申请", "/unit?state=waiting"),
        Open.SANCTION: ("未办结的违规案件", "/sanctions"),
        Open.OBJECTION: ("待处理的异议", "/awards"),
        Open.STRIKING: ("待决定的取消、恢复公示资格", "/awards/strikings"),
        Open.LIST: ("待公示或公示期满的合格人员名单", "/awards"),
        Open.CERTIFICATE: ("待发证书的合格人员名单", "/awards"),
        Open.SAMPLE: ("待抽查的案件", "/delegations"),
        Open.CHECK: ("待答复的成绩复查", "/marks/checks"),
        Open.CORRECTION: ("待决定的成绩更正", "/marks/corrections"),
        Open.MARKS: ("待复核的成绩表", "/marks"),
        Open.PANEL: ("未结束的综合评审", "/panels"),
        Open.RANKING: ("待确认的综合评审排名", "/panels"),
        Open.SHEET: ("您未提交的评分表", "/sheets"),
        Open.HANDOUT: ("在库待发、待移交的证书", "/certificates/ledger"),
        Open.ARCHIVE: ("待归档的年度", "/archive"),
        Open.HANDOVER: ("待移交、待登记接收的档案", "/archive/handovers"),
        Open.TO_SIGN_FOR: ("移交本单位、待登记签领的证书批次", "/unit/certificates"),
        Open.TO_FILE: ("移交本单位、待登记接收的档案清单", "/unit/archive"),
        Open.REISSUE: ("待办理的证书更换、补办", "/certificates/reissues"),
        Open.ACCOMMODATION: ("待决定的考试便利", "/accommodations"),
        Open.EMERGENCY: ("未办结的突发事件和开考警报", "/exams/emergencies"),
        Open.PLAN: ("待公布的编排方案", "/plans"),
        Open.TICKETS: ("待签发准考证的编排方案", "/exams/papers"),
        Open.BATCH: ("待接收的现场确认批次", "/onsite"),
        Open.BAN: ("待核对的以往禁止申报决定", "/bans"),
        Open.FILING: ("待接收的备案", "/board/filings"),
        Open.FACTOR: ("待您核准的停用动态验证码", "/staff/second-factors"),
        Open.ACCOUNTABILITY: ("待办理、待您陈述的责任追究案件", "/accountability"),
        Open.PATROL: ("待办理的巡视和整改", "/patrols"),
        Open.EMERGENCY_PLAN: ("待审定、待接收的应急预案", "/emergency"),
    }
)

_LINES: Mapping[Open, str] = MappingProxyType(
    {Open.AT_UNIT: "/unit", Open.QUALIFICATION_REVIEW: "/desk", Open.STRIKING: "/awards", Open.FACTOR: "/staff"}
)
"""The line of the menu that leads to a kind of work, where it is not the page itself."""


def work_of_earlier_seasons(session: ScopedSession) -> tuple[WorkOfSeason, ...]:
    """What waits for the actor in earlier seasons, each with its year and the way there; then what their office owes.

    The last leads to everything that the office has left, whoever there has to do it; for the center to every office's.
    """
    return (*map(_way, earlier_work(session)), *_left(session))


def _left(session: ScopedSession) -> list[WorkOfSeason]:
    """A line for each earlier year of which the office, or for the center the province, has something unfinished."""
    if not isinstance(session, OfficeSession | ProvinceSession) or session.actor.role is Role.OPERATOR:
        return []
    known = lives(session)
    current = current_of(known)
    found = []
    for year in (life.season.year for life in known if current is not None and life.season.year < current.year):
        if isinstance(session, ProvinceSession):
            whose, address, of = "全省各机构", f"/season/years/{year}", None
        else:
            whose, address, of = "本机构", f"/season/unfinished#{year}", session.office_id
        count = sum(left.count for left in unfinished(session, year) if of in {None, left.office_id})
        if count:
            found.append(WorkOfSeason(year, f"{whose}未办结的全部事项{count}件", address))
    return found


def work_that_waits(session: ScopedSession, year: int, *, current: bool) -> tuple[WorkOfSeason, ...]:
    """What waits for an officer or a unit in one season, by kind, in the order of the kinds; nothing for others."""
    if not isinstance(session, OfficeSession | ProvinceSession | UnitSession):
        return ()
    found = earlier_queries.work_of_season(session, year, current=current)
    return ways_to(found, year)


def ways_to(found: Mapping[Open, int], year: int) -> tuple[WorkOfSeason, ...]:
    """The way to each kind of work."""
    return tuple(_way(EarlierWork(year, kind, found[kind])) for kind in Open if kind in found)


def _way(work: EarlierWork) -> WorkOfSeason:
    label, address = _WAYS[work.kind]
    mark = "&" if "?" in address else "?"
    text, led_to = f"{label}{work.count}件", f"{address}{mark}year={work.year}"
    return WorkOfSeason(work.year, text, led_to, line=_LINES.get(work.kind, address), count=work.count)
