"""The registers of a season, to be read on paper: who applied, sat, passed or failed, objected, was heard."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from core.clock import SHANGHAI
from core.db.session import SystemSession
from core.domain.pass_rules import STATUS_LABELS
from core.domain.workflow import STATE_LABELS
from core.oversight.filings_due import KIND_LABELS
from core.oversight.pdf import STATES as FILING_STATES
from core.plugin_api import Grade
from core.printing.pdf import pdf
from core.responsibility.patrols.kinds import FindingKind, FindingState
from core.responsibility.ranks import Rank
from core.results.awards.striking import KIND_LABELS as STRIKING_KINDS, STATE_LABELS as STRIKING_STATES
from core.results.corrections.score_checks import CHECK_LABELS
from core.reviews.appeals.service import APPEAL_LABELS
from core.sanctions.procedure import CASE_STATE_LABELS
from core.scheduling.emergencies.kinds import STATE_LABELS as EMERGENCY_STATES, EmergencyKind
from core.text import dates

ROWS: Final = 2000
"""Lines in one PDF."""
Shown = Callable[[Any, Mapping[str, str]], str]


def _plain(value: Any, _trades: Mapping[str, str]) -> str:
    if value is None or value == "":
        return "—"
    return dates.minute(value.astimezone(SHANGHAI)) if isinstance(value, datetime) else str(value)


def _grade(value: Any, _trades: Mapping[str, str]) -> str:
    return Grade(value).label


def _trade(value: Any, trades: Mapping[str, str]) -> str:
    return trades.get(value, value)


def _yes(yes: str, no: str) -> Shown:
    return lambda value, _trades: yes if value else no


def _words(labels: Mapping[Any, str]) -> Shown:
    known = {str(key): label for key, label in labels.items()}
    return lambda value, _trades: known.get(str(value), str(value))


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a register: its heading, the part of the width, and how a value is written."""

    head: str
    width: str = "2fr"
    shown: Shown = _plain


@dataclass(frozen=True, slots=True)
class Register:
    """A register: its title, its columns, and the statement that reads its rows for ``:office`` and ``:year``."""

    title: str
    fields: Sequence[Field]
    statement: str


_REFERENCE: Final = Field("申报编号", "28mm")
_NAME: Final = Field("姓名", "22mm")
_GRADE: Final = Field("等级", "26mm", _grade)
_TRADE: Final = Field("工种", "2fr", _trade)
_LIST_STATES: Final = {
    **{"draft": "草案", "published": "公示中", "corrected": "已更正", "withdrawn": "已撤回", "closed": "已公布"}
}
_VERDICTS: Final = {"open": "待处理", "sustained": "成立", "dismissed": "不成立", "lapsed": "名单已撤回"}
_CORRECTIONS: Final = {"asked": "待决定", "granted": "同意", "refused": "不同意"}
_STRUCK: Final = STRIKING_STATES["strike"] | STRIKING_STATES["restore"]
_PANELS: Final = {"forming": "组建中", "scoring": "评分中", "closed": "评分结束", "dissolved": "已解散"}

REGISTERS: Final[Mapping[str, Register]] = {
    "applications": Register(
        "申报人员名册",
        (
            *(_REFERENCE, _NAME, Field("身份证末四位", "22mm"), Field("单位", "4fr"), _GRADE, _TRADE),
            Field("结论", "2fr", _words(STATE_LABELS)),
        ),
        "SELECT t.reference, t.person_name, t.id_tail, t.unit_name, t.grade, t.trade, t.state FROM applications t "
        "WHERE t.office_id = :office AND t.year = :year AND t.submitted_at IS NOT NULL ORDER BY t.reference",
    ),
    "appeals": Register(
        "审查申诉和答复",
        (
            _REFERENCE,
            _NAME,
            Field("申诉理由", "4fr"),
            Field("结论", "2fr", _words(APPEAL_LABELS)),
            Field("答复", "4fr"),
        ),
        "SELECT a.reference, a.person_name, t.grounds, t.state, t.answer FROM review_appeals t "
        "JOIN applications a ON a.id = t.application_id "
        "WHERE t.office_id = :office AND a.year = :year "
        "ORDER BY a.reference, t.id",
    ),
    "attendances": Register(
        "考场签到",
        (
            *(Field("场次", "36mm"), Field("考点", "3fr"), Field("考场", "2fr"), _REFERENCE, _NAME),
            *(Field("到考", "16mm", _words({"present": "到考", "absent": "缺考"})), Field("登记时间", "36mm")),
        ),
        "SELECT s.starts_at, e.name, r.name, a.reference, a.person_name, t.state, t.noted_at FROM attendances t "
        "JOIN sittings s ON s.id = t.sitting_id LEFT JOIN exam_rooms r ON r.id = t.room_id "
        "LEFT JOIN exam_sites e ON e.id = r.site_id "
        "JOIN applications a ON a.id = t.application_id "
        "WHERE t.office_id = :office AND a.year = :year ORDER BY s.starts_at, e.name, r.name, a.reference",
    ),
    "incidents": Register(
        "考场情况",
        (Field("时间", "36mm"), Field("情况", "4fr"), Field("处置", "4fr"), Field("报告人", "2fr")),
        "SELECT t.happened_at, t.facts, t.measures, t.reported_name FROM incidents t "
        "WHERE t.office_id = :office AND t.year = :year ORDER BY t.happened_at, t.id",
    ),
    "marks": Register(
        "成绩册",
        (_REFERENCE, _NAME, Field("科目"), Field("成绩", "16mm"), Field("情况", "2fr", _words(STATUS_LABELS))),
        "SELECT a.reference, a.person_name, t.subject, t.mark, t.status FROM marks t JOIN applications a "
        "ON a.id = t.application_id WHERE t.office_id = :office AND t.year = :year ORDER BY a.reference, t.subject",
    ),
    "checks": Register(
        "成绩复查",
        (
            *(_REFERENCE, _NAME, Field("科目"), Field("理由", "3fr")),
            *(Field("结论", "2fr", _words(CHECK_LABELS)), Field("答复", "4fr")),
        ),
        "SELECT a.reference, a.person_name, t.subject, t.reason, t.state, t.answer FROM score_checks t "
        "JOIN applications a ON a.id = t.application_id "
        "WHERE t.office_id = :office AND a.year = :year "
        "ORDER BY a.reference, t.id",
    ),
    "corrections": Register(
        "成绩更正",
        (
            *(_REFERENCE, _NAME, Field("科目"), Field("原成绩", "16mm"), Field("更正为", "16mm"), Field("理由", "3fr")),
            *(Field("结论", "16mm", _words(_CORRECTIONS)), Field("提出人"), Field("决定人")),
        ),
        "SELECT a.reference, a.person_name, t.subject, t.from_mark, t.to_mark, t.reason, t.state, t.asked_by_name, "
        "t.decided_by_name FROM mark_corrections t "
        "JOIN applications a ON a.id = t.application_id "
        "WHERE t.office_id = :office AND a.year = :year ORDER BY a.reference, t.id",
    ),
    "panels": Register(
        "综合评审",
        (
            *(Field("评审组", "3fr"), Field("状态", "20mm", _words(_PANELS)), Field("编号", "14mm"), _REFERENCE, _NAME),
            *(_TRADE, Field("评审得分", "18mm")),
        ),
        "SELECT p.name, p.state, t.number, a.reference, a.person_name, t.trade, t.score FROM panel_candidates t "
        "JOIN evaluation_panels p ON p.id = t.panel_id LEFT JOIN panel_identities i ON i.candidate_id = t.id "
        "LEFT JOIN applications a ON a.id = i.application_id WHERE t.office_id = :office AND p.year = :year "
        "ORDER BY p.name, t.number",
    ),
    "outcomes": Register(
        "考核结果（合格和不合格）",
        (
            *(_REFERENCE, _NAME, Field("单位", "3fr"), _GRADE, _TRADE),
            *(Field("结果", "16mm", _yes("合格", "不合格")), Field("说明", "3fr"), Field("作废", "36mm")),
        ),
        "SELECT a.reference, a.person_name, a.unit_name, t.grade, t.trade, t.passed, t.reason, t.annulled_at "
        "FROM outcomes t JOIN applications a ON a.id = t.application_id "
        "WHERE t.office_id = :office AND t.year = :year ORDER BY t.grade DESC, a.reference",
    ),
    "lists": Register(
        "公示名单各版",
        (
            *(Field("名单", "14mm"), Field("版次", "14mm"), Field("状态", "20mm", _words(_LIST_STATES))),
            *(Field("人数", "14mm"), Field("公示", "36mm"), Field("截止", "36mm"), Field("通知文号", "3fr")),
            Field("更正、撤回的理由", "3fr"),
        ),
        "SELECT t.version, t.edition, t.state, t.entry_count, t.published_at, t.ends_at, t.notice_number, "
        "coalesce(nullif(t.ended_reason, ''), t.edition_reason) FROM publications t "
        "WHERE t.office_id = :office AND t.year = :year ORDER BY t.version, t.edition",
    ),
    "objections": Register(
        "公示异议和处理",
        (
            *(Field("受理编号", "28mm"), Field("序号", "14mm"), Field("异议", "4fr"), Field("收到", "36mm")),
            *(Field("结论", "20mm", _words(_VERDICTS)), Field("理由", "4fr")),
        ),
        "SELECT t.receipt, t.position, t.grounds, t.received_at, t.state, t.reason FROM objections t "
        "JOIN publications p ON p.id = t.publication_id WHERE t.office_id = :office AND p.year = :year "
        "ORDER BY t.received_at, t.id",
    ),
    "strikings": Register(
        "取消和恢复公示资格",
        (
            *(
                _REFERENCE,
                _NAME,
                Field("事项", "24mm", _words(STRIKING_KINDS)),
                Field("理由", "3fr"),
                Field("陈述", "3fr"),
            ),
            *(
                Field("结论", "24mm", _words(STRIKING_STATES["strike"] | STRIKING_STATES["restore"])),
                Field("意见", "3fr"),
            ),
        ),
        "SELECT a.reference, a.person_name, t.kind, t.reason, t.statement, t.state, t.remark FROM strikings t "
        " "
        "JOIN applications a ON a.id = t.application_id "
        "WHERE t.office_id = :office AND a.year = :year ORDER BY a.reference, t.id",
    ),
    "sanctions": Register(
        "违规案件",
        (
            *(_REFERENCE, _NAME, Field("事实", "4fr"), Field("状态", "3fr", _words(CASE_STATE_LABELS))),
            *(Field("取消资格", "18mm", _yes("是", "否")), Field("撤销证书", "18mm", _yes("是", "否"))),
            *(Field("禁止申报（年）", "18mm"), Field("决定时间", "36mm")),
        ),
        "SELECT a.reference, a.person_name, t.facts, t.state, t.disqualifies, t.revokes, t.ban_years, t.decided_at "
        "FROM sanction_cases t "
        "JOIN applications a ON a.id = t.application_id "
        "WHERE t.office_id = :office AND a.year = :year ORDER BY a.reference, t.id",
    ),
    "certificates": Register(
        "发证登记册",
        (
            *(Field("证书编号", "36mm"), _NAME, Field("身份证末四位", "22mm"), Field("单位", "3fr"), _GRADE, _TRADE),
            *(Field("发证", "36mm"), Field("撤销", "36mm"), Field("换发", "36mm")),
        ),
        "SELECT t.number, coalesce(t.holder_name, a.person_name), coalesce(t.holder_tail, a.id_tail), a.unit_name, "
        "a.grade, a.trade, t.issued_at, t.revoked_at, t.superseded_at FROM certificates t "
        "JOIN applications a ON a.id = t.application_id "
        "WHERE t.office_id = :office AND t.year = :year ORDER BY t.number",
    ),
    "emergencies": Register(
        "突发事件",
        (
            *(Field("时间", "36mm"), Field("类别", "2fr", _words({kind: kind.label for kind in EmergencyKind}))),
            *(Field("情况", "4fr"), Field("处置", "4fr")),
            Field("状态", "24mm", _words({state: word for state, (word, _tone) in EMERGENCY_STATES.items()})),
        ),
        "SELECT t.happened_at, t.kind, t.facts, t.measures, t.state FROM emergencies t "
        "WHERE t.office_id = :office AND t.year = :year ORDER BY t.happened_at, t.id",
    ),
    "patrol_findings": Register(
        "巡视发现的问题",
        (
            *(Field("时间", "36mm"), Field("类别", "2fr", _words({kind: kind.label for kind in FindingKind}))),
            *(Field("问题", "4fr"), Field("要求", "3fr")),
            *(Field("状态", "24mm", _words({state: state.label for state in FindingState})), Field("巡视人")),
        ),
        "SELECT t.found_at, t.kind, t.facts, t.ordered, t.state, t.found_by_name FROM patrol_findings t "
        "WHERE t.office_id = :office AND t.year = :year ORDER BY t.found_at, t.id",
    ),
    "responsible_persons": Register(
        "考务责任人",
        (
            Field("责任", "3fr", _words({rank: rank.label for rank in Rank})),
            _NAME,
            Field("职务", "3fr"),
            Field("起", "30mm"),
        ),
        "SELECT t.rank, t.name, t.post, t.from_day FROM responsible_persons t "
        "WHERE t.office_id = :office AND t.year = :year ORDER BY t.rank, t.from_day, t.id",
    ),
    "filings": Register(
        "向上级备案",
        (
            *(Field("事项", "3fr", _words(KIND_LABELS)), Field("版次", "14mm"), Field("报送", "36mm")),
            *(Field("状态", "28mm", _words(FILING_STATES)), Field("备案号", "3fr"), Field("意见", "4fr")),
        ),
        "SELECT t.kind, t.version, t.filed_at, t.state, t.receipt_number, t.remark FROM filings t "
        "WHERE t.office_id = :office AND t.year = :year ORDER BY t.filed_at, t.id",
    ),
}


def pages_of(
    session: SystemSession, register: Register, year: int, *, office: str, trades: Mapping[str, str]
) -> Iterator[tuple[int, bytes]]:
    """The register as PDFs of ``ROWS`` lines, each with the number of its lines; one of none where nothing was."""
    found = session.execute(
        text(register.statement), {"office": session.office_id, "year": year}, execution_options={"yield_per": ROWS}
    )
    first, widths = 1, ("10mm", *(field.width for field in register.fields))
    heads = ("序号", *(field.head for field in register.fields))
    for part in _or_none(found.partitions()):
        rows = [
            [str(number), *(field.shown(value, trades) for field, value in zip(register.fields, row, strict=True))]
            for number, row in enumerate(part, first)
        ]
        first += len(rows)
        told = {"title": f"{year}年度{register.title}", "footer": office, "digest": "", "code": ""}
        yield len(rows), pdf("register", told | {"columns": heads, "widths": widths, "rows": rows})


def _or_none(parts: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """The parts; an empty one where there is none."""
    first = next(parts, ())
    yield first
    yield from parts
