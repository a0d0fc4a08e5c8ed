"""The comprehensive review of grade one (综合评审): forming a panel, opening it to its candidates, closing it.

Panels are formed for trades; a candidate who passed theory in such a trade comes before the panel under a drawn number.
Sources: 2024 notice §3(6) for its time; the strict limit on 一级 for the quota of a trade.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_update

from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import OfficeSession, Role
from core.errors import Conflict, Invalid, NotFound
from core.identity.models import Account, RoleGrant
from core.identity.roles import holds
from core.messages.service import Recipient, notify
from core.plugin_api import Grade
from core.results.evaluation.scoring_rules import Criterion, Judge, Judged, combined, drawn, may_judge, total
from core.results.models.evaluation import (
    EvaluationPanel,
    EvaluationScore,
    EvaluationSheet,
    PanelCandidate,
    PanelMember,
    TradeQuota,
)
from core.results.outcomes.service import theory_passed
from core.seasons.queries import check_not_ended, trades_open
from core.tenancy.offices import Offices
from core.text.form_texts import required_text

_NAMED_AT_MOST: Final = 5


def set_quota(session: OfficeSession, *, year: int, trade: str, places: int, source: str) -> None:
    """Set how many candidates of a trade may pass the review, by which official paper; the former quota is replaced."""
    check_not_ended(session, year)
    source = required_text(source, "请写明名额的依据（文号）。", field="source")
    if places < 0:
        raise Invalid("places_negative", "名额不能少于0。请改正。", fields={"places": "名额不能少于0。"})
    _check_trades(session, year, [trade])
    values = {"places": places, "source": source, "set_at": session.now, "set_by": session.actor.account_id}
    made = insert_or_update(TradeQuota).values(office_id=session.office_id, year=year, trade=trade, **values)
    session.execute(made.on_conflict_do_update(index_elements=["office_id", "year", "trade"], set_=values))
    subject = audit.RecordSubject(session.office_id, "office", session.office_id)
    audit.record_on(session, subject, "quota.set", year=year, trade=trade, places=places, source=source)


def form_panel(
    session: OfficeSession, *, year: int, name: str, trades: Sequence[str], offices: Offices
) -> EvaluationPanel:
    """Form a panel for some trades, with the criteria and the pass mark that hold for the office now.

    Raises Invalid without a name or trades, Conflict where a trade has its panel already.
    """
    check_not_ended(session, year)
    name = required_text(name, "请填写评审组名称。", field="name")
    _check_trades(session, year, trades)
    taken = panels(session, year)
    if any(panel.name == name for panel in taken):
        raise Conflict("panel_exists", f"已有名为“{name}”的评审组。请换一个名称。")
    if any(set(panel.trades) & set(trades) for panel in taken):
        raise Conflict("trade_has_panel", "所选工种已有评审组。每个工种由一个评审组评审，请改选。")
    rules = offices.config(session.office_id).results.evaluation
    panel = EvaluationPanel(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        name=name,
        trades=sorted(set(trades)),
        criteria=[criterion.model_dump() for criterion in rules.criteria],
        pass_mark=Decimal(rules.pass_mark),
        anonymous=rules.anonymous,
        seed=secrets.token_hex(16),
        made_at=session.now,
        made_by=session.actor.account_id,
    )
    session.add(panel)
    session.flush()
    audit.record_on(session, panel, "panel.formed", trades=panel.trades)
    return panel


def add_member(
    session: OfficeSession, panel_id: UUID, account_id: UUID, *, unit_id: UUID | None = None, chairs: bool = False
) -> PanelMember:
    """Add an examiner of the office to the panel. ``unit_id`` is the member's own unit, whose people they avoid."""
    panel = _forming(session, panel_id)
    account = session.get(Account, account_id)
    examines = (RoleGrant.account_id == account_id) & (RoleGrant.office_id == session.office_id)
    held = select(RoleGrant.id).join(Account, Account.id == RoleGrant.account_id).limit(1)
    role = held.where(examines, RoleGrant.role == Role.EXAMINER, holds(session.now))
    if account is None or session.scalar(role) is None:
        raise Invalid("not_an_examiner", "该账号不是本机构的考评人员。请先由监管人员授予考评角色。", at="account_id")
    if session.get(PanelMember, (panel_id, account_id)) is not None:
        raise Conflict("member_there", "该评委已在评审组中。")
    member = PanelMember(
        panel_id=panel.id,
        account_id=account.id,
        office_id=panel.office_id,
        name=account.name,
        person_id=account.person_id,
        unit_id=unit_id,
        chairs=chairs,
    )
    session.add(member)
    session.flush()
    audit.record_on(session, panel, "panel.member_added", account=str(account_id), unit=unit_id and str(unit_id))
    return member


def remove_member(session: OfficeSession, panel_id: UUID, account_id: UUID) -> None:
    """Remove a member from a panel that has not begun to score."""
    panel = _forming(session, panel_id)
    gone = delete(PanelMember).where(PanelMember.panel_id == panel_id, PanelMember.account_id == account_id)
    if not session.execute(gone.returning(PanelMember.account_id)).all():
        raise NotFound("member_not_found", "评审组中没有这位评委。请刷新页面。")
    audit.record_on(session, panel, "panel.member_removed", account=str(account_id))


def open_panel(session: OfficeSession, panel_id: UUID, *, offices: Offices) -> EvaluationPanel:
    """Put the candidates who passed theory in its trades before the panel, draw their numbers and hand out the sheets.

    No member gets a sheet on themselves or on a person of their own unit. Raises Conflict where no candidate passed,
    where the panel has no chair, or where too few members are left for a candidate.
    """
    panel = _forming(session, panel_id)
    seated = members(session, panel.id)
    if sum(member.chairs for member in seated) != 1:
        raise Conflict("chair_missing", "评审组须有且只有一名组长。请调整后再开始。")
    candidates = _judged(session, panel, offices)
    judges = [Judge(member.account_id, member.person_id, member.unit_id) for member in seated]
    sheets = [(judge, candidate) for candidate in candidates for judge in judges if may_judge(judge, candidate)]
    fewest = offices.config(session.office_id).results.evaluation.members
    _check_enough(session, candidates, sheets, fewest)
    order = drawn([candidate.application_id for candidate in candidates], panel.seed)
    common = {"panel_id": panel.id, "office_id": panel.office_id}
    numbered = [
        {**common, "application_id": application_id, "number": number}
        for number, application_id in enumerate(order, start=1)
    ]
    session.execute(insert(PanelCandidate), numbered)
    blank = {**common, "state": "open", "remark": ""}
    session.execute(
        insert(EvaluationSheet),
        [
            {**blank, "id": new_id(), "application_id": candidate.application_id, "account_id": judge.account_id}
            for judge, candidate in sheets
        ],
    )
    panel.state, panel.opened_at = "scoring", session.now
    session.flush()
    digest = audit.digest_of([str(application_id) for application_id in order]).hex()
    audit.record_on(session, panel, "panel.opened", seed=panel.seed, candidates=len(order), digest=digest)
    _call(session, panel, seated)
    return panel


def close_panel(session: OfficeSession, panel_id: UUID, *, minutes: str, offices: Offices) -> EvaluationPanel:
    """Make the scores final, once every sheet is handed in or excused, with the minutes of the meeting.

    Raises Conflict while a sheet is open, or where a candidate has fewer sheets than the office's rules ask for.
    """
    panel = _panel(session, panel_id)
    minutes = required_text(minutes, "请填写评审会议记录。", field="minutes")
    if panel.state != "scoring":
        raise Conflict("panel_not_scoring", "评审组不在评审中，不能结束。请刷新页面。")
    open_sheets = (EvaluationSheet.panel_id == panel.id) & (EvaluationSheet.state == "open")
    left = session.scalar(select(func.count()).select_from(EvaluationSheet).where(open_sheets))
    if left:
        raise Conflict("sheets_open", f"还有{left}张评分表没有提交。请全部提交或办理回避后再结束。")
    totals = totals_by_candidate(session, panel)
    fewest = offices.config(session.office_id).results.evaluation.members
    if any(len(points) < fewest for points in totals.values()):
        raise Conflict("sheets_too_few", f"有考生的评分表少于{fewest}张，结果不能成立。请重新组建评审组。")
    for application_id, points in totals.items():
        result = combined(points)
        scored = update(PanelCandidate).where(PanelCandidate.application_id == application_id)
        session.execute(scored.values(score=result.score, spread=result.spread))
    panel.state, panel.minutes, panel.closed_at = "closed", minutes, session.now
    panel.closed_by = session.actor.account_id
    session.flush()
    listed = sorted(
        (str(application_id), [str(total) for total in sorted(points)]) for application_id, points in totals.items()
    )
    digest = audit.digest_of([listed, minutes]).hex()
    audit.record_on(session, panel, "panel.closed", candidates=len(listed), digest=digest)
    return panel


def panels(session: OfficeSession, year: int) -> Sequence[EvaluationPanel]:
    """The office's panels of a year, by name."""
    ours = (EvaluationPanel.office_id == session.office_id) & (EvaluationPanel.year == year)
    return session.scalars(select(EvaluationPanel).where(ours).order_by(EvaluationPanel.name)).all()


def panel(session: OfficeSession, panel_id: UUID, *, lock: bool = False) -> EvaluationPanel:
    """One of the office's panels, with ``lock`` until the transaction ends; NotFound for any other."""
    refusal = NotFound("panel_not_found", "没有找到这个评审组。请返回列表重新选择。")
    return own_row(session, EvaluationPanel, panel_id, refusal, locked=lock)


def members(session: OfficeSession, panel_id: UUID) -> Sequence[PanelMember]:
    """The members of a panel, the chair first."""
    wanted = select(PanelMember).where(PanelMember.panel_id == panel_id)
    return session.scalars(wanted.order_by(PanelMember.chairs.desc(), PanelMember.name)).all()


def quotas(session: OfficeSession, year: int) -> Sequence[TradeQuota]:
    """The quotas of a year, by trade."""
    ours = (TradeQuota.office_id == session.office_id) & (TradeQuota.year == year)
    return session.scalars(select(TradeQuota).where(ours).order_by(TradeQuota.trade)).all()


def criteria_of(panel: EvaluationPanel) -> tuple[Criterion, ...]:
    """The lines of the panel's sheet."""
    return tuple(
        Criterion(criterion["code"], criterion["name"], criterion["weight"], criterion["maximum"])
        for criterion in panel.criteria
    )


def totals_by_candidate(session: OfficeSession, panel: EvaluationPanel) -> dict[UUID, list[Decimal]]:
    """For every candidate, the totals of the sheets that were handed in and that the reader may see."""
    wanted = (
        select(
            EvaluationSheet.application_id, EvaluationScore.sheet_id, EvaluationScore.criterion, EvaluationScore.score
        )
        .join(EvaluationScore, EvaluationScore.sheet_id == EvaluationSheet.id)
        .where(EvaluationSheet.panel_id == panel.id, EvaluationSheet.state == "submitted")
    )
    sheets: defaultdict[tuple[UUID, UUID], dict[str, Decimal]] = defaultdict(dict)
    for row in session.execute(wanted):
        sheets[row.application_id, row.sheet_id][row.criterion] = row.score
    listed = select(PanelCandidate.application_id).where(PanelCandidate.panel_id == panel.id)
    found: dict[UUID, list[Decimal]] = {row: [] for row in session.scalars(listed)}
    criteria = criteria_of(panel)
    for (application_id, _sheet), scores in sheets.items():
        found[application_id].append(total(scores, criteria))
    return found


def _judged(session: OfficeSession, panel: EvaluationPanel, offices: Offices) -> list[Judged]:
    passed = theory_passed(session, year=panel.year, offices=offices)
    wanted = [application_id for application_id, trade in passed if trade in panel.trades]
    if not wanted:
        raise Conflict("nobody_passed", "本评审组的工种没有理论考试合格的一级考生，或成绩尚未导入复核。")
    rows = session.execute(
        select(Application.id, Application.person_id, Application.unit_id).where(Application.id.in_(wanted))
    )
    return [Judged(*row) for row in rows]


def _check_enough(
    session: OfficeSession, candidates: Sequence[Judged], sheets: Sequence[tuple[Judge, Judged]], fewest: int
) -> None:
    count: Mapping[UUID, int] = {
        candidate.application_id: sum(judged.application_id == candidate.application_id for _, judged in sheets)
        for candidate in candidates
    }
    short = [application_id for application_id, judges in count.items() if judges < fewest]
    if short:
        named = select(Application.reference).where(Application.id.in_(short[:_NAMED_AT_MOST]))
        text = "、".join(session.scalars(named))
        raise Conflict(
            "members_too_few", f"回避本单位人员后，{text}等{len(short)}人的评委不足{fewest}名。请增聘其他单位的评委。"
        )


def _check_trades(session: OfficeSession, year: int, trades: Sequence[str]) -> None:
    known = {opened.trade for opened in trades_open(session, year, Grade.ONE)}
    if not trades or set(trades) - known:
        raise Invalid("trades_unknown", "请选择本年度开放一级的工种。", at="trades")


def _panel(session: OfficeSession, panel_id: UUID) -> EvaluationPanel:
    return panel(session, panel_id, lock=True)


def _forming(session: OfficeSession, panel_id: UUID) -> EvaluationPanel:
    panel = _panel(session, panel_id)
    if panel.state != "forming":
        raise Conflict("panel_begun", "评审已经开始，不能再调整评审组。")
    return panel


def _call(session: OfficeSession, panel: EvaluationPanel, members: Sequence[PanelMember]) -> None:
    """Tell the office, where its examiners read it, that scoring has begun."""
    names = "、".join(member.name for member in members)
    notify(
        session,
        Recipient(office_id=panel.office_id),
        event_key=f"panel.opened:{panel.id}",
        office_id=panel.office_id,
        kind="panel_opened",
        title="综合评审开始评分",
        body=f"{panel.name}已开始评分，请{names}在“我的评分表”中独立评分并提交。",
    )
