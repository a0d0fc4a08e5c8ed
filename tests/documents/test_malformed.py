"""A hundred malformed uploads over HTTP: each refused with a reason, nothing left behind, memory flat."""

import re
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents.conftest import Desk
from tests.documents.files import pdf, picture
from tests.documents.malformed import FILES, LARGE, MB, Malformed

_STATUS = Path("/proc/self/status")
_MOST_GROWTH = 96 * MB
"""Two images of the largest size that is accepted would take 320 MB, a single bomb of these cases hundreds."""


def _peak() -> int:
    """The most memory that this process has had since it was last reset, where the system can say; in bytes."""
    if _STATUS.exists():
        return int(re.findall(r"VmHWM:\s+(\d+) kB", _STATUS.read_text())[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _reset_peak() -> None:
    if _STATUS.exists():
        Path("/proc/self/clear_refs").write_text("5")


def test_there_are_more_than_a_hundred_of_them_and_no_two_alike() -> None:
    contents = [file.make() for file in FILES]
    assert len(FILES) > 100
    assert len({file.name for file in FILES}) == len(set(contents)) == len(FILES)


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_a_malformed_file_is_refused_and_leaves_nothing_behind(desk: Desk, case: Malformed) -> None:
    content = case.make()
    before = desk.kept()
    _reset_peak()
    at_rest = _peak()
    refused = desk.send(content, file_name="扫描件.pdf")
    growth = _peak() - at_rest
    assert (refused.status_code, refused.json()["error"]) == (422, case.code), refused.text
    assert re.search(r"请.+", refused.json()["detail"])
    assert refused.json()["fields"] == {"content": refused.json()["detail"]}
    assert desk.kept() == before
    assert growth < _MOST_GROWTH


@pytest.mark.parametrize("declared", ["10737418240", "5242881"])
def test_a_declared_length_beyond_the_limit_is_refused_before_anything_is_read(desk: Desk, declared: str) -> None:
    headers = {"Authorization": f"Bearer {desk.applicant.token}", "Content-Length": declared}
    asked = f"/api/v1{desk.path}?material=diploma&file_name=a.pdf"
    before = desk.kept()

    def never_read() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    refused = desk.web.client.post(asked, content=never_read(), headers=headers)
    assert (refused.status_code, refused.json()["error"]) == (422, LARGE)
    assert desk.kept() == before


def test_a_stream_without_a_length_is_cut_off_at_the_limit(desk: Desk) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 8 * MB:
            sent += MB
            yield b"%PDF-1.7" + b"\0" * (MB - 8)

    headers = {"Authorization": f"Bearer {desk.applicant.token}"}
    before = desk.kept()
    refused = desk.web.client.post(
        f"/api/v1{desk.path}?material=diploma&file_name=a.pdf", content=endless(), headers=headers
    )
    assert (refused.status_code, refused.json()["error"]) == (422, LARGE)
    assert desk.kept() == before


NAMES = {
    "../../../../etc/passwd": "passwd",
    "..\\..\\windows\\system32\\cmd.exe": "cmd.exe",
    "/etc/shadow": "shadow",
    "C:\\Users\\测试\\学历.pdf": "学历.pdf",
    "学历\x00.pdf": "学历.pdf",
    "学历\r\nSet-Cookie: a=b.pdf": "学历Set-Cookie: a=b.pdf",
    "gpj\u202ecod.pdf": "gpjcod.pdf",
    "\u200b\u2066学历\ufeff.pdf": "学历.pdf",
    "\x1b[31m学历.pdf": "[31m学历.pdf",
    "a" * 190 + ".pdf": "a" * 116 + ".pdf",
    "..": "..",
    "/": "未命名",
    " ": "未命名",
    "<script>alert(1)</script>.pdf": "script>.pdf",
    "'; DROP TABLE documents; --.pdf": "'; DROP TABLE documents; --.pdf",
    "%2e%2e%2fpasswd": "%2e%2e%2fpasswd",
}


@pytest.mark.parametrize(("given", "kept"), NAMES.items())
def test_a_name_leads_nowhere_and_carries_no_control_character(desk: Desk, given: str, kept: str) -> None:
    sent = desk.send(pdf(), material="diploma", file_name=given)
    assert sent.status_code == 201, sent.text
    assert sent.json()["file_name"] == kept
    files, _ = desk.kept()
    assert {Path(file).parent.parent for file in files} == {desk.folder}
    got = desk.applicant.get(f"/documents/{sent.json()['id']}")
    assert got.content == pdf()
    assert "\n" not in got.headers["content-disposition"]
    assert "set-cookie" not in got.headers


@pytest.mark.parametrize("material", ["../up", "Photo", "a/b", "a b", "", "x" * 65, "照片", "a\n"])
def test_a_material_is_a_code_and_nothing_else(desk: Desk, material: str) -> None:
    before = desk.kept()
    assert desk.send(picture(), material=material).status_code == 422
    assert desk.kept() == before
