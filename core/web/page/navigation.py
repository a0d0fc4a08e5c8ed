"""The first page and the menu of each role: one line for each page that is reachable from everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from core.db.session import Role


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu. ``exact`` where pages below the address have a line of their own.

    The address of a line that narrows a list has parameters. ``group`` is the heading under which the line stands.
    """

    label: str
    address: str
    exact: bool = False
    group: str = ""

    @property
    def narrows(self) -> bool:
        """Whether the line leads to a part of a list that has a line itself."""
        return "?" in self.address

    def is_current(self, path: str, query: Mapping[str, str] | None = None) -> bool:
        """Whether ``path`` with these parameters lies on this page."""
        page, _, asked = self.address.partition("?")
        if any((query or {}).get(name) != value for name, value in parse_qsl(asked)):
            return False
        return path == page or (not self.exact and path.startswith(f"{page}/"))


def _group(name: str, *lines: Item) -> tuple[Item, ...]:
    """Lines under a heading, in their order."""
    return tuple(replace(line, group=name) for line in lines)


PUBLIC = (
    Item("首页", "/", exact=True),
    Item("申报条件", "/conditions"),
    Item("各地日程", "/calendar"),
    Item("申报指南", "/help"),
    Item("合格公示", "/published"),
    Item("查验证书", "/verify"),
)
_NOTICES = Item("通知", "/notices")
_EXPORTS = Item("我的导出", "/exports")
_ACCOUNT = Item("账号", "/account")

_APPLICANT = (
    Item("我的申报", "/my", exact=True),
    Item("我的证书", "/certificates/own"),
    Item("申报条件", "/eligibility"),
    Item("咨询", "/my/inquiries"),
    Item("我的文书", "/sanctions/own"),
    _NOTICES,
    _ACCOUNT,
)
_DESK = Item("审查台", "/desk")
_ONSITE = Item("现场确认", "/desk?state=onsite_confirmation")
_ONSITE_DAY = Item("现场办理", "/onsite")
_DEFERRED = Item("容缺后补", "/desk?state=provisional")
_WORKLOAD = Item("分派", "/workload")
_LEDGER = Item("发证登记册", "/certificates/ledger")
_ARCHIVE = Item("归档", "/archive", exact=True)
_HANDOVERS = Item("档案移交", "/archive/handovers")
_REISSUES = Item("更换、补办证书", "/certificates/reissues")
_INQUIRIES = Item("咨询", "/inquiries")
_SEASON = Item("本季工作", "/season", exact=True)
_CALENDAR = Item("日程", "/season/calendar")
_LATE = Item("补报", "/season/late")
_TRADES = Item("工种目录", "/season/trades")
_YEARS = Item("年度", "/season/years")
_IDENTITY = Item("更正姓名", "/identity")
_FILINGS = Item("备案", "/filings")
_RESPONSIBLE = Item("责任人", "/responsible")
_EMERGENCY = Item("应急预案", "/emergency")
_PATROLS = Item("巡视", "/patrols")
_ACCOUNTABILITY = Item("责任追究", "/accountability")
_DELEGATIONS = Item("委托与下放", "/delegations")
_BOARD = Item("全省看板", "/board", exact=True)
_RECEIVING = Item("备案接收", "/board/filings")
_CASES = Item("案件监管", "/supervision/cases")
_APPEALS = Item("审查申诉", "/supervision/appeals")
_AWARDS = Item("公示与证书", "/awards")
_SANCTIONS = Item("违规案件", "/sanctions")
_BANS = Item("不得申报登记", "/bans")
_UNITS = Item("单位", "/units")
_MOVED_UNITS = Item("跨机构划转", "/supervision/units")
_ATTACHMENTS = Item("材料扫描件", "/attachments")
_OFFICES = Item("机构与规则", "/offices")
_PLANS = Item("编排方案", "/plans")
_REQUESTS = Item("考试便利", "/accommodations")
_FORMS = Item("登记表", "/manager-forms")
_REVEALS = Item("号码查看记录", "/reveals")
_STAFF = Item("人员", "/staff")
_ACTING = Item("代办", "/acting")
_RELATIONS = Item("回避登记", "/relations")
_RECORD = Item("办理记录", "/record")
_MARKS = Item("成绩", "/marks", exact=True)
_CHECKS = Item("成绩复查", "/marks/checks")
_CORRECTIONS = Item("成绩更正", "/marks/corrections")
_PANELS = Item("综合评审", "/panels")
_FIGURES = Item("考核结果统计", "/marks/results")
_CLOSING = (_AWARDS, _LEDGER, _REISSUES, _ARCHIVE, _HANDOVERS)
_RESULTS = (_MARKS, _FIGURES, _CHECKS, _CORRECTIONS, _PANELS)

_SITES = Item("考点", "/exams/sites")
_SITTINGS = Item("场次", "/exams/sittings")
_TRAINING = Item("培训", "/exams/training")
_EXAM_PAPERS = Item("准考证和资料", "/exams/papers")
_EXAM_DAY = Item("考试日", "/exams/day")
_INCIDENTS = Item("考场情况", "/exams/incidents")
_EMERGENCIES = Item("突发事件", "/exams/emergencies")
_CUSTODY = Item("资料保管", "/exams/custody")
_CANDIDATES = Item("查找考生", "/exams/candidates")
_INVIGILATORS = Item("监考人员", "/exams/invigilators")
_OUTCOMES = Item("各机构考核结果", "/board/results")
_PROGRESS = Item("考试进度", "/board/exams")

_UNIT = (
    Item("我的人员", "/unit", exact=True),
    Item("人员期限表", "/unit/deadlines"),
    Item("导入名单", "/unit/import"),
    Item("岗位空缺", "/unit/posts"),
    Item("更正姓名", "/unit/identity"),
    Item("名册和报送", "/unit/rosters"),
    Item("现场办理预约", "/unit/onsite"),
    Item("培训", "/unit/training"),
    Item("成绩和证书", "/unit/results"),
    Item("证书签领", "/unit/certificates"),
    Item("档案接收", "/unit/archive"),
    Item("我的单位", "/unit/units"),
    Item("管理人员", "/unit/manager"),
    _EXPORTS,
    _NOTICES,
    _ACCOUNT,
)
_OTHERS = (_EXPORTS, _NOTICES, _ACCOUNT)
_MINE = _group("个人", _ACTING, _RELATIONS, _OFFICES, _ACCOUNTABILITY, *_OTHERS)
_REVIEW = (_DESK, _ONSITE, _ONSITE_DAY, _DEFERRED, _WORKLOAD, _INQUIRIES)
_EXAM = (_EXAM_DAY, _EMERGENCIES, _PATROLS, _CANDIDATES, _EXAM_PAPERS, _SITES, _INCIDENTS, _CUSTODY)
MENUS: Mapping[Role, tuple[Item, ...]] = {
    Role.APPLICANT: _APPLICANT,
    Role.UNIT_MANAGER: _UNIT,
    Role.DEPARTMENT_REVIEWER: _UNIT,
    Role.COUNTY_REVIEWER: (
        *_group("审查", *_REVIEW, _IDENTITY, _FORMS),
        *_group("本季", _SEASON, _CALENDAR, _LATE, _DELEGATIONS, _RESPONSIBLE, _EMERGENCY),
        *_group("监督", _PATROLS, _SANCTIONS, _UNITS, _ATTACHMENTS),
        *_MINE,
    ),
    Role.CITY_REVIEWER: (
        *_group("审查", *_REVIEW, _IDENTITY, _FORMS),
        *_group("本季", _SEASON, _CALENDAR, _FILINGS, _LATE, _DELEGATIONS, _RESPONSIBLE, _EMERGENCY),
        *_group("结果和监督", _AWARDS, _LEDGER, _REISSUES, _HANDOVERS, _PATROLS, _SANCTIONS, _UNITS, _ATTACHMENTS),
        *_MINE,
    ),
    Role.SCHEDULER: (
        *_group("编排", _SITES, _SITTINGS, _PLANS, _REQUESTS, _INVIGILATORS, _TRAINING),
        *_group("考试", _EXAM_PAPERS, _EXAM_DAY, _EMERGENCIES, _PATROLS, _CANDIDATES, _INCIDENTS, _CUSTODY),
        *_group("个人", _RELATIONS, _ACCOUNTABILITY, *_OTHERS),
    ),
    Role.EXAMINER: (*_group("考试", *_EXAM), *_group("成绩", *_RESULTS, Item("我的评分表", "/sheets")), *_MINE),
    Role.CITY_SUPERVISOR: (
        *_group("本季", _SEASON, _CALENDAR, _FILINGS, _LATE, _DELEGATIONS, _RESPONSIBLE, _EMERGENCY),
        *_group(
            "监管",
            _WORKLOAD,
            _CASES,
            _APPEALS,
            _PATROLS,
            _ACCOUNTABILITY,
            _SANCTIONS,
            _BANS,
            _IDENTITY,
            _FORMS,
            _ATTACHMENTS,
        ),
        *_group("考试和结果", _EXAM_DAY, _EMERGENCIES, _PLANS, *_RESULTS, *_CLOSING),
        *_group("机构和个人", _UNITS, _STAFF, _RELATIONS, _REVEALS, _ACTING, _OFFICES, *_OTHERS),
    ),
    Role.PROVINCIAL_OFFICER: (
        *_group("全省", _BOARD, _PROGRESS, _OUTCOMES, _EMERGENCIES, _RECEIVING, _CASES, _APPEALS),
        *_group("审查", *_REVIEW, _IDENTITY, _FORMS),
        *_group("本季", _SEASON, _CALENDAR, _LATE, _DELEGATIONS, _RESPONSIBLE, _EMERGENCY, _TRADES, _YEARS),
        *_group(
            "结果和监督", *_RESULTS, *_CLOSING, _PATROLS, _ACCOUNTABILITY, _SANCTIONS, _BANS, _ATTACHMENTS, _RECORD
        ),
        *_group("机构和个人", _UNITS, _MOVED_UNITS, _STAFF, _RELATIONS, _REVEALS, _ACTING, _OFFICES, *_OTHERS),
    ),
    Role.PROVINCIAL_AUDITOR: (_RECORD, _BOARD, _RECEIVING, _CASES, _OFFICES, _EXPORTS, _ACCOUNT),
    Role.OPERATOR: (
        Item("运行状况", "/operations", exact=True),
        Item("消息发送", "/operations/outbox"),
        _OFFICES,
        _ACCOUNT,
    ),
}


def menu(role: Role | None) -> tuple[Item, ...]:
    """The menu of a role; that of the public for nobody."""
    if role is None:
        return PUBLIC
    return MENUS.get(role, _OTHERS)


def home(role: Role) -> str:
    """Where somebody lands who acts in this role: the first line of its menu."""
    return menu(role)[0].address
