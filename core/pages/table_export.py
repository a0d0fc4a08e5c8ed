"""Export of a table as an Excel file, with the exporter and the place; recorded.

Every table is declared with ``table_file``, which makes its route: a builder says what the sheet holds, and the kit
answers. A table of more than AT_ONCE rows is ordered instead, and made in the background by the same builder, in the
scope of its orderer (``core/pages/table_job.py``).
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final, TypeAlias

from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from core.audit import service as audit
from core.db.session import ROLE_LABELS, ScopedSession
from core.documents.exports import TableOrder, order_table
from core.documents.models import TableExport
from core.domain.permissions import Permission
from core.domain.workflow import STATE_LABELS, State
from core.errors import Invalid
from core.organizations.models import Unit
from core.pages.season import season_of_query
from core.platform import Platform
from core.plugin_api import Grade
from core.seasons.models import Season
from core.seasons.queries import trades_of
from core.tenancy.models import Office
from core.web.dependencies import AnySession, ThePlatform
from core.web.page.excel import Deadline, Sheet, TableFile, Value, workbook
from core.web.page.rendering import AnyRequest, see
from core.web.routes import look

__all__ = ["TABLES", "Deadline", "Sheet", "TableAsked", "case_cells", "table_file", "trade_texts"]

AT_ONCE: Final = 2_000
"""The rows of a table that is answered at once: about a second of work."""
_LONGEST: Final = 200
"""The signs of a filter in an address."""

Answer: TypeAlias = TableFile | Redirect
"""A table at once, or the way to the page where the ordered one appears."""


@dataclass(frozen=True, slots=True)
class TableAsked:
    """What is asked of a table: the parameters and the path of its address, the same now and in the background."""

    platform: Platform
    query: Mapping[str, str]
    path: Mapping[str, str]

    def season(self, session: ScopedSession) -> Season:
        """The season in the address, without one the current season."""
        return season_of_query(session, self.query)

    def texts(self, *names: str) -> dict[str, str]:
        """The filters of these names, empty where they are not given."""
        return {name: self.query.get(name, "").strip() for name in names}


Builder = Callable[[Any, TableAsked], Sheet]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be exported: what makes its sheet, for whom, and whether the center asks as supervisor."""

    build: Builder
    roles: frozenset[Permission]
    province: bool


TABLES: Final[dict[str, Table]] = {}
"""Every table by the address of its route."""


def table_file(
    path: str, *, roles: frozenset[Permission], province: bool = False
) -> Callable[[Builder], HTTPRouteHandler]:
    """A route that answers with the table of a builder; its rows are gone through once, and may come from a cursor."""

    def decorate(build: Builder) -> HTTPRouteHandler:
        TABLES[path] = Table(build, roles, province)

        def export_table(request: AnyRequest, session: AnySession, platform: ThePlatform) -> Answer:
            query = {name: str(value) for name, value in request.query_params.items()}
            if any(len(value) > _LONGEST for value in query.values()):
                raise Invalid("filter_too_long", "筛选条件过长，请缩短后重新导出。")
            named = {name: str(value) for name, value in request.path_params.items()}
            return _answer(session, path, TableAsked(platform, query, named))

        export_table.__name__, export_table.__doc__ = build.__name__, build.__doc__
        return look(path, roles=roles, province=province)(export_table)

    return decorate


def _answer(session: ScopedSession, address: str, asked: TableAsked) -> Answer:
    sheet = TABLES[address].build(session, asked)
    with rows_of(sheet) as given:
        rows = list(islice(given, AT_ONCE + 1))
    if len(rows) > AT_ONCE:
        order(session, address, asked, sheet)
        return see("/exports")
    file = workbook(replace(sheet, rows=rows), made_at=session.now, made_by=maker(session))
    record_export(session, sheet, file.rows)
    return file


def order(session: ScopedSession, address: str, asked: TableAsked, sheet: Sheet) -> TableExport:
    """Have a table made in the background."""
    _, office_id = _place(session)
    wanted = TableOrder(address, asked.query, asked.path, sheet.title, sheet.filters, office_id)
    return order_table(session, wanted, keys=asked.platform.keys)


@contextmanager
def rows_of(sheet: Sheet) -> Iterator[Iterator[Sequence[Value]]]:
    """The rows of a sheet; a cursor behind them is closed at the end of the block, however far it was read."""
    rows = iter(sheet.rows)
    try:
        yield rows
    finally:
        if isinstance(rows, Generator):
            rows.close()


def maker(session: ScopedSession) -> str:
    """The maker of a table in words: place, role and name."""
    return f"{_place(session)[0]} {ROLE_LABELS[session.actor.role]} {session.actor.name}"


def record_export(session: ScopedSession, sheet: Sheet, rows: int) -> None:
    """Record who has exported what, and how many rows."""
    subject = audit.RecordSubject(_place(session)[1], "account", session.actor.account_id)
    audit.record_on(
        session, subject, "table.exported", table=sheet.title, rows=rows, filters=audit.digest_of(sheet.filters).hex()
    )


def case_cells(row: Any, trades: Mapping[str, str]) -> dict[str, Any]:
    """The cells of a listed case (``applications.queries.LISTED``) by the headings of their columns.

    ``trades`` are the names of ``trade_texts``.
    """
    return {
        "姓名": row.person_name,
        "身份证末四位": row.id_tail,
        "状态": STATE_LABELS[State(row.state)],
        "期限": Deadline(row.due_at),
        "编号": row.reference,
        "单位": row.unit_name,
        "等级": "" if row.grade is None else Grade(row.grade).label,
        "工种": trades.get(row.trade or "", row.trade),
    }


def trade_texts(session: ScopedSession, year: int) -> Mapping[str, str]:
    """The names of a season's trades by their codes: nobody reads a code in a table."""
    return dict(trades_of(session, year))


def _place(session: ScopedSession) -> tuple[str, str]:
    """The place of the export, by name, and the office on whose record it stands."""
    if session.actor.unit_id is not None:
        unit = session.get_one(Unit, session.actor.unit_id)
        return unit.name, unit.office_id
    office_id = session.actor.office_id
    assert office_id is not None  # noqa: S101 - tables are asked for by those who work in a unit or an office
    return session.get_one(Office, office_id).name, office_id
