"""Reminders (催办) over JSON: foreseen, and sent once a day to those who owe something."""

from core.db.session import Role
from tests.callers import Web
from tests.cases import YEAR


def test_a_unit_foresees_its_reminders_and_sends_each_once_a_day(web: Web) -> None:
    unit = web.unit()
    manager, applicant = web.staff(Role.UNIT_MANAGER, unit_id=unit), web.applicant()
    draft = web.draft(applicant, unit)
    [foreseen] = manager.get("/reminders", year=YEAR).json()
    assert (foreseen["application_id"], foreseen["today"], foreseen["unit_id"]) == (draft["id"], False, None)
    assert draft["reference"] in foreseen["body"]
    sent = manager.post("/reminders", {"year": YEAR, "application_ids": [draft["id"]]})
    assert (sent.status_code, sent.json()) == (200, {"people": 1, "units": 0, "before": 0})
    assert manager.post("/reminders", {"year": YEAR}).json() == {"people": 0, "units": 0, "before": 1}
    [foreseen] = manager.get("/reminders", year=YEAR).json()
    assert foreseen["today"] is True
    assert foreseen["title"] in [notice["title"] for notice in applicant.get("/notices").json()["items"]]


def test_another_unit_reminds_nobody_of_it(web: Web) -> None:
    unit = web.unit()
    draft = web.draft(web.applicant(), unit)
    other = web.staff(Role.UNIT_MANAGER, unit_id=web.unit())
    assert other.get("/reminders", year=YEAR).json() == []
    refused = other.post("/reminders", {"year": YEAR, "application_ids": [draft["id"]]})
    assert refused.json()["error"] == "nobody_to_remind"
    assert other.get("/reminders", year=1999).json()["error"] == "season_unknown"
    assert web.staff(Role.CITY_REVIEWER).get("/reminders", year=YEAR).status_code == 403
