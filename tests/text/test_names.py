"""The stored form of a name, what is refused in it by its place, and the form in which two names are the same."""

import unicodedata

import pytest

from core.errors import Invalid
from core.text import names

DOTS = "·•‧・･∙⋅●⦁ꞏ᛫⸱⸳.．。｡﹒․\uf0b7"


@pytest.mark.parametrize("dot", DOTS)
@pytest.mark.parametrize("around", ["{}", " {}", "{} ", " {} ", "\u3000{}\u00a0", "\u200b{}\ufeff", "\n{}"])
def test_every_sign_like_a_dot_between_chinese_characters_is_one_dot(dot: str, around: str) -> None:
    typed = f"买买提{around.format(dot)}阿不都"
    assert names.stored(typed) == "买买提·阿不都"
    assert names.same(typed, "买买提·阿不都")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 测 试\u3000甲\t", "测试甲"),
        ("⻢⽂⻰", "马文龙"),
        ("⻩⼩⺠", "黄小民"),
        ("\uf92c\U0002f81a", "郎\u51ac"),
        ("测\u200b试\u200d甲\ufeff\u2060\u00ad", "测试甲"),
        ("\u202d测试甲\u202c", "测试甲"),
        ("测\ufe00试\U000e0101甲", "测试甲"),
        ("ＪＯＨＮ\u3000 Smith", "JOHN Smith"),
        ("Nguye\u0302\u0303n  Va\u0306n", "Nguyễn Văn"),
        ("O’Brien–Jean", "O'Brien-Jean"),
        ("A. B. Smith", "A. B. Smith"),
        ("测试甲０００１", "测试甲0001"),
    ],
)
def test_a_name_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert names.stored(typed) == stored
    assert names.same(typed, stored)


@pytest.mark.parametrize(
    "sign",
    ["𠮷", "𬭼", "䶮", "㐱", "〇", "\u9ffd", "\U0002ebf0", "\U0002ee5d", "\U00030000", "\U000323af", "\U00033479"],
)
def test_a_character_that_the_interpreter_does_not_know_is_kept(sign: str) -> None:
    assert names.stored(f"测试{sign}") == f"测试{sign}"
    assert names.stored(f"{sign}·{sign}") == names.stored(f"{sign} . {sign}") == f"{sign}·{sign}"
    assert names.seen(f" {sign}\u200b") == sign


@pytest.mark.parametrize(
    ("typed", "place", "said"),
    [
        ("李1", 2, "“1”（U+0031）是数字"),
        ("李 明２", 3, "“2”（U+0032）是数字"),
        ("李①", 2, "“①”（U+2460）是数字"),
        ("😀李明", 1, "“😀”（U+1F600）是表情或图形符号"),
        ("李⿰亻", 2, "“⿰”（U+2FF0）是表情或图形符号"),
        ("李\x07明", 2, "控制字符（U+0007）"),
        ("李\ue000", 2, "造字区字符（U+E000）"),
        ("李\U000f0001", 2, "造字区字符（U+F0001）"),
        ("李明（女）", 3, "“（”（U+FF08）是标点"),
        ("李*", 2, "“*”（U+002A）是标点"),
        ("ཀ", 1, "不是汉字，也不是拉丁字母"),
        ("Иван", 1, "不是汉字，也不是拉丁字母"),
        ("ᠮ", 1, "不是汉字，也不是拉丁字母"),
    ],
)
def test_what_is_in_no_name_is_refused_by_its_place(typed: str, place: int, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        names.stored(typed)
    assert refusal.value.code == "name_sign"
    assert f"姓名第{place}个字" in refusal.value.detail
    assert said in refusal.value.detail
    assert refusal.value.fields == {"name": refusal.value.detail}


@pytest.mark.parametrize(("typed", "meant"), [("李\ue863", "䶮"), ("李\ue81e", "\u9fb4"), ("李\ue816", "\U00020087")])
def test_a_private_use_character_of_old_input_methods_is_named_with_its_standard_one(typed: str, meant: str) -> None:
    with pytest.raises(Invalid) as refusal:
        names.stored(typed)
    assert f"可能是“{meant}”" in refusal.value.detail


@pytest.mark.parametrize("typed", ["·李", "李·", "买买提··阿不都"])
def test_a_dot_stands_between_two_characters(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        names.stored(typed)
    assert "间隔号" in refusal.value.detail


@pytest.mark.parametrize(
    ("typed", "code"), [("", "name_missing"), ("\u200b \u3000", "name_missing"), ("李" * 101, "name_invalid")]
)
def test_an_empty_and_an_endless_name_are_refused(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        names.stored(typed)
    assert refusal.value.code == code


def test_names_are_compared_without_dots_blanks_and_capital_letters_and_no_further() -> None:
    assert names.same("买买提阿不都", "买买提·阿不都")
    assert names.same("john smith", "JOHN  Smith")
    assert not names.same("买买提·阿不都", "买买提·阿不力")
    assert not names.same("李\ue863", "李䶮")
    assert not names.same("𠮷", "吉")


def test_the_stored_form_is_its_own_stored_form_for_every_character() -> None:
    for code in (*range(0x20, 0xD800), *range(0xE000, 0x34000), *range(0xE0000, 0xE0200)):
        once = names.body(f"甲{chr(code)}乙")
        assert names.body(once) == once, hex(code)
        assert unicodedata.is_normalized("NFC", once)


def test_a_name_of_a_body_keeps_its_digits_brackets_and_dots() -> None:
    assert names.body(" 测试市第２中学（⻄区）\u200b ") == "测试市第2中学（西区）"
    assert names.body("测试・研究所—No.3") == "测试・研究所—No.3"
