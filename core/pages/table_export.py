"""Export of a table as an Excel file, with the exporter and the place; recorded.

Every route that exports a table answers with a ``TableFile`` of ``export``: one kit makes all of them.
"""

from collections.abc import Mapping
from typing import Any

from core.audit import service as audit
from core.db.session import ROLE_LABELS, ScopedSession
from core.domain.workflow import STATE_LABELS, State
from core.organizations.models import Unit
from core.plugin_api import Grade
from core.seasons.queries import trades_of
from core.tenancy.models import Office
from core.web.page.excel import MOST_ROWS, Deadline, Sheet, TableFile, workbook

__all__ = ["MOST_ROWS", "Deadline", "Sheet", "TableFile", "case_cells", "export", "trade_texts"]


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


def export(session: ScopedSession, sheet: Sheet) -> TableFile:
    """The table as a file to be saved. The export and its number of rows are recorded."""
    place, office_id = _place(session)
    made_by = f"{place} {ROLE_LABELS[session.actor.role]} {session.actor.name}"
    file = workbook(sheet, made_at=session.now, made_by=made_by)
    subject = audit.RecordSubject(office_id, "account", session.actor.account_id)
    audit.record_on(
        session,
        subject,
        "table.exported",
        table=sheet.title,
        rows=file.rows,
        filters=audit.digest_of(sheet.filters).hex(),
    )
    return file


def _place(session: ScopedSession) -> tuple[str, str]:
    """The place of the export, by name, and the office on whose record it stands."""
    if session.actor.unit_id is not None:
        unit = session.get_one(Unit, session.actor.unit_id)
        return unit.name, unit.office_id
    office_id = session.actor.office_id
    assert office_id is not None  # noqa: S101 - tables are asked for by those who work in a unit or an office
    return session.get_one(Office, office_id).name, office_id
