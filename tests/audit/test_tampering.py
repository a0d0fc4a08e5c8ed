"""Tampering as the database's owner, past triggers and policies: each kind is found, and where."""

from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from core.audit import merkle
from core.audit.heads import first_previous, head_of
from core.audit.models import RecordBatch, RecordEntry, RecordSeal
from core.audit.service import entry_digest
from core.audit.verification import RecordFault
from core.db.base import new_id
from core.security.signatures import RecordKeys
from tests.audit.conftest import Tampering
from tests.cases import CITY, OTHER_CITY, RECORD_KEYS

COPY = (
    "INSERT INTO record_entries (id, office_id, at, kind, subject_type, subject_id, account_id, role, payload, digest, "
    "transaction) SELECT :new, office_id, at, kind, subject_type, subject_id, account_id, role, payload, digest, "
    "transaction FROM record_entries WHERE id = :old"
)


def recompute(tampering: Tampering, office: str, keys: RecordKeys) -> None:
    """Recompute every digest, root, head and signature of an office from the present entries."""
    with Session(tampering.connection, join_transaction_mode="create_savepoint") as session, session.begin():
        previous = first_previous(office)
        batches = select(RecordBatch).where(RecordBatch.office_id == office).order_by(RecordBatch.number)
        for batch in session.scalars(batches).all():
            seals = session.scalars(
                select(RecordSeal)
                .where(RecordSeal.office_id == office, RecordSeal.batch == batch.number)
                .order_by(RecordSeal.position)
            ).all()
            for seal in seals:
                entry = session.get_one(RecordEntry, seal.entry_id)
                entry.digest = seal.digest = entry_digest(entry)
            batch.previous, batch.size, batch.key = previous, len(seals), keys.current
            batch.root = merkle.root([seal.digest for seal in seals])
            batch.head = previous = head_of(batch).digest()
            batch.signature = keys.sign(batch.head)


def test_what_was_not_touched_holds(tampering: Tampering) -> None:
    assert tampering.faults(heads=True) == ()
    # Erasure by the retention notes its rows again (tests/test_retention.py); here nobody did.
    of_rows = "was changed: it is not what the record has the digest of"
    assert all(fault.what.endswith(of_rows) for fault in tampering.disagreements())
    assert len([head for head in tampering.exported if head.office == CITY]) == 3


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'application.reject'",
        'payload = payload || \'{"to": "rejected"}\'',
        "at = at - interval '1 day'",
        "account_id = gen_random_uuid()",
        "role = 'city_supervisor'",
        "on_behalf_of = gen_random_uuid()",
        "subject_id = gen_random_uuid()::text",
        "office_id = 'linshui/yunshan'",
        "digest = sha256('x')",
    ],
)
def test_an_entry_that_was_changed_is_named(tampering: Tampering, change: str) -> None:
    entry = tampering.entry(batch=2, position=1)
    tampering.run(f"UPDATE record_entries SET {change} WHERE id = :entry", entry=entry)  # noqa: S608
    (fault,) = tampering.faults()
    assert (fault.office, fault.batch, fault.entry) == (CITY, 2, entry)
    assert "was changed" in fault.what


def test_an_entry_whose_own_digest_was_made_to_fit_is_named(tampering: Tampering) -> None:
    entry = change_role(tampering, batch=2, position=1)
    assert [str(fault) for fault in tampering.faults()] == [
        f"office {CITY}, batch 2, entry {entry}: was changed: its digest is not the one that was sealed"
    ]


def change_role(tampering: Tampering, *, batch: int, position: int) -> UUID:
    """Change an entry so that its own digest fits."""
    entry_id = tampering.entry(batch, position)
    with Session(tampering.connection, join_transaction_mode="create_savepoint") as session, session.begin():
        entry = session.get_one(RecordEntry, entry_id)
        entry.role = "operator"
        entry.digest = entry_digest(entry)
    return entry_id


def test_a_batch_whose_entries_were_all_made_to_fit_is_named(tampering: Tampering) -> None:
    entry = change_role(tampering, batch=2, position=1)
    copy = "UPDATE record_seals s SET digest = e.digest FROM record_entries e WHERE e.id = s.entry_id AND e.id = :entry"
    tampering.run(copy, entry=entry)
    (fault,) = tampering.faults()
    assert (fault.batch, fault.entry, fault.what) == (2, None, "its entries do not make its Merkle root")


def test_an_entry_that_was_deleted_is_named(tampering: Tampering) -> None:
    entry = tampering.entry(batch=2, position=1)
    tampering.run("DELETE FROM record_entries WHERE id = :entry", entry=entry)
    assert tampering.faults() == (RecordFault(CITY, "was deleted", 2, entry),)


def test_an_entry_that_was_deleted_with_its_place_is_noticed_where_it_was(tampering: Tampering) -> None:
    entry, after = tampering.entry(batch=2, position=1), tampering.entry(batch=2, position=2)
    tampering.run("DELETE FROM record_seals WHERE entry_id = :entry", entry=entry)
    tampering.run("DELETE FROM record_entries WHERE id = :entry", entry=entry)
    assert tampering.faults() == (RecordFault(CITY, "stands at place 2, and place 1 is empty", 2, after),)


def test_an_entry_that_was_put_into_a_batch_is_named(tampering: Tampering) -> None:
    new, size = new_id(), tampering.ask("SELECT size FROM record_batches WHERE office_id = :o AND number = 2", o=CITY)
    tampering.run(COPY, new=new, old=tampering.entry(batch=2, position=1))
    tampering.run(
        "INSERT INTO record_seals SELECT :new, office_id, batch, :size, digest FROM record_seals "
        "WHERE office_id = :office AND batch = 2 AND position = 1",
        new=new,
        size=size,
        office=CITY,
    )
    assert tampering.faults() == (RecordFault(CITY, f"was put in: the batch was sealed with {size}", 2, new),)


def test_an_entry_that_was_put_in_beside_the_batches_is_named(tampering: Tampering) -> None:
    new = new_id()
    tampering.run(COPY, new=new, old=tampering.entry(batch=2, position=1))
    (fault,) = tampering.faults()
    assert (fault.office, fault.batch, fault.entry) == (CITY, None, new)
    assert "is unsealed since 2024-03-25" in fault.what


def test_an_entry_that_was_put_in_with_an_old_date_and_sealed_now_is_named(tampering: Tampering) -> None:
    new = change_date(tampering)
    recompute(tampering, CITY, RECORD_KEYS)
    (fault,) = tampering.faults()
    assert (fault.office, fault.batch, fault.entry) == (CITY, 3, new)
    assert "was put in: it says 2024-03-25" in fault.what


def change_date(tampering: Tampering) -> UUID:
    """An entry of the third batch that says it was written before the second."""
    entry = tampering.entry(batch=3, position=0)
    tampering.run("UPDATE record_entries SET at = '2024-03-25T08:00+08:00' WHERE id = :entry", entry=entry)
    return entry


def test_entries_that_were_reordered_are_named(tampering: Tampering) -> None:
    first, second = tampering.entry(batch=2, position=1), tampering.entry(batch=2, position=2)
    for entry, position in ((first, -1), (second, 1), (first, 2)):
        tampering.run(
            "UPDATE record_seals SET position = :position WHERE entry_id = :entry", position=position, entry=entry
        )
    assert tampering.faults() == (
        RecordFault(CITY, "was reordered: entries stand in the order of their ids", 2, first),
    )


def test_batches_that_were_exchanged_are_noticed(tampering: Tampering) -> None:
    for table, column in (("record_seals", "batch"), ("record_batches", "number")):
        for old, new in ((2, 99), (3, 2), (99, 3)):
            tampering.run(
                f"UPDATE {table} SET {column} = :new WHERE office_id = :o AND {column} = :old",  # noqa: S608
                o=CITY,
                old=old,
                new=new,
            )
    assert tampering.faults() == (RecordFault(CITY, "does not follow the batch before it", 2),)


@pytest.mark.parametrize("number", [1, 2])
def test_a_batch_that_was_taken_out_of_the_chain_is_missed(tampering: Tampering, number: int) -> None:
    cut(tampering, "batch = :number", "number = :number", number=number)
    assert tampering.faults() == (RecordFault(CITY, "the batch is missing", number),)


def cut(tampering: Tampering, of_seals: str, of_batches: str, **values: object) -> None:
    """Take batches of the city out, with their entries."""
    entries = f"SELECT entry_id FROM record_seals WHERE office_id = :office AND {of_seals}"  # noqa: S608
    tampering.run(f"DELETE FROM record_entries WHERE id IN ({entries})", office=CITY, **values)  # noqa: S608
    tampering.run(f"DELETE FROM record_seals WHERE office_id = :office AND {of_seals}", office=CITY, **values)  # noqa: S608
    tampering.run(f"DELETE FROM record_batches WHERE office_id = :office AND {of_batches}", office=CITY, **values)  # noqa: S608


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_tail_that_was_cut_off_is_missed_by_the_exported_heads(tampering: Tampering, kept: int) -> None:
    cut(tampering, "batch > :kept", "number > :kept", kept=kept)
    assert tampering.faults() == ()
    assert tampering.faults(heads=True) == (RecordFault(CITY, "the batch is missing (it was exported)", kept + 1),)


def test_a_tail_of_which_places_were_left_is_noticed(tampering: Tampering) -> None:
    tampering.run("DELETE FROM record_batches WHERE office_id = :office AND number = 3", office=CITY)
    expected = RecordFault(CITY, "stands in a batch that is not there", 3, tampering.entry(batch=3, position=0))
    assert tampering.faults() == (expected,)


def test_a_record_recomputed_with_the_key_differs_from_the_exported_heads(tampering: Tampering) -> None:
    change_role(tampering, batch=2, position=1)
    recompute(tampering, CITY, RECORD_KEYS)
    assert tampering.faults() == ()
    assert tampering.faults(heads=True) == (
        RecordFault(CITY, "was rewritten: its head is not the one that was exported", 2),
    )


def test_a_record_that_was_recomputed_whole_without_the_key_is_not_signed(tampering: Tampering) -> None:
    change_role(tampering, batch=2, position=1)
    recompute(tampering, CITY, RecordKeys((Ed25519PrivateKey.generate(),)))
    assert tampering.faults() == (RecordFault(CITY, "its signature is not one of this installation's keys", 1),)


def test_every_office_is_looked_at_to_its_own_first_fault(tampering: Tampering) -> None:
    entries = {office: tampering.entry(batch=2, position=0, office=office) for office in (CITY, OTHER_CITY)}
    for entry in entries.values():
        tampering.run("DELETE FROM record_entries WHERE id = :entry", entry=entry)
    assert tampering.faults() == tuple(
        RecordFault(office, "was deleted", 2, entry) for office, entry in entries.items()
    )


def test_a_move_and_its_entry_miss_each_other(tampering: Tampering) -> None:
    move = tampering.ask("SELECT id FROM moves WHERE action = 'submit' ORDER BY id")
    entry = tampering.ask("SELECT id FROM record_entries WHERE payload ->> 'move' = :move", move=str(move))
    tampering.run("UPDATE record_entries SET payload = payload - 'move' WHERE id = :entry", entry=entry)
    (fault,) = tampering.disagreements()
    assert f"move {move} of" in fault.what
    assert fault.what.endswith("has no entry")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("reason = '另一个理由'", "gives another reason than it did"),
        ("account_id = gen_random_uuid()", "was changed: it is not what its entry has the digest of"),
        ("at = at + interval '1 second'", "was changed: it is not what its entry has the digest of"),
        ("to_state = 'rejected'", "was changed: it is not what its entry has the digest of"),
        ("action = 'reject'", "is not the one that its entry is about"),
    ],
)
def test_a_move_that_was_changed_does_not_agree_with_its_entry(tampering: Tampering, change: str, what: str) -> None:
    move = tampering.ask("SELECT id FROM moves WHERE from_state = 'unit_review' ORDER BY id")
    tampering.run(f"UPDATE moves SET {change} WHERE id = :move", move=move)  # noqa: S608
    assert [what in disagreement.what for disagreement in tampering.disagreements()][:1] == [True]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM moves WHERE id = (SELECT max(id::text)::uuid FROM moves)", "says that a move was made"),
        ("UPDATE applications SET state = 'qualified' WHERE state = 'unit_review'", "is in a state that is not that"),
        ("UPDATE finding_settlements SET satisfied = false", "is a settled finding without an entry"),
        (
            "UPDATE case_handlers SET office_id = 'linshui/yunshan' WHERE reason <> 'created'",
            "is in the charge of an office to which the record knows no transfer",
        ),
        ("DELETE FROM finding_settlements", "says that a finding was settled"),
        (
            "INSERT INTO filings (id, office_id, to_office_id, year, kind, version, content, digest, late, filed_at, "
            "filed_by, state, remark, record_batch, record_head) VALUES (gen_random_uuid(), 'linshui/qinghe', "
            "'linshui', 2024, 'registration_summary', 1, '{}', '', false, now(), gen_random_uuid(), 'filed', '', 1, "
            "'x')",
            "is a filing whose receipt",
        ),
    ],
)
def test_acts_and_the_record_that_differ_are_named(tampering: Tampering, statement: str, what: str) -> None:
    tampering.run(statement)
    found = tampering.disagreements()
    assert found
    assert any(what in fault.what for fault in found)


def test_the_owner_would_have_to_remove_a_trigger_first(tampering: Tampering) -> None:
    tampering.run("SET LOCAL session_replication_role = origin")
    for statement in (
        "UPDATE record_entries SET role = 'operator'",
        "DELETE FROM record_seals",
        "TRUNCATE record_batches CASCADE",
    ):
        with pytest.raises(DatabaseError, match="only ever added to"), tampering.connection.begin_nested():
            tampering.connection.execute(text(statement))


def test_an_entry_may_be_unsealed_for_a_while(tampering: Tampering) -> None:
    new, now = new_id(), timedelta(minutes=10)
    tampering.run(COPY, new=new, old=tampering.entry(batch=3, position=0))
    tampering.run("UPDATE record_entries SET at = '2024-03-27T09:00+08:00' WHERE id = :new", new=new)
    assert tampering.faults(now=now) == ()
    assert [fault.entry for fault in tampering.faults(now=now + timedelta(seconds=1))] == [new]


def test_only_the_newest_of_several_keys_signs_and_all_are_accepted() -> None:
    newer = RecordKeys((*RECORD_KEYS.private, Ed25519PrivateKey.generate()))
    assert newer.current != RECORD_KEYS.current
    assert newer.accepts(RECORD_KEYS.current, b"head", RECORD_KEYS.sign(b"head"))
    assert not RECORD_KEYS.accepts(newer.current, b"head", newer.sign(b"head"))


def test_the_erasure_of_personal_data_leaves_the_record_verifiable(tampering: Tampering) -> None:
    tampering.run("UPDATE persons SET name = '', id_tail = '', birth_date = '1900-01-01'")
    tampering.run("UPDATE moves SET actor_name = '', reason = ''")
    tampering.run("UPDATE applications SET person_name = '', id_tail = '', form = '{}'")
    tampering.run("UPDATE finding_settlements SET reason = '-'")
    assert tampering.faults(heads=True) == ()
    # Erasure by the retention notes its rows again (tests/test_retention.py); here nobody did.
    of_rows = "was changed: it is not what the record has the digest of"
    assert all(fault.what.endswith(of_rows) for fault in tampering.disagreements())


def test_another_entry_that_names_a_move_is_no_entry_of_the_move(tampering: Tampering) -> None:
    tampering.run(
        "INSERT INTO record_entries "
        "(id, office_id, at, kind, subject_type, subject_id, account_id, role, payload, digest) "
        "SELECT gen_random_uuid(), office_id, at, 'review_appeal.asked', subject_type, subject_id, account_id, role, "
        "payload, digest FROM record_entries WHERE payload ->> 'move' IS NOT NULL LIMIT 1"
    )
    assert tampering.disagreements() == []
