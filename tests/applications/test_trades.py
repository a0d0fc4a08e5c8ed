"""A trade is named by its code, name, initials or a part of its own; other texts are refused, with similar trades."""

import pytest

from core.applications.forms import ApplicationDraft
from core.applications.trades import FIELDS, code_of, locked, with_codes
from core.errors import Invalid
from core.tenancy.config.office import Trade

KNOWN = (
    Trade(code="HN-004", name="汽车驾驶员"),
    Trade(code="HN-005", name="汽车维修工"),
    Trade(code="HN-014", name="花卉工"),
)


@pytest.mark.parametrize(
    "written",
    [
        "HN-004",
        "hn-004",
        "ＨＮ－００４",
        "汽车驾驶员",
        " 汽车驾驶员　",
        "HN-004 汽车驾驶员",
        "HN-004\u3000汽车驾驶员",
        "汽车 驾驶员",
        "驾驶员",
        "qcjsy",
        "ＱＣＪＳＹ",
    ],
)
def test_a_trade_is_read_from_its_code_name_initials_or_a_part_of_its_own(written: str) -> None:
    assert code_of(written, KNOWN) == "HN-004"


@pytest.mark.parametrize(("written", "offered"), [("货车驾驶员", ["汽车驾驶员（HN-004）"]), ("HN-04", ["HN-004"])])
def test_an_unknown_trade_is_refused_with_those_that_come_close(written: str, offered: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        code_of(written, KNOWN, field="current_trade")
    said = refused.value.fields["current_trade"]
    assert f"没有“{written}”这个工种" in said
    assert [trade for trade in offered if trade not in said] == []
    assert "请从列表中选择" in said


@pytest.mark.parametrize("written", ["汽车", "qc", "工"])
def test_a_part_or_initials_of_several_trades_are_refused_with_their_names(written: str) -> None:
    known = (
        *KNOWN,
        Trade(code="HN-099", name="汽车"),
        Trade(code="HN-098", name="器材"),
        Trade(code="HN-097", name="清场"),
    )
    assert code_of("汽车", known) == "HN-099"
    with pytest.raises(Invalid) as refused:
        code_of(written, KNOWN if written == "汽车" else known)
    expected = {"汽车": "trade_unclear", "qc": "trade_unclear", "工": "trade_unknown"}
    assert refused.value.code == expected[written]
    assert "请从列表中选择" in refused.value.detail


@pytest.mark.parametrize("written", ["司机", "HN-004 花卉工", "", "　"])
def test_where_nothing_comes_close_it_says_whom_to_ask(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        code_of(written, KNOWN)
    assert "请从列表中选择" in refused.value.fields["trade"]


def test_a_long_text_is_not_repeated_at_length() -> None:
    with pytest.raises(Invalid) as refused:
        code_of("车" * 5000, KNOWN)
    assert len(refused.value.detail) < 120


def test_both_trades_of_a_form_are_read_and_each_fault_is_named() -> None:
    named = ApplicationDraft(trade="花卉工", current_trade="汽车驾驶员")
    assert with_codes(named, KNOWN) == ApplicationDraft(trade="HN-014", current_trade="HN-004")
    assert with_codes(ApplicationDraft(), KNOWN) == ApplicationDraft()
    with pytest.raises(Invalid) as refused:
        with_codes(ApplicationDraft(trade="司机", current_trade="司机"), KNOWN)
    assert set(refused.value.fields) == set(FIELDS)


def test_after_a_return_a_locked_trade_stays_as_it_is() -> None:
    old = ApplicationDraft(trade="花卉工", current_trade="司机")
    assert with_codes(old, KNOWN, leave=locked(["trade"])) == ApplicationDraft(trade="HN-014", current_trade="司机")
    assert locked(None) == frozenset()
