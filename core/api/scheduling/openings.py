"""The opening of sites before a sitting, its alarms, and the board of an exam day as JSON."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from core.clock import end_of, start_of
from core.db.session import ProvinceSession
from core.scheduling.exam_day import board, opening, opening_alarms
from core.scheduling.exam_day.board import BoardLine
from core.scheduling.exam_day.opening import Step, StepForm
from core.scheduling.exam_day.opening_alarms import Ringing
from core.web.dependencies import OfOffice, OfSupervisor
from core.web.guards import ANSWER_FOR_EXAMS, OFFICE_STAFF, ON_SITE
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Output, Reason, Text, YearAsked

Day = Annotated[date, QueryParameter(description="考试日期。")]


class StepIn(Input):
    """A step of the opening of a site; ``missing`` are the invigilators who have not come."""

    site_id: UUID
    step: Step
    in_order: bool = True
    remark: Text = ""
    missing: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()


class StepOut(Output):
    """A step as it was noted."""

    id: UUID
    sitting_id: UUID
    site_id: UUID
    starts_at: datetime
    step: Step
    in_order: bool
    missing: list[UUID]
    remark: str
    noted_at: datetime
    noted_name: str


class AlarmOut(Output):
    """An alarm; ``stands`` while somebody has to act on it."""

    id: UUID
    office_id: str
    year: int
    sitting_id: UUID
    site_id: UUID
    site_name: str
    starts_at: datetime
    raised_at: datetime
    settled_at: datetime | None
    settled_how: str | None
    settled_name: str | None
    reason: str
    stands: bool


class BoardLineOut(Output):
    """A site in a sitting: its arrivals, its opening, and the alarm that stands."""

    office_id: str
    sitting_id: UUID
    starts_at: datetime
    ends_at: datetime
    site_id: UUID
    site_name: str
    expected: int
    present: int
    absent: int
    incidents: int
    opened_at: datetime | None
    opened_name: str
    lacking: list[Step]
    faults: list[Step]
    alarm_id: UUID | None
    emergencies: int


@read("/sittings/{sitting_id:uuid}/openings", roles=OFFICE_STAFF)
def list_steps(session: OfOffice, sitting_id: FromPath[UUID]) -> list[StepOut]:
    """The latest note of each step at each site of a sitting, for the time that it has now."""
    return [StepOut.of(noted) for noted in opening.steps_of(session, sitting_id)]


@create("/sittings/{sitting_id:uuid}/openings", roles=ON_SITE)
def note_step(session: OfOffice, sitting_id: FromPath[UUID], data: JSONBody[StepIn]) -> StepOut:
    """Note a step; the same note again changes nothing."""
    form = StepForm(data.step, data.in_order, data.remark, frozenset(data.missing))
    return StepOut.of(opening.note_step(session, sitting_id, data.site_id, form))


@read("/opening-alarms", roles=OFFICE_STAFF, province=True)
def list_alarms(session: OfSupervisor, year: YearAsked) -> list[AlarmOut]:
    """The alarms of a year: an office its own and those of the offices below it, the center all."""
    return [_alarm(ringing) for ringing in opening_alarms.alarms_of(session, year)]


@act("/opening-alarms/{alarm_id:uuid}/settle", roles=ANSWER_FOR_EXAMS, province=True)
def settle_alarm(session: OfSupervisor, alarm_id: FromPath[UUID], data: JSONBody[Reason]) -> AlarmOut:
    """Settle an alarm by hand, for a reason."""
    opening_alarms.settle_alarm(session, alarm_id, reason=data.reason)
    return _alarm(opening_alarms.visible_alarm(session, alarm_id))


@read("/exam-board", roles=OFFICE_STAFF, province=True)
def show_board(session: OfSupervisor, year: YearAsked, day: Day) -> list[BoardLineOut]:
    """The board of a day: an office its own sites, the center every office's."""
    office_id = None if isinstance(session, ProvinceSession) else session.office_id
    found = board.board(session, year, since=start_of(day), until=end_of(day), office_id=office_id)
    return [_line(line) for line in found]


def _alarm(ringing: Ringing) -> AlarmOut:
    return AlarmOut.of(ringing.alarm, site_name=ringing.site_name, stands=ringing.stands)


def _line(line: BoardLine) -> BoardLineOut:
    opened = line.opening.opened
    return BoardLineOut.of(
        line.progress,
        opened_at=None if opened is None else opened.noted_at,
        opened_name="" if opened is None else opened.noted_name,
        lacking=[] if opened else line.opening.lacking,
        faults=line.opening.faults,
        emergencies=line.emergencies,
        alarm_id=None if line.alarm is None else line.alarm.alarm.id,
    )


router = Router("/", route_handlers=declared_in(__name__), tags=["准考证、考试日与资料保管"])
