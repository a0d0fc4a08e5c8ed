"""The table of consequences: complete, in both languages, and known to the record."""

from core.audit.events import EVENTS
from core.domain.consequences import (
    CONSEQUENCES,
    EFFECT_LABELS,
    FACT_LABELS,
    ISSUED_LABELS,
    Effect,
    Fact,
    Issued,
    consequences_of,
)


def test_every_kind_fact_and_effect_has_its_words() -> None:
    assert (set(ISSUED_LABELS), set(FACT_LABELS), set(EFFECT_LABELS)) == (set(Issued), set(Fact), set(Effect))


def test_every_fact_reaches_something_and_every_thing_tells_something() -> None:
    assert [fact for fact in Fact if not consequences_of(fact)] == []
    assert {issued for issued, _ in CONSEQUENCES} == set(Issued)


def test_every_consequence_says_what_happens() -> None:
    assert [pair for pair, found in CONSEQUENCES.items() if not found.meaning.endswith(".")] == []


def test_an_event_changes_only_facts_that_reach_something() -> None:
    assert [name for name, event in EVENTS.items() for fact in event.changes if not consequences_of(fact)] == []
