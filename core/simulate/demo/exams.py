"""Exams of the demonstration: one city between its first sitting and its last, another with its seats drawn up."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from core.clock import SHANGHAI
from core.plugin_api import Grade, OfficeCode, WindowKind
from core.results.marks import service as marks
from core.scheduling.exam_day import door, door_lists
from core.scheduling.exam_day.notes import Note
from core.scheduling.plans import service as plans
from core.scheduling.sites import service as sites
from core.scheduling.sites.service import SiteItem
from core.scheduling.sittings import service as sittings
from core.scheduling.sittings.service import SittingForm
from core.scheduling.tickets import service as tickets
from core.seasons.queries import subjects_by_grade
from core.simulate import exams, results
from core.simulate.world import World

_EXAM: Final = WindowKind.COMPUTER_EXAM
_SEED: Final = 1
OWN_COPY: Final = "demo-marks.csv"
"""The file of the second examiner, in KAOWU_DATA_DIR."""
_SAT: Final = frozenset({Grade.FIVE})
_SITTING: Final = frozenset({Grade.FOUR})
_TO_SIT: Final = frozenset({Grade.THREE, Grade.TWO})


def sits(year: int) -> datetime:
    """The beginning of the sitting that is under way in the demonstration."""
    return datetime(year, 4, 2, 9, tzinfo=SHANGHAI)


def plan_exams(world: World, *, examining: OfficeCode, planning: OfficeCode) -> None:
    """Put the exams of the two cities on the agenda."""
    now = sits(world.year)
    world.at(now - timedelta(days=5), partial(_examine, world, examining))
    world.at(now - timedelta(days=1, hours=-1), partial(_draw_up, world, planning, world.day(4, 19, 9)))


def _examine(world: World, office: OfficeCode) -> None:
    """Three sittings: one the day before, one that has begun, and one for which tickets are printed these days."""
    now = sits(world.year)
    begins = {now - timedelta(days=1): _SAT, now: _SITTING, now + timedelta(days=6): _TO_SIT}
    made = set_up(world, office, begins)
    offices = world.platform.offices
    with world.office(office, "scheduler") as session:
        plan = plans.draw_up(session, world.year, _EXAM, offices=offices, seed=_SEED)
        exams.check_ready(plan)
        plans.publish(session, plan.id, offices=offices)
        tickets.issue_tickets(session, plan.id, rules=offices.config(office).tickets)
    before, today, _ = made
    world.at(now - timedelta(days=1, minutes=10), partial(arrive, world, office, before, 1))
    world.at(now - timedelta(days=1, hours=-3), partial(_end, world, office, before))
    world.at(now - timedelta(minutes=10), partial(arrive, world, office, today, 2))


def _draw_up(world: World, office: OfficeCode, begins: datetime) -> None:
    """Prepare everything for the publication of the seats."""
    set_up(world, office, {begins: _SAT | _SITTING | _TO_SIT})
    with world.office(office, "scheduler") as session:
        exams.check_ready(plans.draw_up(session, world.year, _EXAM, offices=world.platform.offices, seed=_SEED))


def set_up(world: World, office: OfficeCode, begins: Mapping[datetime, frozenset[Grade]]) -> Sequence[uuid.UUID]:
    """Make two sites that are signed off, and the sittings."""
    people = exams.examined(world, office, *Grade)
    there = [exams.register_site(world, office, number, people, month=3) for number in (1, 2)]
    made = []
    with world.office(office, "scheduler") as session:
        for site in there:
            for item in SiteItem:
                sites.sign_off(session, site, item, passed=True)
        of_grade = subjects_by_grade(session, world.year)
        rooms = [room.id for room in sites.rooms_of(session, there)]
        for starts, grades in begins.items():
            subjects = tuple(of_grade[int(min(grades))])
            form = SittingForm(starts, starts + timedelta(minutes=50 * len(subjects)), subjects, grades)
            made.append(sittings.set_sitting(session, world.year, form, rooms).id)
    return made


def arrive(world: World, office: OfficeCode, sitting_id: uuid.UUID, every: int) -> None:
    """Every ``every``-th candidate of the sitting has come, of those who do not miss it."""
    with world.office(office, "examiner") as session:
        expected = door.expected(session, sitting_id)
        come = [candidate for candidate in expected if not exams.is_absent(candidate.person_name)][::every]
        notes = [
            Note(uuid.uuid5(sitting_id, candidate.number), candidate.number, sitting_id, world.clock())
            for candidate in come
        ]
        door.note_arrivals(session, notes)


def _end(world: World, office: OfficeCode, sitting_id: uuid.UUID) -> None:
    """The sitting is over, and one examiner has handed in its marks: a second has to compare and confirm them."""
    with world.office(office, "examiner") as session:
        door_lists.close_attendance(session, sitting_id)
    content = results.mark_table(world, office, set(_SAT))
    assert content is not None  # noqa: S101 - candidates have sat
    # The second examiner compares with a copy of their own, which the exam's system gives out sorted from the end.
    head, *rows = content.splitlines(keepends=True)
    (world.platform.settings.data_dir / OWN_COPY).write_bytes(b"".join([head, *reversed(rows)]))
    with world.office(office, "examiner") as session:
        proposal = marks.propose_import(session, content, year=world.year, file_name="模拟成绩.csv")
        assert proposal.made is not None, proposal.reading.faults[:3]  # noqa: S101
