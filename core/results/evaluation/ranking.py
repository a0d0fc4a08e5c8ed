"""The ranking of a panel against the quotas: proposed by an examiner, confirmed or returned by a supervisor.

Results of grade one are worked out from confirmed rankings alone, and no quota of a ranked trade changes under them.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.db.rows import own_row
from core.db.session import OfficeSession
from core.errors import Conflict, NotFound
from core.messages.service import Recipient, notify
from core.results.evaluation.queries import panel, published_behind, quotas
from core.results.evaluation.ranking_rules import Numbered, RankLine, ranked
from core.results.models.evaluation import EvaluationPanel, PanelCandidate, PanelIdentity, PanelRanking
from core.results.outcomes.service import theory_sums
from core.tenancy.offices import Offices
from core.text.form_texts import required_text


def rankings(session: OfficeSession, panel_id: UUID) -> Sequence[PanelRanking]:
    """Every ranking of a panel that was proposed, the latest first."""
    wanted = select(PanelRanking).where(PanelRanking.panel_id == panel_id)
    return session.scalars(wanted.order_by(PanelRanking.version.desc())).all()


def ranking_now(session: OfficeSession, found: EvaluationPanel, offices: Offices) -> tuple[RankLine, ...]:
    """The ranking that follows from the scores, the theory marks and the quotas as they are."""
    theory = theory_sums(session, year=found.year, offices=offices)
    wanted = (
        select(PanelCandidate, PanelIdentity.application_id)
        .join(PanelIdentity, PanelIdentity.candidate_id == PanelCandidate.id)
        .where(PanelCandidate.panel_id == found.id)
    )
    candidates = [
        Numbered(row.id, row.number, row.trade, row.score, row.spread, theory[application_id])
        for row, application_id in session.execute(wanted)
        if row.score is not None and row.spread is not None and application_id in theory
    ]
    places = {quota.trade: quota.places for quota in quotas(session, found.year)}
    return ranked(candidates, places, pass_mark=found.pass_mark)


def propose(session: OfficeSession, panel_id: UUID, *, offices: Offices) -> PanelRanking:
    """Put the ranking of a closed panel before a second officer. Raises Conflict where one waits or holds already."""
    found = panel(session, panel_id, lock=True)
    if found.state != "closed":
        raise Conflict("panel_not_closed", "评审组尚未结束评分或已解散，不能提出排名。请刷新页面。")
    before = rankings(session, panel_id)
    if any(ranking.state in {"proposed", "confirmed"} for ranking in before):
        raise Conflict("ranking_there", "本组的排名已经提出，或已确认。请刷新页面。")
    lines = ranking_now(session, found, offices)
    made = PanelRanking(
        panel_id=panel_id,
        office_id=found.office_id,
        version=len(before) + 1,
        rows=[line.row() for line in lines],
        digest=_digest(lines),
        proposed_at=session.now,
        proposed_by=session.actor.account_id,
        proposed_on_behalf=session.actor.on_behalf_of,
        proposed_by_name=session.actor.name,
    )
    session.add(made)
    session.flush()
    audit.record_on(session, made, "ranking.proposed", candidates=len(lines), digest=made.digest)
    return made


def confirm(session: OfficeSession, ranking_id: UUID, *, offices: Offices) -> PanelRanking:
    """Confirm a ranking that somebody else proposed. Raises Conflict where quotas or marks have changed since."""
    ranking = _waiting(session, ranking_id)
    found = panel(session, ranking.panel_id, lock=True)
    if _digest(ranking_now(session, found, offices)) != ranking.digest:
        raise Conflict("ranking_changed", "提出以后名额或成绩有变化，排名不再相符。请退回，由考评人员重新提出。")
    _decide(session, ranking, "confirmed")
    audit.record_on(session, ranking, "ranking.confirmed", digest=ranking.digest)
    notify(
        session,
        Recipient(office_id=found.office_id),
        event_key=f"ranking.confirmed:{found.id}:{ranking.version}",
        office_id=found.office_id,
        kind="ranking_confirmed",
        title="综合评审排名已确认",
        body=f"{found.name}的排名已由{session.actor.name}确认，可以认定一级考核结果。",
    )
    return ranking


def return_ranking(session: OfficeSession, ranking_id: UUID, *, reason: str) -> PanelRanking:
    """Return a ranking with a reason; another one is proposed."""
    reason = required_text(reason, "请写明退回的原因。")
    ranking = _waiting(session, ranking_id)
    _decide(session, ranking, "returned", remark=reason)
    audit.record_on(session, ranking, "ranking.returned", reason=reason)
    _tell_back(session, ranking, "退回", reason)
    return ranking


def withdraw(session: OfficeSession, ranking_id: UUID, *, reason: str) -> PanelRanking:
    """Take a confirmed ranking back with a reason, such as a changed quota, until results are published."""
    reason = required_text(reason, "请写明撤回的原因。")
    ranking = _own(session, ranking_id)
    if ranking.state != "confirmed":
        raise Conflict("ranking_not_confirmed", "该排名还没有确认。请刷新页面。")
    if published_behind(session, ranking.panel_id):
        raise Conflict("ranking_published", "依据该排名的结果已经公示或公布，不能撤回。确有错误的，请办理成绩更正。")
    ranking.state, ranking.remark = "withdrawn", reason
    ranking.withdrawn_at, ranking.withdrawn_by = session.now, session.actor.account_id
    session.flush()
    audit.record_on(session, ranking, "ranking.withdrawn", reason=reason)
    _tell_back(session, ranking, "撤回", reason)
    return ranking


def _own(session: OfficeSession, ranking_id: UUID) -> PanelRanking:
    refusal = NotFound("ranking_not_found", "没有找到这份排名。请返回评审组页面。")
    own_row(session, PanelRanking, ranking_id, refusal)
    # One that was returned or withdrawn cannot be locked: the policy of its changes does not show it.
    wanted = select(PanelRanking).where(PanelRanking.id == ranking_id).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise Conflict("ranking_over", "该排名已退回或撤回。请刷新页面。")
    return found


def _waiting(session: OfficeSession, ranking_id: UUID) -> PanelRanking:
    ranking = _own(session, ranking_id)
    if ranking.state != "proposed":
        raise Conflict("ranking_decided", "该排名已由其他人确认。请刷新页面。")
    return ranking


def _decide(session: OfficeSession, ranking: PanelRanking, state: str, *, remark: str = "") -> None:
    ranking.state, ranking.remark = state, remark
    ranking.decided_at, ranking.decided_by = session.now, session.actor.account_id
    ranking.decided_by_name = session.actor.name
    session.flush()


def _tell_back(session: OfficeSession, ranking: PanelRanking, how: str, reason: str) -> None:
    name = session.scalar(select(EvaluationPanel.name).where(EvaluationPanel.id == ranking.panel_id))
    notify(
        session,
        Recipient(office_id=ranking.office_id),
        event_key=f"ranking.returned:{ranking.panel_id}:{ranking.version}:{ranking.state}",
        office_id=ranking.office_id,
        kind="ranking_returned",
        title=f"综合评审排名被{how}",
        body=f"{name}的排名被{how}：{reason}。请核对名额和成绩后重新提出。",
    )


def _digest(lines: Sequence[RankLine]) -> str:
    return audit.digest_of([line.row() for line in lines]).hex()
