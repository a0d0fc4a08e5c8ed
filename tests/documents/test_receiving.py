"""Uploading and looking over HTTP: repeated requests, interrupted ones, and how a file is shown."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from core.db.session import Role
from tests.callers import API
from tests.cases import CITY
from tests.documents.conftest import Desk
from tests.documents.files import pdf, photo, picture
from tests.serving import served


@pytest.fixture
def listening(desk: Desk) -> Iterator[int]:
    """The application on a free port of this machine."""
    with served(desk.web.client.app) as (_, port):
        yield port


def _request(desk: Desk, port: int, *, declared: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(
        f"POST {API}{desk.path}?material=diploma&file_name=a.pdf HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {desk.applicant.token}\r\nContent-Length: {declared}\r\n\r\n".encode()
    )
    return connection


def test_an_upload_that_breaks_off_leaves_nothing_behind(desk: Desk, listening: int) -> None:
    before = desk.kept()
    for sent in (0, 1, 3_000_000):
        with _request(desk, listening, declared=4_000_000) as connection:
            connection.sendall(pdf()[:1] * sent)
    # The same connection pool still answers, after the broken ones have been noticed.
    with _request(desk, listening, declared=5) as connection:
        connection.sendall(b"hello")
        assert b" 422 " in connection.recv(4096)
    assert desk.kept() == before


def test_ten_gigabytes_are_refused_without_being_sent(desk: Desk, listening: int) -> None:
    before = desk.kept()
    with _request(desk, listening, declared=10 * 1024**3) as connection:
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while b"document_too_large" not in answer and (part := connection.recv(4096)):
                answer += part
    assert answer.startswith(b"HTTP/1.1 422")
    assert "请压缩后重新上传".encode() in answer
    assert desk.kept() == before


def test_the_same_upload_under_one_key_is_kept_once(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.applicant.token}", "Idempotency-Key": "upload-1"}
    path = f"{API}{desk.path}?material=contract&file_name=a.png"
    first = desk.web.client.post(path, content=picture(), headers=headers)
    kept = desk.kept()
    again = desk.web.client.post(path, content=picture(), headers=headers)
    other = desk.web.client.post(path, content=picture(size=(9, 9)), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["error"]) == (409, "idempotency_key_reused")
    assert desk.kept() == kept


def test_a_photo_comes_back_without_its_notes(desk: Desk) -> None:
    sent = desk.send(photo(size=(1158, 826)), material="photo", file_name="照片.jpg").json()
    got = desk.applicant.get(f"/documents/{sent['id']}")
    assert len(got.content) == sent["size"]
    assert "测试甲0001".encode() not in got.content


@pytest.mark.parametrize(("content", "media_type"), [(pdf(), "application/pdf"), (picture(), "image/png")])
@pytest.mark.parametrize(("address", "disposition"), [("", "attachment"), ("/preview", "inline")])
def test_a_file_is_saved_or_shown_where_it_runs_nothing(
    desk: Desk, content: bytes, media_type: str, address: str, disposition: str
) -> None:
    sent = desk.send(content, material="diploma", file_name="学历 1.pdf").json()
    got = desk.applicant.get(f"/documents/{sent['id']}{address}")
    assert got.status_code == 200
    assert got.headers["content-type"] == media_type
    assert got.headers["content-disposition"] == f"{disposition}; filename*=UTF-8''%E5%AD%A6%E5%8E%86%201.pdf"
    policy = got.headers.get_list("content-security-policy")
    assert len(policy) == 1
    # Older browsers show no PDF in a sandbox; it is read by the browser's reader, which has no part in the page.
    read = (media_type, disposition) == ("application/pdf", "inline")
    assert policy[0].startswith("default-src 'none'" if read else "sandbox; default-src 'none'")
    assert "script-src" not in policy[0]
    assert policy[0].endswith("frame-ancestors 'self'")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"
    assert len(got.content) == int(got.headers["content-length"]) == sent["size"]


def test_nobody_else_reaches_a_file_by_its_address(desk: Desk) -> None:
    sent = desk.send(pdf()).json()
    others = [desk.web.applicant(), desk.web.staff(Role.CITY_REVIEWER, CITY)]
    for address in (f"/documents/{sent['id']}", f"/documents/{sent['id']}/preview"):
        assert [other.get(address).status_code for other in others] == [404, 404]
