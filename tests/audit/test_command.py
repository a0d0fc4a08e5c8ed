"""`kaowu audit`: heads are exported, the record is verified against them, an entry is proved."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, create_engine, select

from core.audit.heads import head_of
from core.audit.models import RecordBatch, RecordEntry
from core.audit.proofs import prove_entry
from core.audit.sealing import Sealer
from core.audit.service import record
from core.cli import main
from core.clock import system_clock
from core.db.database import Databases
from core.db.server.embedded import EmbeddedServer
from core.db.session import AuditorSession, OfficeSession, system_actor
from core.errors import ConfigurationError, Conflict, NotFound
from core.security.keys import create_keys
from core.security.signatures import RecordKeys, create_signing_keys
from core.settings import ROOT
from tests.audit.conftest import AUDITOR
from tests.cases import CITY, OTHER_CITY, PROVINCE


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder of keys."""
    create_keys(tmp_path / "keys")
    create_signing_keys(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def engine(
    linshui_database: Databases, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """The invented province, its first entries sealed, in the database that the settings name."""
    tenants = tmp_path / "tenants"
    tenants.mkdir()
    for office in (ROOT / "tests" / "offices").iterdir():
        (tenants / office.name).symlink_to(office)
    for name, value in (("DATA_DIR", tmp_path), ("KEYS_DIR", keys), ("DATABASE_URL", linshui_database.app_url)):
        monkeypatch.setenv(f"KAOWU_{name}", str(value))
    made = create_engine(linshui_database.app_url)
    seal(made, keys)
    yield made
    made.dispose()


def seal(engine: Engine, keys: Path) -> None:
    Sealer(engine, RecordKeys.load(keys), clock=system_clock, province=PROVINCE).seal()


def kaowu(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, words)])


def add_entry(engine: Engine) -> None:
    with OfficeSession(engine, actor=system_actor(CITY), now=system_clock()) as session, session.begin():
        record(session, "calendar.proposed", office_id=CITY, subject_type="office", subject_id=CITY)


def test_a_record_is_verified_against_an_earlier_export(engine: Engine, keys: Path, tmp_path: Path) -> None:
    export = tmp_path / "heads.jsonl"
    export.write_text(kaowu("heads").stdout)
    add_entry(engine)
    seal(engine, keys)
    result = kaowu("verify", "--heads", export)
    assert (result.exit_code, result.stdout[:17]) == (0, "The record holds:")
    lines = [json.loads(line) for line in kaowu("heads").stdout.splitlines()]
    assert [line["number"] for line in lines if line["office"] == CITY] == [1, 2]
    assert kaowu("heads", "--since", "2999-01-01").stdout == ""


def test_a_tail_that_was_cut_ends_with_an_exit_code_and_its_place(
    engine: Engine, tmp_path: Path, database_server: EmbeddedServer
) -> None:
    export = tmp_path / "heads.jsonl"
    export.write_text(kaowu("heads").stdout)
    assert engine.url.database is not None
    with database_server.superuser(engine.url.database) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("TRUNCATE record_entries, record_seals, record_batches, record_facts")
    assert "was put in: the record has no digest of it" in kaowu("verify").stdout
    result = kaowu("verify", "--heads", export)
    assert result.exit_code == 1
    assert f"office {CITY}, batch 1: the batch is missing (it was exported)\n" in result.stdout


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [('"number": 1', '"number": 7', "was altered after the export"), ("{", "", "no line of an export of heads")],
)
def test_an_export_that_was_altered_itself_is_refused(old: str, new: str, why: str, tmp_path: Path) -> None:
    export = tmp_path / "heads.jsonl"
    export.write_text(kaowu("heads").stdout.replace(old, new, 1))
    result = kaowu("verify", "--heads", export)
    assert result.exit_code == 1
    assert f"{export}, line 1: {why}" in result.output.replace("\n", "")


def test_an_entry_is_proved_by_its_signed_batch(engine: Engine) -> None:
    with AuditorSession(engine, actor=AUDITOR, now=system_clock()) as session:
        entry = session.scalars(select(RecordEntry.id).where(RecordEntry.office_id == CITY)).first()
        assert entry is not None
        proof = prove_entry(session, entry)
        assert proof.holds()
        batch = session.get_one(RecordBatch, (CITY, proof.head.number))
        assert proof.head == head_of(batch)
    printed = json.loads(kaowu("prove", str(entry)).stdout)
    assert printed == json.loads(json.dumps(proof.plain()))
    assert kaowu("prove", "00000000-0000-0000-0000-000000000000").exit_code == 1


def test_nobody_proves_what_they_do_not_see_nor_what_is_not_sealed(engine: Engine) -> None:
    add_entry(engine)
    with AuditorSession(engine, actor=AUDITOR, now=system_clock()) as session:
        newest = session.scalars(select(RecordEntry.id).order_by(RecordEntry.id.desc()).limit(1)).one()
        with pytest.raises(Conflict, match="尚未封存"):
            prove_entry(session, newest)
        theirs = session.scalars(select(RecordEntry.id).where(RecordEntry.office_id == CITY).limit(1)).one()
    stranger = system_actor(OTHER_CITY)
    with OfficeSession(engine, actor=stranger, now=system_clock()) as session, pytest.raises(NotFound):
        prove_entry(session, theirs)


def test_without_a_key_that_signs_nothing_starts(engine: Engine, keys: Path) -> None:
    assert engine
    (keys / "record-1.key").unlink()
    result = kaowu("verify")
    assert result.exit_code == 1
    assert "record-N.key" in result.output


@pytest.mark.parametrize(("name", "content"), [("record-1.key", "no key"), ("record-x.key", "00" * 32)])
def test_a_key_that_cannot_be_read_is_named(keys: Path, name: str, content: str) -> None:
    (keys / name).write_text(content)
    with pytest.raises(ConfigurationError, match=name):
        RecordKeys.load(keys)


def test_a_key_is_made_once_and_only_its_owner_can_read_it(keys: Path) -> None:
    before = RecordKeys.load(keys).public
    create_signing_keys(keys)
    assert RecordKeys.load(keys).public == before
    assert (keys / "record-1.key").stat().st_mode & 0o777 == 0o600
