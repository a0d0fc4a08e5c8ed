"""Fields of a sent form: a day is read or refused at its field, never half understood."""

from datetime import date

import pytest

from core.errors import Invalid
from core.web.page.form_dates import day_of


def test_a_day_is_read_and_an_empty_field_says_nothing() -> None:
    assert day_of({"opens": " 2024-07-06 "}, "opens") == date(2024, 7, 6)
    assert day_of({"opens": "2024年7月6日"}, "opens") == day_of({"opens": "20240706"}, "opens") == date(2024, 7, 6)
    assert day_of({"opens": ""}, "opens") is None
    assert day_of({}, "opens") is None


@pytest.mark.parametrize("written", ["2024-13-01", "7月6日", "9999-12-31", "0001-01-01", "2024-07"])
def test_what_is_no_day_of_ours_is_refused_at_its_field(written: str) -> None:
    with pytest.raises(Invalid) as error:
        day_of({"opens": written}, "opens")
    assert error.value.fields == {"opens": "日期应写作年-月-日，例如2024-07-06。"}
