"""Lists, the front page, and the description of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Engine, event

from core.web.authentication.cookies import SESSION
from tests.cases import COUNTY, YEAR
from tests.web.conftest import Web


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    seen: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def test_a_list_asks_as_often_for_three_rows_as_for_one(web: Web) -> None:
    flow = web.submitted()
    with statements(web.platform.engine) as for_one:
        assert len(flow.manager.get("/applications", year=YEAR).json()["items"]) == 1
    unit_id = flow.manager.get(flow.path).json()["unit_id"]
    for _ in range(2):
        assert web.applicant().post("/applications", {"year": YEAR, "unit_id": unit_id}).status_code == 201
    with statements(web.platform.engine) as for_three:
        listed = flow.manager.get("/applications", year=YEAR).json()["items"]

    assert len(listed) == 3
    assert len(for_three) == len(for_one)


def test_a_list_is_narrowed_and_paged_by_key(web: Web) -> None:
    flow = web.submitted()
    manager = flow.manager
    only = manager.get("/applications", year=YEAR, state="unit_review", grade=5).json()["items"]
    assert [one["id"] for one in only] == [flow.path.rsplit("/", 1)[1]]
    assert manager.get("/applications", year=YEAR, state="qualified").json()["items"] == []
    assert manager.get("/applications", year=YEAR, after=only[0]["id"]).json() == {"items": [], "after": None}


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


def test_files_are_kept_for_good_under_the_address_that_names_their_content(web: Web) -> None:
    page = web.client.get("/").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) > 3
    for address in addresses:
        file = web.client.get(address)
        assert file.status_code == 200
        assert file.headers["content-encoding"] == "gzip"
        assert "immutable" in file.headers["cache-control"]
        assert web.client.get(address, headers={"Accept-Encoding": "identity"}).content == file.content
    assert web.client.get("/static/tabler.min.css").status_code == 404


def test_a_refusal_is_a_page_for_a_browser_and_json_for_a_program(web: Web) -> None:
    page = web.client.get("/nowhere", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "没有这个地址" in page.text
    assert web.client.get("/nowhere").json()["error"] == "no_such_address"


def test_the_api_is_described_without_scripts_or_a_network(web: Web) -> None:
    page = web.client.get("/schema")
    assert "/api/v1/applications/{application_id}/submit" in page.text
    assert "<script" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text

    described = web.client.get("/schema/openapi.json").json()
    submit = described["paths"]["/api/v1/applications/{application_id}/submit"]["post"]
    assert {"401", "403", "404", "409", "422"} <= set(submit["responses"])
    assert any(one["name"].lower() == "idempotency-key" for one in submit["parameters"])


def test_what_is_missing_at_the_end_leads_to_the_page_on_which_it_is_filled_in(web: Web) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit(), {"first_job_year": 2005, "regularised_on": date(2006, 7, 1)})
    headers = {"Cookie": f"{SESSION}={web.session_of(applicant)}"}
    check = f"/my/applications/{draft['id']}/check"
    page = web.client.get(check, headers=headers).text
    assert "2006年7月1日" in page
    token = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert token is not None
    seen = applicant.get(f"/applications/{draft['id']}").json()["edition"]
    sent = {"_csrf": token[1], "edition": seen, "declared_true": "true"}
    refused = web.client.post(check, data=sent, headers=headers)
    summary = refused.text.partition('class="error-summary"')[2].partition("</div>")[0]
    ways = re.findall(r'href="([^"#]*)#([^"]+)"', summary)
    assert (refused.status_code, bool(ways)) == (422, True)
    for address, field in ways:
        assert f'id="{field}"' in web.client.get(address, headers=headers).text, (address, field)
