"""Questions to an office (咨询) over JSON: asked, answered by the office in charge alone, and read by the person."""

from core.db.session import Role
from tests.callers import Web
from tests.cases import CITY, OTHER_CITY

QUESTION = "参加工作年份以哪份材料为准？"


def test_a_question_about_an_application_is_answered_by_the_office_in_charge(web: Web) -> None:
    flow = web.submitted()
    asked = flow.applicant.post("/inquiries", {"question": QUESTION, "application_id": flow.id})
    assert asked.status_code == 201, asked.text
    made = asked.json()
    assert (made["office_id"], made["state"], made["application_id"]) == (CITY, "open", flow.id)
    officer, stranger = web.staff(Role.CITY_REVIEWER), web.staff(Role.CITY_REVIEWER, OTHER_CITY)
    assert made["id"] in [inquiry["id"] for inquiry in officer.get("/inquiries").json()]
    assert made["id"] not in [inquiry["id"] for inquiry in stranger.get("/inquiries").json()]
    path, body = f"/inquiries/{made['id']}/answer", {"answer": "以人事档案为准。"}
    assert stranger.post(path, body).json()["error"] == "inquiry_not_found"
    assert flow.applicant.post(path, body).status_code == 403
    assert officer.post(path, {"answer": " "}).json()["fields"].keys() == {"answer"}
    answered = officer.post(path, body).json()
    assert (answered["state"], answered["answer"]) == ("answered", "以人事档案为准。")
    assert officer.post(path, body).json()["error"] == "inquiry_answered"
    [own] = flow.applicant.get("/inquiries/own").json()
    assert (own["id"], own["answer"]) == (made["id"], "以人事档案为准。")


def test_a_general_question_names_its_office(web: Web) -> None:
    applicant, other = web.applicant(), web.applicant()
    assert applicant.post("/inquiries", {"question": QUESTION}).json()["fields"].keys() == {"office"}
    asked = applicant.post("/inquiries", {"question": QUESTION, "office_id": OTHER_CITY})
    assert asked.status_code == 201, asked.text
    listed = web.staff(Role.CITY_REVIEWER, OTHER_CITY).get("/inquiries").json()
    assert asked.json()["id"] in [inquiry["id"] for inquiry in listed]
    assert other.get("/inquiries/own").json() == []


def test_nobody_asks_about_the_application_of_somebody_else(web: Web) -> None:
    flow = web.submitted()
    asked = web.applicant().post("/inquiries", {"question": QUESTION, "application_id": flow.id})
    assert asked.status_code == 404, asked.text


def test_a_question_that_is_too_long_is_refused_by_name_with_the_limit(web: Web) -> None:
    asked = web.applicant().post("/inquiries", {"question": "问" * 2001, "office_id": CITY})
    assert asked.json()["fields"] == {"question": "内容过长，最多2000字，请缩短。"}
