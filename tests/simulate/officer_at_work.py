"""An account of the demonstration at work: what waits in its menu is brought forward by links and forms alone."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from core.db.session import SYSTEM_ACCOUNT, Actor, Role, SignInSession
from core.identity.models import Account
from core.identity.roles import actors_of
from core.identity.sign_in.sessions import Origin, open_session
from core.platform import Platform
from core.web.page.navigation import home
from tests.links import Element, Filled, LinkBrowser
from tests.simulate.ways import WAYS, Act

_SYSTEM = Actor(SYSTEM_ACCOUNT, "演示", Role.SYSTEM)


@dataclass(frozen=True)
class SignedIn:
    """An account with the token of its browser's session."""

    login: str
    actor: Actor
    token: str

    @property
    def role(self) -> Role:
        """The account's role."""
        return self.actor.role


def signed_in(platform: Platform) -> Mapping[str, SignedIn]:
    """Every account of the demonstration that holds a role now, by its login; of several roles in the first."""
    now, lifetimes = platform.clock(), platform.door.lifetimes
    origin, found = Origin("127.0.0.1", "测试浏览器"), {}
    with SignInSession(platform.engine, actor=_SYSTEM, now=now) as session, session.begin():
        for account in session.scalars(select(Account).order_by(Account.login)).all():
            actors = actors_of(session, account.id)
            if actors:
                opened = open_session(session, account.id, awaits=None, origin=origin, lifetimes=lifetimes)
                found[account.login] = SignedIn(account.login, actors[0], opened.token)
    return found


@dataclass
class OfficerAtWork:
    """One account before its pages. ``turns`` counts what was done at each line, by everybody: yes and no in turn."""

    client: TestClient[Litestar]
    account: SignedIn
    turns: Counter[str]
    files: Filled = field(default_factory=dict)
    backwards: bool = False
    """Whether the no comes before the yes."""
    _offered: dict[str, set[str]] = field(default_factory=dict)
    """The buttons of the pages that were read since the last act: none is read twice for a button that it lacks."""
    _lists: dict[tuple[str, ...], tuple[str, Element]] = field(default_factory=dict)
    """The lists that were read since the last act, with their addresses, by the links that lead there."""

    def __post_init__(self) -> None:
        self.browser = LinkBrowser(self.client, self.account.token)
        self.browser.open(home(self.account.role))

    def waiting(self) -> dict[str, int]:
        """How much waits behind each line of the menu; of a unit, what its first page says."""
        found = {}
        for link in (link for menu in self.browser.page.all("nav") for link in menu.all("a")):
            counted = [part for part in link.below if "count" in part["class"].split()]
            if counted:
                found[_line(link)] = _number(counted[0])
        for link in self.browser.links("等我审核"):
            found["/unit"] = _number(link)
        return {line: count for line, count in found.items() if count}

    def work(self, *, but: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
        """Do what waits, one thing after another; each with its line and its button. What nobody can do now is left."""
        left = set(but)
        while lines := [line for line in self.waiting() if line not in left]:
            done = self._bring_forward(lines[0])
            if done is None:
                left.add(lines[0])
            else:
                yield lines[0], done.button
            self.browser.open(home(self.account.role))

    def said_at(self, line: str) -> str:
        """What the pages of the entries behind a line say, with the list itself."""
        self.browser.open(line)
        texts = [self.browser.main.text]
        for words in {act.links[-1] for act in WAYS[line] if len(act.links) == 1}:
            for entry in self._entries(words, ""):
                self.browser.open(entry)
                texts.append(self.browser.main.text)
        return " ".join(texts)

    def _bring_forward(self, line: str) -> Act | None:
        acts, turn = WAYS[line], self.turns[line]
        order = [*acts[turn % len(acts) :], *acts[: turn % len(acts)]]
        self._offered.clear()
        self._lists.clear()
        for act in reversed(order) if self.backwards else order:
            if self._press(line, act):
                refused = self.browser.refusal()
                assert not refused, (self.account.login, line, act.button, refused)
                assert self.browser.status < 400, (self.account.login, line, act.button, self.browser.main.text)
                self.turns[line] += 1
                return act
        return None

    def _press(self, line: str, act: Act) -> bool:
        *steps, last = act.links or ("",)
        if not self._list(line, tuple(steps)):
            return False
        for entry in self._entries(last, act.row) if last else [self.browser.address]:
            if act.button not in self._offered.get(entry, {act.button}):
                continue
            if last:
                self.browser.open(entry)
            self._offered[entry] = {button.text for button in self.browser.main.all("button")}
            buttons = self.browser.buttons(act.button)
            if buttons:
                self.browser.press(buttons[0], {**act.filled, **self.files})
                return True
        return False

    def _list(self, line: str, steps: tuple[str, ...]) -> bool:
        """Whether there is a list behind these links of a line; it is the browser's page then."""
        if steps not in self._lists:
            self.browser.follow(self._menu(line))
            for words in steps:
                found = self.browser.links(words)
                if not found:
                    return False
                self.browser.follow(found[0])
            self._lists[steps] = (self.browser.address, self.browser.page)
        self.browser.address, self.browser.page = self._lists[steps]
        return True

    def _entries(self, words: str, row: str) -> list[str]:
        found = []
        for link in self.browser.links(words):
            around = link.within("tr") or link.within("li") or link.parent or link
            if row in around.text:
                found.append(link["href"])
        return found

    def _menu(self, line: str) -> Element:
        links = [link for menu in self.browser.page.all("nav") for link in menu.all("a")]
        return next(link for link in links if _line(link) == line)


def _line(link: Element) -> str:
    return re.sub(r"[?&]year=\d+", "", link["href"])


def _number(part: Element) -> int:
    (count,) = re.findall(r"\d+", part.text)
    return int(count)
