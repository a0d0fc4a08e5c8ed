"""The reviewers' verbs: item by item, approve, return, reject, confirm, settle, clear, reopen, disqualify.

Each takes the version of the case that the reviewer saw; the second of two officers is told who was faster. Where a
case leaves a stage, its pending handover is carried out, and the desk of the next stage takes over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from core.applications.models import Application, Move
from core.applications.moves import Step, check_may, course_of, move, open_for_change
from core.applications.queries import deferrals, pinned_requirements
from core.db.refusals import in_words
from core.db.session import CaseSession, OfficeSession, ProvinceSession, UnitSession
from core.delegation.queries import authority_of, delegation_between, in_force_between
from core.delegation.service import finish_handover, transfer
from core.documents.service import materials_of
from core.domain.calendar import due_after, hard_end
from core.domain.workflow import STAGES, Action, State, target
from core.errors import Conflict, Invalid
from core.plugin_api import Grade, ReviewStage, WindowKind
from core.reviews.claims import settle_claim
from core.reviews.decisions.items import ItemVerdict, check_each_judged, check_reasons_given
from core.reviews.decisions.plain_cases import check_plain
from core.reviews.due import end_deferrals
from core.reviews.models import ReviewItem
from core.reviews.reasons import OTHER
from core.reviews.settlements import Answer, check_settled
from core.seasons.queries import calendar_now
from core.tenancy.offices import Offices
from core.text.form_texts import checked_text

_MOST_ITEMS, _LONGEST_ITEM = 100, 64
_SUPERVISED = frozenset({Action.REOPEN, Action.DISQUALIFY})
"""Acts of a supervisor, which a reviewer's claim does not stop."""

_ANOTHER_IS_LIVE = Conflict(
    "another_is_live",
    "申报人本年度已另行提交申请，每人每年只能有一份有效申请，这份申请现在不能重新审查。"
    "请通知申报人：要重新审查这一份，须先撤回另一份；不撤回的，维持原结论。",
)
ReviewSession = UnitSession | OfficeSession


def approve(
    session: ReviewSession,
    application_id: UUID,
    *,
    offices: Offices,
    version: int | None = None,
    items: Sequence[ItemVerdict] = (),
    answers: Sequence[Answer] = (),
    bulk: bool = False,
) -> Application:
    """Agree at the present stage; ``items`` names every item that the case has (``items_to_judge``) as correct.

    Refused while an item is passed over or faulty, a commitment lacking or a finding unsettled. ``answers`` settles
    findings in the same act, as ``settle_findings`` does. ``bulk`` is the agreement to one of many cases at once:
    refused where something asks or is missing, and marked in the case's history.
    """
    application = open_for_change(session, application_id, version=version)
    _check_named(session, application, Action.APPROVE, items, bulk=bulk)
    check_settled(session, application, answers)
    _check_deferrable(session, application)
    _write_items(session, application, items)
    return _decide(session, application, Action.APPROVE, offices=offices, bulk=bulk, separate=True)


def return_for_correction(
    session: ReviewSession,
    application_id: UUID,
    *,
    offices: Offices,
    reason: str,
    items: Sequence[ItemVerdict],
    version: int | None = None,
    bulk: bool = False,
) -> Application:
    """Send the application back; ``items`` names every item, and only the faulty ones are unlocked for the applicant.

    An absent paper or an empty answer is asked for with the reason code ``missing``. ``bulk`` marks a return together
    with others in the case's history.
    """
    application = open_for_change(session, application_id, version=version)
    faulty = [item.item for item in items if item.faulty]
    if not faulty:
        raise Invalid(
            "nothing_to_correct",
            "退回修改时请至少指出一个有误的项目，或一项缺少的材料。",
            fields={"items": "请标出有误的项目或缺少的材料"},
        )
    check_may(session, application, Action.RETURN)
    check_each_judged(session, application, items)
    _write_items(session, application, items)
    return _decide(
        session, application, Action.RETURN, offices=offices, reason=reason, unlocked=faulty, bulk=bulk, separate=True
    )


def reject(
    session: ReviewSession, application_id: UUID, *, offices: Offices, reason: str, version: int | None = None
) -> Application:
    """Refuse the application, with a reason that the applicant reads."""
    application = open_for_change(session, application_id, version=version)
    return _decide(session, application, Action.REJECT, offices=offices, reason=reason)


def confirm(
    session: OfficeSession,
    application_id: UUID,
    *,
    offices: Offices,
    version: int | None = None,
    items: Sequence[ItemVerdict] = (),
    bulk: bool = False,
) -> Application:
    """Confirm on site that the originals bear the application out; ``items`` and ``bulk`` as in ``approve``.

    Source: 2024 notice §2(2), §2(5).
    """
    application = open_for_change(session, application_id, version=version)
    _check_named(session, application, Action.CONFIRM, items, bulk=bulk)
    check_settled(session, application)
    _write_items(session, application, items)
    return _decide(session, application, Action.CONFIRM, offices=offices, bulk=bulk, separate=True)


def clear(session: OfficeSession, application_id: UUID, *, offices: Offices, version: int | None = None) -> Application:
    """The final verdict on a provisional case, once every deferred paper is in. Source: 2024 notice §2(5)."""
    application = open_for_change(session, application_id, version=version)
    waiting = [deferral.material for deferral in deferrals(session, application.id) if deferral.state == "open"]
    if waiting:
        raise Conflict("deferral_open", f"还有{len(waiting)}项容缺材料未补交，不能核销。请等待补交或到期处理。")
    for deferral in deferrals(session, application.id):
        if deferral.state == "supplemented":
            deferral.state, deferral.ended_at = "cleared", session.now
    session.flush()
    return _decide(session, application, Action.CLEAR, offices=offices)


def reopen(
    session: OfficeSession | ProvinceSession,
    application_id: UUID,
    *,
    offices: Offices,
    reason: str,
    version: int | None = None,
) -> Application:
    """The supervising office, or an appeal, has a decided case reviewed again.

    Conflict where the person has another live application of the season by now.
    """
    application = open_for_change(session, application_id, version=version)
    with in_words(uq_applications_one_live=_ANOTHER_IS_LIVE):
        return _decide(session, application, Action.REOPEN, offices=offices, reason=reason)


def annul(
    session: OfficeSession | ProvinceSession, application_id: UUID, *, offices: Offices, reason: str
) -> Application:
    """Carry out a final decision that found the review wrong: PostgreSQL takes outcome and line of the list along.

    Called by ``core.sanctions.cases`` alone: Conflict where a published outcome stands and no final case annuls it.
    """
    application = open_for_change(session, application_id)
    return _decide(session, application, Action.REOPEN, offices=offices, reason=reason, decided=True)


def disqualify(
    session: OfficeSession | ProvinceSession,
    application_id: UUID,
    *,
    offices: Offices,
    reason: str,
    version: int | None = None,
) -> Application:
    """Carry out a final decision that cancels this season's application. Source: 2024 notice §4(4).

    Called by ``core.sanctions.cases`` alone: Conflict where no final sanction case orders it.
    """
    application = open_for_change(session, application_id, version=version)
    return _decide(session, application, Action.DISQUALIFY, offices=offices, reason=reason)


def _decide(
    session: CaseSession,
    application: Application,
    action: Action,
    *,
    offices: Offices,
    reason: str = "",
    unlocked: list[str] | None = None,
    decided: bool = False,
    bulk: bool = False,
    separate: bool = False,
) -> Application:
    left = State(application.state)
    if isinstance(session, OfficeSession) and action not in _SUPERVISED:
        settle_claim(session, application.id)
    changes: dict[str, object] = {}
    if action is Action.RETURN:
        changes = {"unlocked_items": unlocked}
    if action in {Action.CLEAR, Action.REJECT}:
        changes = {"deferral_open": False}
    if action is Action.CLEAR or (action is Action.REJECT and application.deferral_open):
        end_deferrals(session, application)
    calendar = calendar_now(session, application.local_office_id, application.year)
    grade = Grade(application.grade or Grade.FIVE)
    window = calendar.window(WindowKind.UNIT_REVIEW, grade) if left is State.UNIT_REVIEW else None
    late = (window is not None and session.now >= window.closes) or _overdue(application, session.now)
    step = Step(
        action,
        reason=reason,
        late=late,
        due_at=_due(session, application, _end_state(application, action, changes), offices, hard_end(calendar, grade)),
        delegation_id=_authority(session, application),
        decided=decided,
        bulk=bulk,
        separate=separate,
        changes=changes,
    )
    _next_desk(session, application, move(session, application, step, offices=offices))
    return application


def _end_state(application: Application, action: Action, changes: Mapping[str, object]) -> State:
    """The state that the action leads to, by the same table that the move reads."""
    course = course_of(application)
    if "deferral_open" in changes:
        course = replace(course, deferral_open=bool(changes["deferral_open"]))
    return target(action, State(application.state), course)


def _overdue(application: Application, now: datetime) -> bool:
    return application.due_at is not None and now >= application.due_at


def _due(  # noqa: PLR0917 - the case, where it goes, and what bounds it
    session: CaseSession, application: Application, state: State, offices: Offices, end: datetime | None
) -> datetime | None:
    """When the coming stage is due: working days, never past the hard end; a return may be corrected until then."""
    # After a reopening the hard end has passed; then only the working days count.
    limit = end if end is not None and session.now < end else None
    due_days = offices.config(application.local_office_id).review.due_days
    if state is State.RETURNED:
        return due_after(session.now, due_days.of(ReviewStage.QUALIFICATION_REVIEW)).at if end and not limit else end
    if state is State.PROVISIONAL:
        return min(
            (deferral.due_at for deferral in deferrals(session, application.id) if deferral.state == "open"),
            default=None,
        )
    if state not in STAGES:
        return None
    return due_after(session.now, due_days.of(STAGES[state]), limit=limit).at


def _authority(session: CaseSession, application: Application) -> UUID | None:
    """The delegation on whose authority an office that does not own the case decides, even one that has ended since."""
    if not isinstance(session, OfficeSession) or session.office_id == application.office_id:
        return None
    return authority_of(session, application.id)


def _next_desk(session: CaseSession, application: Application, made: Move) -> None:
    """Carry out a pending handover, then give the case to the desk that the route names for its new stage."""
    if made.action == Action.REOPEN and not _still_delegated(session, application):
        _hand_on(session, application, application.office_id)
    if made.from_state == made.to_state or not isinstance(session, OfficeSession):
        return
    if finish_handover(session, application.id):
        session.refresh(application, ["handler_office_id"])
    desk = application.desks.get(made.to_state)
    if made.to_state == ReviewStage.ONSITE_CONFIRMATION and desk is not None:
        _hand_on(session, application, desk)


def _still_delegated(session: CaseSession, application: Application) -> bool:
    """Whether the office that decided a case may review it again; once its delegation has ended, the owner does."""
    return delegation_between(session, application.office_id, application.handler_office_id) is not None


def _hand_on(session: CaseSession, application: Application, desk: str) -> None:
    """Give the case to another desk; an office without a delegation in force gets no new case."""
    if desk == application.handler_office_id:
        return
    delegation_id = None
    if desk != application.office_id:
        delegation_id = in_force_between(session, application.office_id, desk)
        if delegation_id is None:
            return
    try:
        with session.begin_nested():
            transfer(session, application, desk, delegation_id, "stage")
    except DBAPIError as error:
        raise Conflict("desk_changed", "下一环节的负责机构刚刚发生变更，请刷新页面后再操作。") from error
    session.refresh(application, ["handler_office_id"])


def _check_deferrable(session: ReviewSession, application: Application) -> None:
    """Refuse an approval while a deferrable paper is absent and not committed to, or its commitment has ended.

    Source: 2024 notice §2(4).
    """
    committed = {deferral.material: deferral.state for deferral in deferrals(session, application.id)}
    if not isinstance(session, UnitSession) and "lapsed" not in committed.values():
        return
    absent = {
        requirement["code"]: requirement["name"]
        for requirement in pinned_requirements(session, application)
        if requirement["required"] and requirement["deferrable"]
    }
    for material in materials_of(session, application.id) if absent else ():
        absent.pop(material, None)
    ended = [name for code, name in absent.items() if committed.get(code) == "lapsed"]
    if ended:
        message = f"{'、'.join(ended)}的容缺承诺已经终结，材料仍未补交，不能审核通过。请退回申报人补齐。"
        raise Conflict("deferral_ended", message)
    lacking = [name for code, name in absent.items() if code not in committed]
    if lacking and isinstance(session, UnitSession):
        raise Conflict(
            "commitment_required", f"{'、'.join(lacking)}未上传，请退回补齐，或由单位作出容缺承诺后再审核通过。"
        )


def _check_named(
    session: ReviewSession, application: Application, action: Action, items: Sequence[ItemVerdict], *, bulk: bool
) -> None:
    """Refuse an agreement that passes over an item or contradicts one; of many cases at once, one that is not plain."""
    if any(item.faulty for item in items):
        raise Invalid("faulty_items", "有项目被标为有误或缺少，不能通过。请退回修改，或更正逐项审核结果。")
    check_may(session, application, action)
    if bulk:
        check_plain(session, application)
    else:
        check_each_judged(session, application, items)


def _write_items(session: ReviewSession, application: Application, items: Sequence[ItemVerdict]) -> None:
    if len(items) > _MOST_ITEMS or any(len(item.item) > _LONGEST_ITEM for item in items):
        raise Invalid("items_unknown", "逐项审核的项目过多或名称不对。请刷新页面，在所列项目上重新标注。")
    for item in items:
        checked_text(item.comment, field="comment")
    check_reasons_given(session, application, items)
    session.add_all(
        ReviewItem(
            application_id=application.id,
            round=application.round,
            stage=application.state,
            item=item.item,
            verdict="faulty" if item.faulty else "correct",
            reason_code=item.reason_code or (OTHER if item.faulty else ""),
            comment=item.comment,
            account_id=session.actor.account_id,
            at=session.now,
        )
        for item in items
    )
    session.flush()
