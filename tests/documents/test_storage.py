"""One behaviour of every store: a folder of this machine, and a bucket of an S3 server that runs beside the tests."""

import logging
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import obstore
import pytest
from moto.server import ThreadedMotoServer

from core.documents.storage import BucketStore, DocumentStorage, DocumentStore, open_storage
from core.settings import Settings


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server on a free port of this machine."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStorage:
    if request.param == "folder":
        return open_storage(Settings.load(data_dir=tmp_path))
    address: str = request.getfixturevalue("s3")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    name = f"papers-{uuid.uuid4().hex}"
    boto3.client("s3", endpoint_url=address, region_name="us-east-1", **keys).create_bucket(Bucket=name)
    made = open_storage(
        Settings.load(
            data_dir=tmp_path,
            documents_bucket=f"{name}/kaowu",
            documents_endpoint=address,
            documents_region="us-east-1",
            documents_access_key="test",
            documents_secret_key="test",
        )
    )
    assert isinstance(made, BucketStore)
    return made


def test_what_was_put_is_read_again(store: DocumentStorage) -> None:
    chunks = [b"a" * 70_000, b"", b"b" * 3]
    store.put("one/paper", iter(chunks))
    assert b"".join(store.read("one/paper")) == b"".join(chunks)
    assert store.size("one/paper") == 70_003


def test_a_large_file_goes_up_in_parts(store: DocumentStorage) -> None:
    store.put("one/large", (bytes([number]) * 1024 * 1024 for number in range(13)))
    assert store.size("one/large") == 13 * 1024 * 1024
    assert [chunk[:1] for chunk in store.read("one/large")][0] == b"\0"  # noqa: RUF015 - the whole is read


def test_a_file_that_is_not_there_is_missed_at_once(store: DocumentStorage) -> None:
    with pytest.raises(FileNotFoundError):
        store.read("one/nothing")
    assert store.size("one/nothing") is None
    store.delete("one/nothing")


def test_what_was_deleted_is_gone(store: DocumentStorage) -> None:
    store.put("one/paper", [b"x"])
    store.delete("one/paper")
    assert store.size("one/paper") is None
    assert list(store.files()) == []


def test_every_file_is_listed_with_its_size_and_moment(store: DocumentStorage) -> None:
    store.put("one/a", [b"x"])
    store.put("two/b", [b"xyz"])
    found = sorted(store.files(), key=lambda file: file.name)
    assert [(file.name, file.size) for file in found] == [("one/a", 1), ("two/b", 3)]
    assert all(abs(datetime.now(UTC) - file.modified_at) < timedelta(minutes=5) for file in found)


def test_a_file_that_breaks_off_leaves_nothing(store: DocumentStorage) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"x" * 6_000_000
        raise ConnectionError("the other end is gone")

    with pytest.raises((ConnectionError, obstore.exceptions.BaseError)):
        store.put("one/paper", breaking())
    assert list(store.files()) == []


def test_only_the_services_own_account_enters_the_folder(tmp_path: Path) -> None:
    DocumentStore(tmp_path / "documents").put("one/paper", [b"x"])
    for path in (tmp_path / "documents").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_the_secret_of_the_bucket_is_never_shown(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path, documents_bucket="b", documents_secret_key="very-secret")
    assert "very-secret" not in repr(settings)
