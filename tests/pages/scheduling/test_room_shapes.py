"""The page of a room's shape, as a browser without scripts sends it: drawn again, saved, refused, set back."""

import re

import pytest

from core.db.session import Role
from tests.api.scheduling.test_exams import site
from tests.browser.town import Town
from tests.callers import Web
from tests.cases import CITY, OTHER_CITY
from tests.pages.scheduling.test_exam_pages import Pages

PLAIN = {"rows": "5", "columns": "6", "aisles": "", "cross_aisles": "", "numbering": "rows"}
DRAWN = {"rows": "6", "columns": "6", "aisles": "2、4", "cross_aisles": "3", "numbering": "serpentine"}


@pytest.fixture
def room(web: Web) -> str:
    """A room with thirty machines."""
    [made] = site(web.staff(Role.SCHEDULER, CITY))["rooms"]  # type: ignore[misc]
    return str(made["id"])  # type: ignore[index]


@pytest.fixture
def scheduler(web: Web) -> Pages:
    return Pages(web, web.staff(Role.SCHEDULER, CITY))


def ticked(page: str) -> list[str]:
    return re.findall(r'name="unusable"\s+value="(\d+-\d+)" checked', page)


def drawn(page: str) -> list[str]:
    """The words below the boxes, row by row."""
    return re.findall(r"列，</span>([^<]+)</span>", page)


def test_a_room_is_drawn_again_without_saving_and_then_saved(scheduler: Pages, room: str) -> None:
    page = f"/exams/rooms/{room}/shape"
    assert "默认布局" in scheduler.look(page)
    assert drawn(scheduler.look(page)) == [f"{seat}号" for seat in range(1, 31)]
    again = scheduler.send(page, page, **DRAWN, unusable=["1-1", "9-9"], redraw="true")
    assert (again.status_code, "尚未保存" in again.text, ticked(again.text)) == (200, True, ["1-1"])
    assert drawn(again.text)[:7] == ["不用", "1号", "2号", "3号", "4号", "5号", "11号"]
    assert again.text.count("无机位") == 5
    assert "比机位多5个" in again.text
    assert len(re.findall(r'<tr><td class="is-aisle" colspan="9">过道', again.text)) == 1
    assert "默认布局" in scheduler.look(page)
    saved = scheduler.send(page, page, **DRAWN, unusable=["1-1"])
    assert (saved.status_code, saved.headers["location"]) == (303, page)
    shown = scheduler.look(page)
    assert ("已登记布局" in shown, ticked(shown)) == (True, ["1-1"])
    assert 'value="2、4"' in shown
    assert 'value="serpentine" checked' in shown


def test_the_page_of_the_site_leads_to_the_shape_of_each_room(web: Web, scheduler: Pages) -> None:
    made = site(web.staff(Role.SCHEDULER, CITY))
    [room] = made["rooms"]  # type: ignore[misc]
    address = f"/exams/rooms/{room['id']}/shape"  # type: ignore[index]
    listed = f"/exams/sites/{made['id']}"
    assert re.search(rf'href="{address}">5排6列（默认）', scheduler.look(listed))
    scheduler.send(address, address, **DRAWN)
    assert re.search(rf'href="{address}">6排6列<', scheduler.look(listed))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"columns": "0"}, "请填写不小于1的整数"),
        ({"columns": "21"}, "列数须在1至20之间"),
        ({"rows": "41"}, "排数须在1至40之间"),
        ({"aisles": "二"}, "请填写数字，多条过道用顿号隔开"),
        ({"aisles": "6"}, "请填写1至5的数字"),
        ({"numbering": "x"}, "请从列表中选择"),
        ({"unusable": "2-2"}, "图上只有29个可用位置，还少1个"),
    ],
)
def test_a_shape_that_cannot_be_is_shown_again_with_what_to_do(
    scheduler: Pages, room: str, wrong: dict[str, str], told: str
) -> None:
    page = f"/exams/rooms/{room}/shape"
    refused = scheduler.send(page, page, **PLAIN | wrong)
    assert (refused.status_code, told in refused.text) == (422, True)
    assert "默认布局" in scheduler.look(page)


def test_a_place_too_few_is_no_fault_while_the_room_is_drawn(scheduler: Pages, room: str) -> None:
    page = f"/exams/rooms/{room}/shape"
    again = scheduler.send(page, page, **PLAIN, unusable="2-2", redraw="true")
    assert (again.status_code, "比机位少1个，须增加后才能保存" in again.text) == (200, True)


def test_a_room_is_set_back_to_the_default_shape(scheduler: Pages, room: str) -> None:
    page = f"/exams/rooms/{room}/shape"
    assert "恢复默认布局" not in scheduler.look(page)
    scheduler.send(page, page, **DRAWN)
    assert scheduler.send(page, page, reset="true").status_code == 303
    assert "默认布局" in scheduler.look(page)


def test_others_of_the_office_look_and_other_offices_find_nothing(web: Web, room: str) -> None:
    page = f"/exams/rooms/{room}/shape"
    examiner = Pages(web, web.staff(Role.EXAMINER, CITY))
    shown = examiner.look(page)
    assert 'name="unusable"' not in shown
    assert "30号" in shown
    foreign = Pages(web, web.staff(Role.SCHEDULER, OTHER_CITY))
    assert foreign.fetch(page).status_code == 404
    sent = web.client.post(page, data={**DRAWN}, headers=examiner._headers)
    assert sent.status_code == 403


def test_a_change_that_would_move_published_seats_is_refused_beside_the_form(web_alone: Web) -> None:
    town = Town("", web_alone)
    places, scheduler = town.places, Pages(web_alone, town.person("scheduler"))
    chart = re.findall(r"/plans/[0-9a-f-]+/rooms/[0-9a-f-]+/[0-9a-f-]+", scheduler.look(f"/plans/{places['plan']}"))[0]
    page = f"/exams/rooms/{chart.rpartition('/')[2]}/shape"
    assert f'href="{page}"' in scheduler.look(chart)
    seats = int(re.findall(r"共(\d+)个机位", scheduler.look(page))[0])
    lost = {"rows": "40", "columns": str(1 + seats // 40), "aisles": "", "cross_aisles": "", "numbering": "rows"}
    refused = scheduler.send(page, page, **lost)
    assert refused.status_code == 409
    assert "已公布座位" in refused.text
    assert "重新编排并发布，再更改布局" in refused.text
    assert "is-aisle" not in scheduler.look(chart)
    kept = {"rows": str(-(-seats // 6)), "columns": "6", "aisles": "3", "cross_aisles": "2", "numbering": "rows"}
    assert scheduler.send(page, page, **kept).status_code == 303
    shown = scheduler.look(chart)
    assert shown.count('class="is-aisle"') == -(-seats // 6) + 1
