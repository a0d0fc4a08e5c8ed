"""Printed papers: A4, the official titles, numbered rows, page numbers, and text that can be selected."""

import re
from typing import Any
from uuid import UUID

import pytest

from core.db.session import Role
from core.printing.pdf import pdf
from tests.callers import Caller, Web
from tests.cases import OTHER_CITY, YEAR
from tests.reading import pages_of

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


@pytest.mark.parametrize(("people", "sheets"), [(1, 1), (60, 2)])
def test_a_roster_is_as_long_as_its_rows_and_can_be_selected(people: int, sheets: int) -> None:
    made = pdf("roster", {**ROSTER, "rows": [[str(number), f"测试𠮷甲{number:04d}"] for number in range(people)]})
    assert made.startswith(b"%PDF-")
    read = pages_of(made)
    assert len(read) == sheets
    assert all("测试单位#[*]$" in page for page in read[:1])
    text = "".join(read)
    assert "需现场审查人员名册表" in text
    # A reader finds every name by its characters, one from outside the usual plane among them.
    assert [text.count(f"测试𠮷甲{number:04d}") for number in range(people)] == [1] * people


def test_nothing_that_is_told_is_read_as_markup() -> None:
    sly = {**ROSTER, "unit": '#read("/etc/passwd")', "rows": [["1", '#panic("told")']]}
    [page] = pages_of(pdf("roster", sly))
    assert '#read("/etc/passwd")' in page
    assert '#panic("told")' in page


def _to_come(web: Web, manager: Caller, unit_id: UUID, applicant: Caller) -> None:
    """Have an application go through to the confirmation on site."""
    office = web.staff(Role.CITY_REVIEWER, OTHER_CITY)
    path = f"/applications/{web.draft(applicant, unit_id)['id']}"
    assert applicant.post(f"{path}/submit", {}).status_code == 200
    assert manager.decide(path, "approve").status_code == 200
    asked = office.get(f"{path}/findings/unsettled").json()
    settled = [{"finding_id": finding["id"], "satisfied": True, "reason": "已核对人事档案"} for finding in asked]
    assert office.decide(path, "approve", answers=settled).status_code == 200


def test_a_roster_is_printed_by_its_unit_alone_and_only_its_paper_has_full_numbers(web: Web) -> None:
    unit_id = web.unit(OTHER_CITY)
    manager, other = (
        web.staff(Role.UNIT_MANAGER, OTHER_CITY, unit_id=unit) for unit in (unit_id, web.unit(OTHER_CITY))
    )
    _to_come(web, manager, unit_id, web.applicant())
    roster = manager.post("/rosters", {"kind": "onsite", "year": YEAR}).json()["id"]
    for form in ("pdf", "excel"):
        for who, status in ((manager, 200), (other, 404)):
            answer = web.look(who, f"/unit/rosters/{roster}/{form}")
            assert answer.status_code == status
    paper = "".join(pages_of(web.look(manager, f"/unit/rosters/{roster}/pdf").content))
    assert re.search(r"41\d{4}19800506\d{3}[0-9X]", paper)
    assert "*" * 14 in str(manager.get(f"/rosters/{roster}").json())


def test_the_page_of_rosters_says_whose_name_no_font_has(web: Web) -> None:
    unit_id = web.unit(OTHER_CITY)
    manager = web.staff(Role.UNIT_MANAGER, OTHER_CITY, unit_id=unit_id)
    _to_come(web, manager, unit_id, web.applicant("测\U0002ebf0试"))
    page = web.look(manager, "/unit/rosters").text
    for said in ("有打印不出的字", "测\U0002ebf0试", "U+2EBF0", "KAOWU_FONTS_DIR"):
        assert said in page
    refused = manager.post("/rosters", {"kind": "onsite", "year": YEAR})
    assert (refused.status_code, refused.json()["error"]) == (409, "paper_unprintable")
