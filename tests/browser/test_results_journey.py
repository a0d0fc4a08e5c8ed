"""From two officers' tables to a certificate in its holder's hands: told, checked, handed over, lost, verified."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.applications.rules.document import RuleDocument
from core.db.server.embedded import EmbeddedServer
from core.db.session import Role
from core.plugin_api import Grade
from core.tenancy.offices import Offices
from tests.browser.chromium import DESKTOP, PHONE, Watched
from tests.browser.conftest import Visit, serve_town
from tests.browser.examined import made
from tests.browser.town import Town
from tests.cases import CITY, YEAR, answers

SUBJECTS = ("岗位技能", "职业道德", "职业能力")


@dataclass(frozen=True)
class Candidate:
    """Who takes part, under which name their windows open, and their case."""

    who: str
    case: str
    reference: str
    name: str


@pytest.fixture(scope="module")
def town(
    database_server: EmbeddedServer,
    worker_id: str,
    linshui_offices: tuple[Offices, RuleDocument],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Town]:
    """A town of its own: its clock runs on to the certificates."""
    name = f"kaowu_results_{worker_id}"
    with serve_town(database_server, name, linshui_offices, tmp_path_factory.mktemp("results")) as served_town:
        yield served_town


@pytest.fixture(scope="module")
def people(town: Town) -> list[Candidate]:
    """Two candidates of one unit, its manager, and two examiners."""
    web, unit_id = town.web, town.web.unit()
    town._people |= {f"marker_{who}": web.staff(Role.EXAMINER, CITY) for who in ("one", "two")}
    town._people["sender"] = town.manager(unit_id)
    return [_candidate(town, unit_id, f"sat_{number}") for number in (1, 2)]


def _candidate(town: Town, unit_id: str, who: str) -> Candidate:
    applicant = town.web.applicant()
    case = town.web.draft(applicant, unit_id, answers(Grade.FIVE))["id"]
    made(applicant.post(f"/applications/{case}/submit", {}), 200)
    town.qualify(case, town.manager(unit_id))
    town._people[who] = applicant
    seen = made(town.person("city").get(f"/applications/{case}"), 200)
    return Candidate(who, case, str(seen["reference"]), str(seen["person_name"]))


def _table(rows: dict[str, tuple[str, ...]], order: tuple[str, ...] = ("申报编号", *SUBJECTS)) -> dict[str, object]:
    """A file of marks with its columns in an order."""
    lines = [",".join(order)]
    for reference, marks in rows.items():
        of_row = dict(zip(("申报编号", *SUBJECTS), (reference, *marks), strict=True))
        lines.append(",".join(of_row[title] for title in order))
    return {"name": "成绩.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}


def _upload(window: Watched, file: dict[str, object], button: str) -> None:
    window.page.locator("#file").set_input_files([file])  # type: ignore[list-item]
    window.page.get_by_role("button", name=button).click()


def test_from_two_tables_to_a_certificate_that_was_lost(visit: Visit, town: Town, people: list[Candidate]) -> None:
    fails, also = people
    rows = {fails.reference: ("59", "70", "60"), also.reference: ("80", "70", "59")}
    _marks_by_two_officers(visit, rows, fails)
    for person, subject in ((fails, "岗位技能"), (also, "职业能力")):
        _is_told_and_asks(visit, person, subject)
    _one_check_is_upheld_and_one_refused(visit, fails, also)
    _certificates_are_issued(town)
    _papers_go_to_the_unit_and_are_signed_for(visit, fails)
    number = made_number(town, fails)
    _lost_and_issued_again(visit, fails)
    _verified_by_number(visit, fails, number)


def _marks_by_two_officers(visit: Visit, rows: dict[str, tuple[str, ...]], wrong: Candidate) -> None:
    first = visit("marker_one", viewport=DESKTOP)
    first.go("/marks")
    _upload(first, _table(rows), "上传并核对")
    first.page.get_by_label("这张表没有姓名，只按编号对应").check()
    first.page.get_by_role("button", name="确认导入").click()
    expect(first.page.get_by_text("等待复核").first).to_be_visible()
    second = visit("marker_two", viewport=DESKTOP)
    second.go("/marks")
    second.page.get_by_role("link", name="成绩.csv").click()
    _upload(second, _table({**rows, wrong.reference: ("58", "70", "60")}), "比对并复核")
    expect(second.page.get_by_text("两份成绩表有1处不一致")).to_be_visible()
    line = second.page.get_by_role("row").filter(has_text=wrong.reference)
    for told in ("岗位技能", "第2行", "59.0", "58.0"):
        expect(line.first).to_contain_text(told)
    assert second.violations() == []
    _upload(second, _table(rows), "比对并复核")
    expect(second.page.get_by_label("这是我本人从考试系统或原始记录另行取得的")).to_be_visible()
    _upload(second, _table(rows, ("职业能力", "职业道德", "岗位技能", "申报编号")), "比对并复核")
    expect(second.page.get_by_text("已复核").first).to_be_visible()


def _is_told_and_asks(visit: Visit, person: Candidate, subject: str) -> None:
    mine = visit(person.who, viewport=PHONE)
    mine.go("/notices")
    expect(mine.page.locator("#content")).to_contain_text("成绩已公布")
    mine.go(f"/my/applications/{person.case}/results")
    expect(mine.page.locator("#content")).to_contain_text("24时前申请复查")
    assert mine.violations() == []
    mine.page.get_by_label("科目", exact=True).select_option(value=subject)
    mine.page.get_by_label("本人成绩").check()
    mine.page.get_by_label("理由").fill("与估分相差较大（测试）")
    mine.page.get_by_role("button", name="提交复查申请").click()
    expect(mine.page.get_by_text("待答复").first).to_be_visible()
    expect(mine.page.get_by_text("已申请复查，见下")).to_be_visible()


def _one_check_is_upheld_and_one_refused(visit: Visit, upheld: Candidate, refused: Candidate) -> None:
    office = visit("marker_one", viewport=DESKTOP)
    office.go("/marks/checks")
    panel = office.page.locator("section.panel").filter(has_text=refused.reference)
    panel.get_by_label("核查情况和结论").fill("核对作答记录，计分无误（测试）")
    panel.get_by_role("button", name="答复核查无误").click()
    panel = office.page.locator("section.panel").filter(has_text=upheld.reference)
    panel.get_by_label("核查情况和结论").fill("漏计一题（测试）")
    panel.get_by_text("成绩有误，提出更正").click()
    panel.get_by_label("分数").fill("60")
    panel.get_by_label("依据", exact=True).fill("作答记录第12题（测试）")
    panel.get_by_role("button", name="答复有误并提出更正").click()
    supervisor = visit("supervisor", viewport=DESKTOP)
    supervisor.go("/marks/corrections")
    supervisor.page.get_by_role("button", name="同意更正").first.click()
    expect(supervisor.page.get_by_text("已更正").first).to_be_visible()
    mine = visit(refused.who, viewport=PHONE)
    mine.go(f"/my/applications/{refused.case}/results")
    expect(mine.page.get_by_text("核查无误").first).to_be_visible()


def _certificates_are_issued(town: Town) -> None:
    supervisor = town.person("supervisor")
    made(town.person("marker_one").post("/outcomes/work-out", {"year": YEAR, "grades": [5]}), 200)
    listed = made(supervisor.post("/awards", {"year": YEAR, "grades": [5]}))["id"]
    made(supervisor.post(f"/awards/{listed}/publish", {}), 200)
    town.web.clock.advance(timedelta(days=10))
    made(supervisor.post(f"/awards/{listed}/close", {"notice_number": "清河测试〔2024〕21号"}), 200)
    assert made(supervisor.post(f"/awards/{listed}/issue", {}), 200)["count"] == 1


def _papers_go_to_the_unit_and_are_signed_for(visit: Visit, holder: Candidate) -> None:
    office = visit("city", viewport=DESKTOP)
    office.go("/certificates/ledger")
    expect(office.page.get_by_text("在库待发").first).to_be_visible()
    office.page.get_by_role("button", name="编批").click()
    office.page.get_by_label("单位经办人姓名").fill("测试经办人")
    office.page.get_by_role("button", name="登记移交").click()
    expect(office.page.get_by_text("已移交，待签领").first).to_be_visible()
    unit = visit("sender", viewport=PHONE)
    unit.go("/unit/certificates")
    unit.page.get_by_role("link", name="第1批").click()
    expect(unit.page.get_by_role("link", name="打印签收表（PDF）")).to_be_visible()
    unit.page.get_by_role("button", name="登记为已签领").click()
    expect(unit.page.get_by_text("已办结").first).to_be_visible()
    expect(unit.page.locator("#content")).to_contain_text(f"{holder.name} ")
    assert unit.violations() == []


def made_number(town: Town, holder: Candidate) -> str:
    """The number of the holder's certificate."""
    (paper,) = town.person(holder.who).get("/certificates").json()
    return str(paper["number"])


def _lost_and_issued_again(visit: Visit, holder: Candidate) -> None:
    mine = visit(holder.who, viewport=PHONE)
    mine.go("/certificates/own")
    mine.page.get_by_role("link", name="申请更换、补办").click()
    mine.page.get_by_label("补办：证书遗失或损毁").check()
    mine.page.locator("textarea[name=reason]").fill("搬家时遗失（测试）")
    mine.page.get_by_role("button", name="提出", exact=True).click()
    expect(mine.page.get_by_text("换发、补办申请正在办理")).to_be_visible()
    for who, buttons in (("city", ("提出换发", "确认提出")), ("supervisor", ("同意换发",))):
        officer = visit(who, viewport=DESKTOP)
        officer.go("/certificates/reissues")
        officer.page.get_by_role("row").filter(has_text=holder.name).get_by_role("link").first.click()
        for button in buttons:
            officer.page.locator("#content").get_by_text(button, exact=True).first.click()
    ledger = visit("city", viewport=DESKTOP)
    ledger.go("/certificates/ledger")
    expect(ledger.page.get_by_text("遗失已补办").first).to_be_visible()
    expect(ledger.page.get_by_text("在库待发").first).to_be_visible()


def _verified_by_number(visit: Visit, holder: Candidate, number: str) -> None:
    anybody = visit(None, viewport=PHONE)
    anybody.go("/verify")
    anybody.page.get_by_label("证书编号").fill(number)
    anybody.page.get_by_label("持证人姓名").fill(holder.name)
    anybody.page.get_by_role("button", name="查验", exact=True).click()
    expect(anybody.page.get_by_role("heading", name="证书已换发")).to_be_visible()
    expect(anybody.page.locator("#content")).to_contain_text("该证书已换发，新证号")
