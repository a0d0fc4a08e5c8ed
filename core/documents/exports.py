"""Large tables as files (导出), made in the background: the order, its progress, its file, and its end.

An order is its orderer's alone, in the role alone in which it was made: once that has ended, nothing is offered. The
file is encrypted in the store of documents with a key of its own, and erased some days after the order
(``retention.exports``). It is written whole before its row says so; a worker that dies leaves nothing that is offered.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final
from uuid import UUID

from sqlalchemy import Select, delete, select, update

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import KeeperSession, ScopedSession, SystemSession
from core.documents.models import TableExport
from core.documents.storage import EXPORTS, DocumentStorage
from core.errors import Conflict, NotFound, Unavailable
from core.jobs import export_table_soon
from core.messages.service import Recipient, notify
from core.security import ciphers
from core.security.ciphers import CHUNK, Damaged
from core.security.keys import KeyProvider, Place

MOST_WAITING: Final = 3
"""Tables of one account that are not made yet."""
MOST_SHOWN: Final = 30
UNDER_WAY: Final = ("waiting", "working", "failed")
"""The states in which a table is not made yet; a failed one is tried again."""
CANCELLED: Final = "已取消。"

Begin = Callable[[], AbstractContextManager[SystemSession]]


class Cancelled(Exception):
    """The orderer has cancelled the table that is being written."""


@dataclass(frozen=True, slots=True)
class TableOrder:
    """Which table is ordered: its route, what was asked of it, and the same in words; on which office's record."""

    address: str
    query: Mapping[str, str]
    path: Mapping[str, str]
    title: str
    filters: str
    office_id: str


def order_table(session: ScopedSession, wanted: TableOrder, *, keys: KeyProvider) -> TableExport:
    """Have a large table made in the background. The same table that is not made yet is not ordered twice.

    Conflict where MOST_WAITING of the account's are not made yet.
    """
    one_at_a_time(session, f"exports:{session.actor.account_id}")
    under_way = [export for export in exports_of(session) if export.state in UNDER_WAY]
    for export in under_way:
        if (export.address, export.query, export.path) == (wanted.address, wanted.query, wanted.path):
            return export
    if len(under_way) >= MOST_WAITING:
        raise Conflict(
            "too_many_exports",
            f"您已有{len(under_way)}份表格正在生成，请等其中一份生成，或在“我的导出”中取消一份后再导出。",
        )
    export_id = new_id()
    made = TableExport(
        id=export_id,
        office_id=wanted.office_id,
        account_id=session.actor.account_id,
        grant_id=session.actor.grant_id,
        unit_id=session.actor.unit_id,
        address=wanted.address,
        query=dict(wanted.query),
        path=dict(wanted.path),
        title=wanted.title,
        filters=wanted.filters,
        state="waiting",
        asked_at=session.now,
        sealed_key=keys.encrypt(ciphers.new_key(), _place(export_id)),
    )
    session.add(made)
    session.flush()
    audit.record_on(session, made, "table.ordered")
    export_table_soon(session, made.office_id, made.id)
    return made


def exports_of(session: ScopedSession) -> Sequence[TableExport]:
    """The actor's own orders in their present role, the newest first."""
    wanted = select(TableExport).where(
        TableExport.account_id == session.actor.account_id,
        TableExport.grant_id.is_not_distinct_from(session.actor.grant_id),
    )
    return session.scalars(wanted.order_by(TableExport.asked_at.desc(), TableExport.id).limit(MOST_SHOWN)).all()


def cancel_export(session: ScopedSession, export_id: UUID) -> None:
    """Give an order up that is not made yet. NotFound for another's, Conflict once it is made."""
    export = _own(session, export_id)
    stopped = update(TableExport).where(TableExport.id == export.id, TableExport.state.in_(UNDER_WAY))
    values = {"state": "stopped", "stopped": CANCELLED, "finished_at": session.now}
    if not session.execute(stopped.values(values).returning(TableExport.id)).all():
        raise Conflict("export_finished", "这份表格已经生成或已经停止，不用取消。请刷新页面查看。")


def open_export(
    session: ScopedSession, export_id: UUID, *, store: DocumentStorage, keys: KeyProvider
) -> tuple[TableExport, Iterator[bytes]]:
    """A finished table in chunks; the download is recorded.

    NotFound for another's, for one of a role that has ended, and for one that is not made; Unavailable where the file
    is gone or altered.
    """
    export = _own(session, export_id)
    if export.state != "ready":
        raise NotFound("export_not_ready", "这份表格还没有生成。请在“我的导出”中查看进度。")
    try:
        key = keys.decrypt(export.sealed_key, _place(export.id))
        chunks = ciphers.unseal(store.read(_name(export.id)), key, _context(export.id))
    except (FileNotFoundError, Damaged) as error:
        raise Unavailable("export_missing", "文件暂时无法读取，请重新导出。") from error
    audit.record_on(session, export, "table.fetched", rows=export.rows)
    return export, chunks


def take_up(session: SystemSession, export_id: UUID) -> TableExport | None:
    """The order that is to be made now; None where there is nothing to do any more. What was begun begins again."""
    export = session.get(TableExport, export_id)
    if export is None or export.state not in UNDER_WAY:
        return None
    export.state, export.rows = "working", 0
    session.flush()
    return export


def note_progress(begin: Begin, export_id: UUID, rows: int) -> None:
    """Note how many rows are written. Cancelled where the orderer has given the table up."""
    with begin() as session:
        still = update(TableExport).where(TableExport.id == export_id, TableExport.state == "working")
        if not session.execute(still.values(rows=rows).returning(TableExport.id)).all():
            raise Cancelled


def keep_file(
    session: ScopedSession, export_id: UUID, file: IO[bytes], rows: int, *, store: DocumentStorage, keys: KeyProvider
) -> TableExport:
    """Put the finished file into the store, encrypted, and offer it; in the orderer's own scope, and recorded.

    Cancelled where it was given up in the last moment.
    """
    export = session.get_one(TableExport, export_id, populate_existing=True, with_for_update=True)
    if export.state != "working":
        raise Cancelled
    key = keys.decrypt(export.sealed_key, _place(export.id))
    export.size, export.sha256 = file.tell(), _digest(file)
    store.put(_name(export.id), ciphers.seal(_chunks(file), key, _context(export.id)))
    export.state, export.rows, export.finished_at = "ready", rows, session.now
    session.flush()
    return export


def tell_ready(session: SystemSession, export: TableExport, name: str) -> None:
    """Tell the place of the orderer, by name, that the file is there."""
    unit = export.unit_id
    notify(
        session,
        Recipient(office_id=export.office_id) if unit is None else Recipient(unit_id=unit),
        event_key=f"export:{export.id}",
        office_id=export.office_id,
        kind="table_exported",
        title=f"导出的表格已生成：{export.title}",
        body=f"{name}导出的“{export.title}”已生成，共{export.rows}行。请本人在“我的导出”中下载。",
    )


def mark_failed(session: SystemSession, export_id: UUID) -> None:
    """Mark an order as interrupted; it is tried again."""
    ours = update(TableExport).where(TableExport.id == export_id, TableExport.state == "working")
    session.execute(ours.values(state="failed"))


def stop(session: SystemSession, export_id: UUID, why: str) -> None:
    """End an order for good, with the reason that its orderer reads."""
    ours = update(TableExport).where(TableExport.id == export_id, TableExport.state.in_(UNDER_WAY))
    session.execute(ours.values(state="stopped", stopped=why, finished_at=session.now))


def exports_due(before: datetime) -> Select[UUID]:
    """The orders made before this time."""
    return select(TableExport.id).where(TableExport.asked_at < before).order_by(TableExport.id)


def erase_exports(session: KeeperSession, export_ids: Sequence[UUID], *, store: DocumentStorage) -> None:
    """Remove orders with their files: files first, so that a crash leaves rows that the next run finishes."""
    for export_id in export_ids:
        store.delete(_name(export_id))
    session.execute(delete(TableExport).where(TableExport.id.in_(export_ids)))


def _own(session: ScopedSession, export_id: UUID) -> TableExport:
    export = session.get(TableExport, export_id)
    actor = session.actor
    if export is None or (export.account_id, export.grant_id) != (actor.account_id, actor.grant_id):
        raise NotFound("export_unknown", "没有找到这份表格，或已超过保留期限，或不是以现在的角色导出的。请重新导出。")
    return export


def _name(export_id: UUID) -> str:
    return f"{EXPORTS}{export_id}"


def _place(export_id: UUID) -> Place:
    return Place("table_exports", "sealed_key", export_id)


def _context(export_id: UUID) -> bytes:
    return f"table_exports/{export_id}".encode()


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
