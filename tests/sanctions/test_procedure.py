"""The procedure of sanction cases is the same in code and database."""

from sqlalchemy import Connection, text

from core.sanctions.procedure import CASE_STEPS


def test_the_database_knows_the_same_steps(connection: Connection) -> None:
    rows = connection.execute(text("SELECT action, from_state, to_state FROM sanction_procedure()")).all()
    assert {tuple(row) for row in rows} == {(step.action, step.source, step.target) for step in CASE_STEPS}
