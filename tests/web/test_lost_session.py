"""A form that is sent without its session leads to the sign-in and back to the page of the form."""

import pytest

from core.web.authentication.cookies import SESSION
from tests.callers import Flow, Web

PAGES = {"Accept": "text/html"}


@pytest.fixture
def flow(web: Web) -> Flow:
    """An application before its unit."""
    return web.submitted()


def test_a_form_without_a_session_leads_to_the_sign_in_and_back_to_its_page(web: Web, flow: Flow) -> None:
    page = f"/my{flow.path}/form/person"
    sent_from = {**PAGES, "Referer": f"{web.client.base_url}{page}"}
    answer = web.client.post(page, data={"first_job_year": "2012"}, headers=sent_from, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?to={page}")


def test_a_decision_without_a_session_leads_back_to_the_case_and_not_to_its_verb(web: Web, flow: Flow) -> None:
    case = f"/unit/cases/{flow.id}"
    sent_from = {**PAGES, "Referer": f"{web.client.base_url}{case}?state=waiting"}
    answer = web.client.post(f"{case}/approve", data={}, headers=sent_from, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?to={case}%3Fstate%3Dwaiting")


def test_a_form_that_saves_itself_without_a_session_leads_the_whole_page_to_the_sign_in(web: Web, flow: Flow) -> None:
    page = f"/my{flow.path}/form/person"
    by_itself = {"HX-Request": "true", "HX-Current-URL": f"{web.client.base_url}{page}"}
    answer = web.client.post(page, data={"first_job_year": "2012"}, headers=by_itself)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, f"/sign-in?to={page}")


def test_a_page_of_another_site_is_not_led_back_to(web: Web, flow: Flow) -> None:
    page = f"/my{flow.path}/form/person"
    sent_from = {**PAGES, "Referer": "https://elsewhere.example/trap"}
    answer = web.client.post(page, data={}, headers=sent_from, follow_redirects=False)
    assert answer.headers["location"] == f"/sign-in?to={page}"


def test_a_form_of_an_earlier_session_says_so_and_leads_to_its_page(web: Web, flow: Flow) -> None:
    page = f"/my{flow.path}/form/person"
    cookie = {"Cookie": f"{SESSION}={web.session_of(flow.applicant)}", "Referer": f"{web.client.base_url}{page}"}
    answer = web.client.post(page, data={"_csrf": "0" * 80}, headers={**PAGES, **cookie})
    assert answer.status_code == 403
    assert "页面已过期" in answer.text
    assert f'href="{page}"' in answer.text
