"""Batches for on-site confirmation: handed in, received, returned, closed."""

from uuid import UUID

import pytest
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.domain.workflow import Action
from core.errors import Conflict, Invalid, NotFound
from core.messages.models import Notice
from core.reviews.models import OnsiteBatch, Roster
from core.reviews.onsite import close_batch, hand_in_batch, receive_batch, return_batch
from core.reviews.originals import receive_original, return_original
from core.reviews.rosters import RosterKind, make_roster
from tests.entrusted import Entrusted
from tests.linshui import HEYUAN, QINGHE, YEAR, YUNSHAN

SCAN = "ab" * 32


def _to_confirm(world: Entrusted, count: int = 1) -> list[UUID]:
    cases = [world.case() for _ in range(count)]
    for case in cases:
        world.act(QINGHE, case, Action.APPROVE)
    return cases


def _roster(world: Entrusted, kind: RosterKind = RosterKind.ONSITE) -> UUID:
    with world.unit() as session:
        return make_roster(session, kind, YEAR).id


def _hand_in(world: Entrusted, roster_id: UUID | None = None, *, scan: str = SCAN) -> UUID:
    paper = roster_id or _roster(world)
    with world.unit() as session:
        return hand_in_batch(session, paper, stamped_scan_sha256=scan).id


def _receive(world: Entrusted, batch_id: UUID) -> str:
    with world.officer(QINGHE) as session:
        number = receive_batch(session, batch_id).receipt_number
    assert number is not None
    return number


def _state(world: Entrusted, batch_id: UUID) -> str:
    with world.office(QINGHE, world.now) as session:
        return session.get_one(OnsiteBatch, batch_id).state


def test_a_batch_is_handed_in_received_and_closed_once_all_is_decided(world: Entrusted) -> None:
    first, second = _to_confirm(world, 2)
    batch = _hand_in(world)
    _receive(world, batch)
    world.act(QINGHE, first, Action.CONFIRM)
    with world.officer(QINGHE) as session, pytest.raises(Conflict) as refused:
        close_batch(session, batch)
    assert refused.value.code == "cases_undecided"
    world.act(QINGHE, second, Action.REJECT)
    with world.officer(QINGHE) as session:
        close_batch(session, batch)
    with world.office(QINGHE, world.now) as session:
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(batch))).all()
    assert _state(world, batch) == "closed"
    assert sorted(kinds) == ["onsite_batch.closed", "onsite_batch.handed_in", "onsite_batch.received"]


def test_a_batch_is_not_closed_while_an_original_is_held(world: Entrusted) -> None:
    (case,) = _to_confirm(world)
    batch = _hand_in(world)
    _receive(world, batch)
    with world.officer(QINGHE) as session:
        original = receive_original(session, case, title="技术等级证书", received_from="测试单位").id
    world.act(QINGHE, case, Action.CONFIRM)
    with world.officer(QINGHE) as session, pytest.raises(Conflict) as refused:
        close_batch(session, batch)
    assert refused.value.code == "originals_held"
    with world.officer(QINGHE) as session:
        return_original(session, original, returned_to="测试单位")
    with world.officer(QINGHE) as session:
        assert close_batch(session, batch).state == "closed"


def test_every_receipt_has_a_number_of_its_own(world: Entrusted) -> None:
    numbers = []
    for _ in range(3):
        (case,) = _to_confirm(world)
        batch = _hand_in(world)
        numbers.append(_receive(world, batch))
        world.act(QINGHE, case, Action.CONFIRM)
    assert len(set(numbers)) == 3


def test_a_batch_is_received_only_once(world: Entrusted) -> None:
    _to_confirm(world)
    batch = _hand_in(world)
    _receive(world, batch)
    with pytest.raises(Conflict):
        _receive(world, batch)


def test_only_the_latest_version_can_be_handed_in(world: Entrusted) -> None:
    _to_confirm(world)
    old = _roster(world)
    _to_confirm(world)
    _roster(world)
    with pytest.raises(Conflict):
        _hand_in(world, old)


def test_a_roster_with_somebody_who_has_left_is_refused(world: Entrusted) -> None:
    case, _ = _to_confirm(world, 2)
    paper = _roster(world)
    world.act(QINGHE, case, Action.RETURN)
    with pytest.raises(Conflict):
        _hand_in(world, paper)


def test_cases_of_two_offices_are_no_one_batch(world: Entrusted) -> None:
    _to_confirm(world)
    world.in_force()
    elsewhere = world.case()
    world.act(QINGHE, elsewhere, Action.APPROVE)
    with pytest.raises(Conflict) as refused:
        _hand_in(world)
    assert refused.value.code == "several_offices"


def test_the_same_people_are_not_handed_in_twice(world: Entrusted) -> None:
    _to_confirm(world)
    paper = _roster(world)
    _hand_in(world, paper)
    with pytest.raises(Conflict):
        _hand_in(world, paper)


def test_a_roster_without_a_stamped_scan_is_refused(world: Entrusted) -> None:
    _to_confirm(world)
    with pytest.raises(Invalid):
        _hand_in(world, scan="")


def test_a_returned_batch_tells_the_unit_why_and_can_be_handed_in_again(world: Entrusted) -> None:
    _to_confirm(world)
    paper = _roster(world)
    batch = _hand_in(world, paper)
    with world.officer(QINGHE) as session, pytest.raises(Invalid):
        return_batch(session, batch, remark=" ")
    with world.officer(QINGHE) as session:
        return_batch(session, batch, remark="公章不清晰")
    with world.unit() as session:
        told = session.scalars(select(Notice.body).where(Notice.unit_id == world.unit_id)).all()
    assert any("公章不清晰" in body for body in told)
    again = _hand_in(world, paper)
    assert (_state(world, batch), _state(world, again)) == ("returned", "handed_in")


def test_the_county_that_reviews_receives_the_batch_and_reads_its_roster(world: Entrusted) -> None:
    _to_confirm(world)
    world.in_force()
    batch = _hand_in(world)
    with world.officer(HEYUAN) as session:
        received = receive_batch(session, batch)
        assert len(session.get_one(Roster, received.roster_id).rows) == 1


@pytest.mark.parametrize("office", [HEYUAN, YUNSHAN])
def test_another_office_cannot_receive_the_batch(world: Entrusted, office: str) -> None:
    _to_confirm(world)
    batch = _hand_in(world)
    with world.officer(office) as session, pytest.raises(NotFound):  # type: ignore[arg-type]
        receive_batch(session, batch)


def test_a_batch_whose_cases_went_elsewhere_is_not_received(world: Entrusted) -> None:
    _to_confirm(world)
    batch = _hand_in(world)
    world.in_force()
    with pytest.raises(Conflict):
        _receive(world, batch)
    assert _state(world, batch) == "handed_in"
