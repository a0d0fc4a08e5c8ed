"""The page of a site in a sitting: every paper is offered and ordered, telephones are stated, others see nothing."""

from uuid import UUID

from sqlalchemy import select

from core.db.base import new_id
from core.scheduling.models.tickets import PaperJob
from core.scheduling.tickets.paper_kinds import KIND_NAMES, PaperKind
from tests.browser.exams import arrange_exams
from tests.browser.town import Town
from tests.callers import Web
from tests.pages.scheduling.test_exam_pages import Pages, _at_work


def test_a_site_offers_every_paper_and_all_of_them_in_one_file(web_alone: Web) -> None:
    web = web_alone
    town = Town("", web)
    places = arrange_exams(town)
    scheduler = Pages(web, town.person("scheduler"))
    page = f"/exams/sites/{places['site']}/sittings/{places['sitting']}/papers"
    assert f'href="{page}"' in scheduler.look("/exams/papers")
    shown = scheduler.look(page)
    assert "1个考场，1人" in shown
    for kind in PaperKind:
        assert (f'value="{kind.value}"' in shown) is (kind is not PaperKind.TICKETS), kind
    for kind in (PaperKind.WHOLE_SITE, PaperKind.DESK_LABELS):
        sent = scheduler.send(page, page, kind=kind.value)
        assert (sent.status_code, sent.headers["location"]) == (303, f"{page}#jobs")
        assert f"<h3>{KIND_NAMES[kind]}，" in scheduler.look(page)
    with _at_work(web) as session:
        found = session.execute(select(PaperJob.kind, PaperJob.site_id, PaperJob.sitting_id))
        jobs = {row for row in found if row.kind != "tickets"}
    at = (UUID(places["site"]), UUID(places["sitting"]))
    assert jobs == {("whole_site", *at), ("desk_labels", *at)}
    _telephones_are_stated(scheduler, page)
    assert scheduler.fetch(page.replace(places["site"], str(new_id()))).status_code == 404
    assert Pages(web, town.person("city")).fetch(page).status_code == 403


def _telephones_are_stated(scheduler: Pages, page: str) -> None:
    wrong = scheduler.send(page, page.replace("papers", "contacts"), contacts="考点主考 测试丙0001")
    assert (wrong.status_code, "第1行不完整" in wrong.text, "考点主考 测试丙0001" in wrong.text) == (422, True, True)
    stated = scheduler.send(page, page.replace("papers", "contacts"), contacts="考点主考 测试丙0001 0379-60000001")
    assert stated.status_code == 303
    shown = scheduler.look(page)
    assert "考点主考，测试丙0001，0379-60000001" in shown
    assert "生成后座位、考点、考生或监考有变化，请重新生成" in shown
