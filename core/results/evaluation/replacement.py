"""Panels whose members cannot go on: somebody leaves, a substitute is drawn, or the panel is dissolved for a reason.

What was scored stays on the record. It counts no more where the member's scores were voided or the panel was
dissolved; the trades of a dissolved panel may be given to a new one, which draws by a seed of its own.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update

from core.audit import service as audit
from core.db.session import OfficeSession, Role
from core.errors import Conflict
from core.identity.models import Account, RoleGrant
from core.identity.roles import holds
from core.messages.service import Recipient, notify
from core.results.evaluation import queries
from core.results.evaluation.limits import limited
from core.results.evaluation.panels import call, hand_out, join, judging
from core.results.evaluation.queries import member, members, panel_scoring, published_behind, shortage
from core.results.models.evaluation import EvaluationPanel, EvaluationSheet, PanelMember, PanelRanking
from core.tenancy.offices import Offices
from core.text.form_texts import required_text

_DRAW: Final = text("SELECT draw_member(:panel, :pool)")


@dataclass(frozen=True, slots=True)
class Pool:
    """The examiners of the office who may be drawn for a panel, and how many may not, by reason."""

    entitled: tuple[UUID, ...]
    members: int
    avoiding: int
    limited: int

    @property
    def said(self) -> str:
        """Why nobody else may be drawn."""
        said = f"本机构考评人员中已在或曾在本组的{self.members}人，须回避或经办本组的{self.avoiding}人"
        return f"{said}，达到任职次数或年限的{self.limited}人"


def leave(session: OfficeSession, panel_id: UUID, account_id: UUID, *, reason: str, voids: bool) -> None:
    """Let a member of a panel that scores leave it for good, with a reason; their open sheets are void.

    ``voids``: the sheets that they handed in count no more either, such as after a relation that came to light late.
    A chair who leaves is succeeded by whoever is named (``name_chair``).
    """
    reason = required_text(reason, "请写明评委退出的原因。")
    found = panel_scoring(session, panel_id)
    gone = member(session, panel_id, account_id)
    chaired = gone.chairs
    gone.chairs, gone.left_at, gone.left_by = False, session.now, session.actor.account_id
    gone.left_reason = reason
    session.flush()
    lost = ("open", "submitted") if voids else ("open",)
    sheets = (EvaluationSheet.panel_id == panel_id) & (EvaluationSheet.account_id == account_id)
    count = _void(session, sheets & EvaluationSheet.state.in_(lost), reason)
    audit.record_on(
        session,
        found,
        "panel.member_left",
        account=str(account_id),
        reason=reason,
        chaired=chaired,
        voided=count,
        scores_count=not voids,
    )


def pool(
    session: OfficeSession, found: EvaluationPanel, *, offices: Offices, wanted: Collection[UUID] = frozenset()
) -> Pool:
    """Who may be drawn for a panel: examiners of the office who were never in it and avoid none of ``wanted``.

    Where nobody may score all of these candidates, those who may score most of them. Whoever runs an anonymous panel
    that scores has seen who stands behind its numbers, and is not drawn.
    """
    examines = (RoleGrant.office_id == session.office_id) & (RoleGrant.role == Role.EXAMINER)
    listed = select(Account.id).join(RoleGrant, RoleGrant.account_id == Account.id).distinct()
    examiners = session.scalars(listed.where(examines, holds(session.now)).order_by(Account.id)).all()
    been = {member.account_id for member in members(session, found.id)}
    persons = {member.person_id for member in members(session, found.id)} - {None}
    same = set(session.scalars(select(Account.id).where(Account.person_id.in_(persons))))
    others = [account_id for account_id in examiners if account_id not in been | same]
    rules = offices.config(session.office_id).results.evaluation
    over = limited(session, others, found.year, rules)
    informed: set[UUID | None] = set()
    if found.state == "scoring" and found.anonymous:
        informed = {session.actor.account_id, session.actor.on_behalf_of, found.made_by}
    free = [account_id for account_id in others if account_id not in over and account_id not in informed]
    fit = _fit(session, found, free, wanted)
    return Pool(tuple(fit), len(examiners) - len(others), len(others) - len(over) - len(fit), len(over))


def draw_member(session: OfficeSession, panel_id: UUID, *, offices: Offices) -> PanelMember:
    """Draw a member by lot from the examiners who are entitled, for a panel that is formed or that lacks members.

    A substitute gets sheets on every candidate who lacks one. Raises Conflict where no candidate lacks a member, and
    where the pool is exhausted, with what can be done.
    """
    found = queries.panel(session, panel_id, lock=True)
    if found.state not in {"forming", "scoring"}:
        raise Conflict("panel_over", "评审组已结束或已解散，不能再抽取评委。请刷新页面。")
    wanted = shortage(session, found, offices).wanted if found.state == "scoring" else frozenset()
    if found.state == "scoring" and not wanted:
        raise Conflict("nobody_short", "每名考生的评委都已足额，不需要替补。请刷新页面。")
    drawn_from = pool(session, found, offices=offices, wanted=wanted)
    chosen = session.scalar(_DRAW, {"panel": panel_id, "pool": list(drawn_from.entitled)})
    if chosen is None:
        raise Conflict(
            "pool_exhausted",
            f"没有可以抽取的考评人员：{drawn_from.said}。请由监管人员在“人员”中为其他单位的专家增设考评角色后再抽取；"
            "不能增设的，可以解散评审组后重新组建。",
        )
    joined = join(session, found, session.get_one(Account, chosen), drawn=True)
    audit.record_on(
        session,
        found,
        "panel.member_drawn",
        account=str(chosen),
        pool=len(drawn_from.entitled),
        digest=audit.digest_of([str(account_id) for account_id in drawn_from.entitled]).hex(),
    )
    if found.state == "scoring":
        pairs = [pair for pair in judging(session, found, [chosen]) if pair[0] in wanted]
        hand_out(session, found, pairs)
        body = f"{found.name}抽取{joined.name}为替补评委，请在“我的评分表”中独立评分并提交{len(pairs)}张评分表。"
        call(session, found, f"panel.substitute:{found.id}:{chosen}", title="综合评审抽取了替补评委", body=body)
    return joined


def dissolve(session: OfficeSession, panel_id: UUID, *, reason: str) -> None:
    """Dissolve a panel with a reason: all sheets become void, and its trades may be given to a new panel.

    Raises Conflict once results that rest on its scores are published.
    """
    reason = required_text(reason, "请写明解散的原因。")
    panel = queries.panel(session, panel_id, lock=True)
    if panel.state == "dissolved":
        raise Conflict("panel_dissolved", "该评审组已经解散。请刷新页面。")
    if panel.state == "closed" and published_behind(session, panel.id):
        raise Conflict("panel_published", "本组评审的结果已经公示或公布，不能解散。确有错误的，请办理成绩更正。")
    before = panel.state
    count = _void(
        session,
        (EvaluationSheet.panel_id == panel_id) & EvaluationSheet.state.in_(("open", "submitted")),
        f"评审组解散：{reason}",
    )
    waiting = update(PanelRanking).where(PanelRanking.panel_id == panel_id, PanelRanking.state == "proposed")
    decided = {"decided_at": session.now, "decided_by": session.actor.account_id, "decided_by_name": session.actor.name}
    session.execute(waiting.values(state="returned", remark=f"评审组解散：{reason}", **decided))
    panel.state, panel.dissolved_at, panel.dissolved_reason = "dissolved", session.now, reason
    panel.dissolved_by = session.actor.account_id
    session.flush()
    audit.record_on(session, panel, "panel.dissolved", reason=reason, before=before, voided=count)
    names = "、".join(member.name for member in members(session, panel_id, sitting=True))
    notify(
        session,
        Recipient(office_id=panel.office_id),
        event_key=f"panel.dissolved:{panel_id}",
        office_id=panel.office_id,
        kind="panel_dissolved",
        title="评审组已解散",
        body=f"{panel.name}（{names}）已解散：{reason}。已提交的评分留存备查，不再计入结果；请重新组建评审组。",
    )


def _fit(
    session: OfficeSession, found: EvaluationPanel, others: Sequence[UUID], wanted: Collection[UUID]
) -> list[UUID]:
    if not wanted:
        return list(others)
    covers = Counter(account_id for candidate, account_id in judging(session, found, others) if candidate in wanted)
    most = max(covers.values(), default=0)
    return [account_id for account_id in others if most and covers[account_id] == most]


def _void(session: OfficeSession, condition: object, reason: str) -> int:
    ended = update(EvaluationSheet).where(condition)  # type: ignore[arg-type]
    made = session.execute(
        ended.values(state="void", remark=reason, ended_at=session.now).returning(EvaluationSheet.id)
    )
    count = len(made.all())
    session.expire_all()
    return count
