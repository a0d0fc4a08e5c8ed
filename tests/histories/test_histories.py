"""A few short histories with a fixed seed, and that each rule finds its planted fault by a directed history."""

from collections.abc import Iterator

import pytest

from core.db.server.embedded import EmbeddedServer
from core.results.corrections import service as corrections
from core.results.outcomes import dependents as outcome_dependents
from core.scheduling.tickets import dependents as ticket_dependents
from tests.histories.invariants import HELD, Inspection
from tests.histories.life import Life
from tests.histories.machine import ACTS, Machine
from tests.histories.run import run_seed
from tests.histories.stages import STAGES, Stages, built, do, lose_the_pass

INSPECTION = Inspection(ACTS.values())


@pytest.fixture(scope="module")
def stages(database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """The stages at which histories begin."""
    with built(database_server, tmp_path_factory.mktemp("histories"), STAGES) as made:
        yield made


def broken(life: Life) -> set[str]:
    """The names of the rules that are broken now."""
    return {found.partition(":")[0] for found in INSPECTION(life).broken}


def plant(life: Life, statement: str) -> None:
    """Change the database as no migration would; the history is rolled back, and this with it."""
    with life.all_seeing():
        life.season.connection.exec_driver_sql(statement)


def test_a_few_short_histories_break_nothing(stages: Stages) -> None:
    Machine.stages = stages
    ended = run_seed(7, 8, 30, shorten=False)
    assert not ended.faults, ended.faults[0]
    assert ended.acts.total() > 100


@pytest.mark.parametrize("stage", STAGES)
def test_no_rule_is_broken_where_histories_begin(stages: Stages, stage: str) -> None:
    with stages.life(stage) as life:
        found = INSPECTION(life)
    assert found.broken == ()
    assert set(found.waiting) == set(ACTS)


def test_a_move_that_takes_nothing_along_is_found_at_ticket_seat_and_door(stages: Stages) -> None:
    with stages.life("exam_day") as life:
        plant(life, "DROP TRIGGER take_along ON moves")
        [sitting, *_] = life.rows_for("sittings", "t.starts_at > :now")
        wanted = "EXISTS (SELECT FROM seats s WHERE s.application_id = t.id AND s.sitting_id = :sitting)"
        do(life, "supervisor_reopens", life.rows_for("applications", wanted, sitting=sitting.id)[0])
        assert {"unqualified_with_a_ticket_in_force", "unqualified_with_a_seat_to_come"} <= broken(life)
        assert "unqualified_let_in" not in broken(life)
        for luck in range(12):
            life.perform("candidate_arrives", row=sitting, luck=luck)
        assert "unqualified_let_in" in broken(life)


def test_a_ticket_that_is_not_replaced_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticket_dependents, "replace_stale", lambda *_args, **_more: ())
    with stages.life("ticketed") as life:
        for luck in range(4):
            life.perform("site_is_changed", luck=luck)
        assert broken(life) == {"ticket_tells_something_else"}


def test_a_certificate_without_a_pass_that_nobody_is_asked_to_revoke_is_found(
    stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome_dependents, "notify", lambda *_args, **_more: None)
    with stages.life("certified") as life:
        lose_the_pass(life, life.rows_for("certificates")[0])
        assert broken(life) == {"valid_certificate_without_a_standing_pass"}


def test_a_case_on_no_desk_is_found(stages: Stages) -> None:
    with stages.life("registration") as life:
        plant(life, "DROP TRIGGER open_case_handler ON applications")
        do(life, "somebody_drafts")
        assert "not_exactly_one_office_in_charge" in broken(life)
        do(life, "person_submits", life.rows_for("applications", "t.state = 'draft'")[-1])
        assert "open_case_not_on_exactly_one_desk" in broken(life)


def test_a_case_that_is_not_counted_is_found(stages: Stages) -> None:
    with stages.life("registration") as life:
        plant(life, "DROP TRIGGER count_case ON applications")
        do(life, "person_withdraws")
        assert {"figures_that_do_not_add_up", "figures_by_desk_and_by_place_differ"} <= broken(life)


def test_a_refusal_that_nobody_is_told_of_is_found(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections, "notify", lambda *_args, **_more: None)
    with stages.life("examined") as life:
        do(life, "correction_is_refused")
        assert broken(life) == {"nobody_told_of_a_refusal"}


def test_every_rule_of_the_histories_is_a_query_of_its_own() -> None:
    assert len(set(HELD.values())) == len(HELD)
