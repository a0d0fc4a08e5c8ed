"""The breaker, the figures of hooks and the trail of answers, while plugins run."""

from dataclasses import dataclass
from threading import Event
from typing import Any

import pytest

from core.errors import PluginError
from core.hooks.calls import (
    Breaker,
    CallLimits,
    Failure,
    GuardedPlugin,
    HookHealth,
    Plugin,
    PluginAnswer,
    Run,
    Surroundings,
    Told,
)
from core.hooks.office_hooks import Explanation
from core.plugin_api import Finding, ReviewStage, SelfCheck, SelfCheckLevel, Severity, StaffCategory
from tests.plugins.conftest import NOW, Install
from tests.plugins.questions import LADDER, LINSHUI, MOVE, QINGHE, RULES, YUNSHAN, ask, facts

LIMITS = CallLimits(budget=60.0, failures=3, cool_down=30.0)


@dataclass
class Stopwatch:
    """A monotonic clock that stands still until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        """The moment it was last moved to."""
        return self.now


class Late:
    """A plugin that answers well, but only once a minute and one second have passed."""

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self._watch = Stopwatch()
        hooks = {"review_route": self.review_route, "application_moved": self.application_moved}
        plugin = Plugin("late", "kaowu 0.1.0", frozenset(), hooks, self_check=self.check)
        around = Surroundings(LIMITS, self.failures.append, lambda: NOW, self._watch)
        self.guarded: Any = GuardedPlugin(QINGHE, plugin, settings=None, surroundings=around)

    def review_route(self) -> tuple[ReviewStage, ...]:
        """A route that is in order."""
        self._watch.now += 61.0
        return tuple(ReviewStage)

    def application_moved(self) -> None:
        """No answer."""
        self._watch.now += 61.0

    def check(self) -> list[SelfCheck]:
        """No result."""
        self._watch.now += 61.0
        return []


def test_an_answer_that_came_after_its_time_is_refused_and_counted() -> None:
    late = Late()
    for _ in range(3):
        with pytest.raises(PluginError, match="took longer than 60 s"):
            late.guarded.review_route()
    with pytest.raises(PluginError, match="left alone after 3 failures in a row, the last: took longer than 60 s"):
        late.guarded.review_route()
    assert [failure.reason for failure in late.failures] == ["took longer than 60 s"] * 3
    [health] = [hook for hook in late.guarded.health() if hook.hook == "review_route"]
    assert (health.calls, health.failures, health.slowest, health.open) == (3, 3, 61.0, True)


def test_a_notification_and_a_check_that_took_too_long_count_as_late() -> None:
    late = Late()
    assert late.guarded.application_moved() == Told("late", 61.0, "took longer than 60 s")
    assert late.guarded.self_check() == (SelfCheck(SelfCheckLevel.BROKEN, "its check took longer than 60 s"),)


def test_a_breaker_opens_at_the_limit_and_admits_one_trial_per_cool_down() -> None:
    breaker = Breaker(LIMITS)
    for _ in range(3):
        assert breaker.admits(0.0)
        breaker.failed(0.0)
    assert breaker.is_open
    assert [breaker.admits(now) for now in (0.0, 29.9, 30.0, 30.1, 59.9, 60.0)] == [
        False, False, True, False, False, True,
    ]  # fmt: skip


def test_a_breaker_closes_when_its_trial_succeeds_and_waits_again_when_it_fails() -> None:
    breaker = Breaker(LIMITS)
    for _ in range(3):
        breaker.failed(0.0)
    assert breaker.admits(30.0)
    breaker.failed(31.0)
    assert not breaker.admits(60.0)
    assert breaker.admits(61.0)
    breaker.succeeded()
    assert not breaker.is_open
    assert breaker.admits(61.0)


def test_failures_count_in_a_row_only() -> None:
    breaker = Breaker(LIMITS)
    for _ in range(10):
        breaker.failed(0.0)
        breaker.failed(0.0)
        breaker.succeeded()
    assert not breaker.is_open


def test_there_is_no_trial_while_a_call_still_hangs() -> None:
    release = Event()
    run = Run(lambda: release.wait(60), name="hangs")
    assert not run.finishes_within(0.01)
    breaker = Breaker(LIMITS)
    for _ in range(3):
        breaker.failed(0.0, hanging=run)
    assert not breaker.admits(1000.0)
    release.set()
    run.join(60)
    assert breaker.admits(1000.0)


def test_a_plugin_that_keeps_failing_is_left_alone_and_tried_again_later(install: Install) -> None:
    watch = Stopwatch()
    installed = install({QINGHE: ["raises"]}, limits=LIMITS, monotonic=watch)
    hooks = installed.hooks(QINGHE)
    for _ in range(5):
        with pytest.raises(PluginError) as refused:
            ask("eligibility_findings", hooks, installed.catalogue)
    assert refused.value.reason == (
        "left alone after 3 failures in a row, the last: raised ZeroDivisionError: integer division or modulo by zero"
        " (raises.py:8)"
    )
    assert len(installed.failures) == 3
    watch.now += 30.0
    with pytest.raises(PluginError, match="raised ZeroDivisionError"):
        ask("eligibility_findings", hooks, installed.catalogue)
    assert len(installed.failures) == 4


def test_an_open_breaker_keeps_no_other_office_and_no_other_hook_waiting(install: Install) -> None:
    installed = install({QINGHE: ["moody"], YUNSHAN: ["moody"]}, limits=LIMITS)
    for _ in range(4):
        with pytest.raises(PluginError):
            ask("eligibility_findings", installed.hooks(QINGHE), installed.catalogue)
    assert ask("review_route", installed.hooks(QINGHE), installed.catalogue) == tuple(ReviewStage)
    regular = {"staff_category": StaffCategory.REGULAR}
    assert ask("eligibility_findings", installed.hooks(YUNSHAN), installed.catalogue, **regular) == (LADDER,)


def test_an_answer_below_the_floor_counts_as_a_failure(install: Install) -> None:
    installed = install({QINGHE: ["drops_a_stage"]}, limits=LIMITS)
    for _ in range(3):
        with pytest.raises(PluginError, match="leaves out qualification_review"):
            ask("review_route", installed.hooks(QINGHE), installed.catalogue)
    with pytest.raises(PluginError, match="left alone after 3 failures in a row"):
        ask("review_route", installed.hooks(QINGHE), installed.catalogue)


def test_health_tells_how_every_hook_of_every_plugin_has_fared(install: Install) -> None:
    watch = Stopwatch()
    installed = install({QINGHE: ["moody"]}, limits=LIMITS, monotonic=watch)
    hooks = installed.hooks(QINGHE)
    ask("review_route", hooks, installed.catalogue)
    ask("eligibility_findings", hooks, installed.catalogue, staff_category=StaffCategory.REGULAR)
    with pytest.raises(PluginError) as refused:
        ask("eligibility_findings", hooks, installed.catalogue)
    last = Failure(QINGHE, "moody", "eligibility_findings", refused.value.reason, NOW)
    assert hooks.health() == (
        HookHealth("moody", "eligibility_findings", 2, 1, 0.0, open=False, last_failure=last),
        HookHealth("moody", "review_route", 1, 0, 0.0, open=False, last_failure=None),
    )


def test_what_a_plugin_raised_is_kept_as_the_cause(install: Install) -> None:
    installed = install({QINGHE: ["raises"]})
    with pytest.raises(PluginError) as refused:
        ask("eligibility_findings", installed.hooks(QINGHE), installed.catalogue)
    assert isinstance(refused.value.__cause__, ZeroDivisionError)


def test_an_answer_is_explained_by_who_gave_it_and_how_long_it_took(install: Install) -> None:
    installed = install({LINSHUI: ["steady"], QINGHE: ["adds_a_finding"]}, monotonic=Stopwatch())
    found = Finding("zoo.steady", "zoo", Severity.NOTES, "hired")
    added = Finding("zoo.added", "zoo", Severity.ASKS, "例")
    assert installed.hooks(QINGHE).explain(
        "eligibility_findings", facts(), rule_document=RULES, standard=[LADDER]
    ) == Explanation(
        "eligibility_findings",
        (LADDER, found, added),
        (PluginAnswer("steady", [found], 0.0), PluginAnswer("adds_a_finding", [added], 0.0)),
    )


def test_what_nobody_answered_is_explained_as_the_default(install: Install) -> None:
    installed = install({})
    assert installed.hooks(QINGHE).explain("review_route", facts()) == Explanation(
        "review_route", tuple(ReviewStage), ()
    )


def test_only_the_plugins_named_are_told_again(install: Install) -> None:
    installed = install({LINSHUI: ["steady"], QINGHE: ["deaf"]})
    told = installed.hooks(QINGHE).application_moved(MOVE, only={"deaf"})
    assert [answer.plugin for answer in told] == ["deaf"]
