"""Identity numbers: every check has a number that fails it alone, and a message that says which."""

from datetime import date

import pytest
from hypothesis import given, settings, strategies as st
from stdnum.cn import ric

from core.clock import system_clock
from core.domain.identity_number import IdentityNumber, is_simulated, mask, parse, simulated
from core.errors import Invalid
from core.plugin_api import Sex

TODAY = date(2024, 3, 21)
births = st.dates(date(1950, 1, 1), date(2005, 12, 31))


def completed(body: str) -> str:
    """``body`` (17 digits) with its right check digit."""
    return body + ric.calc_check_digit(body + "0")


@pytest.mark.parametrize(
    ("value", "birth_date", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), Sex.FEMALE),
        (completed("41010519700101017"), date(1970, 1, 1), Sex.MALE),
        (completed("81000019880229003"), date(1988, 2, 29), Sex.MALE),
        (completed("82000019900615004"), date(1990, 6, 15), Sex.FEMALE),
        (completed("83000019751111001"), date(1975, 11, 11), Sex.MALE),
    ],
)
def test_a_valid_number_gives_birth_date_and_sex(value: str, birth_date: date, sex: Sex) -> None:
    assert parse(value, today=TODAY) == IdentityNumber(value, birth_date, sex)


@pytest.mark.parametrize(
    ("value", "birth_date", "sex"),
    [
        (completed("94184019850715003"), date(1985, 7, 15), Sex.MALE),
        (completed("91139219991231028"), date(1999, 12, 31), Sex.FEMALE),
    ],
)
def test_a_foreigners_permit_of_eighteen_digits_is_read(value: str, birth_date: date, sex: Sex) -> None:
    assert parse(value, today=TODAY) == IdentityNumber(value, birth_date, sex)


@pytest.mark.parametrize(
    ("text", "birth_date"),
    [
        ("USA411085071511", date(1985, 7, 15)),
        ("ｋｏｒ 4101 050401 21", date(2005, 4, 1)),
        ("JPN110024042001", date(1924, 4, 20)),
    ],
)
def test_a_foreigners_earlier_permit_tells_the_birth_but_not_the_sex(text: str, birth_date: date) -> None:
    number = parse(text, today=TODAY)
    assert (number.birth_date, number.sex, len(number.value)) == (birth_date, None, 15)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        (completed("94184019850715003")[:-1] + "0", "checksum"),
        (completed("98884019850715003"), "area"),
        (completed("94184019851315003"), "birth_date"),
        ("USA991085071511", "area"),
        ("USA411085133211", "birth_date"),
        ("USA4110850715", "length"),
    ],
)
def test_a_broken_number_of_a_permit_is_refused_with_the_check_that_failed(text: str, check: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(text, today=TODAY)
    assert refused.value.code == f"identity_number_{check}"


def test_a_birth_before_the_county_took_its_code_is_accepted() -> None:
    value = completed("41010519700101017")
    assert not ric.is_valid(value)
    assert parse(value, today=TODAY).birth_date == date(1970, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105\u300019491231\u200b002x\ufeff",
    ],
)
def test_full_width_digits_blanks_and_a_small_x_are_put_right(text: str) -> None:
    assert parse(text, today=TODAY).value == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "check", "words"),
    [
        ("  ", "missing", "请填写身份证号码"),
        ("410105700101017", "old", "15位"),
        ("11010519491231002", "length", "17位"),
        ("1101051949123100211", "length", "19位"),
        ("1101051949123100AX", "characters", "前17位应为数字"),
        ("11010519491231002Y", "characters", "字母X"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "characters", "前17位应为数字"),
        (completed("99010119800101001"), "area", "990101"),
        (completed("41010519800230001"), "birth_date", "19800230"),
        (completed("41010520240322001"), "future", "2024年3月22日"),
        (completed("41010520150101001"), "age", "9周岁"),
        (completed("41010518500101001"), "age", "174周岁"),
        ("110105194912310021", "checksum", "校验位"),
    ],
)
def test_a_broken_number_is_refused_with_the_check_that_failed(text: str, check: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(text, today=TODAY)
    assert refused.value.code == f"identity_number_{check}"
    assert words in refused.value.detail
    assert refused.value.fields == {"id_number": refused.value.detail}


def test_without_a_given_day_the_present_day_in_shanghai_counts() -> None:
    tomorrow = date(system_clock().year + 1, 1, 1)
    with pytest.raises(Invalid, match="晚于今天"):
        parse(completed(f"410105{tomorrow:%Y%m%d}001"))
    assert parse(completed("41010519900101001")).birth_date == date(1990, 1, 1)


def test_the_fourteenth_birthday_is_the_first_day_that_counts() -> None:
    value = completed("41010520100321001")
    assert parse(value, today=date(2024, 3, 21)).value == value
    with pytest.raises(Invalid, match="13周岁"):
        parse(value, today=date(2024, 3, 20))


def test_a_masked_number_keeps_four_characters_on_either_side() -> None:
    assert mask("41030519800101123X") == "4103**********123X"
    assert mask("1234") == "****"


def test_neither_text_nor_representation_shows_a_number() -> None:
    number = parse("11010519491231002X", today=TODAY)
    assert str(number) == "1101**********002X"
    assert "1949" not in repr(number)


@settings(deadline=None)
@given(st.integers(0, 999_999), births, st.sampled_from(Sex))
def test_a_simulated_number_passes_the_checks_and_keeps_birth_date_and_sex(index: int, born: date, sex: Sex) -> None:
    value = simulated(index, born, sex)
    assert parse(value, today=TODAY) == IdentityNumber(value, born, sex)
    assert is_simulated(value)


def test_a_million_simulated_numbers_of_one_birth_date_are_all_different() -> None:
    born = date(1980, 1, 1)
    areas_and_sequences = {simulated(index, born, Sex.MALE)[:17] for index in range(0, 1_000_000, 7)}
    assert len(areas_and_sequences) == len(range(0, 1_000_000, 7))
    neighbours = {simulated(index, born, Sex.FEMALE) for index in range(948_000, 952_000)}
    assert len(neighbours) == 4_000


def test_an_index_beyond_the_reserved_areas_is_refused() -> None:
    assert simulated(1_349_999, date(1980, 1, 1), Sex.MALE).startswith("419899")
    for index in (-1, 1_350_000):
        with pytest.raises(ValueError, match="seed_index"):
            simulated(index, date(1980, 1, 1), Sex.MALE)


def test_real_numbers_are_not_taken_for_simulated_ones() -> None:
    assert not is_simulated("11010519491231002X")
    assert not is_simulated(completed("41900119800101001"))
    assert not is_simulated("")


@settings(deadline=None)
@given(st.integers(0, 999_999), births, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(index: int, born: date, place: int, shift: int) -> None:
    value = simulated(index, born, Sex.MALE)
    wrong = f"{value[:place]}{(int(value[place]) + shift) % 10}{value[place + 1 :]}"
    with pytest.raises(Invalid):
        parse(wrong, today=TODAY)
