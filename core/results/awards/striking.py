"""Striking somebody off a list that is out (取消公示资格), and the way back (恢复).

One officer proposes with a reason; the person is told, and heard until the time for it is over; a second officer
decides. The decider may take a striking back until the end of its day. Later the person, or an officer, asks for them
to be restored, and another officer decides that. A corrected mark strikes at once: two officers decided on it already.
The notice has no rule for it: why so, docs/decisions/0058 says.
"""

from uuid import UUID

from sqlalchemy import func, select

from core.applications.models import Application
from core.audit import service as audit
from core.clock import SHANGHAI, last_day
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.rows import own_row
from core.db.session import OfficeSession, PersonSession
from core.domain.calendar import due_after
from core.domain.workflow import State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.deadlines import in_words as deadline
from core.messages.service import Recipient, notify
from core.results.awards import objections
from core.results.awards.list_queries import standing_of, struck_of
from core.results.awards.publication import one_by_one
from core.results.models.awards import Objection, Publication, PublicationEntry, Striking
from core.results.models.marks import Outcome
from core.security.keys import KeyProvider
from core.tenancy.config.awards import AwardsTable
from core.text import dates
from core.text.form_texts import required_text

STATE_LABELS = {
    "strike": {
        "proposed": "听取陈述，等待决定",
        "granted": "已取消公示资格",
        "refused": "不予取消",
        "lapsed": "名单已撤回",
    },
    "restore": {"proposed": "等待决定", "granted": "已恢复", "refused": "不予恢复", "lapsed": "名单已撤回"},
}
KIND_LABELS = {"strike": "取消公示资格", "restore": "恢复公示资格"}


def propose(
    session: OfficeSession,
    publication_id: UUID,
    position: int,
    *,
    reason: str,
    awards: AwardsTable,
    objection_id: UUID | None = None,
) -> Striking:
    """Propose to strike one line off a list that is out. The person is told, and may speak until the time is over.

    ``objection_id`` is the objection that the decision will answer. Conflict where the list is not out, the line does
    not stand, or a proposal about this person is open.
    """
    one_by_one(session, publication_id, shared=True)
    publication = _list_out(session, publication_id)
    why = required_text(reason, "请写明取消公示资格的事实和理由，本人将看到这段文字。")
    entry = _line(session, publication, position)
    if entry.struck_at is not None:
        raise Conflict("publication_line_settled", "该人员已撤出名单，不能再次提出。")
    if objection_id is not None:
        _check_about(session, objection_id, entry)
    made = _proposal(session, "strike", entry, why)
    made.objection_id, made.heard_until = objection_id, due_after(session.now, awards.hearing_days).at
    _insert(session, made)
    audit.record_on(session, made, "striking.proposed", until=made.heard_until.isoformat())
    _tell(
        session,
        made,
        kind="striking_proposed",
        title="拟取消您的公示资格",
        body=f"理由请登录后在“我的成绩”中查看，并可在{deadline(made.heard_until)}前陈述意见；期满后由另一名工作人员决定。",
    )
    return made


def state(session: PersonSession, striking_id: UUID, *, words: str) -> Striking:
    """Add to the statement of the person concerned, any number of times until the time for it is over."""
    found = session.get(Striking, striking_id)
    if found is None or found.kind != "strike":
        raise NotFound("striking_unknown", "没有找到这件事项。请从“我的成绩”进入。")
    if found.state != "proposed":
        raise Conflict("striking_decided", "这件事项已经决定，不能再陈述意见。对决定有异议的，可以申请恢复。")
    if found.heard_until is not None and session.now >= found.heard_until:
        until = dates.short_day(last_day(found.heard_until))
        raise Conflict("striking_heard", f"陈述意见的期限已于{until}24时届满。决定后有异议的，可以申请恢复。")
    said = required_text(words, "请写明您的意见。", field="words")
    found.statement = f"{found.statement}\n\n{said}".strip()
    found.stated_at = session.now
    session.flush()
    audit.record_on(session, found, "striking.stated")
    notify(
        session,
        Recipient(office_id=found.office_id),
        event_key=f"striking_stated:{found.id}:{session.now.isoformat()}",
        office_id=found.office_id,
        kind="striking_stated",
        title="收到对取消公示资格的陈述",
        body="当事人提交了陈述意见，请查看。",
        application_id=found.application_id,
    )
    return found


def strike(session: OfficeSession, striking_id: UUID, *, remark: str, keys: KeyProvider) -> Striking:
    """Decide that a line is struck: by a supervisor who did not propose it, once the time to be heard is over.

    The person is told, and the objection that led to it is upheld. Raises Forbidden for the proposer, Conflict while
    the person may still speak, and where the line does not stand any more.
    """
    striking = _to_decide(session, striking_id, "strike")
    if striking.heard_until is not None and session.now < striking.heard_until:
        until = deadline(striking.heard_until)
        raise Conflict("striking_too_early", f"本人可在{until}前陈述意见，期满以前不能决定取消。请在期满后办理。")
    said = required_text(remark, "请写明决定的理由，本人将看到这段文字。", field="remark")
    entry = standing_of(session, striking.application_id)
    if entry is None or _list_of(session, entry).state != "published":
        raise Conflict("line_not_standing", "该人员已不在公示中的名单上，不需要取消。请选择“不予取消”结案。")
    _decide(session, striking, "granted", said)
    strike_line(session, entry, reason=said)
    if (raised := _objection(session, striking)) is not None:
        objections.settle(session, raised, "sustained", said, keys=keys)
    return striking


def refuse(session: OfficeSession, striking_id: UUID, *, remark: str, keys: KeyProvider) -> Striking:
    """Leave it as it is, with a reason that the person reads; the objection that led to it is dismissed."""
    striking = _to_decide(session, striking_id, None)
    said = required_text(remark, "请写明理由，本人将看到这段文字。", field="remark")
    _decide(session, striking, "refused", said)
    audit.record_on(session, striking, "striking.refused")
    if (raised := _objection(session, striking)) is not None:
        objections.settle(session, raised, "dismissed", said, keys=keys)
    told = "您的公示资格不予取消" if striking.kind == "strike" else "公示资格未予恢复"
    _tell(session, striking, kind="striking_refused", title=told, body=f"理由：{said.rstrip('。')}。")
    return striking


def undo(session: OfficeSession, striking_id: UUID, *, keys: KeyProvider) -> Striking:
    """Take a striking back until the end of its day: by its decider, while the list is still out.

    The line stands again, the proposal waits for a decision again, and so does the objection behind it. Later, or once
    the list is over, the way back is a decision to restore.
    """
    striking = _locked(session, striking_id)
    decided = striking.decided_at
    if striking.kind != "strike" or striking.state != "granted" or decided is None:
        raise Conflict("striking_not_granted", "这件事项没有取消决定可以撤销。请刷新页面查看现状。")
    if session.actor.account_id != striking.decided_by:
        raise Forbidden("not_the_decider", "只有作出决定的人可以在当日撤销。请由其办理，或者提出恢复。")
    if session.now.astimezone(SHANGHAI).date() != decided.astimezone(SHANGHAI).date():
        raise Conflict("undo_over", "取消公示资格的决定只能在当日24时前撤销。请提出恢复，由第二人决定。")
    entry = _struck(session, striking.application_id)
    if _list_of(session, entry).state != "published":
        raise Conflict("undo_after_list", "名单已不在公示中，不能撤销决定。请提出恢复，由第二人决定。")
    striking.state, striking.decided_at, striking.decided_by = "proposed", None, None
    striking.decided_by_name, striking.remark = "", ""
    session.flush()
    _stand_again(session, entry)
    audit.record_on(session, striking, "striking.undone", decided=decided.isoformat())
    if striking.objection_id is not None:
        objections.reopen(session, session.get_one(Objection, striking.objection_id), keys=keys)
    body = "您仍在公示名单中。这件事项将重新决定，决定后再通知您。"
    _tell(session, striking, kind="striking_undone", title="取消公示资格的决定已撤销", body=body)
    return striking


def ask_back(session: PersonSession, application_id: UUID, *, reason: str) -> Striking:
    """Ask to be restored after one's line was struck; an officer decides. Conflict where that is not so."""
    why = required_text(reason, "请写明申请恢复的理由。", field="back")
    entry = struck_of(session, application_id)
    case = session.get(Application, application_id)
    own = case is not None and case.person_id == session.person_id
    if entry is None or not own or not _still_passes(session, application_id):
        raise Conflict("nothing_to_restore", "您没有被取消的公示资格，不需要申请恢复。")
    made = _proposal(session, "restore", entry, why)
    _insert(session, made)
    audit.record_on(session, made, "restoring.asked")
    notify(
        session,
        Recipient(office_id=made.office_id),
        event_key=f"restoring_asked:{made.id}",
        office_id=made.office_id,
        kind="restoring_asked",
        title="收到恢复公示资格的申请",
        body="有人申请恢复公示资格，请核查并决定。",
        application_id=application_id,
    )
    return made


def propose_back(session: OfficeSession, publication_id: UUID, position: int, *, reason: str) -> Striking:
    """Propose to restore somebody whose line was struck; a second officer decides."""
    publication = session.get(Publication, publication_id)
    if publication is None or publication.office_id != session.office_id:
        raise _unknown_list()
    why = required_text(reason, "请写明恢复的理由。")
    entry = struck_of(session, _line(session, publication, position).application_id)
    if entry is None or not _still_passes(session, entry.application_id):
        raise _nothing_to_restore()
    made = _proposal(session, "restore", entry, why)
    _insert(session, made)
    audit.record_on(session, made, "restoring.asked")
    return made


def restore(session: OfficeSession, striking_id: UUID, *, remark: str) -> Striking:
    """Decide that somebody is restored: by a supervisor who did not ask for it. The person is told.

    Their line stands again where the list is still out; otherwise they join the next list or the corrected one.
    Conflict where they no longer have the pass, or a decided case struck them.
    """
    striking = _to_decide(session, striking_id, "restore")
    said = required_text(remark, "请写明恢复的理由，本人将看到这段文字。", field="remark")
    entry = _struck(session, striking.application_id)
    if not _still_passes(session, striking.application_id):
        raise Conflict("restore_without_pass", "该人员已没有合格认定或申报资格，不能恢复。请选择“不予恢复”结案。")
    _decide(session, striking, "granted", said)
    if _list_of(session, entry).state == "published":
        _stand_again(session, entry)
        now_where = "您已重新列入公示中的名单。"
    else:
        entry.released_at = session.now
        session.flush()
        now_where = "您将列入以后公示的名单，公示时再通知您。"
    audit.record_on(session, striking, "publication.restored")
    _tell(session, striking, kind="striking_restored", title="您的公示资格已恢复", body=now_where)
    return striking


def strike_line(
    session: OfficeSession, entry: PublicationEntry, *, reason: str, correction_id: UUID | None = None
) -> None:
    """Strike a line that stands on a list that is out, after a decision of two officers; the person is told.

    ``correction_id`` is the granted correction that took the pass, if this is the reason.
    """
    entry.struck_at, entry.struck_by = session.now, session.actor.account_id
    entry.struck_reason, entry.struck_by_correction = reason, correction_id
    session.flush()
    subject = audit.RecordSubject(session.office_id, "application", entry.application_id)
    told = {"publication": str(entry.publication_id), "position": entry.position}
    audit.record_on(session, subject, "publication.struck", **told)
    application = session.get_one(Application, entry.application_id)
    way = "可登录后在“我的成绩”中申请恢复" if correction_id is None else "对更正后的成绩有异议的，可登录后申请复查"
    notify(
        session,
        Recipient(person_id=application.person_id),
        event_key=f"publication.struck:{entry.publication_id}:{application.id}:{session.now.isoformat()}",
        office_id=session.office_id,
        kind="publication_struck",
        title="您已被撤出合格人员公示名单",
        body=f"理由：{reason.rstrip('。')}。{way}。",
        application_id=application.id,
    )


def striking_of(session: OfficeSession, striking_id: UUID) -> Striking:
    """One proposal of the office; NotFound for any other."""
    found = session.get(Striking, striking_id)
    if found is None or found.office_id != session.office_id:
        raise _unknown()
    return found


def may_be_undone(session: OfficeSession, striking: Striking) -> bool:
    """Whether its decider may still take a striking back now."""
    decided = striking.decided_at
    return (
        (striking.kind, striking.state) == ("strike", "granted")
        and striking.decided_by == session.actor.account_id
        and decided is not None
        and session.now.astimezone(SHANGHAI).date() == decided.astimezone(SHANGHAI).date()
    )


def _proposal(session: OfficeSession | PersonSession, kind: str, entry: PublicationEntry, reason: str) -> Striking:
    actor = session.actor
    return Striking(
        id=new_id(),
        office_id=entry.office_id,
        kind=kind,
        application_id=entry.application_id,
        publication_id=entry.publication_id,
        state="proposed",
        reason=reason,
        proposed_at=session.now,
        proposed_by=actor.account_id,
        proposed_on_behalf=actor.on_behalf_of,
        proposed_by_name=actor.name,
        statement="",
        decided_by_name="",
        remark="",
    )


def _insert(session: OfficeSession | PersonSession, striking: Striking) -> None:
    open_one = Conflict("striking_open", "该人员已有一件取消或恢复公示资格的事项等待决定。请先办结。")
    with in_words(uq_strikings_one_open=open_one), session.begin_nested():
        session.add(striking)


def _list_out(session: OfficeSession, publication_id: UUID) -> Publication:
    publication = session.get(Publication, publication_id, populate_existing=True)
    if publication is None or publication.office_id != session.office_id:
        raise _unknown_list()
    if publication.state != "published":
        message = "名单不在公示中，不能取消公示资格。已发证的，请办理成绩更正或违规（审查有误）案件。"
        raise Conflict("list_not_out", message)
    return publication


def _line(session: OfficeSession, publication: Publication, position: int) -> PublicationEntry:
    found = session.scalar(
        select(PublicationEntry).where(
            PublicationEntry.publication_id == publication.id,
            PublicationEntry.position == position,
            PublicationEntry.office_id == session.office_id,
        )
    )
    if found is None:
        raise NotFound("publication_line_unknown", "名单中没有这个序号。请核对后重试。")
    return found


def _check_about(session: OfficeSession, objection_id: UUID, entry: PublicationEntry) -> None:
    """Invalid unless the objection is open and about this person, in whichever edition it was raised."""
    raised = session.get(Objection, objection_id)
    if raised is None or raised.office_id != session.office_id or raised.state != "open":
        raise Conflict("objection_decided", "这份异议已经处理完毕，不能重复处理。请刷新页面查看结果。")
    about = select(PublicationEntry.application_id).where(
        PublicationEntry.publication_id == raised.publication_id, PublicationEntry.position == raised.position
    )
    if session.scalar(about) != entry.application_id:
        raise Invalid("objection_about_another", "这份异议不是针对该人员的。请从异议进入，再提出取消公示资格。")


def _locked(session: OfficeSession, striking_id: UUID) -> Striking:
    return own_row(session, Striking, striking_id, _unknown(), locked=True)


def _to_decide(session: OfficeSession, striking_id: UUID, kind: str | None) -> Striking:
    """A proposal that waits for its decision, locked; Forbidden for the person who proposed it."""
    striking = _locked(session, striking_id)
    if striking.state != "proposed" or kind not in {None, striking.kind}:
        raise Conflict("striking_decided", "这件事项已经决定。请刷新页面查看结果。")
    proposers = {striking.proposed_by, striking.proposed_on_behalf} - {None}
    if {session.actor.account_id, session.actor.on_behalf_of} & proposers:
        raise Forbidden("second_person", "须由提出人以外的另一人决定。请由本机构其他监管人员办理。")
    return striking


def _decide(session: OfficeSession, striking: Striking, to_state: str, remark: str) -> None:
    striking.state, striking.remark, striking.decided_at = to_state, remark, session.now
    striking.decided_by, striking.decided_by_name = session.actor.account_id, session.actor.name
    session.flush()


def _objection(session: OfficeSession, striking: Striking) -> Objection | None:
    """The objection that a decision answers, unless it has been answered otherwise."""
    raised = None if striking.objection_id is None else session.get(Objection, striking.objection_id)
    return raised if raised is not None and raised.state == "open" else None


def _struck(session: OfficeSession, application_id: UUID) -> PublicationEntry:
    found = struck_of(session, application_id)
    if found is None:
        raise _nothing_to_restore()
    return found


def _stand_again(session: OfficeSession, entry: PublicationEntry) -> None:
    entry.struck_at, entry.struck_by, entry.struck_reason = None, None, ""
    session.flush()


def _list_of(session: OfficeSession, entry: PublicationEntry) -> Publication:
    """The list of a line as it is now; it is not closed, corrected or withdrawn before this transaction ends."""
    one_by_one(session, entry.publication_id, shared=True)
    return session.get_one(Publication, entry.publication_id, populate_existing=True)


def _still_passes(session: OfficeSession | PersonSession, application_id: UUID) -> bool:
    wanted = (
        select(func.count())
        .select_from(Outcome)
        .join(Application, Application.id == Outcome.application_id)
        .where(
            Outcome.application_id == application_id,
            Outcome.passed,
            Outcome.annulled_at.is_(None),
            Application.state == State.QUALIFIED,
        )
    )
    return bool(session.scalar(wanted))


def _tell(session: OfficeSession, striking: Striking, *, kind: str, title: str, body: str) -> None:
    application = session.get_one(Application, striking.application_id)
    notify(
        session,
        Recipient(person_id=application.person_id),
        event_key=f"{kind}:{striking.id}:{session.now.isoformat()}",
        office_id=striking.office_id,
        kind=kind,
        title=title,
        body=body,
        application_id=application.id,
    )


def _nothing_to_restore() -> Conflict:
    return Conflict("nothing_to_restore", "该人员没有被取消公示资格，或者已经恢复。请刷新页面查看现状。")


def _unknown() -> NotFound:
    return NotFound("striking_unknown", "没有找到这件事项，或不由您所在机构办理。请返回列表重新选择。")


def _unknown_list() -> NotFound:
    return NotFound("publication_unknown", "没有找到这份名单。请从名单列表进入。")
