"""Sealing beside writers: nothing is lost, nothing sealed twice, nobody waits."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, create_engine, func, select, text

from core.audit.heads import latest_head
from core.audit.models import RecordBatch, RecordEntry, RecordSeal
from core.audit.sealing import seal_batch
from core.audit.service import record
from core.audit.verification import VerifiedRecord, Verifier
from core.clock import SettableClock
from core.db.database import Databases
from core.db.server.embedded import EmbeddedServer
from core.db.session import AuditorSession, OfficeSession, SystemSession, system_actor
from core.plugin_api import OfficeCode
from tests.audit.conftest import AUDITOR, sealer
from tests.cases import CITY, OTHER_CITY, PROVINCE, RECORD_KEYS, Season, at

WRITERS = 16
SECONDS = 2.0


@pytest.fixture
def engine(linshui_database: Databases) -> Iterator[Engine]:
    """The invented province, committed in a database of its own."""
    made = create_engine(linshui_database.app_url, pool_size=WRITERS + 4)
    yield made
    made.dispose()


@contextmanager
def writing(engine: Engine, office: OfficeCode = CITY) -> Iterator[OfficeSession]:
    with OfficeSession(engine, actor=system_actor(office), now=at(3, 25)) as session, session.begin():
        yield session


def write(session: OfficeSession) -> None:
    office = session.office_id
    record(session, "calendar.proposed", office_id=office, subject_type="office", subject_id=office)
    session.flush()


def verified(engine: Engine) -> VerifiedRecord:
    with AuditorSession(engine, actor=AUDITOR, now=at(3, 25)) as session:
        return Verifier(session, RECORD_KEYS).verify()


def unsealed(engine: Engine) -> int:
    with AuditorSession(engine, actor=AUDITOR, now=at(3, 25)) as session:
        sealed = select(RecordSeal.entry_id)
        return session.scalar(select(func.count()).where(RecordEntry.id.not_in(sealed))) or 0


def test_sixteen_writers_and_two_sealers_lose_nothing_and_seal_nothing_twice(engine: Engine) -> None:
    committed, clock, until = [0] * WRITERS, SettableClock(at(3, 25)), time.monotonic() + SECONDS

    def writer(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - which transactions are long, not a secret
        while time.monotonic() < until:
            session = OfficeSession(engine, actor=system_actor((CITY, OTHER_CITY)[number % 2]), now=at(3, 25))
            entries = chance.randint(1, 3)
            for _ in range(entries):
                write(session)
            if chance.random() < 0.2:
                time.sleep(chance.random() * 0.3)
            if chance.random() < 0.9:
                session.commit()
                committed[number] += entries
            session.close()

    def sealing() -> None:
        rounds = sealer(engine, clock)
        while time.monotonic() < until:
            rounds.seal()

    sealer(engine, clock).keep_facts()
    before = unsealed(engine)
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        working = [*(pool.submit(writer, number) for number in range(WRITERS)), *(pool.submit(sealing) for _ in "12")]
        for future in working:
            future.result()
    sealer(engine, clock).seal()
    found = verified(engine)
    assert unsealed(engine) == 0
    assert found.faults == ()
    assert found.entries == before + sum(committed)
    assert found.batches > 4


def test_a_long_transaction_holds_nobody_up_and_is_sealed_when_it_ends(engine: Engine) -> None:
    seals = sealer(engine, SettableClock(at(3, 25)))
    with writing(engine) as long:
        write(long)
        assert seals.seal() > 0
        with writing(engine) as short:
            write(short)
        assert seals.seal() == 1
    assert seals.seal() == 1
    assert (seals.seal(), unsealed(engine), verified(engine).faults) == (0, 0, ())


def test_what_another_sealer_has_in_hand_is_left_to_it_and_not_forgotten(engine: Engine) -> None:
    seals = sealer(engine, SettableClock(at(3, 25)))
    seals.seal()
    with writing(engine) as session:
        write(session)
    with SystemSession(engine, actor=system_actor(CITY), now=at(3, 25)) as other:
        assert seal_batch(other, RECORD_KEYS) == 1
        assert seals.seal() == 0
        other.rollback()
    assert seals.seal() == 1


def test_an_office_that_cannot_be_sealed_stops_no_other_and_is_tried_again(
    engine: Engine, linshui_database: Databases
) -> None:
    owner = create_engine(linshui_database.owner_url)
    seals = sealer(engine, SettableClock(at(3, 25)))
    seals.seal()
    for office in (CITY, OTHER_CITY):
        with writing(engine, office) as session:
            write(session)
    with owner.begin() as connection:
        connection.execute(text(f"ALTER TABLE record_batches ADD CHECK (office_id <> '{CITY}') NOT VALID"))
    assert (seals.seal(), unsealed(engine)) == (1, 1)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE record_batches DROP CONSTRAINT record_batches_office_id_check"))
    assert (seals.seal(), unsealed(engine)) == (1, 0)
    owner.dispose()


def test_many_entries_become_several_batches(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    seals = sealer(engine, SettableClock(at(3, 25)))
    seals.seal()
    with writing(engine) as session:
        for _ in range(7):
            write(session)
    monkeypatch.setattr("core.audit.sealing.LARGEST_BATCH", 3)
    before = verified(engine).batches
    assert seals.seal() == 7
    assert verified(engine).batches == before + 3


@pytest.mark.parametrize("restarted", [True, False])
def test_unsealed_entries_are_sealed_after_a_restore_with_a_lower_count(
    engine: Engine, database_server: EmbeddedServer, *, restarted: bool
) -> None:
    clock = SettableClock(at(3, 25))
    seals = sealer(engine, clock)
    seals.seal()
    with writing(engine) as session:
        write(session)
    # As if all entries came from a server with a higher count.
    assert engine.url.database is not None
    with database_server.superuser(engine.url.database) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("UPDATE record_entries SET transaction = transaction + 1000000000")
    if restarted:
        seals = sealer(engine, clock)
    else:
        seals._floor += 1_000_000_000
    assert (seals.seal(), unsealed(engine)) == (1, 0)
    with writing(engine) as session:
        write(session)
    assert (seals.seal(), unsealed(engine), verified(engine).faults) == (1, 0, ())


def test_two_offices_have_chains_of_their_own(season: Season) -> None:
    for office in (CITY, OTHER_CITY):
        with season.as_system(office) as session:
            write(session)
            assert (seal_batch(session, RECORD_KEYS) or 0) > 0
            assert seal_batch(session, RECORD_KEYS) == 0
    with season.as_auditor() as auditor:
        batches = auditor.scalars(select(RecordBatch).where(RecordBatch.number == 1)).all()
        assert len({batch.previous for batch in batches}) == len(batches) == 2
        assert latest_head(auditor, CITY) == (1, next(batch.head for batch in batches if batch.office_id == CITY))
        assert latest_head(auditor, PROVINCE) is None
