"""The moment at which a request arrives."""

from core.clock import SettableClock
from tests.callers import Web
from tests.cases import YEAR, at


def test_the_clock_of_the_platform_says_when_a_request_arrived(web: Web) -> None:
    applicant = web.applicant()
    assert isinstance(web.clock, SettableClock)
    web.clock.set(at(3, 26, 15))
    made = applicant.post("/applications", {"year": YEAR, "unit_id": str(web.unit())}).json()
    assert made["created_at"].startswith("2024-03-26T")
