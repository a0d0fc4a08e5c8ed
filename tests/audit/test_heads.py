"""Heads that leave the database: a file for each day, and a line on each receipt."""

from datetime import timedelta
from pathlib import Path

from core.audit.heads import read_heads, write_missing_days
from core.audit.sealing import seal_batch
from core.audit.service import record
from core.db.session import AuditorSession
from tests.audit.conftest import AUDITOR
from tests.cases import CITY, RECORD_KEYS, Season, at


def seal(season: Season) -> None:
    with season.as_system(CITY) as session:
        record(session, "calendar.proposed", office_id=CITY, subject_type="office", subject_id=CITY)
        assert seal_batch(session, RECORD_KEYS)


def write(season: Season, folder: Path) -> dict[str, list[int]]:
    """The files that were written, and which of the city's batches each holds."""
    with AuditorSession(season.connection, actor=AUDITOR, now=season.now) as session:
        files = write_missing_days(session, folder)
    return {
        file.name: [head.number for head in read_heads(file.read_text().splitlines(), name=file.name)] for file in files
    }


def test_each_day_gets_its_file_once_the_day_is_over(season: Season, tmp_path: Path) -> None:
    for moment in (at(3, 24, 23, 59), at(3, 25, 0), at(3, 25, 8)):
        season.now = moment
        seal(season)
    written = write(season, tmp_path)
    assert written.pop("heads-2024-03-24.jsonl") == [1]
    assert set(written.values() and [name for name, numbers in written.items() if numbers]) == set()
    season.now += timedelta(days=1)
    assert write(season, tmp_path) == {"heads-2024-03-25.jsonl": [2, 3]}
    assert write(season, tmp_path) == {}


def test_a_week_is_made_up_for(season: Season, tmp_path: Path) -> None:
    season.now = at(3, 20)
    seal(season)
    season.now = at(3, 28)
    assert sorted(write(season, tmp_path)) == [f"heads-2024-03-{day}.jsonl" for day in range(21, 28)]
