"""The server and the database, killed under load: the short form of `make chaos`."""

from pathlib import Path

from tests.chaos.run import DATABASE, SERVER, wreak


def test_what_was_confirmed_is_there_once_whatever_was_killed(tmp_path: Path) -> None:
    outcome = wreak(tmp_path, kills=3, seed=20240325, people=2, longest_pause=0.6)
    assert outcome.faults == []
    assert (outcome.kills[SERVER], outcome.kills[DATABASE]) == (1, 2)
    assert outcome.acknowledged > 0
    assert outcome.retries > 0
