"""The readings of names, and the initials by which a clerk without an input method finds them."""

import pytest

from core.applications.initials import initials
from core.text.readings import MOST_READINGS, readings


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("曾测试", "zeng"),
        ("单测试", "shan"),
        ("仇测试", "qiu"),
        ("解测试", "xie"),
        ("查测试", "zha"),
        ("区测试", "ou"),
        ("朴测试", "piao"),
        ("种测试", "chong"),
        ("盖测试", "ge"),
        ("缪测试", "miao"),
        ("任测试", "ren"),
        ("华测试", "hua"),
        ("乐测试", "yue le"),
        ("员测试", "yun"),
        ("召测试", "shao"),
        ("黑测试", "he"),
        ("洗测试", "xian"),
        ("冼测试", "xian"),
        ("覃测试", "qin tan"),
        ("谌测试", "chen shen"),
        ("翟测试", "zhai di"),
        ("尉迟测试", "yu-chi"),
        ("万俟测试", "mo-qi"),
        ("长孙测试", "zhang-sun"),
        ("令狐测试", "ling-hu"),
    ],
)
def test_a_surname_is_read_as_a_surname(name: str, said: str) -> None:
    surname = len(name) - 2
    found = ["-".join(syllables[:surname]) for syllables in readings(name)]
    assert found[: len(said.split())] == said.split()
    for reading in said.split():
        assert "".join(part[0] for part in reading.split("-")) + "cs" in initials(name).split()


def test_every_combination_of_readings_can_be_found_and_their_number_is_bounded() -> None:
    assert initials("单长乐").split() == ["scl", "scy", "szl", "szy", "dcl", "dcy", "dzl", "dzy"]
    assert initials("测试甲") == "csj"
    assert len(readings("长" * 50)) == MOST_READINGS


def test_the_reading_outside_surnames_is_admitted_as_well() -> None:
    assert initials("曾测").split() == ["zc", "cc"]
    assert initials("尉迟测").split() == ["ycc", "wcc"]


def test_latin_names_are_found_by_their_words_and_their_first_letters() -> None:
    assert initials("John Smith").split() == ["johnsmith", "js"]
    assert initials("测试 Anna") == "csa"


def test_a_character_without_a_reading_stands_for_itself() -> None:
    assert initials("测\U000323af·甲") == "c\U000323afj"
    assert initials("") == ""
