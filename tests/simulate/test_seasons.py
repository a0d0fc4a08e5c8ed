"""Seasons of several seeds and sizes: the short form of `make seasons`."""

from pathlib import Path

import pytest

from core.db.server.embedded import EmbeddedServer
from core.simulate.season import Plan
from tests.simulate.run import YEAR, EndedSeason, numbers, result_of_season, run_season

_SEASONS = {
    "one applicant": Plan(YEAR, 1, 1),
    "an office that has candidates of grade one alone tries sittings in wrong ways": Plan(YEAR, 7, 5),
}
"""The season of ``test_season.py`` is of this kind too: the only candidate of grade one of an office is absent."""


@pytest.mark.parametrize("plan", _SEASONS.values(), ids=_SEASONS)
def test_a_season_in_which_few_are_left_ends_well(database_server: EmbeddedServer, plan: Plan) -> None:
    assert result_of_season(database_server, plan)["violations"] == []


def test_a_season_that_ends_before_its_time_is_told_with_its_error(tmp_path: Path) -> None:
    ran = run_season(EmbeddedServer(data_dir=tmp_path), 1, 3)
    assert not ran.good
    assert "ConfigurationError" in ran.error
    assert "seed    3" in str(ran)
    assert "ERROR" in str(ran)


def test_a_violation_is_no_good_end() -> None:
    assert EndedSeason(1, 3, 0.5).good
    assert not EndedSeason(1, 3, 0.5, violations=["rule: 1"]).good


def test_seeds_are_given_one_by_one_and_from_to() -> None:
    assert numbers("3, 108,5-7") == [3, 108, 5, 6, 7]
    for wrong in ("", "0", "3-", "-3", "a"):
        with pytest.raises(ValueError, match="not whole numbers from 1"):
            numbers(wrong)
