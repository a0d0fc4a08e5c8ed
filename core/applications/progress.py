"""The progress of an application, for its applicant: whose turn it is, the coming steps, and the past ones.

Applicants see whose turn it is, never which desk; the names of states are those of the workflow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.domain.workflow import FINAL, STAGES, STATE_LABELS, Action, State
from core.plugin_api import ReviewStage
from core.text.filters import deadline, end, remaining


class Tone(StrEnum):
    """The mark beside a word: plain, waiting for somebody, done, or stopped."""

    PLAIN = "plain"
    WAITS = "waits"
    DONE = "done"
    STOPPED = "stopped"


TONES: Final = {
    **dict.fromkeys(State, Tone.WAITS),
    State.DRAFT: Tone.PLAIN,
    State.QUALIFIED: Tone.DONE,
    **dict.fromkeys((State.RETURNED, State.REJECTED, State.EXPIRED, State.DISQUALIFIED), Tone.STOPPED),
    State.WITHDRAWN: Tone.PLAIN,
}


@dataclass(frozen=True, slots=True)
class Parties:
    """The unit, department and office of a case, by name; ``department`` is empty for a unit that is its own."""

    unit: str
    department: str
    office: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is and what they do; ``mine`` where it is the applicant's own."""

    headline: str
    text: str
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the progress: done, now, next or stopped."""

    title: str
    text: str
    tone: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """One move, with the data that the progress shows."""

    action: Action
    to_state: State
    reason: str
    at: datetime


def turn(state: State, parties: Parties, *, papers_are_in: bool = False) -> Turn:
    """Whose turn it is; ``papers_are_in`` where every deferred paper was supplied. Source: 2024 notice §2(4)-(5)."""
    if state is State.PROVISIONAL and papers_are_in:
        return Turn(f"轮到{parties.office}审查补交的材料", "材料已经补交，您现在不用办理。作出结论后才能签发准考证。")
    department = parties.department or "主管部门"
    said = {
        State.DRAFT: Turn("等您填写并提交", "内容随填随存，提交以后才会开始审核。", mine=True),
        State.RETURNED: Turn("等您修改后重新提交", "只改下面列出的项目、补上列出的材料，都办好后重新提交。", mine=True),
        State.UNIT_REVIEW: Turn(f"轮到{parties.unit}审核", "单位对照政策规定和人事档案逐项审核，您现在不用办理。"),
        State.DEPARTMENT_REVIEW: Turn(f"轮到{department}审核", "主管部门逐项审核，您现在不用办理。"),
        State.QUALIFICATION_REVIEW: Turn(f"轮到{parties.office}审查", "工考管理机构审查资格，您现在不用办理。"),
        State.ONSITE_CONFIRMATION: Turn(
            f"等{parties.unit}到{parties.office}现场确认",
            "由单位人事部门集中报送材料。请把文件、证书原件交给单位，核对后退回。",
        ),
        State.PROVISIONAL: Turn("容缺通过，等补交材料", "请在期限前上传备案后的年度考核结果。", mine=True),
        State.QUALIFIED: Turn("审查通过", "资格审查已经通过。考试安排、成绩和证书都会通知您，也可以从下面查看。"),
        State.REJECTED: Turn(
            "审查不通过", "原因写在下面。可以申诉的，下面写有期限；其他异议请由单位向工考管理机构反映。"
        ),
        State.WITHDRAWN: Turn("已撤回", "报名期间还可以重新申报。"),
        State.EXPIRED: Turn("逾期失效", "截止前没有提交。需要的，请于下一年度申报。"),
        State.DISQUALIFIED: Turn("取消资格", "原因写在下面。案件和申诉期限见“我的文书”。"),
    }
    return said[state]


def until(present: Turn, due_at: datetime, now: datetime) -> str:
    """The date of the present turn in words: the applicant's own deadline, or the day by which others should be done.

    The date of others is not the applicant's: an overdue one says whom to ask, not that the applicant is too late.
    """
    if present.mine:
        return deadline(due_at, now)
    if now < due_at:
        return f"应在{end(due_at)}前办完（还有{remaining(due_at - now)}）。"
    return f"本应在{end(due_at)}前办完，现已超过期限。您不用重新提交，可以向办理的单位或机构询问。"


def way(
    state: State,
    route: Sequence[str],
    events: Sequence[ProgressEvent],
    parties: Parties,
    *,
    papers_are_in: bool = False,
) -> tuple[Stage, ...]:
    """The past, present and coming steps, oldest first; ``papers_are_in`` as for :func:`turn`."""
    past = tuple(
        Stage(_past_title(event, parties), event.reason, "stopped" if _stops(event) else "done", event.at)
        for event in events
    )
    if state in FINAL or state in {State.QUALIFIED, State.REJECTED}:
        return past
    now = turn(state, parties, papers_are_in=papers_are_in)
    return (*past, Stage(now.headline, now.text, "now"), *_to_come(state, route, parties))


def _to_come(state: State, route: Sequence[str], parties: Parties) -> tuple[Stage, ...]:
    stages = [ReviewStage(stage) for stage in route] or list(_USUAL)
    here = STAGES.get(state)
    if state is State.PROVISIONAL:
        stages = []
    elif here is not None:
        later = stages[stages.index(here) + 1 :] if here in stages else []
        stages = [stage for stage in later if stage is not ReviewStage.ONSITE_CONFIRMATION]
    if not parties.department:
        stages = [stage for stage in stages if stage is not ReviewStage.DEPARTMENT_REVIEW]
    return (*(Stage(_stage_title(stage, parties), "", "next") for stage in stages), Stage("审查通过", "", "next"))


_USUAL: Final = (ReviewStage.UNIT_REVIEW, ReviewStage.DEPARTMENT_REVIEW, ReviewStage.QUALIFICATION_REVIEW)


def _stage_title(stage: ReviewStage, parties: Parties) -> str:
    return {
        ReviewStage.UNIT_REVIEW: f"{parties.unit}审核",
        ReviewStage.DEPARTMENT_REVIEW: f"{parties.department or '主管部门'}审核",
        ReviewStage.QUALIFICATION_REVIEW: f"{parties.office}资格审查",
        ReviewStage.ONSITE_CONFIRMATION: "现场确认",
    }[stage]


def _past_title(event: ProgressEvent, parties: Parties) -> str:
    passed = {
        State.DEPARTMENT_REVIEW: f"{parties.unit}审核通过",
        State.QUALIFICATION_REVIEW: f"{parties.department or parties.unit}审核通过",
        State.ONSITE_CONFIRMATION: "网上资格审查通过",
    }
    titles = {Action.SUBMIT: "您提交了申报", Action.RESUBMIT: "您修改后重新提交", Action.SUPPLEMENT: "您补交了材料"}
    if event.action is Action.APPROVE:
        return passed.get(event.to_state, STATE_LABELS[event.to_state])
    if event.action is Action.REOPEN:
        return "重新审查"
    return titles.get(event.action, STATE_LABELS[event.to_state])


def _stops(event: ProgressEvent) -> bool:
    return TONES[event.to_state] is Tone.STOPPED
