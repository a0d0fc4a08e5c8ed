"""Results under way in a city of the demonstration: every step between a table of marks and a certificate waits.

Grade five had its first list withdrawn; it has its certificates but for one, and their papers wait. Of the list of
grades four and three somebody was struck and restored since, who is drafted again; of another the second officer has
yet to decide. That list was corrected, and its second edition is before the public with an objection. Grade one is
before its panels. A first archive of the season is ordered.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.applications import relations
from core.applications.models import Application
from core.applications.relations import RelationKind
from core.db.session import ANONYMOUS, OfficeSession, PublicSession, Role
from core.domain.workflow import State
from core.organizations.models import Unit
from core.oversight.archive import season as archive
from core.plugin_api import Grade, OfficeCode, WindowKind
from core.results.awards import certificates, editions, objections, publication, queries, striking
from core.results.awards.objections import Objector
from core.results.corrections import score_checks, service as corrections
from core.results.corrections.score_checks import Ground
from core.results.corrections.service import Corrected
from core.results.evaluation import panels, ranking, replacement, scoring
from core.results.models.awards import Publication, Striking
from core.results.models.marks import Mark
from core.results.outcomes import service as outcomes
from core.sanctions import cases as sanctions
from core.scheduling.exam_day import door_lists
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans import service as plans
from core.scheduling.tickets import service as tickets
from core.seasons.queries import trades_open
from core.simulate import exams, results
from core.simulate.demo.crowd import Crowd
from core.simulate.demo.exams import arrive, set_up
from core.simulate.staffing import open_account
from core.simulate.world import World

_SEED: Final = 1
_EXAM_OF: Final = {Grade.ONE: WindowKind.LEVEL_ONE_THEORY}
_MEMBERS: Final = ("examiner", "second", "third")
_FIRST: Final = frozenset({Grade.FIVE})
_SECOND: Final = frozenset({Grade.FOUR, Grade.THREE})
_THIRD: Final = frozenset({Grade.THREE})
_LOWER: Final = _FIRST | _SECOND


def award(world: World, crowd: Crowd, office: OfficeCode) -> None:
    """Put the exam and the steps after it on the agenda."""
    morning, afternoon = world.day(3, 24, 10), world.day(3, 24, 15)
    steps: tuple[tuple[datetime, Callable[[World, OfficeCode], None]], ...] = (
        (world.day(3, 24, 9), partial(examine, {morning: _LOWER, afternoon: frozenset({Grade.ONE})})),
        (morning, partial(arrive_at, 0)),
        (afternoon, partial(arrive_at, 1)),
        (world.day(3, 24, 18), end),
        (world.day(3, 24, 19), take_marks),
        (world.day(3, 24, 20), partial(publish, _FIRST)),
        (world.day(3, 24, 21), partial(_withdraw_and_publish, _FIRST)),
        (world.day(3, 24, 22), partial(publish, _SECOND)),
        (world.day(3, 25, 9), partial(_propose_strikings, _SECOND)),
        (world.day(3, 31, 9), partial(_strike_and_correct, _SECOND)),
        (world.day(3, 31, 10), _object),
        (world.day(3, 31, 14), partial(_restore, crowd)),
        (world.day(4, 1, 9), partial(_close, _FIRST)),
        (world.day(4, 1, 9.5), _issue_but_one),
        (world.day(4, 1, 10), _draft),
        (world.day(4, 1, 11), partial(_doubt, crowd)),
        (world.day(4, 1, 12), _evaluate),
        (world.day(4, 1, 12.5), _archive),
    )
    for moment, step in steps:
        world.at(moment, partial(step, world, office))


def examine(begins: Mapping[datetime, frozenset[Grade]], world: World, office: OfficeCode) -> None:
    """A sitting of the grades at each moment, with its plan and its tickets."""
    set_up(world, office, begins)
    offices = world.platform.offices
    with world.office(office, "scheduler") as session:
        for exam in dict.fromkeys(_EXAM_OF.get(min(grades), WindowKind.COMPUTER_EXAM) for grades in begins.values()):
            plan = plans.draw_up(session, world.year, exam, offices=offices, seed=_SEED)
            exams.check_ready(plan)
            plans.publish(session, plan.id, offices=offices)
            tickets.issue_tickets(session, plan.id, rules=offices.config(office).tickets)


def _sittings(world: World, office: OfficeCode) -> list[UUID]:
    wanted = select(Sitting.id).where(Sitting.office_id == office, Sitting.year == world.year)
    with world.office(office, "examiner") as session:
        return list(session.scalars(wanted.order_by(Sitting.starts_at)))


def arrive_at(number: int, world: World, office: OfficeCode) -> None:
    """Everybody comes to the sitting with this place in the season."""
    arrive(world, office, _sittings(world, office)[number], 1)


def end(world: World, office: OfficeCode) -> None:
    """Every sitting is over."""
    for sitting in _sittings(world, office):
        with world.office(office, "examiner") as session:
            door_lists.close_attendance(session, sitting)


def take_marks(world: World, office: OfficeCode) -> None:
    """Two examiners take the marks in, and the outcomes of the grades without a review are worked out."""
    results.take_marks(world, office)
    with world.office(office, "examiner") as session:
        outcomes.work_out(session, year=world.year, offices=world.platform.offices, grades=_LOWER)


def publish(grades: frozenset[Grade], world: World, office: OfficeCode) -> None:
    """The list of everybody of these grades who passed goes before the public."""
    awards = world.platform.offices.config(office).awards
    with world.office(office, "supervisor") as session:
        made = publication.draft_list(session, world.year, grades=grades, awards=awards)
        publication.publish(session, made.id)


def _object(world: World, office: OfficeCode) -> None:
    """Somebody writes about the first line of the list that is out."""
    platform = world.platform
    with world.office(office, "supervisor") as session:
        listed = results.publications_out(session, world.year)[-1].id
    with PublicSession(platform.engine, actor=ANONYMOUS, now=world.clock()) as anybody, anybody.begin():
        objections.object_to(
            anybody,
            listed,
            grounds="该人员去年已调离申报岗位",
            objector=Objector("测试来信人", "19900000000"),
            keys=platform.keys,
            position=1,
        )


def _close(grades: frozenset[Grade], world: World, office: OfficeCode) -> None:
    """The notice of the first list is given."""
    with world.office(office, "supervisor") as session:
        for made in results.publications_out(session, world.year):
            if set(made.grades) == set(grades):
                publication.close(session, made.id, notice_number=f"模拟〔{world.year}〕{made.version}号")


def _out(session: OfficeSession, world: World, grades: frozenset[Grade]) -> Publication:
    """The list of these grades that is before the public."""
    out = results.publications_out(session, world.year)
    return next(made for made in out if set(made.grades) == set(grades))


def _propose_strikings(grades: frozenset[Grade], world: World, office: OfficeCode) -> None:
    """An officer proposes to strike the first and the last line; both people have three working days to speak."""
    awards = world.platform.offices.config(office).awards
    with world.office(office) as session:
        listed = _out(session, world, grades)
        for row in (1, listed.entry_count):
            striking.propose(session, listed.id, row, reason="单位来函，其已调离申报岗位", awards=awards)


def _strike_and_correct(grades: frozenset[Grade], world: World, office: OfficeCode) -> None:
    """A second officer strikes the last line, and the list is corrected: its next edition goes out."""
    platform = world.platform
    with world.office(office, "supervisor") as session:
        waits = select(Striking.id).where(Striking.state == "proposed").order_by(Striking.id.desc())
        striking.strike(session, session.scalars(waits.limit(1)).one(), remark="经核查属实", keys=platform.keys)
        listed = _out(session, world, grades)
        seen, awards = editions.difference(session, listed).digest, platform.offices.config(office).awards
        editions.correct(session, listed.id, reason="一人已取消公示资格", seen=seen, awards=awards)


def _restore(crowd: Crowd, world: World, office: OfficeCode) -> None:
    """Whoever was struck asks to be restored, and is: another list will name them."""
    with world.office(office) as session:
        struck = session.scalars(select(Striking.application_id).where(Striking.state == "granted")).one()
    with crowd.by_id(struck).as_person() as session:
        asked = striking.ask_back(session, struck, reason="单位来函有误，本人仍在原岗位工作").id
    with world.office(office, "supervisor") as session:
        striking.restore(session, asked, remark="单位已更正来函")


def _withdraw_and_publish(grades: frozenset[Grade], world: World, office: OfficeCode) -> None:
    """The list is withdrawn, drafted again and published."""
    with world.office(office, "supervisor") as session:
        listed = _out(session, world, grades)
        editions.withdraw(session, listed.id, reason="公示标题有误，重新公示", keys=world.platform.keys)
    publish(grades, world, office)


def _issue_but_one(world: World, office: OfficeCode) -> None:
    """Certificates are issued, and their papers wait; one was held up by a lead that came to nothing in between."""
    platform = world.platform
    with world.office(office, "supervisor") as session:
        listed = next(made.id for made in queries.publications(session, world.year) if made.state == "closed")
        suspected = queries.lines(session, listed)[0].application_id
    with world.office(office) as session:
        lead = sanctions.propose(session, suspected, facts="来信反映学历不实").id
    with world.office(office, "supervisor") as session:
        certificates.issue(session, listed, offices=platform.offices, paper_keys=platform.paper_keys)
        sanctions.drop(session, lead, words="经向毕业院校核实，学历属实")


def _draft(world: World, office: OfficeCode) -> None:
    awards = world.platform.offices.config(office).awards
    with world.office(office, "supervisor") as session:
        publication.draft_list(session, world.year, grades=_THIRD, awards=awards)


def _archive(world: World, office: OfficeCode) -> None:
    """A first archive of the season is ordered: the worker makes it when the demonstration is served."""
    with world.office(office, "supervisor") as session:
        archive.request(session, world.year, reason="", keys=world.platform.keys)


def _doubt(crowd: Crowd, world: World, office: OfficeCode) -> None:
    """A candidate has a mark checked; of another an examiner asks for a correction, which the supervisor decides."""
    case = crowd.of(office, State.QUALIFIED)
    rules = world.platform.offices.config(office).results
    with world.office(office, "examiner") as session:
        wanted = (
            select(Mark)
            .where(Mark.office_id == office, Mark.year == world.year)
            .order_by(Mark.application_id, Mark.subject)
        )
        given = session.scalars(wanted.join(Application, Application.id == Mark.application_id)).all()
        own = next(mark.subject for mark in given if mark.application_id == case.case_id)
        others = [(mark, mark.mark) for mark in given if mark.application_id != case.case_id]
        other, points = next((mark, points) for mark, points in others if points is not None)
        corrections.ask_for_correction(
            session,
            other.application_id,
            other.subject,
            Corrected(min(points + 2, Decimal(100))),
            reason="核对考试系统日志，漏计一题",
            evidence="考试系统日志第12页",
        )
    with case.as_person() as session:
        score_checks.ask_for_check(
            session, case.case_id, own, ground=Ground.OWN_RESULT, reason="估分相差较大", rules=rules
        )


def _evaluate(world: World, office: OfficeCode) -> None:
    """Panels in every state: one was dissolved, its successor scores, one is formed, and a ranking waits where it can.

    The last needs a second trade with candidates.
    """
    for who in ("fourth", "fifth"):
        open_account(world, office, who, Role.EXAMINER)
    offices = world.platform.offices
    with world.office(office, "supervisor") as session:
        passed = outcomes.theory_passed(session, year=world.year, offices=offices)
    trades = sorted({trade for _, trade in passed})
    first_trade, ranked = trades[:1], trades[1:]
    first = _open_panel(world, office, "模拟原评审组", first_trade)
    results.score(world, office, _MEMBERS[0])
    with world.office(office, "supervisor") as session:
        replacement.dissolve(session, first, reason="一名评委与两名考生有师徒关系，评审组人数不足（模拟）")
    if ranked:
        _rank(world, office, _open_panel(world, office, "模拟第二评审组", ranked))
    _step_back(world, office, _open_panel(world, office, "模拟评审组", first_trade))
    for who in _MEMBERS[2:]:
        results.score(world, office, who)
    with world.office(office, "examiner") as session:
        free = [open_.trade for open_ in trades_open(session, world.year, Grade.ONE) if open_.trade not in trades]
        panels.form_panel(session, year=world.year, name="模拟第三评审组", trades=free[:1], offices=offices)
        relations.declare(session, RelationKind.UNIT, unit=_unit_of(session, world.year), note="2019年前在该单位工作")


def _open_panel(world: World, office: OfficeCode, name: str, trades: Sequence[str]) -> UUID:
    offices = world.platform.offices
    with world.office(office, "examiner") as session:
        panel = panels.form_panel(session, year=world.year, name=name, trades=trades, offices=offices)
        for who in _MEMBERS:
            account = world.staff[office][who].account_id
            panels.add_member(session, panel.id, account, offices=offices, chairs=who == _MEMBERS[0])
        panels.open_panel(session, panel.id, offices=offices)
        return panel.id


def _step_back(world: World, office: OfficeCode, panel_id: UUID) -> None:
    """A member recognises a candidate by the material and steps back; a substitute is drawn for that candidate."""
    with world.office(office, _MEMBERS[2]) as session:
        sheet = next(sheet.id for sheet in scoring.own_sheets(session, world.year) if sheet.state == "open")
        scoring.excuse_sheet(session, sheet, reason="材料中的带徒协议由本人签订，须回避（模拟）")
    with world.office(office, "examiner") as session:
        replacement.draw_member(session, panel_id, offices=world.platform.offices)


def _rank(world: World, office: OfficeCode, panel_id: UUID) -> None:
    """Every sheet is in, and the ranking waits for the supervisor."""
    offices = world.platform.offices
    for who in _MEMBERS:
        results.score(world, office, who)
    with world.office(office, "examiner") as session:
        panels.close_panel(session, panel_id, minutes="模拟评审会议记录：逐人评议，独立评分。", offices=offices)
        ranking.propose(session, panel_id, offices=offices)


def _unit_of(session: OfficeSession, year: int) -> str:
    """A unit without candidates of grade one, so that its relation changes no panel."""
    judged = select(Application.unit_id).where(Application.year == year, Application.grade == int(Grade.ONE))
    ours = (Unit.office_id == session.office_id) & Unit.id.not_in(judged)
    return session.scalars(select(Unit.name).where(ours).order_by(Unit.name).limit(1)).one()
