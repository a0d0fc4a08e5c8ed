"""The same malformed uploads where a file belongs to no application: each refused, nothing left behind, memory flat."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.db.session import ProvinceSession, Role, system_actor
from core.documents.attachment_queries import every_attachment
from tests.callers import API, Caller
from tests.cases import PROVINCE, at
from tests.documents.conftest import Desk
from tests.documents.files import pdf
from tests.documents.malformed import FILES, LARGE, MB, Malformed
from tests.documents.test_malformed import _MOST_GROWTH, NAMES, _peak, _reset_peak

SMALL = [file for file in FILES if file.code != LARGE]
MOST = 10 * MB


@dataclass
class Filed:
    """A unit's annex form, to which files are sent."""

    desk: Desk
    manager: Caller
    form_id: str

    def send(self, content: bytes, file_name: str = "登记表.pdf", **more: str) -> Any:
        """Add a file."""
        asked = {"subject": "manager_form", "subject_id": self.form_id, "kind": "annex", "file_name": file_name}
        return self.manager.upload("/attachments", content, **(asked | more))

    def kept(self) -> tuple[set[Path], int]:
        """Every such file in the store, and how many the database knows."""
        actor = system_actor(PROVINCE)
        with ProvinceSession(self.desk.web.platform.engine, actor=actor, now=at(3, 25)) as session:
            rows = sum(1 for _ in every_attachment(session))
        return {path for path in (self.desk.folder / "attachments").rglob("*") if path.is_file()}, rows


@pytest.fixture
def filed(desk: Desk) -> Filed:
    unit = desk.web.unit()
    manager = desk.web.staff(Role.UNIT_MANAGER, unit_id=unit)
    details = {
        "name": "测试管理员0001",
        "sex": "female",
        "department": "人事科",
        "post": "科员",
        "office_phone": "0379-00000000",
        "mobile": "13900000000",
    }
    made = manager.post(f"/units/{unit}/manager-forms", details)
    assert made.status_code == 201, made.text
    return Filed(desk, manager, made.json()["id"])


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_a_malformed_file_is_refused_and_leaves_nothing_behind(filed: Filed, case: Malformed) -> None:
    content = case.make()
    before = filed.kept()
    _reset_peak()
    at_rest = _peak()
    refused = filed.send(content)
    growth = _peak() - at_rest
    assert (refused.status_code, refused.json()["error"]) == (422, case.code), refused.text
    assert re.search(r"请.+", refused.json()["detail"])
    assert refused.json()["fields"] == {"content": refused.json()["detail"]}
    assert filed.kept() == before
    assert growth < _MOST_GROWTH


def test_a_file_that_is_too_large_is_refused_by_what_it_says_and_by_what_it_is(filed: Filed) -> None:
    before = filed.kept()
    headers = {"Authorization": f"Bearer {filed.manager.token}"}
    asked = f"{API}/attachments?subject=manager_form&subject_id={filed.form_id}&kind=annex&file_name=a.pdf"

    def never_read() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    def endless() -> Iterator[bytes]:
        for _ in range(16):
            yield b"%PDF-1.7" + b"\0" * (MB - 8)

    declared = headers | {"Content-Length": str(MOST + 1)}
    for refused in (
        filed.desk.web.client.post(asked, content=never_read(), headers=declared),
        filed.desk.web.client.post(asked, content=endless(), headers=headers),
    ):
        assert (refused.status_code, refused.json()["error"], "10MB" in refused.json()["detail"]) == (422, LARGE, True)
    assert filed.kept() == before


@pytest.mark.parametrize(("given", "kept"), NAMES.items())
def test_a_name_leads_nowhere_and_carries_no_control_character(filed: Filed, given: str, kept: str) -> None:
    sent = filed.send(pdf(), given)
    assert (sent.status_code, sent.json().get("file_name")) == (201, kept), sent.text
    got = filed.manager.get(f"/attachments/{sent.json()['id']}")
    assert got.content == pdf()
    assert "\n" not in got.headers["content-disposition"]
    assert got.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert (got.headers["x-content-type-options"], got.headers["cache-control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"kind": "../annex"}, 422),
        ({"kind": "evidence"}, 422),
        ({"subject": "person"}, 422),
        ({"subject": "delegation"}, 404),
        ({"subject_id": "00000000-0000-7000-8000-000000000000"}, 404),
        ({"subject_id": "../../etc"}, 422),
        ({"supersedes": "00000000-0000-7000-8000-000000000000", "reason": "测试"}, 422),
        ({"title": "题" * 101}, 422),
    ],
    ids=str,
)
def test_what_is_said_of_a_file_is_checked_as_well(filed: Filed, changed: dict[str, str], status: int) -> None:
    before = filed.kept()
    refused = filed.send(pdf(), **changed)
    assert refused.status_code == status, refused.text
    assert filed.kept() == before
