"""Pure: from a notice to the page where it is acted on: one line for each kind that units and offices are told of.

A way is offered to readers with one of its permissions; of several the first that fits. ``{id}`` is the thing that the
notice is about, the first id in the key of its event; ``{case}`` is its application.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.domain.permissions import Permission

_UNITS: Final = frozenset({Permission.REVIEW_FOR_UNIT, Permission.REVIEW_FOR_DEPARTMENT})
_REVIEW: Final = frozenset({Permission.REVIEW, Permission.CONFIRM})
_RUN: Final = frozenset({Permission.RUN_OFFICE})
_SUPERVISE: Final = frozenset({Permission.SUPERVISE})
_LEAD: Final = frozenset({Permission.LEAD_PROVINCE})
_EXAMINE: Final = frozenset({Permission.EXAMINE})
_ON_SITE: Final = _EXAMINE | {Permission.SCHEDULE}
_WATCH: Final = _EXAMINE | _SUPERVISE
_PLAN: Final = _RUN | {Permission.SCHEDULE}
_STAFF: Final = _REVIEW | _SUPERVISE | _RUN | _ON_SITE
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Way:
    """A page, the text of the link to it, and who may open it."""

    address: str
    label: str
    permissions: frozenset[Permission]


def _unit(address: str, label: str) -> tuple[Way, ...]:
    return (Way(address, label, _UNITS),)


_CASE: Final = (
    Way("/desk/cases/{case}", "打开案件", _REVIEW),
    Way("/supervision/cases/{case}", "查看案件", _SUPERVISE),
)
_SANCTION: Final = (Way("/sanctions/{id}", "打开违规案件", _RUN | _SUPERVISE),)
_APPEAL: Final = (Way("/supervision/appeals", "答复申诉", _SUPERVISE), *_CASE)
_CHECK: Final = (Way("/marks/checks", "答复复查", _WATCH),)
_OBJECTION: Final = (Way("/awards", "处理异议", _RUN),)
_STRIKING: Final = (Way("/awards/strikings/{id}", "查看并决定", _RUN),)
_PATROL: Final = (Way("/patrols/findings/{id}", "打开巡视问题", _STAFF),)
_IDENTITY: Final = (Way("/identity/{id}", "查看更正", _RUN),)
_VERDICT: Final = _CASE
_REMOVAL: Final = (Way("/staff/second-factors", "查看并决定", _RUN),)

OFFICE_WAYS: Final[Mapping[str, tuple[Way, ...]]] = {
    "manager_form_filed": (Way("/manager-forms/{id}", "受理登记表", _RUN),),
    "inquiry_open": (Way("/inquiries", "答复咨询", _REVIEW),),
    "onsite_batch.handed_in": (Way("/attachments/onsite_batch/{id}", "查看报送的名册", _STAFF),),
    "reminder.verdict": _VERDICT,
    "verdict_overdue": _VERDICT,
    "review_appeal_open": _APPEAL,
    "reminder.review_appeal": _APPEAL,
    "review_appeal_upheld": _CASE,
    "review_appeal_reopened": _CASE,
    "identity_granted": _IDENTITY,
    "identity_refused": _IDENTITY,
    "delegation": (Way("/delegations/{id}", "查看委托与下放", _RUN),),
    "supervision": _CASE,
    "filing_received": (Way("/filings/{id}", "查看回执", _RUN),),
    "filing_returned": (Way("/filings/{id}", "查看退回原因", _RUN),),
    "season_phase": (Way("/season/unfinished", "查看未办结事项", _RUN),),
    "season_act_cancelled": (
        Way("/season/years", "查看年度", _LEAD),
        Way("/season/unfinished", "查看未办结事项", _RUN),
    ),
    "reminder.filing": (Way("/filings", "去报送", _RUN),),
    "emergency_plan_received": (Way("/emergency/{id}", "查看应急预案", _RUN),),
    "emergency_plan_returned": (Way("/emergency/{id}", "查看退回意见", _RUN),),
    "reminder.emergency_plan": (Way("/emergency", "去报送应急预案", _RUN),),
    **dict.fromkeys(("patrol_finding", "patrol_answered", "patrol_asked_again", "patrol_finding_settled"), _PATROL),
    "reminder.patrol_finding": _PATROL,
    "accountability_reported": (Way("/accountability/{id}", "查看决定", _SUPERVISE),),
    "sanction_propose": _SANCTION,
    "sanction_drop": _SANCTION,
    "sanction_state": _SANCTION,
    "sanction_clear": _SANCTION,
    "sanction_finish": _SANCTION,
    "sanction_hand_up": _SANCTION,
    "sanction_appeal": _SANCTION,
    "sanction_overturn": _SANCTION,
    "reminder.hearing": _SANCTION,
    "reminder.appeal": _SANCTION,
    "reminder.suspension": (Way("/sanctions", "办理违规案件", _RUN | _SUPERVISE),),
    "suspension_asked": (Way("/supervision/cases/{case}", "查看案件并决定", _SUPERVISE), *_CASE),
    "acting_arranged": (Way("/acting", "查看代办", _STAFF),),
    "acting_ended": (Way("/acting", "查看代办", _STAFF),),
    **dict.fromkeys(("factor_removal_proposed", "factor_removal_waits", "factor_removal_refused"), _REMOVAL),
    "ban_refused": (Way("/bans/{id}", "查看不予补录的理由", _SUPERVISE),),
    "objection_received": _OBJECTION,
    "reminder.objection": _OBJECTION,
    "striking_stated": _STRIKING,
    "reminder.striking": _STRIKING,
    "restoring_asked": _STRIKING,
    "table_exported": (Way("/exports", "下载表格", _STAFF),),
    "archive_made": (Way("/awards", "下载归档材料", _RUN),),
    "archive_handover_returned": (Way("/archive/handovers/{id}", "查看退回原因", _RUN),),
    "certificate_to_revoke": (Way("/certificates/{id}", "办理撤销", _RUN),),
    "certificate_reissue_refused": (Way("/certificates/reissues/{id}", "查看理由", _RUN),),
    "score_check_open": _CHECK,
    "reminder.score_check": _CHECK,
    "mark_correction_refused": (Way("/marks/corrections", "查看更正", _WATCH),),
    "marks_withdrawn": (Way("/marks/imports/{id}", "查看退回的成绩表", _WATCH),),
    "panel_opened": (Way("/sheets", "去评分", _EXAMINE), Way("/panels/{id}", "查看综合评审", _WATCH)),
    "ranking_confirmed": (Way("/panels/{id}", "查看综合评审", _WATCH),),
    "ranking_returned": (Way("/panels/{id}", "查看综合评审", _WATCH),),
    "panel_dissolved": (Way("/panels/{id}", "查看综合评审", _WATCH),),
    "site_closed": (Way("/plans", "调整编排", _PLAN),),
    "duty_changed": (Way("/exams/invigilators", "查看监考人员", frozenset({Permission.SCHEDULE})),),
    "ticket_missing": (Way("/exams/papers", "签发准考证", _ON_SITE),),
    "emergency": (Way("/exams/emergencies/{id}", "打开突发事件", _STAFF),),
    "opening_alarm": (Way("/exams/alarms/{id}", "查看警报", _STAFF),),
    "attendance_open": (Way("/exams/day/{id}", "截止入场登记", _ON_SITE),),
    "attendance_unkept": (Way("/exams/day/{id}", "查看入场登记", _ON_SITE),),
    "attendance_closed": (Way("/exams/day/{id}", "查看入场登记", _ON_SITE),),
}
"""Kind → the pages of an office. Kinds without a line are told to persons and units alone."""

UNIT_WAYS: Final[Mapping[str, tuple[Way, ...]]] = {
    "application.waiting": _unit("/unit/cases/{case}", "审核"),
    "application.undo": _unit("/unit/cases/{case}", "查看申报"),
    "acting_arranged": _unit("/acting", "查看代办"),
    "acting_ended": _unit("/acting", "查看代办"),
    "sanction_unit": _unit("/unit/cases/{case}", "查看申报"),
    "manager_form_accepted": _unit("/unit/manager", "查看登记表"),
    "manager_form_returned": _unit("/unit/manager", "改正后重新报送"),
    "onsite_batch.received": _unit("/unit/batches/{id}", "查看回执"),
    "onsite_batch.returned": _unit("/unit/batches/{id}", "查看退回原因"),
    "identity_granted": _unit("/unit/identity", "查看更正"),
    "identity_refused": _unit("/unit/identity", "查看更正"),
    "mark_corrected": _unit("/unit/results/{case}", "查看成绩"),
    "mark_correction_refused": _unit("/unit/results/{case}", "查看成绩"),
    "score_check_upheld": _unit("/unit/results/{case}", "查看成绩"),
    "score_check_dismissed": _unit("/unit/results/{case}", "查看成绩"),
    "certificates_handed_over": _unit("/unit/certificates/{id}", "登记签领"),
    "archive_handed_over": _unit("/unit/archive/{id}", "登记接收"),
    "archive_handover_withdrawn": _unit("/unit/archive/{id}", "查看收回原因"),
    "table_exported": _unit("/exports", "下载表格"),
    "reminder.owed": _unit("/unit/deadlines", "查看人员期限表"),
}
"""Kind → the page of a unit."""


def way_of(
    ways: Mapping[str, tuple[Way, ...]],
    kind: str,
    *,
    event_key: str,
    case: UUID | None,
    permissions: Collection[Permission],
) -> tuple[str, str] | None:
    """The address and the text of the link for a reader with these permissions; None where there is none."""
    found = _ID.search(event_key)
    for way in ways.get(kind, ()):
        lacks = ("{case}" in way.address and case is None) or ("{id}" in way.address and found is None)
        if way.permissions & frozenset(permissions) and not lacks:
            return way.address.format(id=found[0] if found else "", case=case), way.label
    return None
