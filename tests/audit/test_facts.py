"""Every row that decides is compared with its digest on the record: alterations by the owner of the database."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Table, text
from sqlalchemy.exc import DatabaseError

from core.audit.events import KEPT
from core.audit.facts import covered_tables, differing, fact_faults, note_again
from core.audit.verification import RecordFault
from core.db.base import new_id
from core.db.sealed import LookupHash, Sealed
from core.db.session import AuditorSession
from core.db.tables import all_tables
from core.security.fact_coverage import COLUMNS_LEFT_OUT, ROWS_LEFT_OUT, TABLES_LEFT_OUT, WITHOUT_ENTRY
from tests.audit.conftest import AUDITOR, Tampering
from tests.cases import CITY, at

_NO_CHECKS = """
DO $$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT conname, conrelid::regclass AS relation FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'x', 'u') LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', rule.relation, rule.conname);
    END LOOP;
    FOR rule IN SELECT indexrelid::regclass AS name FROM pg_index
        WHERE indisunique AND NOT indisprimary AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace =
        'public'::regnamespace) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) LOOP
        EXECUTE format('DROP INDEX %s', rule.name);
    END LOOP;
END
$$
"""
_TYPES = text(
    "SELECT column_name, CASE WHEN data_type = 'ARRAY' THEN substr(udt_name, 2) || '[]' ELSE data_type END "
    "FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :table AND is_generated = 'NEVER'"
)
_FILLED = {
    "uuid": "gen_random_uuid()",
    "text": "'测试'",
    "bigint": "1",
    "integer": "1",
    "numeric": "1.50",
    "boolean": "false",
    "date": "date '2024-03-25'",
    "time without time zone": "time '09:00'",
    "timestamp with time zone": "timestamptz '2024-03-25T09:00+08:00'",
    "bytea": "'x'::bytea",
    "jsonb": "'{\"a\": [1]}'::jsonb",
}
_ALTERED = {
    "uuid": "gen_random_uuid()",
    "text": "{} || '改'",
    "bigint": "{} + 1",
    "integer": "{} + 1",
    "numeric": "{} + 1",
    "boolean": "NOT {}",
    "date": "{} + 1",
    "time without time zone": "{} + interval '1 minute'",
    "timestamp with time zone": "{} + interval '1 microsecond'",
    "bytea": "{} || 'y'::bytea",
    "jsonb": "jsonb_build_object('was', {})",
}


@pytest.fixture
def filled(tampering: Tampering) -> Tampering:
    """A row in every covered table, each with its digest; no rule of the database is in the way."""
    tampering.run(_NO_CHECKS)
    panel = new_id()
    for table in [*covered_tables(), all_tables().tables["panel_draws"]]:
        types = _types(tampering.connection, table)
        values = {name: _filled(kind) for name, kind in types.items()}
        if table.name in {"evaluation_panels", "panel_draws"}:
            values["id" if "id" in values else "panel_id"] = f"'{panel}'"
        tampering.run(
            f'INSERT INTO "{table.name}" ({_names(types)}) OVERRIDING SYSTEM VALUE '  # noqa: S608 - our own tables
            f"VALUES ({', '.join(values.values())}) ON CONFLICT DO NOTHING"
        )
    note_again(tampering.connection, at(3, 27))
    assert faults(tampering) == []
    return tampering


def _types(connection: Connection, table: Table) -> dict[str, str]:
    return dict(tuple(row) for row in connection.execute(_TYPES, {"table": table.name}))


def _names(names: Any) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _filled(kind: str) -> str:
    if kind.endswith("[]"):
        return f"ARRAY[{_FILLED[_element(kind)]}]::{kind}"
    return _FILLED[kind]


def _altered(column: str, kind: str) -> str:
    """Another value than the one that is there; an empty column is filled."""
    if kind.endswith("[]"):
        return f'array_append("{column}", {_FILLED[_element(kind)]})'
    return "coalesce(" + _ALTERED[kind].format(f'"{column}"') + f", {_FILLED[kind]})"


def _element(kind: str) -> str:
    return {"int8": "bigint", "int4": "integer"}.get(kind.removesuffix("[]"), kind.removesuffix("[]"))


def faults(tampering: Tampering) -> list[RecordFault]:
    """The faults of all rows and digests."""
    with AuditorSession(tampering.connection, actor=AUDITOR, now=at(3, 27)) as session:
        return list(fact_faults(session))


def kept_columns(table: Table) -> Iterator[Column[Any]]:
    """The covered columns of a table."""
    for column in table.columns:
        if column.name not in COLUMNS_LEFT_OUT.get(table.name, {}):
            yield column


def test_what_was_not_touched_agrees(tampering: Tampering) -> None:
    assert faults(tampering) == []
    assert tampering.ask("SELECT count(*) FROM record_facts WHERE entry_id IS NOT NULL") > 100
    assert tampering.ask("SELECT count(*) FROM record_facts WHERE entry_id IS NULL") == 0


def test_an_alteration_of_any_covered_column_of_any_table_is_named(filled: Tampering) -> None:
    looked_at, missed = 0, []
    for table in covered_tables():
        types = _types(filled.connection, table)
        one = f'ctid = (SELECT min(ctid) FROM "{table.name}" t WHERE true{_handed_in(table.name)})'  # noqa: S608
        assert filled.ask(f'SELECT count(*) FROM "{table.name}" WHERE {one}') == 1, table.name  # noqa: S608
        before = _wrong(filled, table)
        for column in kept_columns(table):
            if column.name not in types:
                continue
            savepoint = filled.connection.begin_nested()
            value = _altered(column.name, types[column.name])
            filled.run(f'UPDATE "{table.name}" SET "{column.name}" = {value} WHERE {one}')  # noqa: S608
            looked_at += 1
            if not _wrong(filled, table) - before:
                missed.append(f"{table.name}.{column.name}")
            savepoint.rollback()
    assert missed == []
    assert looked_at > 900


def _handed_in(table: str) -> str:
    return "".join(f" AND t.{column} <> '{value}'" for column, value in ROWS_LEFT_OUT.get(table, {}).items())


def _wrong(tampering: Tampering, table: Table) -> set[tuple[Any, ...]]:
    tampering.run("SET LOCAL TimeZone = 'UTC'")
    return {(row.key, row.kind) for row in tampering.connection.execute(text(differing(table)))}


FORTY = {
    "a mark": "UPDATE marks SET mark = mark + 1",
    "a mark's status": "UPDATE marks SET status = '缺考'",
    "a correction of a mark": "UPDATE mark_corrections SET to_mark = to_mark + 5",
    "an answer to a score check": "UPDATE score_checks SET answer = '无误'",
    "an outcome": "UPDATE outcomes SET passed = NOT passed",
    "the grade of an outcome": "UPDATE outcomes SET grade = grade + 1",
    "a certificate's number": "UPDATE certificates SET number = number || '1'",
    "a certificate's day": "UPDATE certificates SET issued_at = issued_at - interval '1 day'",
    "a revocation undone": "UPDATE certificates SET revoked_at = NULL, revoked_reason = ''",
    "a certificate's holder": "UPDATE certificates SET holder_name = '测试他人'",
    "a certificate put in": (
        "INSERT INTO certificates SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), "
        "'number', 'X', 'verification', 'X', 'replaces_id', NULL))).* FROM certificates c LIMIT 1"
    ),
    "the grade of a submitted case": "UPDATE applications SET grade = grade + 1 WHERE state <> 'draft'",
    "the unit of a case": "UPDATE applications SET unit_id = gen_random_uuid() WHERE state <> 'draft'",
    "a submitted form": "UPDATE submissions SET form = form || '{\"years\": 30}'",
    "a role raised": "UPDATE role_grants SET role = 'provincial_officer'",
    "a role put in": (
        "INSERT INTO role_grants SELECT (jsonb_populate_record(g, jsonb_build_object('id', gen_random_uuid(), "
        "'role', 'provincial_officer'))).* FROM role_grants g LIMIT 1"
    ),
    "an account that ended": "UPDATE accounts SET ended_at = NULL, login = login || '1'",
    "a filing's content": "UPDATE filings SET content = content || '{\"total\": 1}'",
    "a filing's remark": "UPDATE filings SET remark = '改'",
    "a delegation's stages": "UPDATE delegations SET stages = stages[2:]",
    "a person's name": "UPDATE persons SET name = '测试他人'",
    "a ban's end": "UPDATE bans SET ends = ends - interval '1 day'",
    "a ban taken out": "DELETE FROM bans",
    "a seat": "UPDATE seats SET seat = seat + 1",
    "a plan's seed": "UPDATE plans SET seed = seed + 1",
    "an invigilator's place": "UPDATE invigilations SET room_id = gen_random_uuid()",
    "a ticket": "UPDATE admission_tickets SET voided_at = NULL, number = number || '1'",
    "an attendance": "UPDATE attendances SET state = 'absent'",
    "a line of a list": "UPDATE publication_entries SET position = position + 1",
    "a list's edition": "UPDATE publications SET edition = edition + 1",
    "a striking's decision": "UPDATE strikings SET state = 'refused', remark = '改'",
    "a panel's commitment": "UPDATE evaluation_panels SET commitment = 'x'",
    "a score of a sheet": "UPDATE evaluation_scores SET score = score + 1",
    "a ranking": "UPDATE panel_rankings SET rows = '[]', digest = 'x'",
    "a case of violation": "UPDATE sanction_cases SET ban_years = ban_years + 1",
    "a paper that was served": "UPDATE sanction_papers SET served_at = served_at - interval '30 days'",
    "who signed for a certificate": "UPDATE certificate_batch_items SET receiver = '测试他人'",
    "a finding of a patrol": "UPDATE patrol_findings SET facts = '改'",
    "a measure against staff": "UPDATE accountability_cases SET measures = '{}', reasons = '改'",
    "an order in an emergency": "UPDATE emergency_entries SET text = '改'",
    "the phase of a year": "UPDATE season_acts SET phase = 'open', effective = effective - interval '1 day'",
    "an identity corrected": "UPDATE identity_corrections SET kind = 'number', reason = '改'",
    "an appeal's answer": "UPDATE review_appeals SET answer = '改'",
    "a late entry": "UPDATE late_entries SET closes = closes + interval '1 day'",
    "the months of a calendar": "UPDATE calendar_versions SET windows = '{}'",
    "a paper's digest": "UPDATE documents SET sha256 = 'x'",
}
"""Kinds of alteration, each with its statement, whose first table holds the altered rows."""


def test_there_are_forty_kinds_of_alteration() -> None:
    assert len(FORTY) >= 40


def test_every_kind_of_alteration_past_the_triggers_is_named(filled: Tampering) -> None:
    passed, misplaced = [], []
    for kind, statement in FORTY.items():
        table = statement.split()[2 if statement.startswith(("INSERT", "DELETE")) else 1]
        savepoint = filled.connection.begin_nested()
        filled.run(statement)
        named = [str(fault) for fault in faults(filled)]
        savepoint.rollback()
        passed += [] if named else [kind]
        misplaced += [fault for fault in named if f": {table} " not in fault]
    assert (passed, misplaced) == ([], [])


def test_a_told_seed_is_compared_with_its_commitment(filled: Tampering) -> None:
    filled.run(
        "UPDATE evaluation_panels p SET state = 'closed', "
        "commitment = encode(sha256(convert_to(d.seed, 'UTF8')), 'hex') FROM panel_draws d WHERE d.panel_id = p.id"
    )
    said = "is a panel whose seed is not the one that it was committed to"
    assert not any(said in fault.what for fault in filled.disagreements())
    filled.run("UPDATE panel_draws SET seed = seed || '1'")
    assert any(said in fault.what for fault in filled.disagreements())


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE record_facts SET digest = sha256('x') WHERE id = :fact", "digests of rows are not the"),
        ("UPDATE record_facts SET salt = gen_random_uuid() WHERE id = :fact", "was changed"),
        ("DELETE FROM record_facts WHERE id = :fact", "digests of rows are not the"),
        ("UPDATE record_facts SET transaction = 1 WHERE id = :fact", "by a transaction that left no entry"),
        ("UPDATE record_facts SET entry_id = NULL WHERE id = :fact", "digests of rows are not the"),
        (
            "INSERT INTO record_facts (table_name, row_key, salt, digest, entry_id) SELECT table_name, row_key, salt, "
            "sha256('x'), entry_id FROM record_facts WHERE id = :fact",
            "some belong to no entry",
        ),
        (
            "INSERT INTO record_facts (table_name, row_key, salt, digest) SELECT table_name, row_key, salt, "
            "sha256('x') FROM record_facts WHERE id = :fact",
            "is on no entry: no sealer ran, or it was put in",
        ),
    ],
)
def test_digests_that_were_made_to_fit_are_named(tampering: Tampering, statement: str, what: str) -> None:
    fact = tampering.ask("SELECT max(id) FROM record_facts WHERE table_name = 'submissions'")
    tampering.run(statement, fact=fact)
    assert any(what in fault.what for fault in faults(tampering))


def test_a_change_through_the_triggers_without_an_act_is_named_once_it_is_on_the_record(tampering: Tampering) -> None:
    group = tampering.ask(f"SELECT max(id::text)::uuid FROM record_entries WHERE kind = '{KEPT}'")  # noqa: S608
    tampering.run("SET LOCAL session_replication_role = origin")
    tampering.run("UPDATE units SET code = 'X'")
    (unit, *_) = {fault.what for fault in faults(tampering)}
    assert "is on no entry" in unit
    # The sealer takes it for an act like any other; that it was none is seen by its transaction.
    tampering.run("UPDATE record_facts SET entry_id = :group WHERE entry_id IS NULL", group=group)
    tampering.run("SET LOCAL session_replication_role = replica")
    last = tampering.ask("SELECT max(id) FROM record_facts")
    first = tampering.ask("SELECT (payload ->> 'first')::bigint FROM record_entries WHERE id = :group", group=group)
    tampering.run(
        "UPDATE record_entries SET payload = payload || jsonb_build_object('last', CAST(:last AS bigint)) "
        "WHERE id = :id",
        last=last,
        id=group,
    )
    assert first < last
    assert any("was changed by a transaction that left no entry" in fault.what for fault in faults(tampering))


def test_a_digest_is_changed_by_nobody_while_the_triggers_stand(tampering: Tampering) -> None:
    tampering.run("SET LOCAL session_replication_role = origin")
    for statement in (
        "UPDATE record_facts SET digest = sha256('x')",
        "UPDATE record_facts SET salt = gen_random_uuid()",
        "UPDATE record_facts SET entry_id = NULL",
        "DELETE FROM record_facts",
        "TRUNCATE record_facts",
    ):
        with pytest.raises(DatabaseError, match="only ever added to"), tampering.connection.begin_nested():
            tampering.run(statement)


def test_a_digest_whose_salt_erasure_took_away_holds_once_a_later_one_is_there(tampering: Tampering) -> None:
    tampering.run(
        "UPDATE record_facts f SET salt = NULL WHERE EXISTS (SELECT FROM record_facts l "
        "WHERE l.table_name = f.table_name AND l.row_key = f.row_key AND l.id > f.id)"
    )
    assert faults(tampering) == []


def test_rows_that_a_revision_wrote_are_noted_again_and_the_record_says_how_many(tampering: Tampering) -> None:
    tampering.run("UPDATE units SET code = 'X'")
    tampering.run("DELETE FROM submissions")
    units = tampering.ask("SELECT count(*) FROM units")
    noted = note_again(tampering.connection, at(3, 27))
    assert noted["units"] == units
    assert set(noted) == {"submissions", "units"}
    assert faults(tampering) == []
    assert note_again(tampering.connection, at(3, 27)) == {}
    payload = tampering.ask("SELECT payload FROM record_entries WHERE kind = 'facts.noted_again'")
    assert payload == noted


def test_every_table_is_covered_or_left_out_with_a_reason(tampering: Tampering) -> None:
    triggers = tampering.connection.execute(
        text(
            "SELECT relname, count(*) FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid "
            "JOIN pg_proc p ON p.oid = tgfoid WHERE proname = 'note_facts' AND tgenabled = 'O' GROUP BY relname"
        )
    ).all()
    tables = set(tampering.connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
    covered = {table.name for table in covered_tables()}
    assert dict(triggers) == dict.fromkeys(covered, 3)
    assert covered | set(TABLES_LEFT_OUT) == tables
    assert not covered & set(TABLES_LEFT_OUT)


def test_what_is_left_out_is_there() -> None:
    tables = all_tables().tables
    for name, columns in {**COLUMNS_LEFT_OUT, **ROWS_LEFT_OUT}.items():
        assert name not in TABLES_LEFT_OUT
        assert set(columns) <= set(tables[name].columns.keys())
    assert set(WITHOUT_ENTRY) <= {table.name for table in covered_tables()}


def test_what_a_change_of_keys_writes_is_left_out() -> None:
    written = {
        (table.name, column.name)
        for table in covered_tables()
        for column in table.columns
        if isinstance(column.type, Sealed | LookupHash)
    }
    assert written <= {(table, column) for table, columns in COLUMNS_LEFT_OUT.items() for column in columns}


def test_the_fault_names_the_office_of_the_row(tampering: Tampering) -> None:
    tampering.run("UPDATE applications SET reference = reference || '1' WHERE office_id = :office", office=CITY)
    assert {fault.office for fault in faults(tampering)} == {CITY}


def test_digests_may_wait_for_a_while(tampering: Tampering) -> None:
    tampering.run("SET LOCAL session_replication_role = origin")
    tampering.run("UPDATE units SET code = 'X'")
    tampering.run("SET LOCAL session_replication_role = replica")
    tampering.run(
        "INSERT INTO record_entries "
        "(id, office_id, at, kind, subject_type, subject_id, account_id, role, payload, digest) "
        "SELECT gen_random_uuid(), office_id, :at, kind, subject_type, subject_id, account_id, role, payload, digest "
        "FROM record_entries LIMIT 1",
        at=at(3, 27) - timedelta(minutes=9),
    )
    assert faults(tampering) == []
