"""The refusals that errors of the database mean: one map from constraints, and one from SQLSTATEs.

They back the services up: a service checks first and says more; the database decides where two requests compete. The
edge asks ``refusal_of``; a service that refuses within a savepoint uses ``in_words``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound, Unavailable

AWAY = Unavailable("try_again", "系统暂时不能办理，本次没有保存。请稍后重试。")
MALFORMED = Invalid("malformed", "填写的内容超出可以保存的范围。请核对后重新提交。")
CHANGED = Conflict("changed", "所涉事项刚刚发生变化，本次没有保存。请刷新后核对再办理。")

CONSTRAINTS: Mapping[str, KaowuError] = {
    "ex_sitting_rooms_one_at_a_time": Conflict(
        "room_taken", "所选考场在该时间刚被其他场次占用。请刷新后另选考场或时间。"
    ),
    "uq_exam_rooms_site_id_name": Conflict("room_name_taken", "该考点已有同名考场。请换一个名称。"),
    "fk_late_entries_person_id": NotFound("person_unknown", "没有找到该申报人，请核对其是否已注册。"),
    "uq_calendar_versions_office_id_year_version": Conflict(
        "calendar_changed", "本机构的日程刚被其他人修改，请刷新后重新提交。"
    ),
    "uq_applications_one_live": Conflict(
        "second_application", "您本年度已有一份有效申请，每人每年只能申报一个。请先撤回原申请。"
    ),
    "uq_rosters_unit_id_year_kind_version": Conflict(
        "roster_just_made", "本单位另一位管理人员刚刚生成了这份名册。请刷新页面后查看。"
    ),
    "uq_certificates_number": Conflict(
        "certificate_number_taken", "编号规则给出的证书编号与已有证书重复，本次没有发证。请联系运维人员检查编号规则。"
    ),
    "uq_delegations_one_in_force": Conflict(
        "already_delegated", "两个机构之间已有一项生效的委托或下放。请先终止原有的一项。"
    ),
    "uq_manager_forms_accepted": Conflict(
        "manager_accepted_elsewhere", "该单位的管理人员已由另一机构受理登记。请由原受理机构办理变更。"
    ),
    # An office in charge does not see the cases of others: it is told here.
    "uq_sanction_cases_one_open": Conflict(
        "sanction_case_open",
        "这份申请已有一件未办结的案件，由其他机构办理。请与该市级机构或省中心联系，在该案件中补充线索。",
    ),
    "uq_suspensions_one_in_force": Conflict(
        "suspended_already", "该申报人已被其他机构暂停考核。请与该市级机构或省中心联系，在案件中尽快作出决定。"
    ),
    "uq_filings_receipt_number": Conflict("receipt_number_taken", "备案号刚被其他材料使用，请重新提交。"),
}
"""The refusal that the violation of each constraint means."""

SQLSTATES: Mapping[str, KaowuError] = {
    # The database's own net under the services: policies and triggers.
    "42501": Forbidden("not_yours", "您所在的机构或单位无权办理此项。请由负责的机构或单位办理。"),
    "KW004": Forbidden("own_case", "不能审核、决定本人的事项。请由上级工考管理机构指定另一人办理。"),
    "KW005": Forbidden("two_stages", "同一人不能审核同一申请的两个环节。请由上级工考管理机构指定另一人办理。"),
    "KW003": Forbidden("not_in_charge", "本案目前不由您所在机构办理。请由负责本环节的机构办理。"),
    "KW018": Conflict("site_not_usable", "该考点尚未签署就绪或已停用，不能安排考试。请核对考点的就绪检查。"),
    "KW019": Conflict("course_full", "该培训班名额已满。请选择其他培训班，或联系举办机构。"),
    "KW021": Forbidden("second_person", "须由另一人复核或决定，同一人的其他账号及其代办人也不可以。请由其他人员办理。"),
    "KW022": Conflict("results_locked", "成绩或结果已经锁定，只能通过成绩更正改变。请刷新页面查看现状。"),
    "KW023": Forbidden("must_avoid", "评委须回避本人、本单位和登记了回避关系的人员。请由其他评委评分。"),
    "KW028": Conflict("settled", "该事项已经办结，不能再改。请刷新页面查看现状。"),
    "KW031": Conflict("outcome_stands", "须有已生效的处理决定：请从案件页面立案。成绩有误的，请办理成绩更正。"),
    "KW032": Forbidden("must_avoid_case", "您已登记与当事人或其单位的回避关系，不能办理此项。请由本机构其他人员办理。"),
    "KW404": NotFound("no_such_application", "没有找到这份申请，或您无权查看。请核对申请编号。"),
    "23503": Invalid("unknown_reference", "所填编号对应的人员、单位、材料或机构不存在，或您无权查看。请核对编号。"),
    "40P01": Conflict("busy", "多人同时办理同一事项，本次没有保存。请稍后重试。"),
    "40001": Conflict("busy", "多人同时办理同一事项，本次没有保存。请稍后重试。"),
    # Its patience with one request (limits.DATABASE_PATIENCE), and its own coming and going.
    "57014": Unavailable("too_slow", "办理用时过长，本次没有保存。请稍后重试；查询的，请缩小范围。"),
    "55P03": Unavailable("too_slow", "多人正在办理同一事项，等候过久，本次没有保存。请稍后重试。"),
    "25P03": AWAY,
    "53300": AWAY,
    "57P01": AWAY,
    "57P02": AWAY,
    "57P03": AWAY,
}
"""The refusal that each SQLSTATE means, raised by policies, triggers or the server itself."""


def constraint_of(error: DBAPIError) -> str | None:
    """The name of the violated constraint, where the database names one."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None)


def refusal_of(error: DBAPIError) -> KaowuError | None:
    """The refusal that an error of the database means; None for a fault of the program."""
    if isinstance(error, DataError):
        return MALFORMED
    named = CONSTRAINTS.get(constraint_of(error) or "")
    if named is None:
        named = SQLSTATES.get(getattr(error.orig, "sqlstate", None) or "")
    return CHANGED if named is None and isinstance(error, IntegrityError) else named


@contextmanager
def in_words(**instead: KaowuError) -> Iterator[None]:
    """Raise the refusal of a constraint that the block violates; ``instead`` replaces it for some constraints.

    The error of a constraint without a refusal is raised unchanged.
    """
    try:
        yield
    except IntegrityError as error:
        name = constraint_of(error) or ""
        refusal = instead.get(name) or CONSTRAINTS.get(name)
        if refusal is None:
            raise
        raise refusal from error
