"""Handing over what is archived (档案移交): packages to an archive, people's papers to the personnel files of units.

The office prints the list in two copies, hands it over with the papers, and both sides sign. That they have them the
units say on their own page; of an archive, and of a unit that signs on paper alone, the office notes it. What comes
back is withdrawn for a reason and may be handed over again. What is issued, issued again or revoked after a hand-over
goes into the next list: none is rewritten. A season that has ended is handed over like any other.
Source: 2024 notice §3(6), 归档材料; it knows no form and no period for it.
"""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from core.audit import service as audit
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.refusals import in_words
from core.db.rows import own_row
from core.db.session import OfficeSession, UnitSession
from core.domain.permissions import Permission
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.organizations.models import Unit
from core.results.archive.handover_queries import UNKNOWN, items_to_hand
from core.results.archive.handover_states import AT_RECEIVER, HandoverState, Matter
from core.results.models.archive import ArchiveHandover, ArchiveHandoverItem
from core.results.models.awards import ArchivePackage
from core.seasons.queries import season
from core.text.form_texts import checked_text, required_text

_LONGEST_NAME: Final = 50
_LONGEST_BODY: Final = 100
_TAKEN: Final = Conflict("handed_over_already", "所选内容刚被同事移交。请刷新页面查看。")


def hand_to_archive(session: OfficeSession, package_id: UUID, *, receiving_body: str, contents: str) -> ArchiveHandover:
    """Hand a finished package of a season to an archive; ``contents`` says on which carriers, and what goes with it.

    Raises Forbidden for anybody but a supervisor, Conflict where it was handed over already, or is not finished.
    """
    if Permission.SUPERVISE not in session.actor.may_change:
        raise Forbidden("only_supervisors_hand_over", "归档材料由监管人员移交。请本机构监管人员办理。")
    package = own_row(
        session, ArchivePackage, package_id, NotFound("package_unknown", "没有找到这份归档材料，或尚未生成完毕。")
    )
    if package.state != "made" or package.publication_id is not None:
        raise Conflict("package_not_ready", "只有已生成的年度归档材料才能移交。请先在“归档”页面生成。")
    body = required_text(receiving_body, "请填写接收单位，例如档案馆或本单位档案室的名称。", field="receiving_body")
    if len(body) > _LONGEST_BODY:
        raise Invalid("body_too_long", f"接收单位名称最多{_LONGEST_BODY}字。", at="receiving_body")
    told = required_text(contents, "请写明移交的载体和数量，例如“光盘2张，纸质材料3盒”。", field="contents")
    made = _listed(session, package.year, body, package_id=package_id, contents=told)
    with in_words(uq_archive_handovers_package=_TAKEN), session.begin_nested():
        session.add(made)
        session.flush()
    audit.record_on(session, made, "archive.handed_over", to=body, sha256=package.sha256)
    return made


def hand_to_units(session: OfficeSession, year: int, unit_ids: Collection[UUID]) -> list[ArchiveHandover]:
    """Hand each unit the papers of its people for their personnel files; the units are told.

    Raises Invalid where no unit is named, Conflict where a unit has nothing left: a colleague was first.
    """
    year = season(session, year).year
    if not unit_ids:
        raise Invalid("units_missing", "请选择要移交的单位。", at="unit")
    made = []
    for unit_id in sorted(unit_ids, key=str):
        unit = session.get(Unit, unit_id)
        _one_by_one(session, year)
        items = items_to_hand(session, year, unit_id)
        if unit is None or not items:
            raise Conflict("nothing_to_hand_over", "所选单位已没有待移交的材料，可能刚被同事移交。请刷新页面查看。")
        made.append(_handed(session, year, unit, items))
    return made


def note_receipt(
    session: OfficeSession | UnitSession, handover_id: UUID, *, receiver: str, received_on: date
) -> ArchiveHandover:
    """Note who took over, and on which day: between the hand-over and today.

    A unit notes its own receipt, also after it returned the list by mistake; the office what was signed on paper.
    """
    listed = _in_states(session, handover_id, *AT_RECEIVER)
    named = " ".join(checked_text(receiver, field="receiver").split())
    if not named:
        raise Invalid("receiver_missing", "请填写接收人姓名。", at="receiver")
    if len(named) > _LONGEST_NAME:
        raise Invalid("receiver_too_long", f"姓名最多{_LONGEST_NAME}字。", at="receiver")
    today, handed_on = (moment.astimezone(SHANGHAI).date() for moment in (session.now, listed.handed_at))
    if not handed_on <= received_on <= today:
        raise Invalid(
            "received_on_impossible", "接收日期应在移交之日到今天之间。请核对清单上的日期。", at="received_on"
        )
    listed.state, listed.receiver, listed.received_on = HandoverState.RECEIVED.value, named, received_on
    _settle(session, listed)
    audit.record_on(session, listed, "archive.received", receiver=named, on=received_on.isoformat())
    return listed


def return_to_office(session: UnitSession, handover_id: UUID, *, reason: str) -> ArchiveHandover:
    """Say that what came is not what the list names; the office is told, and sends it again or explains."""
    listed = _in_states(session, handover_id, HandoverState.HANDED_OVER)
    why = required_text(reason, "请写明退回的原因，例如缺了谁的哪一份材料。")
    listed.state, listed.returned_reason = HandoverState.RETURNED.value, why
    _settle(session, listed)
    audit.record_on(session, listed, "archive.returned", reason=why)
    notify(
        session,
        Recipient(office_id=listed.office_id),
        event_key=f"archive_handover_returned:{listed.id}:{session.now.isoformat()}",
        office_id=listed.office_id,
        kind="archive_handover_returned",
        title="单位退回移交的档案材料",
        body=f"{listed.receiving_body}退回第{listed.serial}号移交清单：{why}",
    )
    return listed


def withdraw(session: OfficeSession, handover_id: UUID, *, reason: str) -> ArchiveHandover:
    """Take back what was handed over by mistake or came back; it may be handed over again, on another list.

    A unit that still has to note its receipt is told.
    """
    listed = _in_states(session, handover_id, *AT_RECEIVER)
    listed.withdrawn_reason = required_text(reason, "请写明收回的原因，例如“缺一份申报表，补齐后重新移交”。")
    listed.state = HandoverState.WITHDRAWN.value
    _settle(session, listed)
    of_list = ArchiveHandoverItem.handover_id == listed.id
    session.execute(update(ArchiveHandoverItem).where(of_list).values(released_at=session.now))
    audit.record_on(session, listed, "archive.withdrawn", reason=listed.withdrawn_reason)
    if listed.unit_id is not None:
        notify(
            session,
            Recipient(unit_id=listed.unit_id),
            event_key=f"archive_handover_withdrawn:{listed.id}",
            office_id=listed.office_id,
            kind="archive_handover_withdrawn",
            title="移交的档案材料已收回",
            body=f"第{listed.serial}号移交清单已由移交机构收回：{listed.withdrawn_reason}",
        )
    return listed


def take_receipt_back(session: OfficeSession, handover_id: UUID, *, reason: str) -> ArchiveHandover:
    """Take back a receipt that was noted by mistake: the list waits for its receiver again."""
    why = required_text(reason, "请写明撤销接收登记的原因。")
    listed = _in_states(session, handover_id, HandoverState.RECEIVED)
    listed.state, listed.receiver, listed.received_on = HandoverState.HANDED_OVER.value, "", None
    listed.settled_at, listed.settled_by, listed.settled_by_name = None, None, ""
    session.flush()
    audit.record_on(session, listed, "archive.receipt_taken_back", reason=why)
    return listed


def _handed(
    session: OfficeSession, year: int, unit: Unit, items: Collection[tuple[UUID, UUID, Matter]]
) -> ArchiveHandover:
    made = _listed(session, year, unit.name, unit_id=unit.id)
    with in_words(uq_archive_handover_items_once=_TAKEN), session.begin_nested():
        session.add(made)
        session.flush()
        session.add_all(
            ArchiveHandoverItem(
                handover_id=made.id,
                certificate_id=certificate_id,
                matter=matter.value,
                application_id=application_id,
                office_id=session.office_id,
            )
            for certificate_id, application_id, matter in items
        )
        session.flush()
    audit.record_on(session, made, "archive.handed_over", to=unit.name, count=len(items))
    notify(
        session,
        Recipient(unit_id=unit.id),
        event_key=f"archive_handed_over:{made.id}",
        office_id=made.office_id,
        kind="archive_handed_over",
        title="档案材料已移交本单位",
        body=f"{year}年度第{made.serial}号移交清单，共{len(items)}份，请归入本人人事档案，核对无误后在“档案接收”中登记；"
        "缺少或有误的，在该页退回并写明原因。",
    )
    return made


def _listed(
    session: OfficeSession,
    year: int,
    body: str,
    *,
    package_id: UUID | None = None,
    unit_id: UUID | None = None,
    contents: str = "",
) -> ArchiveHandover:
    """A hand-over with the next number of the office's year."""
    _one_by_one(session, year)
    last = select(func.max(ArchiveHandover.serial)).where(
        ArchiveHandover.office_id == session.office_id, ArchiveHandover.year == year
    )
    return ArchiveHandover(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        serial=(session.scalar(last) or 0) + 1,
        package_id=package_id,
        unit_id=unit_id,
        receiving_body=body,
        contents=contents,
        state=HandoverState.HANDED_OVER.value,
        handed_at=session.now,
        handed_by=session.actor.account_id,
        handed_by_name=session.actor.name,
    )


def _in_states(session: OfficeSession | UnitSession, handover_id: UUID, *states: HandoverState) -> ArchiveHandover:
    """A hand-over that the session may act on, locked, in one of these states; Conflict in any other."""
    if isinstance(session, OfficeSession):
        listed = own_row(session, ArchiveHandover, handover_id, UNKNOWN, locked=True)
    else:
        wanted = select(ArchiveHandover).where(ArchiveHandover.id == handover_id, ArchiveHandover.unit_id.is_not(None))
        locked = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
        if locked is None:
            # A row that the policies let nobody change any more is not locked either: it may be seen all the same.
            seen = session.get(ArchiveHandover, handover_id)
            if seen is None:
                raise UNKNOWN
            locked = seen
        listed = locked
    state = HandoverState(listed.state)
    if state not in states:
        raise Conflict("handover_elsewhere", f"这份清单目前为“{state.label}”，不能进行此项操作。请刷新页面查看。")
    return listed


def _settle(session: OfficeSession | UnitSession, listed: ArchiveHandover) -> None:
    listed.settled_at, listed.settled_by = session.now, session.actor.account_id
    listed.settled_by_name = session.actor.name
    session.flush()


def _one_by_one(session: OfficeSession, year: int) -> None:
    """Let those who hand over of a year wait for each other: a paper stands on one list."""
    one_at_a_time(session, f"archive_handovers/{session.office_id}/{year}")
