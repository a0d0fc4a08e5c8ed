"""Pure: one kind of entry of the record, and the events from the exam sites to the certificates.

``core/audit/events.py`` has the others, and all of them by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.consequences import Fact


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of entry: ``label`` stands in a case's history, ``meaning`` in docs/record.md.

    ``changes`` are the facts that its act may change: what was issued with them is looked at in the same transaction.
    """

    label: str
    meaning: str
    changes: frozenset[Fact] = frozenset()


EXAM_EVENTS: Mapping[str, Event] = {
    # Sites, sittings, training.
    "site.registered": Event("登记考点", "An office wrote down a site."),
    "site.changed": Event("更正考点信息", "What is written down of a site was corrected.", frozenset({Fact.SITE})),
    "site.contacts_stated": Event(
        "填写考点联系人", "The people of a site with their telephones were stated; how many."
    ),
    "site.rooms_added": Event("增加考场", "Rooms were added to a site; how many, with how many machines."),
    "site.room_retired": Event("停用考场", "A room is used no more.", frozenset({Fact.ROOM})),
    "site.room_shaped": Event("更改考场布局", "The shape of a room was entered, or set back; a digest of it."),
    "site.signed_off": Event("签署考点检查", "An item of a site's readiness checklist was signed, or failed."),
    "site.opened_to_office": Event("考点向其他机构开放", "Another office may seat its candidates at a site."),
    "site.closed_to_office": Event("停止向其他机构开放考点", "An office uses a site no more."),
    "site.preferences_set": Event("设置考点远近", "Distances from counties to sites were set; a digest of the list."),
    "site.closed": Event(
        "停用考点", "A site dropped out; the payload names the sittings that lost rooms.", frozenset({Fact.ROOM})
    ),
    "sitting.set": Event("安排场次", "A sitting was set."),
    "sitting.moved": Event("调整场次时间", "A sitting is held at another time.", frozenset({Fact.TIME})),
    "sitting.cancelled": Event("取消场次", "A sitting was called off.", frozenset({Fact.ROOM})),
    "sitting.rooms_added": Event("场次增加考场", "A sitting is held in more rooms."),
    "sitting.rooms_withdrawn": Event(
        "场次撤出考场", "A sitting is held without rooms that it had.", frozenset({Fact.ROOM})
    ),
    "course.set": Event("开设培训班", "An office set up a training course."),
    "course.cancelled": Event("取消培训班", "A training course was called off."),
    "course.enrolled": Event("培训报名", "Candidates were enrolled in a course; how many, and a digest of the list."),
    "course.withdrawn": Event("取消培训报名", "A candidate left a course."),
    "course.attendance_marked": Event(
        "登记培训出勤", "Who came to a course was written down; how many, and a digest of the list."
    ),
    # Marks and what follows from them.
    "marks.proposed": Event("导入成绩", "A table of marks was handed in; its digest, and how many marks."),
    "marks.confirmed": Event(
        "复核成绩", "A second person took a table of marks in; how many contradictions with door lists it settled."
    ),
    "marks.withdrawn": Event("退回成绩", "A table of marks was sent back, with the marks that it had brought."),
    "outcomes.announced": Event("公布考核结果", "Outcomes of candidates whom no list names were announced; how many."),
    "outcomes.worked_out": Event(
        "认定考核结果",
        "An office worked out who has passed; the digest of the list, and how many.",
        frozenset({Fact.RESULT}),
    ),
    "mark.correction_asked": Event("申请更正成绩", "A correction of a mark was asked for."),
    "mark.corrected": Event(
        "更正成绩",
        "A second person granted a correction; the outcome was worked out again.",
        frozenset({Fact.MARK, Fact.RESULT}),
    ),
    "mark.correction_refused": Event("不予更正成绩", "A second person refused a correction."),
    "score_check.asked": Event("申请成绩复查", "A candidate asked for a result to be checked."),
    "score_check.upheld": Event("成绩复查有误", "A check found the result wrong; a correction was asked for."),
    "score_check.dismissed": Event("成绩复查无误", "A check found the result right."),
    "relation.declared": Event("登记回避关系", "A relation of an officer to a person or a unit was declared."),
    "relation.ended": Event("终止回避关系", "A supervisor ended a declared relation, with a reason."),
    "quota.set": Event("设定名额", "How many of a trade may pass the comprehensive review, and by which paper."),
    "panel.formed": Event("组建评审组", "A panel for the review was formed; the digest of its secret seed."),
    "panel.member_added": Event("聘请评委", "Somebody joined a panel."),
    "panel.member_removed": Event("解聘评委", "Somebody left a panel before it began to score."),
    "panel.member_drawn": Event("抽取评委", "A member was drawn by lot; how many were entitled, and their digest."),
    "panel.member_left": Event("评委退出", "A member left a panel that scores; why, and whether scores count."),
    "panel.chair_named": Event("指定组长", "Another member chairs the panel."),
    "panel.opened": Event("开始评审", "Candidates were put before a panel under drawn numbers; commitment and digest."),
    "panel.works_described": Event("填写业绩材料", "The works of a number were told to the members; the digest of it."),
    "panel.dissolved": Event("解散评审组", "A panel was dissolved with a reason; its scores stay and count no more."),
    "panel.closed": Event("评审结束", "A panel's scores became final, with its minutes; the digest of the scores."),
    "ranking.proposed": Event("提出评审排名", "The ranking of a panel against the quotas was proposed."),
    "ranking.confirmed": Event("确认评审排名", "A second officer confirmed the ranking of a panel; its digest."),
    "ranking.returned": Event("退回评审排名", "A second officer returned the ranking of a panel, with a reason."),
    "ranking.withdrawn": Event("撤回评审排名", "A confirmed ranking was taken back before results were out; why."),
    "sheet.submitted": Event("提交评分表", "A member handed in a sheet; the digest of its scores."),
    "sheet.excused": Event("评委回避", "A member stepped back from a candidate, with a reason."),
    # Tickets, papers, exam day, safe-keeping.
    "tickets.issued": Event("签发准考证", "Tickets of a plan were issued; how many, and a digest of the list."),
    "tickets.voided": Event("作废准考证", "Tickets were voided; how many, why, and a digest of the list."),
    "ticket.committed": Event("考生承诺", "A candidate ticked the commitment; the payload has its digest."),
    "ticket.printed": Event("打印准考证", "A candidate fetched their ticket for printing."),
    "papers.asked": Event("生成考务资料", "Somebody asked for papers of a plan to be made."),
    "papers.fetched": Event("下载考务资料", "Somebody fetched a part of the papers of a plan."),
    "attendance.noted": Event("登记到考", "Who came to a sitting was noted; how many, and a digest of the list."),
    "attendance.closed": Event(
        "登记缺考", "Those who had not come were noted as absent, by somebody on site or because the time was over."
    ),
    "opening.noted": Event("登记开考准备", "A step of the opening of a site was noted; which, and whether in order."),
    "opening.alarm_raised": Event(
        "考点未开考警报", "A site was not open in time: its office and the center were told."
    ),
    "opening.alarm_settled": Event(
        "解除开考警报", "An alarm ended: by the opening, by an officer with a reason, or as overtaken."
    ),
    "emergency.reported": Event(
        "报告突发事件", "An emergency was reported to the office and the center; its kind, and how many it concerns."
    ),
    "emergency.continued": Event("突发事件续报、终报", "Those on site reported on, or for the last time."),
    "emergency.received": Event("确认收到突发事件报告", "An office said that it has received the report; which."),
    "emergency.instructed": Event("下达突发事件指示", "An office instructed those on site; which."),
    "emergency.closed": Event("突发事件办结", "An emergency was closed with a summary; by which office."),
    "incident.reported": Event("报告考场情况", "Something that happened at an exam was written down."),
    "custody.registered": Event("登记保管", "Something of an exam was taken into safe-keeping."),
    "custody.handed_over": Event("移交保管", "Something kept safe went to another keeper."),
    "custody.ended": Event("结束保管", "Something was kept long enough and was disposed of, or filed for good."),
    "plan.begun": Event("开始编排", "A seating plan was opened; the payload has its seed."),
    "plan.ready": Event("编排完成", "A plan was drawn up; the payload has its figures and a digest of all seats."),
    "plan.short": Event("编排未成", "Not everybody could be seated; the plan says what is short."),
    "plan.seat_changed": Event("人工调整座位", "An officer gave a candidate another seat in a draft, for a reason."),
    "plan.published": Event(
        "发布编排方案", "A plan took effect; the payload has a digest of all seats.", frozenset({Fact.SEATING})
    ),
    "plan.dropped": Event("作废编排草案", "A draft was given up."),
    "plan.invigilated": Event("安排监考", "Invigilators were assigned to a plan; a digest of all duties."),
    "plan.duty_changed": Event(
        "替换监考人员", "An officer put somebody else in an invigilator's place; the payload has both ids."
    ),
    "invigilators.added": Event("登记监考人员", "Invigilators were put on the register; how many."),
    "invigilator.changed": Event("更正监考人员", "What is written down of an invigilator was corrected."),
    "invigilator.ended": Event("停用监考人员", "Somebody was taken off the register of invigilators."),
    "invigilator.reinstated": Event("恢复监考人员", "Somebody is on the register of invigilators again."),
    "accommodation.asked": Event("申请考试便利", "A candidate asked for an accommodation, with evidence."),
    "accommodation.decided": Event("决定考试便利", "The office granted or refused an accommodation, with its reason."),
}
"""Events of the exam half by name."""
