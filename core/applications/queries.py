"""Reads of applications: one case, its moves, and queues that page by key."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from core.applications.models import Application, Deferral, FindingRecord, FindingSettlement, Move, Submission
from core.db.session import AuditorSession, CaseSession, OfficeSession, PersonSession, ProvinceSession, UnitSession
from core.domain.workflow import Action, State
from core.errors import Invalid, NotFound
from core.plugin_api import Grade
from core.seasons.queries import exam_begins
from core.tenancy.models import Office

ReaderSession = CaseSession | AuditorSession
"""The sessions in which applications can be read."""
PAGE_SIZE = 50
ROWS_AT_ONCE: Final = 1_000
"""So many rows of a whole list are in memory at a time."""
_LOOKED_THROUGH: Final = 60
LISTED: Final = (
    Application.id,
    Application.reference,
    Application.person_name,
    Application.id_tail,
    Application.unit_name,
    Application.grade,
    Application.trade,
    Application.state,
    Application.version,
    Application.due_at,
    Application.office_id,
    Application.handler_office_id,
)
"""The columns of a case in every list: queues, desks, exports. A list with more of them adds its own."""


@dataclass(frozen=True, slots=True)
class Filter:
    """The filters of a list; None leaves one open. ``text`` is a reference, a name, or an identity number's end."""

    state: State | None = None
    grade: int | None = None
    unit_id: UUID | None = None
    office_id: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and the key that the next one starts after (None on the last)."""

    rows: Sequence[Any]
    next_after: UUID | None


def are_candidates(office_id: str, year: int, grades: Iterable[int]) -> ColumnElement[bool]:
    """The condition of an office's candidates: the cases of a year, in these grades, that have passed review."""
    ours = and_(Application.office_id == office_id, Application.year == year, Application.state == State.QUALIFIED)
    return and_(ours, Application.grade.in_([int(grade) for grade in grades]))


def application(session: ReaderSession, application_id: UUID) -> Application:
    """One case; NotFound where it does not exist or the session may not see it."""
    found = session.get(Application, application_id)
    if found is None:
        raise NotFound("no_such_application", "没有找到这份申请，或您无权查看。请核对申请编号。")
    return found


def mine(session: PersonSession, year: int | None = None) -> list[Application]:
    """The person's own applications, newest first."""
    wanted = select(Application).where(Application.person_id == session.person_id)
    if year is not None:
        wanted = wanted.where(Application.year == year)
    return list(session.scalars(wanted.order_by(Application.id.desc())))


def is_practice_applicant(session: PersonSession) -> bool:
    """Whether the person's newest application is with a practice office, whose people are invented."""
    wanted = (
        select(Office.practice)
        .join(Application, Application.office_id == Office.id)
        .where(Application.person_id == session.person_id)
        .order_by(Application.id.desc())
        .limit(1)
    )
    return session.scalar(wanted) or False


def queue(
    session: ReaderSession, year: int, only: Filter = Filter(), *, after: UUID | None = None, size: int = PAGE_SIZE
) -> Page:
    """A page of the cases of this desk. The index leads by office or unit; the policies are the net below it."""
    wanted = _listed(session, year, only)
    if after is not None:
        wanted = wanted.where(tuple_(Application.id) > tuple_(after))
    rows = session.execute(wanted.order_by(Application.id).limit(size + 1)).all()
    return Page(rows[:size], rows[size - 1].id if len(rows) > size else None)


def whole_queue(session: ReaderSession, year: int, only: Filter = Filter()) -> Iterator[Row[Any]]:
    """Every case of this desk, however many: from a cursor of the server, a thousand rows in memory at a time."""
    yield from streamed(session, _listed(session, year, only).order_by(Application.id))


def streamed(session: ReaderSession, wanted: Select[*tuple[Any, ...]]) -> Iterator[Row[Any]]:
    """The rows of a statement from a cursor of the server, which is closed with the iterator."""
    with session.execute(wanted.execution_options(yield_per=ROWS_AT_ONCE)) as rows:
        yield from rows


def _listed(session: ReaderSession, year: int, only: Filter) -> Select[*tuple[Any, ...]]:
    wanted = select(*LISTED).where(_desk(session), Application.year == year, *_conditions(only))
    # Made-up people are listed to those alone who ask for their office.
    return wanted if only.office_id is not None else wanted.where(*_real(session))


def counts_by_state(session: ReaderSession, year: int) -> dict[State, int]:
    """How many cases of this desk are in each state."""
    rows = session.execute(
        select(Application.state, func.count())
        .where(_desk(session), Application.year == year, *_real(session))
        .group_by(Application.state)
    )
    return {State(state): count for state, count in rows}


def story(session: ReaderSession, application_id: UUID) -> list[Move]:
    """Every move of a case, oldest first."""
    return list(session.scalars(select(Move).where(Move.application_id == application_id).order_by(Move.version)))


def is_undone() -> ColumnElement[bool]:
    """The condition of moves whose decision was taken back."""
    later = aliased(Move)
    return (
        exists()
        .where(later.application_id == Move.application_id, later.version == Move.version + 1)
        .where(later.action == Action.UNDO)
    )


def findings(session: ReaderSession, application_id: UUID, round_: int) -> list[FindingRecord]:
    """The verdicts of one round, in the rule document's order."""
    return list(
        session.scalars(
            select(FindingRecord)
            .where(FindingRecord.application_id == application_id, FindingRecord.round == round_)
            .order_by(FindingRecord.position)
        )
    )


def settlements(session: ReaderSession, application_id: UUID) -> dict[UUID, FindingSettlement]:
    """The settlement that holds for each finding: the latest one."""
    rows = session.scalars(
        select(FindingSettlement)
        .where(FindingSettlement.application_id == application_id)
        .order_by(FindingSettlement.at, FindingSettlement.id)
    )
    return {row.finding_id: row for row in rows}


def submission(session: ReaderSession, application_id: UUID, round_: int) -> Submission:
    """The submission of one round, with all that it was judged on."""
    found = session.scalar(
        select(Submission).where(Submission.application_id == application_id, Submission.round == round_)
    )
    if found is None:
        raise NotFound("no_such_submission", "没有找到这次提交的记录。请核对申请编号和提交次数。")
    return found


def pinned_requirements(session: ReaderSession, application: Application) -> list[dict[str, Any]]:
    """The pinned materials of the present round; none before the first submission."""
    wanted = select(Submission.requirements).where(
        Submission.application_id == application.id, Submission.round == application.round
    )
    return list(session.scalar(wanted) or ())


def deferrals(session: ReaderSession, application_id: UUID) -> list[Deferral]:
    """The commitments of a case (容缺后补)."""
    return list(
        session.scalars(select(Deferral).where(Deferral.application_id == application_id).order_by(Deferral.material))
    )


def exam_of(session: ReaderSession, application: Application) -> datetime:
    """When the exam of the case's grade begins at its place; Invalid where no date is set yet."""
    begins = exam_begins(session, application.local_office_id, application.year, Grade(application.grade or Grade.FIVE))
    if begins is None:
        raise Invalid("exam_not_set", "本地区尚未确定考试时间，暂不能作出容缺承诺。请联系当地工考管理机构。")
    return begins


def of_units(session: UnitSession) -> ColumnElement[bool]:
    """The cases of the session's units: those of their own people, and those of units below them."""
    ids = list(session.unit_ids)
    return Application.unit_id.in_(ids) | Application.department_id.in_(ids)


def _desk(session: ReaderSession) -> ColumnElement[bool]:
    if isinstance(session, PersonSession):
        return Application.person_id == session.person_id
    if isinstance(session, UnitSession):
        return of_units(session)
    if isinstance(session, (ProvinceSession, AuditorSession)):
        return Application.state != State.DRAFT
    assert isinstance(session, OfficeSession)  # noqa: S101 - the union has no other member
    return (Application.office_id == session.office_id) | (Application.handler_office_id == session.office_id)


def _real(session: ReaderSession) -> list[ColumnElement[bool]]:
    """For those who see the whole province: that a case is not of an office of made-up people."""
    if not isinstance(session, ProvinceSession | AuditorSession):
        return []
    return [Application.office_id.in_(select(Office.id).where(~Office.practice))]


def _conditions(only: Filter) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if only.state is not None:
        wanted.append(Application.state == only.state)
    if only.grade is not None:
        wanted.append(Application.grade == only.grade)
    if only.unit_id is not None:
        wanted.append(Application.unit_id == only.unit_id)
    if only.office_id is not None:
        wanted.append(Application.office_id == only.office_id)
    if only.text:
        named = (Application.reference, Application.person_name, Application.id_tail)
        wanted.append(or_(*(column == only.text for column in named)))
    return wanted


def trades_to_choose(
    session: OfficeSession, year: int, listed: Sequence[tuple[str, str]], chosen: Collection[str] = ()
) -> list[tuple[str, str]]:
    """Of a catalogue of thousands the trades that the office's own cases name, and those that are chosen already.

    A list that can be looked through comes whole.
    """
    if len(listed) <= _LOOKED_THROUGH:
        return list(listed)
    wanted = select(Application.trade).where(Application.office_id == session.office_id, Application.year == year)
    named = set(session.scalars(wanted.distinct())) | set(chosen)
    return [(code, name) for code, name in listed if code in named]
