"""Batches while cases change hands: each office has its own, and keeps its paper until it is done with it."""

from uuid import UUID

import pytest

from core.delegation.scope import DELEGABLE, Scope
from core.domain.workflow import Action
from core.errors import Conflict
from core.plugin_api import Grade, OfficeCode
from core.reviews.onsite import BatchState, batches, cases_of, close_batch, hand_in_batch, receive_batch, return_batch
from core.reviews.originals import receive_original, return_original
from core.reviews.rosters import RosterKind, make_roster
from tests.entrusted import Entrusted
from tests.linshui import HEYUAN, QINGHE, YEAR

SCAN = "ab" * 32


def _print(world: Entrusted) -> UUID:
    with world.unit() as session:
        return make_roster(session, RosterKind.ONSITE, YEAR).id


def _hand_in(world: Entrusted, roster_id: UUID | None = None, *, office_id: str | None = None) -> UUID:
    paper = roster_id or _print(world)
    with world.unit() as session:
        return hand_in_batch(session, paper, stamped_scan_sha256=SCAN, office_id=office_id).id


def _receive(world: Entrusted, batch: UUID, office: OfficeCode) -> str | None:
    with world.officer(office) as session:
        return receive_batch(session, batch).receipt_number


def _to_confirm(world: Entrusted, office: OfficeCode = QINGHE) -> UUID:
    case = world.case()
    world.act(office, case, Action.APPROVE)
    return case


def test_a_receipt_is_numbered_by_year_and_office_without_gaps(world: Entrusted) -> None:
    numbers = []
    for _ in range(3):
        _to_confirm(world)
        numbers.append(_receive(world, _hand_in(world), QINGHE))
    assert numbers == [f"{YEAR}-{QINGHE}-{number:04d}" for number in (1, 2, 3)]


def test_who_came_later_goes_into_a_batch_of_their_own(world: Entrusted) -> None:
    first = _to_confirm(world)
    one = _hand_in(world)
    second = _to_confirm(world)
    other = _hand_in(world)
    with world.unit() as session:
        assert (list(cases_of(session, one)), list(cases_of(session, other))) == ([first], [second])
        assert [batch.id for batch in batches(session, YEAR, state=BatchState.HANDED_IN)] == [one, other]


def test_cases_of_two_offices_go_into_a_batch_for_each(world: Entrusted) -> None:
    county_case = world.case(grade=Grade.FOUR)
    world.in_force(scope=Scope(DELEGABLE, grades=frozenset({Grade.FOUR})))
    world.act(HEYUAN, county_case, Action.APPROVE)
    city_case = _to_confirm(world)
    printed = _print(world)
    handed_in = {office: _hand_in(world, printed, office_id=office) for office in (QINGHE, HEYUAN)}
    for office, case in ((QINGHE, city_case), (HEYUAN, county_case)):
        _receive(world, handed_in[office], office)
        with world.officer(office) as session:
            assert list(cases_of(session, handed_in[office])) == [case]


def test_an_office_that_has_none_of_the_cases_gets_no_batch(world: Entrusted) -> None:
    _to_confirm(world)
    with pytest.raises(Conflict) as refused:
        _hand_in(world, office_id=HEYUAN)
    assert refused.value.code == "several_offices"


def test_a_returned_batch_is_handed_in_to_the_office_that_is_in_charge_now(world: Entrusted) -> None:
    _to_confirm(world)
    printed = _print(world)
    batch = _hand_in(world, printed)
    world.in_force()
    with world.officer(QINGHE) as session:
        return_batch(session, batch, remark="已由县级办理")
    assert _receive(world, _hand_in(world, printed), HEYUAN) == f"{YEAR}-{HEYUAN}-0001"


def test_the_county_closes_its_batch_after_cases_and_originals_went_back(world: Entrusted) -> None:
    case = world.case()
    made = world.in_force()
    world.act(HEYUAN, case, Action.APPROVE)
    batch = _hand_in(world)
    _receive(world, batch, HEYUAN)
    with world.officer(HEYUAN) as session:
        original = receive_original(session, case, title="技术等级证书", received_from="测试单位").id
    world.take_back(made)
    world.act(QINGHE, case, Action.CONFIRM)
    with world.officer(HEYUAN) as session, pytest.raises(Conflict) as refused:
        close_batch(session, batch)
    assert refused.value.code == "originals_held"
    with world.officer(HEYUAN) as session:
        return_original(session, original, returned_to="测试申报人")
    with world.officer(HEYUAN) as session:
        assert close_batch(session, batch).state == BatchState.CLOSED


def test_a_batch_with_an_original_in_the_offices_hands_is_not_returned(world: Entrusted) -> None:
    case = _to_confirm(world)
    batch = _hand_in(world)
    with world.officer(QINGHE) as session:
        receive_original(session, case, title="技术等级证书", received_from="测试单位")
    with world.officer(QINGHE) as session, pytest.raises(Conflict) as refused:
        return_batch(session, batch, remark="公章不清晰")
    assert refused.value.code == "originals_held"
