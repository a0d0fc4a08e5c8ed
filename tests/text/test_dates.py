"""How days and moments are written in messages: in Beijing time, without leading zeros."""

import re
from datetime import UTC, date, datetime

from core.settings import ROOT
from core.text import dates

_EVENING = datetime(2024, 4, 5, 16, 30, tzinfo=UTC)


def test_a_moment_is_written_in_beijing_time() -> None:
    assert dates.day(_EVENING) == "2024年4月6日"
    assert dates.minute(_EVENING) == "2024年4月6日 00:30"
    assert (dates.short_day(_EVENING), dates.short_minute(_EVENING)) == ("4月6日", "4月6日 00:30")


def test_a_day_is_written_as_it_is() -> None:
    assert dates.day(date(2024, 4, 5)) == "2024年4月5日"


def test_no_message_writes_a_day_in_another_way() -> None:
    padded = re.compile(r"%m月|%Y-%m-%d[^T\n]*[\u4e00-\u9fff]|[\u4e00-\u9fff][^\n]*%Y-%m-%d")
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in (ROOT / "core").rglob("*.py")
        for line in file.read_text().splitlines()
        if padded.search(line)
    ]
    assert found == []
