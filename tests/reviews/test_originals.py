"""Originals: their receipt, custody and return."""

from uuid import UUID

import pytest
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.domain.workflow import Action
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.plugin_api import OfficeCode
from core.reviews.originals import held_originals, originals_by_case, receive_original, return_original
from tests.entrusted import Entrusted
from tests.linshui import HEYUAN, QINGHE


def _receive(world: Entrusted, office: OfficeCode, case: UUID, title: str = "技术等级证书") -> UUID:
    with world.officer(office) as session:
        return receive_original(session, case, title=title, received_from="测试单位").id


def _held(world: Entrusted, office: OfficeCode) -> list[UUID]:
    with world.officer(office) as session:
        return [original.id for original in held_originals(session)]


def test_an_original_is_held_until_it_is_returned(world: Entrusted) -> None:
    case = world.case()
    first, second = _receive(world, QINGHE, case), _receive(world, QINGHE, case, "学历证书")
    assert _held(world, QINGHE) == [first, second]
    with world.officer(QINGHE) as session:
        returned = return_original(session, first, returned_to="测试申报人")
        assert (returned.returned_to, returned.returned_at) == ("测试申报人", session.now)
    assert _held(world, QINGHE) == [second]


def test_the_originals_of_many_cases_are_read_at_once(world: Entrusted) -> None:
    case, other = world.case(), world.case()
    first, second = _receive(world, QINGHE, case), _receive(world, QINGHE, case, "学历证书")
    with world.officer(QINGHE) as session:
        found = originals_by_case(session, [case, other])
    assert {case: [original.id for original in originals] for case, originals in found.items()} == {
        case: [first, second],
        other: [],
    }


def test_an_original_is_returned_only_once_and_to_somebody(world: Entrusted) -> None:
    original = _receive(world, QINGHE, world.case())
    with world.officer(QINGHE) as session, pytest.raises(Invalid):
        return_original(session, original, returned_to=" ")
    with world.officer(QINGHE) as session:
        return_original(session, original, returned_to="测试申报人")
    with world.officer(QINGHE) as session, pytest.raises(Conflict):
        return_original(session, original, returned_to="测试申报人")


def test_a_past_handler_keeps_custody_and_gives_the_original_back(world: Entrusted) -> None:
    case = world.case()
    delegation = world.in_force()
    original = _receive(world, HEYUAN, case)
    world.take_back(delegation)
    assert world.row(case)[0] == QINGHE
    assert (_held(world, HEYUAN), _held(world, QINGHE)) == ([original], [])
    with world.officer(QINGHE) as session, pytest.raises(NotFound):
        return_original(session, original, returned_to="测试申报人")
    with world.officer(HEYUAN) as session:
        return_original(session, original, returned_to="测试申报人")
    assert _held(world, HEYUAN) == []


def test_a_past_handler_receives_no_more_originals(world: Entrusted) -> None:
    case = world.case()
    world.take_back(world.in_force())
    with pytest.raises(Forbidden):
        _receive(world, HEYUAN, case)


def test_no_original_is_taken_for_a_case_that_is_decided(world: Entrusted) -> None:
    case = world.case()
    world.act(QINGHE, case, Action.REJECT)
    with pytest.raises(Conflict):
        _receive(world, QINGHE, case)


@pytest.mark.parametrize(("title", "received_from"), [("", "测试单位"), ("学历证书", " ")])
def test_what_was_received_from_whom_must_be_said(world: Entrusted, title: str, received_from: str) -> None:
    case = world.case()
    with world.officer(QINGHE) as session, pytest.raises(Invalid):
        receive_original(session, case, title=title, received_from=received_from)
    assert _held(world, QINGHE) == []


def test_custody_is_on_the_record_of_the_case(world: Entrusted) -> None:
    case = world.case()
    original = _receive(world, QINGHE, case)
    with world.officer(QINGHE) as session:
        return_original(session, original, returned_to="测试申报人")
        wanted = select(RecordEntry.kind).where(
            RecordEntry.subject_id == str(case), RecordEntry.kind.startswith("original.")
        )
        session.flush()
        assert sorted(session.scalars(wanted)) == ["original.received", "original.returned"]
