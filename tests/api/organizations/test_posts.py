"""Vacant posts and the policy of appointment over JSON: stated by the unit, read by its applicants and its office."""

from core.db.session import Role
from tests.callers import Web
from tests.cases import OTHER_CITY, YEAR


def test_a_unit_states_its_posts_for_its_applicants_and_its_office(web: Web) -> None:
    unit = web.unit()
    path, manager = f"/units/{unit}/posts", web.staff(Role.UNIT_MANAGER, unit_id=unit)
    applicant, stranger = web.applicant(), web.applicant()
    web.draft(applicant, unit)
    assert applicant.get(path, year=YEAR).json()["error"] == "posts_unknown"
    body = {
        "year": YEAR,
        "vacant": [{"grade": 5, "posts": 2}, {"grade": 1, "posts": 0}],
        "policy": "按考核年限择优聘用",
    }
    stated = manager.put(path, body)
    assert stated.status_code == 200, stated.text
    told = applicant.get(path, year=YEAR).json()
    assert told["vacant"] == [{"grade": 5, "posts": 2}, {"grade": 1, "posts": 0}]
    assert (told["unit_id"], told["policy"]) == (str(unit), "按考核年限择优聘用")
    assert web.staff(Role.CITY_REVIEWER).get(path, year=YEAR).json() == told
    for reader in (stranger, web.staff(Role.CITY_REVIEWER, OTHER_CITY)):
        assert reader.get(path, year=YEAR).status_code == 404


def test_an_impossible_statement_and_that_of_another_unit_are_refused(web: Web) -> None:
    unit, other = web.unit(), web.unit()
    manager = web.staff(Role.UNIT_MANAGER, unit_id=unit)
    many = {"year": YEAR, "vacant": [{"grade": 5, "posts": 10_000}]}
    assert manager.put(f"/units/{unit}/posts", many).status_code == 422
    assert manager.put(f"/units/{unit}/posts", {"year": YEAR}).json()["error"] == "posts_empty"
    assert manager.put(f"/units/{unit}/posts", {"year": 1999, "policy": "测试"}).json()["error"] == "season_unknown"
    assert manager.put(f"/units/{other}/posts", {"year": YEAR, "policy": "测试"}).json()["error"] == "unit_of_another"
