"""A patrol of the demonstration: the center looks at a city's exam, which answers one finding and owes another.

Elsewhere a supervisor has opened a case against a member of the staff, who is to be told.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from core.db.base import new_id
from core.plugin_api import OfficeCode
from core.responsibility.accountability.procedure import Breach, Origin
from core.responsibility.accountability.service import CaseForm, open_case
from core.responsibility.patrols import findings, queries, service, visits
from core.responsibility.patrols.kinds import FindingKind, Severity
from core.responsibility.patrols.visits import FindingForm
from core.simulate.world import World

_FOUND: Final = (
    (FindingKind.MONITORING, Severity.MAJOR, "第1考场监控画面不能覆盖最后一排（模拟）", "当天调整摄像头角度（模拟）"),
    (FindingKind.STAFF, Severity.MINOR, "两名监考人员没有佩戴工作证（模拟）", "下一场前佩戴到位（模拟）"),
)


def patrol(world: World, city: OfficeCode, sits: datetime) -> None:
    """Put the patrol of the city's first sitting on the agenda; its second site is to be visited the day after."""
    world.at(sits - timedelta(hours=1), partial(_plan, world, city, sits))
    world.at(sits + timedelta(minutes=30), partial(_visit, world))
    world.at(sits + timedelta(hours=6), partial(_answer, world, city))


def _plan(world: World, city: OfficeCode, sits: datetime) -> None:
    member = world.staff[world.province]["examiner"].account_id
    with world.office(world.province, "center") as session:
        first, second = [place.key for place in queries.places(session, world.year) if place.office_id == city]
        words = "考场标准化、监控全覆盖、监考人员到位（模拟）"
        made = service.plan_patrol(session, world.year, purpose=words, members=[member], place=first, day=sits.date())
        service.add_visit(session, made.id, second, sits.date() + timedelta(days=1))


def _visit(world: World) -> None:
    with world.office(world.province, "examiner") as session:
        (told,) = queries.patrols_of(session, world.year)
        visit_id = told.visits[0].visit.id
        visits.arrive(session, visit_id, session.now)
        until = session.now.date() + timedelta(days=3)
        for kind, severity, facts, ordered in _FOUND:
            form = FindingForm(kind, severity, facts, ordered, until, new_id())
            visits.record_finding(session, visit_id, form)
        visits.finish_visit(session, visit_id, "检查了全部考场，其他情况正常（模拟）")


def _answer(world: World, city: OfficeCode) -> None:
    with world.office(city, "scheduler") as session:
        first = next(
            told.finding
            for told in queries.findings_to_answer(session, world.year)
            if told.finding.kind == FindingKind.MONITORING
        )
        findings.answer_finding(session, first.id, "已调整角度，最后一排在画面内（模拟）", new_id())


def accuse(world: World, city: OfficeCode) -> None:
    """A case against an examiner of the city waits: the person has to be told."""
    person = f"account:{world.staff[city]['third'].account_id}"
    facts = "未经批准把考务工作手册带出考务办公室（模拟）"
    with world.office(city, "supervisor") as session:
        open_case(session, world.year, CaseForm(person, Breach.DISCIPLINE, facts, Origin.REPORT))
