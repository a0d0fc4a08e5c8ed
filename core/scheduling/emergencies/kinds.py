"""Pure: the kinds of emergencies (突发事件): how grave, what to do first, whom to call. Read before adding one.

Source: 2024 notice §4(1) and §4(3): natural disasters, failures of facilities and other emergencies are handled by
plan. The notice names no classes: kinds and first steps are those that exam offices use.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.text.labels import Labelled


class EmergencyKind(Labelled):
    """A kind of emergency."""

    POWER = "power", "网络或电力中断"
    SYSTEM = "system", "考试系统故障"
    QUESTIONS = "questions", "试题异常"
    ILLNESS = "illness", "考生突发疾病"
    SAFETY = "safety", "火灾等安全事故"
    DISASTER = "disaster", "自然灾害或极端天气"
    CHEATING = "cheating", "群体违纪舞弊"
    EQUIPMENT = "equipment", "考试设备不足"
    OTHER = "other", "其他突发事件"


class Severity(Labelled):
    """How grave an emergency is."""

    COMMON = "common", "一般"
    SERIOUS = "serious", "较大"
    GRAVE = "grave", "重大"


@dataclass(frozen=True, slots=True)
class Guide:
    """What holds for a kind: the severity that is proposed, the first steps in their order, and whom to call."""

    severity: Severity
    first: tuple[str, ...]
    call: tuple[str, ...]


GUIDES: Mapping[EmergencyKind, Guide] = MappingProxyType(
    {
        EmergencyKind.POWER: Guide(
            Severity.SERIOUS,
            ("请考生原地等候，不得离场、不得交谈", "启用备用电源或备用线路", "记下中断和恢复的时间、涉及的考场和人数"),
            ("考点供电、网络负责人", "本机构考务负责人"),
        ),
        EmergencyKind.SYSTEM: Guide(
            Severity.SERIOUS,
            ("停止操作，保留现场和屏幕提示", "先换备用机，多台同时故障的暂停本场", "记下时间、机号和已作答情况"),
            ("考试系统技术支持人员", "本机构考务负责人"),
        ),
        EmergencyKind.QUESTIONS: Guide(
            Severity.GRAVE,
            ("不得拍照、抄录或者转述试题内容", "请考生停止作答，原地等候", "只报告科目、题号和现象，等候省中心指示"),
            ("省中心", "本机构考务负责人"),
        ),
        EmergencyKind.ILLNESS: Guide(
            Severity.COMMON,
            ("立即请医务人员处置，必要时拨打120", "由一名监考人员全程陪同，安抚其他考生", "记下离场和返回的时间"),
            ("120急救", "考点医务人员"),
        ),
        EmergencyKind.SAFETY: Guide(
            Severity.GRAVE,
            ("先保证人身安全，按预案疏散并清点人数", "立即报警", "封存试卷、答题资料和设备，无法封存的记录去向"),
            ("119火警", "110报警", "120急救"),
        ),
        EmergencyKind.DISASTER: Guide(
            Severity.GRAVE,
            ("按当地应急部门的要求避险或者疏散", "未开考的暂缓开考，等候指示", "通知在途考生，清点已到人数"),
            ("当地应急管理部门", "本机构考务负责人"),
        ),
        EmergencyKind.CHEATING: Guide(
            Severity.GRAVE,
            ("控制现场，固定证据：录像时段、器材、证人", "不公开处理，避免影响其他考生", "逐人登记准考证号"),
            ("110报警", "省中心"),
        ),
        EmergencyKind.EQUIPMENT: Guide(
            Severity.COMMON,
            ("启用备用机或者备用考场", "仍不足的，请示后安排到下一场次", "记下未能按时开考的考生"),
            ("考试系统技术支持人员", "本机构考务负责人"),
        ),
        EmergencyKind.OTHER: Guide(
            Severity.COMMON,
            ("先保证人身安全和考试秩序", "保留现场和证据", "记下时间、地点、人员"),
            ("本机构考务负责人",),
        ),
    }
)
"""Kind → what holds for it."""


class EntryKind(Labelled):
    """A line of an emergency after its first report."""

    UPDATE = "update", "续报"
    FINAL = "final", "终报"
    RECEIVED = "received", "已收到"
    INSTRUCTION = "instruction", "指示"
    CLOSING = "closing", "办结小结"


STATE_LABELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"open": ("处置中", "stopped"), "concluded": ("已终报，待办结", "waits"), "closed": ("已办结", "done")}
)
"""State → its word and tone."""
