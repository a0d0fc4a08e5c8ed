"""The state machine: any act at any time, and after each the look at everything.

Hypothesis chooses the acts and shortens a history that broke something. An act is offered while there are rows that it
is meant for; ``out_of_turn`` tries any act on any row, since the faults lie where an act was not expected.
"""

from collections import Counter
from contextlib import ExitStack
from random import Random
from typing import ClassVar

from hypothesis import HealthCheck, Phase, note, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.histories.acts import acts_of
from tests.histories.invariants import Found, Inspection
from tests.histories.life import Life
from tests.histories.stages import STAGES, Stages

LUCK = st.integers(0, 2**16)
ACTS = acts_of(Life)
_MOST_LEFT_OUT = 0.6
"""The part of all acts that a history does without, at most: without the frequent ones, rare ones take their turn."""


class Violation(AssertionError):
    """A rule was broken; the message names it, and what broke it."""


_INSPECTION = Inspection(ACTS.values())


class Machine(RuleBasedStateMachine):
    """One history: a stage to begin at, then act after act."""

    stages: ClassVar[Stages]
    ended: ClassVar[Counter[tuple[str, str]]] = Counter()
    """How often each act ended how, over all histories of the process."""
    lengths: ClassVar[Counter[int]] = Counter()
    """How many histories there were of how many acts."""

    def __init__(self) -> None:
        super().__init__()
        self._held = ExitStack()
        self.life: Life
        self.found = Found((), {})
        self.left_out: frozenset[str] = frozenset()
        self.acts = 0

    @initialize(stage=st.sampled_from(sorted(STAGES)), without=LUCK)
    def begin(self, stage: str, without: int) -> None:
        """Go on from a stage, without some of the acts; a shortened history has them all."""
        if without:
            draw = Random(without)  # noqa: S311 - nothing secret
            part = draw.random() * _MOST_LEFT_OUT
            self.left_out = frozenset(name for name in sorted(ACTS) if draw.random() < part)
        self.life = self._held.enter_context(self.stages.life(stage))
        self.look()

    @property
    def offered(self) -> list[str]:
        """The acts that a row waits for."""
        waiting = sorted(name for name in ACTS if self.found.waiting.get(name, 0) > 0)
        return [name for name in waiting if name not in self.left_out] or waiting

    @precondition(lambda self: self.offered)
    @rule(chosen=st.data(), luck=LUCK)
    def in_turn(self, chosen: st.DataObject, luck: int) -> None:
        """An act that is offered, on a row that waits for it.

        One rule for all acts: with a rule for each, hypothesis had no room left for more than 42 of them.
        """
        self.act(chosen.draw(st.sampled_from(self.offered)), luck)

    @rule(name=st.sampled_from(sorted(name for name, act in ACTS.items() if act.table)), luck=LUCK)
    def out_of_turn(self, name: str, luck: int) -> None:
        """Any act on any row of its table."""
        self.act(name, luck, anyone=True)

    def act(self, name: str, luck: int, *, anyone: bool = False) -> None:
        """Carry out an act, count how it ended, and look at everything."""
        said = self.life.perform(name, luck=luck, anyone=anyone)
        note(str(said))
        self.ended[name, said.end] += 1
        self.acts += 1
        self.look()

    def look(self) -> None:
        """Look at everything; raises Violation for a broken rule."""
        self.found = _INSPECTION(self.life)
        if self.found.broken:
            raise violation_of(self.found.broken)

    def teardown(self) -> None:
        """Roll the history back."""
        self.lengths[self.acts] += 1
        self._held.close()


def violation_of(broken: tuple[str, ...]) -> Violation:
    """The violation of the first broken rule, as an exception of its own kind, so that each is shortened by itself."""
    name = broken[0].partition(":")[0]
    kind = _KINDS.setdefault(name, type(name, (Violation,), {}))
    return kind("; ".join(broken))


_KINDS: dict[str, type[Violation]] = {}


def settings_for(runs: int, steps: int, *, shorten: bool = True) -> settings:
    """How many histories, of how many acts; ``shorten`` a history that broke something."""
    phases = (Phase.generate, Phase.shrink) if shorten else (Phase.generate,)
    return settings(
        max_examples=runs,
        # The beginning counts as one.
        stateful_step_count=steps + 1,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=True,
    )
