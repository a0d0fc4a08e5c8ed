"""The one statement of every request's sign-in: the token, its account, and each role that the account holds now.

It is plain text, prebuilt, and makes no object of SQLAlchemy on the way: every request runs it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from core.db.round_trips import ask
from core.db.session import Actor, SignInSession
from core.domain.permissions import UNIT_ROLES, Permission, Role
from core.plugin_api import OfficeCode

UNITS_BELOW: Final = """
    WITH RECURSIVE tree AS (
        SELECT id FROM units WHERE id = {unit}
        UNION
        SELECT u.id FROM units u JOIN tree t ON u.parent_id = t.id OR u.successor_id = t.id
    )
    SELECT id FROM tree
"""
"""A unit, every unit below it, and the units whose cases these carry on since a merger, split or move."""

BY_COOKIE: Final = """
    SELECT id, account_id, awaits, grant_id AS chosen, seen_at, NULL::text[] AS writes FROM browser_sessions
    WHERE token_hash = %(token_hash)s AND ended_at IS NULL AND expires_at > %(at)s AND seen_at > %(idle_since)s
"""
"""The session of a browser's cookie, unless it has ended, has expired, or was idle for too long."""

BY_BEARER: Final = """
    SELECT id, account_id, NULL::text AS awaits, NULL::uuid AS chosen, NULL::timestamptz AS seen_at,
        permissions AS writes
    FROM api_tokens WHERE token_hash = %(token_hash)s AND revoked_at IS NULL AND expires_at > %(at)s
"""
"""The token of a program, unless it was revoked or has expired."""

BY_ACCOUNT: Final = """
    SELECT NULL::uuid AS id, %(account_id)s::uuid AS account_id, NULL::text AS awaits, NULL::uuid AS chosen,
        NULL::timestamptz AS seen_at, NULL::text[] AS writes
"""
"""An account by itself, without a token."""

_HOLDS: Final = """
    AND (c.ended_at IS NULL OR c.ended_at > %(at)s)
    AND g.valid_from <= %(at)s AND (g.valid_until IS NULL OR g.valid_until > %(at)s)
"""
_GRANT: Final = "g.role, g.office_id, g.unit_id"


class _Row(NamedTuple):
    """A role of the asker: their own, or that of ``behalf``, a colleague on leave."""

    id: UUID | None
    account_id: UUID
    awaits: str | None
    chosen: UUID | None
    seen_at: Any
    writes: list[str] | None
    grant_id: UUID
    name: str
    person_id: UUID | None
    role: str
    office_id: str | None
    unit_id: UUID | None
    behalf: UUID | None
    behalf_name: str
    behalf_person: UUID | None
    scope: list[str] | None
    below: list[UUID]


@dataclass(frozen=True, slots=True)
class Asker:
    """The account behind a token, by its roles: its own in the order in which they began, then those of colleagues."""

    id: UUID | None
    """The id of the session or token."""
    account_id: UUID
    actors: tuple[Actor, ...]
    awaits: str | None
    chosen: UUID | None
    """The grant of the role last chosen, which may no longer hold."""
    seen_at: Any
    """The moment at which use of the session was last noted; None for a program."""


def find(session: SignInSession, by: str, **values: object) -> Asker | None:
    """The asker by BY_COOKIE, BY_BEARER or BY_ACCOUNT; None where it is not valid, or the account holds no role now.

    It reads by the policies of the sign-in: in the session's transaction, or in one of its own where none has begun.
    """
    bind = session.connection() if session.in_transaction() else session.get_bind()
    given = {"at": session.now, "units": _UNIT_ROLES, **values}
    rows = [_Row(*row) for row in ask(bind, session.settings(), _statement(by), given)]
    if not rows or rows[0].behalf is not None:
        return None
    first = rows[0]
    return Asker(first.id, first.account_id, tuple(_actors(rows)), first.awaits, first.chosen, first.seen_at)


_UNIT_ROLES: Final = sorted(UNIT_ROLES)


def _actors(rows: list[_Row]) -> Iterator[Actor]:
    """``person_id`` goes along with every role, so that nobody can decide on their own case.

    A deputy acts where they still work themselves.
    """
    places = {(row.office_id, row.unit_id) for row in rows if row.behalf is None}
    for row in rows:
        if row.behalf is None or (row.office_id, row.unit_id) in places:
            yield Actor(
                account_id=row.account_id,
                name=row.name,
                role=Role(row.role),
                office_id=None if row.office_id is None else OfficeCode(row.office_id),
                unit_id=row.unit_id,
                person_id=row.person_id,
                on_behalf_of=row.behalf,
                on_behalf_of_name=row.behalf_name,
                on_behalf_of_person=row.behalf_person,
                scope=None if row.scope is None else frozenset(map(Permission, row.scope)),
                writes=None if row.writes is None else frozenset(map(Permission, row.writes)),
                grant_id=row.grant_id,
                units=frozenset(row.below),
            )


@cache
def _statement(by: str) -> str:
    """The roles of the asker: their own first."""
    return f"""
    WITH asker AS MATERIALIZED ({by}),
    held AS (
        SELECT g.id AS grant_id, c.name, c.person_id, {_GRANT}, NULL::uuid AS behalf, '' AS behalf_name,
            NULL::uuid AS behalf_person, NULL::text[] AS scope, g.valid_from
        FROM asker JOIN accounts c ON c.id = asker.account_id JOIN role_grants g ON g.account_id = c.id
        WHERE true {_HOLDS}
        UNION ALL
        SELECT a.id, me.name, me.person_id, {_GRANT}, c.id, c.name, c.person_id, a.permissions, a.valid_from
        FROM asker
        JOIN acting_grants a ON a.deputy_id = asker.account_id
        JOIN accounts me ON me.id = a.deputy_id
        JOIN role_grants g ON g.id = a.grant_id
        JOIN accounts c ON c.id = g.account_id
        WHERE a.valid_from <= %(at)s AND a.valid_until > %(at)s AND (a.ended_at IS NULL OR a.ended_at > %(at)s)
            {_HOLDS}
    )
    SELECT asker.*, h.grant_id, h.name, h.person_id, h.role, h.office_id, h.unit_id, h.behalf, h.behalf_name,
        h.behalf_person, h.scope,
        CASE WHEN h.role = ANY (%(units)s) THEN ARRAY({UNITS_BELOW.format(unit="h.unit_id")}) ELSE '{{}}' END
    FROM asker CROSS JOIN held h
    ORDER BY h.behalf IS NOT NULL, h.valid_from, h.grant_id
    """  # noqa: S608 - constants alone; what is asked for travels as parameters
