"""Duties and figures over JSON: an office sees its own, the center those of every office."""

from core.db.session import Role
from tests.callers import Caller, Web
from tests.cases import CITY, OTHER_CITY, PROVINCE, YEAR


def test_an_office_sees_its_own_duties_and_filings_alone(supervisor: Caller) -> None:
    assert {duty["office"] for duty in supervisor.get("/duties", year=YEAR).json()} == {CITY}
    assert supervisor.get("/duties", year=YEAR, office=OTHER_CITY).status_code == 404
    assert supervisor.get("/monitoring", year=YEAR).status_code == 403
    assert supervisor.get("/monitoring/places", year=YEAR, office=PROVINCE).status_code == 404


def test_the_center_sees_everybodys_figures(web: Web, center: Caller) -> None:
    flow = web.submitted()
    figures = {line["office"]: line for line in center.get("/monitoring", year=YEAR).json()}
    assert set(figures) == {PROVINCE, CITY, OTHER_CITY}
    assert figures[CITY]["total"] >= 1
    officer = web.staff(Role.CITY_REVIEWER)
    report = officer.get("/reports", year=YEAR).json()
    assert report["figures"]["submitted"] == figures[CITY]["total"]
    assert flow.applicant.get("/reports", year=YEAR).status_code == 403
