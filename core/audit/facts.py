"""The digests of rows on the record: putting them there, and comparing every row with its last one.

A trigger notes a digest of each row of a covered table whenever it comes, changes or goes (``note_facts.sql``; what is
not covered stands in ``core/security/fact_coverage.py``). The sealer puts all new ones on the record by an entry of the
province, ``facts.kept``, with one digest over them; that entry is sealed like any other. So a row that is altered past
the triggers differs from its last digest, a digest that is altered differs from its entry, and the entry is signed. A
row that is altered through the triggers is a change whose transaction left no entry.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select, text, update

from core.audit import service as audit
from core.audit.events import KEPT
from core.audit.models import RecordEntry, RecordFact
from core.audit.verification import BACKDATED_BY, UNSEALED_FOR, RecordFault
from core.db.base import new_id
from core.db.session import SYSTEM_ACCOUNT, AuditorSession, KeeperSession, Role, SystemSession
from core.db.tables import all_tables
from core.security.fact_coverage import COLUMNS_LEFT_OUT, ROWS_LEFT_OUT, TABLES_LEFT_OUT, WITHOUT_ENTRY

NOTED_AGAIN: Final = "facts.noted_again"
LARGEST_GROUP: Final = 20_000
_ROWS_AT_ONCE: Final = 2_000

_DIGEST: Final = "sha256(convert_to({salt}::text || jsonb_strip_nulls({told})::text, 'UTF8'))"
"""What ``fact_digest`` (``note_facts.sql``) computes; while a migration runs no function is there."""
_UTC = text("SET LOCAL TimeZone = 'UTC'")
_PROVINCE = text("SELECT id FROM offices WHERE parent_id IS NULL ORDER BY id LIMIT 1")
_LAST_OF_PAGE = text("SELECT max(id) FROM (SELECT id FROM record_facts WHERE id > :after ORDER BY id LIMIT :many) page")
_FORGET = text(
    "UPDATE record_facts f SET salt = NULL WHERE f.id > :after AND f.id <= :last AND f.salt IS NOT NULL AND EXISTS "
    "(SELECT FROM record_facts later WHERE later.table_name = f.table_name AND later.row_key = f.row_key "
    "AND later.id > f.id)"
)
_GROUP = text(
    "SELECT f.id, f.table_name, f.row_key, f.digest, f.transaction, EXISTS (SELECT FROM record_entries e "
    "WHERE e.transaction = f.transaction AND e.at >= CAST(:since AS timestamptz)) AS has_entry "
    "FROM record_facts f WHERE f.id BETWEEN :first AND :last AND f.entry_id = :entry ORDER BY f.id"
)
_UNKEPT = text(
    "SELECT f.id, f.table_name, f.row_key FROM record_facts f WHERE f.entry_id IS NULL AND NOT EXISTS "
    "(SELECT FROM record_entries e WHERE e.transaction = f.transaction AND e.at >= CAST(:since AS timestamptz)) "
    "ORDER BY f.id"
)
_COUNT_KEPT = text("SELECT count(*) FROM record_facts WHERE entry_id IS NOT NULL")


def covered_tables() -> list[Table]:
    """Every table whose rows the record has digests of, by name."""
    return [table for name, table in sorted(all_tables().tables.items()) if name not in TABLES_LEFT_OUT]


def keep_facts(session: SystemSession) -> int:
    """Put the digests that no entry has on the record of the session's office, the province, by one entry; how many.

    More than ``LARGEST_GROUP`` wait for the next call.
    """
    facts = session.execute(
        select(RecordFact.id, RecordFact.table_name, RecordFact.row_key, RecordFact.digest, RecordFact.transaction)
        .where(RecordFact.entry_id.is_(None))
        .order_by(RecordFact.id)
        .limit(LARGEST_GROUP)
        .with_for_update(skip_locked=True)
    ).all()
    if not facts:
        return 0
    group = hashlib.sha256()
    for fact in facts:
        group.update(_line(fact))
    entry = audit.record(
        session,
        KEPT,
        office_id=session.office_id,
        subject_type="office",
        subject_id=session.office_id,
        payload={"first": facts[0].id, "last": facts[-1].id, "facts": len(facts), "digest": group.hexdigest()},
    )
    session.execute(update(RecordFact).where(RecordFact.id.in_([fact.id for fact in facts])).values(entry_id=entry.id))
    return len(facts)


def forget_salts(session: KeeperSession, after: int) -> int | None:
    """Take the salts of digests that a later one of their row follows, among those after the id ``after``.

    Returns the last id that was looked at, None at the end. A digest without its salt tells nothing of what it was of,
    and the record needs no salt to hold it; only the last one of a row is compared with the row.
    """
    last: int | None = session.scalar(_LAST_OF_PAGE, {"after": after, "many": LARGEST_GROUP})
    if last is not None:
        session.execute(_FORGET, {"after": after, "last": last})
    return last


def fact_faults(session: AuditorSession) -> Iterator[RecordFault]:
    """Each digest that is not as it was put on the record, and each row that is not as its last digest says.

    Rows are compared by the database, table by table, and come one by one: memory does not grow with their number.
    """
    session.execute(_UTC)
    province: str = session.scalars(_PROVINCE).first() or ""
    yield from _faults_of_groups(session, province)
    for table in covered_tables():
        for row in _streamed(session, differing(table)):
            office = row.office_id or province
            yield RecordFault(office, f"{table.name} {row.key} {_WORDS[row.kind]}")


_WORDS: Final = {
    "changed": "was changed: it is not what the record has the digest of",
    "unknown": "was put in: the record has no digest of it",
    "gone": "was deleted: the record has a digest of it, and nothing of its end",
}


def _faults_of_groups(session: AuditorSession, province: str) -> Iterator[RecordFault]:
    before, kept = datetime.min.replace(tzinfo=UTC) + timedelta(days=1), 0
    groups = select(RecordEntry.id, RecordEntry.at, RecordEntry.payload).where(RecordEntry.kind == KEPT)
    for entry in session.execute(groups.order_by(RecordEntry.id)).all():
        group, count = hashlib.sha256(), 0
        since = {"since": before - BACKDATED_BY if kept else before}
        places = {"first": entry.payload["first"], "last": entry.payload["last"], "entry": entry.id}
        for fact in _streamed(session, str(_GROUP), since | places):
            group.update(_line(fact))
            count += 1
            if not fact.has_entry and fact.table_name not in WITHOUT_ENTRY:
                yield RecordFault(
                    province, f"{_about(fact)} was changed by a transaction that left no entry", entry=entry.id
                )
        if (count, group.hexdigest()) != (entry.payload["facts"], entry.payload["digest"]):
            yield RecordFault(
                province,
                f"its {count} digests of rows are not the {entry.payload['facts']} that it had",
                entry=entry.id,
            )
        before, kept = entry.at, kept + count
    if session.scalar(_COUNT_KEPT) != kept:
        yield RecordFault(province, "digests of rows were put in or moved: some belong to no entry of the record")
    for fact in _streamed(session, str(_UNKEPT), {"since": session.now - UNSEALED_FOR}):
        yield RecordFault(province, f"the digest of {_about(fact)} is on no entry: no sealer ran, or it was put in")


def _line(fact: Any) -> bytes:
    digest = "" if fact.digest is None else fact.digest.hex()
    return f"{fact.id} {fact.table_name} {fact.row_key} {fact.transaction} {digest}\n".encode()


def _about(fact: Any) -> str:
    return f"{fact.table_name} {fact.row_key}"


def _streamed(session: AuditorSession, statement: str, values: dict[str, Any] | None = None) -> Iterator[Any]:
    return iter(session.execute(text(statement).execution_options(yield_per=_ROWS_AT_ONCE), values or {}))


def differing(table: Table) -> str:
    """The statement for the rows (``key``, ``office_id``, ``told``, ``kind``) that their last digests do not fit."""
    name, office = table.name, "t.office_id" if "office_id" in table.columns else "NULL::text"
    key = " || '/' || ".join(f"(told ->> '{column.name}')" for column in table.primary_key)
    told = f"told - ARRAY[{_texts(COLUMNS_LEFT_OUT.get(name, ()))}]::text[]"
    # The names are those of our own tables and columns.
    rows = (
        f"SELECT {key} AS key, {told} AS told, office_id "  # noqa: S608
        f'FROM (SELECT to_jsonb(t) AS told, {office} AS office_id FROM "{name}" t) r{_handed_in(name)}'
    )
    last = (
        "SELECT f.digest, f.salt FROM record_facts f "  # noqa: S608
        f"WHERE f.table_name = '{name}' AND f.row_key = r.key ORDER BY f.id DESC LIMIT 1"
    )
    return (
        "SELECT r.key, r.office_id, r.told, CASE WHEN last.digest IS NULL THEN 'unknown' ELSE 'changed' END AS kind "  # noqa: S608
        f"FROM ({rows}) r LEFT JOIN LATERAL ({last}) last ON true "
        f"WHERE last.digest IS NULL OR last.digest IS DISTINCT FROM {_DIGEST.format(salt='last.salt', told='r.told')} "
        "UNION ALL SELECT f.row_key, NULL, NULL, 'gone' FROM record_facts f "
        f"LEFT JOIN ({rows}) r ON r.key = f.row_key WHERE f.table_name = '{name}' AND f.digest IS NOT NULL "
        "AND r.key IS NULL AND NOT EXISTS (SELECT FROM record_facts later WHERE later.table_name = f.table_name "
        "AND later.row_key = f.row_key AND later.id > f.id)"
    )


def _handed_in(name: str) -> str:
    left_out = ROWS_LEFT_OUT.get(name)
    if left_out is None:
        return ""
    return " WHERE NOT (" + " AND ".join(f"told ->> '{column}' = '{value}'" for column, value in left_out.items()) + ")"


def _texts(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def note_again(connection: Connection, now: datetime) -> dict[str, int]:
    """Note the rows that their last digests do not fit, after a revision; as the owner, bound by no policy.

    While a revision runs no trigger notes what it changes. One entry of the province says how many rows of which table
    were noted: a migration covers what was altered before it, so that ``kaowu audit verify`` comes first.
    """
    province = connection.scalar(_PROVINCE)
    if province is None:
        return {}
    connection.execute(_UTC)
    noted = {table.name: count for table in covered_tables() if (count := _note_table(connection, table))}
    if noted:
        entry = RecordEntry(
            id=new_id(),
            office_id=province,
            at=now,
            kind=NOTED_AGAIN,
            subject_type="office",
            subject_id=province,
            account_id=SYSTEM_ACCOUNT,
            role=Role.SYSTEM.value,
            on_behalf_of=None,
            payload=noted,
        )
        entry.digest = audit.entry_digest(entry)
        connection.execute(insert(RecordEntry).values(**audit.values_of(entry)))
    return noted


def _note_table(connection: Connection, table: Table) -> int:
    wrong = (
        "SELECT key, told, CASE WHEN told IS NOT NULL THEN gen_random_uuid() END AS salt "  # noqa: S608
        f"FROM ({differing(table)}) d"
    )
    digest = f"CASE WHEN salt IS NOT NULL THEN {_DIGEST.format(salt='salt', told='told')} END"
    noted = connection.execute(
        text(
            f"WITH wrong AS MATERIALIZED ({wrong}) INSERT INTO record_facts (table_name, row_key, salt, digest) "  # noqa: S608
            f"SELECT '{table.name}', key, salt, {digest} FROM wrong"
        )
    )
    return noted.rowcount
