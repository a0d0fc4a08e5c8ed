"""How each kind of work that waits is brought forward, in the words that its pages show.

A way begins at a line of the menu. To add one: the links from there to the page of an entry, the button that ends it,
and what is filled in, if the form asks for more than words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.simulate.demo.season import stands_at
from tests.links import Filled

WRITTEN = "经核查，不符合要求（测试）"
DAY = stands_at().date().isoformat()
_PERSON = "测试"
"""Invented people are visibly invented: a link with this word leads to the page of one."""
_CORRECT: Filled = MappingProxyType(
    {"核对无误": "是", "已核实，认可": "是", "理由和依据": "与人事档案核对一致（测试）"}
)
_FAULTY: Filled = MappingProxyType(
    {"有误：居民身份证": "是", "居民身份证有误的原因": "图像不清晰", "核对无误": "是", "理由（选填）": WRITTEN}
)


@dataclass(frozen=True)
class Act:
    """From the list to the end of one entry: the words of the links, the button, and what is filled in."""

    button: str
    links: tuple[str, ...] = ()
    filled: Filled = field(default_factory=dict)
    row: str = ""
    """Words in the row of the last link; of several entries those alone are meant."""


_SCORED = Act("提交评分表", ("模拟评审组",), row="待评分")

WAYS: Mapping[str, tuple[Act, ...]] = {
    "/notices": (Act("全部标为已读"),),
    "/unit": (
        Act("审核通过", ("审核下一份",), _CORRECT),
        Act("退回修改", ("审核下一份",), _FAULTY),
        Act("审查不通过", ("审核下一份",), _FAULTY),
    ),
    "/desk": (
        Act("审核通过", (_PERSON,), _CORRECT),
        Act("退回修改", (_PERSON,), _FAULTY),
        Act("审查不通过", (_PERSON,), _FAULTY),
    ),
    "/desk?state=onsite_confirmation": (Act("现场确认", (_PERSON,), _CORRECT), Act("退回修改", (_PERSON,), _FAULTY)),
    "/desk?state=provisional": (Act("核销容缺材料", (_PERSON,)), Act("审查不通过", (_PERSON,), _FAULTY)),
    "/supervision/appeals": (Act("维持审查结论"), Act("申诉成立，重新审查")),
    "/inquiries": (Act("答复"),),
    "/identity": (
        Act("已核对", ("核对、决定",)),
        Act("同意更正", ("核对、决定",)),
        Act("不予更正", ("核对、决定",), {"意见": WRITTEN}),
    ),
    "/manager-forms": (
        Act("受理并开通账号", ("待受理", "模拟")),
        Act("退回", ("待受理", "模拟"), {"盖章扫描件": WRITTEN}),
        Act("打印所选的密码函", ("待发密码函",)),
    ),
    "/accountability": (
        Act("提交陈述", ("年第",)),
        Act("登记已告知", ("年第",)),
        Act("确认撤销立案", ("年第",)),
        Act("作出决定", ("年第",), {"批评教育": "是"}),
        Act("不予追究", ("年第",)),
        Act("登记已送达", ("年第",)),
    ),
    "/patrols": (
        Act("登记到达", ("考点",)),
        Act("结束本点巡视", ("考点",)),
        Act("办结", ("复核：",)),
        Act("要求继续整改", ("复核：",)),
        # It comes to an end: the office that is asked again answers again.
        Act("办结", ("复核：",)),
        Act("报送整改情况", ("考点",), row="待整改"),
        Act("结束巡视", ("次",)),
    ),
    "/sanctions": (
        Act("登记送达", (_PERSON,), {"直接送达": "是", "送达日期": DAY}),
        Act("确认立案并告知当事人", (_PERSON,)),
        Act("确认不予立案", (_PERSON,)),
        Act("确认作出处理决定", (_PERSON,)),
        Act("确认不予处理", (_PERSON,)),
        Act("确认维持处理决定", (_PERSON,)),
        Act("确认撤销处理决定", (_PERSON,)),
    ),
    "/awards": (
        Act("异议不成立", ("份",)),
        Act("异议成立，撤出名单", ("份",)),
        Act("确认公示", ("份",)),
        Act("确认撤回", ("份",)),
        Act("确认发证", ("份",)),
        Act("取消公示资格", ("取消、恢复公示资格", _PERSON)),
        Act("不予取消", ("取消、恢复公示资格", _PERSON)),
    ),
    "/delegations": (Act("维持", ("件待办理",)), Act("责令改正", ("件待办理",), {"发现的问题": WRITTEN})),
    "/marks/checks": (
        Act("答复核查无误"),
        Act("答复有误并提出更正", filled={"更正为": "有成绩", "分数": "88", "依据（": "", "依据": "考试系统日志"}),
    ),
    "/marks/corrections": (Act("同意更正"), Act("不予更正", filled={"意见": WRITTEN})),
    "/marks": (Act("比对并复核", ("模拟成绩",)), Act("确定", ("模拟成绩",))),
    "/panels": (
        Act("结束评审", ("评审组",)),
        Act("抽取替补评委", ("评审组",)),
        Act("提出排名，请监管人员确认", ("评审组",)),
        Act("确认排名", ("评审组",)),
        Act("确定退回", ("评审组",)),
    ),
    # One member steps back from one candidate: the office has one examiner to take the place.
    "/sheets": (_SCORED, Act("确定回避", ("模拟评审组",), row="待评分"), *[_SCORED] * 6),
    "/certificates/reissues": (
        Act("确认提出", ("41",)),
        Act("同意换发", ("41",)),
        Act("不予换发", ("41",), {"意见": WRITTEN}),
    ),
    "/archive/handovers": (
        Act("收回", ("号",), row="单位退回"),
        Act("登记接收", ("号",), {"接收人": "模拟档案员"}, row="单位退回"),
    ),
    "/unit/archive": (Act("登记接收", ("号",), {"接收人": "模拟档案员"}, row="待接收"),),
    "/unit/certificates": (Act("登记为已签领", ("第",), {"certificate": "是"}, row="已移交"),),
    "/certificates/ledger": (Act("编批"), Act("登记移交", ("第",))),
    "/accommodations": (Act("答复", filled={"无障碍考场": "是"}), Act("答复")),
    "/plans": (Act("确定发布", ("考试",), row="草案"), Act("确定作废", ("考试",), row="草案")),
    "/exams/papers": (Act("签发准考证"),),
    "/onsite": (Act("接收，给出回执", ("模拟",), row="待接收"), Act("确认退回", ("模拟",), row="待接收")),
    "/bans": (
        Act("核对无误，生效", (_PERSON,), row="待第二人核对"),
        Act("确认不予补录", (_PERSON,), row="待第二人核对"),
    ),
    "/board/filings": (Act("确认接收", ("打开",)), Act("确认退回", ("打开",))),
    "/exams/emergencies": (
        Act("已收到", ("2025年",)),
        Act("提交终报", ("2025年",), row="处置中"),
        Act("办结", ("2025年",)),
    ),
    "/emergency": (Act("接收", ("版",)), Act("退回", ("版",), {"预案文本": WRITTEN}), Act("审定", ("版",))),
}
"""Line of the menu → the acts that bring what waits behind it forward: yes and no in turn."""

STAYS: Mapping[str, str] = {
    "/accountability": "期限届满前不能决定",
    "/patrols": "还没有填报整改情况",
    "/panels": "评分表没有提交",
    "/sanctions": "陈述申辩",
    "/desk?state=onsite_confirmation": "同一人不能审核两个环节",
}
"""Line of the menu → what its pages say of that which waits for somebody else, or for its day."""
