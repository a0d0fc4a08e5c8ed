"""The papers of a panel that has ended, to be signed: the summary of scores (评审汇总表) and the minutes (会议纪要)."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
from core.db.session import OfficeSession
from core.errors import Conflict
from core.printing.pdf import PrintedPaper, pdf
from core.results.evaluation.queries import criteria_of, members
from core.results.evaluation.ranking import ranking_now, rankings
from core.results.evaluation.ranking_rules import RankLine, line_of
from core.results.evaluation.scoring_rules import total
from core.results.models.evaluation import (
    EvaluationPanel,
    EvaluationScore,
    EvaluationSheet,
    PanelCandidate,
    PanelIdentity,
    PanelMember,
)
from core.seasons.queries import trades_of
from core.tenancy.models import Office
from core.tenancy.offices import Offices
from core.text import dates

STANDINGS: Final = {
    "proposed": "排名待确认",
    "confirmed": "排名已确认",
    "returned": "排名已退回",
    "withdrawn": "排名已撤回",
}
_SUMMARY: Final = ("名次", "编号", "姓名", "单位", "工种", "各评委评分", "评审得分", "离散", "理论总分", "结论")
_SIGNED: Final = ("评委", "聘请", "评分表", "回避、退出", "签名")


def summary_pdf(session: OfficeSession, found: EvaluationPanel, *, offices: Offices) -> PrintedPaper:
    """The summary: every number with the sheets of all members, by trade and rank, against the quota."""
    _check_closed(found)
    lines, standing = _lines(session, found, offices)
    people, given, trades = _people(session, found), _given(session, found), dict(trades_of(session, found.year))
    rows = [
        [
            str(line.rank),
            f"{line.number}号",
            *people[line.number],
            trades.get(line.trade, line.trade),
            "、".join(str(points) for points in given[line.number]),
            line.score,
            f"±{line.spread}",
            line.theory,
            conclusion(line),
        ]
        for line in lines
    ]
    places = sorted({(trades.get(line.trade, line.trade), line.places) for line in lines}, key=str)
    said = "；".join(f"{trade}{'没有名额限制' if limit is None else f'名额{limit}人'}" for trade, limit in places)
    title = f"{found.year}年度一级综合评审汇总表"
    return _paper(
        session,
        found,
        title,
        facts=[("评审组", found.name), ("合格分", str(found.pass_mark)), ("名额", said), ("状态", standing)],
        columns=_SUMMARY,
        widths=(0, 0, 1, 2, 1, 2, 0, 0, 0, 2),
        rows=rows,
        closing=f"共{len(rows)}人。得分为各评委加权总分的平均数，离散为标准差；得分相同的，理论总分高的在前。",
        signed="全体评委签名：\n\n\n\n组长签名：",
        landscape=True,
    )


def minutes_pdf(session: OfficeSession, found: EvaluationPanel) -> PrintedPaper:
    """The minutes: who sat, who stepped back or left and why, what was scored, and the words of the meeting."""
    _check_closed(found)
    sheets = _sheets_of(session, found)
    rows = [
        [
            f"{member.name}{'（组长）' if member.chairs else ''}",
            f"{'抽取' if member.drawn else '指定'}{'（替补）' if member.substitute else ''}",
            f"提交{sheets[member.account_id, 'submitted']}张",
            _apart(member, sheets[member.account_id, "excused"]),
            "",
        ]
        for member in members(session, found.id)
    ]
    assert found.closed_at is not None  # noqa: S101 - a closed panel has its moment
    return _paper(
        session,
        found,
        f"{found.year}年度一级综合评审会议纪要",
        facts=[
            ("评审组", found.name),
            ("开始评审", "" if found.opened_at is None else dates.minute(found.opened_at)),
            ("结束评审", dates.minute(found.closed_at)),
            ("考生", f"{_count(session, found)}人，按抽取的编号评审"),
            ("会议记录", found.minutes),
        ],
        columns=_SIGNED,
        widths=(2, 1, 1, 3, 2),
        rows=rows,
        closing="以上评委独立评分，会议记录经全体评委核对无误。",
        signed="记录人：\n\n\n\n组长签名：",
        landscape=False,
    )


def conclusion(line: RankLine) -> str:
    """What the ranking means for a number."""
    if not line.reaches:
        return "未达到合格分"
    if line.tied:
        return "末位名额并列，不进入"
    return "进入" if line.within else "名额之外"


def _lines(session: OfficeSession, found: EvaluationPanel, offices: Offices) -> tuple[Sequence[RankLine], str]:
    """The ranking that was proposed last, or the present one where none was."""
    made = rankings(session, found.id)
    if made and made[0].state in {"proposed", "confirmed"}:
        return [line_of(row) for row in made[0].rows], STANDINGS[made[0].state]
    return ranking_now(session, found, offices), "排名尚未提出"


def _people(session: OfficeSession, found: EvaluationPanel) -> dict[int, tuple[str, str]]:
    wanted = (
        select(PanelCandidate.number, Application.person_name, Application.unit_name)
        .join(PanelIdentity, PanelIdentity.candidate_id == PanelCandidate.id)
        .join(Application, Application.id == PanelIdentity.application_id)
        .where(PanelCandidate.panel_id == found.id)
    )
    return {row.number: (row.person_name, row.unit_name) for row in session.execute(wanted)}


def _given(session: OfficeSession, found: EvaluationPanel) -> dict[int, list[Decimal]]:
    """The totals of the sheets that count, by number, in the order of the members' names."""
    wanted = (
        select(PanelCandidate.number, EvaluationSheet.id, EvaluationScore.criterion, EvaluationScore.score)
        .join(EvaluationSheet, EvaluationSheet.candidate_id == PanelCandidate.id)
        .join(EvaluationScore, EvaluationScore.sheet_id == EvaluationSheet.id)
        .join(
            PanelMember,
            (PanelMember.panel_id == EvaluationSheet.panel_id) & (PanelMember.account_id == EvaluationSheet.account_id),
        )
        .where(PanelCandidate.panel_id == found.id, EvaluationSheet.state == "submitted")
        .order_by(PanelMember.name, EvaluationSheet.id)
    )
    sheets: defaultdict[tuple[int, UUID], dict[str, Decimal]] = defaultdict(dict)
    for row in session.execute(wanted):
        sheets[row.number, row.id][row.criterion] = row.score
    criteria = criteria_of(found)
    given: defaultdict[int, list[Decimal]] = defaultdict(list)
    for (number, _sheet), scores in sheets.items():
        given[number].append(total(scores, criteria))
    return given


def _sheets_of(session: OfficeSession, found: EvaluationPanel) -> defaultdict[tuple[UUID, str], int]:
    counts: defaultdict[tuple[UUID, str], int] = defaultdict(int)
    wanted = select(EvaluationSheet.account_id, EvaluationSheet.state)
    for account_id, state in session.execute(wanted.where(EvaluationSheet.panel_id == found.id)):
        counts[account_id, state] += 1
    return counts


def _apart(member: PanelMember, excused: int) -> str:
    said = [f"回避{excused}名考生"] if excused else []
    if member.left_at is not None:
        said.append(f"{dates.minute(member.left_at)}退出：{member.left_reason}")
    return "；".join(said) or "无"


def _count(session: OfficeSession, found: EvaluationPanel) -> int:
    return len(session.scalars(select(PanelCandidate.id).where(PanelCandidate.panel_id == found.id)).all())


def _check_closed(found: EvaluationPanel) -> None:
    if found.state != "closed":
        raise Conflict("panel_not_closed", "评审组尚未结束评分或已解散，没有汇总表和会议纪要。请在结束评审后打印。")


def _paper(session: OfficeSession, found: EvaluationPanel, title: str, **data: Any) -> PrintedPaper:
    office = session.get_one(Office, found.office_id).name
    told = {
        "title": title,
        "heading": [office, title],
        "footer": f"{found.name}　{dates.minute(session.now)}打印",
        "digest": "",
        "code": "",
        "seal": f"{office}盖章",
        **data,
    }
    return PrintedPaper(pdf("onsite", told), f"{title}-{found.name}.pdf")
