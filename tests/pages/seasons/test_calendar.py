"""The public calendar."""

from tests.callers import Web
from tests.cases import COUNTY


def test_the_calendar_shows_every_office_with_its_dates(web: Web) -> None:
    page = web.client.get("/calendar")
    assert page.status_code == 200
    for office in web.platform.offices.catalogue.offices():
        assert office.name in page.text
    assert "3月21日至4月5日" in page.text


def test_an_offices_dates_say_who_set_them_and_inside_which_frame(web: Web) -> None:
    county = web.client.get(f"/calendar/{COUNTY}").text
    assert "7月13日至7月14日" in county
    assert "上级规定的范围" in county
    assert "由谁确定" in county
    assert web.client.get("/calendar/linshui/nowhere").status_code == 404
