"""Pure: labels of the kinds of messages, for operators."""

from collections.abc import Mapping

_OTHER = "其他通知"

KIND_LABELS: Mapping[str, str] = {
    "code": "验证码",
    "notice": _OTHER,
    "application.submit": "申报已提交",
    "application.resubmit": "申报已重新提交",
    "application.approve": "审核通过",
    "application.return": "申报退回修改",
    "application.reject": "审查不通过",
    "application.confirm": "现场确认完成",
    "application.supplement": "容缺材料已补交",
    "application.clear": "容缺材料核准",
    "application.lapse": "容缺材料逾期",
    "application.withdraw": "申报撤回",
    "application.expire": "申报逾期失效",
    "application.reopen": "重新审查",
    "application.disqualify": "取消资格",
    "application.waiting": "有申报待审",
    "reminder.registration": "报名截止提醒",
    "reminder.correction": "修改期限提醒",
    "reminder.deferral": "容缺补交提醒",
    "reminder.verdict": "补交审查提醒",
    "verdict_overdue": "补交审查逾期",
    "reminder.filing": "备案期限提醒",
    "original.received": "收到原件",
    "original.returned": "退还原件",
    "identity_granted": "姓名、身份证号更正",
    "identity_refused": "姓名、身份证号未予更正",
    "password_reset": "密码已重置",
    "token_created": "新增程序登录凭证",
    "accommodation_decided": "考试便利答复",
    "seats_published": "考试座位安排",
    "seats_changed": "考试安排变更",
    "seat_lost": "考场变动",
    "duty_changed": "监考安排变动",
    "site_closed": "考点停用",
    "ticket_issued": "准考证签发",
    "ticket_reissued": "准考证更换",
    "ticket_voided": "准考证作废",
    "results_published": "考核结果公示",
    "publication_struck": "撤出公示名单",
    "review_appeal_upheld": "审查申诉结果",
    "review_appeal_reopened": "审查申诉结果",
    "mark_corrected": "成绩更正",
    "mark_correction_refused": "成绩更正未获同意",
    "marks_withdrawn": "成绩撤回",
    "objection_answered": "公示异议答复",
    "score_check_open": "成绩复查申请",
    "score_check_upheld": "成绩复查答复",
    "score_check_dismissed": "成绩复查答复",
    "certificate_issued": "证书发放",
    "certificate_revoked": "证书撤销",
    "certificate_reissued": "证书换发、补办",
    "certificate_reissue_refused": "证书未予换发",
    "sanction_hear": "违规案件立案告知",
    "sanction_clear": "违规案件不予处理",
    "sanction_decide": "违规处理决定",
    "sanction_uphold": "申诉结果",
    "sanction_overturn": "申诉结果",
    "sanction_carry_out": "违规处理决定生效",
    "ban_imposed": "禁止申报",
    "ban_lifted": "解除禁止申报",
}
"""Labels of messages to people, by the kind of the outbox's row."""


def kind_label(kind: str) -> str:
    """The label of a kind; a kind without one is labelled as another notice, never by its code."""
    return KIND_LABELS.get(kind, _OTHER)
