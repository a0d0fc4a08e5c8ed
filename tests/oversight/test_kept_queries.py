"""Statements that are built once: what may vary, and that nothing computed from a value is kept."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, create_engine, literal, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from core.applications.models import Application
from core.db.database import Databases
from core.domain.workflow import State
from core.oversight.kept_queries import Values, keep
from tests.cases import at

FIRST = {"office": "office 1", "now": at(3, 1), "years": 1}
SECOND = {"office": "office 2", "now": at(4, 2), "years": 2}


def late(values: Values) -> Select[Any]:
    here = Application.office_id == values["office"]
    return select(literal("late"), Application.id).where(
        here, Application.due_at < values["now"], Application.state.in_([State.DRAFT, State.RETURNED])
    )


def test_what_a_request_gives_is_named_and_the_rest_is_kept() -> None:
    kept = keep(late, FIRST, SECOND)
    assert sorted(kept.given.values()) == ["now", "office"]
    assert sorted(kept.constants.values()) == ["draft", "late", "returned"]


def test_what_is_computed_from_a_value_is_refused() -> None:
    def computed(values: Values) -> Select[Any]:
        now: datetime = values["now"]
        return select(Application.id).where(Application.due_at < now + timedelta(days=1))

    with pytest.raises(ValueError, match="is computed from a value"):
        keep(computed, FIRST, SECOND)


def test_a_text_that_depends_on_a_value_is_refused() -> None:
    def many(values: Values) -> Select[Any]:
        return select(Application.id).where(Application.grade.in_(range(values["years"])))

    with pytest.raises(ValueError, match="depends on a value"):
        keep(many, FIRST, SECOND)


def test_it_answers_as_the_statement_itself(linshui_database: Databases) -> None:
    def told(values: Values) -> Select[Any]:
        return select(literal(values["office"]), literal(values["now"]), literal("kept"))

    engine = create_engine(linshui_database.app_url)
    with Session(engine) as session:
        for values in (FIRST, SECOND):
            [row] = keep(told, FIRST, SECOND).execute(session, values)
            assert tuple(row) == tuple(session.execute(told(values)).one())
    engine.dispose()


def test_the_plan_is_kept_for_this_statement_alone(linshui_database: Databases) -> None:
    kept = keep(late, FIRST, SECOND)
    engine = create_engine(linshui_database.app_url)
    with Session(engine) as session:
        before = session.scalar(text("SHOW plan_cache_mode"))
        kept.execute(session, FIRST)
        assert session.scalar(text("SHOW plan_cache_mode")) == before == "auto"
        broken = replace(kept, text=kept.text.replace("applications", "no_such_table"))
        with pytest.raises(ProgrammingError, match="no_such_table"):
            broken.execute(session, FIRST)
    engine.dispose()
