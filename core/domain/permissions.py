"""Pure: every role, where it is held, and its permissions: one table, ``POSTS``, to be read first.

``moves.capacities``, the guards of the routes, the policies of the database (``kaowu.permissions``) and the table in
``docs/workflow.md`` follow from it. Source: 2024 notice §2(2)-(5), §3(1), §4(3), for who reviews, files and supervises.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.plugin_api import OfficeLevel
from core.text.labels import Labelled


class Role(StrEnum):
    """What an account may be, in an office, a department or a unit."""

    APPLICANT = "applicant"
    UNIT_MANAGER = "unit_manager"
    DEPARTMENT_REVIEWER = "department_reviewer"
    COUNTY_REVIEWER = "county_reviewer"
    CITY_REVIEWER = "city_reviewer"
    SCHEDULER = "scheduler"
    EXAMINER = "examiner"
    CITY_SUPERVISOR = "city_supervisor"
    PROVINCIAL_OFFICER = "provincial_officer"
    PROVINCIAL_AUDITOR = "provincial_auditor"
    OPERATOR = "operator"
    SYSTEM = "system"


class Permission(Labelled):
    """One kind of thing to do. Who may do something may also read what it is about, in the scope of their role."""

    APPLY = "apply", "本人申报"
    REVIEW_FOR_UNIT = "review_for_unit", "单位审核"
    REVIEW_FOR_DEPARTMENT = "review_for_department", "主管部门审核"
    REVIEW = "review", "资格审查"
    CONFIRM = "confirm", "现场确认"
    RUN_OFFICE = "run_office", "机构日常事务"
    SUPERVISE = "supervise", "监管"
    STAFF = "staff", "账号与角色管理"
    LEAD_PROVINCE = "lead_province", "全省统管"
    SCHEDULE = "schedule", "考务编排"
    EXAMINE = "examine", "考评"
    AUDIT = "audit", "审计查阅"
    OPERATE = "operate", "系统运维"
    CARRY_OUT_DUE = "carry_out_due", "到期自动办理"


EXAM_ARRANGERS = frozenset({Permission.SCHEDULE})
EXAM_STAFF = EXAM_ARRANGERS | {Permission.EXAMINE}
"""Who works at an exam: the officers who arrange it, and those who run it."""
EXAM_ANSWERABLE = EXAM_ARRANGERS | {Permission.SUPERVISE}
"""Who answers for an exam at an office, and above it: the officers who arrange it, and those who supervise."""

PERMISSION_LABELS: Mapping[Permission, str] = {permission: permission.label for permission in Permission}


class Holding(StrEnum):
    """The place of a role: a person as such, a unit or department, an office, or no account at all."""

    PERSON = "person"
    UNIT = "unit"
    OFFICE = "office"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Post:
    """One role: its label, where it is held (``levels`` for offices), and its permissions."""

    label: str
    held: Holding
    may: frozenset[Permission]
    levels: frozenset[OfficeLevel] = frozenset()


_ANY = frozenset(OfficeLevel)
_PROVINCE = frozenset({OfficeLevel.PROVINCE})
# The center does a city's work for the units of the province itself.
_CITY = frozenset({OfficeLevel.CITY, OfficeLevel.PROVINCE})
_REVIEWER = frozenset({Permission.REVIEW, Permission.CONFIRM, Permission.RUN_OFFICE})
_SUPERVISOR = frozenset({Permission.SUPERVISE, Permission.STAFF, Permission.RUN_OFFICE})


def _post(label: str, held: Holding, *may: Permission) -> Post:
    return Post(label, held, frozenset(may))


POSTS: Mapping[Role, Post] = {
    Role.APPLICANT: _post("申报人", Holding.PERSON, Permission.APPLY),
    Role.UNIT_MANAGER: _post("单位网上报名管理人员", Holding.UNIT, Permission.REVIEW_FOR_UNIT),
    Role.DEPARTMENT_REVIEWER: _post("主管部门审核人员", Holding.UNIT, Permission.REVIEW_FOR_DEPARTMENT),
    Role.COUNTY_REVIEWER: Post("县（市）审查人员", Holding.OFFICE, _REVIEWER, frozenset({OfficeLevel.COUNTY})),
    Role.CITY_REVIEWER: Post("市级审查人员", Holding.OFFICE, _REVIEWER, _CITY),
    Role.SCHEDULER: Post("考务编排人员", Holding.OFFICE, frozenset({Permission.SCHEDULE}), _ANY),
    Role.EXAMINER: Post("考评人员", Holding.OFFICE, frozenset({Permission.EXAMINE}), _ANY),
    Role.CITY_SUPERVISOR: Post("市级监管人员", Holding.OFFICE, _SUPERVISOR, _CITY),
    Role.PROVINCIAL_OFFICER: Post(
        "省中心经办人员", Holding.OFFICE, _REVIEWER | _SUPERVISOR | {Permission.LEAD_PROVINCE}, _PROVINCE
    ),
    Role.PROVINCIAL_AUDITOR: Post("省级审计人员", Holding.OFFICE, frozenset({Permission.AUDIT}), _PROVINCE),
    Role.OPERATOR: Post("系统运维人员", Holding.OFFICE, frozenset({Permission.OPERATE}), _PROVINCE),
    # Jobs, the season's clock and the command line; it opens an office's first accounts.
    Role.SYSTEM: Post(
        "系统", Holding.NOBODY, frozenset({Permission.CARRY_OUT_DUE, Permission.STAFF, Permission.RUN_OFFICE})
    ),
}
"""Every role, in one place. Auditors change nothing; operators see no personal data."""

ROLE_LABELS: Mapping[Role, str] = {role: post.label for role, post in POSTS.items()}
UNIT_ROLES: frozenset[Role] = frozenset(role for role, post in POSTS.items() if post.held is Holding.UNIT)
OFFICE_ROLES: frozenset[Role] = frozenset(role for role, post in POSTS.items() if post.held is Holding.OFFICE)


def holders(permissions: Collection[Permission]) -> frozenset[Role]:
    """The roles with at least one of these permissions, except ``SYSTEM``, with which nobody signs in."""
    wanted = frozenset(permissions)
    return frozenset(role for role, post in POSTS.items() if post.may & wanted and role is not Role.SYSTEM)
