"""Pure: the kinds of findings of a patrol (巡视), how grave they are, and where patrols, visits and findings stand.

Source: 2024 notice §4(4): 要严格执行考务工作纪律要求，加大巡视、监督力度. The kinds are the duties of §4(1) to §4(4).
The notice sets no day for putting a finding in order: ``Severity.days`` is what the form proposes, the officer decides.
"""

from collections.abc import Mapping
from types import MappingProxyType

from core.text.labels import Labelled


class FindingKind(Labelled):
    """What a finding is about."""

    ORDER = "order", "考风考纪和考场秩序"
    STAFF = "staff", "工作人员履职和纪律"
    ROOMS = "rooms", "考场标准化和设施设备"
    POWER = "power", "电力和网络保障"
    MONITORING = "monitoring", "考试现场监控"
    SECRECY = "secrecy", "试题和资料的安全保密"
    EMERGENCY = "emergency", "应急预案和值守"
    TRAINING = "training", "培训组织"
    OTHER = "other", "其他问题"


class Severity(Labelled):
    """How grave a finding is."""

    MINOR = "minor", "一般"
    MAJOR = "major", "较重"
    GRAVE = "grave", "严重"

    @property
    def days(self) -> int:
        """The days for putting it in order that the form proposes."""
        return {Severity.MINOR: 7, Severity.MAJOR: 3, Severity.GRAVE: 1}[self]


class PatrolState(Labelled):
    """Where a patrol stands."""

    PLANNED = "planned", "进行中"
    ENDED = "ended", "已结束"
    CANCELLED = "cancelled", "已取消"


class VisitState(Labelled):
    """Where the visit of a place stands."""

    PLANNED = "planned", "待巡视"
    ARRIVED = "arrived", "巡视中"
    DONE = "done", "已巡视"
    MISSED = "missed", "未巡视"


class FindingState(Labelled):
    """Where a finding stands."""

    OPEN = "open", "待整改"
    ANSWERED = "answered", "已报整改，待复核"
    CLOSED = "closed", "整改到位"
    WITHDRAWN = "withdrawn", "经核实撤销"


class ReplyKind(Labelled):
    """A line of a finding after it was recorded."""

    ANSWER = "answer", "整改情况"
    AGAIN = "again", "要求继续整改"
    CLOSED = "closed", "复核结论"
    WITHDRAWN = "withdrawn", "撤销理由"


TONES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("planned", "arrived", "open", "answered"), "waits"),
        **dict.fromkeys(("ended", "done", "closed"), "done"),
        **dict.fromkeys(("cancelled", "missed", "withdrawn"), "plain"),
    }
)
"""State → the tone in which pages show it."""
