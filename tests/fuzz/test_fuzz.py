"""Schemathesis against a running server: the short form of `make fuzz`."""

from pathlib import Path

from core.db.session import Role
from tests.fuzz.run import fuzz


def test_no_answer_lies_outside_the_description(tmp_path: Path) -> None:
    roles = [Role.CITY_REVIEWER.value]
    outcome = fuzz(tmp_path, roles=roles, examples=1, seed=20240325, systematic=frozenset())
    assert not outcome.failed, "\n".join(outcome.failed.values())
    assert outcome.requests > 100
