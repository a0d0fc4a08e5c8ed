"""Lists of those who passed: drafted, shown to the public for a time (公示), and closed by a notice.

An office may have several lists a year: grade one comes later than the others, and candidates who pass by a corrected
mark get a further list. With the first day of the period marks and outcomes are locked. What is wrong with a list that
is out: ``editions.py``; with one person on it: ``striking.py``. Source: 2024 notice §3(6).
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, literal, not_, select, true, update

from core.applications.models import Application
from core.audit import service as audit
from core.clock import SHANGHAI, end_of, last_day
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession
from core.domain.calendar import due_after
from core.domain.workflow import State
from core.errors import Conflict, Invalid, NotFound
from core.messages.service import Telling, notify_each
from core.plugin_api import Grade
from core.results.awards.certificate_life import Award, Stage, Step, take
from core.results.awards.list_queries import objections_of, open_strikings_of
from core.results.marks.telling import tell_with_list
from core.results.models.awards import Objection, Publication, PublicationEntry
from core.results.models.marks import Outcome
from core.seasons.queries import season
from core.tenancy.config.awards import AwardsTable
from core.text import dates


def draft_list(session: OfficeSession, year: int, *, grades: Collection[Grade], awards: AwardsTable) -> Publication:
    """List the office's candidates who passed in these grades and stand on no list yet, in the order of references.

    Candidates with an open case of sanctions are left out. Raises Conflict where a draft waits or the list is empty.
    """
    season(session, year)
    one_at_a_time(session, f"publications/{session.office_id}/{year}")
    if not grades:
        raise Invalid("grades_missing", "请选择要公示的等级。", fields={"grades": "请至少选择一个等级"})
    if session.scalar(_lists(session, year).where(Publication.state == "draft").limit(1)) is not None:
        raise Conflict("publication_draft_waits", "已有一份拟定名单尚未公示。请先公示或撤回该名单。")
    listed = to_list(session, year, grades)
    if not listed:
        raise Conflict("publication_empty", "没有可以列入名单的合格人员。请确认成绩已导入并完成合格认定。")
    version = session.scalar(_lists(session, year).with_only_columns(func.max(Publication.version))) or 0
    publication = Publication(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        version=version + 1,
        grades=sorted(int(grade) for grade in grades),
        state="draft",
        working_days=awards.publication_days,
        name_shown=awards.name_shown,
        tail_digits=awards.tail_digits,
        units_shown=awards.units_shown,
        shown_days=awards.shown_days,
        entry_count=len(listed),
        digest=digest_of(listed),
        drafted_at=session.now,
        drafted_by=session.actor.account_id,
    )
    session.add(publication)
    session.flush()
    write_lines(session, publication, listed)
    audit.record_on(session, publication, "publication.drafted")
    return publication


def waits_for_list(session: OfficeSession, year: int) -> bool:
    """Whether somebody has passed who stands on no list yet."""
    return bool(to_list(session, year, set(Grade)))


def discard(session: OfficeSession, publication_id: UUID) -> None:
    """Delete a draft, which the public has not seen; its lines are free for another list. Conflict once published."""
    publication = open_publication(session, publication_id)
    take(Award(stage=stage_of(publication)), Step.DISCARD, now=session.now)
    audit.record_on(session, publication, "publication.discarded")
    session.execute(delete(PublicationEntry).where(PublicationEntry.publication_id == publication.id))
    session.execute(delete(Publication).where(Publication.id == publication.id))
    session.expunge(publication)


def publish(session: OfficeSession, publication_id: UUID) -> Publication:
    """Publish a draft until 24:00 of its last working day, and lock the outcomes of its grades.

    Every candidate whose outcome is announced is told. Conflict where the draft is no longer true.
    """
    publication = open_publication(session, publication_id)
    no_case_moves(session, publication.year)
    ends_at = due_after(session.now, publication.working_days).at
    take(Award(stage=stage_of(publication)), Step.PUBLISH, now=session.now, ends_at=ends_at)
    announced = lock_outcomes(session, publication.year, publication.grades)
    _check_still_true(session, publication)
    publication.state = "published"
    publication.published_at, publication.ends_at = session.now, ends_at
    publication.published_by = session.actor.account_id
    session.flush()
    keep_shown(session, publication)
    audit.record_on(session, publication, "publication.published", until=ends_at.isoformat(), announced=len(announced))
    _announce(session, publication, announced)
    return publication


def close(session: OfficeSession, publication_id: UUID, *, notice_number: str) -> Publication:
    """Give the notice of those who passed (合格人员通知), by its number, once the period is over.

    Conflict while the period runs, while an objection or a striking is undecided, and while an objection to the whole
    list that was upheld has not led to its correction or withdrawal. From now on certificates can be issued.
    """
    publication = open_publication(session, publication_id)
    take(Award(stage=stage_of(publication), ends_at=publication.ends_at), Step.CLOSE, now=session.now)
    if not notice_number.strip():
        raise Invalid("notice_number_missing", "请填写合格人员通知的文号。", at="notice_number")
    one_by_one(session, publication.id)
    check_answered(session, publication)
    publication.state, publication.closed_at = "closed", session.now
    publication.closed_by, publication.notice_number = session.actor.account_id, notice_number.strip()
    publication.shown_until = shown_until(publication, session.now)
    session.flush()
    audit.record_on(session, publication, "publication.closed")
    return publication


def check_answered(session: OfficeSession, publication: Publication) -> None:
    """Conflict where something that was said against the list, in any of its editions, has no answer yet."""
    raised = objections_of(session, publication)
    waiting = sum(objection.state == "open" for objection in raised)
    if waiting:
        raise Conflict("objections_open", f"还有{waiting}件异议未处理。请逐件处理后再公布合格人员。")
    hearings = len(open_strikings_of(session, publication))
    if hearings:
        raise Conflict("strikings_open", f"还有{hearings}人的取消公示资格尚未决定。请先由第二人决定后再公布合格人员。")
    if wants_remedy(publication, raised):
        message = "对整份名单的异议已认定成立，还没有更正或撤回名单。请先更正名单，或者撤回名单后重新公示。"
        raise Conflict("remedy_due", message)


def wants_remedy(publication: Publication, raised: Sequence[Objection]) -> bool:
    """Whether an objection to the whole list was upheld since this edition went out."""
    went_out = publication.published_at
    return publication.state == "published" and any(
        objection.remedy
        and objection.decided_at is not None
        and went_out is not None
        and objection.decided_at > went_out
        for objection in raised
    )


def shown_until(publication: Publication, at: datetime) -> datetime:
    """Until when what became of a list stays public, from the day on which it was closed or withdrawn."""
    return (
        end_of(at.astimezone(SHANGHAI).date() + timedelta(days=publication.shown_days))
        if publication.shown_days
        else at
    )


def one_by_one(session: ScopedSession, publication_id: UUID, *, shared: bool = False) -> None:
    """Let closing and the objections being taken in (``shared``) wait for each other, so that none is lost between.

    An objector may not lock the list itself: only the office may change it.
    """
    one_at_a_time(session, f"objections/{publication_id}", shared=shared)


def open_publication(session: OfficeSession, publication_id: UUID) -> Publication:
    """A list of the office, locked until the transaction ends."""
    refusal = NotFound("publication_unknown", "没有找到这份名单。请从名单列表进入。")
    return own_row(session, Publication, publication_id, refusal, locked=True)


def digest_of(listed: Sequence[UUID]) -> bytes:
    """The digest of a list on the record: SHA-256 of its applications in their order."""
    return hashlib.sha256("\n".join(str(application_id) for application_id in listed).encode()).digest()


_SEEN: Final = "各科成绩、能否申请复查和申请的期限，请登录后在“成绩”中查看。"
_STAGES = {
    "draft": Stage.LISTED,
    "published": Stage.PUBLISHED,
    "closed": Stage.CONFIRMED,
    "corrected": Stage.REPLACED,
    "withdrawn": Stage.WITHDRAWN,
}
SHOWN_FIELDS: Mapping[str, Any] = {
    "name": Application.person_name,
    "tail": Application.id_tail,
    "unit": Application.unit_name,
    "grade": Application.grade,
    "trade": Application.trade,
}
"""What a line says of somebody: the names of the fields as a correction reports them."""
IN_ORDER = (Application.grade.desc(), Application.trade, Application.reference)
"""The order of the lines of a list."""


def stage_of(publication: Publication) -> Stage:
    """Where the awards of its people stand."""
    return _STAGES[publication.state]


def to_list(session: OfficeSession, year: int, grades: Collection[Grade]) -> Sequence[UUID]:
    """Who passed in these grades and stands on no list, in the order of a list.

    Whoever was struck for another reason than a corrected mark is listed again only once a decision restores them.
    """
    on_a_list = select(PublicationEntry.application_id).where(
        PublicationEntry.office_id == session.office_id,
        PublicationEntry.struck_by_correction.is_(None),
        PublicationEntry.released_at.is_(None),
    )
    wanted = (
        select(Application.id)
        .join(Outcome, Outcome.application_id == Application.id)
        .where(
            Outcome.office_id == session.office_id,
            Outcome.year == year,
            Outcome.grade.in_([int(grade) for grade in grades]),
            Outcome.passed,
            Application.state == State.QUALIFIED,
            Application.id.not_in(on_a_list),
            not_(func.under_sanction(Application.id)),
        )
        .order_by(*IN_ORDER)
    )
    return session.scalars(wanted).all()


def write_lines(session: OfficeSession, publication: Publication, listed: Sequence[UUID]) -> None:
    """Write the lines of a list, numbered in this order."""
    rows = [
        {
            "publication_id": publication.id,
            "application_id": application_id,
            "office_id": session.office_id,
            "position": position,
            "struck_reason": "",
            "shown": {},
        }
        for position, application_id in enumerate(listed, 1)
    ]
    session.connection().execute(insert(PublicationEntry), rows)


def keep_shown(session: OfficeSession, publication: Publication) -> None:
    """Keep a digest of each field of each line as it goes out."""
    said = {
        name: func.encode(func.sha256(func.convert_to(func.concat(Application.id, "/", column), "UTF8")), "hex")
        for name, column in SHOWN_FIELDS.items()
    }
    pairs = [part for name, digest in said.items() for part in (literal(name), digest)]
    session.execute(
        update(PublicationEntry)
        .where(PublicationEntry.publication_id == publication.id, Application.id == PublicationEntry.application_id)
        .values(shown=func.jsonb_build_object(*pairs))
        .execution_options(synchronize_session=False)
    )


def lock_outcomes(session: OfficeSession, year: int, grades: Sequence[int], *, failed_only: bool = False) -> set[UUID]:
    """Publish the outcomes of some grades; the answer are their applications. Waits for corrections under way.

    Candidates who were not told of their marks before see them from now on.
    """
    qualified = select(Application.id).where(
        Application.office_id == session.office_id,
        Application.year == year,
        Application.state == State.QUALIFIED,
        not_(func.suspended(Application.id)),
    )
    published = (
        update(Outcome)
        .where(
            Outcome.office_id == session.office_id,
            Outcome.year == year,
            Outcome.grade.in_(grades),
            Outcome.published_at.is_(None),
            ~Outcome.passed if failed_only else true(),
            # A case that is being reviewed again is announced only after the decision.
            Outcome.application_id.in_(qualified),
        )
        .values(published_at=session.now)
        .returning(Outcome.application_id)
    )
    announced = set(session.scalars(published.execution_options(synchronize_session=False)))
    tell_with_list(session, announced)
    return announced


def _check_still_true(session: OfficeSession, publication: Publication) -> None:
    """Conflict where, since the draft, a mark was taken back or a case of sanctions was opened."""
    still = session.scalar(
        select(func.count())
        .select_from(PublicationEntry)
        .join(Application, Application.id == PublicationEntry.application_id)
        .join(Outcome, Outcome.application_id == Application.id)
        .where(
            PublicationEntry.publication_id == publication.id,
            Outcome.passed,
            Application.state == State.QUALIFIED,
            not_(func.under_sanction(Application.id)),
        )
    )
    if still != publication.entry_count:
        gone = publication.entry_count - (still or 0)
        raise Conflict("publication_outdated", f"名单中有{gone}人的合格认定或申报资格已发生变化。请撤回后重新拟定。")


def _announce(session: OfficeSession, publication: Publication, announced: set[UUID]) -> None:
    assert publication.ends_at is not None  # noqa: S101 - it was published a moment ago
    listed = select(PublicationEntry.application_id).where(PublicationEntry.publication_id == publication.id)
    on_it = set(session.scalars(listed))
    texts = {
        True: f"您的考核结果为合格，合格人员名单正在公示，公示至{dates.day(last_day(publication.ends_at))}24时。",
        False: "您的考核结果已公布。",
    }
    people = session.execute(
        select(Application.id, Application.person_id).where(
            Application.office_id == session.office_id, Application.year == publication.year
        )
    ).all()
    concerned = announced | on_it
    notify_each(
        session,
        [
            Telling(row.person_id, row.id, "考核结果已公布", texts[row.id in on_it] + _SEEN)
            for row in people
            if row.id in concerned
        ],
        event_key=f"publication:{publication.id}",
        office_id=session.office_id,
        kind="results_published",
    )


def announce_failed(session: OfficeSession, year: int, announced: set[UUID]) -> None:
    """Tell these candidates, whom no list names, that their outcome can be seen."""
    people = select(Application.id, Application.person_id).where(
        Application.office_id == session.office_id, Application.year == year, Application.id.in_(announced)
    )
    notify_each(
        session,
        [
            Telling(row.person_id, row.id, "考核结果已公布", f"您的考核结果已公布。{_SEEN}")
            for row in session.execute(people)
        ],
        event_key=f"outcomes:{year}:{session.now.isoformat()}",
        office_id=session.office_id,
        kind="results_published",
    )


def _lists(session: OfficeSession, year: int) -> Select[UUID]:
    return select(Publication.id).where(Publication.office_id == session.office_id, Publication.year == year)


def no_case_moves(session: OfficeSession, year: int) -> None:
    """Let no case leave the exam while results are published: such a move is told to wait (``bars_move``)."""
    one_at_a_time(session, f"outcomes/{session.office_id}/{year}")
