"""Statements that are built once: their text is kept, and a request gives its values alone.

Building a large statement from expressions takes longer than PostgreSQL needs to answer it. A page that asks the same
question each time keeps the text instead.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import CompoundSelect, Select

from core.db.round_trips import ask_planned

Built = Select[Any] | CompoundSelect[Any]
Values = Mapping[str, Any]
_DIALECT: Final = psycopg.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class KeptStatement:
    """The text of a statement, the values that never change, and the names of those that a request gives."""

    text: str
    constants: Values
    given: Mapping[str, str]

    def execute(self, session: Session, values: Values) -> Iterable[Any]:
        """The rows for the values of a request, by their names."""
        # What the session has not written yet counts, as it does for a statement of the session's own.
        session.flush()
        bound = {parameter: values[name] for parameter, name in self.given.items()}
        return ask_planned(session.connection(), self.text, {**self.constants, **bound})


def keep(build: Callable[[Values], Built], first: Values, second: Values) -> KeptStatement:
    """Build a statement twice, with two sets of values that have nothing in common, and keep what both have.

    Raises ValueError where the text depends on a value, or where something was computed from one: it would be kept as
    it was.
    """
    one, other = (_compiled(build(values)) for values in (first, second))
    if one[0] != other[0]:
        raise ValueError("the text of the statement depends on a value")
    constants, given = {}, {}
    for parameter, value in one[1].items():
        names = [name for name in first if _same(first[name], value) and _same(second[name], other[1][parameter])]
        if names:
            given[parameter] = names[0]
        elif _same(value, other[1][parameter]):
            constants[parameter] = value.value if isinstance(value, Enum) else value
        else:
            raise ValueError(f"{parameter} is computed from a value: {value!r}")
    return KeptStatement(one[0], constants, given)


def _compiled(statement: Built) -> tuple[str, Values]:
    made = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return str(made), made.params


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other
