"""`kaowu keys` on a database with people in it: keys change beside a running service, the look-up key without one."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, create_engine, select, text, update

from core.cli import main
from core.cli.keys import _pdf_certificate
from core.clock import SHANGHAI, system_clock
from core.db.database import Databases
from core.db.resealing import anything_sealed
from core.db.session import ANONYMOUS, KeeperSession, ProvinceSession, SignInSession
from core.db.tables import all_tables
from core.errors import Conflict
from core.identity.models import Person
from core.identity.service import claim_person
from core.security.keys import KeyKeeper, Place, create_keys, load_keys, open_keys
from core.security.pdf_signatures import PdfSigner, create_pdf_certificates
from core.settings import ROOT, Settings
from tests.factories import NOW, PROVINCE, id_number, load_province, officer

PHONE = "19900000000"


@dataclass
class Installation:
    """A database of its own with keys, and the commands on it."""

    app: Engine
    keys: KeyKeeper

    def claim(self, index: int, name: str | None = None) -> UUID:
        """Register a person, as the running service does."""
        with SignInSession(self.app, actor=ANONYMOUS, now=NOW) as session, session.begin():
            return claim_person(
                session, id_number=id_number(index), name=name or f"测试人{index:04d}", phone=PHONE, keys=self.keys
            )

    def run(self, *words: str) -> Result:
        """One command; no connection of ours is left open where nobody may be connected."""
        if words == ("change-lookup",):
            self.app.dispose()
        return CliRunner().invoke(main, ["keys", *words])

    def phones(self) -> dict[int, int]:
        """How many telephone numbers of the two that are sealed with each key open."""
        with ProvinceSession(self.app, actor=officer(PROVINCE), now=NOW) as session:
            found: dict[int, int] = {}
            for person in session.scalars(select(Person)):
                place = Place("persons", "phone", person.id)
                assert self.keys.decrypt(person.phone or b"", place).decode() == PHONE
                found[person.phone[0]] = found.get(person.phone[0], 0) + 1
            return found

    def recorded(self) -> list[tuple[str, str]]:
        """What the province's record says of keys."""
        with ProvinceSession(self.app, actor=officer(PROVINCE), now=NOW) as session:
            asked = text("SELECT kind, subject_id FROM record_entries WHERE subject_type = 'key' ORDER BY id")
            return [(kind, subject) for kind, subject in session.execute(asked)]


@pytest.fixture
def installation(fresh_database: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    create_keys(tmp_path / "keys")
    monkeypatch.setenv("KAOWU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KAOWU_DATABASE_URL", fresh_database.app_url)
    owner, app = create_engine(fresh_database.owner_url), create_engine(fresh_database.app_url)
    load_province(owner)
    owner.dispose()
    yield Installation(app, load_keys(tmp_path / "keys"))
    app.dispose()


def said(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_keys_change_while_people_register_and_the_old_one_is_retired(installation: Installation) -> None:
    for index in range(1, 4):
        installation.claim(index)
    missing = "No pdf-N.pem signs electronic certificates: MISSING. Make the first: kaowu keys create"
    assert said(installation.run("status")) == ["key 1: 6 values seals now", missing]
    assert said(installation.run("rotate"))[:2] == [
        "Made key 2.",
        "Sealed 6 values anew; all of them are sealed with key 2 now.",
    ]
    installation.claim(4)
    assert installation.phones() == {2: 4}
    assert said(installation.run("status")) == ["key 2: 8 values seals now", "key 1: 0 values", missing]
    assert said(installation.run("retire", "1"))[0].startswith("Key 1 is retired: ")
    assert installation.phones() == {2: 4}
    assert installation.recorded() == [("key.rotated", "2"), ("key.retired", "1")]


def test_a_change_that_is_killed_goes_on_with_the_same_key(installation: Installation) -> None:
    for index in range(1, 5):
        installation.claim(index)
    held = installation.claim(5)
    with KeeperSession(installation.app, now=NOW) as writer:
        # Another transaction is writing this row: the command passes it over and waits for it.
        writer.execute(select(Person.phone).where(Person.id == held).with_for_update())
        with subprocess.Popen([sys.executable, "-m", "core.cli", "keys", "rotate"], cwd=ROOT) as rotating:
            while len(installation.phones()) == 1 or installation.phones()[1] > 1:
                assert rotating.poll() is None
            rotating.kill()
        assert installation.phones() == {2: 4, 1: 1}
        assert "values need key 1" in installation.run("retire", "1").output
    assert said(installation.run("rotate"))[0] == "Sealed 2 values anew; all of them are sealed with key 2 now."
    assert installation.phones() == {2: 5}


def test_a_value_written_with_the_old_key_keeps_it_from_being_retired(installation: Installation) -> None:
    installation.claim(1)
    with SignInSession(installation.app, actor=ANONYMOUS, now=NOW) as session:
        claim_person(session, id_number=id_number(2), name="测试人0002", phone=PHONE, keys=installation.keys)
        assert said(installation.run("rotate"))[0] == "Made key 2."
        session.commit()
    refused = installation.run("retire", "1")
    assert (refused.exit_code, "2 values need key 1. Seal them anew first: kaowu keys rotate" in refused.output) == (
        1,
        True,
    )
    assert said(installation.run("rotate"))[0] == "Sealed 2 values anew; all of them are sealed with key 2 now."
    assert said(installation.run("retire", "1"))[0].startswith("Key 1 is retired: ")


def test_an_installation_knows_whether_anything_needs_its_keys(installation: Installation) -> None:
    found = []
    for index in (1, 2):
        with KeeperSession(installation.app, now=NOW) as session:
            found.append(anything_sealed(session, all_tables()))
        installation.claim(index)
    assert found == [False, True]


@pytest.mark.parametrize("key", ["1", "7"])
def test_the_key_that_seals_and_one_that_is_not_here_are_not_retired(installation: Installation, key: str) -> None:
    refused = installation.run("retire", key)
    assert (refused.exit_code, f"Key {key} is not here, or it seals now" in refused.output) == (1, True)


def test_a_value_that_does_not_open_is_named_and_stays(installation: Installation) -> None:
    person = installation.claim(1)
    with KeeperSession(installation.app, now=NOW) as session, session.begin():
        session.execute(update(Person).where(Person.id == person).values(phone=b"\x01" + bytes(40)))
    refused = installation.run("rotate")
    assert refused.exit_code == 1
    assert f"persons.phone of {person}: the value does not open with key 1 (InvalidTag)" in refused.output


def test_the_look_up_key_is_not_changed_while_a_service_runs(installation: Installation) -> None:
    installation.claim(1)
    before = installation.keys.lookup_hash("one")
    with installation.app.connect():
        refused = CliRunner().invoke(main, ["keys", "change-lookup"])
    assert (refused.exit_code, "1 other connections" in refused.output) == (1, True)
    assert installation.keys.lookup_hash("one") == before
    assert installation.claim(1) is not None


def test_after_the_look_up_key_has_changed_everybody_is_found_as_before(installation: Installation) -> None:
    people = [installation.claim(index) for index in range(1, 4)]
    before = installation.keys.lookup_hash(id_number(1))
    # Broken off after the key was made: the command takes it up, whether the hashes were written or not.
    installation.keys.next_lookup_hash()
    assert said(installation.run("change-lookup"))[0].startswith("Computed 3 hashes anew.")
    assert installation.keys.lookup_hash(id_number(1)) != before
    assert [installation.claim(index) for index in range(1, 4)] == people
    with pytest.raises(Conflict, match="另一姓名"):
        installation.claim(1, "测试人0002")
    assert installation.recorded() == [("key.lookup_changed", "0")]


def test_keys_of_another_provider_change_the_same_way(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAOWU_KEY_PROVIDER", "tests.sm4:open_keys")
    hardware = Installation(installation.app, open_keys(Settings.load()))
    person = hardware.claim(1)
    assert said(hardware.run("rotate"))[:2] == [
        "Made key 2.",
        "Sealed 2 values anew; all of them are sealed with key 2 now.",
    ]
    assert said(hardware.run("retire", "1"))[0].startswith("Key 1 is retired: the hardware's own archive")
    assert said(hardware.run("change-lookup"))[0].startswith("Computed 1 hashes anew.")
    assert (hardware.phones(), hardware.claim(1)) == ({2: 1}, person)


def test_the_first_keys_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOWU_DATA_DIR", str(tmp_path))
    made = [CliRunner().invoke(main, ["keys", "create"]).output for _ in range(2)]
    kept = {file.name: file.read_text() for file in (tmp_path / "keys").iterdir()}
    assert (made[0], sorted(kept)) == (
        made[1],
        ["encryption-1.key", "lookup.key", "papers-1.key", "pdf-1.pem", "pdf-ca.pem", "record-1.key"],
    )
    assert open_keys(Settings.load()).current() == 1


@pytest.mark.parametrize(("days", "soon"), [(100, False), (10, True), (-1, True)])
def test_the_end_of_the_certificate_that_signs_is_told_before(tmp_path: Path, days: int, soon: bool) -> None:
    now = system_clock()
    create_pdf_certificates(tmp_path, now=now - timedelta(days=365 * 5 - days))
    told = _pdf_certificate(PdfSigner(tmp_path), now=now)
    assert f"{(now + timedelta(days=days)).astimezone(SHANGHAI):%Y-%m-%d}" in told
    assert ("SOON OVER" in told) is soon
