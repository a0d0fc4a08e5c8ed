"""What operators read of a message's kind: words for everything that goes out to people, and no bare code ever."""

import ast
from collections.abc import Iterator

import pytest

from core.domain.message_templates import TEMPLATES
from core.domain.workflow import Action
from core.messages.kinds import KIND_LABELS, kind_label
from core.sanctions.procedure import CaseAction
from core.settings import ROOT

_TO_OFFICES = {
    "delegation",
    "supervision",
    *("panel_opened", "panel_dissolved", "ranking_confirmed", "ranking_returned"),
    *("archive_made", "archive_handed_over", "archive_handover_returned", "archive_handover_withdrawn"),
    "table_exported",
    "objection_received",
    "striking_stated",
    "reminder.striking",
    "restoring_asked",
    "manager_form_filed",
    "certificate_to_revoke",
    "reminder.review_appeal",
    *("suspension_asked", "reminder.suspension", "ticket_missing"),
    *("opening_alarm", "emergency", "reminder.emergency_plan"),
    *("patrol_finding", "reminder.patrol_finding", "accountability_reported"),
    *("season_phase", "season_act_cancelled"),
    *("factor_removal_proposed", "factor_removal_waits", "factor_removal_refused", "factor_removed"),
}
"""Notices that stand on the page of an office or a unit, and go out by no other way."""


def _written_kinds() -> Iterator[str]:
    """The ``kind`` of every call that notifies, where it is written out."""
    for file in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            name = getattr(node, "func", None)
            called = name.id if isinstance(name, ast.Name) else ""
            if isinstance(node, ast.Call) and called in {"notify", "notify_each"}:
                yield from (
                    keyword.value.value
                    for keyword in node.keywords
                    if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
                )


def test_every_kind_that_goes_out_has_words() -> None:
    written = set(_written_kinds())
    assert {"seats_published", "certificate_issued"} <= written
    assert written - _TO_OFFICES <= KIND_LABELS.keys()
    assert TEMPLATES.keys() <= KIND_LABELS.keys()


@pytest.mark.parametrize("action", [action for action in Action if f"application.{action}" in TEMPLATES])
def test_a_move_that_has_a_text_has_words(action: Action) -> None:
    assert kind_label(f"application.{action}") != kind_label("unknown")


@pytest.mark.parametrize("action", ["hear", "serve", "clear", "decide", "uphold", "overturn", "carry_out"])
def test_a_step_of_sanctions_that_a_person_is_told_of_has_words(action: str) -> None:
    assert kind_label(f"sanction_{CaseAction(action)}") != kind_label("unknown")


def test_what_is_unknown_is_some_other_notice() -> None:
    assert kind_label("invented.by_a_later_release") == "其他通知"
