"""The signed codes on papers: the public key is enough to read them, and no other text is believed."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.errors import ConfigurationError
from core.security.signatures import PaperKeys, RecordKeys, create_signing_keys, read_code
from tests.cases import PAPER_KEYS

FIELDS = ("ticket", "20244101000017", "测试甲0001", "")


def test_a_code_is_read_with_the_public_key_alone() -> None:
    assert read_code(PAPER_KEYS.code(*FIELDS), PAPER_KEYS.public) == FIELDS


def test_no_other_text_is_believed() -> None:
    code = PAPER_KEYS.code(*FIELDS)
    stranger = PaperKeys((Ed25519PrivateKey.generate(),))
    changed = code[:-3] + ("AAA" if code[-3:] != "AAA" else "BBB")
    for text in (changed, stranger.code(*FIELDS), "", "x", "考", code[:40], code + "\n", f" {code}"):
        assert read_code(text, PAPER_KEYS.public) is None


def test_a_code_outlives_a_change_of_keys() -> None:
    newer = PaperKeys((*PAPER_KEYS.private, Ed25519PrivateKey.generate()))
    assert read_code(PAPER_KEYS.code(*FIELDS), newer.public) == FIELDS
    assert newer.verify(b"paper", PAPER_KEYS.sign(b"paper"))
    assert not PAPER_KEYS.verify(b"paper", newer.sign(b"paper"))


def test_a_field_cannot_pretend_to_be_two() -> None:
    with pytest.raises(ValueError, match=r"U\+001F"):
        PAPER_KEYS.code("ticket", "a\x1fb")


def test_each_purpose_has_keys_of_its_own_and_none_is_made_twice(tmp_path: Path) -> None:
    create_signing_keys(tmp_path)
    made = PaperKeys.load(tmp_path).public
    assert made != RecordKeys.load(tmp_path).public
    create_signing_keys(tmp_path)
    assert PaperKeys.load(tmp_path).public == made
    (tmp_path / "papers-1.key").unlink()
    with pytest.raises(ConfigurationError, match=r"papers-N\.key"):
        PaperKeys.load(tmp_path)
