"""The comprehensive review of grade one (综合评审): forming a panel, opening it to its candidates, closing it.

Panels are formed for trades; a candidate who passed theory in such a trade comes before the panel under a drawn number.
Sources: 2024 notice §3(6) for its time; the strict limit on 一级 for the quota of a trade.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert as insert_or_update

from core.applications import relations
from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.session import OfficeSession, Role
from core.errors import Conflict, Invalid
from core.identity.models import Account, RoleGrant
from core.identity.roles import holds
from core.messages.service import Recipient, notify
from core.plugin_api import Grade
from core.results.evaluation.limits import limited
from core.results.evaluation.material import material_of
from core.results.evaluation.queries import (
    member,
    members,
    panel_forming,
    panel_scoring,
    panels,
    ranked_trades,
    totals_by_candidate,
)
from core.results.evaluation.scoring_rules import combined
from core.results.models.evaluation import (
    EvaluationPanel,
    EvaluationSheet,
    PanelCandidate,
    PanelDraw,
    PanelIdentity,
    PanelMember,
    TradeQuota,
)
from core.results.outcomes.service import theory_passed
from core.seasons.queries import check_not_ended, trades_open
from core.tenancy.offices import Offices
from core.text.form_texts import required_text

_NAMED_AT_MOST: Final = 5
_DRAW: Final = text("SELECT draw_numbers(:panel, :materials)").bindparams(bindparam("materials", type_=JSONB))
_MAY_JUDGE: Final = text("SELECT candidate_id, account_id FROM may_judge(:panel, :accounts)")


def set_quota(session: OfficeSession, *, year: int, trade: str, places: int, source: str) -> None:
    """Set how many candidates of a trade may pass the review, by which official paper; the former quota is replaced."""
    check_not_ended(session, year)
    source = required_text(source, "请写明名额的依据（文号）。", field="source")
    if places < 0:
        raise Invalid("places_negative", "名额不能少于0。请改正。", fields={"places": "名额不能少于0。"})
    _check_trades(session, year, [trade])
    if trade in ranked_trades(session, year):
        raise Conflict("quota_ranked", "该工种的排名已经确认，不能再改名额。请先由监管人员撤回排名，写明原因。")
    values = {"places": places, "source": source, "set_at": session.now, "set_by": session.actor.account_id}
    made = insert_or_update(TradeQuota).values(office_id=session.office_id, year=year, trade=trade, **values)
    session.execute(made.on_conflict_do_update(index_elements=["office_id", "year", "trade"], set_=values))
    subject = audit.RecordSubject(session.office_id, "office", session.office_id)
    audit.record_on(session, subject, "quota.set", year=year, trade=trade, places=places, source=source)


def form_panel(
    session: OfficeSession, *, year: int, name: str, trades: Sequence[str], offices: Offices
) -> EvaluationPanel:
    """Form a panel for some trades, with the criteria and the pass mark that hold for the office now.

    The seed of its draws is made and kept secret; its digest is published, so that nobody chooses it later. A panel
    that was dissolved leaves its name and trades. Raises Invalid without a name or trades, Conflict where a trade has
    its panel already.
    """
    before = panels(session, year)
    taken = [panel for panel in before if panel.state != "dissolved"]
    # What a dissolved panel left open is brought to its end, as everything that was begun.
    if not trades or set(trades) - {trade for panel in before if panel.state == "dissolved" for trade in panel.trades}:
        check_not_ended(session, year)
    name = required_text(name, "请填写评审组名称。", field="name")
    _check_trades(session, year, trades)
    if any(panel.name == name for panel in taken):
        raise Conflict("panel_exists", f"已有名为“{name}”的评审组。请换一个名称。")
    if any(set(panel.trades) & set(trades) for panel in taken):
        raise Conflict("trade_has_panel", "所选工种已有评审组。每个工种由一个评审组评审，请改选。")
    rules = offices.config(session.office_id).results.evaluation
    seed = secrets.token_hex(16)
    panel = EvaluationPanel(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        name=name,
        trades=sorted(set(trades)),
        criteria=[criterion.model_dump() for criterion in rules.criteria],
        pass_mark=Decimal(rules.pass_mark),
        anonymous=rules.anonymous,
        commitment=hashlib.sha256(seed.encode()).hexdigest(),
        made_at=session.now,
        made_by=session.actor.account_id,
    )
    session.add(panel)
    session.flush()
    session.execute(insert(PanelDraw).values(panel_id=panel.id, office_id=panel.office_id, seed=seed))
    audit.record_on(session, panel, "panel.formed", trades=panel.trades, commitment=panel.commitment)
    return panel


def add_member(
    session: OfficeSession,
    panel_id: UUID,
    account_id: UUID,
    *,
    offices: Offices,
    unit_id: UUID | None = None,
    chairs: bool = False,
) -> PanelMember:
    """Add an examiner of the office to the panel. ``unit_id`` is the member's own unit, whose people they avoid.

    Raises Conflict for a member of too many panels or years in a row (``limited``).
    """
    panel = panel_forming(session, panel_id)
    account = session.get(Account, account_id)
    examines = (RoleGrant.account_id == account_id) & (RoleGrant.office_id == session.office_id)
    held = select(RoleGrant.id).join(Account, Account.id == RoleGrant.account_id).limit(1)
    role = held.where(examines, RoleGrant.role == Role.EXAMINER, holds(session.now))
    if account is None or session.scalar(role) is None:
        raise Invalid("not_an_examiner", "该账号不是本机构的考评人员。请先由监管人员授予考评角色。", at="account_id")
    if session.get(PanelMember, (panel_id, account_id)) is not None:
        raise Conflict("member_there", "该评委已在评审组中。")
    rules = offices.config(session.office_id).results.evaluation
    if why := limited(session, [account_id], panel.year, rules).get(account_id):
        raise Conflict("member_limit", f"{account.name}{why}，不能再聘。请改聘他人。")
    if unit_id is not None:
        relations.declare_unit(session, account, unit_id)
    return join(session, panel, account, unit_id=unit_id, chairs=chairs)


def join(
    session: OfficeSession,
    panel: EvaluationPanel,
    account: Account,
    *,
    unit_id: UUID | None = None,
    chairs: bool = False,
    drawn: bool = False,
) -> PanelMember:
    """Make an account a member, a substitute where the panel scores already."""
    joined = PanelMember(
        panel_id=panel.id,
        account_id=account.id,
        office_id=panel.office_id,
        name=account.name,
        person_id=account.person_id,
        unit_id=unit_id,
        chairs=chairs,
        drawn=drawn,
        substitute=panel.state == "scoring",
    )
    session.add(joined)
    session.flush()
    unit = unit_id and str(unit_id)
    audit.record_on(session, panel, "panel.member_added", account=str(account.id), unit=unit, drawn=drawn)
    return joined


def remove_member(session: OfficeSession, panel_id: UUID, account_id: UUID) -> None:
    """Remove a member from a panel that has not begun to score."""
    panel = panel_forming(session, panel_id)
    member(session, panel_id, account_id)
    session.execute(delete(PanelMember).where(PanelMember.panel_id == panel_id, PanelMember.account_id == account_id))
    session.expire_all()
    audit.record_on(session, panel, "panel.member_removed", account=str(account_id))


def name_chair(session: OfficeSession, panel_id: UUID, account_id: UUID) -> None:
    """Let another member chair the panel, before or while it scores."""
    panel = panel_forming(session, panel_id) if _forms(session, panel_id) else panel_scoring(session, panel_id)
    chosen = member(session, panel.id, account_id)
    for other in members(session, panel.id, sitting=True):
        other.chairs = other is chosen
    session.flush()
    audit.record_on(session, panel, "panel.chair_named", account=str(account_id))


def open_panel(session: OfficeSession, panel_id: UUID, *, offices: Offices) -> EvaluationPanel:
    """Put the candidates who passed theory in its trades before the panel, draw their numbers and hand out the sheets.

    No member gets a sheet on themselves or on a person of their own unit. Raises Conflict where no candidate passed,
    where the panel has no chair, or where too few members are left for a candidate.
    """
    panel = panel_forming(session, panel_id)
    seated = members(session, panel.id, sitting=True)
    check_chair(seated)
    _draw(session, panel, offices)
    pairs = judging(session, panel, [member.account_id for member in seated])
    fewest = offices.config(session.office_id).results.evaluation.members
    _check_enough(session, panel, pairs, fewest)
    hand_out(session, panel, pairs)
    order = session.scalars(
        select(PanelIdentity.application_id)
        .join(PanelCandidate, PanelCandidate.id == PanelIdentity.candidate_id)
        .where(PanelIdentity.panel_id == panel.id)
        .order_by(PanelCandidate.number)
    ).all()
    panel.state, panel.opened_at = "scoring", session.now
    session.flush()
    digest = audit.digest_of([str(application_id) for application_id in order]).hex()
    audit.record_on(session, panel, "panel.opened", commitment=panel.commitment, candidates=len(order), digest=digest)
    names = "、".join(member.name for member in seated)
    body = f"{panel.name}已开始评分，请{names}在“我的评分表”中独立评分并提交。"
    call(session, panel, f"panel.opened:{panel.id}", title="综合评审开始评分", body=body)
    return panel


def close_panel(session: OfficeSession, panel_id: UUID, *, minutes: str, offices: Offices) -> EvaluationPanel:
    """Make the scores final, once every sheet is handed in or excused, with the minutes of the meeting.

    Raises Conflict while a sheet is open, where the panel lacks a chair, or where a candidate has fewer sheets than the
    office's rules ask for.
    """
    panel = panel_scoring(session, panel_id)
    minutes = required_text(minutes, "请填写评审会议记录。", field="minutes")
    open_sheets = (EvaluationSheet.panel_id == panel.id) & (EvaluationSheet.state == "open")
    left = session.scalar(select(func.count()).select_from(EvaluationSheet).where(open_sheets))
    if left:
        raise Conflict("sheets_open", f"还有{left}张评分表没有提交。请全部提交或办理回避后再结束。")
    check_chair(members(session, panel.id, sitting=True))
    totals = totals_by_candidate(session, panel)
    fewest = offices.config(session.office_id).results.evaluation.members
    short = sum(len(points) < fewest for points in totals.values())
    if short:
        raise Conflict(
            "sheets_too_few",
            f"有{short}名考生的评分表少于{fewest}张，结果不能成立。请抽取替补评委；没有可抽取的，先由监管人员增设考评人员，"
            "或解散后重新组建评审组。",
        )
    for candidate_id, points in totals.items():
        result = combined(points)
        scored = update(PanelCandidate).where(PanelCandidate.id == candidate_id)
        session.execute(scored.values(score=result.score, spread=result.spread))
    panel.state, panel.minutes, panel.closed_at = "closed", minutes, session.now
    panel.closed_by = session.actor.account_id
    session.flush()
    listed = sorted(
        (str(candidate_id), [str(total) for total in sorted(points)]) for candidate_id, points in totals.items()
    )
    digest = audit.digest_of([listed, minutes]).hex()
    audit.record_on(session, panel, "panel.closed", candidates=len(listed), digest=digest)
    return panel


def judging(session: OfficeSession, panel: EvaluationPanel, accounts: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """Which candidates which of these accounts may score, as (candidate, account): avoidance (回避) by PostgreSQL.

    The order says nothing of who the candidates are.
    """
    rows = session.execute(_MAY_JUDGE, {"panel": panel.id, "accounts": list(accounts)})
    return [(row.candidate_id, row.account_id) for row in rows]


def hand_out(session: OfficeSession, panel: EvaluationPanel, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Hand blank sheets out, in the order of the numbers."""
    session.flush()
    numbers = dict(
        session.execute(
            select(PanelCandidate.id, PanelCandidate.number).where(PanelCandidate.panel_id == panel.id)
        ).all()
    )
    blank = {"panel_id": panel.id, "office_id": panel.office_id, "state": "open", "remark": ""}
    session.execute(
        insert(EvaluationSheet),
        [
            {**blank, "id": new_id(), "candidate_id": candidate_id, "account_id": account_id}
            for candidate_id, account_id in sorted(pairs, key=lambda pair: numbers[pair[0]])
        ],
    )


def check_chair(seated: Sequence[PanelMember]) -> None:
    """Raise Conflict where not exactly one of the members chairs."""
    if sum(member.chairs for member in seated) != 1:
        raise Conflict("chair_missing", "评审组须有且只有一名组长。请先指定组长。")


def call(session: OfficeSession, panel: EvaluationPanel, event_key: str, *, title: str, body: str) -> None:
    """Call members to score: told to the office, where its examiners read it."""
    notify(
        session,
        Recipient(office_id=panel.office_id),
        event_key=event_key,
        office_id=panel.office_id,
        kind="panel_opened",
        title=title,
        body=body,
    )


def _draw(session: OfficeSession, panel: EvaluationPanel, offices: Offices) -> None:
    passed = theory_passed(session, year=panel.year, offices=offices)
    wanted = [application_id for application_id, trade in passed if trade in panel.trades]
    if not wanted:
        raise Conflict("nobody_passed", "本评审组的工种没有理论考试合格的一级考生，或成绩尚未导入复核。")
    rows = session.execute(select(Application.id, Application.form).where(Application.id.in_(wanted)))
    materials = {str(row.id): material_of(row.form) for row in rows}
    session.execute(_DRAW, {"panel": panel.id, "materials": materials})


def _check_enough(
    session: OfficeSession, panel: EvaluationPanel, pairs: Sequence[tuple[UUID, UUID]], fewest: int
) -> None:
    count = Counter(candidate_id for candidate_id, _ in pairs)
    behind = select(PanelIdentity.candidate_id, Application.reference).join(
        Application, Application.id == PanelIdentity.application_id
    )
    rows = session.execute(behind.where(PanelIdentity.panel_id == panel.id).order_by(Application.reference))
    short = [row.reference for row in rows if count[row.candidate_id] < fewest]
    if short:
        named = "、".join(short[:_NAMED_AT_MOST])
        raise Conflict(
            "members_too_few", f"回避本单位人员后，{named}等{len(short)}人的评委不足{fewest}名。请增聘其他单位的评委。"
        )


def _check_trades(session: OfficeSession, year: int, trades: Sequence[str]) -> None:
    known = {opened.trade for opened in trades_open(session, year, Grade.ONE)}
    if not trades or set(trades) - known:
        raise Invalid("trades_unknown", "请选择本年度开放一级的工种。", at="trades")


def _forms(session: OfficeSession, panel_id: UUID) -> bool:
    found = session.get(EvaluationPanel, panel_id)
    return found is not None and found.state == "forming"
