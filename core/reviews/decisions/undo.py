"""Taking a decision back (撤销办理): by its maker, within ten minutes, while nobody has acted on the case.

The case returns to the stage in which it was decided, with the due date that it had. The message to the applicant has
waited; notices that are there already are corrected by another one.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, or_, select

from core.applications.consequences import undo_barred_by
from core.applications.models import Application, Deferral, FindingSettlement, Move, Submission
from core.applications.moves import Step, move, open_for_change
from core.applications.queries import deferrals
from core.db.session import OfficeSession, UnitSession
from core.documents.models import Document
from core.domain.workflow import ACTION_LABELS, Action, State
from core.errors import Conflict
from core.reviews.models import OnsiteBatch, OnsiteBatchItem, Original, ReviewAppeal
from core.tenancy.offices import Offices

ReviewSession = UnitSession | OfficeSession
_WHY = {
    "no_decision": "这份申请刚刚没有可以撤销的办理，或已有后续办理。请刷新页面查看现状。",
    "another": "只有办理人本人可以撤销。请联系办理人，或按现在的环节另行办理。",
    "late": "办理已超过10分钟，不能撤销。有误的，请由下一环节退回，或由上级机构重新审查。",
    "elsewhere": "办理后案件已转由其他机构负责，不能撤销。请联系该机构退回。",
    "acted_on": "办理后已有人在此基础上继续办理，不能撤销。请由现在的环节退回。",
}


def undo(session: ReviewSession, application_id: UUID, *, offices: Offices, version: int | None = None) -> Application:
    """Take the actor's own last decision on a case back.

    Conflict, code ``undo_refused``, where it is not theirs, more than ten minutes old, or somebody has acted since.
    """
    application = open_for_change(session, application_id, version=version)
    bar = _bar(session, application)
    if bar is not None:
        raise Conflict("undo_refused", _WHY[bar])
    undone = _last(session, application)
    changes: dict[str, object] = {"unlocked_items": None}
    if undone.action in {Action.CLEAR, Action.REJECT}:
        changes["deferral_open"] = _revive_deferrals(session, application, undone)
    step = Step(Action.UNDO, due_at=undone.due_before, undoes=undone, changes=changes)
    move(session, application, step, offices=offices)
    return application


def undoable(session: ReviewSession, application: Application, last: Move | None = None) -> bool:
    """Whether the actor may take the last decision on a case back now; ``last`` is its move where that is read."""
    return _bar(session, application, last) is None


def what_was_done(session: ReviewSession, moves: Sequence[UUID]) -> list[tuple[Move, Application, bool]]:
    """The actor's own decisions of these ids with their cases, and whether each may still be taken back."""
    wanted = (
        select(Move, Application)
        .join(Application, Application.id == Move.application_id)
        .where(Move.id.in_(moves), Move.account_id == session.actor.account_id)
    )
    found = session.execute(wanted.order_by(Application.reference)).all()
    return [(made, case, made.version == case.version and undoable(session, case, made)) for made, case in found]


def said(made: Move, case: Application) -> str:
    """A decision in words for its maker."""
    done = {Action.APPROVE: "已通过", Action.RETURN: "已退回", Action.REJECT: "已作出不通过结论："}
    begun = done.get(Action(made.action), f"已{ACTION_LABELS[Action(made.action)]}：")
    return f"{begun}{case.person_name}（{case.reference}）"


def _bar(session: ReviewSession, application: Application, last: Move | None = None) -> str | None:
    found = undo_barred_by(session, application)
    if found is not None:
        return found
    return "acted_on" if _acted_on(session, application, last or _last(session, application)) else None


def _last(session: ReviewSession, application: Application) -> Move:
    wanted = select(Move).where(Move.application_id == application.id, Move.version == application.version)
    return session.scalars(wanted).one()


def _acted_on(session: ReviewSession, application: Application, made: Move) -> bool:
    """Whether the applicant, the unit or an office has done something to the case since a decision."""
    if made.to_state == State.RETURNED:
        pinned = select(Submission.form).where(
            Submission.application_id == application.id, Submission.round == application.round
        )
        if session.scalar(pinned) != application.form:
            return True
    of_case = application.id
    later = (
        exists().where(Document.application_id == of_case, Document.uploaded_at > made.at),
        exists().where(Deferral.application_id == of_case, Deferral.committed_at > made.at),
        exists().where(Original.application_id == of_case, Original.received_at > made.at),
        exists().where(ReviewAppeal.application_id == of_case, ReviewAppeal.asked_at > made.at),
        exists().where(
            FindingSettlement.application_id == of_case,
            FindingSettlement.at > made.at,
            FindingSettlement.account_id != made.account_id,
        ),
        exists().where(
            OnsiteBatchItem.application_id == of_case,
            OnsiteBatchItem.batch_id == OnsiteBatch.id,
            OnsiteBatch.handed_in_at > made.at,
        ),
    )
    return session.scalar(select(or_(*later))) is True


def _revive_deferrals(session: ReviewSession, application: Application, undone: Move) -> bool:
    """Open the commitments again that ended with the decision; whether there are any."""
    ended = [deferral for deferral in deferrals(session, application.id) if deferral.ended_at == undone.at]
    for deferral in ended:
        deferral.state = "open" if deferral.document_id is None else "supplemented"
        deferral.ended_at = None
    session.flush()
    return bool(ended)
