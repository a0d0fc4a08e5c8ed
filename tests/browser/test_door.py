"""A phone at the school gate: prepared online, offline through closed pages, everything sent once by its officer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select, update

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role, system_actor
from core.plugin_api import Grade
from core.printing.qr_codes import svg
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.tickets.service import Ticket, code_fields, tickets
from core.security.signatures import PaperKeys
from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.examined import qualified
from tests.browser.exams import _place, _seat
from tests.browser.town import Town
from tests.cases import CITY, YEAR, at

MORNING = at(6, 22, 8, 30)
_READY = "已可离线使用"
_SCHEDULER = Actor(new_id(), "测试考务员", Role.SCHEDULER, office_id=CITY)


@dataclass(frozen=True)
class Gate:
    """A door on the morning of its exam, and the ticket that it expects."""

    town: Town
    sitting: UUID
    ticket: Ticket

    @property
    def address(self) -> str:
        """Where the door is."""
        return f"{self.town.address}/exams/day/{self.sitting}"

    def code(self, *, keys: PaperKeys | None = None, **changed: str) -> str:
        """A ticket's code, with other fields or by another key."""
        names = ("kind", "number", "name", "tail", "seats")
        fields = dict(zip(names, code_fields(self.ticket), strict=True)) | changed
        return (keys or self.town.web.platform.paper_keys).code(*fields.values())

    def noted(self) -> list[Any]:
        """What the server has of the candidate: how it was noted, and by whom."""
        with OfficeSession(self.town.web.platform.engine, actor=system_actor(CITY), now=MORNING) as session:
            wanted = select(Attendance.state, Attendance.way, Attendance.noted_by)
            return [
                tuple(row)
                for row in session.execute(wanted.where(Attendance.application_id == self.ticket.application_id))
            ]


@pytest.fixture
def gate(town: Town) -> Iterator[Gate]:
    """The gate on the morning of an exam of one candidate, whose plan is superseded afterwards."""
    before, engine = town.web.clock.now, town.web.platform.engine
    _, case = qualified(town, Grade.FIVE)
    with OfficeSession(engine, actor=_SCHEDULER, now=before) as session, session.begin():
        site, sitting = _place(session, new_id().hex[-6:].upper())
        plan = _seat(session, UUID(case), site, sitting, "level_one_theory")
        [ticket] = tickets(session, application_ids=[UUID(case)])
    town.web.clock.set(MORNING)
    yield Gate(town, sitting, ticket)
    town.web.clock.set(before)
    with OfficeSession(engine, actor=_SCHEDULER, now=before) as session, session.begin():
        session.execute(update(Seat).where(Seat.plan_id == plan).values(voided_at=before))
        session.execute(update(Plan).where(Plan.id == plan).values(state="superseded", superseded_at=before))


def _open(context: BrowserContext, gate: Gate) -> Page:
    page = context.new_page()
    page.clock.set_fixed_time(MORNING)
    page.goto(gate.address)
    return page


def _show(page: Page, code: str) -> None:
    page.get_by_label("准考证号或二维码内容").fill(code)
    page.get_by_role("button", name="登记到场").click()


def _refuses(page: Page, code: str, words: str) -> None:
    _show(page, code)
    expect(page.locator("#door-said")).to_contain_text(words)


def _refuses_what_does_not_belong(page: Page, gate: Gate) -> None:
    number = gate.ticket.number
    forger = PaperKeys((Ed25519PrivateKey.generate(),))
    for code, words in (
        ("AAAA" * 40, "没有本平台的签名"),
        (gate.code(keys=forger), "可能被改动或伪造"),
        (gate.code(kind="certificate"), "不是准考证"),
        (gate.code(number=f"{YEAR - 1}{number[4:]}"), f"{YEAR - 1}年度的准考证"),
        (gate.code(number=f"{number[:4]}9999{number[8:]}"), "不是本机构签发的"),
        (gate.code(number=f"{number[:8]}9999998", seats="07011400 K77 测试考场 3"), "其他场次的（7月1日 14:00"),
        (gate.code(number=f"{number[:8]}9999998", seats="06220900 K77 别处考场 3"), "考点不在这里"),
        (gate.code(number=f"{number[:8]}9999998"), "签名有效，但"),
        (f"{number[:8]}9999997", "不在本场次名单中"),
    ):
        _refuses(page, code, words)


def _works_offline(page: Page, gate: Gate) -> None:
    expect(page.get_by_text("没有网络：正在使用本机保存的名单")).to_be_visible()
    expect(page.locator("#door-ready")).to_contain_text("名单版本")
    _refuses_what_does_not_belong(page, gate)
    _show(page, gate.code())
    expect(page.locator("#door-said")).to_contain_text("已登记，座位：第一考场 1号")
    expect(page.get_by_text("已到，待上传")).to_be_visible()
    _refuses(page, gate.ticket.number, "已登记到场")


def _waits_for_its_officer(page: Page, gate: Gate) -> None:
    """The session has ended, and a colleague takes the phone: nothing is sent until its officer signs in."""
    waiting = page.locator("#door-waiting")
    expect(waiting).to_contain_text("还有1条没有送到，请保持网络。")
    page.context.set_offline(False)
    expect(waiting).to_contain_text("登录已失效")
    page.context.add_cookies([gate.town.cookie("relief")])
    page.goto(gate.address)
    expect(waiting).to_contain_text("须由")
    expect(page.get_by_text("已到，待上传")).to_be_visible()
    assert gate.noted() == []
    page.context.add_cookies([gate.town.cookie("gatekeeper")])
    page.goto(gate.address)
    expect(waiting).to_have_text("全部已送到服务器。")


def _leaves_nothing_behind(page: Page) -> None:
    page.locator(".who summary").last.click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_function("location.pathname === '/'")
    assert page.evaluate("localStorage.getItem('kaowu-door')") is None
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


def test_a_prepared_phone_works_offline_and_its_officer_sends_each_note_once(visit: Visit, gate: Gate) -> None:
    town = gate.town
    for who in ("gatekeeper", "relief"):
        town.let_in(who, town.web.staff(Role.EXAMINER, CITY))
    context = visit("gatekeeper", viewport=PHONE).page.context
    page = _open(context, gate)
    expect(page.locator("#door-ready")).to_contain_text(_READY)
    context.set_offline(True)
    page.close()
    page = _open(context, gate)
    _works_offline(page, gate)
    page.close()
    town.sign_out("gatekeeper")
    page = _open(context, gate)
    _waits_for_its_officer(page, gate)
    page.reload()
    expect(page.locator("[data-state]", has_text="已到")).to_have_count(1)
    [(state, way, by)] = gate.noted()
    account = town.person("gatekeeper").get("/me").json()["account_id"]
    assert (state, way, str(by)) == ("present", "scan", account)
    _leaves_nothing_behind(page)


_BEFORE_THE_CAMERA = """async (drawing) => {
    const image = new Image();
    image.src = "data:image/svg+xml;base64," + btoa(drawing);
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 480 });
    const drawn = canvas.getContext("2d");
    setInterval(() => drawn.drawImage(image, 0, 0, 480, 480), 100);
    navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(10);
}"""


def test_a_browser_of_2020_reads_and_verifies_codes_by_what_it_was_given(visit: Visit, gate: Gate) -> None:
    window = visit("examiner", viewport=PHONE, old=True)
    page = window.page
    page.clock.set_fixed_time(MORNING)
    page.goto(gate.address)
    expect(page.locator("#door-ready")).to_contain_text(_READY)
    page.context.set_offline(True)
    page.reload()
    _refuses(page, gate.code(keys=PaperKeys((Ed25519PrivateKey.generate(),))), "可能被改动或伪造")
    page.evaluate(_BEFORE_THE_CAMERA, svg(gate.code(kind="certificate")))
    page.get_by_role("button", name="用摄像头扫描").click()
    expect(page.locator("#door-said")).to_contain_text("不是准考证")
    page.get_by_label("准考证号或二维码内容").fill(gate.code())
    page.locator("summary", has_text="不准入场").click()
    page.get_by_role("button", name="登记不准入场").click()
    expect(page.locator("#door-said")).to_contain_text("已登记")
    page.context.set_offline(False)
    expect(page.locator("#door-waiting")).to_have_text("全部已送到服务器。")
