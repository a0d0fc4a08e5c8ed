"""The same write, sent twice, is done once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.callers import Web
from tests.cases import YEAR


def body(web: Web) -> dict[str, Any]:
    return {"year": YEAR, "unit_id": str(web.unit())}


def test_a_repeated_request_gets_the_first_answer(web: Web) -> None:
    applicant, asked = web.applicant(), body(web)
    first = applicant.post("/applications", asked, key="one")
    again = applicant.post("/applications", asked, key="one")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(applicant.get("/applications", year=YEAR).json()["items"]) == 1


def test_another_request_under_the_same_key_is_a_conflict(web: Web) -> None:
    applicant = web.applicant()
    applicant.post("/applications", body(web), key="one")
    refused = applicant.post("/applications", body(web), key="one")
    assert (refused.status_code, refused.json()["error"]) == (409, "idempotency_key_reused")


def test_a_key_belongs_to_its_account(web: Web) -> None:
    asked = body(web)
    first = web.applicant().post("/applications", asked, key="one")
    other = web.applicant().post("/applications", asked, key="one")
    assert other.status_code == 201
    assert other.json()["id"] != first.json()["id"]


def test_a_refused_request_may_be_tried_again_under_its_key(web: Web) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit())
    path = f"/applications/{draft['id']}/withdraw"
    assert applicant.post(path, {"version": 99}, key="one").status_code == 409
    assert applicant.post(path, {"version": draft["version"]}, key="one").status_code == 200


def test_of_requests_sent_at_once_one_is_done(web: Web) -> None:
    applicant, asked = web.applicant(), body(web)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: applicant.post("/applications", asked, key="one"), range(4)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 3
