"""The refusals that constraints mean: each named constraint exists, and its refusal says what to do."""

from types import SimpleNamespace

import pytest
from sqlalchemy.exc import IntegrityError

from core.db.refusals import CHANGED, CONSTRAINTS, in_words, refusal_of
from core.db.tables import all_tables
from core.errors import Conflict


def met(constraint: str) -> IntegrityError:
    """An error of psycopg, with the name of the constraint in its diagnosis."""
    cause = Exception("duplicate key")
    cause.diag = SimpleNamespace(constraint_name=constraint)  # type: ignore[attr-defined]
    return IntegrityError("INSERT", {}, cause)


def test_every_constraint_that_has_words_is_in_the_database() -> None:
    tables = all_tables().tables.values()
    named = {constraint.name for table in tables for constraint in table.constraints}
    named |= {index.name for table in tables for index in table.indexes}
    assert set(CONSTRAINTS) - named == set()


def test_a_constraint_is_said_in_its_own_words_at_the_edge_and_in_a_service() -> None:
    error = met("uq_delegations_one_in_force")
    assert refusal_of(error) is CONSTRAINTS["uq_delegations_one_in_force"]
    with pytest.raises(Conflict) as refused, in_words():
        raise error
    assert refused.value.code == "already_delegated"


def test_a_service_says_more_than_the_map() -> None:
    more = Conflict("login_taken", "登录名“测试”已被使用。请换一个登录名。")
    with pytest.raises(Conflict) as refused, in_words(uq_accounts_login=more):
        raise met("uq_accounts_login")
    assert refused.value is more


def test_a_constraint_without_words_goes_on_as_it_is() -> None:
    with pytest.raises(IntegrityError), in_words():
        raise met("uq_something_else")
    assert refusal_of(met("uq_something_else")) is CHANGED
