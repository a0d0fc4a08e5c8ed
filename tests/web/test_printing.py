"""What is printed: A4, the official titles, numbered rows, page numbers, and text that can be selected."""

from __future__ import annotations

import re
import zlib
from typing import Any

import pytest

from core.db.session import Role
from core.web.printing import pdf
from tests.cases import OTHER_CITY, YEAR
from tests.web.conftest import Web

ROSTER: dict[str, Any] = {
    "title": "需现场审查人员名册表",
    "footer": "第1版",
    "digest": "0" * 64,
    "code": "名册",
    "unit": "测试单位#[*]$",
    "year": YEAR,
    "version": 1,
    "made_at": "2024年3月25日 09:00",
    "columns": ["序号", "姓名"],
}


def pages(content: bytes) -> int:
    """How many pages a PDF has, from its objects, compressed ones included."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    text = content + b"".join(_unpacked(one) for one in streams)
    return len(re.findall(rb"/Type\s*/Page\b", text))


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


@pytest.mark.parametrize(("people", "sheets"), [(1, 1), (60, 2)])
def test_a_roster_is_as_long_as_its_rows_and_can_be_selected(people: int, sheets: int) -> None:
    made = pdf("roster", {**ROSTER, "rows": [[str(one), "测试𠮷甲"] for one in range(people)]})
    assert made.startswith(b"%PDF-")
    assert pages(made) == sheets
    # The glyphs say which characters they are.
    assert b"/ToUnicode" in made


def test_nothing_that_is_told_is_read_as_markup() -> None:
    sly = {**ROSTER, "unit": '#read("/etc/passwd")', "rows": [["1", '#panic("told")']]}
    assert pdf("roster", sly).startswith(b"%PDF-")


def test_a_roster_is_printed_by_its_unit_alone(web: Web) -> None:
    unit_id = web.unit(OTHER_CITY)
    manager, other = (web.staff(Role.UNIT_MANAGER, OTHER_CITY, unit_id=one) for one in (unit_id, web.unit(OTHER_CITY)))
    applicant, office = web.applicant(), web.staff(Role.CITY_REVIEWER, OTHER_CITY)
    path = f"/applications/{web.draft(applicant, unit_id)['id']}"
    for who, act in ((applicant, "submit"), (manager, "approve")):
        assert who.post(f"{path}/{act}", {}).status_code == 200
    asked = office.get(f"{path}/findings/unsettled").json()
    settled = [{"finding_id": one["id"], "satisfied": True, "reason": "已核对人事档案"} for one in asked]
    assert office.post(f"{path}/approve", {"answers": settled}).status_code == 200
    roster = manager.post("/rosters", {"kind": "onsite", "year": YEAR}).json()["id"]
    for form in ("pdf", "excel"):
        for who, status in ((manager, 200), (other, 404)):
            answer = web.look(who, f"/unit/rosters/{roster}/{form}")
            assert answer.status_code == status
