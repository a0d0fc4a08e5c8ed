"""What an act on units reaches: counted by kind, with examples and what becomes of each."""

from uuid import UUID

import pytest

from core.delegation.scope import DELEGABLE, Scope
from core.domain.workflow import Action
from core.organizations.unit_acts import Kind, Terms
from core.oversight.unit_changes import Reach, reach
from core.reviews.onsite import hand_in_batch
from core.reviews.rosters import RosterKind, make_roster
from tests.entrusted import Entrusted, offices, world
from tests.linshui import HEYUAN, QINGHE, YEAR, loaded_databases

__all__ = ["loaded_databases", "offices", "world"]


def _reached(world: Entrusted, kind: Kind, *unit_ids: UUID, **more: UUID) -> dict[str, Reach]:
    terms = Terms(kind, unit_ids or (world.unit_id,), world.now.date(), "清编〔2024〕3号", **more)  # type: ignore[arg-type]
    with world.office(QINGHE, world.tick()) as session:
        return {row.label: row for row in reach(session, terms, YEAR)}


def test_everything_that_a_unit_has_is_counted_with_examples(world: Entrusted) -> None:
    world.delegation(scope=Scope(DELEGABLE, units=frozenset({world.unit_id})))
    cases = [world.case() for _ in range(4)]
    for case in cases[:2]:
        world.act(QINGHE, case, Action.APPROVE)
    world.act(QINGHE, cases[3], Action.REJECT)
    with world.unit() as session:
        roster = make_roster(session, RosterKind.ONSITE, YEAR).id
    with world.unit() as session:
        hand_in_batch(session, roster, stamped_scan_sha256="ab" * 32)
    found = _reached(world, Kind.MERGE)
    counted = {label: row.count for label, row in found.items()}
    assert counted == {
        "受理机构办理中的申请": 3,
        "已有结论的申请": 1,
        "打印过的名册": 1,
        "办理中的统一办理批次": 1,
        "点名本单位的委托或下放": 1,
    }
    assert len(found["受理机构办理中的申请"].examples) == 3
    assert found["打印过的名册"].examples == ("第1版",)
    assert found["点名本单位的委托或下放"].outcome == "范围包括承接单位。"
    with world.office(HEYUAN, world.tick()) as session:
        terms = Terms(Kind.SPLIT, (world.unit_id,), world.now.date(), "清编〔2024〕3号")
        assert "受理机构办理中的申请" not in {row.label for row in reach(session, terms, YEAR)}


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (Kind.MOVE, "在办的照旧；划转到其他县（市）后的新申请不在其范围。"),
        (Kind.SPLIT, "只随第一个单位，其余单位不在其范围。"),
        (Kind.RENAME, "不变。"),
    ],
)
def test_what_becomes_of_a_delegation_follows_from_the_act(world: Entrusted, kind: Kind, outcome: str) -> None:
    world.in_force(scope=Scope(DELEGABLE, units=frozenset({world.unit_id})))
    assert _reached(world, kind)["点名本单位的委托或下放"].outcome == outcome


def test_a_unit_without_anything_reaches_nothing(world: Entrusted) -> None:
    assert _reached(world, Kind.END, world.add_unit(QINGHE, world.now)) == {}
