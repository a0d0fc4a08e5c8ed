"""The keys: what a machine is told when they are missing, their change, and another provider in their place."""

import uuid
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from core.errors import ConfigurationError, Unavailable
from core.security.keys import MOST_KEYS, FileKeys, Place, create_keys, load_keys, open_keys
from core.settings import Settings
from tests.sm4 import Sm4Keys

HERE = Place("persons", "phone", uuid.UUID(int=7))
HEX = "ab" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_keys(tmp_path / "keys")
    return tmp_path / "keys"


def settings(tmp_path: Path, **given: object) -> Settings:
    return Settings.load(data_dir=tmp_path, **given)


def test_a_value_opens_in_its_own_place_and_nowhere_else(folder: Path) -> None:
    keys = load_keys(folder)
    sealed = keys.encrypt(b"one", HERE)
    assert (sealed[0], keys.decrypt(sealed, HERE)) == (1, b"one")
    with pytest.raises(InvalidTag):
        keys.decrypt(sealed, Place("persons", "phone", uuid.UUID(int=8)))


def test_keys_are_for_their_own_account_alone_and_are_never_made_beside_others(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == {
        "encryption-1.key": 0o600,
        "lookup.key": 0o600,
    }
    (folder / "encryption-1.key").unlink()
    create_keys(folder)
    with pytest.raises(ConfigurationError, match=r"Restore the keys from their backup.*kaowu keys create"):
        load_keys(folder)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("lookup.key", "ab", "lookup.key: holds 1 bytes"), ("encryption-1.key", "no key", "encryption-1.key: a key is")],
)
def test_a_key_that_is_none_refuses_the_start_and_is_not_shown(folder: Path, name: str, text: str, said: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises(ConfigurationError, match=said) as refused:
        load_keys(folder)
    assert "no key" not in str(refused.value)


def test_every_process_takes_part_in_a_change_of_keys(folder: Path) -> None:
    server, command = load_keys(folder), load_keys(folder)
    before = server.encrypt(b"before", HERE)
    assert command.make_key() == 2
    after = server.encrypt(b"after", HERE)
    assert (before[0], after[0]) == (1, 2)
    assert [keys.decrypt(ciphertext, HERE) for keys in (server, command) for ciphertext in (before, after)] == [
        b"before",
        b"after",
    ] * 2
    kept = Path(command.retire_key(1))
    with pytest.raises(Unavailable):
        server.decrypt(before, HERE)
    kept.rename(folder / "encryption-1.key")
    assert server.decrypt(before, HERE) == b"before"


def test_the_look_up_key_changes_for_every_process_at_once_and_not_before(folder: Path) -> None:
    server, command = load_keys(folder), load_keys(folder)
    old = server.lookup_hash("one")
    new = command.next_lookup_hash()("one")
    assert (new, server.lookup_hash("one")) == (load_keys(folder).next_lookup_hash()("one"), old)
    command.change_lookup()
    assert (server.lookup_hash("one"), old == new) == (new, False)


def test_a_broken_off_change_of_the_look_up_key_refuses_the_start(folder: Path, tmp_path: Path) -> None:
    load_keys(folder).next_lookup_hash()
    with pytest.raises(ConfigurationError, match="End it: kaowu keys change-lookup"):
        open_keys(settings(tmp_path))
    assert open_keys(settings(tmp_path), unfinished=True).current() == 1


def test_the_last_id_is_the_end_and_says_so(folder: Path) -> None:
    (folder / f"encryption-{MOST_KEYS}.key").write_text(HEX)
    with pytest.raises(ConfigurationError, match="255 keys"):
        load_keys(folder).make_key()


def test_keys_from_the_settings_are_used_and_not_changed(tmp_path: Path) -> None:
    given = settings(tmp_path, encryption_keys=f"1:{HEX}, 3:{HEX}", lookup_key=HEX)
    keys = open_keys(given)
    assert (keys.current(), keys.known(), keys.encrypt(b"x", HERE)[0]) == (3, {1, 3}, 3)
    assert HEX not in repr(given)
    with pytest.raises(ConfigurationError, match="Add a key with the next higher id there"):
        keys.make_key()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"encryption_keys": f"0:{HEX}", "lookup_key": HEX}, "ids from 1 to 255"),
        ({"encryption_keys": "1:abcd", "lookup_key": HEX}, "KAOWU_ENCRYPTION_KEYS: holds 2 bytes"),
        ({"key_provider": "no_such:thing"}, "KAOWU_KEY_PROVIDER: 'no_such:thing' is no entry point"),
        ({"key_provider": "hardware"}, "KAOWU_KEY_PROVIDER: 'hardware' is no entry point"),
        ({}, "kaowu keys create"),
    ],
)
def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path, given: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        open_keys(settings(tmp_path, **given))


def test_half_of_the_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="belong together"):
        settings(tmp_path, lookup_key=HEX)


def test_another_provider_takes_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    keys = open_keys(settings(tmp_path, key_provider="tests.sm4:open_keys"))
    assert isinstance(keys, Sm4Keys)
    sealed = keys.encrypt(b"value", HERE)
    assert (sealed[0], keys.decrypt(sealed, HERE), len(keys.lookup_hash("x"))) == (keys.current(), b"value", 32)
    with pytest.raises(InvalidTag):
        FileKeys(sealed[0], {sealed[0]: bytes(32)}, bytes(32)).decrypt(sealed, HERE)
