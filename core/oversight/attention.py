"""Pure: the matters of an office, the most pressing first.

The order is the same for every office: over its suspended candidates, its duties, its cases in hand, its dates outside
the frame, and the requests that people have made of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from core.oversight.filings_due import Duty, DutyStatus


class Urgency(IntEnum):
    """The kind of a matter; the smaller, the more pressing."""

    SUSPENDED = -1
    PLAN_UNSOUND = 0
    FILING_OVERDUE = 1
    FILING_RETURNED = 2
    OUTSIDE_FRAME = 3
    CASES_OVERDUE = 4
    COUNTY_OVERDUE = 5
    FILING_DUE = 6
    PLAN_OPEN = 7
    APPEALS = 8
    IDENTITY = 9
    REISSUES = 10
    INQUIRIES = 11
    FORMS = 12
    BANS = 13


@dataclass(frozen=True, slots=True)
class Desk:
    """An office's cases that wait for its decision, and those of them beyond their time."""

    office: str
    name: str
    backlog: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter. ``subject`` is the filing's kind, the office or the plan that it is about."""

    urgency: Urgency
    title: str
    text: str
    subject: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A published plan with open matters, in words; ``grave`` where people would go astray by one of them."""

    plan_id: str
    name: str
    texts: Sequence[str]
    grave: bool


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests of one kind that wait for the office: how many, and when the first answer is due."""

    urgency: Urgency
    count: int
    due: datetime | None = None


_REQUESTED = {
    Urgency.FORMS: ("管理人员登记表等待办理", "请受理或退回；已受理的，请打印密码函。"),
    Urgency.BANS: ("以往的禁止申报决定等待核对", "由录入人以外的另一人与原处理决定核对。"),
    Urgency.APPEALS: ("审查申诉等待答复", "请核查后维持审查结论，或者重新审查。"),
    Urgency.INQUIRIES: ("申报人的咨询等待答复", "请按提问先后答复。"),
    Urgency.IDENTITY: ("更正姓名、身份证号的申请等待办理", "由一人核对依据，另一人决定。"),
    Urgency.REISSUES: ("更换、补办证书的申请等待办理", "由一人提出，另一人决定。"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """Suspended candidates of an office whose cases are undecided: how many, the longest in days, the nearest due."""

    people: int
    days: int
    due: datetime


def matters(
    office: str,
    duties: Iterable[Duty],
    desks: Sequence[Desk],
    outside: Sequence[str] = (),
    *,
    plans: Iterable[OpenPlan] = (),
    held: Held | None = None,
    requests: Iterable[Requests] = (),
) -> list[Matter]:
    """The matters of ``office``, the most pressing first; among counties the one furthest behind first.

    ``outside`` explains each window of the office that has left the frame of the level above; ``plans`` are those with
    open matters; ``held`` are suspended candidates; ``requests`` are people's that wait for an answer.
    """
    found = [matter for duty in duties if (matter := _of_duty(duty)) is not None]
    for asked in requests:
        title, text = _REQUESTED[asked.urgency]
        found.append(Matter(asked.urgency, f"{asked.count}件{title}", text, office, asked.due))
    for plan in plans:
        urgency = Urgency.PLAN_UNSOUND if plan.grave else Urgency.PLAN_OPEN
        title = f"{plan.name}的编排方案有{len(plan.texts)}项须处理"
        found.append(Matter(urgency, title, "；".join(plan.texts) + "。", plan.plan_id))
    if held is not None:
        text = f"{held.people}人被暂停考核，最长已{held.days}天。案件办结前他们不能参加考核，请尽快决定。"
        found.append(Matter(Urgency.SUSPENDED, f"{held.people}人被暂停考核，等待决定", text, office, held.due))
    if outside:
        text = "".join(outside)
        found.append(Matter(Urgency.OUTSIDE_FRAME, "本机构的日程超出了上级规定的范围", text, office))
    for desk in sorted(desks, key=lambda desk: -desk.overdue):
        if desk.overdue and desk.office == office:
            text = f"本机构待审查{desk.backlog}件，其中{desk.overdue}件已超过办理时限。"
            found.append(Matter(Urgency.CASES_OVERDUE, f"{desk.overdue}件申请超过了办理时限", text, office))
        elif desk.overdue:
            text = f"{desk.name}待审查{desk.backlog}件，其中{desk.overdue}件已超过办理时限，请督促办理。"
            found.append(Matter(Urgency.COUNTY_OVERDUE, f"{desk.name}有{desk.overdue}件超时", text, desk.office))
    return sorted(found, key=lambda matter: matter.urgency)


def _of_duty(duty: Duty) -> Matter | None:
    kind = duty.kind.value
    if duty.status is DutyStatus.OVERDUE:
        text = f"{duty.title}已过期限，仍须尽快报送，报送时会注明逾期。依据：{duty.source}。"
        return Matter(Urgency.FILING_OVERDUE, f"{duty.title}逾期未报", text, kind, duty.due)
    if duty.status is DutyStatus.RETURNED:
        text = f"省中心退回了{duty.title}，请按退回原因改正后重新报送。"
        return Matter(Urgency.FILING_RETURNED, f"{duty.title}被退回", text, kind, duty.due)
    if duty.status is DutyStatus.DUE:
        return Matter(Urgency.FILING_DUE, f"{duty.title}即将到期", f"依据：{duty.source}。", kind, duty.due)
    return None
