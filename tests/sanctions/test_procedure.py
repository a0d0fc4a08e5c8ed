"""The procedure of sanction cases is the same in code and database; the words of its steps have a limit."""

import pytest
from sqlalchemy import Connection, text

from core.errors import Invalid
from core.sanctions.procedure import CASE_STEPS, CaseAction, check_words
from core.text.form_texts import LONGEST


def test_the_database_knows_the_same_steps(connection: Connection) -> None:
    rows = connection.execute(text("SELECT action, from_state, to_state FROM sanction_procedure()")).all()
    assert {tuple(row) for row in rows} == {(step.action, step.source, step.target) for step in CASE_STEPS}


@pytest.mark.parametrize("action", [action for action in CaseAction if action is not CaseAction.CARRY_OUT])
def test_every_step_has_words_that_can_be_seen_and_end(action: CaseAction) -> None:
    for words, code in (("\u200b", "sanction_words_missing"), ("长" * (LONGEST + 1), "text_too_long")):
        with pytest.raises(Invalid) as refused:
            check_words(action, words)
        assert refused.value.code == code
