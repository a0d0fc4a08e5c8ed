"""Large tables that people of the demonstration have ordered: some are made, one is begun when it starts."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from core.db.session import SYSTEM_ACCOUNT, Actor, Role, SignInSession
from core.domain.workflow import State
from core.identity.roles import actors_of
from core.pages.table_export import TableAsked, order
from core.pages.table_job import export_table, table_at
from core.plugin_api import OfficeCode
from core.simulate.demo.crowd import Crowd
from core.simulate.world import World
from core.web.dependencies import session_of

_NOBODY: Final = Actor(SYSTEM_ACCOUNT, "演示", Role.SYSTEM)


def order_tables(crowd: Crowd, city: OfficeCode, world: World) -> None:
    """A reviewer, a unit's manager and the auditor have ordered a table each; the reviewer's second one waits."""
    manager = crowd.of(city, State.UNIT_REVIEW).unit.manager.account_id
    reviewer, auditor = world.staff[city]["online"].account_id, world.staff[world.province]["auditor"].account_id
    for account_id, address, query in (
        (reviewer, "/desk/export", {"state": "qualified"}),
        (manager, "/unit/deadlines/export", {}),
        (auditor, "/record/export", {}),
    ):
        office_id, made = _order(world, account_id, address, query)
        export_table(world.platform, office_id=office_id, export_id=str(made))
    _order(world, reviewer, "/desk/export", {"state": "qualification_review"})


def _order(world: World, account_id: UUID, address: str, query: Mapping[str, str]) -> tuple[str, UUID]:
    """The office on whose record an order stands, and the order."""
    engine, now = world.platform.engine, world.clock()
    with SignInSession(engine, actor=_NOBODY, now=now) as accounts:
        (actor,) = actors_of(accounts, account_id)
    table, asked = table_at(address), TableAsked(world.platform, query, {})
    with session_of(engine, actor, now=now, as_province=table.province) as session, session.begin():
        made = order(session, address, asked, table.build(session, asked))
        return made.office_id, made.id
