"""How plugins fare, over JSON."""

from core.db.session import Role
from tests.callers import Web
from tests.cases import CITY


def test_an_officer_sees_how_the_offices_plugins_fare(web: Web) -> None:
    health = web.staff(Role.CITY_REVIEWER).get("/health").json()
    assert health["office"] == CITY
    assert health["faults"] == []
    assert set(health["answering"]) >= {"review_route", "eligibility_findings"}
