"""A few short histories with a fixed seed, and that each rule finds its planted fault by a directed history."""

from collections.abc import Iterator

import pytest

from core.db.server.embedded import EmbeddedServer
from tests.histories.machine import Machine
from tests.histories.run import run_seed
from tests.histories.stages import STAGES, Stages, built


@pytest.fixture(scope="module")
def stages(database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """The stages at which histories begin."""
    with built(database_server, tmp_path_factory.mktemp("histories"), STAGES) as made:
        yield made


def test_a_few_short_histories_break_nothing(stages: Stages) -> None:
    Machine.stages = stages
    ended = run_seed(7, 8, 30, shorten=False)
    assert not ended.faults, ended.faults[0]
    assert ended.acts.total() > 100
