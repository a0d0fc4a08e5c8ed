"""Pure: the things besides applications that files belong to: in which capacity, who adds one when, who sees it.

One table, ``KINDS``, to be read first: the service, the pages and the policies of the database follow from it. A file
has the visibility of the thing that it belongs to; ``Seen`` names where procedure makes that narrower.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.domain.permissions import Permission


class Subject(StrEnum):
    """The kind of thing that a file belongs to."""

    DELEGATION = "delegation"
    ROSTER = "roster"
    BATCH = "onsite_batch"
    MANAGER_FORM = "manager_form"
    INCIDENT = "incident"
    CHECK = "score_check"
    CORRECTION = "mark_correction"
    SANCTION = "sanction_case"
    OBJECTION = "objection"
    PANEL = "evaluation_panel"
    IDENTITY = "identity_correction"
    APPEAL = "review_appeal"
    BAN = "ban"
    EMERGENCY_PLAN = "emergency_plan"
    CERTIFICATES = "certificate_batch"
    HANDOVER = "archive_handover"
    PATROL_FINDING = "patrol_finding"


class Party(StrEnum):
    """The relation of a session to a thing: its office, its other office, its unit, the person, or anybody."""

    OFFICE = "office"
    OTHER_OFFICE = "other_office"
    UNIT = "unit"
    PERSON = "person"
    ANYBODY = "anybody"


class Seen(StrEnum):
    """The readers of a file; the center and its auditors see every file."""

    WITH_SUBJECT = "with_subject"
    BY_OFFICES = "by_offices"
    BY_OFFICE = "by_office"
    BY_SUPERVISORS = "by_supervisors"


@dataclass(frozen=True, slots=True)
class Adding:
    """Who may add a file: a party with one of these permissions, in one of these states of the thing (empty: any)."""

    party: Party
    permissions: frozenset[Permission]
    standings: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Kind:
    """One capacity in which files belong to a kind of thing."""

    subject: Subject
    code: str
    label: str
    adding: tuple[Adding, ...]
    seen: Seen = Seen.WITH_SUBJECT


@dataclass(frozen=True, slots=True)
class Thing:
    """Where a kind of thing stands in the database: its table and the columns that matter for its files.

    ``digest`` holds the digest of its paper and follows from the first file and what supersedes that.
    """

    label: str
    table: str
    office: str = "office_id"
    standing: str | None = "state"
    other_office: str | None = None
    unit: str | None = None
    application: str | None = None
    digest: str | None = None


THINGS: Mapping[Subject, Thing] = {
    Subject.DELEGATION: Thing(
        "委托与下放", "delegations", office="from_office_id", other_office="to_office_id", digest="scan_sha256"
    ),
    # The on-site roster goes in with its batch: of rosters by themselves only the other one is brought along.
    Subject.ROSTER: Thing("审查通过人员名册", "rosters", standing="kind", unit="unit_id"),
    Subject.BATCH: Thing("现场确认报送", "onsite_batches", unit="unit_id", digest="stamped_scan_sha256"),
    Subject.MANAGER_FORM: Thing("管理人员登记表", "manager_forms", unit="unit_id", digest="stamped_scan_sha256"),
    Subject.INCIDENT: Thing("考场情况", "incidents", standing=None, application="application_id"),
    Subject.CHECK: Thing("成绩复查", "score_checks", application="application_id"),
    Subject.CORRECTION: Thing("成绩更正", "mark_corrections", application="application_id"),
    Subject.SANCTION: Thing(
        "违规案件", "sanction_cases", other_office="opened_by_office_id", application="application_id"
    ),
    Subject.OBJECTION: Thing("公示异议", "objections"),
    Subject.PANEL: Thing("综合评审", "evaluation_panels"),
    Subject.IDENTITY: Thing("姓名、身份证号更正", "identity_corrections", unit="unit_id", application="application_id"),
    Subject.BAN: Thing("以往的禁止申报决定", "bans", standing=None),
    Subject.APPEAL: Thing("资格审查申诉", "review_appeals", application="application_id"),
    Subject.EMERGENCY_PLAN: Thing("应急预案", "emergency_plans", other_office="to_office_id"),
    Subject.CERTIFICATES: Thing("证书签领", "certificate_batches", unit="unit_id"),
    Subject.HANDOVER: Thing("档案移交", "archive_handovers", unit="unit_id"),
    Subject.PATROL_FINDING: Thing("巡视问题", "patrol_findings", other_office="to_office_id"),
}

_UNITS: Final = frozenset({Permission.REVIEW_FOR_UNIT, Permission.REVIEW_FOR_DEPARTMENT})
_SUPERVISE: Final = frozenset({Permission.SUPERVISE})
_EXAMINE: Final = frozenset({Permission.EXAMINE})
_OFFICE_WORK: Final = frozenset({Permission.SUPERVISE, Permission.RUN_OFFICE})
_APPLY: Final = frozenset({Permission.APPLY})
_CASE_OPEN: Final = frozenset({"proposed", "hearing", "decided", "appealed"})


def _by(party: Party, permissions: frozenset[Permission], *standings: str) -> Adding:
    return Adding(party, permissions, frozenset(standings))


_OF_A_CASE: Final = tuple(_by(party, _OFFICE_WORK, *_CASE_OPEN) for party in (Party.OFFICE, Party.OTHER_OFFICE))

KINDS: Final = (
    # The delegation itself is known to all; its paper, with seals and signatures, is for the two offices.
    Kind(
        Subject.DELEGATION,
        "instrument",
        "委托或授权文件",
        (_by(Party.OFFICE, _SUPERVISE, "pending", "in_force", "paused"),),
        Seen.BY_OFFICES,
    ),
    Kind(Subject.ROSTER, "stamped", "加盖公章的名册表", (_by(Party.UNIT, _UNITS, "passed"),)),
    Kind(Subject.BATCH, "stamped", "加盖公章的名册表", (_by(Party.UNIT, _UNITS, "handed_in"),)),
    Kind(
        Subject.MANAGER_FORM,
        "annex",
        "加盖公章的登记表",
        (_by(Party.UNIT, _UNITS, "filed"), _by(Party.OFFICE, frozenset({Permission.RUN_OFFICE}), "filed", "accepted")),
    ),
    Kind(
        Subject.INCIDENT, "evidence", "证据", (_by(Party.OFFICE, frozenset({Permission.SCHEDULE, Permission.EXAMINE})),)
    ),
    Kind(Subject.CHECK, "request", "申请人提交的材料", (_by(Party.PERSON, _APPLY, "open"),)),
    # Logs and recordings may show others: person and unit are given the answer, not these.
    Kind(
        Subject.CHECK,
        "evidence",
        "核查依据",
        (_by(Party.OFFICE, _EXAMINE, "open", "upheld", "dismissed"),),
        Seen.BY_OFFICE,
    ),
    Kind(Subject.CORRECTION, "evidence", "更正依据", (_by(Party.OFFICE, _EXAMINE | _SUPERVISE, "asked"),)),
    # The person sees the evidence with the case, from the hearing on.
    Kind(Subject.SANCTION, "evidence", "证据（立案后当事人可以查看）", _OF_A_CASE),
    Kind(Subject.SANCTION, "lead", "线索材料（不向当事人出示）", _OF_A_CASE, Seen.BY_OFFICES),
    Kind(
        Subject.SANCTION,
        "receipt",
        "送达回执",
        (_by(Party.OFFICE, _SUPERVISE, "hearing", "decided", "appealed", "final", "cleared", "overturned"),),
    ),
    Kind(Subject.SANCTION, "statement", "陈述申辩材料", (_by(Party.PERSON, _APPLY, "hearing"),)),
    Kind(Subject.SANCTION, "appeal", "申诉材料", (_by(Party.PERSON, _APPLY, "appealed"),)),
    # Only supervisors know the objector, whom these files may identify.
    Kind(
        Subject.OBJECTION,
        "grounds",
        "异议人提交的材料",
        (_by(Party.ANYBODY, frozenset(), "open"),),
        Seen.BY_SUPERVISORS,
    ),
    Kind(Subject.OBJECTION, "inquiry", "核查材料", (_by(Party.OFFICE, _SUPERVISE, "open"),), Seen.BY_SUPERVISORS),
    Kind(Subject.PANEL, "minutes", "签名的评审汇总表和会议纪要", (_by(Party.OFFICE, _EXAMINE, "scoring", "closed"),)),
    Kind(
        Subject.IDENTITY,
        "evidence",
        "更正的依据",
        (
            _by(Party.PERSON, _APPLY, "asked", "examined"),
            _by(Party.UNIT, _UNITS, "asked", "examined"),
            _by(Party.OFFICE, frozenset({Permission.RUN_OFFICE}), "asked", "examined"),
        ),
    ),
    # The decision of earlier years names others, and was served on the person at its time.
    Kind(
        Subject.BAN,
        "decision",
        "原处理决定",
        (_by(Party.OFFICE, frozenset({Permission.LEAD_PROVINCE})),),
        Seen.BY_OFFICE,
    ),
    Kind(Subject.APPEAL, "grounds", "申诉的证明材料", (_by(Party.PERSON, _APPLY, "open"),)),
    Kind(
        Subject.EMERGENCY_PLAN,
        "plan",
        "加盖公章的预案文本",
        (_by(Party.OFFICE, frozenset({Permission.RUN_OFFICE}), "drafted"),),
    ),
    Kind(
        Subject.CERTIFICATES,
        "receipt",
        "签字的签领表",
        tuple(
            _by(party, permissions, "handed_over", "settled")
            for party, permissions in ((Party.UNIT, _UNITS), (Party.OFFICE, frozenset({Permission.RUN_OFFICE})))
        ),
    ),
    # What an archive has signed the office alone adds; the policies show a unit nothing but its own.
    Kind(
        Subject.HANDOVER,
        "receipt",
        "签字盖章的移交清单",
        tuple(
            _by(party, permissions, "handed_over", "received", "returned")
            for party, permissions in ((Party.UNIT, _UNITS), (Party.OFFICE, _OFFICE_WORK))
        ),
    ),
    Kind(
        Subject.PATROL_FINDING,
        "evidence",
        "巡视照片和材料",
        (_by(Party.OFFICE, _OFFICE_WORK | _EXAMINE | {Permission.SCHEDULE}, "open", "answered"),),
    ),
    Kind(
        Subject.PATROL_FINDING,
        "remedy",
        "整改照片和材料",
        (_by(Party.OTHER_OFFICE, frozenset({Permission.RUN_OFFICE, Permission.SCHEDULE}), "open", "answered"),),
    ),
)
"""Every capacity, subject by subject."""


def kinds_of(subject: Subject) -> tuple[Kind, ...]:
    """The capacities in which files belong to such a thing."""
    return tuple(kind for kind in KINDS if kind.subject is subject)


def kind_of(subject: Subject, code: str) -> Kind | None:
    """The capacity of a thing by its code."""
    return next((kind for kind in kinds_of(subject) if kind.code == code), None)
