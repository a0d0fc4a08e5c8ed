"""Acts after tickets are out, by pages: what the officer reads before, what people learn, what the pages say then."""

import re
from uuid import UUID

from sqlalchemy import select, update

from core.messages.models import Notice
from core.scheduling.models.sites import ExamSite
from core.scheduling.models.tickets import AdmissionTicket
from tests.browser.exams import _place, arrange_exams
from tests.browser.town import Town
from tests.callers import Web
from tests.pages.scheduling.test_exam_pages import Pages, _at_work

ALL = "有座位的考生都有准考证"
LOST = "1个考场（场次×考场）已不能使用，1名考生须重新安排座位"


def _number(web: Web, candidate: str) -> str:
    with _at_work(web) as session:
        wanted = select(AdmissionTicket.number).filter_by(application_id=UUID(candidate), voided_at=None)
        return session.scalars(wanted).one()


def _notices(web: Web, candidate: str) -> list[tuple[str, str]]:
    with _at_work(web) as session:
        wanted = select(Notice.kind, Notice.body).where(Notice.application_id == UUID(candidate)).order_by(Notice.id)
        return [(kind, body) for kind, body in session.execute(wanted) if kind.startswith(("ticket", "seat"))]


def test_a_closed_site_is_seen_told_and_replanned_and_every_paper_follows(web_alone: Web) -> None:
    web = web_alone
    town = Town("", web)
    places = arrange_exams(town)
    scheduler, candidate = Pages(web, town.person("scheduler")), places["candidate"]
    papers, first = "/exams/papers", f"/plans/{places['first_plan']}"
    assert ALL in scheduler.look(papers)
    assert scheduler.send(papers, f"/exams{first}/papers", kind="door_lists", sitting_id="").status_code == 303
    assert "已过期" not in scheduler.look(papers)
    with _at_work(web) as session, session.begin():
        _place(session, "K02")
    old = _number(web, candidate)
    _close(scheduler, places["site"])
    assert _notices(web, candidate)[-1][0] == "seat_lost"
    # Between the closing and the next plan every page says what is open, and nothing says that all is well.
    page = scheduler.look(papers)
    assert (ALL in page, LOST in page) == (False, True)
    assert LOST in scheduler.look(first)
    assert LOST in Pages(web, town.person("supervisor")).look("/season")
    center = Pages(web, town.person("center"))
    assert LOST in center.look("/board")
    assert LOST in center.look("/board/offices/linshui/qinghe")
    draft = _replan(scheduler, old)
    new = _number(web, candidate)
    kind, body = _notices(web, candidate)[-1]
    assert (kind, new != old) == ("ticket_reissued", True)
    assert f"（{old}）已作废，换发为{new}。变更内容：" in body
    page = scheduler.look(papers)
    assert (ALL in page, LOST in page) == (True, False)
    assert page.count("所属编排方案已被替代，请勿使用") == 2
    assert "2份考务资料已过期" in page
    public = web.client.get(f"/verify/ticket?code={old}").text
    assert re.search("作废（准考证载明的考点(、考场)?(、座位)?有变更），不能凭此入场", public)
    reason = town.person("scheduler").get("/tickets/verify", code=old).json()["void_reason"]
    assert f"作废（{reason}），不能凭此入场" in public
    assert "已被替代" in scheduler.look(first)
    assert LOST not in scheduler.look(draft)


def _close(scheduler: Pages, site: str) -> None:
    page = f"/exams/sites/{site}"
    asked = scheduler.send(page, f"{page}/close", reason="停电")
    assert asked.status_code == 200
    assert "1个座位须另行处理，1张准考证须换发，1人将收到通知" in asked.text
    assert 'name="reason" value="停电"' in asked.text
    assert re.search(r"<h1>请确认：停用考点</h1>\s*<p>[^<]+（K01），[^<]+</p>", asked.text)
    assert "已停用" not in scheduler.look(page)
    assert scheduler.send(page, f"{page}/close", reason="停电", confirmed="true").status_code == 303
    assert "已停用" in scheduler.look(page)


def _replan(scheduler: Pages, old: str) -> str:
    made = scheduler.send("/plans", "/plans", exam="computer_exam", anew="true", reason="考点停用")
    draft: str = made.headers["location"]
    page = scheduler.look(draft)
    assert "1名考生的座位有变动" in page
    assert len(re.findall(r'<td data-label="(?:原|新)座位">2024年6月22日 09:00至11:00', page)) == 2
    assert scheduler.fetch(f"{draft}/movers/export").content.startswith(b"PK")
    asked = scheduler.send(draft, f"{draft}/publish")
    assert re.search(r"<p>\d{4}年度人机对话考试，考点停用</p>", asked.text)
    assert (asked.status_code, "1张准考证须换发，1人将收到通知" in asked.text) == (200, True)
    assert f"作废（{old}）" not in scheduler.look("/exams/papers")
    assert scheduler.send(draft, f"{draft}/publish", confirmed="true").headers["location"] == draft
    return draft


def test_another_address_of_a_site_replaces_tickets_and_outdates_papers(web_alone: Web) -> None:
    web = web_alone
    town = Town("", web)
    places = arrange_exams(town)
    scheduler, candidate = Pages(web, town.person("scheduler")), places["candidate"]
    old, page = _number(web, candidate), f"/exams/sites/{places['site']}"
    with _at_work(web) as session:
        site = session.get_one(ExamSite, UUID(places["site"]))
        days = {"opens_on": site.opens_on.isoformat(), "closes_on": site.closes_on.isoformat()}
    changed = {"name": site.name, "address": "测试新路9号", "directions": "", **days}
    asked = scheduler.send(page, page, **changed)
    assert (asked.status_code, "1张准考证须换发，1人将收到通知" in asked.text) == (200, True)
    assert f"{site.name}（{site.code}），{site.address} → {site.name}，测试新路9号" in asked.text
    assert _number(web, candidate) == old
    assert scheduler.send(page, page, **changed, confirmed="true").status_code == 303
    new = _number(web, candidate)
    assert new != old
    kind, body = _notices(web, candidate)[-1]
    assert (kind, "考点（测试路1号）" in body, "考点（测试新路9号）" in body) == ("ticket_reissued", True, True)
    assert "准考证载明的考点地址有变更" in web.client.get(f"/verify/ticket?code={old}").text
    assert "该准考证现行有效" in web.client.get(f"/verify/ticket?code={new}").text
    own = web.look(town.person("candidate"), f"/my/applications/{candidate}/exam").text
    assert (f"准考证{old}已于" in own, "请重新打印下面这一张" in own) == (True, True)
    page = scheduler.look("/exams/papers")
    assert (ALL in page, page.count("生成后座位、考点、考生或监考有变化，请重新生成")) == (True, 1)
    _the_board_compares_tickets_in_a_second_request(web, Pages(web, town.person("center")))


def _the_board_compares_tickets_in_a_second_request(web: Web, center: Pages) -> None:
    differs, second = "1张准考证与现在的安排不一致", "/board?by=progress&amp;compared=true"
    with _at_work(web) as session, session.begin():
        session.execute(update(ExamSite).values(address="测试另一路9号"))
    at_once = center.look("/board")
    assert (differs in at_once, f'hx-get="{second}"' in at_once, f'href="{second}"' in at_once) == (False, True, True)
    compared = center.look("/board?compared=true")
    assert (differs in compared, "逐张与编排方案核对" in compared, "hx-get" in compared) == (True, True, False)


def test_a_change_that_reaches_nobody_asks_for_no_confirmation(web_alone: Web) -> None:
    town = Town("", web_alone)
    scheduler = Pages(web_alone, town.person("scheduler"))
    with _at_work(web_alone) as session, session.begin():
        site, _ = _place(session, "K03")
    page = f"/exams/sites/{site}"
    assert scheduler.send(page, f"{page}/close", reason="停电").status_code == 303
