"""The table of events: the record takes these and no others."""

import ast
import re
from collections.abc import Iterator

import pytest

from core.audit.events import EVENTS
from core.audit.models import RecordEntry
from core.audit.service import entry_digest, record
from core.domain.workflow import Action
from core.pages.audit.record import SUBJECTS
from core.settings import ROOT
from tests.cases import CITY, Season


def test_every_verb_of_an_application_is_an_event() -> None:
    assert {f"application.{action}" for action in Action} <= set(EVENTS)


def test_an_event_is_a_subject_and_what_happened_explained_in_both_languages() -> None:
    assert [name for name in EVENTS if not re.fullmatch(r"[a-z_]+\.[a-z_]+", name)] == []
    assert [name for name, event in EVENTS.items() if not event.label or not event.meaning.endswith(".")] == []


def test_an_event_that_the_table_does_not_know_is_refused(season: Season) -> None:
    with season.as_office(CITY) as session, pytest.raises(ValueError, match=r"events\.py"):
        record(session, "case.forgotten", office_id=CITY, subject_type="office", subject_id=CITY)


def test_the_digest_of_an_entry_is_the_same_once_the_database_gives_it_back(season: Season) -> None:
    payload = {"one": 1, "二": "文", "none": None, "listed": ["b", "a"], "at": season.now}
    with season.as_office(CITY) as session:
        written = record(
            session, "calendar.proposed", office_id=CITY, subject_type="office", subject_id=CITY, payload=payload
        )
        session.flush()
        session.expire_all()
        read = session.get_one(RecordEntry, written.id)
        assert entry_digest(read) == read.digest


def subjects(tree: ast.AST) -> Iterator[str]:
    """The types of subjects that a file writes out."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        named = [keyword.value for keyword in call.keywords if keyword.arg == "subject_type"]
        if ast.unparse(call.func).endswith("RecordSubject"):
            named.append(call.args[1])
        yield from (
            constant.value
            for value in named
            for constant in ast.walk(value)
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
        )


def test_everything_that_entries_are_about_has_a_word_for_it() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "core").rglob("*.py")]
    named = {name for tree in trees for name in subjects(tree)}
    assert len(named) > 20
    assert named - set(SUBJECTS) == set()
