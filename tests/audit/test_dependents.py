"""Followers of a changed fact, and the rehearsal of an act."""

import pytest
from sqlalchemy import select

from core.audit import dependents
from core.audit.dependents import Change, Follower, Foreseen, changed, dependents_modules, follows, reached, rehearse
from core.db.session import ScopedSession
from core.domain.consequences import Effect, Fact, Issued
from core.errors import Conflict
from core.messages.models import Notice
from core.messages.service import Recipient, notify
from tests.cases import CITY, Season


def _tell(session: ScopedSession) -> None:
    notify(
        session, Recipient(office_id=CITY), event_key="t", office_id=CITY, kind="test", title="试验", body="试验通知。"
    )
    reached(session, Issued.TICKET, Effect.REPLACE, 12)


def test_a_rehearsal_counts_and_leaves_nothing_behind(season: Season) -> None:
    with season.as_office(CITY) as session:
        before = len(session.scalars(select(Notice)).all())
        foreseen = rehearse(session, lambda: _tell(session))
        assert foreseen.counts == {(Issued.TICKET, Effect.REPLACE): 12}
        assert foreseen.sentence == "12张准考证须换发"
        assert len(session.scalars(select(Notice)).all()) == before


def test_a_rehearsal_raises_the_refusal_of_the_act(season: Season) -> None:
    def refused() -> None:
        raise Conflict("no", "不能办理。")

    with season.as_office(CITY) as session:
        with pytest.raises(Conflict, match="不能办理"):
            rehearse(session, refused)
        assert rehearse(session, lambda: None) == Foreseen()


def test_people_who_are_told_stand_at_the_end_of_the_sentence() -> None:
    counts = {(Issued.NOTICE, Effect.REPLACE): 15, (Issued.TICKET, Effect.REPLACE): 12, (Issued.SEAT, Effect.VOID): 3}
    assert Foreseen(counts).sentence == "3个座位作废，12张准考证须换发，15人将收到通知"


def test_followers_are_called_for_their_fact_alone(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    registered: dict[Fact, list[Follower]] = {}
    monkeypatch.setattr(dependents, "_FOLLOWERS", registered)
    monkeypatch.setattr(dependents, "_followers", lambda: registered)
    seen = []
    follows(Fact.SITE)(lambda _, change: seen.append(change.reason))
    with season.as_office(CITY) as session:
        changed(session, Change(Fact.SITE, reason="地址更正"))
        changed(session, Change(Fact.TIME, reason="改期"))
    assert seen == ["地址更正"]


def test_every_module_that_follows_facts_is_found_by_its_name() -> None:
    assert all(name.startswith("core.") and name.endswith(".dependents") for name in dependents_modules())
    assert "core.audit.dependents" not in dependents_modules()
