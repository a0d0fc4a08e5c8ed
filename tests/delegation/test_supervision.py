"""Supervision: reproducible samples of the receiver's decisions, and the verdicts of the delegating office."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select, text

from core.audit.models import RecordEntry
from core.db.database import Databases
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.delegation.models import Sample, SampleItem
from core.delegation.supervision import draw_sample, items_of, order_correction, uphold
from core.domain.workflow import Action, State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.models import Notice
from core.reviews.supervision import overturn
from core.tenancy.offices import Offices
from tests.entrusted import Entrusted
from tests.isolation.walk import as_superuser
from tests.linshui import HEYUAN, KEYS, QINGHE, YEAR


def _decided(world: Entrusted, count: int, *, action: Action = Action.APPROVE) -> tuple[UUID, list[UUID]]:
    cases = [world.case(onsite=False) for _ in range(count)]
    made = world.in_force()
    for case in cases:
        world.act(HEYUAN, case, action)
    return made, cases


def _draw(world: Entrusted, delegation_id: UUID, *, percent: int = 30, minimum: int = 1, seed: int = 7) -> list[UUID]:
    with world.office(QINGHE, world.tick()) as session:
        sample = draw_sample(session, delegation_id, percent=percent, minimum=minimum, seed=seed)
        return [item.application_id for item in items_of(session, sample.id)]


def _one_item(world: Entrusted, delegation_id: UUID) -> UUID:
    _draw(world, delegation_id, percent=100)
    with world.office(QINGHE, world.now) as session:
        return session.scalars(select(SampleItem.id)).one()


def test_the_same_seed_draws_the_same_sample(world: Entrusted) -> None:
    made, cases = _decided(world, 10)
    first = _draw(world, made)
    assert len(first) == 3
    assert set(first) <= set(cases)
    assert _draw(world, made) == first
    assert len({tuple(_draw(world, made, seed=seed)) for seed in range(8)}) > 1


@pytest.mark.parametrize(("percent", "minimum", "size"), [(1, 1, 1), (1, 4, 4), (50, 1, 3), (100, 1, 5), (1, 99, 5)])
def test_a_sample_has_its_share_but_the_minimum_at_least(
    world: Entrusted, percent: int, minimum: int, size: int
) -> None:
    made, _ = _decided(world, 5)
    assert len(_draw(world, made, percent=percent, minimum=minimum)) == size


def test_only_what_the_receiver_decided_is_drawn(world: Entrusted) -> None:
    by_city, undecided, by_county = (world.case(onsite=False) for _ in range(3))
    world.act(QINGHE, by_city, Action.APPROVE)
    made = world.in_force()
    world.act(HEYUAN, by_county, Action.REJECT)
    assert _draw(world, made, percent=100) == [by_county]
    assert world.row(undecided)[0] == HEYUAN


@pytest.fixture
def lasting(database_server: EmbeddedServer, loaded_databases: Databases) -> Iterator[Entrusted]:
    """The same world; a case can be put into an earlier season."""
    name = create_engine(loaded_databases.app_url).url.database
    assert name is not None
    engine = create_engine(database_server.address(SUPERUSER, name))
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SET SESSION AUTHORIZATION kaowu_app"))
        made = Entrusted(connection, KEYS)
        made.prepare()
        yield made
        transaction.rollback()
    engine.dispose()


def test_a_sample_is_of_one_season_and_says_of_which(lasting: Entrusted) -> None:
    made, (case, earlier) = _decided(lasting, 2)
    with as_superuser(lasting.connection) as connection:
        connection.execute(
            text("UPDATE applications SET year = :year WHERE id = :id"), {"year": YEAR - 1, "id": earlier}
        )
    assert _draw(lasting, made, percent=100, minimum=9) == [case]
    with lasting.office(QINGHE, lasting.tick()) as session:
        drawn = session.scalars(select(Sample)).one()
        assert (drawn.year, drawn.population) == (YEAR, 1)
        with pytest.raises(NotFound):
            draw_sample(session, made, percent=100, minimum=1, seed=7, year=YEAR - 1)


def test_nothing_decided_gives_no_sample(world: Entrusted) -> None:
    made = world.in_force()
    with pytest.raises(Invalid) as refused:
        _draw(world, made)
    assert refused.value.code == "nothing_decided"


@pytest.mark.parametrize(("percent", "minimum"), [(0, 1), (101, 1), (10, 0)])
def test_a_share_that_cannot_be_is_refused(world: Entrusted, percent: int, minimum: int) -> None:
    made, _ = _decided(world, 1)
    with pytest.raises(Invalid):
        _draw(world, made, percent=percent, minimum=minimum)


def test_the_receiver_does_not_sample_itself(world: Entrusted) -> None:
    made, _ = _decided(world, 1)
    with world.office(HEYUAN, world.tick()) as session, pytest.raises(Forbidden):
        draw_sample(session, made, percent=10, minimum=1, seed=1)


def test_an_upheld_item_is_judged_once_and_changes_nothing(world: Entrusted) -> None:
    made, (case,) = _decided(world, 1)
    item = _one_item(world, made)
    with world.office(QINGHE, world.tick()) as session:
        assert uphold(session, item).verdict == "upheld"
    with world.office(QINGHE, world.tick()) as session, pytest.raises(Conflict):
        order_correction(session, item, remark="测试问题")
    assert world.row(case) == (HEYUAN, State.QUALIFIED)


def test_an_ordered_correction_reaches_the_receiver_and_the_record(world: Entrusted) -> None:
    made, (case,) = _decided(world, 1)
    item = _one_item(world, made)
    with world.office(QINGHE, world.tick()) as session, pytest.raises(Invalid):
        order_correction(session, item, remark=" ")
    with world.office(QINGHE, world.tick()) as session:
        order_correction(session, item, remark="材料扫描不清")
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(case))).all()
    assert "sample.correction_ordered" in kinds
    with world.office(HEYUAN, world.now) as session:
        told = session.scalars(select(Notice).where(Notice.kind == "supervision")).one()
    assert told.application_id == case
    assert "材料扫描不清" in told.body


@pytest.mark.parametrize("action", [Action.APPROVE, Action.REJECT])
def test_an_overturned_case_is_reviewed_again(world: Entrusted, offices: Offices, action: Action) -> None:
    made, (case,) = _decided(world, 1, action=action)
    item = _one_item(world, made)
    with world.office(QINGHE, world.tick()) as session:
        assert overturn(session, item, offices=offices, reason="审查依据不足").verdict == "overturned"
    assert world.row(case) == (HEYUAN, State.QUALIFICATION_REVIEW)


def test_an_overturn_that_cannot_reopen_leaves_the_item_open(world: Entrusted, offices: Offices) -> None:
    made, _ = _decided(world, 1, action=Action.RETURN)
    item = _one_item(world, made)
    with world.office(QINGHE, world.tick()) as session:
        with pytest.raises(Conflict):
            overturn(session, item, offices=offices, reason="审查依据不足")
        session.expire_all()
        assert session.get_one(SampleItem, item).verdict == "open"


def test_the_receiver_cannot_judge_an_item(world: Entrusted) -> None:
    made, _ = _decided(world, 1)
    item = _one_item(world, made)
    with world.office(HEYUAN, world.tick()) as session, pytest.raises(NotFound):
        uphold(session, item)
