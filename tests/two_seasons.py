"""The invented province a year later: the season of its files is over, and another like it has been opened."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine

from core.clock import SHANGHAI, SettableClock
from core.db.base import new_id
from core.db.database import Databases
from core.db.session import ANONYMOUS, Actor, ProvinceSession, Role, SignInSession, SystemSession, system_actor
from core.delegation.service import due_work
from core.identity.sign_in.sessions import Origin, open_session
from core.oversight.years.acts import confirm_close, enter_phase
from core.platform import Platform
from core.seasons.phases import Phase
from core.tenancy.another_season import AnotherSeason
from core.tenancy.catalogue import load_catalogue
from core.tenancy.offices import Offices
from core.tenancy.plugins import build_hooks
from core.web.authentication.cookies import SESSION
from core.web.authentication.csrf import HEADER, token_bound_to
from tests.callers import Caller, Web
from tests.cases import CITY, KEYS, OFFICES, PROVINCE, YEAR, at, load_offices, platform_at
from tests.factories import RULES
from tests.serving import client_of

NEXT = YEAR + 1
NOTICE = datetime(NEXT, 3, 15, tzinfo=SHANGHAI)
"""The day of the second season's notice, on which the center closes the first."""
LATER = datetime(NEXT, 3, 25, 9, tzinfo=SHANGHAI)
"""A morning of the second season, after its notice."""


def two_seasons() -> Offices:
    """The offices with both seasons in their files."""
    catalogue = load_catalogue(OFFICES, another=AnotherSeason(NEXT, like=YEAR))
    return Offices(catalogue, build_hooks(catalogue))


def load_two_seasons(databases: Databases, offices: Offices, *, closed: bool = True) -> None:
    """Rows for the offices and both seasons, on the eve of the first; the one delegation takes effect.

    Unless ``closed`` is False, the center has closed the first season on the day of the second's notice.
    """
    load_offices(databases, offices.catalogue, at(3, 18))
    app = create_engine(databases.app_url)
    with SystemSession(app, actor=system_actor(CITY), now=at(3, 18)) as session, session.begin():
        due_work(session)
    if closed:
        close_year(app, YEAR, NOTICE)
    app.dispose()


def close_year(bind: Engine | Connection, year: int, moment: datetime) -> None:
    """Bring a year to its end and close it, by two officers of the center at a moment."""
    proposing, confirming = (
        Actor(new_id(), f"测试中心{n}", Role.PROVINCIAL_OFFICER, office_id=PROVINCE) for n in (1, 2)
    )
    with ProvinceSession(bind, actor=proposing, now=moment) as session, session.begin():
        enter_phase(session, year, Phase.CLOSING, effective=None, reason="测试收尾")
        made = enter_phase(session, year, Phase.CLOSED, effective=None, reason="测试结束").id
    with ProvinceSession(bind, actor=confirming, now=moment) as session, session.begin():
        confirm_close(session, made)


def with_rules_of_both(platform: Platform) -> Platform:
    """The platform with a rule document for each season."""
    return replace(platform, rules={YEAR: RULES, NEXT: RULES})


@dataclass(frozen=True)
class Visitor:
    """Somebody who has signed in with a browser in the second season."""

    web: Web
    headers: Mapping[str, str]

    def look(self, address: str) -> Any:
        """A page as it is; a redirection is not followed."""
        return self.web.client.get(address, headers=self.headers, follow_redirects=False)

    def send(self, address: str, **fields: str) -> Any:
        """Send a form."""
        return self.web.client.post(address, data=fields, headers=self.headers, follow_redirects=False)


def account_of(somebody: Caller) -> UUID:
    """The account of a caller, to be asked in the first season: tokens do not last until the second."""
    return UUID(somebody.get("/me").json()["account_id"])


def session_of(web: Web, account_id: UUID) -> str:
    """The token of a browser's session that begins now."""
    with SignInSession(web.platform.engine, actor=ANONYMOUS, now=web.clock()) as session, session.begin():
        origin, lifetimes = Origin("127.0.0.1", "测试浏览器"), web.platform.door.lifetimes
        return open_session(session, account_id, awaits=None, origin=origin, lifetimes=lifetimes).token


def visit(web: Web, account_id: UUID) -> Visitor:
    """Sign in with a browser, now."""
    token = session_of(web, account_id)
    sent = {"Cookie": f"{SESSION}={token}", HEADER: token_bound_to(token, KEYS), "Sec-Fetch-Site": "same-origin"}
    return Visitor(web, sent)


@contextmanager
def serving_two_seasons(databases: Databases, folder: Path) -> Iterator[Web]:
    """The application on a day of the first season, over a database that nobody else uses."""
    offices = two_seasons()
    load_two_seasons(databases, offices)
    engine = create_engine(databases.app_url)
    platform = with_rules_of_both(
        platform_at(at(3, 25), databases, engine, offices=(offices, RULES), folder=folder, simulation=True)
    )
    with client_of(platform) as client:
        assert isinstance(platform.clock, SettableClock)
        yield Web(platform, client, platform.clock)
    engine.dispose()
