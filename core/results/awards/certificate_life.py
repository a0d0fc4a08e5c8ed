"""Pure: the life of an award, from a draft list to a revoked certificate. Read this before the services.

A candidate who passed is put on a list, the list is published for a period, and after a period without a sustained
objection the certificate is issued. A list that is out may be corrected or withdrawn, a person struck off it and
restored, all of it before a certificate was issued. A certificate may be revoked, or superseded by another one, and its
paper called back; it is never revived.
Source: 2024 notice §3(6), §4(4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.clock import last_day
from core.errors import Conflict
from core.text import dates
from core.text.labels import Labelled


class Stage(Labelled):
    """The stages of an award."""

    NONE = "none", "未列入名单"
    LISTED = "listed", "已列入拟公示名单"
    PUBLISHED = "published", "公示中"
    CONFIRMED = "confirmed", "公示期满，已确认合格"
    STRUCK = "struck", "已撤出名单"
    REPLACED = "replaced", "名单已更正，由后一版代替"
    WITHDRAWN = "withdrawn", "名单已撤回"
    ISSUED = "issued", "已发证"
    REVOKED = "revoked", "证书已撤销，纸质证书待收回"
    RETURNED = "returned", "证书已撤销，纸质证书已收回"
    SUPERSEDED = "superseded", "证书已换发，原纸质证书待收回"
    EXCHANGED = "exchanged", "证书已换发，原纸质证书已收回"


class Step(StrEnum):
    """The steps that lead from one stage to the next."""

    LIST = "list"
    DISCARD = "discard"
    PUBLISH = "publish"
    STRIKE = "strike"
    RESTORE = "restore"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    ISSUE = "issue"
    REVOKE = "revoke"
    SUPERSEDE = "supersede"
    RETURN_PAPER = "return_paper"


class Ground(Labelled):
    """Why a certificate is issued again: a changed name, a wrong name or number, a misprint, a loss."""

    CHANGED = "changed", "更换：持证人更名"
    WRONG = "wrong", "更换：姓名或身份证号有误"
    MISPRINT = "misprint", "更换：印制有误"
    LOST = "lost", "补办：证书遗失或损毁"


GROUND_LABELS: Mapping[Ground, str] = {ground: ground.label for ground in Ground}
STAGE_LABELS: Mapping[Stage, str] = {stage: stage.label for stage in Stage}

_STEPS: Mapping[tuple[Step, Stage], Stage] = {
    (Step.LIST, Stage.NONE): Stage.LISTED,
    (Step.DISCARD, Stage.LISTED): Stage.NONE,
    (Step.PUBLISH, Stage.LISTED): Stage.PUBLISHED,
    (Step.STRIKE, Stage.PUBLISHED): Stage.STRUCK,
    (Step.RESTORE, Stage.STRUCK): Stage.PUBLISHED,
    (Step.CORRECT, Stage.PUBLISHED): Stage.REPLACED,
    (Step.WITHDRAW, Stage.PUBLISHED): Stage.WITHDRAWN,
    (Step.WITHDRAW, Stage.CONFIRMED): Stage.WITHDRAWN,
    (Step.LIST, Stage.WITHDRAWN): Stage.LISTED,
    (Step.CLOSE, Stage.PUBLISHED): Stage.CONFIRMED,
    (Step.ISSUE, Stage.CONFIRMED): Stage.ISSUED,
    (Step.REVOKE, Stage.ISSUED): Stage.REVOKED,
    (Step.RETURN_PAPER, Stage.REVOKED): Stage.RETURNED,
    (Step.SUPERSEDE, Stage.ISSUED): Stage.SUPERSEDED,
    (Step.RETURN_PAPER, Stage.SUPERSEDED): Stage.EXCHANGED,
}


@dataclass(frozen=True, slots=True)
class Award:
    """One person's award: whether they passed, when the list's period ends, and whether something holds it up.

    ``held`` means an open case of sanctions or an undecided objection; ``qualified`` that the application still is.
    """

    stage: Stage = Stage.NONE
    passed: bool = False
    qualified: bool = True
    held: bool = False
    ends_at: datetime | None = None
    issued_at: datetime | None = None
    revoked_at: datetime | None = None
    superseded_at: datetime | None = None


def take(award: Award, step: Step, *, now: datetime, ends_at: datetime | None = None) -> Award:
    """The award after one step at ``now``; ``ends_at`` goes with PUBLISH. Conflict where it cannot be."""
    stage = _STEPS.get((step, award.stage))
    if stage is None:
        raise Conflict(
            "award_wrong_stage", f"目前为“{STAGE_LABELS[award.stage]}”，不能进行此项操作。请刷新页面后再试。"
        )
    _check(award, step, now=now, ends_at=ends_at)
    changed = replace(award, stage=stage)
    match step:
        case Step.PUBLISH:
            return replace(changed, ends_at=ends_at)
        case Step.ISSUE:
            return replace(changed, issued_at=now)
        case Step.REVOKE:
            return replace(changed, revoked_at=now)
        case Step.SUPERSEDE:
            return replace(changed, superseded_at=now)
        case _:
            return changed


def standing(award: Award) -> str:
    """The answer to a verification: ``valid``, ``revoked``, ``superseded`` or ``unknown``."""
    if award.issued_at is None:
        return "unknown"
    if award.superseded_at is not None:
        return "superseded"
    return "valid" if award.revoked_at is None else "revoked"


def _check(award: Award, step: Step, *, now: datetime, ends_at: datetime | None) -> None:
    if step is Step.LIST and not (award.passed and award.qualified):
        raise Conflict("award_not_passed", "未取得合格成绩，或申报资格已不存在，不能列入合格人员名单。")
    if step is Step.PUBLISH and (ends_at is None or ends_at <= now):
        raise Conflict("award_no_period", "公示期须晚于发布时间。请检查公示天数。")
    if step is Step.CLOSE:
        check_period_over(award.ends_at, now)
    if step in {Step.ISSUE, Step.SUPERSEDE} and (award.held or not award.passed or not award.qualified):
        raise Conflict("award_held", "该人员有未办结的违规案件或异议，或已不符合发证条件，暂不能发证。")


def check_period_over(ends_at: datetime | None, now: datetime) -> None:
    """Conflict unless the publication period has ended by ``now``."""
    if ends_at is None or now < ends_at:
        until = "" if ends_at is None else f"，公示至{dates.day(last_day(ends_at))}24时"
        raise Conflict("period_running", f"公示期尚未届满{until}。请在期满后办理。")
