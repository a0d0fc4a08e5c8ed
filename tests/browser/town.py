"""The people and the places that pages are tried with, made by the real services when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.db.session import Role
from tests.cases import CITY, COUNTY, PROVINCE
from tests.web.conftest import Caller, Web


@dataclass
class Town:
    """The served province. ``web`` acts for others by the API; ``address`` is where the browser goes."""

    address: str
    web: Web
    _people: dict[str, Caller] = field(default_factory=dict)

    def person(self, who: str) -> Caller:
        """Somebody by the name that tests know them by; one of a kind, made when first asked for."""
        if who not in self._people:
            self._people[who] = _PEOPLE[who](self.web)
        return self._people[who]

    def cookie(self, who: str) -> Mapping[str, Any]:
        """The cookie of somebody who has signed in."""
        return {"name": "kaowu_session", "value": self.person(who).token, "url": self.address}

    @cached_property
    def places(self) -> Mapping[str, str]:
        """What stands for ``{…}`` in the addresses of the registry."""
        return {}


_PEOPLE: Mapping[str, Callable[[Web], Caller]] = {
    "newcomer": lambda web: web.applicant(),
    "manager": lambda web: web.staff(Role.UNIT_MANAGER, unit_id=web.unit()),
    "county": lambda web: web.staff(Role.COUNTY_REVIEWER, COUNTY),
    "city": lambda web: web.staff(Role.CITY_REVIEWER, CITY),
    "supervisor": lambda web: web.staff(Role.CITY_SUPERVISOR, CITY),
    "center": lambda web: web.staff(Role.PROVINCIAL_OFFICER, PROVINCE),
    "auditor": lambda web: web.staff(Role.PROVINCIAL_AUDITOR, PROVINCE),
}
