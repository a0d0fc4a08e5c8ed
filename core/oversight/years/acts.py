"""Acts of the province upon a year's life: opening it, bringing it to its end, and closing it for good.

Nobody's year ends because the next one begins: it ends by an act, of which every office is told, and which says what is
unfinished where (``docs/decisions/0049-a-year-has-a-life.md``). Two officers of the center close a year.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.refusals import in_words
from core.db.session import ProvinceSession
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.oversight.years.unfinished import Left, by_office, grown, kept, unfinished
from core.seasons.models import SeasonAct
from core.seasons.phases import FOLLOWS, Phase, begins
from core.seasons.queries import season, standing
from core.text import dates
from core.text.form_texts import required_text


def acts_of(session: ProvinceSession, year: int) -> Sequence[SeasonAct]:
    """Every act upon a year, the latest first."""
    return session.scalars(
        select(SeasonAct).where(SeasonAct.year == year).order_by(SeasonAct.made_at.desc(), SeasonAct.id.desc())
    ).all()


def pending(session: ProvinceSession, year: int) -> SeasonAct | None:
    """The act that has not begun: for a later day, or waiting for the second officer; None where there is none."""
    return next((act for act in acts_of(session, year) if is_pending(act, session.now)), None)


def is_pending(act: SeasonAct, now: datetime) -> bool:
    """Whether an act has not begun, and may still do so."""
    if act.cancelled_at is not None:
        return False
    moment = begins(act)
    return moment is None or moment > now


def enter_phase(
    session: ProvinceSession, year: int, phase: Phase, *, effective: datetime | None, reason: str
) -> SeasonAct:
    """Let a year enter a phase from ``effective`` on, None for now; closing waits for the second officer.

    What is unfinished is kept with the act, and each office that has something is told. Conflict where the phase does
    not follow from the present one, or another act has not begun; Invalid without a reason or for a moment that is
    past.
    """
    season(session, year)
    one_at_a_time(session, f"season-act:{year}")
    present = standing(session, year).phase
    if pending(session, year) is not None:
        raise Conflict("season_act_pending", f"{year}年度还有一项未生效的决定。请先办理或撤回该项，再作新的决定。")
    if phase not in FOLLOWS[present]:
        raise Conflict(
            "season_phase_order", f"{year}年度现为“{present.label}”，不能转为“{phase.label}”。请刷新页面查看。"
        )
    moment = session.now if effective is None else effective
    if moment < session.now:
        raise Invalid("season_act_past", "生效日期不能早于今天。请改正；立即生效的不必填写日期。", at="effective")
    left = unfinished(session, year)
    act = SeasonAct(
        id=new_id(),
        year=year,
        phase=phase.value,
        effective=moment,
        reason=required_text(reason, "请写明理由或文件依据。"),
        unfinished=kept(left),
        made_at=session.now,
        made_by=session.actor.account_id,
        made_by_name=session.actor.name,
    )
    session.add(act)
    with in_words():
        session.flush()
    _record(session, "season.close_proposed" if phase is Phase.CLOSED else "season.phase_set", act)
    if phase is Phase.CLOSING:
        _tell_offices(session, act, left, how="进入收尾", asked="请在年度结束前办结。")
    return act


def confirm_close(session: ProvinceSession, act_id: UUID) -> SeasonAct:
    """Confirm, as the second officer, that a year is closed: from now on, or from the act's later day.

    Forbidden for the officer who proposed it. Conflict where it is settled, or more is unfinished than the proposal
    says.
    """
    act = _pending(session, act_id)
    if Phase(act.phase) is not Phase.CLOSED or act.confirmed_at is not None:
        raise Conflict("season_act_settled", "这项决定不需要核准，或已经核准。请刷新页面查看。")
    if act.made_by == session.actor.account_id:
        raise Forbidden("season_act_own", "提出人不能核准自己提出的决定。请由省中心另一人核准。")
    left = unfinished(session, act.year)
    if more := grown(act.unfinished, left):
        raise Conflict(
            "season_more_unfinished", f"提出后未办结的事项又有增加（{more[0].kind.label}等）。请撤回后重新提出。"
        )
    act.confirmed_at, act.confirmed_by = session.now, session.actor.account_id
    act.confirmed_by_name = session.actor.name
    session.flush()
    _record(session, "season.closed", act)
    _tell_offices(session, act, left, how="结束", asked="结束后仍由贵机构按个案办结，不再受理新的事项。")
    return act


def cancel_act(session: ProvinceSession, act_id: UUID, *, reason: str) -> SeasonAct:
    """Take back an act that has not begun; the center and every office that was told are told why.

    Invalid without a reason; Conflict for an act that holds already.
    """
    act = _pending(session, act_id)
    act.cancel_reason = required_text(reason, "请写明撤回的理由。")
    act.cancelled_at, act.cancelled_by = session.now, session.actor.account_id
    act.cancelled_by_name = session.actor.name
    session.flush()
    _record(session, "season.act_cancelled", act)
    told = {session.office_id}
    if Phase(act.phase) is Phase.CLOSING or act.confirmed_at is not None:
        told |= {row["office"] for row in act.unfinished}
    for office_id in sorted(told):
        notify(
            session,
            Recipient(office_id=office_id),
            event_key=f"season_act.cancelled:{act.id}:{office_id}",
            office_id=office_id,
            kind="season_act_cancelled",
            title=f"{act.year}年度转为“{Phase(act.phase).label}”的决定已撤回",
            body=f"理由：{act.cancel_reason}",
        )
    return act


def _pending(session: ProvinceSession, act_id: UUID) -> SeasonAct:
    act = session.get(SeasonAct, act_id)
    if act is None:
        raise NotFound("season_act_unknown", "没有找到这项决定，请刷新页面查看。")
    one_at_a_time(session, f"season-act:{act.year}")
    session.refresh(act)
    if not is_pending(act, session.now):
        raise Conflict("season_act_settled", "这项决定已经生效或撤回，不能再办理。请刷新页面查看。")
    return act


def _tell_offices(session: ProvinceSession, act: SeasonAct, left: Sequence[Left], *, how: str, asked: str) -> None:
    title = f"{act.year}年度考核自{dates.day(begins(act) or act.effective)}起{how}"
    for office_id, matters in by_office(left).items():
        count = sum(matter.count for matter in matters)
        most = max(matters, key=lambda matter: matter.count)
        notify(
            session,
            Recipient(office_id=office_id),
            event_key=f"season_act:{act.id}:{act.phase}:{office_id}",
            office_id=office_id,
            kind="season_phase",
            title=title,
            body=f"贵机构还有{count}件事项未办结，其中{most.kind.label}{most.count}件。{asked}",
        )


def _record(session: ProvinceSession, event: str, act: SeasonAct) -> None:
    audit.record(
        session,
        event,
        office_id=session.office_id,
        subject_type="season_act",
        subject_id=act.id,
        payload={
            "year": act.year,
            "phase": act.phase,
            "effective": act.effective.isoformat(),
            "unfinished": sum(int(row["count"]) for row in act.unfinished),
        },
    )
