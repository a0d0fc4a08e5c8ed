"""Pure: the procedure of sanction cases: states, steps, who takes them, and when. Read this first.

A county may only propose. The city, or the province, opens a hearing, and decides once the time to be heard is over or
the person has said in writing that they have nothing to add. A decision is carried out when it is final: after the time
for an appeal, or when the level above has upheld it. Both times run from the service (送达) of the paper that tells of
them. So no certificate, ban or qualification ever has to be restored. An error of the review that is found after the
results are out takes the same way; its one measure is the annulment.

Three people have a hand in a sanction: one proposes, another decides, a third carries it out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.clock import last_day
from core.errors import Conflict, Invalid
from core.text import dates
from core.text.form_texts import checked_text
from core.text.labels import Labelled


class CaseKind(Labelled):
    """The kind of a case: somebody's violation, or an error of the review that is nobody's misconduct (审查有误)."""

    VIOLATION = "violation", "违规案件"
    ERROR = "error", "审查有误"


class CaseState(Labelled):
    """The state of a case."""

    PROPOSED = "proposed", "待立案"
    HEARING = "hearing", "听取陈述申辩"
    DECIDED = "decided", "已作出处理决定"
    APPEALED = "appealed", "已提出申诉"
    FINAL = "final", "处理决定已生效"
    DROPPED = "dropped", "不予立案"
    CLEARED = "cleared", "不予处理"
    OVERTURNED = "overturned", "处理决定已撤销"


class CaseAction(Labelled):
    """An action in a case."""

    HEAR = "hear", "立案并告知当事人"
    DROP = "drop", "不予立案"
    SERVE = "serve", "送达"
    STATE = "state", "陈述申辩"
    FINISH = "finish", "声明陈述申辩完毕"
    CLEAR = "clear", "不予处理"
    DECIDE = "decide", "作出处理决定"
    APPEAL = "appeal", "申诉"
    CARRY_OUT = "carry_out", "执行处理决定"
    UPHOLD = "uphold", "维持处理决定"
    OVERTURN = "overturn", "撤销处理决定"
    HAND_UP = "hand_up", "请省中心办理"


class CaseBy(StrEnum):
    """The party that takes a step: the person, the level that decides (city or province), or the level above it."""

    PERSON = "person"
    DECIDER = "decider"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class CaseStep:
    """A line of the table: an action with its source and target state and its party."""

    action: CaseAction
    source: CaseState
    target: CaseState
    by: CaseBy


CASE_STEPS: tuple[CaseStep, ...] = (
    CaseStep(CaseAction.HEAR, CaseState.PROPOSED, CaseState.HEARING, CaseBy.DECIDER),
    CaseStep(CaseAction.DROP, CaseState.PROPOSED, CaseState.DROPPED, CaseBy.DECIDER),
    CaseStep(CaseAction.SERVE, CaseState.HEARING, CaseState.HEARING, CaseBy.DECIDER),
    CaseStep(CaseAction.SERVE, CaseState.HEARING, CaseState.HEARING, CaseBy.PERSON),
    CaseStep(CaseAction.STATE, CaseState.HEARING, CaseState.HEARING, CaseBy.PERSON),
    CaseStep(CaseAction.FINISH, CaseState.HEARING, CaseState.HEARING, CaseBy.PERSON),
    CaseStep(CaseAction.HAND_UP, CaseState.HEARING, CaseState.HEARING, CaseBy.DECIDER),
    CaseStep(CaseAction.CLEAR, CaseState.HEARING, CaseState.CLEARED, CaseBy.DECIDER),
    CaseStep(CaseAction.CLEAR, CaseState.DECIDED, CaseState.CLEARED, CaseBy.ABOVE),
    CaseStep(CaseAction.DECIDE, CaseState.HEARING, CaseState.DECIDED, CaseBy.DECIDER),
    CaseStep(CaseAction.SERVE, CaseState.DECIDED, CaseState.DECIDED, CaseBy.DECIDER),
    CaseStep(CaseAction.SERVE, CaseState.DECIDED, CaseState.DECIDED, CaseBy.PERSON),
    CaseStep(CaseAction.APPEAL, CaseState.DECIDED, CaseState.APPEALED, CaseBy.PERSON),
    CaseStep(CaseAction.CARRY_OUT, CaseState.DECIDED, CaseState.FINAL, CaseBy.DECIDER),
    CaseStep(CaseAction.CARRY_OUT, CaseState.DECIDED, CaseState.FINAL, CaseBy.ABOVE),
    CaseStep(CaseAction.HAND_UP, CaseState.DECIDED, CaseState.DECIDED, CaseBy.DECIDER),
    CaseStep(CaseAction.UPHOLD, CaseState.APPEALED, CaseState.FINAL, CaseBy.ABOVE),
    CaseStep(CaseAction.OVERTURN, CaseState.APPEALED, CaseState.OVERTURNED, CaseBy.ABOVE),
)
"""The whole procedure; PostgreSQL has the same lines (a test compares them).

A decision is cleared before it is carried out in one case alone: where the person has another live application, so that
this one cannot be disqualified any more. A city without a second or third person hands the case up: the center may
always decide what is undecided, and carry out what a city has decided.
"""

OPEN: frozenset[CaseState] = frozenset({CaseState.PROPOSED, CaseState.HEARING, CaseState.DECIDED, CaseState.APPEALED})
"""A case in these states is undecided: until its end, no certificate is issued and no second case opened."""

CASE_STATE_LABELS: Mapping[CaseState, str] = {state: state.label for state in CaseState}
CASE_ACTION_LABELS: Mapping[CaseAction, str] = {action: action.label for action in CaseAction}
CASE_KIND_LABELS: Mapping[CaseKind, str] = {kind: kind.label for kind in CaseKind}


@dataclass(frozen=True, slots=True)
class CaseClock:
    """The conditions of the next step besides the state.

    The deadlines, which are None until the paper has been served; and whether the person has spoken, or has said in
    writing that they have finished, or have nothing to say.
    """

    hearing_until: datetime | None = None
    appeal_until: datetime | None = None
    has_spoken: bool = False
    has_finished: bool = False


def next_state(action: CaseAction, state: CaseState, clock: CaseClock, *, now: datetime) -> CaseState:
    """The state after ``action`` at ``now``; Conflict where the action does not apply, is too early or too late."""
    step = next((step for step in CASE_STEPS if step.action is action and step.source is state), None)
    if step is None:
        raise Conflict(
            "sanction_wrong_state",
            f"案件目前为“{CASE_STATE_LABELS[state]}”，不能“{CASE_ACTION_LABELS[action]}”。请刷新页面查看最新进展。",
        )
    if state is CaseState.HEARING:
        _check_hearing(action, clock, now)
    else:
        _check_appeal(action, clock, now)
    return step.target


def steps_open(state: CaseState, capacities: Collection[CaseBy]) -> tuple[CaseAction, ...]:
    """The actions open to these capacities in ``state``, in the table's order."""
    return tuple(dict.fromkeys(step.action for step in CASE_STEPS if step.source is state and step.by in capacities))


def check_words(action: CaseAction, words: str) -> str:
    """The words of a step, trimmed and not too long: every step but the carrying out needs some, for people to read."""
    trimmed = checked_text(words, field="words")
    if not trimmed and action is not CaseAction.CARRY_OUT:
        raise Invalid(
            "sanction_words_missing",
            f"“{CASE_ACTION_LABELS[action]}”须写明内容和理由。请填写后重新提交。",
            fields={"words": "请填写内容和理由"},
        )
    return trimmed


def _check_hearing(action: CaseAction, clock: CaseClock, now: datetime) -> None:
    until = clock.hearing_until
    if action is CaseAction.SERVE:
        _check_unserved(until)
    decides = action in {CaseAction.DECIDE, CaseAction.CLEAR}
    if decides and until is None:
        raise Conflict("notice_unserved", "告知书尚未送达，陈述申辩期限自送达之日起计算。请先送达并登记。")
    if until is None:
        return
    day = f"{dates.short_day(last_day(until))}24时"
    if action in {CaseAction.STATE, CaseAction.FINISH} and now >= until:
        raise Conflict("hearing_over", f"陈述申辩期限已于{day}届满，不能再提交。")
    heard = clock.has_finished or now >= until
    if action is CaseAction.DECIDE and not heard:
        raise Conflict(
            "hearing_open",
            f"陈述申辩期限至{day}，期限内不作处理决定。请待期限届满，或当事人书面声明陈述完毕、放弃陈述后再作决定。",
        )
    if action is CaseAction.CLEAR and not (heard or clock.has_spoken):
        raise Conflict("hearing_open", f"当事人尚未陈述申辩，期限至{day}。请在当事人陈述或期限届满后再作决定。")


def _check_appeal(action: CaseAction, clock: CaseClock, now: datetime) -> None:
    until = clock.appeal_until
    if action is CaseAction.SERVE:
        _check_unserved(until)
    if until is None:
        if action is CaseAction.CARRY_OUT:
            raise Conflict("decision_unserved", "处理决定书尚未送达，申诉期限自送达之日起计算。请先送达并登记。")
        return
    day = f"{dates.short_day(last_day(until))}24时"
    if action is CaseAction.APPEAL and now >= until:
        raise Conflict("appeal_over", f"申诉期限已于{day}届满，不能再提出申诉。")
    if action is CaseAction.CARRY_OUT and now < until:
        raise Conflict("appeal_open", f"申诉期限至{day}，届满前不执行处理决定。")


def _check_unserved(until: datetime | None) -> None:
    if until is not None:
        raise Conflict("paper_served", "这份文书已经送达并登记，不能重复登记。请刷新页面查看期限。")
