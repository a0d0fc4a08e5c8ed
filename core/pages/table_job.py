"""The making of a large table in the background: by the builder of its route, in the scope of its orderer.

What is written is what the orderer may see at the moment of the writing, in the role of the order; where that has
ended, nothing is. The rows come from a cursor of the server and go through the writer one by one.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

from core.db.session import ANONYMOUS, Actor, SignInSession, SystemSession, system_actor
from core.documents import exports
from core.documents.exports import Cancelled
from core.documents.models import TableExport
from core.errors import KaowuError
from core.identity.roles import actor_of
from core.pages.table_export import TABLES, Table, TableAsked, maker, record_export, rows_of
from core.platform import Platform
from core.plugin_api import OfficeCode
from core.web.dependencies import session_of
from core.web.page.excel import Value, write_workbook
from core.web.routes import modules_below

_NOTED_EVERY: Final = 1_000
"""Rows after which the progress is noted, and a cancelled order is given up."""
_ROLE_ENDED: Final = "申请导出时的角色已经终止，没有生成。"


def export_table(platform: Platform, *, office_id: str, export_id: str) -> None:
    """Make one ordered table. A retry begins again; an order that was cancelled or is made is left alone."""
    which = UUID(export_id)
    begin = partial(_system, platform, office_id)
    with begin() as session:
        order = exports.take_up(session, which)
    if order is None:
        return
    try:
        _make(platform, order, begin)
    except Cancelled:
        return
    except KaowuError as refusal:
        with begin() as session:
            exports.stop(session, which, str(refusal.detail))
    except Exception:
        with begin() as session:
            exports.mark_failed(session, which)
        raise


def table_at(address: str) -> Table:
    """The declaration of a table by its address: it is known once the modules of pages are."""
    for _module in modules_below("core.pages"):
        pass
    return TABLES[address]


def _make(platform: Platform, order: TableExport, begin: exports.Begin) -> None:
    table = table_at(order.address)
    actor = _orderer(platform, order)
    if actor is None or not actor.permissions & table.roles:
        with begin() as session:
            exports.stop(session, order.id, _ROLE_ENDED)
        return
    scope = session_of(platform.engine, actor, now=platform.clock(), as_province=table.province)
    with scope as own, own.begin(), tempfile.TemporaryFile() as file:
        sheet = table.build(own, TableAsked(platform, order.query, order.path))
        with rows_of(sheet) as given:
            counted = replace(sheet, rows=_noted(given, order.id, begin))
            rows = write_workbook(file, counted, made_at=own.now, made_by=maker(own))
        made = exports.keep_file(own, order.id, file, rows, store=platform.documents, keys=platform.keys)
        record_export(own, sheet, rows)
    with begin() as session:
        exports.tell_ready(session, made, actor.name)


def _noted(rows: Iterator[Sequence[Value]], export_id: UUID, begin: exports.Begin) -> Iterator[Sequence[Value]]:
    for number, row in enumerate(rows, start=1):
        if number % _NOTED_EVERY == 0:
            exports.note_progress(begin, export_id, number)
        yield row


def _orderer(platform: Platform, order: TableExport) -> Actor | None:
    """The actor of an order in its role; None where the role has ended."""
    with SignInSession(platform.engine, actor=ANONYMOUS, now=platform.clock()) as session, session.begin():
        return actor_of(session, order.account_id, order.grant_id)


@contextmanager
def _system(platform: Platform, office_id: str) -> Iterator[SystemSession]:
    actor = system_actor(OfficeCode(office_id))
    with SystemSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
        yield session
