"""Pure: the events of the record, one line each, under the name that entries carry in ``kind``.

A name is ``subject.what_happened``. A new kind of entry needs its line here: ``record`` refuses an unknown event. Every
event about a case has the application as its subject, so that it stands in the case's history.
"""

from collections.abc import Mapping
from typing import Final

from core.audit.exam_events import EXAM_EVENTS, Event
from core.domain.consequences import Fact

_ELIGIBILITY = frozenset({Fact.ELIGIBILITY})

KEPT: Final = "facts.kept"

EVENTS: Mapping[str, Event] = {
    # The life of an application: one event for each verb of the table, with the move's id in the payload.
    "application.drafted": Event("填写申请", "An application was begun; nothing is asked of anybody yet."),
    "application.copied": Event("沿用以前的申请", "A draft took answers and papers over from an earlier application."),
    "application.submit": Event("提交申请", "It was submitted and pinned to the rules of that day."),
    "application.resubmit": Event("重新提交", "It was submitted again after a return."),
    "application.approve": Event("审核通过", "A stage of review approved it."),
    "application.return": Event("退回修改", "It was returned for correction of the items named."),
    "application.reject": Event("审查不通过", "It was rejected.", _ELIGIBILITY),
    "application.confirm": Event("现场确认", "The originals were compared on site."),
    "application.supplement": Event("补交材料", "A deferred paper was handed in."),
    "application.clear": Event("补交核准", "Every deferred paper was in, and the verdict became final."),
    "application.lapse": Event("逾期未补交", "The time for deferred papers ran out.", _ELIGIBILITY),
    "application.withdraw": Event("撤回申请", "The applicant withdrew it.", _ELIGIBILITY),
    "application.expire": Event("逾期失效", "The hard end of registration passed without a submission."),
    "application.reopen": Event("重新审查", "A supervising office reopened it.", _ELIGIBILITY),
    "application.disqualify": Event(
        "取消资格", "The city or the province took the qualification away.", frozenset({Fact.DISQUALIFICATION})
    ),
    "application.undo": Event("撤销办理", "A decision was taken back by its maker within ten minutes.", _ELIGIBILITY),
    "application.inspected": Event("上级查阅", "A supervisor or auditor read the whole case."),
    "review_appeal.asked": Event("提出审查申诉", "The applicant appealed against the failed review."),
    "review_appeal.upheld": Event("维持审查结论", "The superior office upheld the decision, with its reason."),
    "review_appeal.reopened": Event("申诉成立", "The superior office had the case reviewed again."),
    "inquiry.asked": Event("提出咨询", "An applicant asked the office a question."),
    "inquiry.answered": Event("答复咨询", "The office answered an applicant's question."),
    "deferral.committed": Event("承诺后补", "A unit committed itself to a paper that follows later."),
    "finding.settled": Event("认定审核意见", "An officer settled what a rule left open, with reason and evidence."),
    "case.transferred": Event("移交办理", "Another office is in charge of the case from now on."),
    "desk.bulk_asked": Event("批量办理", "An officer had all cases decided that the filters of the desk left."),
    "case.taken_over": Event("接手办理", "An officer took over a case that a colleague had claimed."),
    "case.assigned": Event("分派", "An office assigned the case to one of its reviewers, by its rule or by hand."),
    "case.unassigned": Event("收回分派", "The case was put back for any reviewer of the office."),
    "assignment.rule_set": Event("设定分派办法", "An office set how it assigns its cases by itself."),
    "assignment.duty_set": Event("设定审查分工", "What a reviewer is given by the rule, and a leave, were set."),
    "application.form_printed": Event(
        "打印申报表", "Somebody printed the form of a submission, which shows the identity number."
    ),
    "case.erased": Event("按期删除个人信息", "The time of its personal data was over; the case and its moves stay."),
    "document.uploaded": Event("上传材料", "A file was uploaded; the payload has its SHA-256."),
    "document.downloaded": Event("查看材料", "Somebody read a file of the case."),
    "backup.created": Event(
        "制作备份", "An operator made a backup of everything; it holds what was there before this."
    ),
    "document.scanned": Event("安全检查", "A scanner looked at a file that nobody could look at before."),
    "document.fault_found": Event("发现文件损坏", "A check of all files found one missing or altered."),
    "attachment.added": Event("添加材料", "A file was added to something that is no application; with its SHA-256."),
    "attachment.superseded": Event("更正材料", "A wrong file was superseded by the right one, for a reason."),
    "attachment.opened": Event("查看材料", "Somebody read such a file."),
    "attachment.scanned": Event("安全检查", "A scanner looked at such a file that nobody could look at before."),
    "attachment.fault_found": Event("发现文件损坏", "A check of all files found such a file missing or altered."),
    "attachment.erased": Event("按期删除材料", "The time of such a file was over; its row stays without a name."),
    "original.received": Event("收存原件", "An office took an original into its keeping."),
    "original.returned": Event("退还原件", "The original was given back."),
    "original.lost": Event("原件遗失", "An original in an office's keeping could not be found."),
    "sample.upheld": Event("抽查维持", "A spot check found the decision right."),
    "sample.correction_ordered": Event("抽查责令改正", "A spot check ordered a correction."),
    "sample.overturned": Event("抽查撤销", "A spot check overturned the decision; the case is reopened."),
    # People, accounts and what they may do.
    "people.imported": Event("导入名单", "A unit took in a table of its people; how many, and how many were refused."),
    "unit.reminded": Event(
        "催办", "A unit reminded people of what they owe, or a department its units; the payload counts both."
    ),
    "unit.posts_stated": Event("填报岗位空缺", "A unit stated its vacant posts and its policy of appointment."),
    "person.claimed": Event("登记个人信息", "A person was registered, or found again by identity number and name."),
    "person.correction_asked": Event(
        "申请更正姓名、身份证号", "A correction of a name or identity number was asked for; the payload has its kind."
    ),
    "person.correction_opened": Event(
        "查看更正申请", "An officer was shown both identities of a correction in full, to compare the evidence."
    ),
    "person.correction_examined": Event(
        "核对更正依据", "An officer compared the evidence of a correction; a second one decides."
    ),
    "person.correction_refused": Event("不予更正姓名、身份证号", "A correction was refused, with a reason."),
    "person.corrected": Event(
        "更正姓名、身份证号",
        "A name or identity number was corrected, with every application that stands.",
        frozenset({Fact.PERSON}),
    ),
    "person.revealed": Event("查看完整号码", "An officer was shown a number in full; the reveal keeps the reason."),
    "account.issued": Event("开通账号", "An account was made."),
    "account.ended": Event("停用账号", "An account was closed for good, with its roles and tokens."),
    "role.granted": Event("授予角色", "An account was given a role in an office, department or unit."),
    "role.ended": Event("终止角色", "A role was ended before its time, or for good; it works no more."),
    "acting.arranged": Event("安排代办", "Somebody acts for a colleague on leave, in these days and this far."),
    "acting.ended": Event("终止代办", "Acting for a colleague was ended before its last day."),
    "cases.inspected": Event("审计查阅", "An auditor read lists, figures or papers; the payload names the route."),
    "token.created": Event("发放登录凭证", "A token was made for an account; only its digest is kept."),
    "password.issued": Event("发放初始密码", "An office gave an account a password that is to be changed."),
    "password.chosen": Event("设置密码", "Somebody chose a password for their account."),
    "password.reset": Event("重置密码", "An applicant proved their mobile number and chose a new password."),
    "sign_in.unlocked": Event("解除锁定", "The issuing office let an account be tried again at once."),
    "second_factor.enrolled": Event("启用动态验证码", "An authenticator app counts from now on."),
    "second_factor.removed": Event("停用动态验证码", "A second factor was given up, or taken away by the office."),
    "second_factor.removal_proposed": Event("提出停用动态验证码", "An officer proposed to take a second factor away."),
    "second_factor.removal_granted": Event(
        "核准停用动态验证码", "A second officer agreed, and the factor was taken away."
    ),
    "second_factor.removal_refused": Event("不同意停用动态验证码", "A second officer left the factor in place."),
    "second_factor.removal_withdrawn": Event(
        "撤回停用动态验证码", "The proposer took it back, or the owner signed in with the factor."
    ),
    "second_factor.recovery_codes_made": Event("生成备用码", "Recovery codes took the place of those before."),
    "second_factor.recovery_code_used": Event("使用备用码", "A recovery code was used up in place of the app."),
    "session.ended": Event("退出登录", "One or more sessions of an account were ended."),
    "session.role_switched": Event("切换角色", "Somebody with several roles acts in another of them."),
    "sign_in.succeeded": Event("登录", "Somebody gave the right password; what is still awaited is in the payload."),
    "sign_in.locked": Event("暂停登录", "After failed attempts nobody is let in for half an hour."),
    "sign_in.failed": Event("登录失败", "Something was presented that signs nobody in."),
    "request.refused": Event(
        "办理被拒", "A request was refused and rolled back; this entry has a transaction of its own."
    ),
    "plugin.failed": Event("规则程序故障", "A plugin raised, was late or answered what the province does not allow."),
    # Units and their managers.
    "unit.added": Event("登记单位", "A unit was registered."),
    "unit.corrected": Event("更正单位名称", "A slip in a unit's name was corrected."),
    "unit.renamed": Event("单位更名", "A unit got another name by an instrument."),
    "unit.merged": Event("单位合并", "Units were merged into a successor."),
    "unit.split": Event("单位分立", "A unit was split."),
    "unit.moved": Event("单位划转", "A unit went to another office."),
    "unit.placed": Event("变更主管部门", "A unit came under another competent department, or under none."),
    "unit.ended": Event("单位撤销", "A unit was ended; the payload names the unit that takes its cases over, if any."),
    "unit.code_given": Event("登记统一社会信用代码", "A unit's unified social credit code was written down."),
    "unit.act_planned": Event("登记单位变更", "An official act on units was planned for a later day."),
    "unit.act_cancelled": Event("取消单位变更", "A planned act on units was cancelled before its day."),
    "unit.act_failed": Event("单位变更未能生效", "A planned act on units was refused on its day."),
    "unit.told_apart": Event("认定为不同单位", "An officer found that two units that look alike are not the same."),
    "manager_form.filed": Event("报送管理人员登记表", "A unit filed the form of its registration manager."),
    "manager_form.accepted": Event("管理人员登记通过", "The office accepted the form and issued the account."),
    "manager_form.access_issued": Event("发放账号密码函", "The office printed the letter with the first password."),
    "manager_form.returned": Event("管理人员登记退回", "The office returned the form."),
    "manager_form.superseded": Event("更换管理人员", "A later form took the place of this one."),
    # Calendars, delegations, filings: what offices do.
    "calendar.loaded": Event("载入日程", "An office's first calendar was taken from its file."),
    "calendar.proposed": Event(
        "编制日程", "An office wrote a new version of its calendar.", frozenset({Fact.CALENDAR})
    ),
    "season.phase_set": Event("年度状态", "The provincial center let a year open, or begin to end; from when."),
    "season.close_proposed": Event("提出结束年度", "An officer of the center proposed to close a year; what is open."),
    "season.closed": Event("结束年度", "A second officer of the center confirmed that a year is closed."),
    "season.act_cancelled": Event("撤回年度决定", "The center took back an act upon a year before it held."),
    "trades.loaded": Event("载入工种目录", "The provincial center took the trades of a season from a table; counts."),
    "late_entry.approved": Event("批准补报", "One person was let in after the window."),
    "delegation.loaded": Event("载入委托", "A first delegation was taken from the county's file."),
    "delegation.proposed": Event("提出委托", "An office wrote down a delegation that is to take effect."),
    "delegation.took_effect": Event("委托生效", "A delegation took effect and its cases moved."),
    "delegation.taken_back": Event("收回委托", "The giver ended a delegation."),
    "delegation.given_back": Event("交回委托", "The receiver ended a delegation."),
    "delegation.expired": Event("委托期满", "A delegation ran out."),
    "delegation.paused": Event("暂停委托", "The giver paused a delegation."),
    "delegation.in_force": Event("恢复委托", "A paused delegation was resumed."),
    "delegation.cancelled": Event("取消委托", "A delegation was called off before it took effect."),
    "sample.drawn": Event("抽查取样", "Decisions of a delegated office were drawn for a spot check."),
    "roster.opened": Event("打开名册", "A unit opened a roster to print it; it shows full identity numbers."),
    "roster.made": Event("生成名册", "A version of a roster was made for printing; the payload has its digest."),
    "responsible.named": Event("登记责任人", "An office named the person responsible in a rank from a day on."),
    "emergency_plan.drafted": Event("起草应急预案", "An office began a version of its plan for emergencies."),
    "emergency_plan.changed": Event("修改应急预案", "A draft of such a plan was changed."),
    "emergency_plan.approved": Event("审定应急预案", "A second officer approved the plan, and it is in force."),
    "emergency_plan.filed": Event("报送应急预案", "The plan was filed with the office above."),
    "emergency_plan.received": Event("接收应急预案", "The office above received the plan."),
    "emergency_plan.returned": Event("退回应急预案", "The office above returned the plan with remarks."),
    "patrol.planned": Event("安排巡视", "An office planned a patrol of sites or training places."),
    "patrol.members": Event(
        "确定巡视人员", "The members of the staff who make a patrol were named; the payload has them."
    ),
    "patrol.visit_planned": Event("安排巡视点", "A place and a day were added to a patrol."),
    "patrol.visit_moved": Event("调整巡视日期", "The visit of a place was moved to another day."),
    "patrol.visit_called_off": Event("不再巡视", "A place is not visited, for a reason."),
    "patrol.arrived": Event("巡视到达", "A member of a patrol noted the arrival at a place."),
    "patrol.found": Event("记录巡视问题", "A patrol recorded something wrong; the office of the place was told."),
    "patrol.visit_done": Event("巡视点巡视完毕", "The visit of a place ended, with what was seen."),
    "patrol.answered": Event("报送整改情况", "The office of a place said what it did about a finding."),
    "patrol.asked_again": Event("要求继续整改", "The patrolling office asked for more, until another day."),
    "patrol.finding_closed": Event("巡视问题办结", "The patrolling office closed a finding as put in order."),
    "patrol.finding_withdrawn": Event("撤销巡视问题", "The patrolling office withdrew a finding that was none."),
    "patrol.ended": Event("结束巡视", "A patrol ended with its summary."),
    "patrol.cancelled": Event("取消巡视", "A patrol that had begun nowhere was cancelled."),
    "accountability.opened": Event(
        "责任追究立案", "A case was opened against somebody of the staff; the entry names nobody."
    ),
    "accountability.told": Event("责任追究告知", "The person was told of the facts and of their right to speak."),
    "accountability.stated": Event("责任追究陈述", "The person spoke, or an officer recorded what they said."),
    "accountability.decided": Event("责任追究决定", "A second officer decided on measures; the payload has them."),
    "accountability.cleared": Event("不予追究责任", "A second officer decided that nobody is held to account."),
    "accountability.dropped": Event("撤销责任追究立案", "A case was dropped before the person was told."),
    "accountability.served": Event("送达责任追究决定", "The decision was served on the person."),
    "accountability.reported": Event("报告责任追究决定", "A serious decision was reported to the office above."),
    "onsite_batch.handed_in": Event("统一办理提交", "A unit handed its cases in together."),
    "onsite_batch.received": Event("统一办理接收", "The office gave its receipt for a batch."),
    "onsite_batch.returned": Event("统一办理退回", "The office gave a batch back."),
    "onsite_batch.closed": Event("统一办理办结", "Every case of a batch was decided and no original is kept."),
    "onsite_batch.missing": Event("现场办理缺人或缺件", "What was not brought for a case of a batch was noted."),
    "onsite_slot.offered": Event("安排现场办理时间", "An office offered a time for on-site confirmation."),
    "onsite_slot.changed": Event("调整现场办理时间", "Date, place or capacity of such a time were changed."),
    "onsite_slot.cancelled": Event(
        "取消现场办理时间", "Such a time was cancelled; the units that had booked it were told."
    ),
    "onsite_slot.booked": Event("预约现场办理", "A unit chose such a time, or was given it by the office."),
    "onsite_slot.freed": Event("取消预约", "A unit or the office gave an appointment up."),
    "onsite_slot.called": Event("现场叫号", "A unit came, was called, was served or missed its turn on the day."),
    "publication.drafted": Event("拟定合格名单", "A list of those who passed was drafted; its digest and length."),
    "publication.discarded": Event("撤回拟定名单", "A draft was given up; its lines are free for another."),
    "publication.published": Event("公示合格名单", "A list went out to the public, until the moment named."),
    "publication.corrected": Event(
        "更正公示名单", "The next edition of a list took its place; how it differs stands on that edition."
    ),
    "publication.withdrawn": Event("撤回公示名单", "A list that was out or closed was withdrawn, for a public reason."),
    "publication.restored": Event("恢复公示资格", "A second officer restored somebody whose line had been struck."),
    "striking.proposed": Event(
        "提出取消公示资格", "An officer proposed to strike a line; until when the person is heard."
    ),
    "striking.stated": Event("陈述意见", "The person said something on the proposal to strike their line."),
    "striking.refused": Event("不予取消或恢复公示资格", "A second officer left a line, or its striking, as it was."),
    "striking.undone": Event(
        "撤销取消公示资格", "The decider took a striking back on its day; when it had been decided."
    ),
    "striking.lapsed": Event("取消公示资格终止", "The list was withdrawn before a proposal to strike was decided."),
    "restoring.asked": Event("申请恢复公示资格", "The person, or an officer, asked for a struck line to be restored."),
    "publication.struck": Event("撤出公示名单", "A line was struck from a list that was out, for a reason."),
    "publication.excerpt_opened": Event(
        "查阅合格人员通知", "A unit opened what a notice says of its people; how many they are."
    ),
    "publication.closed": Event("公布合格人员", "The period was over and the notice of those who passed was given."),
    "objection.received": Event("收到公示异议", "Somebody objected to a published list."),
    "objection.sustained": Event("异议成立", "The office found an objection right."),
    "objection.dismissed": Event("异议不成立", "The office found an objection unfounded."),
    "objection.lapsed": Event("异议办结", "The list was withdrawn; an open objection was answered with the reason."),
    "objection.reopened": Event("重新核查异议", "The decision that answered an objection was taken back on its day."),
    "certificate.reissue_asked": Event(
        "申请换发、补办证书", "A certificate was asked to be issued again; with the ground."
    ),
    "certificate.reissue_proposed": Event(
        "提出换发、补办证书", "An officer proposed to issue a certificate again; a second one decides."
    ),
    "certificate.reissue_refused": Event("不予换发、补办证书", "It was refused to issue a certificate again."),
    "certificate.reissued": Event(
        "换发、补办证书", "A certificate took the place of another; the payload has both numbers and the ground."
    ),
    "certificates.issued": Event("批量发证", "Certificates were issued for a list; how many, and their digest."),
    "certificate.revoked": Event("撤销证书", "A certificate was revoked for good, and its paper called back."),
    "certificates.ledger_printed": Event(
        "打印发证登记册", "An office printed the ledger of a year; how many certificates."
    ),
    "certificates.batched": Event("证书编批", "Papers of a unit's people were put into a batch; how many."),
    "certificates.batch_cancelled": Event("撤销发证批次", "A batch that was not handed over was taken back."),
    "certificates.handed_over": Event("移交证书", "A batch of papers was handed over to its unit; how many."),
    "certificates.received": Event("签领证书", "Holders signed for their papers; the certificates' numbers."),
    "certificates.uncollected": Event("退回未领证书", "Papers that were not collected came back; their numbers."),
    "certificates.receipt_taken_back": Event(
        "撤销签领登记", "A signature that was noted by mistake was taken back, for a reason."
    ),
    "certificate.returned": Event("收回纸质证书", "The paper of a revoked certificate came back."),
    "certificate.opened": Event("查看证书", "Certificates were opened as files to be printed."),
    "archive.requested": Event("生成归档材料", "A package for the archive was asked for."),
    "archive.made": Event("归档材料已生成", "A package for the archive was made; its digest."),
    "archive.downloaded": Event("下载归档材料", "Somebody took a package for the archive."),
    "archive.handed_over": Event(
        "移交档案", "A package was handed to an archive, or a unit was given the papers of its people; to whom."
    ),
    "archive.received": Event("接收档案", "Who took over what was handed over, and on which day."),
    "archive.returned": Event("退回移交的档案", "A unit gave a list back, with the reason."),
    "archive.withdrawn": Event("收回移交清单", "A list was withdrawn, with the reason."),
    "archive.receipt_taken_back": Event(
        "撤销接收登记", "A receipt that was noted by mistake was taken back, for a reason."
    ),
    "sanction.propose": Event("提出违规线索", "A case of sanctions was proposed."),
    "sanction.hear": Event("立案并告知", "A case was opened, and the person told of the facts and of their rights."),
    "sanction.drop": Event("不予立案", "A proposed case was not opened."),
    "sanction.state": Event("陈述申辩", "The person said what they have to say."),
    "sanction.serve": Event("送达文书", "A paper of the case was served; the person's time runs from it."),
    "sanction.finish": Event("声明陈述申辩完毕", "The person said in writing that they have nothing to add."),
    "sanction.hand_up": Event("请省中心办理", "An office without another person asked the center for the next step."),
    "sanction.clear": Event("不予处理", "A case ended without a sanction."),
    "sanction.decide": Event("作出处理决定", "The city or the province decided on sanctions."),
    "sanction.appeal": Event("提出申诉", "The person appealed to the level above."),
    "sanction.carry_out": Event("执行处理决定", "The decision became final and its measures were carried out."),
    "sanction.uphold": Event("维持处理决定", "The level above upheld the decision, which was carried out."),
    "sanction.overturn": Event("撤销处理决定", "The level above overturned the decision; nothing was carried out."),
    "attendance.contradicted": Event(
        "入场登记与作废矛盾", "A phone sent arrivals that it had noted before the tickets were void."
    ),
    "suspension.asked": Event("请求暂停考核", "Staff at a site asked the office to suspend a candidate."),
    "suspension.imposed": Event(
        "暂停考核",
        "A candidate was kept out of the exam at once, until the case against them is decided.",
        frozenset({Fact.SUSPENSION}),
    ),
    "suspension.lifted": Event("解除暂停", "The case ended, and with it the suspension.", frozenset({Fact.SUSPENSION})),
    "outcome.annulled": Event(
        "撤销考核结果", "A decided case took a published outcome back.", frozenset({Fact.RESULT})
    ),
    "ban.imposed": Event("禁止申报", "A person was banned from applying for a time."),
    "ban.taken_over": Event(
        "补录禁止申报", "A ban of earlier years was entered from its paper; a second officer confirms it."
    ),
    "ban.refused": Event("不予补录禁止申报", "The second officer refused a ban that was entered from a paper."),
    "ban.looked_up": Event("查询不得申报登记", "A supervisor looked somebody up in the register of bans."),
    "ban.lifted": Event("解除禁止申报", "A ban was ended before its time."),
    "filing.filed": Event("报送备案", "A city filed a version with the center."),
    "filing.received": Event("备案接收", "The center gave its receipt."),
    "filing.returned": Event("备案退回", "The center returned a filing."),
    "contact.email_confirmed": Event("绑定电子邮箱", "A person proved an e-mail address by a code."),
    "contact.preferred": Event("选择通知方式", "A person chose by what to be told first."),
    "message.failed": Event("消息发送失败", "A gateway did not take a message, or none was there."),
    "message.unknown": Event("消息发送结果不明", "Nobody knows whether a message went out; the operator decides."),
    "message.sent_again": Event("人工重新发送", "The operator had a message sent again."),
    "message.taken_as_sent": Event("人工认定已发送", "The operator settled that a message had gone out."),
    "table.fetched": Event("下载导出的表格", "Somebody saved a large table that was made for them."),
    "table.ordered": Event("申请导出表格", "Somebody ordered a large table, which is made in the background."),
    "table.exported": Event("导出表格", "Somebody saved a table as a file; which one, and how many rows."),
    **EXAM_EVENTS,
    # The installation.
    KEPT: Event("存证", "Digests of rows that came, changed or went were put on the record; how many."),
    "facts.noted_again": Event(
        "升级后重新存证", "A migration wrote rows, whose digests were noted again; how many of which table."
    ),
    "retention.erased": Event(
        "按期清理", "Personal data whose time was over was erased; how many rows of which class."
    ),
    "key.rotated": Event("更换密钥", "Every encrypted value was sealed again; the subject is the key's id."),
    "key.retired": Event("停用密钥", "A key that no value needs opens nothing any more."),
    "key.lookup_changed": Event("更换检索密钥", "The keyed hashes by which people are found were computed again."),
    "tenants.loaded": Event("载入机构配置", "The offices' files were written into the database; counts of rows."),
    "configuration.changed": Event(
        "配置变更", "An office's files differ from those of the last start; digests of both."
    ),
}
"""Every event by name."""
