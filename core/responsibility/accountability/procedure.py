"""Pure: the procedure of accountability cases (责任追究): breaches, measures, states, hearing. Read first.

Source: 2024 notice §4(4): 各地工考管理机构因责任心不强、不认真执行政策规定，引发考核考试安全事故或造成不良影响的，
按有关规定和法律法规严肃追究相关人员责任. The notice names no measures: these are the usual ones of exam
administration. Discipline (处分) and crimes belong to other bodies, to which an exam office only refers somebody; the
decision names its ground.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

from core.errors import Conflict
from core.text import dates
from core.text.labels import Labelled


class Breach(Labelled):
    """What somebody is said to have done."""

    NEGLIGENCE = "negligence", "责任心不强、履职不到位"
    POLICY = "policy", "不认真执行政策规定"
    DISCIPLINE = "discipline", "违反考务工作纪律"
    SECRECY = "secrecy", "泄露试题、成绩或个人信息"
    ACCIDENT = "accident", "引发考核考试安全事故"
    OTHER = "other", "其他失职失责"


class Origin(Labelled):
    """What a case arose from; the first three are matters in Kaowu, the others are told in words."""

    PATROL_FINDING = "patrol_finding", "巡视问题"
    EMERGENCY = "emergency", "突发事件"
    SANCTION = "sanction", "违规案件"
    LEAK = "leak", "泄密"
    MARKS = "marks", "成绩或答题资料散失、差错"
    REPORT = "report", "举报或检查"
    OTHER = "other", "其他"


LINKED = frozenset({Origin.PATROL_FINDING, Origin.EMERGENCY, Origin.SANCTION})
"""The origins that have a page of their own."""


class Measure(Labelled):
    """What is decided."""

    EDUCATION = "education", "批评教育、责令书面检查"
    NOTICE = "notice", "通报批评"
    BARRED = "barred", "停止参加当年和下一年度考试工作"
    REMOVED = "removed", "建议调离考试工作岗位"
    REFERRED = "referred", "移送有权机关，建议给予处分"
    PROSECUTED = "prosecuted", "涉嫌违法犯罪，移送司法机关"


SERIOUS = frozenset({Measure.BARRED, Measure.REMOVED, Measure.REFERRED, Measure.PROSECUTED})
"""Measures that are reported to the office above."""


class CaseState(Labelled):
    """Where a case stands."""

    OPENED = "opened", "已立案，待告知"
    HEARING = "hearing", "已告知，听取陈述"
    DECIDED = "decided", "已决定，待送达"
    SERVED = "served", "已送达"
    CLEARED = "cleared", "不予追究"
    DROPPED = "dropped", "撤销立案"


UNFINISHED = (CaseState.OPENED, CaseState.HEARING, CaseState.DECIDED)
"""The states in which somebody still has to do something."""
HIDDEN = (CaseState.OPENED, CaseState.DROPPED)
"""The states in which the person concerned does not see the case: they have not been told."""

TONES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("opened", "hearing", "decided"), "waits"),
        **dict.fromkeys(("served", "cleared"), "done"),
        "dropped": "plain",
    }
)
"""State → the tone in which pages show it."""


def check_heard(hear_until: datetime | None, spoken: bool, now: datetime) -> None:
    """Conflict while the person may still speak and has not."""
    if hear_until is not None and now < hear_until and not spoken:
        until = dates.minute(hear_until)
        raise Conflict("accountability_unheard", f"本人尚未陈述，陈述期限至{until}。请在本人陈述或期限届满后再作决定。")


def is_serious(measures: Collection[Measure]) -> bool:
    """Whether one of them is reported to the office above."""
    return bool(SERIOUS & set(measures))
