"""A unit that carries on others acts in their cases: it decides them, lists them, and hands them in."""

from uuid import UUID

from sqlalchemy import select

from core.db.session import Actor, Role
from core.delegation.queries import delegations_for
from core.delegation.scope import DELEGABLE, Scope
from core.domain.workflow import Action, State
from core.organizations import service
from core.organizations.models import Unit
from core.organizations.queries import carried_on, units_below
from core.plugin_api import Grade
from core.reviews import service as reviews, unit_people
from core.reviews.decisions.items import each_item
from core.reviews.onsite import batches, hand_in_batch
from core.reviews.rosters import RosterKind, make_roster
from core.reviews.unit_people import Asked
from tests.cases import CITY, YEAR, Season, at
from tests.entrusted import Entrusted
from tests.linshui import HEYUAN, QINGHE

INSTRUMENT = "清编〔2024〕3号"


def _merged(season: Season, *units: UUID) -> UUID:
    with season.as_office(CITY) as session:
        return service.merge(
            session, units, name="测试合并后单位", valid_from=at(3, 25).date(), instrument=INSTRUMENT
        ).id


def _manager(unit_id: UUID, role: Role = Role.UNIT_MANAGER) -> Actor:
    return Actor(UUID(int=7), "测试新管理员", role, unit_id=unit_id)


def test_the_successor_of_a_merged_unit_decides_its_cases(season: Season) -> None:
    case, other = season.submitted(), season.add_unit()
    successor = _merged(season, case.unit, other)
    with season.as_public() as session:
        below = units_below(session, successor)
    with season.as_unit(successor, *below, actor=_manager(successor)) as session:
        page = unit_people.people(session, YEAR, Asked(waiting=True))
        assert [row.id for row in page.rows] == [case.id]
    with season.as_unit(successor, *below, actor=_manager(successor)) as session:
        moved = reviews.approve(session, case.id, offices=season.offices, items=each_item(session, case.id))
    assert moved.state == State.QUALIFICATION_REVIEW


def test_the_successor_of_a_department_reviews_in_its_place(season: Season) -> None:
    case = season.submitted(department=True)
    assert case.department is not None
    successor = _merged(season, case.department, season.add_unit())
    season.approve_at_unit(case)
    with season.as_public() as session:
        below = units_below(session, successor)
    department = _manager(successor, Role.DEPARTMENT_REVIEWER)
    with season.as_unit(successor, *below, actor=department) as session:
        moved = reviews.approve(session, case.id, offices=season.offices, items=each_item(session, case.id))
    assert moved.state == State.QUALIFICATION_REVIEW


def test_the_successor_lists_and_hands_in_the_people_of_a_merged_unit(world: Entrusted) -> None:
    case = world.case()
    world.act(QINGHE, case, Action.APPROVE)
    before = world.unit_id
    with world.unit() as session:
        early = make_roster(session, RosterKind.ONSITE, YEAR).id
    with world.unit() as session:
        hand_in_batch(session, early, stamped_scan_sha256="ab" * 32)
    other = world.add_unit(QINGHE, world.now)
    with world.office(QINGHE, world.tick()) as session:
        merged = service.merge(
            session, [before, other], name="测试合并后单位", valid_from=world.now.date(), instrument=INSTRUMENT
        )
    world.unit_id = merged.id
    world.below = frozenset({before, other})
    with world.unit() as session:
        assert [batch.unit_id for batch in batches(session, YEAR)] == [before]
        roster = make_roster(session, RosterKind.ONSITE, YEAR)
        assert [row["application_id"] for row in roster.rows] == [str(case)]


def test_a_delegation_of_a_unit_covers_the_unit_that_carries_it_on(world: Entrusted) -> None:
    before, other = world.unit_id, world.add_unit(QINGHE, world.now)
    world.in_force(scope=Scope(DELEGABLE, units=frozenset({before})))
    with world.office(QINGHE, world.tick()) as session:
        merged = service.merge(
            session, [before, other], name="测试合并后单位", valid_from=world.now.date(), instrument=INSTRUMENT
        )
    asked = {"office_id": QINGHE, "local_office_id": HEYUAN, "grade": Grade.FIVE, "trade": "LS-1"}
    with world.office(QINGHE, world.tick()) as session:
        assert len(delegations_for(session, unit_id=merged.id, **asked)) == 1
        assert delegations_for(session, unit_id=other, **asked) == ()


def test_one_statement_may_ask_for_the_line_of_a_unit_twice(world: Entrusted) -> None:
    with world.office(QINGHE, world.now) as session:
        unit_id = session.scalars(select(Unit.id)).first()
        assert unit_id is not None
        twice = select(Unit.id).where(Unit.id.in_(carried_on(unit_id)), Unit.id.in_(carried_on(unit_id)))
        assert list(session.scalars(twice)) == [unit_id]
