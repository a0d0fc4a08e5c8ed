"""Announcing results where no list does it: of candidates who failed while nobody is left to be listed.

A list of those who passed announces the outcomes of its grades. Where nobody passed, or a candidate waited for the end
of a suspension, no list comes, and they would never read their result or be told of their marks.
"""

from sqlalchemy import func, select

from core.audit import service as audit
from core.db.session import OfficeSession
from core.errors import Conflict
from core.plugin_api import Grade
from core.results.awards.publication import announce_failed, lock_outcomes, no_case_moves, waits_for_list
from core.results.models.awards import Publication
from core.results.models.marks import Outcome


def not_announced(session: OfficeSession, year: int) -> int:
    """How many candidates of the office failed and have not been told."""
    wanted = select(func.count()).where(
        Outcome.office_id == session.office_id, Outcome.year == year, Outcome.published_at.is_(None), ~Outcome.passed
    )
    return session.scalar(wanted) or 0


def announce_rest(session: OfficeSession, year: int) -> int:
    """Announce the outcomes of those who failed, and tell them; the answer is how many. Nobody may wait for a list.

    Raises Conflict where somebody who passed is on no list yet, or a draft waits: the list announces the others too.
    """
    no_case_moves(session, year)
    drafts = select(Publication.id).where(
        Publication.office_id == session.office_id, Publication.year == year, Publication.state == "draft"
    )
    if waits_for_list(session, year) or session.scalar(drafts.limit(1)) is not None:
        raise Conflict(
            "list_comes_first", "还有合格人员未公示。请先公示合格人员名单，同等级其他考生的结果随名单一并公布。"
        )
    announced = lock_outcomes(session, year, [int(grade) for grade in Grade], failed_only=True)
    if not announced:
        raise Conflict("nothing_to_announce", "没有未公布的考核结果；资格暂停的人员在恢复后公布。请刷新页面查看。")
    subject = audit.RecordSubject(session.office_id, "office", session.office_id)
    audit.record_on(session, subject, "outcomes.announced", year=year, count=len(announced))
    announce_failed(session, year, announced)
    return len(announced)
