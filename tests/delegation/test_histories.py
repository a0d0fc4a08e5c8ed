"""Random histories of delegation: whatever happens, one office is in charge of each case, and none is lost."""

from collections import Counter
from contextlib import suppress
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from core.applications.models import Application
from core.delegation import service
from core.delegation.models import CaseHandler, Delegation
from core.delegation.queries import handlers_of
from core.delegation.service import CaseChoice
from core.domain.workflow import Action, State
from core.errors import KaowuError
from tests.entrusted import Entrusted, terms
from tests.linshui import HEYUAN, QINGHE

CASES = 4
CHOICE = st.sampled_from(CaseChoice)
STEP = st.one_of(
    st.tuples(st.just("begin"), CHOICE),
    st.tuples(st.just("take_back"), CHOICE, st.dictionaries(st.integers(0, CASES - 1), CHOICE)),
    st.tuples(st.just("give_back")),
    st.tuples(st.just("pause")),
    st.tuples(st.just("resume")),
    st.tuples(st.just("decide"), st.integers(0, CASES - 1)),
)


def _latest(world: Entrusted) -> Delegation | None:
    with world.office(QINGHE, world.now) as session:
        wanted = select(Delegation).where(Delegation.state.in_(["in_force", "paused"]))
        return session.scalars(wanted).first()


def _begin(world: Entrusted, choice: CaseChoice) -> None:
    with world.office(QINGHE, world.tick()) as session:
        made = service.propose(session, HEYUAN, terms(effective_from=session.now, open_cases=choice))
        service.take_effect(session, made.id)


def _do(world: Entrusted, cases: list[UUID], step: tuple[Any, ...]) -> None:
    name, *said = step
    delegation = _latest(world)
    if name == "begin":
        _begin(world, said[0])
    elif name == "decide":
        case = cases[said[0]]
        office, state = world.row(case)
        if state == State.QUALIFICATION_REVIEW:
            world.act(HEYUAN if office == HEYUAN else QINGHE, case, Action.APPROVE)
            with world.officer(HEYUAN if office == HEYUAN else QINGHE) as session:
                service.finish_handover(session, case)
    elif delegation is None:
        return
    elif name == "take_back":
        exceptions = {cases[index]: choice for index, choice in said[1].items() if world.row(cases[index])[0] == HEYUAN}
        world.take_back(delegation.id, said[0], exceptions=exceptions)
    elif name == "give_back":
        with world.office(HEYUAN, world.tick()) as session:
            service.give_back(session, delegation.id, reason="测试交回")
    else:
        with world.office(QINGHE, world.tick()) as session:
            (service.pause if name == "pause" else service.resume)(session, delegation.id, reason="测试")


def _check(world: Entrusted, cases: list[UUID]) -> None:
    with world.office(QINGHE, world.now) as session:
        open_rows = session.execute(
            select(CaseHandler.application_id, CaseHandler.office_id).where(CaseHandler.until.is_(None))
        ).all()
        in_charge = session.execute(select(Application.id, Application.handler_office_id)).all()
    assert len(open_rows) == CASES
    assert {(case, office) for case, office in open_rows} == {(case, office) for case, office in in_charge}
    assert {case for case, _ in in_charge} == set(cases)


def _check_history(world: Entrusted, case: UUID) -> None:
    with world.office(QINGHE, world.now) as session:
        rows = handlers_of(session, case)
        assert rows[-1].until is None
        for earlier, later in pairwise(rows):
            assert earlier.until == later.from_
            assert earlier.office_id != later.office_id
        assert all(row.until is None or row.from_ < row.until for row in rows)


def _totals(world: Entrusted) -> tuple[int, Counter[str]]:
    """How many cases the city counts, and how many each office has in hand, as each of them sees it."""
    in_hand: Counter[str] = Counter()
    for office in (QINGHE, HEYUAN):
        with world.office(office, world.now) as session:
            wanted = select(func.count()).select_from(Application).where(Application.handler_office_id == office)
            in_hand[office] = session.scalar(wanted) or 0
    with world.office(QINGHE, world.now) as session:
        return session.scalar(select(func.count()).where(Application.office_id == QINGHE)) or 0, in_hand


@given(steps=st.lists(STEP, max_size=12))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_office_is_in_charge_of_each_case_at_every_moment_and_none_is_lost(
    world: Entrusted, steps: list[tuple[Any, ...]]
) -> None:
    before = world.now, world.made
    with world.connection.begin_nested() as example:
        cases = [world.case() for _ in range(CASES)]
        for step in steps:
            # A step that does not apply now is refused, and must have changed nothing.
            with suppress(KaowuError):
                _do(world, cases, step)
            _check(world, cases)
            counted, in_hand = _totals(world)
            assert counted == sum(in_hand.values()) == CASES
        for case in cases:
            _check_history(world, case)
        example.rollback()
    world.now, world.made = before
