"""From an act to the issued things that rest on what it changed, in the same transaction; and a rehearsal of both.

A capability that issues something follows the facts that it tells: ``@follows(Fact.SITE)`` on a function in its
``dependents.py``. An act that changes a fact calls ``changed``, whose answers say how many things of which kind it
reached. The same answers are the preview that an officer reads before confirming (``rehearse``): the act is carried
out and rolled back, so that preview and act cannot differ. The table is ``core/domain/consequences.py``.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from uuid import UUID

from core.db.session import ScopedSession
from core.domain.consequences import EFFECT_LABELS, ISSUED_LABELS, Effect, Fact, Issued
from core.settings import ROOT

_REACHED = "reached"


@dataclass(frozen=True, slots=True)
class Change:
    """A changed fact: of these applications, sites, rooms, sittings or plans (whichever the act was about).

    ``reason`` is the text for the people who are told.
    """

    fact: Fact
    reason: str = ""
    applications: tuple[UUID, ...] = ()
    sites: tuple[UUID, ...] = ()
    rooms: tuple[UUID, ...] = ()
    sittings: tuple[UUID, ...] = ()
    plans: tuple[UUID, ...] = ()


Follower = Callable[[ScopedSession, Change], None]
_FOLLOWERS: dict[Fact, list[Follower]] = {}


def follows(*facts: Fact) -> Callable[[Follower], Follower]:
    """Have a function called on every change of these facts. It carries consequences out and calls ``reached``."""

    def register(follower: Follower) -> Follower:
        for fact in facts:
            _FOLLOWERS.setdefault(fact, []).append(follower)
        return follower

    return register


def dependents_modules() -> list[str]:
    """The modules that follow facts: each capability's ``dependents.py``, at its top or in a folder of its own."""
    files = sorted([*(ROOT / "core").glob("*/dependents.py"), *(ROOT / "core").glob("*/*/dependents.py")])
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files if path.parts[-2] != "audit"]


@cache
def _followers() -> Mapping[Fact, list[Follower]]:
    for module in dependents_modules():
        import_module(module)
    return _FOLLOWERS


def changed(session: ScopedSession, change: Change) -> None:
    """Carry out what a changed fact means for everything that tells it; called after the change, before the commit."""
    session.flush()
    for follower in _followers().get(change.fact, ()):
        follower(session, change)


def reached(session: ScopedSession, issued: Issued, effect: Effect, count: int = 1) -> None:
    """Note that an act reached ``count`` things of a kind: what a rehearsal adds up, and an act may report."""
    if count:
        session.info.setdefault(_REACHED, Counter())[issued, effect] += count


def told(session: ScopedSession, count: int = 1) -> None:
    """Note that an act tells ``count`` people something."""
    reached(session, Issued.NOTICE, Effect.REPLACE, count)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an act would cause, by kind of thing and effect."""

    counts: Mapping[tuple[Issued, Effect], int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """In words for the officer, e.g. ``12张准考证须换发，12人将收到通知``; empty where nothing is reached."""
        parts = [
            f"{count}{_UNITS.get(issued, '份')}{ISSUED_LABELS[issued]}{_WORDS.get(effect, EFFECT_LABELS[effect])}"
            for (issued, effect), count in sorted(self.counts.items())
            if issued is not Issued.NOTICE
        ]
        people = sum(count for (issued, _), count in self.counts.items() if issued is Issued.NOTICE)
        return "，".join([*parts, f"{people}人将收到通知"] if people else parts)


_UNITS = {Issued.TICKET: "张", Issued.SEAT: "个", Issued.DUTY: "项", Issued.LIST_LINE: "行", Issued.CERTIFICATE: "本"}
_WORDS = {Effect.REPLACE: "须换发", Effect.MARK: "须更新", Effect.ASK: "须另行处理"}


def rehearse(session: ScopedSession, act: Callable[[], object]) -> Foreseen:
    """Carry an act out, count what it reaches, and roll it back: the preview before an officer confirms.

    What the act raises is raised: a refusal is told at the preview already.
    """
    with _counting(session) as counts:
        savepoint = session.begin_nested()
        try:
            act()
            session.flush()
        finally:
            savepoint.rollback()
    return Foreseen(dict(counts))


@contextmanager
def _counting(session: ScopedSession) -> Iterator[Counter[tuple[Issued, Effect]]]:
    before, counts = session.info.pop(_REACHED, None), Counter[tuple[Issued, Effect]]()
    session.info[_REACHED] = counts
    try:
        yield counts
    finally:
        session.info.pop(_REACHED)
        if before is not None:
            session.info[_REACHED] = before
